// Copies of what is everybody's: campaigns, other browsers, a first Set-Cookie, and what the owner is told.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { CLIENTS, ending, exchange } from "./ending.mjs";
import { startWorker } from "./start.mjs";

const CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36";
const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0";
const PHONE = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Mobile Safari/537.36";

let origin;
let worker;
let broken = false;

const page = (title, more = "") =>
  `<!doctype html><html lang="en"><head><title>${title}</title></head><body><h1>${title}</h1><p>${"Words of a good page. ".repeat(30)}</p>${more}</body></html>`;

function answer(request, response) {
  const url = new URL(request.url, "http://origin");
  const html = { "content-type": "text/html; charset=utf-8", "cache-control": "max-age=1" };
  if (broken) return response.writeHead(502, html).end("<h1>502 Bad Gateway</h1>");
  if (url.pathname.startsWith("/vary")) html.vary = "User-Agent, Accept";
  if (url.pathname.startsWith("/session")) {
    delete html["cache-control"];
    html["set-cookie"] = `sid=${Math.random().toString(36).slice(2).padEnd(12, "x")}; path=/`;
  }
  if (url.pathname === "/") html["cache-control"] = "private, no-store";
  const repeated = url.searchParams.get("utm_source") ?? "";
  response.writeHead(200, html).end(page(`Page ${url.pathname}`, `<p>${repeated}</p>`));
}

const get = (path, fields = {}) => exchange(worker.url + path, { headers: { ...CLIENTS.navigation, "user-agent": CHROME, ...fields } });

/** Asks until the answer ends as wanted. */
async function until(wanted, ask, ms = 10_000) {
  for (const end = Date.now() + ms; ; ) {
    const got = await ask();
    if (ending(got) === wanted) return got;
    assert.ok(Date.now() < end, `no ${wanted} within ${ms} ms, but ${ending(got)} ${got.status}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

before(async () => {
  origin = createServer(answer).listen(0, "127.0.0.1");
  await once(origin, "listening");
  const url = `http://127.0.0.1:${origin.address().port}`;
  worker = await startWorker({ vars: { ORIGIN: url, BREAKER_FAILURES: "0" } });
});

after(async () => {
  await worker?.stop();
  origin?.close();
});

async function seen(path, fields) {
  broken = false;
  await get(path, fields);
  await until("hit", () => get(path, fields));
  broken = true;
}

test("who comes from an advertisement gets the copy of the plain address", async () => {
  await seen("/product");
  for (const query of ["utm_source=newsletter&utm_medium=email", "gclid=abc", "fbclid=IwAR0", "msclkid=1&mc_cid=2"]) {
    const copy = await until("copy", () => get(`/product?${query}`));
    assert.match(copy.body, /Page \/product/);
  }
  assert.equal(ending(await get("/product?id=7&utm_source=x")), "page", "another product is another page");
});

test("a value in a campaign's parameter reaches nobody else", async () => {
  broken = false;
  const own = await get("/landing?utm_source=evil-words");
  assert.match(own.body, /evil-words/);
  await seen("/landing");
  const copy = await until("copy", () => get("/landing"));
  assert.doesNotMatch(copy.body, /evil-words/);
});

test("a copy made by one browser helps another, but not a phone", async () => {
  await seen("/vary");
  await until("copy", () => get("/vary", { "user-agent": FIREFOX, accept: "text/html,*/*;q=0.8" }));
  assert.equal(ending(await get("/vary", { "user-agent": PHONE })), "page");
});

test("the status names the field that stands in the way of a copy, and the setting", async () => {
  broken = false;
  await get("/");
  const status = JSON.parse((await exchange(`${worker.url}/.well-known/backsoon/status`)).body);
  assert.deepEqual(status.start_page, { kept: false, reason: "private", field: "Cache-Control", setting: "OVERRIDE_NO_STORE" });
});

// That two visitors from two countries prove a page to be everybody's is played natively: local workerd has one country.
test("a country that a visitor chooses proves nothing about a first Set-Cookie", async () => {
  broken = false;
  for (const [address, country] of [["203.0.113.7", "DE"], ["198.51.100.7", "FR"]]) {
    const own = await get("/session/shop", { "cf-connecting-ip": address, "cf-ipcountry": country });
    assert.equal(own.status, 200);
    assert.match(own.headers["cache-status"], /detail="?field:cf-ipcountry/);
  }
  const plain = await get("/session/shop");
  assert.match(plain.headers["cache-status"], /detail=set-cookie/);
  broken = true;
  assert.equal(ending(await get("/session/shop")), "page");
});
