// How soon the popup stands: printed, not judged, since a busy machine says nothing about the popup.
import { after, before, describe, test } from 'node:test';
import { clicked, missing } from './extension.mjs';
import { shop } from './sites.mjs';

export function measures(start) {
  describe('measures', { skip: missing(start) }, () => {
    let driver, site;
    before(async () => { [driver, site] = [await start(), await shop()]; });
    after(async () => { await driver?.close(); site?.close(); });

    test('the popup is ready soon after the click', async (t) => {
      const times = [];
      for (let n = 0; n < 7; n += 1) times.push(Math.round(await clicked(driver, site)));
      const [first, ...warm] = times;
      warm.sort((a, b) => a - b);
      t.diagnostic(`${driver.name}: popup ready ${first} ms after the first click, then ${warm[3]} ms (median of ${warm.length}); goal ${driver.name === 'chromium' ? 500 : 300} ms`);
    });
  });
}
