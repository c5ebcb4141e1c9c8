// The cache on real workerd: fresh answers without asking, validation, ranges, variants, one for many. What is
// cached by which rule, the cases of `shared` hold; here is shown that the worker does it.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { ending } from "./ending.mjs";
import { exchange } from "./ending.mjs";
import { startWorker } from "./start.mjs";

let origin;
let worker;
let asked = [];
/** What the origin answers by path: `(request, response) => void`. */
const answers = new Map();

before(async () => {
  origin = createServer((request, response) => {
    asked.push(request);
    answers.get(request.url.split("?")[0])(request, response);
  }).listen(0, "127.0.0.1");
  await once(origin, "listening");
  worker = await startWorker({ vars: { ORIGIN: `http://127.0.0.1:${origin.address().port}` } });
});

after(async () => {
  await worker?.stop();
  origin?.closeAllConnections();
  origin?.close();
});

const get = (path, headers = {}, method = "GET") => exchange(worker.url + path, { method, headers });
/** Asks until the answer comes from the store. */
async function hit(path, headers) {
  for (const end = Date.now() + 10_000; ; ) {
    const answer = await get(path, headers);
    if (ending(answer) === "hit") return answer;
    assert.ok(Date.now() < end, `never a hit: ${path}`);
  }
}

test("a fresh answer is given without asking", async () => {
  answers.set("/fresh", (_, response) => response.writeHead(200, { "cache-control": "max-age=60" }).end("fresh"));
  await hit("/fresh");
  asked = [];
  const answer = await get("/fresh");
  assert.equal(answer.body, "fresh");
  assert.match(answer.headers["cache-status"], /^backsoon; hit; ttl=\d+$/);
  assert.ok(Number(answer.headers.age) >= 0);
  assert.deepEqual(asked, []);
});

test("a stale answer is confirmed by its validator, and then answers", async () => {
  answers.set("/etag", (request, response) => {
    const same = request.headers["if-none-match"] === '"one"';
    response.writeHead(same ? 304 : 200, { etag: '"one"', "cache-control": "max-age=0" }).end(same ? "" : "body");
  });
  const answer = await hit("/etag");
  assert.equal(answer.status, 200);
  assert.equal(answer.body, "body");
  assert.match(answer.headers["cache-status"], /fwd=stale; fwd-status=304/);
  const known = await get("/etag", { "if-none-match": '"one"' });
  assert.equal(known.status, 304);
});

test("a part of a stored answer is what was asked for", async () => {
  answers.set("/range", (_, response) =>
    response.writeHead(200, { "cache-control": "max-age=60", "content-type": "text/plain" }).end("0123456789"),
  );
  await hit("/range");
  const part = await get("/range", { range: "bytes=2-5" });
  assert.equal(part.status, 206);
  assert.equal(part.body, "2345");
  assert.equal(part.headers["content-range"], "bytes 2-5/10");
});

test("many who ask at once for what is not stored are one request to the origin", async () => {
  answers.set("/herd", (_, response) => {
    setTimeout(() => response.writeHead(200, { "cache-control": "max-age=60" }).end("herd"), 300);
  });
  asked = [];
  const all = await Promise.all(Array.from({ length: 20 }, () => get("/herd")));
  for (const answer of all) assert.equal(answer.body, "herd");
  assert.equal(asked.length, 1);
});

test("what cannot be stored makes nobody wait", async () => {
  answers.set("/own", (_, response) => {
    setTimeout(() => response.writeHead(200, { "cache-control": "private" }).end("own"), 200);
  });
  await get("/own");
  const began = Date.now();
  const all = await Promise.all(Array.from({ length: 5 }, () => get("/own")));
  for (const answer of all) assert.equal(answer.body, "own");
  assert.ok(Date.now() - began < 900, "they asked side by side");
});

test("a page that comes in pieces is given whole, byte for byte, whether all of it came in time or not", async () => {
  const all = Buffer.from(Array.from({ length: 9_000 }, (_, n) => `<p>${n} é</p>`).join("")).subarray(0, 65_536);
  // Pieces of so many bytes; the last of them are held back for so long, which is longer than a look takes.
  for (const [length, piece, held] of [[1, 1, 0], [40_000, 65_536, 0], [65_536, 700, 0], [20_000, 5_000, 1_500]]) {
    const path = `/pieces-${length}-${piece}`;
    answers.set(path, async (_, response) => {
      response.writeHead(200, { "cache-control": "private", "content-type": "text/html", "content-length": length });
      for (let at = 0; at < length; at += piece) {
        const isLast = at + piece >= length;
        if (isLast) await new Promise((resolve) => setTimeout(resolve, held));
        await new Promise((resolve) => response.write(all.subarray(at, Math.min(at + piece, length)), resolve));
      }
      response.end();
    });
    const headers = { accept: "text/html", "accept-encoding": "identity" };
    const shown = await fetch(worker.url + path, { headers });
    assert.deepEqual(Buffer.from(await shown.arrayBuffer()), all.subarray(0, length), path);
  }
});

test("a compressed answer is given whole to who takes it and to who does not", async () => {
  const text = "compressed ".repeat(400);
  answers.set("/gzip", (request, response) => {
    const takes = /gzip/.test(request.headers["accept-encoding"] ?? "");
    const headers = { "cache-control": "max-age=60", vary: "Accept-Encoding", "content-type": "text/plain", etag: '"z"' };
    if (takes) response.writeHead(200, { ...headers, "content-encoding": "gzip" }).end(gzipSync(text));
    else response.writeHead(200, headers).end(text);
  });
  const first = await fetch(`${worker.url}/gzip`, { headers: { "accept-encoding": "gzip" } });
  assert.equal(await first.text(), text);
  const plain = await hit("/gzip", { "accept-encoding": "identity" });
  assert.equal(plain.body, text);
  const again = await fetch(`${worker.url}/gzip`, { headers: { "accept-encoding": "gzip" } });
  assert.equal(await again.text(), text);
});

test("an answer that broke off is not stored, does not replace a whole one, and where it is short is not even shown", async () => {
  let broken = 0;
  answers.set("/broken", (_, response) => {
    if (!broken) return response.writeHead(200, { "cache-control": "max-age=0, stale-if-error=600", "content-type": "text/plain" }).end("whole");
    response.writeHead(200, { "cache-control": "max-age=60", "content-length": `${broken}`, "content-type": "text/plain" });
    response.write("half", () => response.destroy());
  });
  await get("/broken");
  for (const [length, whole] of [
    [1_000_000, false],
    [1000, true],
  ]) {
    broken = length;
    const answer = await get("/broken");
    assert.equal(answer.whole, whole, `${length} bytes`);
    if (whole) assert.equal(`${ending(answer)} ${answer.body}`, "copy whole");
  }
  answers.set("/broken", (_, response) => response.writeHead(503).end("down"));
  const copy = await get("/broken");
  assert.equal(ending(copy), "copy");
  assert.equal(copy.body, "whole");
});

test("a successful POST makes the stored answer of its address invalid", async () => {
  let version = 1;
  answers.set("/changes", (request, response) => {
    if (request.method === "POST") version += 1;
    response.writeHead(200, { "cache-control": request.method === "POST" ? "no-store" : "max-age=60" }).end(`v${version}`);
  });
  assert.equal((await hit("/changes")).body, "v1");
  assert.equal((await get("/changes", {}, "POST")).status, 200);
  for (const end = Date.now() + 10_000; (await get("/changes")).body !== "v2"; ) assert.ok(Date.now() < end);
});

test("large answers under way are kept as far as there is room, and all are handed on whole", async () => {
  const length = 9_000_000;
  const ends = [];
  for (const n of [1, 2, 3, 4]) {
    answers.set(`/large-${n}`, (_, response) => {
      const headers = { "cache-control": "max-age=60", "content-type": "application/zip", "content-length": length };
      response.writeHead(200, headers).write("begin");
      ends.push(() => response.end(Buffer.alloc(length - 5, "x")));
    });
  }
  answers.set("/small-beside", (_, response) =>
    response.writeHead(200, { "cache-control": "max-age=60", "content-type": "text/css" }).end("small"),
  );
  const large = [];
  for (const n of [1, 2, 3, 4]) large.push(await fetch(`${worker.url}/large-${n}`));
  const said = large.map((answer) => answer.headers.get("cache-status"));
  for (const status of said.slice(0, 3)) assert.match(status, /; stored/);
  assert.match(said[3], /; detail=busy/);
  assert.equal((await hit("/small-beside")).body, "small", "there is room for what is small");
  for (const end of ends) end();
  for (const answer of large) assert.equal((await answer.arrayBuffer()).byteLength, length);
  // As Node's `fetch` asked above: a request of another kind has an answer of its own.
  await hit("/large-1", { accept: "*/*", "sec-fetch-mode": "cors" });
});
