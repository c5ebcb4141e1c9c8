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
  // A panel that still changes its process never answers: whoever waits asks again.
  const answer = new Promise((ok) => {
    panel.messageManager.addMessageListener(name, (m) => ok(m.data));
    setTimeout(() => ok({ error: 'no answer' }), 1000);
  });
  const script = 'try { const w = content.wrappedJSObject, d = content.document;'
    + 'sendAsyncMessage(' + JSON.stringify(name) + ', {value: (' + ${JSON.stringify(expression)} + ')}) }'
    + 'catch (e) { sendAsyncMessage(' + JSON.stringify(name) + ', {error: String(e)}) }';
  panel.messageManager.loadFrameScript('data:,' + encodeURIComponent(script), false);
  return JSON.stringify(await answer);
})()`;

/**
 * With `privately` the extension sees private windows as well, as where the visitor allowed that. `profile` is the
 * folder that the browser writes to and leaves behind.
 */
export async function startFirefox(dir = built, { privately = false, profile, ...prefs } = {}) {
  const browser = await puppeteer.launch({
    browser: 'firefox', executablePath: process.env.BACKSOON_FIREFOX ?? '/usr/bin/firefox-esr', headless: true,
    args: ['--remote-allow-system-access'], userDataDir: profile,
    extraPrefsFirefox: {
      'extensions.webextensions.uuids': JSON.stringify({ [id]: uuid }),
      // The browser's own question is answered with yes.
      'extensions.webextOptionalPermissionPrompts': false,
      // WebDriver hides Firefox's own error pages; visitors see them.
      'browser.http.blank_page_with_error_response.enabled': false,
      'network.dns.localDomains': 'shop.test,app.shop.test,other.shop.test,neighbour.test,shop.example.com',
      ...prefs,
    },
  });
  await browser.connection.send('webExtension.install', {
    extensionData: { type: 'path', path: dir }, 'moz:allowPrivateBrowsing': privately,
  });
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

  /** Goes to an address; an error page of the browser's own is an arrival too. */
  async function visit(page, url) {
    await page.bringToFront();
    const arrived = `(() => {
      const tab = gBrowser.selectedBrowser;
      return !tab.webProgress.isLoadingDocument && tab.currentURI.spec;
    })()`;
    const before = await inWindow('gBrowser.selectedBrowser.innerWindowID');
    await inWindow(`gBrowser.selectedBrowser.loadURI(Services.io.newURI(${JSON.stringify(url)}), {
      triggeringPrincipal: Services.scriptSecurityManager.getSystemPrincipal(),
    })`);
    await until(async () => (await inWindow('gBrowser.selectedBrowser.innerWindowID')) !== before && inWindow(arrived), `${url} to arrive`);
    return page;
  }

  /** Opens the real panel over a page. `value(expression)` sees its document as `d`, its window as `w`. */
  async function look(page, { ready = 'settled' } = {}) {
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
    // A click by script is no visitor's; these two make it one.
    const click = (selector) => panelValue(`(() => {
      d.notifyUserGestureActivation();
      const handling = content.windowUtils.setHandlingUserInput(true);
      try { d.querySelector(${JSON.stringify(selector)}).click(); } finally { handling.destruct(); }
    })()`);
    const copied = async () => {
      await inWindow(`navigator.clipboard.writeText('nothing yet')`);
      await panelValue(`(d.querySelector('#details').open = true)`);
      await click('#copy');
      return until(async () => {
        const text = await inWindow('navigator.clipboard.readText()');
        return text === 'nothing yet' ? null : text;
      }, 'the report to be copied');
    };
    return { value: panelValue, click, copied, close, readyAfter };
  }

  /** Goes offline, fails to reach an address, and gives the popup about that tab. */
  async function offline(page, url) {
    await inWindow('Services.io.offline = true');
    await visit(page, url);
    return look(page);
  }

  /** Opens an extension page in a tab of its own, light or dark. */
  async function own(path, dark = false) {
    await scheme(dark);
    const page = await browser.newPage();
    await page.goto(`moz-extension://${uuid}/${path}`, { waitUntil: [] });
    return page;
  }

  /** Whether an extension page is open in a tab. */
  const shows = (path) => inWindow(`gBrowser.tabs.some((tab) => tab.linkedBrowser.currentURI.spec.endsWith('/${path}'))`);

  /** What is downloaded from now on goes to this folder, unasked. */
  const saveTo = (folder) => inWindow(`(() => {
    Services.prefs.setIntPref('browser.download.folderList', 2);
    Services.prefs.setStringPref('browser.download.dir', ${JSON.stringify(folder)});
    Services.prefs.setBoolPref('browser.download.useDownloadDir', true);
    Services.prefs.setBoolPref('browser.download.alwaysOpenPanel', false);
  })()`);

  /** The popup as a page in a tab, about the tab of another page, light or dark: puppeteer sees no panel. */
  async function photo(page, dark) {
    await page.bringToFront();
    const tab = await inWindow(`(() => {
      const { ExtensionParent } = ChromeUtils.importESModule('resource://gre/modules/ExtensionParent.sys.mjs');
      return ExtensionParent.apiManager.global.tabTracker.getId(gBrowser.selectedTab);
    })()`);
    const open = await own(`popup.html?tab=${tab}`, dark);
    await open.waitForSelector('html[data-settled]');
    return open;
  }

  /** The badge on the button, as it is drawn for the tab of a page. */
  async function badge(page) {
    await page.bringToFront();
    return inWindow(`document.getElementById('${button}').getAttribute('badge') ?? ''`);
  }

  let desk;
  /** Evaluates a function where the extension's API is: in a popup about no tab. */
  async function api(f, ...args) {
    if (!desk) {
      desk = await own('popup.html?tab=-1');
      await desk.waitForSelector('html[data-ready]');
    }
    return desk.evaluate(f, ...args);
  }

  /** Stops the background as the browser does when it is idle. */
  async function kill() {
    await inWindow(`WebExtensionPolicy.getByID('${id}').extension.terminateBackground().then(() => 1)`);
  }

  /** Light or dark, as the system would say it to pages. */
  const scheme = (dark) => inWindow(`Services.prefs.setIntPref('layout.css.prefers-color-scheme.content-override', ${dark ? 0 : 1})`);

  return { name, browser, visit, look, offline, photo, own, shows, saveTo, api, badge, kill, scheme, inWindow, close: () => browser.close() };
}
