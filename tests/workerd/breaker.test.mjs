// The breaker: copies at hit speed while the origin is down, single probes, and a gentle return.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ending } from "./ending.mjs";
import { startSite } from "./site.mjs";

const STATUS = "/.well-known/backsoon/status";
let site;

before(async () => {
  site = await startSite({ BREAKER_FAILURES: "3", PROBE_MS: "1000", RAMP_MS: "1000", TIMEOUT_MS: "2000" });
});

after(() => site?.stop());

const until = async (what, condition) => {
  for (const end = Date.now() + 20_000; !(await condition()); ) assert.ok(Date.now() < end, `never: ${what}`);
};

test("while the origin hangs, copies come at once and the origin is asked by single probes", async () => {
  await site.keep("/about");
  await site.origin.mode("fail:hang");
  // The first few pay for finding out; then the breaker is open.
  await until("a copy without asking", async () => {
    const answer = await site.get("/about");
    return /hit; ttl=-?\d+/.test(answer.headers["cache-status"]);
  });
  await site.origin.forgetSeen();
  const began = Date.now();
  const times = [];
  while (Date.now() - began < 3000) {
    const asked = performance.now();
    const answer = await site.get("/about");
    times.push(performance.now() - asked);
    assert.equal(ending(answer), "copy");
  }
  times.sort((a, b) => a - b);
  const p99 = times[Math.floor(times.length * 0.99)];
  assert.ok(p99 < 500, `99 of 100 copies came within ${p99.toFixed(0)} ms`);
  const seconds = (Date.now() - began) / 1000;
  const asked = (await site.origin.seenRequests()).length;
  assert.ok(asked <= seconds + 1, `${asked} requests reached the origin in ${seconds.toFixed(1)} s`);
});

test("status tells of it, and the site comes back by itself", async () => {
  const read = async () => JSON.parse((await site.get(STATUS, {}, "json")).body).state;
  assert.equal(await read(), "rescuing");
  await site.origin.mode("healthy");
  await until("an answer of the origin again", async () => ending(await site.get("/about")) === "relayed");
  assert.equal(await read(), "up");
});

test("a page that nobody has seen waits a moment for the probe, then is told honestly", async () => {
  await site.keep("/about");
  await site.origin.mode("fail:reset");
  for (let n = 0; n < 6; n++) await site.get("/about");
  const page = await site.get("/never-seen");
  assert.equal(ending(page), "page");
  await site.origin.mode("healthy");
  const [first, second] = await Promise.all([site.get("/products/poppy"), site.get("/products/mallow")]);
  for (const answer of [first, second]) assert.equal(answer.status, 200);
});
