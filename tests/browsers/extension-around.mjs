// What the popup learns beyond the response: the site's own words, the CDN's edge, the visitor's own network. Each
// once where it is there, and once where it must not be believed, asked for or shown.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { missing, until, variant } from './extension.mjs';
import { at, headline, over, row, shown } from './extension-steps.mjs';
import { shop } from './sites.mjs';

const STATUS = '/.well-known/status';
const owner = (popup) => popup.value(`[d.querySelector('#owner-none'), d.querySelector('#owner-said')].filter((e) => e.checkVisibility()).map((e) => e.textContent.replace(/\\s+/g, ' ').trim()).join('')`);
const why = (popup, remedy) => popup.value(`[...d.querySelectorAll('[data-remedy="${remedy}"]')].map((e) => e.closest('section').id + ': ' + e.textContent).join()`);
const json = { 'content-type': 'application/json' };
const TRACE = (host) => `fl=123f45\nh=${host}\nip=192.0.2.7\nts=1795367045.1\nvisit_scheme=http\ncolo=FRA\n`;

export function beyond(start) {
  describe('beyond the response, as shipped', { skip: missing(start) }, () => {
    let driver, site;
    before(async () => { [driver, site] = [await start(), await shop()]; });
    after(async () => { await driver?.close(); site?.close(); });

    // Firefox asks from within the page, which a policy without `connect-src` forbids; Chromium from the popup.
    const policy = `default-src 'none'${start.name === 'startFirefox' ? "; connect-src 'self'" : ''}`;
    const times = (path) => site.asked.filter((a) => a.path === path).length;
    /** A page that failed, which names a status document. */
    const failing = (path, link, more = {}) => site.say.set(path, (request, response, send) =>
      send(502, '<title>502 Bad Gateway</title><h1>502 Bad Gateway</h1>', { link, 'content-security-policy': policy, ...more }));

    test('the status document of the site: its words, its time, its links, as text only', async () => {
      failing('/told', `<${STATUS}>; rel="status", <https://status.shop.example.com/>; rel="status"`);
      site.say.set(STATUS, (request, response, send) => send(200, JSON.stringify({
        state: 'down', message: '<img src=x onerror=alert(1)> We swap a disk.\u202e', eta: new Date(Date.now() + 3600e3).toISOString(),
        reference: 'a1', status_page: 'javascript:alert(1)', contact: 'help@shop.example.com',
      }), json));
      await at(driver, site.at('/leave'), () => {});
      await at(driver, site.at('/told'), (page) => over(driver, page, async (popup) => {
        assert.match(await owner(popup), /^The site says <img src=x onerror=alert\(1\)> We swap a disk\./);
        assert.equal(await popup.value(`d.querySelectorAll('#owner img').length`), 0);
        assert.match(await popup.value(`d.querySelector('#owner-time').textContent`), /Expected back: .*\d/);
        assert.equal(await popup.value(`d.querySelector('#owner-words').getAttribute('dir')`), 'auto');
        const links = await popup.value(`[...d.querySelectorAll('#owner a')].map((a) => a.href + ' ' + a.textContent + ' ' + a.rel).join('\\n')`);
        assert.equal(links, 'https://status.shop.example.com/ Status page on status.shop.example.com noopener noreferrer\n'
          + 'mailto:help@shop.example.com Contact: help@shop.example.com noopener noreferrer');
        assert.equal(await row(popup, 'site-reference'), 'a1');
        const report = await popup.copied();
        assert.match(report, /We swap a disk/);
        assert.match(report, /"contact": "help@shop.example.com"/);
      }));
      assert.equal(times(STATUS), 1);
      assert.equal(site.last(STATUS).cookie, undefined);
    });

    test('nothing moves when the words come', async () => {
      failing('/slow-words', `<${STATUS}>; rel=status`);
      let answer;
      site.say.set(STATUS, (request, response, send) => { answer = () => send(200, JSON.stringify({ message: 'We swap a disk.' }), json); });
      const places = (popup) => popup.value(`['verdict', 'places', 'owner', 'actions', 'folklore', 'details'].map((id) => {
        const box = d.getElementById(id).getBoundingClientRect();
        return id + ' ' + Math.round(box.top) + ' ' + Math.round(box.height);
      }).join(', ')`);
      await at(driver, site.at('/slow-words'), (page) => over(driver, page, async (popup) => {
        await until(() => answer, 'the status document to be asked for');
        const before = await places(popup);
        answer();
        await until(() => popup.value('d.documentElement.dataset.settled'), 'the popup to settle');
        assert.match(await owner(popup), /We swap a disk/);
        assert.equal(await places(popup), before);
      }, { ready: 'ready' }));
    });

    test('a document that is too long, leads away or is elsewhere says nothing', async () => {
      const other = await shop();
      try {
        const words = JSON.stringify({ message: 'not to be shown' });
        const cases = {
          long: [STATUS, (request, response, send) => send(200, JSON.stringify({ message: 'x', more: 'y'.repeat(17_000) }), json)],
          away: [STATUS, (request, response) => { response.writeHead(302, { location: other.at(STATUS) }); response.end(); }],
          elsewhere: [other.at(STATUS), undefined],
          failed: [STATUS, (request, response, send) => send(503, words, json)],
        };
        other.say.set(STATUS, (request, response, send) => send(200, words, { ...json, 'access-control-allow-origin': '*' }));
        for (const [name, [target, say]] of Object.entries(cases)) {
          failing(`/${name}`, `<${target}>; rel=status`);
          if (say) site.say.set(STATUS, say);
          await at(driver, site.at(`/${name}`), (page) => over(driver, page, async (popup) => {
            assert.match(await owner(popup), /says nothing/, name);
          }));
        }
        assert.equal(other.asked.length, 0, 'no other origin is asked');
      } finally {
        other.close();
      }
    });

    test('a page that works is not asked for anything', async () => {
      site.say.set('/fine', (request, response, send) => send(200, 'fine', { link: `<${STATUS}>; rel=status`, 'cf-ray': '1-FRA' }));
      const before = [times(STATUS), times('/cdn-cgi/trace')];
      await at(driver, site.at('/fine'), (page) => over(driver, page, async (popup) => assert.ok(!await shown(popup, '#owner'))));
      assert.deepEqual([times(STATUS), times('/cdn-cgi/trace')], before);
    });

    test('problem details in the failing answer are the site\'s own words', async () => {
      site.say.set('/problem', (request, response, send) => send(503, JSON.stringify({ type: 'about:blank', title: 'Closed', detail: 'The store room floods.' }),
        { 'content-type': 'application/problem+json' }));
      await at(driver, site.at('/problem'), (page) => over(driver, page, async (popup) => {
        // Firefox shows JSON on a page of its own, which lets nobody in.
        if (driver.name === 'firefox') assert.doesNotMatch(await owner(popup), /floods/);
        else assert.match(await owner(popup), /The site says The store room floods\./);
      }));
    });

    test('an edge that answers: the line is fine, no other network helps', async () => {
      for (const path of ['/edge', '/no-edge']) failing(path, '', { 'cf-ray': '8c1d2e3f4a5b6c7d-FRA', server: 'cloudflare' });
      site.say.set('/cdn-cgi/trace', (request, response, send) => send(200, TRACE('127.0.0.1'), { 'content-type': 'text/plain' }));
      await at(driver, site.at('/edge'), (page) => over(driver, page, async (popup) => {
        assert.match(await headline(popup), /Your line is fine/);
        assert.match(await why(popup, 'switch_network'), /^folklore: .*No other line gets further/);
        assert.equal(await row(popup, 'reference'), '8c1d2e3f4a5b6c7d-FRA');
        const report = await popup.copied();
        assert.match(report, /"edge_reachable": true/);
        assert.match(report, /edge answers/);
        assert.ok(!report.includes('192.0.2.7'), 'the visitor\'s own address stays at home');
      }));
      assert.equal(site.last('/cdn-cgi/trace').cookie, undefined);
      // A site that answers every path is no edge.
      site.say.set('/cdn-cgi/trace', (request, response, send) => send(200));
      await at(driver, site.at('/no-edge'), (page) => over(driver, page, async (popup) => assert.doesNotMatch(await headline(popup), /Your line is fine/)));
    });

    test('without the mark of a CDN no edge is asked', async () => {
      const before = times('/cdn-cgi/trace');
      await at(driver, site.at('/status/502'), (page) => over(driver, page, async (popup) => assert.doesNotMatch(await headline(popup), /Your line is fine/)));
      assert.equal(times('/cdn-cgi/trace'), before);
    });
  });
}

/** The visitor's own network: what a device and Firefox say of it. */
export function network(start) {
  const dir = variant({ hosts: ['*://*/*'] });
  const firefox = start.name === 'startFirefox';

  describe('the visitor\'s own network', { skip: missing(start) }, () => {
    test('offline: says so, and blames no site', async () => {
      const [driver, site] = [await start(dir), await shop()];
      try {
        const page = await driver.browser.newPage();
        await driver.visit(page, site.at('/', 'shop.test'));
        // An address for documents (RFC 5737): Firefox reaches this machine even when offline.
        const popup = await driver.offline(page, 'http://192.0.2.1/');
        await until(async () => /Your device cannot reach/.test(await headline(popup)), 'the verdict');
        assert.match(await why(popup, 'switch_network'), /says that it has no connection/);
        assert.ok(await row(popup, 'network'));
      } finally {
        await driver.close();
        site.close();
      }
    });

    test('a log-in page of the network, and a network without one', { skip: !firefox && 'only Firefox tells' }, async () => {
      const site = await shop();
      const portal = createServer((request, response) => response.end('log in first')).listen(0, '127.0.0.1');
      await until(() => portal.address(), 'the portal');
      const prefs = (found) => ({
        'network.captive-portal-service.enabled': true, 'captivedetect.canonicalURL': `http://127.0.0.1:${portal.address().port}/`,
        'captivedetect.canonicalContent': found ? 'success' : 'log in first', 'network.captive-portal-service.testMode': true,
      });
      const service = `Cc['@mozilla.org/network/captive-portal-service;1'].getService(Ci.nsICaptivePortalService)`;
      try {
        for (const found of [true, false]) {
          const driver = await start(dir, prefs(found));
          try {
            await driver.inWindow(`${service}.recheckCaptivePortal()`);
            await until(() => driver.inWindow(`${service}.state === Ci.nsICaptivePortalService.${found ? 'LOCKED_PORTAL' : 'NOT_CAPTIVE'}`), 'the state of the network');
            await at(driver, site.at('/status/502'), (page) => over(driver, page, async (popup) => {
              assert.equal(/Your device cannot reach/.test(await headline(popup)), found);
              assert.equal(/log in on its own page/.test(await why(popup, 'switch_network')), found);
              assert.match(await popup.copied(), new RegExp(`"captive_portal": ${found}`));
            }));
          } finally {
            await driver.close();
          }
        }
      } finally {
        portal.close();
        site.close();
      }
    });

    test('through a proxy: named where a guard may dislike it, not where the site is down', { skip: !firefox && 'only Firefox tells' }, async () => {
      const site = await shop();
      site.say.set('/guarded', (request, response, send) => send(403, 'error code: 1020', { server: 'cloudflare', 'content-type': 'text/plain' }));
      const driver = await start(dir, { 'network.proxy.type': 1, 'network.proxy.http': '127.0.0.1', 'network.proxy.http_port': site.port });
      try {
        await at(driver, 'http://shop.test/guarded', (page) => over(driver, page, async (popup) => {
          assert.match(await why(popup, 'proxy_off'), /Turn off your VPN or proxy/);
          assert.match(await popup.copied(), /"proxied": true/);
        }));
        await at(driver, 'http://shop.test/status/502', (page) => over(driver, page, async (popup) => assert.equal(await why(popup, 'proxy_off'), '')));
      } finally {
        await driver.close();
        site.close();
      }
    });
  });
}
