// What a hostile site can do to the extension with its answers: large bodies, and words that are more than words.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { missing, until, variant } from './extension.mjs';
import { at, consent, fault, over, ring, row, waitFor } from './extension-steps.mjs';
import { shop } from './sites.mjs';

const MB = 1e6;
const failed = '<title>502 Bad Gateway</title><h1>502 Bad Gateway</h1>';

/** Memory of the extension's processes of a Chromium, in MB: its processes are one group. */
function memory(driver) {
  const pages = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid)).map((pid) => {
    try {
      const group = Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')[2]);
      const own = group === driver.browser.process().pid && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--extension-process');
      return own ? Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) : 0;
    } catch {
      return 0;
    }
  });
  return pages.reduce((sum, n) => sum + n, 0) * 4096 / MB;
}

export function foreign(start) {
  describe('answers of a hostile site', { skip: missing(start) }, () => {
    let driver, site;
    const dir = start.name === 'startFirefox' ? undefined : variant({ hosts: ['*://*/*'], permissions: ['notifications'] });
    before(async () => { [driver, site] = [await start(dir), await shop()]; });
    after(async () => { await driver?.close(); site?.close(); });

    /** A page that fails, and gets 200 MB longer when it is asked for again. Tells what was sent. */
    function grows(path) {
      const state = { sent: 0, closed: false, times: 0 };
      site.say.set(path, (request, response, send) => {
        if ((state.times += 1) === 1) return send(502, failed);
        response.writeHead(502, { 'content-type': 'text/html' });
        const part = Buffer.alloc(MB / 4, 'a');
        const more = () => {
          while (!response.destroyed && state.sent < 200 * MB) {
            state.sent += part.length;
            if (!response.write(part)) return;
          }
          if (!response.destroyed) response.end();
        };
        response.on('drain', more).on('close', () => { state.closed = true; });
        more();
      });
      return state;
    }

    test('the popup reads the start of a large body and closes the connection', async () => {
      const state = grows('/large');
      await at(driver, site.at('/large'), (page) => over(driver, page, async (popup) => {
        assert.equal(await fault(popup), 'site');
        assert.match(await row(popup, 'status'), /^502/);
        await until(() => state.closed, 'the connection to be closed');
        assert.ok(state.sent < 50 * MB, `${state.sent / MB} MB were sent`);
      }));
    });

    test('the background reads the head of a large answer alone', async () => {
      const url = site.at('/large-poll');
      const state = grows('/large-poll');
      await at(driver, site.at('/status/503'), (page) => over(driver, page, async (popup) => {
        await popup.click('#tell');
        await until(async () => /Stop waiting/.test(await popup.value(`d.querySelector('#tell').textContent`)), 'the grant');
      }));
      const { id } = (await driver.api(() => chrome.tabs.query({})))[0];
      await consent(driver, id, url);
      await until(() => waitFor(driver, url), 'the wait');
      state.times = 1;
      await ring(driver, url);
      await until(async () => (await waitFor(driver, url))?.tries === 1, 'the try');
      await until(() => state.closed, 'the connection to be closed');
      assert.ok(state.sent < 50 * MB, `${state.sent / MB} MB were sent`);
    });

    test('a body that unpacks large costs no memory', { skip: start.name === 'startFirefox' && 'its processes are not told apart' }, async () => {
      const bomb = gzipSync(Buffer.alloc(300 * MB, 'a'));
      let times = 0;
      site.say.set('/bomb', (request, response, send) => ((times += 1) === 1 ? send(502, failed) : send(502, bomb, { 'content-encoding': 'gzip' })));
      await at(driver, site.at('/status/504'), (page) => over(driver, page, () => {}));
      await at(driver, site.at('/bomb'), async (page) => {
        const [idle, from] = [memory(driver), Date.now()];
        let peak = idle;
        const watch = setInterval(() => { peak = Math.max(peak, memory(driver)); }, 50);
        try {
          await over(driver, page, async (popup) => assert.equal(await fault(popup), 'site'));
        } finally {
          clearInterval(watch);
        }
        assert.ok(idle > 10, 'the processes were found');
        assert.ok(peak - idle < 150, `${idle} MB became ${peak} MB in ${Date.now() - from} ms`);
      });
    });

    test('a large page is looked at as far as the limit', async () => {
      const words = `${failed}<p title="a&quot;b">a &amp; b</p><form><input name="parentNode"><input name="attributes"></form>`;
      site.say.set('/large-page', (request, response, send) => send(502, site.asked.filter((a) => a.path === '/large-page').length === 1 ? `${words}${'<p>a</p>'.repeat(1e5)}` : ''));
      await at(driver, site.at('/large-page'), (page) => over(driver, page, async (popup) => {
        assert.equal(await fault(popup), 'site');
        const report = await popup.copied();
        const { body_utf8: body } = JSON.parse(report.match(/```json\n([\s\S]*)\n```/)[1]).response;
        assert.ok(body.startsWith('<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1><p title="a&quot;b">a &amp; b</p><form><input name="parentNode"><input name="attributes"></form><p>a</p>'), body.slice(0, 300));
        assert.ok(body.length <= 65536 && body.length > 65000, `${body.length}`);
      }));
    });

    test('foreign words lose what nobody sees and what covers others', async () => {
      site.say.set('/words', (request, response, send) => send(502, failed, { link: '</words.json>; rel="status"', 'x-request-id': 'r-1' }));
      site.say.set('/words.json', (request, response, send) => send(200, JSON.stringify({
        message: `Your ac\u200bcount\u200d z${'\u0301'.repeat(10)} \u2066x\u2069 \u{e0041}a\ufe0f y${'\u0300\u0301\u0302\u0303'.repeat(5)}`,
        reference: 'a\u200b1\u{e0100}',
      }), { 'content-type': 'application/json' }));
      await at(driver, site.at('/words'), (page) => over(driver, page, async (popup) => {
        assert.equal(await popup.value(`d.querySelector('#owner-words').textContent`), 'Your account z\u0301 x a y\u0300\u0301');
        assert.equal(await row(popup, 'site-reference'), 'a1');
        assert.doesNotMatch(await popup.value('d.body.textContent'), /[\u200b\u200d\u2066\u2069\ufe0f]|\p{M}{3}|[\u{e0000}-\u{e0fff}]/u);
      }));
    });
  });
}
