// The store that is everywhere (KV): what it gives when this place has lost everything, and what it never gives.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { CLIENTS, ending, exchange } from "./ending.mjs";
import { kvValues } from "./kv.mjs";
import { startOrigin } from "./origin.mjs";
import { freePort, startWorker } from "./start.mjs";
import { until } from "./until.mjs";

let origin;
let worker;
let state;
let port; // copies are kept under the host's name

const start = async (kv = true, vars = {}) => {
  const set = { ORIGIN: origin.url, TIMEOUT_MS: "2000", BREAKER_FAILURES: "0", ...vars };
  worker = await startWorker({ vars: set, kv, state, port });
};

before(async () => {
  origin = await startOrigin();
  port = await freePort();
  state = await mkdtemp(join(tmpdir(), "backsoon-everywhere-"));
  await start();
});

after(async () => {
  await worker?.stop();
  await origin?.stop();
  await rm(state, { recursive: true, force: true });
});

const get = (path, fields = {}) => exchange(worker.url + path, { headers: { ...CLIENTS.navigation, ...fields } });

/** What a purge, an eviction and another location have in common: nothing is here, and the isolate is new. */
async function elsewhere(kv, vars) {
  await worker.stop();
  await rm(join(state, "v3", "cache"), { recursive: true, force: true });
  await start(kv, vars);
}

const values = () => kvValues(state);

/** Shows a page twice, as two visitors would, until it is everywhere. */
async function spread(path) {
  await origin.mode("healthy");
  const before = await values();
  const shown = await get(path);
  await until(`${path} is stored here`, async () => (await get(path)).status === shown.status);
  // The second sight is one that reaches the origin: a reload past the cache.
  await until(`${path} is everywhere`, async () => {
    await get(path, { "cache-control": "no-cache" });
    return (await values()) > before;
  });
  return shown;
}

test("a page that this place has lost comes from everywhere, at once from here the next time", async () => {
  const shown = await spread("/products/poppy");
  await elsewhere();
  await origin.mode("fail:empty");
  const first = await get("/products/poppy");
  assert.equal(ending(first), "copy");
  assert.match(first.body, /Opens with the first sun/);
  assert.ok(first.body.startsWith(shown.body.trimEnd().slice(0, 500)));
  const again = await get("/products/poppy");
  assert.equal(again.body, shown.body, "fresh still, and so an ordinary hit");
  assert.equal(ending(again), "hit");
  assert.equal(ending(await get("/products/mallow")), "page", "what was never seen is nowhere");
});

test("with the breaker open it comes without asking the origin", async () => {
  await spread("/about");
  await elsewhere(true, { BREAKER_FAILURES: "1", PROBE_MS: "60000" });
  await origin.mode("fail:empty");
  assert.equal(ending(await get("/products/mallow")), "page", "opens the breaker");
  // A probe confirms it, behind that page.
  const probed = async () => (await origin.seenRequests()).some((one) => one.path === "/");
  await until("the probe", probed);
  await origin.forgetSeen();
  const copy = await get("/about");
  assert.equal(ending(copy), "copy");
  assert.match(copy.headers["cache-status"], /hit/);
  assert.deepEqual(await origin.seenRequests(), []);
});

test("without a binding nothing of it is there, and nothing breaks", async () => {
  await elsewhere(false);
  await origin.mode("fail:empty");
  assert.equal(ending(await get("/about")), "page");
});

test("what the origin declares gone is gone everywhere", async () => {
  await elsewhere();
  await spread("/products/marigold");
  const before = await values();
  await origin.mode("fail:status-410");
  assert.equal((await get("/products/marigold", { "cache-control": "no-cache" })).status, 410);
  await until("it is deleted", async () => (await values()) < before);
  await origin.mode("fail:empty");
  assert.equal(ending(await get("/products/marigold")), "page", "in this isolate at once");
  await elsewhere();
  assert.equal(ending(await get("/products/marigold")), "page", "and in every other one");
});

test("nothing private goes there", async () => {
  await elsewhere();
  await origin.mode("healthy");
  const before = await values();
  for (const path of ["/private", "/no-store", "/set-cookie", "/logged-in"]) {
    for (let sight = 0; sight < 3; sight++) await get(path, { cookie: "session=ada", "cache-control": "no-cache" });
  }
  // The pages after it in the same isolate are there; these would be too.
  await spread("/vary-language");
  assert.equal(await values(), before + 1);
});
