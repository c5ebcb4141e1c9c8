import { start } from './chromium.mjs';
import { captures } from './extension-captures.mjs';
import { automatic, onDemand } from './extension-spec.mjs';

onDemand(start);
automatic(start);
captures(start);
