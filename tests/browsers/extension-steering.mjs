// How each browser is led about: loads that are begun and not waited for, history, stopping, private windows.
// The drivers drive the extension; these drive the browser around it.
import { until } from './extension.mjs';

const ignore = () => {};

/** Chromium, by the protocol of its developer tools. */
export async function steerChromium(driver) {
  const { browser } = driver;
  const sessions = new WeakMap();
  const session = async (page) => {
    if (!sessions.has(page)) sessions.set(page, await page.createCDPSession());
    return sessions.get(page);
  };
  const begin = async (page, url) => void (await session(page)).send('Page.navigate', { url }).catch(ignore);
  return {
    ...driver,
    begin,
    go: (page, url) => page.goto(url, { waitUntil: 'domcontentloaded', timeout: 10_000 }).catch(ignore),
    reload: async (page) => void await (await session(page)).send('Page.reload').catch(ignore),
    stop: async (page) => void await (await session(page)).send('Page.stopLoading'),
    traverse: async (page, by) => {
      // Where a prerendered page takes the place of the one that is open, for a moment neither has a history.
      await until(async () => {
        sessions.delete(page);
        const own = await session(page);
        const { currentIndex, entries } = await own.send('Page.getNavigationHistory');
        await own.send('Page.navigateToHistoryEntry', { entryId: entries[currentIndex + by].id });
        return true;
      }, 'the history of the page');
    },
    leave: (page) => page.close(),
    visitPrivately: async (url) => {
      const context = await browser.createBrowserContext();
      const page = await context.newPage();
      await page.goto(url);
      return () => context.close();
    },
  };
}

/** Firefox, by WebDriver BiDi; its private window by the browser's own script. */
export async function steerFirefox(driver) {
  const { browser, inWindow } = driver;
  const send = (method, page, more) => browser.connection.send(method, { context: page.mainFrame()._id, ...more }).catch(ignore);
  // Not waited for: Firefox answers only when the answer's head is there.
  const begin = async (page, url) => void send('browsingContext.navigate', page, { url, wait: 'none' });
  return {
    ...driver,
    begin,
    go: begin,
    reload: (page) => send('browsingContext.reload', page, { wait: 'none' }),
    stop: async (page) => {
      const inContext = { expression: 'window.stop()', target: { context: page.mainFrame()._id }, awaitPromise: false };
      await browser.connection.send('script.evaluate', inContext).catch(ignore);
    },
    traverse: (page, by) => send('browsingContext.traverseHistory', page, { delta: by }),
    leave: (page) => page.close().catch(ignore),
    visitPrivately: async (url) => {
      const find = `[...Services.wm.getEnumerator('navigator:browser')].find((win) => ChromeUtils.importESModule('resource://gre/modules/PrivateBrowsingUtils.sys.mjs').PrivateBrowsingUtils.isWindowPrivate(win))`;
      await inWindow(`void OpenBrowserWindow({ private: true })`);
      await until(() => inWindow(`!!${find}?.gBrowserInit?.delayedStartupFinished`), 'the private window');
      await inWindow(`${find}.gBrowser.selectedBrowser.loadURI(Services.io.newURI(${JSON.stringify(url)}), { triggeringPrincipal: Services.scriptSecurityManager.getSystemPrincipal() })`);
      await until(() => inWindow(`${find}.gBrowser.currentURI.spec === ${JSON.stringify(url)} && !${find}.gBrowser.selectedBrowser.webProgress.isLoadingDocument`), 'the private page');
      const mark = await inWindow(`[...${find}.document.querySelectorAll('toolbarbutton[badge]')].map((b) => b.getAttribute('badge')).join('')`);
      if (mark) throw new Error(`a private window shows the badge ${mark}`);
      return async () => {
        await inWindow(`${find}.close()`);
        await until(() => inWindow(`!${find}`), 'the private window to close');
      };
    },
  };
}
