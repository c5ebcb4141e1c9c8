// What a wait leaves behind: nothing on the disk, and nothing at all from a private window.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { missing, until, variant } from './extension.mjs';
import { at, consent, ring, waitFor } from './extension-steps.mjs';
import { shop } from './sites.mjs';

/** The files below a folder that contain a text, as bytes of UTF-8 or of UTF-16. */
function filesWith(folder, text) {
  const forms = [Buffer.from(text), Buffer.from(text, 'utf16le')];
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map((entry) => join(entry.parentPath, entry.name)).filter((file) => {
    const bytes = readFileSync(file);
    return forms.some((form) => bytes.includes(form));
  });
}

export function traces(start) {
  describe('what a wait leaves behind', { skip: missing(start) }, () => {
    const dir = variant({ hosts: ['*://*/*'], permissions: ['notifications'] });
    let driver, site;
    before(async () => { [driver, site] = [await start(dir, { privately: true }), await shop()]; });
    after(async () => { await driver?.close(); site?.close(); });

    const tabs = (filter) => driver.api((filter) => chrome.tabs.query(filter), filter);
    const alarms = () => driver.api(async () => (await chrome.alarms.getAll()).length);

    test('the address is nowhere on the disk, neither while nor after somebody waits for it', async () => {
      const profile = mkdtempSync(join(tmpdir(), 'backsoon-profile-'));
      const mark = 'patient4711';
      const own = await start(dir, { profile });
      try {
        let up = false;
        site.say.set(`/${mark}`, (request, response, send) => send(up ? 200 : 502));
        // No tab is ever at the addresses: the browser writes its own history.
        await at(own, site.at('/elsewhere'), async () => {
          const [{ id }] = await own.api(() => chrome.tabs.query({ currentWindow: true }));
          const [first, second] = ['?visit=1', '?visit=2'].map((query) => site.at(`/${mark}${query}`));
          for (const url of [first, second]) {
            await consent(own, id, url);
            await until(() => waitFor(own, url), 'the wait');
          }
          await ring(own, first);
          await until(async () => (await waitFor(own, first))?.tries === 1, 'the first try');
          up = true;
          await ring(own, first);
          await until(async () => await waitFor(own, first) === null, 'the end of the first wait');
          assert.ok(await waitFor(own, second), 'the second wait goes on');
        });
      } finally {
        await own.close();
      }
      try {
        assert.deepEqual(filesWith(profile, mark), []);
        assert.ok(filesWith(profile, 'elsewhere').length > 0, 'the browser did write its profile');
      } finally {
        rmSync(profile, { recursive: true, force: true });
      }
    });

    test('an alarm without an entry, as after a restart, ends quietly', async () => {
      const before = site.asked.length;
      await driver.api(async (url) => {
        for (const name of ['wait.1', `wait.${url}`]) await chrome.alarms.create(name, { when: Date.now() });
      }, site.at('/forgotten'));
      await until(async () => await alarms() === 0, 'the alarms to end');
      const told = await driver.api(async () => Object.keys(await chrome.notifications.getAll()).length);
      const kept = await driver.api(async () => Object.keys(await chrome.storage.session.get()).filter((key) => /^(wait|told)\./.test(key)));
      assert.deepEqual([told, kept, site.asked.length], [0, [], before]);
    });

    // In Firefox the desk of the driver loses the extension's API once a private window was opened here.
    test('a private window offers no wait, and the background takes none from it', { skip: start.name === 'startFirefox' && 'the driver loses its desk' }, async () => {
      const url = site.at('/status/503?private=1');
      await driver.api((url) => void chrome.windows.create({ incognito: true, url }), url);
      const inside = await until(async () => (await tabs({})).find((tab) => tab.incognito && tab.status === 'complete'), 'the private window');
      const popup = await driver.own(`popup.html?tab=${inside.id}`);
      await popup.waitForSelector('html[data-settled]');
      const shown = (id) => popup.evaluate((id) => {
        for (const folded of document.querySelectorAll('details')) folded.open = true;
        return document.getElementById(id).checkVisibility();
      }, id);
      assert.equal(await popup.evaluate(() => document.querySelector('main').dataset.fault), 'site');
      assert.deepEqual([await shown('tell'), await shown('leave'), await shown('now')], [false, false, true]);
      await popup.close();
      await consent(driver, inside.id, url);
      await until(async () => await driver.api(async () => !('asked' in await chrome.storage.session.get())), 'the background to read the consent');
      // What comes next is handled next: by then the refusal is complete.
      await at(driver, site.at('/'), async () => {
        const other = (await tabs({})).find((tab) => !tab.incognito);
        await consent(driver, other.id, site.at('/status/502?open=1'));
        await until(() => waitFor(driver, site.at('/status/502?open=1')), 'the wait of the other window');
      });
      assert.equal(await waitFor(driver, url), null);
      assert.equal(await alarms(), 1);
      await driver.api(async (url) => {
        await chrome.runtime.sendMessage({ do: 'stop_waiting', url }).catch(() => {});
        for (const tab of (await chrome.tabs.query({})).filter((tab) => tab.incognito)) await chrome.tabs.remove(tab.id);
      }, site.at('/status/502?open=1'));
      await until(async () => await alarms() === 0, 'the end of that wait');
    });
  });
}
