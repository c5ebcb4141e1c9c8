// Every state of the popup as a visitor meets it: no fault that axe-core knows, all of it reachable by keyboard,
// and a picture of it. Pictures go to the folder BACKSOON_PICTURES, where it is set.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { missing, root, until, variant } from './extension.mjs';
import { shop } from './sites.mjs';

const axe = readFileSync(join(root, 'node_modules/axe-core/axe.min.js'), 'utf8');
const pictures = process.env.BACKSOON_PICTURES;

/** Name, path on the shop, the status that shows, and what to do in the popup before it is judged. */
const STATES = [
  ['site-down', '/broken', '502'],
  ['busy', '/retry-after', '503'],
  ['healthy', '/', '200'],
  ['cookies', '/cookies-break', '502'],
  ['missing', '/status/404', '404'],
  ['blocked', '/status/403', '403'],
  ['limited', '/status/429', '429'],
  ['network-error', '/reset', ''],
  ['empty-page', '/empty/502', '502'],
  ['form', '/form', '502'],
  ['counting', '/broken', '502', async (popup) => { await popup.click('#primary'); await popup.waitForSelector('#primary[data-counting]'); }],
  ['asking-to-clear', '/', '200', async (popup) => { await popup.click('#clear'); await popup.waitForSelector('#confirm:not([hidden])'); }],
  ['site-says', '/told', '502', async (popup) => { await popup.click('#owner-said > summary'); await popup.waitForSelector('#owner-said[open]'); }],
  ['edge-answers', '/edge', '502'],
  ['more', '/broken', '502', async (popup) => { await popup.click('#more > summary'); await popup.waitForSelector('#more[open]'); }],
  ['tracker', '/broken', '502', async (popup) => { await popup.click('#act-tracker summary'); await popup.waitForSelector('#act-tracker details[open]'); }],
  ['network-steps', '/guard', '403', async (popup) => { await popup.click('#act-network summary'); await popup.click('#check-network'); await popup.waitForFunction(() => /403/.test(document.querySelector('#check-network-said').textContent)); }],
  ['details', '/broken', '502', async (popup) => { await popup.click('#details > summary'); await popup.waitForSelector('#details[open]'); }],
];

/** Name, whether it is dark, and the language. */
const LOOKS = [['light', false, null], ['dark', true, null], ['arabic', false, 'ar']];

export function looks(start) {
  describe('looks', { skip: missing(start) }, () => {
    let driver, site;
    before(async () => {
      [driver, site] = [await start(variant({ hosts: ['*://*/*'] })), await shop()];
      site.say.set('/broken', (request, response, send) => send(502,
        '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>\r\n',
        { server: 'nginx/1.22.1' }));
      const down = '<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center><hr><center>nginx</center></body></html>';
      site.say.set('/told', (request, response, send) => send(502, down, { link: '</status-document>; rel="status", <https://status.shop.example.com/>; rel="status"' }));
      site.say.set('/status-document', (request, response, send) => send(200, JSON.stringify({
        message: 'We are replacing a disk in our store room. Orders that you placed before noon are safe.',
        eta: new Date(Date.now() + 5400e3).toISOString(), contact: 'help@shop.example.com',
      }), { 'content-type': 'application/json' }));
      site.say.set('/edge', (request, response, send) => send(502, down, { 'cf-ray': '8c1d2e3f4a5b6c7d-FRA', server: 'cloudflare' }));
      site.say.set('/cdn-cgi/trace', (request, response, send) => send(200, `fl=1f2\nh=${request.headers.host.split(':')[0]}\ncolo=FRA\n`, { 'content-type': 'text/plain' }));
      site.say.set('/guard', (request, response, send) => send(403, 'error code: 1020', { server: 'cloudflare', 'content-type': 'text/plain' }));
    });
    after(async () => { await driver?.close(); site?.close(); });

    // A name that may be known outside: only of such are trackers and archives told.
    const host = 'shop.example.com';
    for (const [name, path, expected, act] of STATES) {
      for (const [look, dark, lang] of LOOKS) {
        test(`${name}, ${look}`, async () => {
          await driver.api((lang) => chrome.storage.local.set({ settings: { off: false, quiet: [], lang } }), lang);
          const page = await driver.browser.newPage();
          if (path === '/cookies-break') await driver.visit(page, site.at('/leave', host));
          await driver.visit(page, site.at(path, host));
          if (path === '/form') {
            await page.click('button');
            await until(async () => (await driver.badge(page)) === '502', 'the form to be answered');
          }
          const popup = await driver.photo(page, dark);
          await until(() => popup.evaluate((text) => document.querySelector('#status').textContent === text, expected), `the status ${expected || 'to be absent'}`);
          await act?.(popup);
          const found = await popup.evaluate(`${axe}; axe.run(document, { resultTypes: ['violations'] })
            .then(({ violations }) => violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.html + ' ' + n.failureSummary).join('; ')))`);
          assert.deepEqual(found, []);
          const lost = await popup.evaluate(() => {
            const can = [...document.querySelectorAll('button, summary')].filter((e) => e.checkVisibility());
            return can.filter((e) => e.tabIndex < 0 || !(e.textContent.trim() || e.ariaLabel)).map((e) => e.id);
          });
          assert.deepEqual(lost, [], 'every control has a name and can be reached');
          const squashed = await popup.evaluate(() => [...document.querySelectorAll('li span, li small')]
            .filter((e) => e.checkVisibility() && e.textContent.length > 3 && e.getBoundingClientRect().width < 24).map((e) => e.textContent));
          assert.deepEqual(squashed, [], 'words have room');
          assert.ok(await popup.evaluate(() => document.body.scrollWidth <= 392), 'nothing sticks out');
          if (pictures) {
            mkdirSync(pictures, { recursive: true });
            // From right to left the body stands at the right of a window that has a scroll bar.
            const [x, y, bottom] = await popup.evaluate(() => {
              // A popup is 600 px high at most; what was opened further down is scrolled to.
              [...document.querySelectorAll('#help details[open], #details[open]')].at(-1)?.scrollIntoView();
              const box = document.body.getBoundingClientRect();
              return [box.left, Math.round(scrollY), Math.ceil(box.bottom + scrollY)];
            });
            const height = driver.name === 'chromium' ? Math.min(600, bottom - y) : bottom - y;
            await popup.screenshot({ path: join(pictures, `${driver.name}-${name}-${look}.png`), clip: { x, y, width: 360, height } });
          }
          await popup.close();
          await page.close();
        });
      }
    }
  });
}
