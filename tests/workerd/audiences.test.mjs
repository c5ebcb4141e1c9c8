// Different audiences of one address, on a healthy origin and in an outage whose errors come under 200: who is shown
// the origin's own answer, and who a copy. What counts as evidence, the cases of `shared` hold.

import assert from "node:assert/strict";
import { once } from "node:events";
import { request as ask } from "node:http";
import { createServer } from "node:net";
import { after, before, beforeEach, test } from "node:test";
import { CLIENTS, ending, exchange } from "./ending.mjs";
import { startWorker } from "./start.mjs";
import { until } from "./until.mjs";

const BROWSER = { ...CLIENTS.navigation, "user-agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0" };
const ADA = { ...BROWSER, cookie: "session=ada" };
const HTML = "text/html; charset=utf-8";
const SHORT = "max-age=1";
const page = (word) =>
  `<!doctype html><html><head><title>${word}</title></head><body><h1>${word}</h1>${"<p>Words of a good page.</p>".repeat(80)}</body></html>`;
const shell = (word) => `<!doctype html><html><head><title>${word}</title></head><body><div id=app></div></body></html>`;
const ERROR = "<html><head><title>Service Unavailable</title></head><body><h1>Service Unavailable</h1></body></html>";

let origin;
let worker;
/** What the origin answers by path: `(fields) => [fields of the answer, ...pieces]`; a number is a pause in ms. */
const answers = new Map();
/** In its place, for every path. */
let outage = null;
let asked = [];

/** Writes what came as the head of a request into an object. */
function parsed(head) {
  const [line, ...lines] = head.split("\r\n");
  const fields = Object.fromEntries(lines.map((one) => one.split(/:\s*/)).map(([n, ...v]) => [n.toLowerCase(), v.join(":")]));
  return { path: line.split(" ")[1], fields };
}

async function serve(socket, { path, fields }) {
  asked.push({ path, fields });
  const [{ version = "1.1", cut = false, ...own }, ...pieces] = (outage ?? answers.get(path))(fields);
  const told = "content-length" in own || version === "1.0";
  const lines = Object.entries(told ? own : { ...own, "transfer-encoding": "chunked" });
  socket.write(`HTTP/${version} 200 OK\r\nconnection: close\r\n${lines.map(([n, v]) => `${n}: ${v}\r\n`).join("")}\r\n`);
  for (const piece of pieces) {
    if (typeof piece === "number") await new Promise((resolve) => setTimeout(resolve, piece));
    else if (piece !== "") socket.write(told ? piece : `${Buffer.byteLength(piece).toString(16)}\r\n${piece}\r\n`);
  }
  socket.end(told || cut ? "" : "0\r\n\r\n");
}

before(async () => {
  origin = createServer((socket) => {
    socket.on("error", () => {});
    let head = "";
    socket.on("data", (data) => {
      head += data;
      if (head.includes("\r\n\r\n")) void serve(socket, parsed(head.split("\r\n\r\n")[0]));
    });
  }).listen(0, "127.0.0.1");
  await once(origin, "listening");
  worker = await startWorker({ vars: { ORIGIN: `http://127.0.0.1:${origin.address().port}`, RAMP_MS: "0" } });
});

after(async () => {
  await worker?.stop();
  origin?.close();
});

const whole = (fields, body) => [{ "content-type": HTML, "content-length": Buffer.byteLength(body), ...fields }, body];
const get = (path, fields = BROWSER) => exchange(worker.url + path, { headers: fields });

/** Asks until there is a copy. */
const keep = (path, fields = BROWSER) => until(`a copy of ${path}`, async () => ending(await get(path, fields)) === "hit");
/** The first answer that is not from the store because it is fresh. */
const stale = (path, fields = BROWSER) =>
  until(`${path} is stale`, async () => {
    const answer = await get(path, fields);
    return ending(answer) !== "hit" && answer;
  });

/** Milliseconds until the first byte of the body, and the whole body. */
const timed = (path, fields) =>
  new Promise((resolve, reject) => {
    const began = performance.now();
    const client = ask(worker.url + path, { headers: fields, agent: false }, (answer) => {
      let first = null;
      let body = "";
      answer.on("data", (data) => {
        first ??= performance.now() - began;
        body += data;
      });
      answer.on("end", () => resolve({ first, body, headers: answer.headers }));
      answer.on("error", reject);
    });
    client.on("error", reject).end();
  });

/** The site has some pages that are well, and everybody has seen them. */
beforeEach(async () => {
  outage = null;
  for (const path of ["/", "/about"]) answers.set(path, () => whole({ "cache-control": SHORT }, page(`Shop ${path}`)));
  for (const path of ["/", "/about"]) await keep(path);
});

test("who is signed in gets their own answer while strangers have a copy", async () => {
  answers.set("/home", ({ cookie }) =>
    cookie ? whole({ "cache-control": "private, no-store" }, shell("Dashboard")) : whole({ "cache-control": SHORT }, page("Sign up")),
  );
  await keep("/home");
  for (let n = 0; n < 5; n++) {
    const answer = await stale("/home", ADA);
    assert.equal(ending(answer), "relayed");
    assert.match(answer.body, /Dashboard/);
    assert.match((await get("/home")).body, /Sign up/);
  }
});

test("an empty answer, an error's name and JSON for who is signed in are theirs", async () => {
  const own = { "/gone": "", "/car": "<title>Maintenance</title><h1>Maintenance</h1><p>Your car is due.</p>", "/list": "{}" };
  for (const [path, body] of Object.entries(own)) {
    answers.set(path, ({ cookie }) => (cookie ? whole({}, body) : whole({ "cache-control": SHORT }, page(path))));
    await keep(path);
    for (let n = 0; n < 3; n++) assert.equal((await stale(path, ADA)).body, body, path);
  }
});

test("JSON, fragments and crawlers neither replace a page nor are replaced by one", async () => {
  const control = { "cache-control": SHORT };
  const shown = (fields) => {
    if (/json/.test(fields.accept)) return whole({ ...control, "content-type": "application/json" }, '{"json":true}');
    if (fields["hx-request"]) return whole(control, "<li>One new row</li>");
    return /bot/i.test(fields["user-agent"]) ? whole(control, page("For robots")) : whole(control, shell("App"));
  };
  const clients = [
    [{ accept: "application/json" }, /json/],
    [{ accept: "text/html", "user-agent": "Googlebot" }, /For robots/],
    [{ ...BROWSER, accept: "*/*", "hx-request": "true", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" }, /new row/],
    [BROWSER, /id=app/],
  ];
  answers.set("/kinds", shown);
  for (let round = 0; round < 3; round++) {
    for (const [fields, expected] of clients) {
      const answer = await stale("/kinds", fields);
      assert.equal(ending(answer), "relayed");
      assert.match(answer.body, expected);
    }
  }
});

test("a page that became short is handed on, and nobody waits for it twice", async () => {
  let now = page("Rendered");
  answers.set("/spa", () => whole({ "cache-control": SHORT }, now));
  await keep("/spa");
  now = shell("App");
  asked = [];
  for (let n = 0; n < 4; n++) {
    const answer = await stale("/spa");
    assert.equal(ending(answer), "relayed");
    assert.match(answer.body, /id=app/);
  }
  const looks = asked.filter(({ path }) => path !== "/spa");
  // None where an earlier test has looked within the last seconds.
  assert.ok(looks.length <= 1, "at most one look at another page");
  for (const { fields } of looks) assert.ok(!("cookie" in fields) && fields["user-agent"] === BROWSER["user-agent"]);
});

test("a page that only looks like an error is handed on", async () => {
  let now = page("Status");
  answers.set("/status-page", () => whole({ "cache-control": SHORT }, now));
  await keep("/status-page");
  now = ERROR;
  for (let n = 0; n < 3; n++) assert.equal((await stale("/status-page")).body, ERROR);
});

test("streams reach who has a copy as they come", async () => {
  const html = ["<!doctype html><html><head><title>t</title></head><body><h1>head of the page</h1>", 900, "<p>more</p>", "</body></html>"];
  const streams = {
    "/stream": [HTML, html],
    "/lines": ["application/x-ndjson", ['{"line":0}\n', 900, '{"line":1}\n']],
    "/text": ["text/plain", ["line 0\n", 900, "line 1\n"]],
    "/events": ["text/event-stream", ["data: 0\n\n", 900, "data: 1\n\n"]],
  };
  for (const [path, [type, pieces]] of Object.entries(streams)) {
    let streamed = false;
    const is = path === "/events" ? "text/plain" : type;
    answers.set(path, () =>
      streamed ? [{ "content-type": type, "cache-control": SHORT }, ...pieces] : whole({ "content-type": is, "cache-control": SHORT }, page("old")),
    );
    const client = path === "/stream" ? BROWSER : { accept: "*/*" };
    await keep(path, client);
    streamed = true;
    const seen = await until(`${path} streamed`, async () => {
      const answer = await timed(path, client);
      return !/; *hit/.test(answer.headers["cache-status"]) && answer;
    });
    assert.ok(seen.first < 700, `${path}: first byte after ${seen.first} ms`);
    assert.equal(seen.body, pieces.filter((piece) => typeof piece === "string").join(""), path);
  }
});

test("an answer of HTTP/1.0 that broke off does not replace a whole one", async () => {
  let cut = false;
  const body = page("Old server");
  answers.set("/old", () => [
    { version: "1.0", "content-type": HTML, "cache-control": SHORT },
    cut ? body.slice(0, 900) : body,
  ]);
  await keep("/old");
  cut = true;
  assert.equal((await stale("/old")).body, body.slice(0, 900), "nobody can know that it broke off");
  outage = () => whole({}, ERROR);
  const copy = await until("the copy", async () => {
    const answer = await get("/old");
    return ending(answer) === "copy" && answer;
  });
  assert.ok(copy.body.includes(body.slice(0, -"</body></html>".length)), "the whole copy");
});

// The rest is an outage: after these tests the origin is known to have trouble.

for (const [name, error] of Object.entries({
  "an error's page": () => whole({}, ERROR),
  "an error's page that nobody may keep": () => whole({ "cache-control": "no-store" }, ERROR),
  "an error's page with a cookie": () => whole({ "set-cookie": "sid=1" }, ERROR),
  "an error's page in chunks": () => [{ "content-type": HTML }, ERROR],
  "an error's page in slow chunks": () => [{ "content-type": HTML }, ERROR.slice(0, 80), 200, ERROR.slice(80)],
  "nothing": () => whole({}, ""),
  "nothing in chunks": () => [{ "content-type": HTML }, ""],
  "a page cut off in chunks": () => [{ "content-type": HTML, cut: true }, page("cut").slice(0, 900)],
  "tea and improvements": () => whole({}, "<title>Hello</title><p>We are making tea.</p>"),
})) {
  test(`${name} everywhere under 200: whoever has a copy gets it`, async () => {
    await until("fresh no more", async () => ending(await get("/about")) !== "hit");
    outage = error;
    const first = await stale("/");
    if (!/nobody may keep/.test(name)) assert.equal(ending(first), "copy", "the first visitor too");
    // Whose answer may not be held is shown the copy once others know.
    await until("a copy", async () => ending(await stale("/about")) === "copy");
    for (const path of ["/", "/about", "/"]) assert.equal(ending(await stale(path)), "copy", path);
    if (name !== "tea and improvements") {
      await until("a copy for who is signed in", async () => ending(await stale("/", ADA)) === "copy");
    }
    outage = null;
    await until("the site is back", async () => ending(await stale("/")) === "relayed");
  });
}
