// Starts the wasm that looks at the page and draws. By itself it shows only the plain headline, which
// stands even if the wasm cannot start.
import init, { open } from './core.js';
import { small } from './small.js';

const api = globalThis.browser ?? globalThis.chrome;
// Called by the wasm: from here, or (where only the page may) in the page of a tab.
globalThis.askSmall = async (tab, url) => {
  if (tab < 0) return small(url);
  const [answer] = await api.scripting.executeScript({ target: { tabId: tab }, func: small, args: [url] });
  return answer?.result;
};
const plain = (id) => { document.getElementById('headline').textContent = api.i18n.getMessage(id); };

plain('looking');
init({ module_or_path: new URL('core_bg.wasm', import.meta.url) })
  .then(open)
  .catch((error) => {
    console.warn('backsoon', error);
    plain('plain');
    document.documentElement.dataset.ready = 'plain';
  });
