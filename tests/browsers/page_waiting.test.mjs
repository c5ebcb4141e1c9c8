// The page's own script, unchanged, in ten thousand tabs under a clock of the test: how often it asks, and
// how the return spreads. No browser and no real time.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test from 'node:test';
import { insides, page, pages } from './page_server.mjs';

const names = pages();
const script = insides(page('down.en').body, 'script')[0];
const start = new Function(
  'document', 'location', 'navigator', 'sessionStorage', 'fetch', 'setTimeout', 'clearTimeout', 'addEventListener', 'Date',
  'AbortSignal', 'history', script,
);

/** A clock and its queue: a binary heap of [time, order, action]. */
function world() {
  const heap = [];
  let order = 0;
  const less = (a, b) => a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]);
  const self = {
    now: 0,
    at(time, action) {
      const entry = [time, order++, action];
      heap.push(entry);
      for (let i = heap.length - 1; i > 0;) {
        const up = (i - 1) >> 1;
        if (!less(heap[i], heap[up])) break;
        [heap[i], heap[up]] = [heap[up], heap[i]];
        i = up;
      }
      return entry;
    },
    async run(until) {
      while (heap.length && heap[0][0] <= until) {
        const [time, , action] = heap[0];
        const last = heap.pop();
        if (heap.length) {
          heap[0] = last;
          for (let i = 0; ;) {
            let least = i;
            for (const child of [2 * i + 1, 2 * i + 2]) {
              if (child < heap.length && less(heap[child], heap[least])) least = child;
            }
            if (least === i) break;
            [heap[i], heap[least]] = [heap[least], heap[i]];
            i = least;
          }
        }
        self.now = time;
        if (!action) continue;
        action();
        // The script awaits a few promises between asking and deciding.
        for (let i = 0; i < 8; i++) await null;
      }
      self.now = until;
    },
  };
  return self;
}

/** A tab that shows the page. `answer()` is what a fetch of the status gives: text, or an error thrown. */
function tab(world, answer, { form = false, storage = {} } = {}) {
  const asked = [];
  const listeners = {};
  const line = { textContent: 'wait' };
  const button = { textContent: 'stop', hidden: false };
  const data = { up: 'up', drop: 'drop', odd: 'odd', off: 'off', start: 'start', ...(form ? { form: '' } : {}) };
  const box = { children: [line, button], dataset: data, hidden: true };
  const listen = (name, action) => { listeners[name] = action; };
  const self = {
    asked, line, button, box, opened: [],
    document: { hidden: false, title: 'Down', getElementById: () => box, addEventListener: listen },
    navigator: { onLine: true },
    tell: (name) => listeners[name]?.(),
  };
  const timers = new Set();
  start(
    self.document,
    { href: 'https://shop.test/basket?a=1#part', replace: (url) => self.opened.push([world.now, url]) },
    self.navigator,
    storage,
    async (url, options) => {
      asked.push(world.now);
      assert.equal(url, '/.well-known/backsoon/status');
      assert.equal(options.cache, 'no-store');
      const text = answer();
      return { text: async () => text };
    },
    (action, ms) => {
      const entry = world.at(world.now + Math.max(0, ms), action);
      timers.add(entry);
      return entry;
    },
    (entry) => { if (entry) entry[2] = null; },
    listen,
    { now: () => world.now },
    { timeout: () => undefined },
    { replaceState: () => { self.forgotten = true; } },
  );
  return self;
}

const state = (name) => JSON.stringify({ state: name });
const minute = 60_000;

for (const outage of [1, 3, 10]) {
  test(`10,000 tabs come back within a minute, spread out, after ${outage} min`, async () => {
    const clock = world();
    const tabs = [];
    const end = outage * minute;
    for (let i = 0; i < 10_000; i++) {
      const from = (end * i) / 10_000;
      clock.at(from, () => tabs.push(tab(clock, () => state(clock.now < end ? 'down' : 'up'))));
    }
    await clock.run(end + 3 * minute);
    const back = tabs.map((t) => t.opened[0]?.[0] - end).sort((a, b) => a - b);
    const share = back.filter((ms) => ms <= minute).length / tabs.length;
    const seconds = new Map();
    for (const ms of back) seconds.set(Math.floor(ms / 1000), (seconds.get(Math.floor(ms / 1000)) ?? 0) + 1);
    const busiest = Math.max(...seconds.values());
    const at = (part) => (back[Math.floor(back.length * part)] / 1000).toFixed(1);
    console.log(`# outage ${outage} min: half back after ${at(0.5)} s, 95 % after ${at(0.95)} s, all after ${at(0.9999)} s; `
      + `busiest second ${busiest} of 10,000; ${Math.max(...tabs.map((t) => t.asked.length))} questions at most`);
    assert.ok(share >= 0.95, `${share} back after 60 s`);
    assert.ok(busiest <= 600, `${busiest} came back in one second`);
    assert.ok(tabs.every((t) => t.opened.length === 1 && t.opened[0][1] === 'https://shop.test/basket?a=1'));
  });
}

test('a tab asks at most 30 times in its first hour, also if it is opened again and again', async () => {
  for (let i = 0; i < 200; i++) {
    const clock = world();
    const one = tab(clock, () => state('down'));
    await clock.run(60 * minute);
    assert.ok(one.asked.length <= 30 && one.asked.length >= 20, `${one.asked.length} questions`);
  }
  const clock = world();
  const storage = {};
  let asked = 0;
  // The status says up, but the page fails whenever it is opened: no tight loop against the origin.
  for (let opened = 0; clock.now < 60 * minute && opened < 100; opened++) {
    const one = tab(clock, () => state('up'), { storage });
    while (!one.opened.length && clock.now < 60 * minute) await clock.run(clock.now + 1000);
    asked += one.asked.length;
  }
  console.log(`# a page that goes on failing while the status says up: ${asked} questions in the hour`);
  assert.ok(asked <= 30, `${asked} questions`);
});

test('nothing is asked while the tab is hidden or offline, and it goes on afterwards', async () => {
  for (const away of ['hidden', 'offline']) {
    const clock = world();
    const one = tab(clock, () => state('down'));
    const set = (gone) => (away === 'hidden' ? (one.document.hidden = gone) : (one.navigator.onLine = !gone));
    set(true);
    await clock.run(20 * minute);
    assert.equal(one.asked.length, 0, away);
    if (away === 'offline') assert.equal(one.line.textContent, 'drop');
    set(false);
    one.tell(away === 'hidden' ? 'visibilitychange' : 'online');
    await clock.run(clock.now + 5_000);
    assert.equal(one.asked.length, 1, away);
    assert.equal(one.line.textContent, 'wait');
  }
});

test('it tells its own failure from another answer, and from an edge that knows nothing yet', async () => {
  const said = async (answer) => {
    const clock = world();
    const one = tab(clock, answer);
    await clock.run(14_000);
    assert.equal(one.asked.length, 1);
    return one.line.textContent;
  };
  assert.equal(await said(() => { throw new TypeError('network'); }), 'drop');
  for (const other of ['<html>Log in to the hotel', '', 'null', '{}', '[]', '"up"', '{"state":"fine"}', '{"state":null}']) {
    assert.equal(await said(() => other), 'odd', other);
  }
  for (const known of ['down', 'rescuing', 'unknown']) assert.equal(await said(() => state(known)), 'wait', known);
  assert.equal(await said(() => state('up')), 'up');

  const clock = world();
  const one = tab(clock, () => state('unknown'));
  await clock.run(2 * minute);
  assert.equal(one.opened.length, 1, 'an edge that never knows anything does not keep a tab waiting');
});

test('it can be switched off and on', async () => {
  const clock = world();
  const one = tab(clock, () => state('down'));
  await clock.run(15_000);
  one.button.onclick();
  assert.deepEqual([one.line.textContent, one.button.textContent], ['off', 'start']);
  const before = one.asked.length;
  await clock.run(30 * minute);
  assert.equal(one.asked.length, before);
  one.button.onclick();
  assert.deepEqual([one.line.textContent, one.button.textContent], ['wait', 'stop']);
  await clock.run(clock.now + minute);
  assert.ok(one.asked.length > before);
});

test('after a form nothing is opened by itself', async () => {
  const clock = world();
  const one = tab(clock, () => state('up'), { form: true });
  await clock.run(60 * minute);
  assert.equal(one.opened.length, 0);
  assert.equal(one.line.textContent, 'up');
  assert.equal(one.asked.length, 1);
  assert.equal(one.forgotten, true, 'the browser could send the form again');
  assert.equal(tab(clock, () => state('up')).forgotten, undefined);
});

test('a browser that forbids storage waits all the same', async () => {
  const clock = world();
  const storage = new Proxy({}, { get() { throw new Error('denied'); }, set() { throw new Error('denied'); } });
  const one = tab(clock, () => state('down'), { storage });
  await clock.run(minute);
  assert.ok(one.asked.length >= 2);
});

test('the policy of every page names the hash of every style and script in it', () => {
  for (const name of names) {
    const { headers, body } = page(name);
    const policy = headers.find(([field]) => field === 'Content-Security-Policy')[1];
    for (const text of [...insides(body, 'style'), ...insides(body, 'script')]) {
      const hash = createHash('sha256').update(text).digest('base64');
      assert.ok(policy.includes(`'sha256-${hash}'`), `${name}: ${text.slice(0, 40)}`);
    }
  }
});
