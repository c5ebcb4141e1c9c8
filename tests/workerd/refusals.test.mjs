// What no cache may keep, in spellings that owners write, and for how long a shown copy is fresh for the next cache.
// The readings are in tests/cases/malformed; here is shown that the worker acts on them.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { ending, exchange } from "./ending.mjs";
import { startWorker } from "./start.mjs";

let origin;
let worker;
let down = false;
/** What the origin says by path: its fields. */
const fields = new Map();

before(async () => {
  origin = createServer((request, response) => {
    if (down) return response.writeHead(502, { "content-type": "text/plain" }).end("down");
    const type = request.url.endsWith(".png") ? "image/png" : "text/html";
    const page = `<!doctype html><title>page</title><h1>page</h1><p>${"words ".repeat(50)}</p></html>`;
    response.writeHead(200, { "content-type": type, ...fields.get(request.url) }).end(page);
  }).listen(0, "127.0.0.1");
  await once(origin, "listening");
  worker = await startWorker({ vars: { ORIGIN: `http://127.0.0.1:${origin.address().port}` } });
});

after(async () => {
  await worker?.stop();
  origin?.closeAllConnections();
  origin?.close();
});

const browser = { accept: "text/html,*/*;q=0.8", "sec-fetch-dest": "document", "sec-fetch-mode": "navigate" };
const image = { accept: "image/*", "sec-fetch-dest": "image", "sec-fetch-mode": "no-cors" };
const get = (path, headers = browser) => exchange(worker.url + path, { method: "GET", headers });

/** Shows the address to the worker, and asks until its `Cache-Status` says so. */
async function seen(path, headers) {
  const answer = await get(path, headers);
  assert.equal(answer.status, 200, path);
  return answer.headers["cache-status"] ?? "";
}

const REFUSED = [
  { "cache-control": "private;max-age=0" },
  { "cache-control": "no-cache; no-store" },
  { "cache-control": '"private"' },
  { "cache-control": 'private="x' },
  { "cache-control": "max-age=60 private" },
  { "cache-control": "public, max-age=60", "cloudflare-cdn-cache-control": "no-store" },
  { "cache-control": "public, max-age=60", "cdn-cache-control": "no-store;" },
  { "cache-control": "public, max-age=60", "surrogate-control": "no-store" },
  { "cache-control": "public, max-age=60", "x-accel-expires": "0" },
  { "cache-control": "public, max-age=60", "edge-control": "no-store" },
  { "cache-control": "max-age=60", pragma: "No-Store" },
];
const KEPT = [{ "cache-control": "x-private;max-age=0" }, { "edge-control": "!no-store" }, { "x-accel-expires": "60" }];

test("an answer that nobody may keep is shown to nobody in an outage, in any spelling", async () => {
  down = false;
  const rows = [...REFUSED.map((of) => [of, false]), ...KEPT.map((of) => [of, true])];
  const paths = rows.map(([of], n) => {
    fields.set(`/refused/${n}`, of);
    return `/refused/${n}`;
  });
  for (const [n, [of, kept]] of rows.entries()) {
    const stored = /stored/.test(await seen(paths[n]));
    assert.equal(stored, kept, JSON.stringify(of));
  }
  down = true;
  for (const [n, [of, kept]] of rows.entries()) {
    for (const end = Date.now() + 10_000; ; ) {
      const answer = await get(paths[n]);
      if (answer.status === (kept ? 200 : 503)) break;
      assert.ok(kept && Date.now() < end, `${JSON.stringify(of)}: ${answer.status}`);
    }
  }
  down = false;
});

test("a copy is not fresh for the next cache where it is not fresh here, nor where it has our note", async () => {
  down = false;
  const old = { "last-modified": "Mon, 01 Jan 2024 00:00:00 GMT", etag: '"1"' };
  fields.set("/noted", { "cache-control": "max-age=600", expires: "Mon, 01 Jan 2046 00:00:00 GMT", ...old });
  fields.set("/stale.png", { "cache-control": "max-age=0", ...old });
  fields.set("/guessed.png", old);
  await seen("/noted");
  await seen("/stale.png", image);
  await seen("/guessed.png", image);
  down = true;
  // A fresh copy is given without asking; a reload asks, and so does a copy that is not fresh.
  for (const [path, headers] of [
    ["/noted", { ...browser, "cache-control": "no-cache" }],
    ["/noted", { ...browser, "cache-control": "max-age=0" }],
    ["/stale.png", image],
    ["/guessed.png", { ...image, "cache-control": "no-cache" }],
  ]) {
    for (const end = Date.now() + 10_000; ; ) {
      const answer = await get(path, headers);
      if (answer.status === 200 && answer.headers["proxy-status"]) {
        assert.equal(answer.headers["cache-control"], "no-cache", path);
        assert.equal(answer.headers.expires, undefined, path);
        assert.equal(answer.headers.etag !== undefined, path !== "/noted", path);
        assert.equal(answer.body.toString().includes("backsoon"), path === "/noted", path);
        break;
      }
      assert.ok(Date.now() < end, `${path}: ${answer.status} ${ending(answer)}`);
    }
  }
  down = false;
});
