// No visitor's request ends what everybody is shown in an outage. A neutral request confirms, or nothing does; and a
// firewall that refuses everybody is a failure of the site.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { CLIENTS, ending, exchange } from "./ending.mjs";
import { startWorker } from "./start.mjs";
import { until } from "./until.mjs";

const BROWSER = { ...CLIENTS.navigation, "user-agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0" };
const html = { "content-type": "text/html" };
const page = (path) => `<!doctype html><title>${path}</title><h1>${path}</h1><p>${"Words of a good page. ".repeat(30)}</p>`;
let origin;
let worker;
let neutral = [];
/** What the origin answers beside its pages: a status for a request, or nothing. */
let rule = () => undefined;

before(async () => {
  origin = createServer((request, response) => {
    request.resume();
    if (/Backsoon/.test(request.headers["user-agent"] ?? "")) neutral.push(request);
    const status = rule(request) ?? 200;
    response.writeHead(status, html).end(status === 200 ? page(request.url) : `<h1>${status}</h1>`);
  }).listen(0, "127.0.0.1");
  await once(origin, "listening");
  const vars = { ORIGIN: `http://127.0.0.1:${origin.address().port}`, BREAKER_FAILURES: "0" };
  worker = await startWorker({ vars });
});

after(async () => {
  await worker?.stop();
  origin?.closeAllConnections();
  origin?.close();
});

const isNeutral = (request) => /Backsoon/.test(request.headers["user-agent"] ?? "");
const get = (path, fields = {}) => exchange(worker.url + path, { headers: { ...BROWSER, ...fields } });

/** A visitor from another network comes: in that context a claim is confirmed. */
async function confirmed() {
  await get("/witness", { "cf-connecting-ip": "203.0.113.9" });
  return neutral.length > 0;
}

async function inOutage(path) {
  const before = rule;
  rule = () => 502;
  const answer = await get(path, { "cache-control": "no-cache" });
  rule = before;
  return answer;
}

async function keep(path) {
  rule = () => undefined;
  await get(path);
  await until(`a copy of ${path}`, async () => ending(await inOutage(path)) === "copy");
}

const ATTACKS = [
  { name: "OPTIONS", init: { method: "OPTIONS" }, status: 404, claims: false },
  { name: "PROPFIND", init: { method: "PROPFIND" }, status: 403, claims: false },
  { name: "a GET with a body", init: { method: "GET", body: "x=1" }, status: 404, claims: false },
  { name: "HEAD", init: { method: "HEAD" }, status: 404, claims: true },
  { name: "a user agent", init: { headers: { "accept-language": "xx" } }, status: 403, claims: true },
  { name: "a cookie", init: { headers: { cookie: "ab=zzz" } }, status: 404, claims: true },
  { name: "a language", init: { headers: { "accept-language": "xx" } }, status: 401, claims: true },
];

for (const [index, { name, init, status, claims }] of ATTACKS.entries()) {
  test(`${name} that the origin answers with ${status} ends nobody's copy`, async () => {
    const path = `/attacked-${index}`;
    await keep(path);
    neutral = [];
    rule = (request) => (isNeutral(request) ? undefined : status);
    const headers = { ...BROWSER, "cache-control": "no-cache", ...init.headers };
    if (init.body) headers["content-length"] = String(init.body.length);
    const attack = await exchange(worker.url + path, { ...init, headers });
    assert.equal(attack.status, status);
    if (claims) await until("a neutral request", () => confirmed());
    for (const { headers: sent } of neutral) assert.ok(!sent.cookie && sent["accept-language"] !== "xx");
    assert.equal(ending(await inOutage(path)), "copy");
  });
}

test("a page that is gone for a neutral client too is not shown again", async () => {
  await keep("/gone");
  rule = () => 404;
  await get("/gone", { "cache-control": "no-cache" });
  await until("it is gone", async () => (await confirmed()) && ending(await inOutage("/gone")) === "page");
});

test("where the platform names networks, a claim waits for a visitor from another one", async () => {
  await keep("/networks");
  const away = { "cf-connecting-ip": "198.51.100.7" };
  neutral = [];
  rule = (request) => (/networks/.test(request.url) ? 410 : undefined);
  await get("/networks", { "cache-control": "no-cache", ...away });
  await get("/elsewhere-1", away);
  assert.deepEqual(neutral, []);
  await get("/elsewhere-2", { "cf-connecting-ip": "203.0.113.9" });
  await until("a neutral request", () => neutral.length > 0);
  assert.equal(neutral[0].headers["x-forwarded-for"], "203.0.113.9");
  await until("it is gone", async () => ending(await inOutage("/networks")) === "page");
});

test("after an unsafe request that succeeded the copy is asked for anew, or labelled where nobody answers", async () => {
  for (const [path, then, shown] of [["/posted", undefined, "copy"], ["/posted-down", 502, "copy"], ["/deleted", 502, "page"]]) {
    await keep(path);
    neutral = [];
    rule = (request) => (isNeutral(request) ? then : undefined);
    const method = path === "/deleted" ? "DELETE" : "POST";
    assert.equal((await exchange(worker.url + path, { method, headers: BROWSER })).status, 200);
    await until("a neutral request", () => neutral.length > 0);
    await until(`${path}: ${shown}`, async () => {
      const answer = await inOutage(path);
      const label = /older-than-a-change/.test(answer.headers["cache-status"] ?? "");
      return ending(answer) === shown && label === (path === "/posted-down");
    });
  }
});

test("a firewall that refuses everybody takes nothing away, and status says so", async () => {
  const paths = ["/wall-1", "/wall-2", "/wall-3"];
  for (const path of paths) await keep(path);
  rule = () => 403;
  const ask = (path, n) => get(path, { "cache-control": "no-cache", "cf-connecting-ip": `203.0.${n}.1` });
  for (const [index, path] of paths.entries()) await ask(path, index + 1);
  await until("copies are shown", async () => ending(await ask("/wall-1", 9)) === "copy");
  assert.equal((await ask("/never-seen", 9)).status, 403, "without a copy the origin's own answer");
  const status = JSON.parse((await exchange(`${worker.url}/.well-known/backsoon/status`)).body);
  assert.equal(status.state, "rescuing");
  assert.equal(status.cause, "refuses-everybody");
  rule = (request) => (request.url === "/wall-1" ? 403 : undefined);
  await ask("/wall-2", 4);
  assert.equal((await ask("/wall-1", 5)).status, 403, "one good answer ends it");
});
