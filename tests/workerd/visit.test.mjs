// The entry module's side of a visit, alone: how often a request is sent when the wasm dies, what it waits for,
// and what the origin's answer looks like without any wasm. No workerd is needed: `fetch` is played.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { afterEach, test } from "node:test";
import { Visit } from "../../edge-worker/js/visit.mjs";

const SITE = "https://shop.test/a?b=1";
const platformFetch = globalThis.fetch;
let open = []; // visits whose timers would hold the runner

afterEach(() => {
  globalThis.fetch = platformFetch;
  for (const visit of open) clearTimeout(visit.timer);
  open = [];
});

/** A visit, and the requests that reach the origin; `answers` are given one after the other, an error is thrown. */
function visit(answers, init = {}, env = {}) {
  const sent = [];
  globalThis.fetch = async (request) => {
    sent.push(request);
    const answer = answers[sent.length - 1];
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const waits = [];
  const one = new Visit(new Request(SITE, init), env, { waitUntil: (work) => waits.push(work) });
  open.push(one);
  return { one, sent, waits, request: one.request };
}

const lost = () => new Error("Network connection lost.");
const ends = async (promise) => promise.then(() => "answered", () => "failed");

test("a GET that was not sent yet is sent once", async () => {
  const { one, sent } = visit([new Response("origin")]);
  assert.equal(await (await one.answerWithoutWasm()).text(), "origin");
  assert.equal(sent.length, 1);
});

test("a GET that failed once is sent once more, one that failed twice is not sent a third time", async () => {
  const first = visit([lost(), new Response("origin")]);
  assert.equal(await ends(first.one.ask(1000, first.request)), "failed");
  assert.equal(await (await first.one.answerWithoutWasm()).text(), "origin");
  assert.equal(first.sent.length, 2);

  const twice = visit([lost(), lost(), new Response("a third")]);
  assert.equal(await ends(twice.one.ask(1000, twice.request)), "failed");
  assert.equal(await ends(twice.one.ask(1000, twice.request)), "failed");
  assert.equal((await twice.one.answerWithoutWasm()).status, 502);
  assert.equal(twice.sent.length, 2);
});

test("a trap while the second try is under way waits for that one", async () => {
  let answer;
  const later = new Promise((resolve) => (answer = resolve));
  const { one, sent, request } = visit([new Response("busy", { status: 503 }), later, new Response("a third")]);
  const refused = await one.ask(1000, request);
  await refused.body.cancel();
  one.ask(1000, request).catch(() => {});
  const shown = one.answerWithoutWasm();
  answer(new Response("second"));
  assert.equal(await (await shown).text(), "second");
  assert.equal(sent.length, 2);
});

test("a POST is never sent twice, and nothing is sent by a wasm that is out of the game", async () => {
  const { one, sent, request } = visit([lost(), new Response("again")], { method: "POST", body: "x=1" });
  assert.equal(await ends(one.ask(1000, request)), "failed");
  assert.equal((await one.answerWithoutWasm()).status, 502);
  assert.equal(await ends(one.ask(1000, request)), "failed");
  assert.equal(sent.length, 1);
});

test("background work is over when what it left to the background is over too", async () => {
  const { one } = visit([]);
  let done = false;
  const second = new Promise((resolve) => setTimeout(resolve, 20)).then(() => (done = true));
  const first = Promise.resolve().then(() => one.waitUntil(second));
  one.waitUntil(first);
  await one.backgroundIsDone();
  assert.equal(done, true);
});

test("background work that a dead wasm never ends does not hold the visit open", async () => {
  const { one } = visit([]);
  one.waitUntil(new Promise(() => {}));
  one.abandon();
  await one.backgroundIsDone();
});

test("without wasm the origin cannot speak in our name, and its redirects lead to the site", async () => {
  const env = { ORIGIN: "http://origin.test:8080" };
  const shown = async (location) => {
    const headers = { "backsoon-copy": "1; req=1", location, "x-kept": "yes" };
    const { one } = visit([new Response("body", { status: 302, headers })], {}, env);
    const answer = await one.answerWithoutWasm();
    assert.equal(answer.headers.has("backsoon-copy"), false);
    assert.equal(answer.headers.get("x-kept"), "yes");
    assert.equal(await answer.text(), "body");
    return answer.headers.get("location");
  };
  assert.equal(await shown("http://origin.test:8080/new?x=1#y"), "https://shop.test/new?x=1#y");
  assert.equal(await shown("//origin.test:8080/new"), "https://shop.test/new");
  assert.equal(await shown("/new"), "/new");
  assert.equal(await shown("https://elsewhere.test/new"), "https://elsewhere.test/new");
  assert.equal(await shown("http://origin.test:8080/a?b=1"), "http://origin.test:8080/a?b=1", "round for ever");
});

const heads = JSON.parse(await readFile(new URL("../cases/fields/outgoing.json", import.meta.url), "utf8"));
for (const { id, sent: headers, received } of heads) {
  test(`without wasm the origin gets the same fields as with it: ${id}`, async () => {
    const { one, sent } = visit([new Response("")], { headers }, { ORIGIN: "http://origin.test:8080" });
    await one.answerWithoutWasm();
    assert.equal(sent[0].url, "http://origin.test:8080/a?b=1");
    assert.deepEqual(Object.fromEntries(sent[0].headers), received);
  });
}

test("a limit that runs out is told of once, at its time, one that is lifted never", async () => {
  const { one } = visit([]);
  const began = Date.now();
  const told = [];
  const first = new Promise((resolve) => one.limit(30, () => resolve(told.push("first"))));
  const lifted = one.limit(20, () => told.push("lifted"));
  one.lift(lifted);
  await first;
  assert.ok(Date.now() - began >= 29, "before its time");
  const second = new Promise((resolve) => one.limit(30, () => resolve(told.push("second"))));
  await second;
  assert.deepEqual(told, ["first", "second"]);
});

/** Visits under a clock that the test moves: `after(ms)` gives what was told until then. */
function played(t, prepare) {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_000_000 });
  const told = [];
  const { one, request } = visit([new Promise(() => {})]);
  one.giveUpNow = () => told.push("abandoned");
  prepare(one, request, (word) => () => told.push(word));
  return (ms) => (t.mock.timers.tick(ms), told.splice(0));
}

test("wasm that is silent from the beginning is left after ten seconds", (t) => {
  const after = played(t, () => {});
  assert.deepEqual(after(9_900), []);
  assert.deepEqual(after(200), ["abandoned"]);
  assert.deepEqual(after(60_000), []);
});

test("wasm that is silent after a slow head is left ten seconds after that", (t) => {
  const after = played(t, (one, request) => one.ask(120_000, request).catch(() => {}));
  assert.deepEqual(after(2_000), []);
  open.at(-1).heardOf(open.at(-1).asking);
  assert.deepEqual(after(9_900), []);
  assert.deepEqual(after(200), ["abandoned"]);
});

test("a limit of background work is kept after the visitor was answered, without a word of silence", (t) => {
  const after = played(t, (one, _, tell) => {
    one.rest();
    one.limit(15_000, tell("late"));
  });
  assert.deepEqual(after(14_900), []);
  assert.deepEqual(after(200), ["late"]);
  assert.deepEqual(after(60_000), []);
});

test("silence under a longer limit leaves wasm, and the limit is told of all the same", (t) => {
  const after = played(t, (one, _, tell) => one.limit(15_000, tell("late")));
  assert.deepEqual(after(10_100), ["abandoned"]);
  assert.deepEqual(after(5_000), ["late"]);
});

test("of several limits each is told at its own time", (t) => {
  const after = played(t, (one, _, tell) => {
    one.limit(3_000, tell("third"));
    one.limit(100, tell("first"));
    one.limit(1_500, tell("second"));
  });
  for (const [ms, word] of [[99], [2, "first"], [1_398], [2, "second"], [1_498], [2, "third"]]) {
    assert.deepEqual(after(ms), word ? [word] : []);
  }
});
