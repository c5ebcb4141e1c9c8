// The options page and the history of failures, in a real browser: what is written down, what is not, what each
// choice changes. No case waits for time to pass; each waits for what it is about.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { at, over, ring } from './extension-steps.mjs';
import { missing, root, until, variant } from './extension.mjs';
import { shop } from './sites.mjs';

const axe = readFileSync(join(root, 'node_modules/axe-core/axe.min.js'), 'utf8');
const pictures = process.env.BACKSOON_PICTURES;

const kept = (driver) => driver.api(async () => (await chrome.storage.local.get('history')).history ?? []);
const keep = (driver, items) => driver.api((items) => chrome.storage.local.set(items), items);
const text = (page, selector) => page.$eval(selector, (element) => element.textContent);
const marked = (driver, page, badge) => until(async () => (await driver.badge(page)) === badge, `the badge ${badge || 'to be empty'}`);

/** The failure that was written down last, once it fits. */
const newest = (driver, fits, why) => until(async () => {
  const failure = (await kept(driver)).at(-1);
  return failure && fits(failure) ? failure : null;
}, why);

async function opened(driver, dark) {
  const page = await driver.own('options.html', dark);
  await page.waitForSelector('html[data-ready="1"]');
  return page;
}

/** The tab loads its page again, as at the visitor's own reload. */
async function reload(driver, page, site, path) {
  const before = site.asked.filter((a) => a.path === path).length;
  await page.bringToFront();
  await page.evaluate(() => { setTimeout(() => location.reload()); });
  await until(() => site.asked.filter((a) => a.path === path).length > before, 'the reload');
}

export function history(start) {
  describe('history of failures', { skip: missing(start) }, () => {
    let driver, site;
    // Firefox's own question can be answered by a setting, Chromium's cannot.
    const dir = variant({ hosts: ['*://*/*'], permissions: start.name === 'startFirefox' ? [] : ['notifications'] });
    before(async () => { [driver, site] = [await start(dir, { privately: true }), await shop()]; });
    after(async () => { await driver?.close(); site?.close(); });

    test('a failure is written down once, with its site and verdict and no address, and how it ended', async () => {
      let up = false;
      site.say.set('/secret', (request, response, send) => send(up ? 200 : 502));
      await at(driver, site.at('/secret?token=1', 'shop.test'), async (page) => {
        await marked(driver, page, '502');
        const first = await newest(driver, (f) => f.status === 502, 'the failure');
        assert.equal(first.site, `shop.test:${site.port}`);
        assert.match(first.sentence, /^verdict\./);
        assert.equal(first.end, 'unknown');
        await over(driver, page, () => {});
        await reload(driver, page, site, '/secret');
        const again = await newest(driver, (f) => f.end === 'failing', 'the second failure');
        assert.equal(again.at, first.at);
        up = true;
        await reload(driver, page, site, '/secret');
        await newest(driver, (f) => f.end === 'reloaded', 'the end');
        const all = await kept(driver);
        assert.equal(all.length, 1);
        assert.doesNotMatch(JSON.stringify(all), /secret|token/);
      });
    });

    test('going to another page ends nothing', async () => {
      await at(driver, site.at('/status/503'), async (page) => {
        await newest(driver, (f) => f.status === 503, 'the failure');
        await driver.visit(page, site.at('/'));
        await marked(driver, page, '');
        await driver.visit(page, site.at('/status/504'));
        await newest(driver, (f) => f.status === 504, 'the next failure');
        assert.equal((await kept(driver)).at(-2).end, 'unknown');
      });
    });

    test('a network error is written down too', async () => {
      await at(driver, site.at('/reset', 'neighbour.test'), async () => {
        const failure = await newest(driver, (f) => f.site.startsWith('neighbour.test'), 'the failure');
        assert.equal(failure.status, null);
      });
    });

    test('a page that came back while somebody waited came back by itself', async () => {
      let up = false;
      site.say.set('/later', (request, response, send) => send(up ? 200 : 522));
      const url = site.at('/later');
      await at(driver, url, async (page) => {
        await newest(driver, (f) => f.status === 522, 'the failure');
        await page.evaluate(() => { window.old = true; });
        await over(driver, page, async (popup) => {
          await popup.click('#tell');
          await until(async () => /Stop waiting/.test(await popup.value(`d.querySelector('#tell').textContent`)), 'the wait');
        });
        await ring(driver, url);
        await newest(driver, (f) => f.status === 522 && f.end === 'failing', 'the first try');
        up = true;
        await driver.kill();
        await ring(driver, url);
        await newest(driver, (f) => f.status === 522 && f.end === 'back', 'the end');
        // The tab is loaded again; Chromium forgets to close one that is asked to while it loads.
        await page.waitForFunction(() => !window.old && document.readyState === 'complete');
      });
    });

    test('a private window leaves nothing', async () => {
      const before = (await kept(driver)).length;
      const badges = () => driver.api(async () => {
        const tabs = (await chrome.tabs.query({})).filter((tab) => tab.incognito);
        return Promise.all(tabs.map((tab) => chrome.action.getBadgeText({ tabId: tab.id })));
      });
      await driver.api((url) => void chrome.windows.create({ incognito: true, url }), site.at('/status/520'));
      // The mark proves that the background saw it.
      await until(async () => (await badges()).includes('520'), 'the mark in the private window');
      await driver.api(async () => {
        for (const tab of (await chrome.tabs.query({})).filter((tab) => tab.incognito)) await chrome.tabs.remove(tab.id);
      });
      await until(async () => (await badges()).length === 0, 'the private window to close');
      await at(driver, site.at('/status/524'), () => newest(driver, (f) => f.status === 524, 'the failure of the other window'));
      const all = await kept(driver);
      assert.equal(all.length, before + 1);
      assert.ok(all.every((f) => f.status !== 520));
    });

    test('the hundred and first pushes out the first', async () => {
      const entry = (n) => ({ at: 1_700_000_000_000 + n, site: `n${n}.test`, status: 502, gateway: 'nginx', layer: null, causes: [], sentence: 'verdict.site_down', end: 'unknown', ended: null });
      await keep(driver, { history: Array.from({ length: 100 }, (_, n) => entry(n)) });
      await at(driver, site.at('/status/500'), async () => {
        await newest(driver, (f) => f.status === 500, 'the failure');
        const all = await kept(driver);
        assert.deepEqual([all.length, all[0].site], [100, 'n1.test']);
      });
    });

    test('it is shown newest first, saved as JSON in the documented form, and cleared by two clicks', async () => {
      await keep(driver, { history: FAILURES });
      const page = await opened(driver);
      assert.deepEqual(await page.$$eval('#rows .where', (cells) => cells.map((c) => c.textContent)), ['news.example', 'shop.example', 'mail.example', 'bank.example']);
      assert.match(await text(page, '#rows tr:nth-child(2)'), /Back by itself after 7\smin/);
      assert.match(await text(page, '#rows tr:nth-child(1)'), /502 · nginx/);

      const folder = mkdtempSync(join(tmpdir(), 'backsoon-download-'));
      try {
        await driver.saveTo(folder);
        await page.click('#export');
        const file = await until(() => readdirSync(folder).find((name) => /^backsoon-history-\d{4}-\d\d-\d\d\.json$/.test(name)), 'the file');
        const saved = await until(() => JSON.parse(readFileSync(join(folder, file), 'utf8')), 'the file to be whole');
        assert.deepEqual(Object.keys(saved), ['form', 'exported', 'failures']);
        assert.equal(saved.form, 'backsoon-history-1');
        assert.ok(!Number.isNaN(Date.parse(saved.exported)));
        assert.equal(saved.failures.length, FAILURES.length);
        assert.deepEqual(saved.failures[1], {
          at: '2026-11-21T09:30:00.000Z', site: 'shop.example', status: 504, gateway: 'cloudflare', layer: 'edge_to_origin',
          causes: ['timeout', 'overload'], sentence: 'verdict.site_slow', end: 'back', ended: '2026-11-21T09:37:00.000Z', after_min: 7,
        });
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }

      await page.click('#clear');
      await until(async () => /Click again/.test(await text(page, '#clear')), 'the question');
      // Whoever goes elsewhere has said no.
      await page.focus('#site');
      await until(async () => /^Clear the list$/.test(await text(page, '#clear')), 'the question to go');
      assert.equal((await kept(driver)).length, FAILURES.length);
      await page.click('#clear');
      await until(async () => /Click again/.test(await text(page, '#clear')), 'the question');
      await page.click('#clear');
      await until(async () => (await kept(driver)).length === 0, 'the list to be empty');
      await page.waitForSelector('#history-none:not([hidden])');
      assert.match(await text(page, '#news'), /cleared/);
      await page.close();
    });
  });
}

export function choices(start) {
  describe('options', { skip: missing(start) }, () => {
    let driver, site;
    before(async () => { [driver, site] = [await start(variant({ hosts: ['*://*/*'] })), await shop()]; });
    after(async () => { await driver?.close(); site?.close(); });

    test('switched off nothing is marked or written down, and the popup still answers', async () => {
      const options = await opened(driver);
      await at(driver, site.at('/status/502'), async (page) => {
        await marked(driver, page, '502');
        await options.bringToFront();
        await options.click('#on');
        await marked(driver, page, '');
        const before = (await kept(driver)).length;
        await driver.kill();
        await driver.visit(page, site.at('/status/503'));
        await over(driver, page, async (popup) => {
          assert.match(await popup.value(`d.querySelector('[data-row="status"]').textContent`), /^503/);
          assert.match(await popup.value(`d.querySelector('#note').textContent`), /switched off/);
          for (const id of ['#tell', '#watch', '#primary', '#leave']) {
            assert.ok(!await popup.value(`d.querySelector('${id}').checkVisibility()`), id);
          }
        });
        assert.equal(await driver.badge(page), '');
        if (driver.name === 'chromium') {
          assert.ok(!driver.browser.targets().some((t) => t.type() === 'service_worker'), 'no page wakes it');
        }
        assert.equal((await kept(driver)).length, before);
        await options.bringToFront();
        await options.click('#on');
        // What is open is looked at at once.
        await marked(driver, page, '503');
        await driver.visit(page, site.at('/status/504'));
        await marked(driver, page, '504');
      });
      await options.close();
    });

    test('a site can be left alone and taken up again, on the page and from the popup', async () => {
      const options = await opened(driver);
      await options.type('#site', 'no site at all');
      await options.click('#add-button');
      await until(async () => /not the name of a site/.test(await text(options, '#news')), 'the refusal');
      await options.$eval('#site', (field) => { field.value = ''; });
      await options.type('#site', 'HTTPS://Shop.test/some/page');
      await options.click('#add-button');
      await options.waitForSelector('#sites [data-site="shop.test"]');
      await at(driver, site.at('/status/502', 'app.shop.test'), (quiet) => at(driver, site.at('/status/503', 'neighbour.test'), async (page) => {
        await marked(driver, page, '503');
        assert.equal(await driver.badge(quiet), '');
        assert.ok((await kept(driver)).every((f) => !f.site.startsWith('app.shop.test')));
        await over(driver, page, async (popup) => {
          await popup.click('#leave');
          await until(async () => /No longer leave/.test(await popup.value(`d.querySelector('#leave').textContent`)), 'the choice');
        });
        await marked(driver, page, '');
        await options.waitForSelector('#sites [data-site="neighbour.test"]');
        await options.bringToFront();
        await options.click('[data-site="shop.test"]');
        await until(async () => !(await options.$('[data-site="shop.test"]')), 'the site to go from the list');
        await marked(driver, quiet, '502');
        await over(driver, page, async (popup) => {
          await popup.click('#leave');
          await until(async () => /^Leave this site alone/.test(await popup.value(`d.querySelector('#leave').textContent`)), 'the choice');
        });
        await marked(driver, page, '503');
      }));
      await options.close();
    });

    test('the language of the page and of the popup, and their direction', async () => {
      const options = await opened(driver);
      const languages = await options.$$eval('#lang option', (list) => list.map((o) => o.value).filter(Boolean));
      assert.equal(languages.length, 16);
      await options.select('#lang', 'ar');
      await options.waitForSelector('html[lang=ar][dir=rtl]');
      assert.equal(await text(options, '#title'), 'الخيارات');
      await at(driver, site.at('/status/502'), (page) => over(driver, page, async (popup) => {
        assert.equal(await popup.value('d.documentElement.dir'), 'rtl');
        assert.match(await popup.value(`d.querySelector('#headline').textContent`), /[؀-ۿ]/);
      }));
      await options.bringToFront();
      await options.select('#lang', 'de');
      await options.waitForSelector('html[lang=de][dir=ltr]');
      await options.select('#lang', '');
      await options.waitForSelector('html[lang=en]');
      await options.close();
    });

    test('the popup leads to it', async () => {
      await at(driver, site.at('/'), async (page) => {
        await over(driver, page, (popup) => popup.click('#options'));
        await until(() => driver.shows('options.html'), 'the options page');
      });
    });

    test('what was there from the start can be given back in Firefox only, and the page says which', async () => {
      const options = await opened(driver);
      await options.waitForSelector('[data-origin="*://*/*"]');
      assert.match(await text(options, '#granted'), /pages of all sites/);
      await options.click('[data-origin="*://*/*"]');
      const answer = driver.name === 'firefox' ? /^Given back/ : /did not take it back/;
      await until(async () => answer.test(await text(options, '#news')), 'the answer');
      await options.close();
    });
  });

  describe('options, as shipped, without access to any site', { skip: missing(start) }, () => {
    let driver, site;
    before(async () => { [driver, site] = [await start(), await shop()]; });
    after(async () => { await driver?.close(); site?.close(); });

    test('a failure that the visitor asked about is written down, and its end when they ask again', async () => {
      // Reads once before a popup is open: the first read opens a tab, and in Chromium that closes the popup, perhaps
      // before it has written anything down.
      await kept(driver);
      let up = false;
      site.say.set('/asked', (request, response, send) => send(up ? 200 : 502));
      await at(driver, site.at('/asked'), async (page) => {
        await over(driver, page, () => newest(driver, (f) => f.status === 502, 'the failure'));
        await over(driver, page, () => {});
        up = true;
        await driver.visit(page, site.at('/asked'));
        await over(driver, page, () => newest(driver, (f) => f.end === 'reloaded', 'the end'));
        assert.equal((await kept(driver)).length, 1);
      });
    });

    test('a healthy page and one that is not there leave nothing', async () => {
      const before = (await kept(driver)).length;
      for (const path of ['/', '/status/404']) await at(driver, site.at(path), (page) => over(driver, page, () => {}));
      await at(driver, site.at('/status/500'), (page) => over(driver, page, () => newest(driver, (f) => f.status === 500, 'the failure')));
      assert.equal((await kept(driver)).length, before + 1);
    });

    test('what was granted is shown, and given back', async (t) => {
      if (driver.name === 'chromium') return t.skip('its question cannot be answered headless');
      const options = await opened(driver);
      await options.waitForSelector('#may-none:not([hidden])');
      await at(driver, site.at('/status/502', 'shop.test'), async (page) => {
        await over(driver, page, async (popup) => {
          await popup.click('#watch');
          await until(async () => /Stop showing/.test(await popup.value(`d.querySelector('#watch').textContent`)), 'the grant');
        });
        await options.waitForSelector('[data-origin="*://shop.test/*"]');
        assert.match(await text(options, '#granted'), /pages of shop\.test/);
        await options.bringToFront();
        await options.click('[data-origin="*://shop.test/*"]');
        await options.waitForSelector('#may-none:not([hidden])');
        assert.match(await text(options, '#news'), /Given back/);
        await over(driver, page, async (popup) => {
          assert.match(await popup.value(`d.querySelector('#watch').textContent`), /^Show errors of this site/);
        });
      });
      await options.close();
    });
  });
}

const failure = (at, site, status, gateway, layer, causes, sentence, end, minutes) => {
  const time = Date.parse(at);
  return { at: time, site, status, gateway, layer, causes, sentence: `verdict.${sentence}`, end, ended: minutes === undefined ? null : time + minutes * 60_000 };
};
/** Oldest first, as they are kept. */
const FAILURES = [
  failure('2026-11-19T07:12:00Z', 'bank.example', null, 'none', 'client_to_edge', ['refused'], 'connection', 'unknown'),
  failure('2026-11-20T18:05:00Z', 'mail.example', 503, 'haproxy', 'gateway_to_app', ['overload'], 'site_busy', 'reloaded', 2),
  failure('2026-11-21T09:30:00Z', 'shop.example', 504, 'cloudflare', 'edge_to_origin', ['timeout', 'overload'], 'site_slow', 'back', 7),
  failure('2026-11-22T16:41:00Z', 'news.example', 502, 'nginx', 'gateway_to_app', ['refused'], 'site_down', 'failing', 95),
];

export function optionsLooks(start) {
  describe('looks of the options page', { skip: missing(start) }, () => {
    let driver;
    before(async () => {
      driver = await start(variant({ hosts: ['*://*/*'] }));
    });
    after(async () => { await driver?.close(); });

    const STATES = [
      ['light', {}], ['dark', { dark: true }], ['arabic', { lang: 'ar' }], ['arabic-dark', { lang: 'ar', dark: true }],
      ['narrow', { width: 360 }], ['narrow-arabic', { width: 360, lang: 'ar' }], ['empty', { empty: true }], ['german', { lang: 'de' }],
    ];
    for (const [name, { lang = null, dark = false, width = 820, empty = false }] of STATES) {
      test(name, async () => {
        await keep(driver, {
          settings: { off: false, quiet: empty ? [] : ['intranet.example', 'status.shop.example'], lang },
          history: empty ? [] : FAILURES,
        });
        const page = await opened(driver, dark);
        await page.setViewport({ width, height: 900 });
        const found = await page.evaluate(`${axe}; axe.run(document, { resultTypes: ['violations'] })
          .then(({ violations }) => violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.html + ' ' + n.failureSummary).join('; ')))`);
        assert.deepEqual(found, []);
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing sticks out');
        const lost = await page.evaluate(() => [...document.querySelectorAll('button, input, select')]
          .filter((e) => e.checkVisibility() && (e.tabIndex < 0 || !(e.textContent.trim() || e.ariaLabel || e.labels?.[0]?.textContent.trim()))).map((e) => e.id));
        assert.deepEqual(lost, [], 'every control has a name and can be reached');
        if (pictures) {
          mkdirSync(pictures, { recursive: true });
          await page.screenshot({ path: join(pictures, `${driver.name}-options-${name}.png`), fullPage: true });
        }
        await page.close();
      });
    }
  });
}
