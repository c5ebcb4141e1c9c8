// Real Chromium with the extension in it: its real popup, opened as by a click on the button.
import puppeteer from 'puppeteer-core';
import { built, until } from './extension.mjs';

export const name = 'chromium';

const args = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--host-resolver-rules=MAP *.test 127.0.0.1',
];

export async function start(dir = built) {
  const browser = await puppeteer.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true, pipe: true, enableExtensions: true, args,
  });
  const id = await browser.installExtension(dir);
  const extension = (await browser.extensions()).get(id);
  const isWorker = (target) => target.type() === 'service_worker' && target.url().includes(id);

  /** The extension's service worker, woken if it sleeps. */
  const background = async () => (await browser.waitForTarget(isWorker)).worker();

  /** Opens the popup over a page, and waits until it says how far it is. */
  async function popup(page, { ready = 'settled' } = {}) {
    await page.bringToFront();
    const before = new Set(browser.targets());
    const from = performance.now();
    await page.triggerExtensionAction(extension);
    const isNew = (target) => target.url().startsWith(`chrome-extension://${id}/popup.html`) && !before.has(target);
    const open = await (await browser.waitForTarget(isNew)).asPage();
    await open.waitForSelector('html[data-ready]');
    open.readyAfter = performance.now() - from;
    if (ready === 'settled') await open.waitForSelector('html[data-settled]');
    return open;
  }

  /** Stops the background as the browser does when it is idle. */
  async function kill() {
    const target = browser.targets().find(isWorker);
    if (!target) return;
    const session = await browser.target().createCDPSession();
    await session.send('Target.closeTarget', { targetId: target._targetId });
    await session.detach();
    await until(() => !browser.targets().includes(target), 'the background to stop');
  }

  /** The badge's text on the tab of a page. */
  async function badge(page) {
    const worker = await background();
    return worker.evaluate(async (url) => {
      const tab = (await chrome.tabs.query({})).find((t) => t.url === url);
      return tab && chrome.action.getBadgeText({ tabId: tab.id });
    }, page.url());
  }

  await background();
  return { browser, id, popup, background, kill, badge, close: () => browser.close() };
}
