// What the popup offers and what becomes of each: once where it is offered and does what it says, once where it must
// not be. Third parties are links: nothing is asked of them before a visitor opens one.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { missing, until, variant } from './extension.mjs';
import { at, over, shown } from './extension-steps.mjs';
import { shop } from './sites.mjs';

/** A name that trackers could know; it leads to this machine. */
const HOST = 'shop.example.com';
const DOWN = '<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center><hr><center>nginx/1.22.1</center></body></html>';

const listed = (popup, list) => popup.value(`[...d.querySelectorAll('#${list} > li')].filter((li) => !li.hidden).map((li) => li.id.replace('act-', '')).join(' ')`);
const note = (popup) => popup.value(`d.querySelector('#note').textContent`);
const links = (popup, act) => popup.value(`[...d.querySelectorAll('#act-${act} a')].map((a) => a.href).join(' ')`);
const unfold = (popup, act) => popup.value(`(d.querySelector('#more').open = true, d.querySelector('#act-${act} details').open = true)`);
const words = (popup, act) => popup.value(`d.querySelector('#act-${act}').textContent.replace(/\\s+/g, ' ')`);

export function actions(start) {
  describe('actions', { skip: missing(start) }, () => {
    let driver, site;
    before(async () => {
      [driver, site] = [await start(variant({ hosts: ['*://*/*'] })), await shop()];
      site.say.set('/down', (request, response, send) => send(502, DOWN, { server: 'nginx/1.22.1' }));
    });
    after(async () => { await driver?.close(); site?.close(); });

    test('one leads, three stand beside it, the rest is under More; each says why', async () => {
      await at(driver, site.at('/down?token=1', HOST), (page) => over(driver, page, async (popup) => {
        assert.ok(await shown(popup, '#primary'));
        assert.equal(await listed(popup, 'best'), 'tell status-page tracker');
        assert.equal(await listed(popup, 'rest'), 'archive past-cache watch');
        assert.ok(await shown(popup, '#tell') && !await shown(popup, '#past-cache'));
        await popup.click('#more > summary');
        assert.ok(await shown(popup, '#past-cache'));
        const bare = await popup.value(`[...d.querySelectorAll('#help li[id]')].filter((li) => !li.hidden && li.querySelector('small').textContent.length < 10).map((li) => li.id).join()`);
        assert.equal(bare, '');
        assert.ok(await shown(popup, '#folklore'), 'what will not help stays');
      }));
    });

    test('there is no More with nothing under it', async () => {
      await at(driver, site.at('/', HOST), (page) => over(driver, page, async (popup) => {
        assert.equal(await listed(popup, 'best'), 'clear past-cache watch');
        assert.ok(!await shown(popup, '#more'));
      }));
    });

    test('third parties are links that name what they learn, and learn nothing before they are opened', async () => {
      const before = site.asked.length;
      await at(driver, site.at('/down?token=1#part', HOST), (page) => over(driver, page, async (popup) => {
        await unfold(popup, 'tracker');
        await unfold(popup, 'archive');
        assert.equal(await links(popup, 'tracker'), `https://downforeveryoneorjustme.com/${HOST} https://downdetector.com/search/?q=${HOST}`);
        assert.equal(await links(popup, 'archive'), `https://web.archive.org/web/2/http://${HOST}:${site.port}/down`);
        assert.match(await words(popup, 'archive'), /web\.archive\.org learns the address of this page, without what follows a question mark, and the address of your network/);
        assert.match(await words(popup, 'tracker'), /learns the name of this site and the address of your network/);
        const asked = await popup.value(`[...w.performance.getEntriesByType('resource')].map((e) => e.name).join(' ')`);
        assert.ok(asked.split(' ').filter((name) => /^https?:/.test(name)).every((name) => new URL(name).hostname === HOST), asked);
      }));
      assert.ok(site.asked.slice(before).every((a) => a.host === HOST));
    });

    test('a host of one\'s own network is told to nobody', async () => {
      await at(driver, site.at('/down', 'shop.test'), (page) => over(driver, page, async (popup) => {
        assert.ok(!await shown(popup, '#act-tracker') && !/archive|tracker/.test(`${await listed(popup, 'best')} ${await listed(popup, 'rest')}`));
      }));
    });

    test('a link opens beside the popup', { skip: start.name === 'startFirefox' && 'its panel is no page to click a link in' }, async () => {
      site.say.set('/named', (request, response, send) => send(502, DOWN, { link: `<https://${HOST}:1/status>; rel="status"` }));
      await at(driver, site.at('/named', HOST), (page) => over(driver, page, async (popup) => {
        await unfold(popup, 'status-page');
        assert.match(await words(popup, 'status-page'), new RegExp(`Status page on ${HOST}:1`));
        // The popup closes under the click.
        await popup.click('#act-status-page a').catch(() => {});
        await until(() => driver.browser.targets().some((target) => target.url().includes(`${HOST}:1`) || target.url().startsWith('chrome-error')), 'the tab');
      }));
      for (const page of await driver.browser.pages()) if (/:1\/|chrome-error/.test(page.url())) await driver.shut(page);
    });

    test('a private window: opened, or said how', async () => {
      // What a service worker answers, a window without one may have fresh.
      await at(driver, site.at('/with-worker', 'localhost'), (page) => page.waitForSelector('html[data-worker=ready]'));
      await at(driver, site.at('/from-worker', 'localhost'), (page) => over(driver, page, async (popup) => {
        assert.match(await listed(popup, 'best'), /private/);
        const asked = () => site.asked.filter((a) => a.path === '/from-worker' && a.cacheControl !== 'no-cache').length;
        const before = asked();
        await popup.click('#private');
        if (driver.name === 'chromium') {
          await until(() => asked() > before, 'the private window to ask for the page');
        } else {
          await until(async () => /open a private window from its menu.*The link is copied/.test(await note(popup)), 'the instructions');
          assert.equal(await driver.inWindow('navigator.clipboard.readText()'), site.at('/from-worker', 'localhost'));
        }
      }));
      if (driver.name === 'chromium') {
        for (const context of driver.browser.browserContexts().slice(1)) for (const page of await context.pages()) await driver.shut(page);
      }
    });

    test('the site\'s own copy is offered where the site tells of one', async () => {
      site.say.set('/kept', (request, response, send) => (request.headers.cookie
        ? send(502, DOWN) : send(200, 'copy', { 'cache-status': 'backsoon; fwd=stale; fwd-status=502' })));
      await at(driver, site.at('/leave', 'shop.test'), () => {});
      await at(driver, site.at('/kept', 'shop.test'), (page) => over(driver, page, async (popup) => {
        assert.match(await listed(popup, 'best'), /^private/);
        assert.match(await words(popup, 'private'), /Read the site's own copy/);
      }));
      site.say.set('/copy', (request, response, send) => send(200, 'copy', { 'cache-status': 'backsoon; fwd=stale; fwd-status=502' }));
      await at(driver, site.at('/copy', 'shop.test'), (page) => over(driver, page, async (popup) => {
        assert.match(await popup.value(`d.querySelector('#reason').textContent`), /a copy that the site keeps/);
      }));
      await at(driver, site.at('/', 'shop.test'), (page) => over(driver, page, async (popup) => {
        assert.doesNotMatch(await popup.value(`d.querySelector('#reason').textContent`), /copy/);
      }));
    });

    test('after another network: asked again without cookies, and said whether it helped', async () => {
      let up = false;
      site.say.set('/guard', (request, response, send) => (up ? send(200) : send(403, 'error code: 1020', { server: 'cloudflare', 'content-type': 'text/plain' })));
      await at(driver, site.at('/leave', 'shop.test'), () => {});
      await at(driver, site.at('/guard', 'shop.test'), (page) => over(driver, page, async (popup) => {
        await unfold(popup, 'network');
        assert.match(await words(popup, 'network'), /Change to another network/);
        const said = () => popup.value(`d.querySelector('#check-network-said').textContent`);
        await popup.click('#check-network');
        await until(async () => /No change: the site still answers with 403/.test(await said()), 'the first outcome');
        up = true;
        await popup.click('#check-network');
        await until(async () => /It helped/.test(await said()), 'the second outcome');
      }));
      assert.equal(site.last('/guard').cookie, undefined);
    });

    test('no network step where the site is at fault', async () => {
      await at(driver, site.at('/down', HOST), (page) => over(driver, page, async (popup) => {
        assert.ok(await popup.value(`d.querySelector('#act-network').hidden && d.querySelector('#act-proxy').hidden`));
      }));
    });

    test('the owner: a contact where the site tells one, else the report', async () => {
      site.say.set('/gone', (request, response, send) => send(404, '<h1>Not Found</h1>'));
      await at(driver, site.at('/gone', 'shop.test'), (page) => over(driver, page, async (popup) => {
        await unfold(popup, 'contact');
        assert.match(await words(popup, 'contact'), /names no contact/);
        assert.equal(await links(popup, 'contact'), '');
      }));
      site.say.set('/gone', (request, response, send) => send(404, '<h1>Not Found</h1>', { link: '<mailto:help@shop.example.com>; rel="help"' }));
      await at(driver, site.at('/gone', 'shop.test'), (page) => over(driver, page, async (popup) => {
        assert.equal(await links(popup, 'contact'), 'mailto:help@shop.example.com');
      }));
    });
  });
}
