// What a failure answer is to scripts of other sites, frames and programs, and what of an answer is the site's.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, request } from "node:http";
import { after, before, test } from "node:test";
import { startWorker } from "./start.mjs";

let origin;
let worker;
let mode = "up";

const GRANT = {
  "access-control-allow-origin": "https://app.example",
  "access-control-allow-methods": "PUT",
  "access-control-allow-headers": "x-shop",
  vary: "Origin",
};

function answered(asked, answer) {
  if (mode === "cut") return asked.socket.destroy();
  const own = `http://127.0.0.1:${origin.address().port}`;
  const html = { "content-type": "text/html" };
  if (asked.url === "/date") {
    return answer.writeHead(503, { ...html, "retry-after": new Date(Date.now() + 600_000).toUTCString() }).end("<h1>busy</h1>");
  }
  if (asked.url === "/works") return answer.writeHead(503, { ...html, "retry-after": "1800" }).end("<h1>Umbau bis 18 Uhr</h1>");
  if (asked.method === "OPTIONS") {
    const known = asked.headers.origin === "https://app.example" && asked.headers["access-control-request-method"] === "PUT";
    return answer.writeHead(known ? 204 : 403, known ? GRANT : {}).end();
  }
  answer.writeHead(200, {
    ...html,
    "content-location": `${own}/cl`,
    link: `<${own}/next>; rel="next", </a>; rel="up"`,
    refresh: `3; url=${own}/r`,
    "clear-site-data": '"cookies"',
  });
  answer.end("<!doctype html><title>Shop</title><p>Flowers</p></html>");
}

/** Node's own client: `fetch` does not let a test send these fields. */
async function ask(path, headers = {}, method = "GET") {
  const asked = request(worker.url + path, { method, headers }).end();
  const [answer] = await once(asked, "response");
  let body = "";
  for await (const part of answer) body += part;
  return { status: answer.statusCode, headers: answer.headers, body };
}

before(async () => {
  origin = createServer(answered).listen(0, "127.0.0.1");
  await once(origin, "listening");
  const vars = {
    ORIGIN: `http://127.0.0.1:${origin.address().port}`,
    ORIGIN_ERROR_PAGE_PASS_THROUGH: "/works@on",
    BREAKER_FAILURES: "0",
  };
  worker = await startWorker({ vars });
});
after(async () => {
  await worker?.stop();
  origin?.closeAllConnections();
  origin?.close();
});

test("every failure answer may be read by any site, its Retry-After too", async () => {
  mode = "cut";
  const clients = {
    page: { accept: "text/html", "sec-fetch-dest": "document" },
    problem: { accept: "application/problem+json" },
    json: { accept: "application/json" },
    markdown: { accept: "text/markdown, application/json" },
    script: { "sec-fetch-dest": "script" },
    stream: { accept: "text/event-stream" },
  };
  for (const [name, headers] of Object.entries(clients)) {
    const answer = await ask(`/cold-${name}`, { ...headers, origin: "https://app.example" });
    assert.ok(answer.status >= 500, name);
    assert.equal(answer.headers["access-control-allow-origin"], "*", name);
    assert.match(answer.headers["access-control-expose-headers"], /Retry-After/, name);
    assert.equal(answer.headers["access-control-allow-credentials"], undefined, name);
    if (name === "json") assert.equal(answer.headers["content-type"], "application/json");
    if (name === "markdown") assert.match(answer.headers["content-type"], /^text\/markdown/);
  }
});

test("a preflight is answered as the origin last answered it, and no other is", async () => {
  const asked = {
    origin: "https://app.example",
    "access-control-request-method": "PUT",
    "access-control-request-headers": "x-shop",
  };
  mode = "up";
  assert.equal((await ask("/api", asked, "OPTIONS")).status, 204);
  mode = "cut";
  let answer;
  const until = Date.now() + 20_000;
  do answer = await ask("/api", asked, "OPTIONS");
  while (answer.status !== 204 && Date.now() < until);
  assert.equal(answer.status, 204);
  assert.equal(answer.headers["access-control-allow-origin"], "https://app.example");
  assert.equal(answer.headers["access-control-allow-methods"], "PUT");
  assert.match(answer.headers["cache-status"], /detail=preflight/);
  for (const other of [
    { origin: "https://evil.example" },
    { "access-control-request-method": "DELETE" },
    { "access-control-request-headers": "x-shop,x-admin" },
    { cookie: "session=1" },
  ]) {
    const refused = await ask("/api", { ...asked, ...other }, "OPTIONS");
    assert.ok(refused.status >= 500, JSON.stringify(other));
    assert.equal(refused.headers["access-control-allow-methods"], undefined);
  }
});

test("fields with the origin's address name the site, and what is stored does not act", async () => {
  mode = "up";
  const live = await ask("/fields", { accept: "text/html", "sec-fetch-dest": "document" });
  const port = String(origin.address().port);
  for (const name of ["content-location", "link", "refresh"]) {
    assert.ok(live.headers[name].includes(worker.url.replace("http://", "")), `${name}: ${live.headers[name]}`);
    assert.ok(!live.headers[name].includes(port), name);
  }
  assert.equal(live.headers["clear-site-data"], '"cookies"');
  mode = "cut";
  let copy;
  const until = Date.now() + 20_000;
  do copy = await ask("/fields", { accept: "text/html", "sec-fetch-dest": "document" });
  while (copy.status !== 200 && Date.now() < until);
  assert.equal(copy.status, 200);
  assert.equal(copy.headers["clear-site-data"], undefined);
  assert.equal(copy.headers.refresh, undefined);
  assert.ok(!copy.headers.link.includes(port));
  // In a frame: the same copy, without the note.
  const framed = await ask("/fields", { accept: "text/html", "sec-fetch-dest": "iframe" });
  assert.equal(framed.status, 200);
  assert.ok(!framed.body.includes("backsoon-note"));
});

test("in a frame of another site the failure is readable", async () => {
  mode = "cut";
  const framed = { accept: "text/html", "sec-fetch-dest": "iframe", "sec-fetch-site": "cross-site" };
  const answer = await ask("/widget", framed);
  assert.ok(answer.status >= 500);
  assert.doesNotMatch(answer.headers["content-security-policy"], /frame-ancestors/);
  assert.match(answer.body, /<h1>/);
  assert.ok(!answer.body.includes("<details"));
  const top = await ask("/widget", { accept: "text/html", "sec-fetch-dest": "document" });
  assert.match(top.headers["content-security-policy"], /frame-ancestors 'self'/);
});

test("Retry-After as a date counts, and the owner's own 503 page passes where a setting says so", async () => {
  mode = "up";
  const busy = await ask("/date", { accept: "text/html", "sec-fetch-dest": "document" });
  const seconds = Number(busy.headers["retry-after"]);
  assert.ok(seconds >= 590 && seconds <= 640, busy.headers["retry-after"]);
  assert.match(busy.body, /10 minutes/);
  const works = await ask("/works", { accept: "text/html", "sec-fetch-dest": "document" });
  assert.equal(works.status, 503);
  assert.equal(works.headers["retry-after"], "1800");
  assert.match(works.body, /18 Uhr/);
});
