// Visitors who could be shown a copy do not wait for a slow origin, and their requests go on without them.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, beforeEach, test } from "node:test";
import { CLIENTS, ending, exchange } from "./ending.mjs";
import { startWorker } from "./start.mjs";
import { until } from "./until.mjs";

const PATIENCE_MS = 700;
const STALE = { "cache-control": "max-age=0", "content-type": "text/html" };
const FRESH = { "cache-control": "max-age=60", "content-type": "text/html" };
const page = (word) => `<title>Flowers</title><h1>${word}</h1>`;

let origin;
let worker;
/** What the origin answers by path: `(response) => void`, and how often it was asked. */
const answers = new Map();
let asked = [];

before(async () => {
  origin = createServer((request, response) => {
    asked.push(request.url);
    answers.get(request.url)(response);
  }).listen(0, "127.0.0.1");
  await once(origin, "listening");
  const vars = { ORIGIN: `http://127.0.0.1:${origin.address().port}`, RAMP_MS: "0", TIMEOUT_MS: "60000" };
  worker = await startWorker({ vars: { ...vars, COPY_AFTER_MS: `${PATIENCE_MS}, /patient@0` } });
});

after(async () => {
  await worker?.stop();
  origin?.closeAllConnections();
  origin?.close();
});

const get = (path) => exchange(worker.url + path, { headers: CLIENTS.navigation });
const times = (path) => asked.filter((one) => one === path).length;

/** The origin is quick, whatever it was in the test before. */
beforeEach(async () => {
  answers.set("/quick", (response) => response.writeHead(200, { "cache-control": "no-store" }).end("quick"));
  await get("/quick");
});

/** A copy of `path` that is stale at once; then the origin's answers are held back until they are released. */
async function hold(path, headers = STALE, begin = () => {}) {
  answers.set(path, (response) => response.writeHead(200, headers).end(page("old")));
  await get(path);
  // It is stored when it can be confirmed or shown: here, when an error ends in a copy.
  answers.set(path, (response) => response.writeHead(503).end());
  await until("a copy", async () => /old/.test((await get(path)).body));
  await get("/quick");
  asked = [];
  const held = [];
  answers.set(path, (response) => held.push((begin(response), response)));
  return held;
}

test("who waits is shown the copy, and the very same request brings the store up to date", async () => {
  const held = await hold("/late");
  const began = performance.now();
  const copy = await get("/late");
  const took = performance.now() - began;
  assert.equal(ending(copy), "copy");
  assert.match(copy.body, /old/);
  assert.ok(took >= PATIENCE_MS - 50, `after ${took} ms`);
  // Nothing came, and nothing else is claimed.
  assert.equal(copy.headers["cache-status"], "backsoon; fwd=stale");
  assert.equal(copy.headers["proxy-status"], "backsoon; error=http_response_timeout");
  assert.equal(times("/late"), 1);
  held.pop().writeHead(200, FRESH).end(page("new"));
  await until("the new page from the store", async () => {
    const answer = await get("/late");
    for (const response of held.splice(0)) response.writeHead(200, FRESH).end(page("new"));
    return ending(answer) === "hit" && /new/.test(answer.body);
  });
});

test("while nothing comes, others get their copies at once, and are not all sent on", async () => {
  const held = await hold("/slow");
  await get("/slow");
  const [before, began] = [times("/slow"), Date.now()];
  const answers = await Promise.all(Array.from({ length: 20 }, () => get("/slow")));
  const seconds = (Date.now() - began) / 1000;
  for (const answer of answers) {
    assert.equal(ending(answer), "copy");
    assert.match(answer.headers["cache-status"], /^backsoon; hit; ttl=-?\d+$/);
  }
  assert.ok(times("/slow") - before <= seconds + 2, `${times("/slow") - before} in ${seconds} s`);
  const state = JSON.parse((await get("/.well-known/backsoon/status")).body).state;
  assert.equal(state, "rescuing", "slow is not down");
  for (const response of held) response.writeHead(200, STALE).end(page("new"));
});

test("who has no copy asks and waits also then", async () => {
  const held = await hold("/slow-too");
  await get("/slow-too");
  let release;
  answers.set("/unseen", (response) => (release = () => response.writeHead(200, FRESH).end(page("unseen"))));
  const unseen = get("/unseen");
  await until("the origin asked", async () => (await new Promise(setImmediate), release));
  release();
  assert.match((await unseen).body, /unseen/);
  for (const response of held) response.writeHead(200, STALE).end(page("new"));
});

test("a short body that stands still is waited for no longer than a head", async () => {
  const whole = page("new");
  for (const [path, length] of [
    ["/stalled", { "content-length": whole.length }],
    ["/stalled-in-chunks", {}],
  ]) {
    const held = await hold(path, STALE, (response) => {
      response.writeHead(200, { ...FRESH, ...length });
      response.write(whole.slice(0, 10));
    });
    const copy = await get(path);
    assert.equal(ending(copy), "copy", path);
    assert.match(copy.body, /old/);
    assert.equal(times(path), 1);
    for (const response of held) response.end(whole.slice(10));
    await get("/quick");
  }
});

test("what may not be shown stale is waited for, and so is everything where the owner says so", async () => {
  for (const [path, headers] of [
    ["/strict", { ...STALE, "cache-control": "max-age=0, must-revalidate" }],
    ["/patient", STALE],
  ]) {
    answers.set(path, (response) => response.writeHead(200, headers).end(page("old")));
    await get(path);
    const began = Date.now();
    // Longer than anybody with a copy would wait.
    const late = (response) => setTimeout(() => response.writeHead(200, headers).end(page("new")), 3 * PATIENCE_MS);
    answers.set(path, late);
    const answer = await get(path);
    assert.equal(ending(answer), "relayed", path);
    assert.match(answer.body, /new/);
    assert.ok(Date.now() - began >= 3 * PATIENCE_MS);
  }
});
