// Real Firefox with the extension in it, over WebDriver BiDi. The button and its panel are reached from the
// browser window's own context; the panel's document by a frame script.
import puppeteer from 'puppeteer-core';
import { built, id, until } from './extension.mjs';

export const name = 'firefox';

const uuid = 'b5c0feed-5025-4020-9000-0123456789ab';
const button = `${id.replace(/[@.]/g, '_')}-BAP`;

// Runs in the window: finds the open panel's browser and evaluates an expression in its document.
const inPanel = (expression) => `(async () => {
  const panel = document.querySelector('.webextension-popup-browser');
  if (!panel) return null;
  const name = 'backsoon:' + Math.random();
  const answer = new Promise((ok) => panel.messageManager.addMessageListener(name, (m) => ok(m.data)));
  const script = 'try { const w = content.wrappedJSObject, d = content.document;'
    + 'sendAsyncMessage(' + JSON.stringify(name) + ', {value: (' + ${JSON.stringify(expression)} + ')}) }'
    + 'catch (e) { sendAsyncMessage(' + JSON.stringify(name) + ', {error: String(e)}) }';
  panel.messageManager.loadFrameScript('data:,' + encodeURIComponent(script), false);
  return JSON.stringify(await answer);
})()`;

export async function start(dir = built, prefs = {}) {
  const browser = await puppeteer.launch({
    browser: 'firefox', executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr', headless: true,
    args: ['--remote-allow-system-access'],
    extraPrefsFirefox: {
      'extensions.webextensions.uuids': JSON.stringify({ [id]: uuid }),
      // The browser's own question is answered with yes.
      'extensions.webextOptionalPermissionPrompts': false,
      // WebDriver hides Firefox's own error pages; visitors see them.
      'browser.http.blank_page_with_error_response.enabled': false,
      'network.dns.localDomains': 'shop.test,app.shop.test,other.shop.test,neighbour.test',
      ...prefs,
    },
  });
  await browser.installExtension(dir);
  const tree = await browser.connection.send('browsingContext.getTree', { 'moz:scope': 'chrome' });
  const context = tree.result.contexts[0].context;

  /** Evaluates an expression in the browser's own window. */
  async function inWindow(expression) {
    const answer = await browser.connection.send('script.evaluate', {
      expression, target: { context }, awaitPromise: true, userActivation: true,
    });
    if (answer.result.type === 'exception') throw new Error(answer.result.exceptionDetails.text);
    return answer.result.result.value;
  }

  async function panelValue(expression) {
    const answer = JSON.parse((await inWindow(inPanel(expression))) ?? '{"error":"no panel"}');
    if (answer.error) throw new Error(answer.error);
    return answer.value;
  }

  /** Opens the real panel over a page, as by a click on the button; it offers `value(expression)`. */
  async function panel(page, { ready = 'settled' } = {}) {
    await page.bringToFront();
    const from = performance.now();
    await inWindow(`document.getElementById('${button}').click()`);
    await until(() => panelValue('d.documentElement.dataset.ready'), 'the panel to be ready');
    const readyAfter = performance.now() - from;
    if (ready === 'settled') await until(() => panelValue('d.documentElement.dataset.settled'), 'the panel to settle');
    const close = async () => {
      await inWindow(`CustomizableUI.hidePanelForNode(document.querySelector('.webextension-popup-browser'))`);
      await until(() => inWindow(`!document.querySelector('.webextension-popup-browser')`), 'the panel to close');
    };
    const click = (selector) => panelValue(`d.querySelector(${JSON.stringify(selector)}).click()`);
    return { value: panelValue, click, close, readyAfter };
  }

  /** Opens an extension page in a tab of its own. */
  async function own(path) {
    const page = await browser.newPage();
    await page.goto(`moz-extension://${uuid}/${path}`, { waitUntil: [] });
    return page;
  }

  /** The popup as a page about the tab of another page; needs host access to find that tab. */
  async function popup(page, { ready = 'settled' } = {}) {
    const tab = await tabOf(page);
    const from = performance.now();
    const open = await own(`popup.html?tab=${tab}`);
    await open.waitForSelector('html[data-ready]');
    open.readyAfter = performance.now() - from;
    if (ready === 'settled') await open.waitForSelector('html[data-settled]');
    return open;
  }

  let desk;
  /** Evaluates a function in an extension page, where the extension's API is. */
  async function api(f, ...args) {
    desk ??= await own('manifest.json');
    return desk.evaluate(f, ...args);
  }

  const tabOf = (page) => until(() => api(async (url) => (await browser.tabs.query({})).find((t) => t.url === url)?.id, page.url()), 'the tab');

  const badge = async (page) => api((tab) => browser.action.getBadgeText({ tabId: tab }), await tabOf(page));

  return { browser, panel, popup, own, api, tabOf, badge, inWindow, close: () => browser.close() };
}
