import { startFirefox as start } from './firefox.mjs';
import { beyond, network } from './extension-around.mjs';
import { captures } from './extension-captures.mjs';
import { looks } from './extension-looks.mjs';
import { measures } from './extension-measures.mjs';
import { asking, automatic, onDemand, waiting } from './extension-spec.mjs';

onDemand(start);
automatic(start);
asking(start);
waiting(start);
beyond(start);
network(start);
captures(start);
looks(start);
measures(start);
