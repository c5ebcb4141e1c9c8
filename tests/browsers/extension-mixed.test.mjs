// The mixed run in both browsers. `BACKSOON_SEED` repeats a walk, `BACKSOON_COUNT` sets how many navigations it has:
//   BACKSOON_COUNT=1000 BACKSOON_SEED=7 node --test tests/browsers/extension-mixed.test.mjs
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { start } from './chromium.mjs';
import { missing, variant } from './extension.mjs';
import { wander } from './extension-mixed.mjs';
import { steerChromium, steerFirefox } from './extension-steering.mjs';
import { startFirefox } from './firefox.mjs';
import { shop } from './sites.mjs';

const count = Number(process.env.BACKSOON_COUNT ?? 300);
const seed = Number(process.env.BACKSOON_SEED ?? Math.floor(Math.random() * 2 ** 32));

for (const [begin, steer] of [[start, steerChromium], [startFirefox, steerFirefox]]) {
  test(`${begin === start ? 'Chromium' : 'Firefox'}: no wrong badge in a mixed run`, { skip: missing(begin) }, async (t) => {
    // Said before anything can fail: a walk that cannot be repeated is worth little.
    t.diagnostic(`seed ${seed}, ${count} navigations`);
    const site = await shop();
    const driver = await begin(variant({ hosts: ['*://*/*'] }));
    const from = performance.now();
    try {
      const { wrong, kinds, prerendered } = await wander(await steer(driver), site, { seed, count });
      t.diagnostic(`${Math.round((performance.now() - from) / 1000)} s; ${Object.entries(kinds).map(([kind, n]) => `${kind} ${n}`).join(', ')}; prerender requests ${prerendered}`);
      assert.deepEqual(wrong, [], `seed ${seed}`);
      assert.ok(Object.keys(kinds).length > Math.min(12, count / 5), 'the walk was a mixed one');
    } finally {
      await driver.close();
      site.close();
    }
  });
}
