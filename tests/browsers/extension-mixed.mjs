// A visitor who wanders: navigations of every kind in a seeded random order, over several tabs and windows,
// while the background is stopped in between. After each, the badge of every tab is compared with what it
// must be. Which tab shows what is kept here in a model; each address is used once, so that a tab is known by it.
import { until } from './extension.mjs';

/** Numbers from 0 to 1 out of a seed (mulberry32): the same seed gives the same walk. */
export function dice(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const FAILING = [500, 502, 503, 504, 522];
const OTHER = [200, 200, 200, 404, 403, 429];
/** What the badge must say of a status. */
const due = (status) => (FAILING.includes(status) ? `${status}` : '');

/** Pages that the shop does not have: hanging, redirecting by script, with failing parts, for downloading. */
export function furnish(site) {
  const held = new Map();
  const prerendered = [];
  const at = (request) => new URL(request.url, 'http://shop.test').searchParams;
  const html = (script, more = '') => `<!doctype html><html lang="en"><title>mixed</title><h1>mixed</h1>${more}<script>${script}</script>`;
  site.say.set('/r', (request, response) => { response.writeHead(302, { location: at(request).get('to') }); response.end(); });
  site.say.set('/hop', (request, response, send) => send(Number(at(request).get('status')), html(`location.replace(${JSON.stringify(at(request).get('to'))})`)));
  site.say.set('/held', (request, response, send) => {
    const [key, answer] = [at(request).get('n'), () => send(Number(at(request).get('status')))];
    // Held once; whoever comes back to it gets it at once.
    if (held.has(key)) return answer();
    held.set(key, answer);
  });
  site.say.set('/parts', (request, response, send) => send(200, html(`fetch('/status/502').catch(() => 0)`,
    '<iframe src="/status/502"></iframe><img src="/status/503" alt=""><link rel="stylesheet" href="/status/504">')));
  site.say.set('/file', (request, response, send) => send(200, 'kept', { 'content-type': 'application/octet-stream', 'content-disposition': 'attachment; filename="mixed.bin"' }));
  site.say.set('/prerender', (request, response, send) => send(200, `<!doctype html><html lang="en"><title>mixed</title>
    <script type="speculationrules">${JSON.stringify({ prerender: [{ urls: [at(request).get('to')], eagerness: 'immediate' }] })}</script>`));
  site.say.set('/ahead', (request, response, send) => {
    if (request.headers['sec-purpose']?.includes('prerender')) prerendered.push(request.url);
    send(Number(at(request).get('status')));
  });
  return { held, prerendered };
}

/** Walks `count` navigations; returns what was wrong, and how many there were of each kind. */
export async function wander(driver, site, { seed, count }) {
  const roll = dice(seed);
  const pick = (list) => list[Math.floor(roll() * list.length)];
  const { held, prerendered } = furnish(site);
  const [tabs, wrong, kinds] = [[], [], {}];
  let number = 0;
  const address = (path, host = '127.0.0.1') => {
    number += 1;
    return `${site.at(path, host)}${path.includes('?') ? '&' : '?'}n=${number}`;
  };
  /** An address, and the badge that belongs to it. */
  const place = (status, host) => ({ url: address(`/status/${status}`, host), badge: due(status) });

  /** What the browser shows of each tab. */
  const look = () => driver.api(async () => Promise.all((await chrome.tabs.query({})).map(async ({ id, url, status }) => (
    { url: url ?? '', status, badge: await chrome.action.getBadgeText({ tabId: id }) }))));
  /** Where the tabs are not as they must be. */
  const faults = (seen) => {
    const found = tabs.map(({ here }) => {
      const tab = seen.find((t) => t.url === here.url);
      if (!tab) return `no tab shows ${here.url}`;
      if (tab.badge === here.badge) return null;
      return `${here.badge === '' ? 'false' : tab.badge === '' ? 'missing' : 'other'} badge ${tab.badge || '-'} for ${here.badge || '-'} at ${here.url}`;
    });
    const strangers = seen.filter((t) => t.badge !== '' && !tabs.some(({ here }) => here.url === t.url));
    return [...found, ...strangers.map((t) => `false badge ${t.badge} on ${t.url}`)].filter(Boolean);
  };
  async function check(kind) {
    const from = Date.now();
    let last = [];
    await until(async () => {
      last = faults(await look());
      // A false mark that stands for so long was seen by somebody; one that is due and comes late on a busy machine
      // is only late.
      return last.length === 0 || (Date.now() - from > 8_000 && last.some((fault) => fault.startsWith('false')));
    }, 'the badges', 30_000).catch(() => {});
    if (last.length) {
      const known = await driver.api(async () => JSON.stringify([await chrome.tabs.query({}), await chrome.storage.session.get()]));
      console.error(`after ${number} ${kind}: ${known}`);
      wrong.push(...last.map((fault) => `${fault} (after ${number} ${kind})`));
      // Counted once: from here on that tab is taken as it is.
      for (const tab of tabs) if (last.some((fault) => fault.endsWith(` ${tab.here.url}`))) tab.spoilt = true;
    }
    for (const tab of tabs.filter((t) => t.spoilt)) {
      tabs.splice(tabs.indexOf(tab), 1);
      await driver.leave(tab.page);
    }
  }
  const arrive = (tab, next) => {
    tab.trail.splice(tab.at + 1, Infinity, next);
    tab.at += 1;
    tab.here = next;
  };
  const go = async (tab, next, url = next.url) => { await driver.go(tab.page, url); arrive(tab, next); };
  async function open(type) {
    const tab = { page: await driver.browser.newPage({ type }), trail: [], at: -1, here: null };
    tabs.push(tab);
    await go(tab, place(pick([...OTHER, ...FAILING])));
    return tab;
  }
  const walk = async (tab, by) => {
    tab.at += by;
    tab.here = tab.trail[tab.at];
    await driver.traverse(tab.page, by);
  };
  /** Begins to load what answers only when told to. */
  async function hang(tab, status) {
    const url = address(`/held?status=${status}`);
    await driver.begin(tab.page, url);
    const key = `${number}`;
    await until(() => held.has(key), 'the held request');
    return { url, answer: held.get(key) };
  }

  /** Loads again, and waits until that was done: till then the old page's mark would be taken for the new one's,
   * and a background that the next step stops would lose what it hears of the new one. */
  async function reload({ page, here }) {
    const times = () => site.asked.filter((a) => here.url.split('#')[0].endsWith(a.url)).length;
    const before = times();
    // The one page that the site is not asked for again.
    const ownWorker = here.url.includes('/from-worker');
    if (ownWorker) await page.evaluate(() => { window.old = true; });
    await driver.reload(page);
    await until(() => (ownWorker ? page.evaluate(() => !window.old) : times() > before), 'the page to be asked for again');
    await until(async () => (await look()).find(({ url }) => url === here.url)?.status === 'complete', 'the page to be loaded again');
  }

  // Kind, how often, when it can be, and what it does.
  const can = { always: () => true, back: (t) => t.at > 0, forward: (t) => t.at < t.trail.length - 1, several: () => tabs.length > 1, few: () => tabs.length < 5 };
  const steps = [
    ['fine', 5, can.always, (t) => go(t, place(pick(OTHER)))],
    ['failing', 5, can.always, (t) => go(t, place(pick(FAILING)))],
    ['redirect', 3, can.always, (t) => { const to = place(pick([502, 503, 200, 404])); return go(t, to, `${site.at('/r')}?to=${encodeURIComponent(to.url)}`); }],
    ['from a failing page to another', 3, can.always, (t) => { const to = place(pick([200, 200, 503])); return go(t, to, `${site.at(`/hop?status=${pick([200, 502])}`)}&to=${encodeURIComponent(to.url)}`); }],
    ['back', 5, can.back, (t) => walk(t, -1)],
    ['forward', 3, can.forward, (t) => walk(t, 1)],
    ['reload', 3, can.always, reload],
    ['empty body', 3, can.always, (t) => { const status = pick([502, 503, 200]); return go(t, { url: address(`/empty/${status}`), badge: due(status) }); }],
    ['service worker', 2, can.always, (t) => (roll() < 0.5
      ? go(t, { url: address('/from-worker', 'localhost'), badge: '502' })
      : go(t, place(pick([200, 502]), 'localhost')))],
    ['network error', 2, can.always, (t) => go(t, { url: address('/reset'), badge: '' })],
    ['failing parts of a page', 2, can.always, (t) => go(t, { url: address('/parts'), badge: '' })],
    ['stopped while it loaded', 2, can.always, async (t) => { await hang(t, 502); await driver.stop(t.page); }],
    ['left while it loaded', 2, can.always, async (t) => { await hang(t, 502); await go(t, place(200)); }],
    ['no content', 1, can.always, (t) => driver.begin(t.page, address('/empty/204'))],
    ['download', 2, can.always, (t) => driver.begin(t.page, address('/file'))],
    ['within the document', 2, can.always, async (t) => {
      const next = { url: `${t.here.url.split('#')[0]}#part${number += 1}`, badge: t.here.badge };
      await driver.begin(t.page, next.url);
      arrive(t, next);
    }, (t) => !/empty|reset/.test(t.here.url)],
    ['prerendered', 2, () => driver.name === 'chromium', async (t) => {
      const status = pick([200, 502]);
      const to = { url: address(`/ahead?status=${status}`), badge: due(status) };
      await go(t, { url: `${address('/prerender')}&to=${encodeURIComponent(to.url)}`, badge: '' });
      // A browser may decline to prerender; then this is two pages one after the other.
      await until(() => prerendered.some((url) => to.url.endsWith(url)), 'the prerendering', 2_000).catch(() => {});
      await check('beside a prerendered page');
      await driver.begin(t.page, to.url);
      arrive(t, to);
    }],
    ['background stopped, then a page', 3, can.always, async (t) => { await driver.kill(); await go(t, place(pick([502, 200]))); }],
    ['background stopped in the middle', 2, can.always, async (t) => {
      const status = pick([504, 200]);
      const { url, answer } = await hang(t, status);
      await driver.kill();
      answer();
      arrive(t, { url, badge: due(status) });
    }],
    ['new tab', 2, can.few, () => open('tab')],
    ['new window', 1, can.few, () => open('window')],
    ['tab closed', 2, can.several, async (t) => { tabs.splice(tabs.indexOf(t), 1); await driver.leave(t.page); }],
    ['private window', 1, can.always, async () => {
      const close = await driver.visitPrivately(site.at('/status/502'));
      await check('private window open');
      await close();
    }],
  ];

  const first = await open('tab');
  await driver.go(first.page, site.at('/with-worker', 'localhost'));
  await until(() => first.page.evaluate(() => document.documentElement.dataset.worker === 'ready'), 'the service worker');
  first.trail.length = 0;
  first.at = -1;
  await go(first, place(200, 'localhost'));
  // What lies before it in the tab's history is none of the model's: back goes only as far as the trail.
  await check('start');
  for (let done = 0; done < count; done += 1) {
    if (!tabs.length) await open('tab');
    const tab = pick(tabs);
    const possible = steps.filter(([, , when, , also = can.always]) => when(tab) && also(tab));
    let at = roll() * possible.reduce((sum, [, weight]) => sum + weight, 0);
    const [kind, , , act] = possible.find(([, weight]) => (at -= weight) < 0) ?? possible[0];
    kinds[kind] = (kinds[kind] ?? 0) + 1;
    if (process.env.BACKSOON_TRACE) console.error(done, kind, tab.here.url);
    await act(tab);
    await check(kind);
  }
  return { wrong, kinds, prerendered: prerendered.length };
}

