// How soon the popup stands: printed, not judged, since a busy machine says nothing about the popup.
import { after, before, describe, test } from 'node:test';
import { missing } from './extension.mjs';
import { shop } from './sites.mjs';

export function measures(start) {
  describe('measures', { skip: missing(start) }, () => {
    let driver, site;
    before(async () => { [driver, site] = [await start(), await shop()]; });
    after(async () => { await driver?.close(); site?.close(); });

    test('the popup is ready soon after the click', async (t) => {
      const times = [];
      for (let n = 0; n < 7; n += 1) {
        const page = await driver.browser.newPage();
        await driver.visit(page, site.at('/status/502'));
        const popup = await driver.look(page);
        times.push(Math.round(popup.readyAfter));
        await popup.close();
        await page.close();
      }
      const [first, ...warm] = times;
      warm.sort((a, b) => a - b);
      t.diagnostic(`${driver.name}: popup ready ${first} ms after the first click, then ${warm[3]} ms (median of ${warm.length}); goal ${driver.name === 'chromium' ? 500 : 300} ms`);
    });
  });
}
