// All that is waited for, in one list on the options page, and what becomes of the tab when its site is back.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { at, over, ring, waitFor } from './extension-steps.mjs';
import { missing, until, variant } from './extension.mjs';
import { shop } from './sites.mjs';

export function waits(start) {
  describe('what is waited for', { skip: missing(start) }, () => {
    let driver, site;
    const dir = start.name === 'startFirefox' ? undefined : variant({ hosts: ['*://*/*'], permissions: ['notifications'] });
    before(async () => { [driver, site] = [await start(dir), await shop()]; });
    after(async () => { await driver?.close(); site?.close(); });

    const alarms = () => driver.api(async () => (await chrome.alarms.getAll()).map(({ name }) => name).sort());
    const wait = (page) => over(driver, page, async (popup) => {
      await popup.click('#tell');
      await until(async () => /Stop waiting/.test(await popup.value(`d.querySelector('#tell').textContent`)), 'the wait');
    });
    async function opened() {
      const page = await driver.own('options.html');
      await page.waitForSelector('html[data-ready="1"]');
      return page;
    }

    test('many sites stand in one list, and each can be stopped there', async () => {
      const urls = [site.at('/status/503', 'shop.test'), `${site.at('/status/502', 'neighbour.test')}?token=1`];
      const options = await opened();
      await options.waitForSelector('#waits-none:not([hidden])');
      for (const url of urls) await at(driver, url, wait);
      const names = await Promise.all(urls.map(async (url) => (await waitFor(driver, url)).name));
      assert.deepEqual(await alarms(), names.toSorted());
      // The browser writes the names of alarms to the disk.
      for (const name of names) assert.match(name, /^wait\.\d+$/);
      const listed = () => options.$$eval('#waits li bdi', (all) => all.map((words) => words.textContent));
      await until(async () => (await listed()).length === 2, 'both in the list');
      assert.deepEqual(await listed(), [`shop.test:${site.port}/status/503`, `neighbour.test:${site.port}/status/502`]);
      // It is kept outside of the background.
      await driver.kill();
      await options.bringToFront();
      await options.click(`[data-wait="${urls[0]}"]`);
      await until(async () => (await listed()).length === 1, 'the first to go');
      assert.ok((await options.$eval('#news', (news) => news.textContent)).includes(`shop.test:${site.port}`), 'said of which');
      await until(async () => (await alarms()).join() === names[1], 'its alarm to go');
      await options.click(`[data-wait="${urls[1]}"]`);
      await options.waitForSelector('#waits-none:not([hidden])');
      await until(async () => (await alarms()).length === 0, 'the other alarm to go');
      await options.close();
    });

    test('a tab is left as it is when its site is back, where the visitor wants that', async () => {
      const options = await opened();
      await options.click('#reload');
      const chosen = () => driver.api(async () => (await chrome.storage.local.get('settings')).settings?.stay);
      await until(async () => await chosen() === true, 'the choice to be kept');
      let up = false;
      site.say.set('/later', (request, response, send) => send(up ? 200 : 502));
      const url = site.at('/later');
      const asked = () => site.asked.filter((a) => a.path === '/later').length;
      await at(driver, url, async (page) => {
        await page.evaluate(() => { window.old = true; });
        await wait(page);
        up = true;
        const before = asked();
        await ring(driver, url);
        await until(async () => await waitFor(driver, url) === null, 'the end of the wait');
        // What would have been loaded again is on its way by the time that another page is there.
        await at(driver, site.at('/'), () => {});
        assert.equal(await page.evaluate(() => window.old), true);
        assert.equal(asked(), before + 1);
      });
      await options.bringToFront();
      await options.click('#reload');
      await until(async () => await chosen() === false, 'the choice to be taken back');
      await options.close();
    });
  });
}
