// Starts the wasm that fills in the options page. If it cannot start, the page says so in the browser's words.
import init, { options } from './core.js';

const api = globalThis.browser ?? globalThis.chrome;

init({ module_or_path: new URL('core_bg.wasm', import.meta.url) })
  .then(options)
  .catch((error) => {
    console.warn('backsoon', error);
    document.getElementById('news').textContent = api.i18n.getMessage('options_plain');
    document.documentElement.dataset.ready = 'plain';
  });
