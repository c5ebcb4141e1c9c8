// What the extension costs in each browser, as a JSON line a figure: how soon the popup stands, how long a
// background that was stopped takes to mark a page, what it holds in memory when it idles. `cargo xtask bench
// extension` puts them into its table.
import { start } from './chromium.mjs';
import { clicked, missing, until, variant } from './extension.mjs';
import { startFirefox } from './firefox.mjs';
import { shop } from './sites.mjs';

const say = (what, value, beside = '') => console.log(JSON.stringify([what, value, beside]));
const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
const ms = (number) => `${Math.round(number)} ms`;
const mib = (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

/** Each page, with what is done before it, and the milliseconds until its badge. */
async function marked(driver, site, before) {
  const times = [];
  for (let n = 0; n < 7; n += 1) {
    const page = await driver.browser.newPage();
    await before();
    const url = `${site.at('/status/502')}?${Math.random()}`;
    const from = performance.now();
    await driver.visit(page, url);
    await until(() => driver.api(async (url) => {
      const tab = (await chrome.tabs.query({})).find((t) => t.url === url);
      return tab && await chrome.action.getBadgeText({ tabId: tab.id }) === '502';
    }, url), 'the badge');
    times.push(performance.now() - from);
    await page.close();
  }
  return median(times);
}

/** What the idle background holds; each browser tells something else. */
async function memory(driver) {
  if (driver.name === 'firefox') {
    const said = await driver.inWindow(`ChromeUtils.requestProcInfo().then((all) => String(Math.max(...all.children.filter((c) => c.type === 'extension').map((c) => c.memory))))`);
    return [Number(said), 'the process of all extensions, Firefox\'s own among them'];
  }
  const worker = await driver.background();
  const { usedSize, backingStorageSize = 0 } = await worker.client.send('Runtime.getHeapUsage');
  return [usedSize + backingStorageSize, 'JavaScript heap and wasm memory of its background'];
}

for (const [begin, name, goal] of [[start, 'Chromium', 500], [startFirefox, 'Firefox', 300]]) {
  if (missing(begin)) continue;
  const site = await shop();
  const [shipped, watching] = [await begin(), await begin(variant({ hosts: ['*://*/*'] }))];
  // The first click has the browser start a process for the extension: each is a browser of its own.
  const first = [];
  for (let n = 0; n < 5; n += 1) {
    const fresh = await begin();
    first.push(await clicked(fresh, site));
    await fresh.close();
  }
  const later = [];
  for (let n = 0; n < 8; n += 1) later.push(await clicked(shipped, site));
  say(`extension, ${name}: popup ready after the first click, median of 5 fresh browsers`, ms(median(first)), `${ms(Math.min(...first))} to ${ms(Math.max(...first))}; goal: under ${goal} ms`);
  say(`extension, ${name}: popup ready after later clicks, median of 7`, ms(median(later.slice(1))), `goal: under ${goal} ms`);
  await watching.api(() => 1);
  const warm = await marked(watching, site, () => {});
  const [held, of] = await memory(watching);
  const woken = await marked(watching, site, () => watching.kill());
  say(`extension, ${name}: page visited and marked, median of 7`, ms(warm));
  say(`extension, ${name}: the same, the background stopped before`, ms(woken), `waking it: ${ms(Math.max(0, woken - warm))}`);
  say(`extension, ${name}: memory when idle`, mib(held), of);
  await shipped.close();
  await watching.close();
  site.close();
}
process.exit(0);
