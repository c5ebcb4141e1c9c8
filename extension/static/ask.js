// Called by the wasm to send a request: from the extension (a tab below 0), or from the page of a tab, where only
// the page may ask.
import { bounded } from './bounded.js';

const api = globalThis.browser ?? globalThis.chrome;

globalThis.askSite = async (tab, ...args) => {
  if (tab < 0) return bounded(...args);
  const injection = { target: { tabId: tab }, func: bounded, args, injectImmediately: true };
  const [answer] = await api.scripting.executeScript(injection);
  return answer?.result;
};
