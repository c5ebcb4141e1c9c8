import { start } from './chromium.mjs';
import { automatic, onDemand } from './extension-spec.mjs';

onDemand(start);
automatic(start);
