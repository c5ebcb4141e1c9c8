import { startFirefox as start } from './firefox.mjs';
import { automatic, onDemand } from './extension-spec.mjs';

onDemand(start);
automatic(start);
