// What the extension does in a real browser: the same cases for Chromium and Firefox, which differ where
// `driver.name` says so. No case waits for time to pass; each waits for what it is about.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { missing, until, variant } from './extension.mjs';
import { at, fault, headline, over, ring, row, shown, state, waitFor } from './extension-steps.mjs';
import { shop } from './sites.mjs';

export function onDemand(start) {
  describe('on demand, as shipped, without access to any site', { skip: missing(start) }, () => {
    let driver, site;
    before(async () => { [driver, site] = [await start(), await shop()]; });
    after(async () => { await driver?.close(); site?.close(); });

    test('a click finds the status of a page that failed', async () => {
      for (const status of [500, 502, 503, 504, 522]) {
        await at(driver, site.at(`/status/${status}`), (page) => over(driver, page, async (popup) => {
          assert.match(await row(popup, 'status'), new RegExp(`^${status}`));
          assert.notEqual(await fault(popup), 'none');
          assert.ok(await shown(popup, '#now'));
        }));
      }
    });

    test('a healthy page is called so, and the popup is still of use', async () => {
      await at(driver, site.at('/'), (page) => over(driver, page, async (popup) => {
        assert.equal(await fault(popup), 'none');
        assert.equal(await state(popup), 'fine fine fine');
        assert.ok(await shown(popup, '#now') && await shown(popup, '#past-cache') && await shown(popup, '#clear'));
        assert.ok(!await shown(popup, '#primary'), 'nothing to wait for');
      }));
      assert.equal(site.asked.filter((a) => a.path === '/').length, 1, 'a healthy site is not asked again');
    });

    test('a page that failed is asked once more, without cookies and past the cache', async () => {
      await at(driver, site.at('/leave'), () => {});
      await at(driver, site.at('/cookies-break'), (page) => over(driver, page, async (popup) => {
        assert.match(await row(popup, 'status'), /^502/);
        assert.equal(await row(popup, 'cookies'), '200');
        assert.equal(await fault(popup), 'visitor');
        assert.match(await popup.value(`d.querySelector('#primary').textContent`), /Clear this site's data/);
      }));
      const asked = site.asked.filter((a) => a.path === '/cookies-break');
      assert.deepEqual(asked.map((a) => a.cookie), ['own=1', undefined, 'own=1', undefined]);
      assert.ok(asked.slice(1).every((a) => a.cacheControl === 'no-cache'));
    });

    test('a site that came back meanwhile is not one that cookies break', async () => {
      site.say.set('/flaps', (request, response, send) => send(site.asked.filter((a) => a.path === '/flaps').length > 1 ? 200 : 502));
      await at(driver, site.at('/flaps'), (page) => over(driver, page, async (popup) => {
        assert.match(await row(popup, 'status'), /^502/);
        assert.equal(await row(popup, 'cookies'), null);
        assert.match(await popup.value(`d.querySelector('#reason').textContent`), /answered with 200/);
      }));
    });

    test('an error page without a body: says what can be known', async () => {
      await at(driver, site.at('/empty/502'), (page) => over(driver, page, async (popup) => {
        if (driver.name === 'chromium') {
          await until(async () => /^502/.test(await row(popup, 'status')), 'the status');
        } else {
          // Firefox lets nobody in: no status is made up.
          assert.equal(await row(popup, 'status'), null);
          assert.match(await headline(popup), /error page of its own/);
          assert.equal(await state(popup), 'not_known not_known not_known');
        }
        assert.ok(await shown(popup, '#now'));
      }));
    });

    test('a page that a service worker made is found, and named as such', async () => {
      const page = await driver.browser.newPage();
      await driver.visit(page, site.at('/with-worker', 'localhost'));
      await page.waitForSelector('html[data-worker=ready]');
      await driver.visit(page, site.at('/from-worker', 'localhost'));
      await over(driver, page, async (popup) => {
        assert.match(await row(popup, 'status'), /^502/);
        assert.match(await popup.value(`d.querySelector('#reason').textContent`), /helper in your browser/);
      });
      assert.ok(site.asked.filter((a) => a.path === '/from-worker').every((a) => a.cacheControl === 'no-cache'));
      await page.close();
    });

    test('a page out of the browser\'s store is found, and named as such', async (t) => {
      if (driver.name === 'firefox') return t.skip('Firefox does not store a 502');
      const page = await driver.browser.newPage();
      await driver.visit(page, site.at('/cached/502'));
      await driver.visit(page, site.at('/'));
      await driver.visit(page, site.at('/cached/502'));
      assert.equal(site.asked.filter((a) => a.path === '/cached/502').length, 1);
      await over(driver, page, async (popup) => {
        assert.match(await row(popup, 'status'), /^502/);
        assert.match(await popup.value(`d.querySelector('#reason').textContent`), /browser's store/);
        await popup.value(`(d.querySelector('#more').open = true)`);
        await page.evaluate(() => { window.old = true; });
        await popup.click('#past-cache');
        await until(() => site.asked.filter((a) => a.path === '/cached/502').length >= 3, 'the reload past the cache');
        // Chromium forgets to close a tab that is asked to while it loads.
        await page.waitForFunction(() => !window.old && document.readyState === 'complete');
      });
      assert.equal(site.last('/cached/502').cacheControl, 'no-cache');
      await page.close();
    });

    test('a page of the browser itself is not judged', async () => {
      await at(driver, driver.name === 'chromium' ? 'chrome://version/' : 'about:license', (page) => over(driver, page, async (popup) => {
        assert.match(await headline(popup), /page of the browser/);
        assert.ok(!await shown(popup, '#actions'));
      }));
    });

    test('a page that is on its way is not judged, and is when it is there', async () => {
      let answer;
      site.say.set('/slow', (request, response, send) => { answer = () => send(502); });
      const page = await driver.browser.newPage();
      await driver.visit(page, site.at('/'));
      await page.evaluate((url) => { setTimeout(() => { location.href = url; }); }, site.at('/slow'));
      await until(() => site.last('/slow'), 'the request');
      await over(driver, page, async (popup) => {
        assert.match(await headline(popup), /still on its way/);
        answer();
        site.say.set('/slow', (request, response, send) => send(502));
        if (driver.name === 'chromium') {
          await until(async () => /^502/.test(await row(popup, 'status')), 'the verdict');
        } else {
          // Firefox takes the access back when another page comes.
          await until(async () => /once more/.test(await headline(popup)), 'the popup to say so');
        }
      });
      await page.close();
    });

    test('the refresh waits as long as the site asks, can be stopped, and loads the page again', async () => {
      const busy = (seconds) => site.say.set('/back', (request, response, send) => send(503, 'busy', { 'retry-after': `${seconds}` }));
      const times = () => site.asked.filter((a) => a.path === '/back' && a.cacheControl !== 'no-cache').length;
      const primary = (popup) => popup.value(`d.querySelector('#primary span').textContent`);
      busy(90);
      await at(driver, site.at('/back'), async (page) => {
        // Long enough to be stopped in time on the slowest machine.
        await over(driver, page, async (popup) => {
          assert.match(await primary(popup), /in 90 s/);
          await popup.click('#primary');
          await until(async () => /Cancel/.test(await primary(popup)), 'the countdown');
          await popup.click('#primary');
          assert.match(await popup.value(`d.querySelector('#note').textContent`), /not load again by itself/);
          assert.match(await primary(popup), /in 90 s/);
        });
        busy(2);
        await over(driver, page, async (popup) => {
          assert.match(await primary(popup), /in 2 s/);
          const before = times();
          site.say.set('/back', (request, response, send) => send(200));
          await popup.click('#primary');
          await until(() => times() > before, 'the refresh');
          if (driver.name === 'chromium') {
            await until(async () => await fault(popup) === 'none', 'the healthy verdict');
          } else {
            await until(async () => /once more/.test(await headline(popup)), 'the popup to say that it sees no more');
          }
        });
      });
    });

    test('the headline stands even if the wasm cannot start', async () => {
      const dir = variant({ edit: (manifest, dir) => writeFileSync(join(dir, 'core_bg.wasm'), 'no wasm') });
      const broken = await start(dir);
      try {
        await at(broken, site.at('/status/502'), (page) => over(broken, page, async (popup) => {
          assert.match(await headline(popup), /could not be looked at/);
        }, { ready: 'plain' }));
      } finally {
        await broken.close();
      }
    });

    test('without access nothing is marked', async () => {
      await at(driver, site.at('/status/502'), async (page) => {
        await at(driver, site.at('/status/503'), (other) => over(driver, other, async (popup) => {
          assert.match(await row(popup, 'status'), /^503/);
        }));
        assert.equal(await driver.badge(page), '');
      });
    });
  });
}

export function automatic(start) {
  describe('automatic, with access to all sites', { skip: missing(start) }, () => {
    let driver, site;
    // Firefox's own question can be answered by a setting, Chromium's cannot.
    const dir = variant({ hosts: ['*://*/*'], permissions: start.name === 'startFirefox' ? [] : ['browsingData'] });
    before(async () => { [driver, site] = [await start(dir), await shop()]; });
    after(async () => { await driver?.close(); site?.close(); });

    const marked = (page, text) => until(async () => (await driver.badge(page)) === text, `the badge ${text || 'to be empty'}`);
    /** The badge stays empty: judged once the background has handled the page, which a marked tab proves. */
    async function unmarked(page) {
      await at(driver, site.at('/status/502'), (other) => marked(other, '502'));
      assert.equal(await driver.badge(page), '');
    }

    test('failures of sites are marked with their status', async () => {
      for (const status of [500, 502, 503, 504, 520, 522, 524]) {
        await at(driver, site.at(`/status/${status}`), (page) => marked(page, `${status}`));
      }
    });

    test('other answers are not', async () => {
      for (const path of ['/', '/status/404', '/status/403', '/status/429', '/status/501']) {
        await at(driver, site.at(path), unmarked);
      }
    });

    test('an error page without a body is marked, and its status known', async () => {
      await at(driver, site.at('/empty/502'), async (page) => {
        await marked(page, '502');
        await over(driver, page, async (popup) => assert.match(await row(popup, 'status'), /^502/));
      });
    });

    test('a network error is not marked, and kept apart', async () => {
      await at(driver, site.at('/reset'), async (page) => {
        await unmarked(page);
        await over(driver, page, async (popup) => {
          assert.equal(await row(popup, 'status'), null);
          assert.match(await row(popup, 'network'), driver.name === 'chromium' ? /ERR_/ : /NS_ERROR/);
        });
      });
    });

    test('a redirect counts by where it ends', async () => {
      await at(driver, site.at('/to-502'), (page) => marked(page, '502'));
      await at(driver, site.at('/to-200'), unmarked);
    });

    test('going on and going back clears the mark', async () => {
      const page = await driver.browser.newPage();
      await driver.visit(page, site.at('/'));
      await driver.visit(page, site.at('/status/502'));
      await marked(page, '502');
      await page.evaluate(() => { setTimeout(() => history.back()); });
      await marked(page, '');
      await over(driver, page, async (popup) => assert.match(await row(popup, 'status'), /^200/));
      await driver.visit(page, site.at('/status/503'));
      await marked(page, '503');
      await driver.visit(page, site.at('/'));
      await marked(page, '');
      await page.close();
    });

    test('two tabs keep their own marks', async () => {
      await at(driver, site.at('/status/502'), (one) => at(driver, site.at('/status/503'), async (two) => {
        await marked(two, '503');
        await marked(one, '502');
        await marked(two, '503');
      }));
    });

    test('a page that a service worker made is marked', async () => {
      const page = await driver.browser.newPage();
      await driver.visit(page, site.at('/with-worker', 'localhost'));
      await page.waitForSelector('html[data-worker=ready]');
      await driver.visit(page, site.at('/from-worker', 'localhost'));
      await marked(page, '502');
      await page.close();
    });

    test('a stopped background is woken by the next failure', async () => {
      for (let time = 0; time < 3; time += 1) {
        await driver.kill();
        await at(driver, site.at('/status/504'), (page) => marked(page, '504'));
      }
    });

    test('a form is not sent again by a timer', async () => {
      const page = await driver.browser.newPage();
      await driver.visit(page, site.at('/form'));
      await page.click('button');
      await until(() => site.last('/form')?.method === 'POST', 'the form to be sent');
      await marked(page, '502');
      await over(driver, page, async (popup) => {
        assert.ok(await shown(popup, '#warning'));
        assert.ok(!await shown(popup, '#primary'));
      });
      assert.equal(site.asked.filter((a) => a.path === '/form' && a.method === 'POST').length, 1);
      await page.close();
    });

    test('clearing a site\'s data: the site gets no cookie any more, its neighbour does', async () => {
      // Names under .test have no secure context; what is left there are cookies and localStorage.
      const neighbours = ['neighbour.test', 'other.shop.test'];
      for (const host of ['app.shop.test', ...neighbours]) {
        await at(driver, site.at('/leave', host), (page) => page.waitForSelector('html[data-left]'));
      }
      await at(driver, site.at('/show', 'app.shop.test'), async (page) => {
        assert.match(site.last('/show', 'app.shop.test').cookie, /own=1/);
        await over(driver, page, async (popup) => {
          await popup.click('#clear');
          assert.ok(await shown(popup, '#confirm'));
          const scope = await popup.value(`d.querySelector('#confirm').textContent`);
          assert.match(scope, /app\.shop\.test/);
          assert.match(scope, driver.name === 'chromium' ? /same domain/ : /whole domain stay/);
          assert.match(scope, /Passwords and history are not touched/);
          const before = site.asked.length;
          await popup.click('#confirm-yes');
          await until(() => site.asked.slice(before).some((a) => a.path === '/show'), 'the reload');
          await until(async () => /is cleared/.test(await popup.value(`d.querySelector('#note').textContent`)), 'the outcome');
        });
        assert.equal(site.last('/show', 'app.shop.test').cookie, undefined);
        assert.equal(site.last('/show', 'app.shop.test').cacheControl, 'no-cache');
        await page.waitForSelector('html[data-basket=nothing]');
      });
      const kept = async (host) => {
        const basket = await at(driver, site.at('/show', host), (page) => page.$eval('html', (html) => html.dataset.basket));
        return [site.last('/show', host).cookie, basket];
      };
      assert.deepEqual(await kept('neighbour.test'), ['own=1', 'three apples'], 'another domain');
      // What the popup says of each browser: Chrome's cookies go for the whole domain, its storage by origin.
      const sibling = driver.name === 'chromium' ? [undefined, 'three apples'] : ['own=1', 'three apples'];
      assert.deepEqual(await kept('other.shop.test'), sibling, 'another host of the same domain');
    });

    test('keeping the data keeps it', async () => {
      await at(driver, site.at('/leave', 'app.shop.test'), (page) => page.waitForSelector('html[data-left]'));
      await at(driver, site.at('/show', 'app.shop.test'), async (page) => {
        await over(driver, page, async (popup) => {
          await popup.click('#clear');
          await popup.click('#confirm-no');
          assert.ok(!await shown(popup, '#confirm'));
          assert.equal(await popup.value('d.activeElement.id'), 'clear');
        });
        await driver.visit(page, site.at('/show', 'app.shop.test'));
        assert.match(site.last('/show', 'app.shop.test').cookie, /own=1/);
      });
    });
  });
}

export function asking(start) {
  describe('permissions, asked for at the click', { skip: missing(start) }, () => {
    // Chromium's own question cannot be answered by any driver; there, variants of the manifest stand for yes, and
    // one that may ask for nothing, which Chromium refuses by itself, for no.
    if (start.name !== 'startFirefox') {
      const mute = (manifest) => { manifest.optional_permissions = []; manifest.optional_host_permissions = []; };
      return test('no: nothing is cleared, waited for or watched, and the popup says so', async () => {
        const [driver, site] = [await start(variant({ edit: mute })), await shop()];
        try {
          await at(driver, site.at('/leave', 'shop.test'), () => {});
          await at(driver, site.at('/status/502', 'shop.test'), (page) => over(driver, page, async (popup) => {
            const note = () => popup.value(`d.querySelector('#note').textContent`);
            for (const id of ['#tell', '#watch']) {
              await popup.value(`(d.querySelector('#more').open = true, d.querySelector('#note').textContent = '')`);
              await popup.click(id);
              await until(async () => /Nothing was set up/.test(await note()), `the answer to ${id}`);
            }
            assert.match(await popup.value(`d.querySelector('#tell').textContent`), /^Tell me/);
          }));
          await at(driver, site.at('/show', 'shop.test'), (page) => over(driver, page, async (popup) => {
            await popup.click('#clear');
            await popup.click('#confirm-yes');
            await until(async () => /Nothing was cleared/.test(await popup.value(`d.querySelector('#note').textContent`)), 'the answer');
          }));
          const left = () => driver.api(async () => (await chrome.alarms.getAll()).length + Object.keys(await chrome.storage.session.get()).length);
          // What was known of the closed tabs goes by itself.
          await until(async () => await left() === 0, 'nothing to be left');
          await at(driver, site.at('/show', 'shop.test'), () => {});
          assert.match(site.last('/show', 'shop.test').cookie, /own=1/);
        } finally {
          await driver.close();
          site.close();
        }
      });
    }

    test('yes: the site is watched from then on, until the visitor stops it', async () => {
      const [driver, site] = [await start(), await shop()];
      try {
        const page = await driver.browser.newPage();
        await driver.visit(page, site.at('/status/502'));
        assert.equal(await driver.badge(page), '');
        await over(driver, page, async (popup) => {
          await popup.value(`(d.querySelector('#more').open = true)`);
          await popup.click('#watch');
          await until(async () => /Stop showing/.test(await popup.value(`d.querySelector('#watch').textContent`)), 'the grant');
        });
        await driver.visit(page, site.at('/status/503'));
        await until(async () => (await driver.badge(page)) === '503', 'the badge');
        await driver.visit(page, site.at('/status/502', 'neighbour.test'));
        await driver.visit(page, site.at('/status/504'));
        await until(async () => (await driver.badge(page)) === '504', 'the badge');
        await over(driver, page, async (popup) => {
          await popup.value(`(d.querySelector('#more').open = true)`);
          await popup.click('#watch');
          await until(async () => /Show errors of this site/.test(await popup.value(`d.querySelector('#watch').textContent`)), 'the end of it');
        });
        await driver.visit(page, site.at('/status/500'));
        await over(driver, page, async (popup) => assert.match(await row(popup, 'status'), /^500/));
        assert.equal(await driver.badge(page), '');
      } finally {
        await driver.close();
        site.close();
      }
    });

    test('no: nothing is cleared, and the popup says so', async () => {
      const [driver, site] = [await start(undefined, { 'extensions.webextOptionalPermissionPrompts': true }), await shop()];
      try {
        const page = await driver.browser.newPage();
        await driver.visit(page, site.at('/leave', 'shop.test'));
        await driver.visit(page, site.at('/show', 'shop.test'));
        await over(driver, page, async (popup) => {
          await popup.click('#clear');
          await popup.click('#confirm-yes');
          const question = `document.querySelector('#addon-webext-permissions-notification')`;
          await until(() => driver.inWindow(`!!${question}?.checkVisibility()`), 'the question of the browser');
          await driver.inWindow(`${question}.secondaryButton.click()`);
        });
        await over(driver, page, async (popup) => {
          assert.ok(!/is cleared/.test(await popup.value(`d.querySelector('#note').textContent`)));
        });
        await driver.visit(page, site.at('/show', 'shop.test'));
        assert.match(site.last('/show', 'shop.test').cookie, /own=1/);
      } finally {
        await driver.close();
        site.close();
      }
    });
  });
}

export function waiting(start) {
  describe('telling when a site is back', { skip: missing(start) }, () => {
    let driver, site;
    const dir = start.name === 'startFirefox' ? undefined : variant({ hosts: ['*://*/*'], permissions: ['notifications'] });
    before(async () => { [driver, site] = [await start(dir), await shop()]; });
    after(async () => { await driver?.close(); site?.close(); });

    const kept = (url) => waitFor(driver, url);
    const told = (name) => driver.api(async (name) => name in (await chrome.notifications.getAll()), name);
    const label = (popup) => popup.value(`d.querySelector('#tell').textContent`);

    test('asks on while the site is down, though the background was stopped; tells once and loads the page', async () => {
      let up = false;
      site.say.set('/later', (request, response, send) => send(up ? 200 : 502));
      const url = site.at('/later');
      const asked = () => site.asked.filter((a) => a.path === '/later').length;
      await at(driver, url, async (page) => {
        await page.evaluate(() => { window.old = true; });
        await over(driver, page, async (popup) => {
          await popup.click('#tell');
          await until(async () => /Stop waiting/.test(await label(popup)), 'the wait');
          assert.match(await popup.value(`d.querySelector('#note').textContent`), /You will be told/);
        });
        const { name, tries } = await kept(url);
        assert.equal(tries, 0);
        const due = await driver.api(async (name) => (await chrome.alarms.get(name)).scheduledTime - Date.now(), name);
        assert.ok(due > 20_000 && due < 40_000, `the first try is due in ${due} ms`);
        await driver.kill();
        let before = asked();
        await ring(driver, url);
        await until(async () => (await kept(url))?.tries === 1, 'the first try');
        assert.equal(asked(), before + 1);
        assert.equal(await told(name), false);
        up = true;
        await driver.kill();
        before = asked();
        await ring(driver, url);
        // Headless Firefox has nobody to show a notification, and forgets it at once.
        if (driver.name === 'chromium') await until(() => told(name), 'the notification');
        await until(() => asked() >= before + 2, 'the page to be loaded again');
        await until(async () => (await kept(url)) === null, 'the end of the wait');
        await page.waitForFunction(() => !window.old && document.readyState === 'complete');
        assert.equal(await driver.api(async (name) => await chrome.alarms.get(name) ?? null, name), null);
      });
    });

    test('can be stopped', async () => {
      const url = site.at('/status/503');
      await at(driver, url, (page) => over(driver, page, async (popup) => {
        await popup.click('#tell');
        await until(async () => /Stop waiting/.test(await label(popup)), 'the wait');
        await popup.click('#tell');
        await until(async () => (await kept(url)) === null, 'the end of it');
        assert.match(await label(popup), /Tell me/);
      }));
    });

    test('is not offered where waiting does not help', async () => {
      for (const path of ['/', '/status/404']) {
        await at(driver, site.at(path), (page) => over(driver, page, async (popup) => assert.ok(!await shown(popup, '#tell'), path)));
      }
    });
  });
}
