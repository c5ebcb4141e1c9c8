// Nothing of ours takes the site down: wasm that traps with requests in flight leaves none unanswered.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { built, startWorker } from "./start.mjs";

const IN_FLIGHT = 20;
let origin;
let worker;
const seen = []; // "METHOD /path" of each request that the origin got
const held = []; // answers that the origin holds back until the test lets them go

before(async () => {
  origin = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    // workerd itself sends a GET again where a line that it used before is lost: each request gets a new line.
    response.setHeader("connection", "close");
    const answer = () => response.end(`origin ${request.method} ${request.url}`);
    if (request.url.startsWith("/lost")) {
      const cut = () => request.socket.destroy();
      if (seen.filter((one) => one === `${request.method} ${request.url}`).length === 1) cut();
      else held.push(cut);
    } else if (request.url.startsWith("/held")) held.push(answer);
    else answer();
  }).listen(0, "127.0.0.1");
  await once(origin, "listening");
  const ORIGIN = `http://127.0.0.1:${origin.address().port}`;
  worker = await startWorker({ flavour: "hook", vars: { ORIGIN } });
});

after(async () => {
  await worker?.stop();
  origin?.closeAllConnections();
  origin?.close();
});

const ask = (path, init = {}) =>
  fetch(worker.url + path, { redirect: "manual", signal: AbortSignal.timeout(30_000), ...init });
const breaking = (kind, init = {}) => ({ ...init, headers: { "x-backsoon-break": kind } });
const until = async (condition) => {
  for (const end = Date.now() + 20_000; !condition(); ) {
    assert.ok(Date.now() < end, "the condition did not come true within 20 s");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

for (const kind of ["panic", "unreachable", "overflow", "memory", "later", "after", "never"]) {
  test(`a request that breaks the wasm (${kind}) still gets the origin's answer`, async () => {
    const response = await ask(`/one-${kind}`, breaking(kind));
    assert.equal(response.status, 200);
    assert.equal(await response.text(), `origin GET /one-${kind}`);
    const next = await ask("/next");
    assert.equal(await next.text(), "origin GET /next");
  });
}

for (const kind of ["panic", "overflow", "later", "after"]) {
  test(`a trap (${kind}) with ${IN_FLIGHT} requests in flight leaves none unanswered`, async () => {
    held.length = 0;
    const flying = Array.from({ length: IN_FLIGHT }, (_, i) => ask(`/held-${kind}-${i}`));
    await until(() => held.length === IN_FLIGHT);
    const trap = await ask(`/trap-${kind}`, breaking(kind));
    assert.equal(trap.status, 200);
    for (const answer of held) answer();
    const answers = await Promise.all(flying);
    for (const [i, answer] of answers.entries()) {
      assert.equal(answer.status, 200);
      assert.equal(await answer.text(), `origin GET /held-${kind}-${i}`);
    }
    const next = await ask("/next");
    assert.equal(next.status, 200);
  });
}

test("a POST is sent once, whether wasm broke before or after it was sent", async () => {
  for (const kind of ["panic", "after"]) {
    const response = await ask(`/post-${kind}`, breaking(kind, { method: "POST", body: "x=1" }));
    assert.equal(response.status, 200);
    assert.equal(seen.filter((one) => one === `POST /post-${kind}`).length, 1);
  }
});

test("a trap while a request is sent for the second time does not send it a third time", async () => {
  held.length = 0;
  const flying = ask("/lost");
  await until(() => held.length === 1);
  await ask("/trap-retry", breaking("panic"));
  held[0]();
  const answer = await flying;
  assert.equal(answer.status, 502);
  assert.equal(seen.filter((one) => one === "GET /lost").length, 2);
});

test("with wasm broken and the origin gone there is an honest page", async () => {
  const lonely = await startWorker({ flavour: "hook", vars: { ORIGIN: "http://127.0.0.1:9" } });
  try {
    const response = await fetch(`${lonely.url}/`, breaking("panic"));
    assert.equal(response.status, 502);
    assert.equal(response.headers.get("cache-control"), "no-store");
    assert.match(await response.text(), /502/);
  } finally {
    await lonely.stop();
  }
});

test("the release build has no hook", async () => {
  const name = Buffer.from("x-backsoon-break");
  const wasm = (flavour) => readFile(join(built[flavour], "core.wasm"));
  assert.ok((await wasm("hook")).includes(name), "the search finds the hook where it is");
  assert.ok(!(await wasm("release")).includes(name), "the release wasm names the hook");
});
