// No visitor's request ends the copy that is everywhere (KV). A confirmed end takes it from there too.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { CLIENTS, ending, exchange } from "./ending.mjs";
import { kvValues } from "./kv.mjs";
import { freePort, startWorker } from "./start.mjs";
import { until } from "./until.mjs";

const html = { "content-type": "text/html" };
const page = (path) => `<!doctype html><title>${path}</title><h1>${path}</h1><p>${"Words of a good page. ".repeat(30)}</p>`;
const isNeutral = (request) => /Backsoon/.test(request.headers["user-agent"] ?? "");
const anew = { "cache-control": "no-cache" };
const away = { "cf-connecting-ip": "198.51.100.7" };
const witness = { "cf-connecting-ip": "203.0.113.9" };
let origin;
let worker;
let state;
let port;
let neutral = 0;
/** What the origin answers beside its pages: a status for a request, or nothing. */
let rule = () => undefined;

async function start() {
  const vars = { ORIGIN: `http://127.0.0.1:${origin.address().port}`, BREAKER_FAILURES: "0" };
  worker = await startWorker({ vars, kv: true, state, port });
}

before(async () => {
  origin = createServer((request, response) => {
    request.resume();
    if (isNeutral(request)) neutral += 1;
    const status = rule(request) ?? 200;
    response.writeHead(status, html).end(status === 200 ? page(request.url) : `<h1>${status}</h1>`);
  }).listen(0, "127.0.0.1");
  await once(origin, "listening");
  port = await freePort();
  state = await mkdtemp(join(tmpdir(), "backsoon-ending-"));
  await start();
});

after(async () => {
  await worker?.stop();
  origin?.closeAllConnections();
  origin?.close();
  await rm(state, { recursive: true, force: true });
});

const get = (path, fields = {}) => exchange(worker.url + path, { headers: { ...CLIENTS.navigation, ...fields } });

async function spread(path) {
  rule = () => undefined;
  const before = await kvValues(state);
  await until(`${path} is everywhere`, async () => {
    await get(path, anew);
    return (await kvValues(state)) > before;
  });
}

/** What visitors of another place get in an outage: nothing is stored there, and the isolate is new. */
async function elsewhere(paths) {
  await worker.stop();
  await rm(join(state, "v3", "cache"), { recursive: true, force: true });
  await start();
  rule = () => 502;
  const shown = [];
  for (const path of paths) shown.push(ending(await get(path)));
  return shown;
}

test("requests of one visitor end nothing that is everywhere", async () => {
  const attacks = [
    ["/options", 404, { method: "OPTIONS" }],
    ["/propfind", 404, { method: "PROPFIND" }],
    ["/head", 404, { method: "HEAD" }],
    ["/body", 404, { body: "x=1", headers: { "content-length": "3" } }],
    ["/cookie", 404, { headers: { cookie: "ab=zzz" } }],
    ["/firewall", 403, { headers: { "user-agent": "sqlmap" } }],
    ["/post", 200, { method: "POST", headers: { "content-length": "0" } }],
  ];
  const paths = ["/control", ...attacks.map(([path]) => path)];
  for (const path of paths) await spread(path);
  for (const [path, status, init] of attacks) {
    rule = (request) => (isNeutral(request) || status === 200 ? undefined : status);
    const headers = { ...CLIENTS.navigation, ...anew, ...away, ...init.headers };
    assert.equal((await exchange(worker.url + path, { ...init, headers })).status, status, path);
    rule = (request) => (isNeutral(request) || request.url !== path ? undefined : 404);
    await get("/witness", witness);
  }
  await until("neutral requests", () => neutral > 3);
  assert.deepEqual(await elsewhere(paths), paths.map(() => "copy"));
});

test("a page that a neutral request finds gone ends everywhere", async () => {
  await elsewhere([]);
  await spread("/gone");
  const before = await kvValues(state);
  rule = (request) => (request.url === "/gone" ? 404 : undefined);
  await get("/gone", { ...anew, ...away });
  await until("it is deleted", async () => {
    await get("/witness", witness);
    return (await kvValues(state)) < before;
  });
  assert.deepEqual(await elsewhere(["/gone"]), ["page"]);
});
