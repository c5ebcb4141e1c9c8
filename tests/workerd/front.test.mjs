// In front of any origin: who the origin is told it is, where its redirects lead, loops, and what passes
// untouched. And the worker's own address.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { CLIENTS, ending, exchange } from "./ending.mjs";
import { startSite } from "./site.mjs";
import { freePort, startWorker } from "./start.mjs";

const STATUS = "/.well-known/backsoon/status";
let site;

before(async () => {
  site = await startSite();
});

after(() => site?.stop());

test("the origin is told its own name, and the visitor's in the forwarding fields", async () => {
  await site.origin.mode("healthy");
  const seen = JSON.parse((await site.get("/echo", { "x-forwarded-host": "evil.example", "x-real-ip": "192.0.2.66" })).body);
  const field = (name) => seen.headers.find(([n]) => n.toLowerCase() === name)?.[1];
  assert.equal(field("host"), new URL(site.origin.url).host);
  assert.equal(field("x-forwarded-host"), new URL(site.worker.url).host);
  assert.equal(field("x-forwarded-proto"), "http");
  assert.notEqual(field("x-real-ip"), "192.0.2.66", "a visitor's own word for an address reached the origin");
});

test("where the origin speaks of itself it means the site: redirects and cookies", async () => {
  const mover = createServer((request, response) => {
    const self = `//${request.headers.host}`;
    const to = { "/self": `http:${self}/new?x=1#y`, "/relative": `${self}/new` }[request.url];
    const cookies = ["a=1; Domain=localhost; Path=/", "b=2; Path=/"];
    response.writeHead(302, { location: to ?? "https://elsewhere.example/new", "set-cookie": cookies }).end();
  }).listen(0);
  await once(mover, "listening");
  const worker = await startWorker({ vars: { ORIGIN: `http://localhost:${mover.address().port}` } });
  try {
    const self = await exchange(`${worker.url}/self`, { headers: CLIENTS.navigation });
    assert.equal(self.status, 302);
    assert.equal(self.headers.location, `${worker.url}/new?x=1#y`);
    assert.deepEqual(self.headers["set-cookie"], ["a=1; Domain=127.0.0.1; Path=/", "b=2; Path=/"]);
    const relative = await exchange(`${worker.url}/relative`, { headers: CLIENTS.navigation });
    assert.equal(relative.headers.location, `${worker.url}/new`);
    const away = await exchange(`${worker.url}/away`, { headers: CLIENTS.navigation });
    assert.equal(away.headers.location, "https://elsewhere.example/new");
  } finally {
    await worker.stop();
    mover.close();
  }
});

test("a worker whose origin is itself ends in a clear error, not in a circle", async () => {
  const port = await freePort();
  const worker = await startWorker({ port, vars: { ORIGIN: `http://127.0.0.1:${port}` } });
  try {
    const answer = await exchange(`${worker.url}/`, { headers: CLIENTS.navigation });
    assert.equal(answer.status, 503);
    assert.match(answer.headers["proxy-status"], /proxy_loop_detected/);
  } finally {
    await worker.stop();
  }
});

test("an origin with an address that the platform refuses fails like any other", async () => {
  const worker = await startWorker({ vars: { ORIGIN: "https://1.2.3.4.5", BREAKER_FAILURES: "0" } });
  try {
    for (const method of ["POST", "GET", "POST"]) {
      const init = { method, headers: CLIENTS.navigation, body: method === "POST" ? "x=1" : undefined };
      const answer = await exchange(`${worker.url}/`, init);
      assert.equal(answer.status, 503, method);
      // Said by the wasm: without it the entry module answers, and says `proxy_internal_error`.
      assert.match(answer.headers["proxy-status"], /^backsoon; error=http_protocol_error/, method);
    }
  } finally {
    await worker.stop();
  }
});

test("large transfers and server-sent events pass untouched", async () => {
  await site.origin.mode("healthy");
  const large = await site.get("/large", {}, "curl");
  assert.equal(large.body.length, 80 * 64 * 1024);
  const events = await site.get("/events", { accept: "text/event-stream" }, "curl");
  assert.equal(events.body, "data: 1\n\ndata: 2\n\ndata: 3\n\n");
});

test("HEAD is answered without a body, also from a copy and by the page", async () => {
  await site.keep("/about?head");
  const head = (path) => site.send(path, { method: "HEAD", headers: CLIENTS.navigation });
  const copy = await head("/about?head");
  assert.equal(ending(copy), "copy");
  assert.equal(copy.body, "");
  const page = await head("/never-seen");
  assert.equal(ending(page), "page");
  assert.equal(page.body, "");
});

test("a Range request gets the whole copy or the part that it asked for, nothing else", async () => {
  await site.keep("/about?range");
  const answer = await site.get("/about?range", { range: "bytes=0-9" });
  assert.ok(answer.status === 200 || (answer.status === 206 && answer.body.length === 10), `${answer.status}`);
});

test("status tells the state without asking the origin", async () => {
  const read = async (method = "GET") => site.send(STATUS, { method, headers: CLIENTS.json });
  await site.origin.mode("healthy");
  await site.get("/about");
  const up = await read();
  assert.equal(up.status, 200);
  assert.equal(up.headers["cache-control"], "no-store");
  assert.equal(up.headers["access-control-allow-origin"], "*");
  assert.equal(JSON.parse(up.body).state, "up");
  await site.origin.mode("fail:reset");
  // One route that fails alone does not make the site down.
  for (const route of ["/never-seen-either", "/another", "/a-third"]) await site.get(route);
  await site.origin.forgetSeen();
  const down = JSON.parse((await read()).body);
  assert.deepEqual(Object.keys(down), ["state", "since", "retry_after", "message", "eta", "reference"]);
  assert.equal(down.state, "down");
  assert.match(down.since, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  assert.ok(down.reference.length > 0);
  assert.equal((await read("POST")).status, 405);
  assert.equal((await read("OPTIONS")).status, 204);
  assert.equal((await site.send("/.well-known/backsoon/other", { headers: CLIENTS.json })).status, 404);
  assert.deepEqual(await site.origin.seenRequests(), []);
});

test("wrong settings are named and never take the site down", async () => {
  const other = await startSite({ TIMEOUT_MS: "soon", COPIES: "maybe", CONTACT: "javascript:alert(1)" });
  try {
    await other.origin.mode("healthy");
    const answer = await other.get("/about");
    assert.equal(answer.status, 200);
    assert.match(other.worker.seen.output, /TIMEOUT_MS/);
  } finally {
    await other.stop();
  }
});
