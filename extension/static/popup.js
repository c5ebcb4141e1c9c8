// Starts the wasm that looks at the page and draws. By itself it shows only the plain headline, which
// stands even if the wasm cannot start.
import './ask.js';
import init, { open } from './core.js';

const api = globalThis.browser ?? globalThis.chrome;
const plain = (id) => { document.getElementById('headline').textContent = api.i18n.getMessage(id); };

plain('looking');
init({ module_or_path: new URL('core_bg.wasm', import.meta.url) })
  .then(open)
  .catch((error) => {
    console.warn('backsoon', error);
    plain('plain');
    document.documentElement.dataset.ready = 'plain';
  });
