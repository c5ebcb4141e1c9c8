// The fallback page as visitors have set up their browsers: dark, forced colours, narrow, from right to left,
// on paper, by keyboard, without scripts; in real Chromium and Firefox. Run by `cargo xtask test browsers`.
// Pictures of it go to the folder BACKSOON_PICTURES, where it is set.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { browsers, missing, start } from './page_driver.mjs';
import { pages, serve } from './page_server.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const names = pages();
const cases = [...new Set(names.map((name) => name.split('.')[0]))];
const languages = [...new Set(names.map((name) => name.split('.')[1]))];

const LOOKS = { light: {}, dark: { dark: true }, forced: { forced: true } };
const WIDTHS = [320, 1024, 3840];

/** Which of the looks a page believes to have: else a test of the dark would be one more of the light. */
const believed = `[w.matchMedia('(prefers-color-scheme:dark)').matches && 'dark', w.matchMedia('(forced-colors:active)').matches && 'forced'].find(Boolean) || 'light'`;

for (const browser of Object.keys(browsers)) {
  describe(browser, { skip: missing(browser) }, () => {
    let driver, site;
    before(async () => {
      [driver, site] = [await start(browser), await serve()];
    });
    after(async () => {
      await driver?.close();
      await site?.close();
    });

    async function open(path) {
      Object.assign(site, { down: true, page: 'down.en', status: { state: 'down' } });
      const tab = await driver.newPage();
      await tab.goto(site.url + path);
      site.log.length = 0;
      return tab;
    }
    const wide = (tab) => tab.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

    test('axe finds nothing, in any state, look and width', { timeout: 600_000 }, async () => {
      const tab = await open('/');
      const found = [];
      for (const name of cases.flatMap((one) => [`${one}.en`, `${one}.ar`])) {
        await tab.goto(`${site.url}/${name}`);
        // In a frame the page is short and has none.
        await tab.$$eval('details', (all) => { for (const details of all) details.open = true; });
        await tab.evaluate(axe);
        for (const [look, setup] of Object.entries(LOOKS)) {
          await driver.setup(tab, setup);
          assert.equal(await driver.value(tab, believed), look);
          for (const width of WIDTHS) {
            await tab.setViewport({ width, height: 900 });
            const violations = await tab.evaluate(async (wanted) => {
              while (innerWidth !== wanted) await new Promise(requestAnimationFrame);
              const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
              const result = await globalThis.axe.run(document, { runOnly: tags, resultTypes: ['violations'] });
              return result.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' ')}`);
            }, width);
            if (await wide(tab) > 0) violations.push('wider than the window');
            found.push(...violations.map((v) => `${name} ${look} ${width}: ${v}`));
          }
        }
      }
      await driver.setup(tab, {});
      assert.deepEqual(found, []);
      await tab.close();
    });

    test('nothing is cut off at 320 px, in any state or language', { timeout: 300_000 }, async () => {
      const tab = await open('/');
      await tab.setViewport({ width: 320, height: 700 });
      const cut = [];
      for (const name of cases) {
        for (const language of languages) {
          await tab.goto(`${site.url}/${name}.${language}`);
          const over = await wide(tab);
          if (over > 0) cut.push(`${name}.${language}: ${over} px`);
        }
      }
      assert.deepEqual(cut, []);
      await tab.close();
    });

    test('the keyboard reaches everything in the order of reading, and one sees where it is', { timeout: 60_000 }, async () => {
      for (const look of ['light', 'dark', 'forced']) {
        const tab = await open('/down_owner.en');
        await driver.setup(tab, LOOKS[look]);
        await tab.waitForFunction(() => !document.getElementById('w').hidden);
        const all = await tab.$$eval('a,button,summary', (them) => them.map((one) => one.textContent));
        assert.ok(all.length >= 8, all.join());
        const reached = [];
        for (let n = 0; n < all.length; n += 1) {
          await tab.keyboard.press('Tab');
          const at = await driver.value(tab, `((e, s) => ({ text: e.textContent, seen: e.matches(':focus-visible'), line: s.outlineStyle + ' ' + s.outlineWidth,
            ring: s.outlineColor, card: w.getComputedStyle(d.querySelector('main')).backgroundColor }))(d.activeElement, w.getComputedStyle(d.activeElement))`);
          reached.push(at.text);
          assert.ok(at.seen && at.line === 'solid 3px' && at.ring !== at.card, `${look}: ${JSON.stringify(at)}`);
        }
        assert.deepEqual(reached, all);
        await driver.setup(tab, {});
        await tab.close();
      }
    });

    test('on paper it is dark on white even where the screen is dark, whole, and without what only a screen can do', { timeout: 60_000 }, async () => {
      const tab = await open('/down_owner.en');
      await driver.setup(tab, { dark: true, print: true });
      const paper = await driver.value(tab, `(() => {
        const style = (what) => w.getComputedStyle(d.querySelector(what));
        const code = d.querySelector('details p:last-of-type code');
        return { text: style('h1').color, soft: style('details').color, card: style('main').backgroundColor, frame: style('main').borderTopWidth,
          link: style('.b').display, box: style('#w').display, folded: d.querySelector('details').open === false, code: code.checkVisibility({ contentVisibilityAuto: true }),
          steps: d.querySelector('ul').checkVisibility(), picture: d.querySelector('svg').checkVisibility() };
      })()`);
      assert.deepEqual(paper, {
        text: 'rgb(27, 35, 48)', soft: 'rgb(82, 93, 109)', card: 'rgb(255, 255, 255)', frame: '0px',
        link: 'none', box: 'none', folded: true, code: true, steps: true, picture: true,
      });
      await driver.setup(tab, {});
      await tab.close();
    });

    test('without JavaScript everything is there but the waiting', { timeout: 60_000 }, async () => {
      const tab = await open('/');
      const read = (expression) => driver.value(tab, expression);
      /** Waits for something that the page itself cannot tell, since it runs no script. */
      const until = async (expression) => { while (!(await read(expression).catch(() => false))) await new Promise((ok) => setTimeout(ok, 50)); };
      await driver.scripts(tab, false);
      try {
        for (const name of cases) {
          await tab.goto(`${site.url}/${name}.en`);
          const seen = await read(`({ heading: d.querySelector('h1').checkVisibility(), box: d.getElementById('w').checkVisibility(), again: d.querySelector('a.b').checkVisibility(),
            steps: d.querySelectorAll('ul li').length > 0, refresh: d.querySelectorAll('meta[http-equiv]').length, open: d.querySelector('details')?.open ?? null })`);
          const short = name.startsWith('framed');
          assert.deepEqual(seen, { heading: true, box: false, again: true, steps: name !== 'framed', refresh: 0, open: short ? null : false }, name);
        }
        await tab.goto(`${site.url}/maintenance.en`);
        assert.equal(await read(`d.querySelector('time').textContent`), '2026-11-22 18:30 UTC');
        site.log.length = 0;
        await new Promise((ok) => setTimeout(ok, 2_000));
        assert.deepEqual(site.log, [], 'nothing is asked and nothing opened by itself');
        // The link, then the details: all that is left to press.
        await tab.keyboard.press('Tab');
        assert.equal(await read('d.activeElement.className'), 'b');
        await tab.keyboard.press('Tab');
        await tab.keyboard.press('Enter');
        await until(`d.querySelector('details').open`);
        site.down = false;
        await tab.keyboard.down('Shift');
        await tab.keyboard.press('Tab');
        await tab.keyboard.up('Shift');
        await tab.keyboard.press('Enter');
        await until(`d.querySelector('h1').textContent === 'The shop is open'`);

        site.log.length = 0;
        Object.assign(site, { down: true, page: 'form_unknown.en' });
        await tab.goto(`${site.url}/form`);
        await tab.keyboard.press('Tab');
        await tab.keyboard.press('Enter');
        await until(`d.querySelector('h1')?.textContent === 'We do not know if your form was sent'`);
        assert.ok(await read(`/before you send it again/i.test(d.querySelector('ul').textContent)`), await read(`d.querySelector('ul').textContent`));
        site.down = false;
        await tab.keyboard.press('Tab');
        await tab.keyboard.press('Enter');
        await until(`d.querySelector('h1').textContent === 'The shop is open'`);
        assert.deepEqual(site.log, ['GET /form', 'POST /order', 'GET /']);
      } finally {
        await driver.scripts(tab, true);
      }
      await tab.close();
    });

    test('its pictures', { skip: process.env.BACKSOON_PICTURES ? false : 'BACKSOON_PICTURES names no folder' }, async () => {
      const folder = process.env.BACKSOON_PICTURES;
      mkdirSync(folder, { recursive: true });
      for (const [name, page, look, width, height] of [
        ['light', 'down_owner.en', {}, 900, 900],
        ['dark', 'overloaded.en', { dark: true }, 900, 800],
        ['phone-arabic', 'down_owner.ar', {}, 320, 900],
        ['phone-form', 'form_unknown.en', { dark: true }, 320, 900],
      ]) {
        const tab = await open(`/${page}`);
        await driver.setup(tab, look);
        await tab.setViewport({ width, height });
        await tab.waitForFunction(() => !document.getElementById('w').hidden);
        await tab.screenshot({ path: join(folder, `${name}-${browser}.png`), fullPage: true });
        await driver.setup(tab, {});
        await tab.close();
      }
      const tab = await open('/down_owner.en');
      await tab.pdf({ path: join(folder, `paper-${browser}.pdf`), format: 'a4' });
      await tab.close();
    });
  });
}
