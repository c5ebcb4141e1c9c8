// What the fallback page does in real Chromium and Firefox: it comes back by itself, and never sends a form
// again. How it looks is page_looks.test.mjs. Run by `cargo xtask test browsers`.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { browsers, missing, start } from './page_driver.mjs';
import { pages, serve } from './page_server.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const languages = [...new Set(pages().map((name) => name.split('.')[1]))];

// The page's own clock, forty times as fast: the test waits for what happens, not for minutes.
const hurry = () => {
  const real = window.setTimeout;
  window.setTimeout = (action, ms) => real(action, ms / 40);
};

for (const browser of Object.keys(browsers)) {
  describe(browser, { skip: missing(browser) }, () => {
    let driver, it, site;
    before(async () => {
      driver = await start(browser);
      it = driver.it;
      site = await serve();
    });
    after(async () => {
      await driver?.close();
      await site?.close();
    });

    /** A page of the site, and what its console complained about. */
    async function open(path, { fast = true } = {}) {
      Object.assign(site, { down: true, page: 'down.en', status: { state: 'down' }, log: [] });
      const tab = await driver.newPage();
      if (fast) await tab.evaluateOnNewDocument(hurry);
      await tab.goto(site.url + path);
      return tab;
    }
    const heading = (tab) => tab.$eval('h1', (h1) => h1.textContent);
    const opened = (tab) => tab.waitForFunction(() => document.title === 'Shop');

    test('it opens the page again when the site is back, and asks for nothing else', async () => {
      const tab = await open('/basket?a=1#part');
      assert.equal(await heading(tab), 'This site is not working right now');
      await tab.waitForFunction(() => !document.getElementById('w').hidden);
      while (site.asked('GET /.well-known/backsoon/status') < 2) await new Promise((ok) => setTimeout(ok, 20));
      Object.assign(site, { down: false, status: { state: 'up' } });
      await opened(tab);
      assert.equal(new URL(tab.url()).pathname + new URL(tab.url()).search, '/basket?a=1');
      const others = site.log.filter((line) => line !== 'GET /.well-known/backsoon/status');
      assert.deepEqual(others, ['GET /basket', 'GET /basket']);
      assert.deepEqual(tab.complaints, [], 'the policy or the script complained');
      await tab.close();
    });

    test('a form is never sent again', async () => {
      const tab = await open('/form');
      site.page = 'form_unknown.en';
      await Promise.all([tab.waitForNavigation(), tab.click('button')]);
      assert.equal(await heading(tab), 'We do not know if your form was sent');
      Object.assign(site, { down: false, status: { state: 'up' } });
      await tab.waitForFunction(() => document.querySelector('[role=status]').textContent === 'The site is back.');
      // Longer than the script waits at most before it opens a page.
      await new Promise((ok) => setTimeout(ok, 16_000 / 40 + 200));
      assert.equal(await heading(tab), 'We do not know if your form was sent');
      await Promise.all([tab.waitForNavigation(), tab.click('a.b')]);
      assert.equal(await heading(tab), 'The shop is open');
      assert.equal(new URL(tab.url()).pathname, '/');
      assert.equal(site.asked('POST /order'), 1, 'the form went out once');
      await tab.close();
    });

    test('Back keeps what was typed, and neither Forward nor the button to reload sends it again', { timeout: 60_000 }, async () => {
      const tab = await open('/form', { fast: false });
      site.page = 'form_unknown.en';
      const dialogs = [];
      tab.on('dialog', (dialog) => { dialogs.push(dialog.message()); dialog.dismiss(); });
      const shows = (text) => tab.waitForFunction((t) => document.querySelector('h1')?.textContent === t, {}, text);
      const asked = async (line) => { while (!site.asked(line)) await new Promise((ok) => setTimeout(ok, 20)); };
      await tab.type('input', ' by hand');
      await Promise.all([tab.waitForNavigation(), tab.click('button')]);
      await shows('We do not know if your form was sent');
      // A page that comes back from the memory tells puppeteer's own goBack() nothing.
      const travel = (steps) => tab.evaluate((n) => { setTimeout(() => history.go(n)); }, steps);
      await travel(-1);
      await tab.waitForFunction(() => document.querySelector('input')?.value.includes('by hand'));
      await travel(1);
      await asked('GET /order');
      await shows('We do not know if your form was sent');
      site.log.length = 0;
      // Sent once more, so that what is reloaded is the answer to a form.
      await travel(-1);
      await tab.waitForFunction(() => document.querySelector('input')?.value.includes('by hand'));
      await Promise.all([tab.waitForNavigation(), tab.click('button')]);
      await shows('We do not know if your form was sent');
      await driver.reload(tab);
      await asked('GET /order');
      await shows('We do not know if your form was sent');
      assert.deepEqual(site.log.filter((line) => line.endsWith('/order')), ['POST /order', 'GET /order']);
      assert.deepEqual(dialogs, [], 'the browser asks nothing, since nothing is sent again');
      await tab.close();
    });

    test('even where the answer to a form is taken for a page, opening it again is a GET', async () => {
      const tab = await open('/form');
      await Promise.all([tab.waitForNavigation(), tab.click('button')]);
      Object.assign(site, { down: false, status: { state: 'up' } });
      await opened(tab);
      assert.equal(site.asked('POST /order'), 1);
      assert.equal(site.asked('GET /order'), 1);
      await tab.close();
    });

    test('the link tries again, and a path with two slashes stays on the site', async () => {
      const tab = await open('//evil.test/x', { fast: false });
      site.down = false;
      await Promise.all([tab.waitForNavigation(), tab.click('a.b')]);
      assert.equal(await heading(tab), 'The shop is open');
      assert.equal(new URL(tab.url()).origin, site.url);
      site.down = true;
      const second = await open('//evil.test/x');
      Object.assign(site, { down: false, status: { state: 'up' } });
      await opened(second);
      assert.equal(new URL(second.url()).origin, site.url);
      await tab.close();
      await second.close();
    });

    test('it asks nothing while hidden, and goes on when looked at', async () => {
      const tab = await open('/', { fast: false });
      await tab.close();
      const other = await it.newPage();
      await other.evaluateOnNewDocument(() => {
        window.away = true;
        Object.defineProperty(document, 'hidden', { get: () => window.away });
      });
      await other.evaluateOnNewDocument(hurry);
      site.log.length = 0;
      await other.goto(`${site.url}/`);
      await new Promise((ok) => setTimeout(ok, 1_000));
      assert.equal(site.asked('GET /.well-known/backsoon/status'), 0);
      await other.evaluate(() => {
        window.away = false;
        document.dispatchEvent(new Event('visibilitychange'));
      });
      while (!site.asked('GET /.well-known/backsoon/status')) await new Promise((ok) => setTimeout(ok, 20));
      await other.close();
    });

    test('it says so when something else answers, and can be switched off by keyboard', async () => {
      const tab = await open('/');
      const says = (text) => tab.waitForFunction((t) => document.querySelector('[role=status]').textContent.startsWith(t), {}, text);
      site.status = '<html>Log in to the hotel';
      await says('Something else on your network answered');
      site.status = { state: 'down' };
      await says('This page checks by itself');
      await tab.keyboard.press('Tab');
      assert.equal(await tab.evaluate(() => document.activeElement.className), 'b', 'first the link');
      await tab.keyboard.press('Tab');
      await tab.keyboard.press('Enter');
      await says('The check is off');
      const asked = site.asked('GET /.well-known/backsoon/status');
      await new Promise((ok) => setTimeout(ok, 1_500));
      assert.ok(site.asked('GET /.well-known/backsoon/status') <= asked + 1, 'off is off');
      await tab.keyboard.press('Tab');
      await tab.keyboard.press('Enter');
      assert.equal(await tab.$eval('details', (details) => details.open), true, 'the details open by keyboard');
      assert.deepEqual(tab.complaints, []);
      await tab.close();
    });

    test('a moment is shown in the visitor’s own time', async () => {
      const tab = await open('/maintenance.de', { fast: false });
      assert.match(await tab.$eval('time', (time) => time.textContent), /^2\d\.11\.2026, \d\d:\d\d$/);
      await tab.close();
    });

    test('the note in a copy says from when it is, and closes without any script', async () => {
      for (const fields of [{}, { 'content-security-policy': "default-src 'none'" }]) {
        const tab = await it.newPage();
        site.copyFields = fields;
        await tab.setViewport({ width: 320, height: 600 });
        for (const language of languages) {
          await tab.goto(`${site.url}/copy.${language}`);
          const note = await tab.$eval('#backsoon-note', (n) => ({
            parent: n.parentElement.localName, text: n.textContent, shown: n.getBoundingClientRect().height > 20,
            inside: n.getBoundingClientRect().left >= 0 && n.getBoundingClientRect().right <= innerWidth,
            focus: n.contains(document.activeElement), wide: document.documentElement.scrollWidth > innerWidth,
          }));
          assert.ok(note.text.includes('2026-11-22 17:04 UTC') && note.shown && note.inside && !note.focus && !note.wide,
            `${language} ${JSON.stringify(note)}`);
          assert.equal(note.parent, 'body');
          assert.equal(await heading(tab), 'Café');
        }
        if (!fields['content-security-policy']) {
          await tab.evaluate(axe);
          const found = await tab.evaluate(async () => (await globalThis.axe.run()).violations.map((v) => v.id));
          assert.deepEqual(found, []);
        }
        await tab.click('#backsoon-note button');
        await tab.waitForFunction(() => !document.getElementById('backsoon-note').open);
        assert.equal(new URL(tab.url()).pathname, `/copy.${languages.at(-1)}`, 'closing leads nowhere');
        await tab.close();
      }
    });
  });
}
