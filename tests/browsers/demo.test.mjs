// The demo as a person uses it: break the shop on the control page, and read what its visitors get.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import puppeteer from 'puppeteer-core';
import { root, startProcess } from '../workerd/start.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const xtask = process.env.BACKSOON_XTASK ?? `${root}/target/debug/xtask`;

describe('demo', { skip: process.env.BACKSOON_NO_CHROMIUM ?? false }, () => {
  let demo, browser, page;
  before(async () => {
    demo = await startProcess(xtask, ['demo', '--port', '0', '--control-port', '0'], /^ready http:\S+$/m);
    browser = await puppeteer.launch({
      executablePath: process.env.BACKSOON_CHROMIUM ?? '/usr/bin/chromium', headless: true,
      args: ['--no-sandbox', '--disable-gpu', '--no-first-run'],
    });
    page = await browser.newPage();
    await page.goto(/Break it and watch +(\S+)/.exec(demo.seen.output)[1]);
    await page.waitForSelector('input[value=healthy]');
  });
  after(async () => {
    await browser?.close();
    await demo?.stop();
  });

  /** Waits until the result panel says so. */
  const outcome = (words) =>
    page.waitForFunction((text) => document.getElementById('outcome').textContent.includes(text), {}, words);
  const fields = () => page.$eval('#fields', (list) => list.textContent);
  const shown = async () => (await (await page.$('#preview')).contentFrame()).$eval('h1', (h) => h.textContent);

  test('the shop is healthy, and is passed on', async () => {
    await page.click('#visit button');
    await outcome("From the shop's server (200)");
  });

  test('when nothing listens, the visitor reads the last good copy', async () => {
    await page.click('input[value=refused]');
    // The copy is kept after the visitor has the page: who comes at once may be too early, and comes again.
    await page.evaluate(() => {
      new MutationObserver((_, observer) => {
        if (document.getElementById('outcome').textContent === 'The last good copy') observer.disconnect();
        else document.querySelector('#visit button').click();
      }).observe(document.getElementById('visits'), { childList: true });
    });
    await outcome('The last good copy');
    assert.match(await fields(), /proxy-status.*backsoon; error=/s);
  });

  test('a page that nobody visited before is answered by an honest page', async () => {
    await page.select('#path', 'GET /products/mallow');
    await page.click('#visit button');
    await outcome('An honest page (503)');
    assert.match(await fields(), /retry-after/);
    assert.match(await shown(), /\S/);
  });

  test('every way to break it can be chosen and is named by the page', async () => {
    const ways = await page.$$eval('input[name=way]', (all) => all.map((one) => one.value));
    assert.ok(ways.length > 15, `only ${ways}`);
    for (const way of ['fail:reset', 'fail:garbage', 'fail:soft-error']) {
      await page.click(`input[value="${way}"]`);
      await page.waitForFunction((text) => document.getElementById('now').textContent === `Now: ${text}`, {}, way);
    }
    await page.type('#capture', 'envoy/refused');
    await page.click('#replay');
    await page.waitForFunction(() => document.getElementById('now').textContent === 'Now: capture:envoy/refused');
  });

  test('a capture that does not exist is refused in words', async () => {
    await page.$eval('#capture', (field) => { field.value = 'nobody/nothing'; });
    await page.click('#replay');
    await page.waitForFunction(() => document.getElementById('now').textContent.includes('no capture'));
  });

  test('it breaks no rule of accessibility, in light and in dark', async () => {
    await page.evaluate(axe);
    for (const value of ['light', 'dark']) {
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value }]);
      const { violations } = await page.evaluate(() => axe.run(document, { iframes: false }));
      assert.deepEqual(violations.map((found) => `${found.id}: ${found.nodes.map((node) => node.target)}`), []);
    }
  });
});
