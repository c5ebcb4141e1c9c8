// Real Chromium with the extension in it: its real popup, opened as by a click on the button.
import puppeteer from 'puppeteer-core';
import { built, until } from './extension.mjs';

export const name = 'chromium';

const args = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--host-resolver-rules=MAP *.test 127.0.0.1, MAP shop.example.com 127.0.0.1',
];

/**
 * With `privately` the extension sees private windows as well, as where the visitor allowed that. `profile` is the
 * folder that the browser writes to and leaves behind.
 */
export async function start(dir = built, { privately = false, profile } = {}) {
  const browser = await puppeteer.launch({
    executablePath: process.env.BACKSOON_CHROMIUM ?? '/usr/bin/chromium', headless: true, pipe: true, enableExtensions: true, args, userDataDir: profile,
  });
  const whole = await browser.target().createCDPSession();
  const { id } = await whole.send('Extensions.loadUnpacked', { path: dir, enableInIncognito: privately });
  const extension = (await browser.extensions()).get(id);
  const isWorker = (target) => target.type() === 'service_worker' && target.url().includes(id);

  /** Waits until a target is gone. Chromium loses the wish to end one that is busy: then it is told again. */
  async function gone(target, why) {
    let asked = Date.now();
    await until(async () => {
      if (!browser.targets().includes(target)) return true;
      if (Date.now() - asked > 2000) {
        asked = Date.now();
        await whole.send('Target.closeTarget', { targetId: target._targetId }).catch(() => {});
      }
      return false;
    }, why);
  }

  /** Makes a page's `close` hold: puppeteer's waits for ever where the page was loading and Chromium lost the wish. */
  function closable(page) {
    const [target, close] = [page.target(), page.close.bind(page)];
    page.close = async () => {
      void close().catch(() => {});
      await gone(target, 'the page to close');
    };
    return page;
  }
  /** Closes a page that came by itself. */
  const shut = (page) => closable(page).close();
  const bare = browser.newPage.bind(browser);
  browser.newPage = async (...how) => closable(await bare(...how));

  /** The extension's service worker, woken if it sleeps. */
  const background = async () => (await browser.waitForTarget(isWorker)).worker();

  /** Goes to an address; an error page of the browser's own is an arrival too. */
  async function visit(page, url) {
    await page.goto(url).catch((error) => { if (!/net::ERR_/.test(error.message)) throw error; });
    return page;
  }

  /** Opens the real popup over a page. `value(expression)` sees its document as `d`, its window as `w`. */
  async function look(page, { ready = 'settled' } = {}) {
    await page.bringToFront();
    const before = new Set(browser.targets());
    const from = performance.now();
    await page.triggerExtensionAction(extension);
    const isNew = (target) => target.url().startsWith(`chrome-extension://${id}/popup.html`) && !before.has(target);
    const popup = closable(await (await browser.waitForTarget(isNew)).asPage());
    await popup.waitForSelector('html[data-ready]');
    const readyAfter = performance.now() - from;
    if (ready === 'settled') await popup.waitForSelector('html[data-settled]');
    const value = (expression) => popup.evaluate(`(() => { const d = document, w = window; return (${expression}); })()`);
    const click = (selector) => popup.click(selector);
    const copied = async () => {
      await value(`w.navigator.clipboard.writeText = async (text) => { w.copied = text; }`);
      await value(`(d.querySelector('#details').open = true)`);
      await click('#copy');
      return until(() => value('w.copied'), 'the report to be copied');
    };
    return { page: popup, value, click, copied, readyAfter, close: () => popup.close() };
  }

  /** The real popup as a puppeteer page, light or dark. */
  async function photo(page, dark) {
    const { page: popup } = await look(page);
    await popup.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }]);
    return popup;
  }

  /** Goes offline, fails to reach an address, and gives the popup about that tab. */
  async function offline(page, url) {
    await page.setOfflineMode(true);
    await visit(page, url);
    await api(() => 1);
    await page.bringToFront();
    const tab = await api(async () => (await chrome.tabs.query({ active: true }))[0].id);
    const popup = await browser.newPage();
    await popup.setOfflineMode(true);
    await popup.goto(`chrome-extension://${id}/popup.html?tab=${tab}`);
    await popup.waitForSelector('html[data-settled]');
    return { value: (expression) => popup.evaluate(`(() => { const d = document, w = window; return (${expression}); })()`) };
  }

  /** Stops the background as the browser does when it is idle. */
  async function kill() {
    const target = browser.targets().find(isWorker);
    if (!target) return;
    void (await target.worker()).close().catch(() => {});
    // An event that comes at the same moment starts it again as the same target: then it is stopped once more.
    await gone(target, 'the background to stop');
  }

  /** Opens an extension page in a tab of its own, light or dark. */
  async function own(path, dark = false) {
    const page = await browser.newPage();
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }]);
    await page.goto(`chrome-extension://${id}/${path}`);
    return page;
  }

  /** Whether an extension page is open in a tab. */
  const shows = (path) => browser.targets().some((target) => target.url().endsWith(`${id}/${path}`));

  /** What is downloaded from now on goes to this folder. */
  const saveTo = (folder) => whole.send('Browser.setDownloadBehavior', { behavior: 'allow', downloadPath: folder });

  let desk;
  /** Evaluates a function where the extension's API is: in a popup about no tab, so that the background may sleep. */
  async function api(f, ...args) {
    if (!desk) {
      desk = await browser.newPage();
      await desk.goto(`chrome-extension://${id}/popup.html?tab=-1`);
      await desk.waitForSelector('html[data-ready]');
    }
    return desk.evaluate(f, ...args);
  }

  /** The badge's text on the tab of a page. */
  async function badge(page) {
    // Before the page comes to the front again: making the desk takes it.
    await api(() => 1);
    await page.bringToFront();
    return api(async () => {
      const [tab] = await chrome.tabs.query({ active: true });
      return chrome.action.getBadgeText({ tabId: tab.id });
    });
  }

  await background();
  return { name, browser, id, visit, look, offline, photo, api, own, shows, shut, saveTo, background, kill, badge, close: () => browser.close() };
}
