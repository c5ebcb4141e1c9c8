// What a page needs is kept beside it, so that its copy does not render broken. Only parts that visitors have asked for
// by themselves are fetched: markup of a stranger's (a comment) makes the worker ask for nothing else.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { CLIENTS, ending, exchange } from "./ending.mjs";
import { startWorker } from "./start.mjs";
import { until } from "./until.mjs";

const WORDS = "Words of a good page. ".repeat(30);
const page = (parts) =>
  `<!doctype html><html lang=en><title>Comments</title><h1>Comments</h1><p>${WORDS}</p>${parts.map((part) => `<link rel=stylesheet href="${part}"><img src="${part}">`).join("")}</html>`;
// Each does something, is for some addresses only, or is ours in another spelling.
const ATTACKS = ["/internal/report", "/logout", "/unsubscribe?token=abc", "/never-asked.css", "/logout/x.css?y=1"];
ATTACKS.push("/%2ewell-known/backsoon/status", "/.well-known/backsoon/copy-part/a.css", "//127.0.0.1:1/x.css", "/x%2Fy.css");

let origin;
let worker;
let seen = [];
let down = false;
let aged = true;
before(async () => {
  origin = createServer((request, answer) => {
    seen.push({ path: request.url, headers: request.headers });
    if (down) return answer.writeHead(502).end("<h1>502 Bad Gateway</h1>");
    const address = request.headers["x-forwarded-for"];
    if (request.url.startsWith("/page")) {
      answer.writeHead(200, { "content-type": "text/html" });
      return answer.end(page(["/style.css", "/by-address.css", "/last.css", ...ATTACKS]));
    }
    // Of no use in an outage at first, so that the page's next visitor brings it once more.
    const old = aged ? { age: "100", "cache-control": "max-age=60, must-revalidate" } : {};
    answer.writeHead(200, { "content-type": "text/css", etag: '"1"', "cache-control": "max-age=60", ...old });
    return answer.end(request.url === "/by-address.css" ? `/* for ${address} */` : "body { color: red }");
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

const get = (path, address, client = "navigation", fields = {}) =>
  exchange(worker.url + path, {
    headers: { ...CLIENTS[client], "user-agent": "Mozilla/5.0", "cf-connecting-ip": address, ...fields },
  });

test("only parts that a visitor asked for are fetched again, and what an address decides is not kept", async () => {
  for (const part of ["/style.css", "/by-address.css", "/last.css"]) {
    assert.equal((await get(part, "203.0.113.7", "style")).status, 200);
  }
  aged = false;
  seen = [];
  // A signed-in visitor's page makes the worker ask for nothing.
  for (let n = 0; n < 3; n++) await get("/page?signed-in", "198.51.100.7", "navigation", { cookie: "session=ada" });
  let visits = 0;
  // Parts are fetched only while few visitors come, so the loop leaves room between its visits.
  const pause = { pause: 100 };
  await until("the last part was asked for", async () => {
    await get(`/page?${visits++}`, "198.51.100.7");
    return seen.some(({ path }) => path === "/last.css");
  }, pause);
  const asked = seen.filter(({ path }) => !path.startsWith("/page"));
  const parts = new Set(asked.map(({ path }) => path));
  assert.deepEqual([...parts].sort(), ["/by-address.css", "/last.css", "/style.css"]);
  for (const { headers } of asked) {
    assert.equal(headers["x-forwarded-for"], "198.51.100.7");
    assert.equal(headers["sec-fetch-dest"], "style");
    assert.equal(headers["user-agent"], "Mozilla/5.0");
    assert.ok(!("cookie" in headers) && !("authorization" in headers));
  }
  down = true;
  await until("a part is kept", async () => ["hit", "copy"].includes(ending(await get("/last.css", "192.0.2.7", "style"))));
  assert.ok(["hit", "copy"].includes(ending(await get("/style.css", "192.0.2.7", "style"))));
  const other = await get("/by-address.css", "192.0.2.7", "style");
  assert.ok(!other.body.includes("for 198.51.100.7"), `kept for everybody: ${other.body}`);
});
