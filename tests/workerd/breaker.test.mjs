// The breaker: copies at hit speed while the origin is down, single probes, and a gentle return.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { startBare } from "./bare.mjs";
import { CLIENTS, ending, exchange } from "./ending.mjs";
import { startSite } from "./site.mjs";
import { startWorker } from "./start.mjs";

const STATUS = "/.well-known/backsoon/status";
let site;

before(async () => {
  site = await startSite({ BREAKER_FAILURES: "3", PROBE_MS: "1000", RAMP_MS: "1000", TIMEOUT_MS: "2000" });
});

after(() => site?.stop());

const until = async (what, condition) => {
  for (const end = Date.now() + 20_000; !(await condition()); ) assert.ok(Date.now() < end, `never: ${what}`);
};

test("while the origin hangs, copies come at once and the origin is asked by single probes", async () => {
  await site.keep("/about");
  await site.origin.mode("fail:hang");
  // The first few pay for finding out; then the breaker is open.
  await until("a copy without asking", async () => {
    const answer = await site.get("/about");
    return /hit; ttl=-?\d+/.test(answer.headers["cache-status"]);
  });
  await site.origin.forgetSeen();
  const began = Date.now();
  const times = [];
  while (Date.now() - began < 3000) {
    const asked = performance.now();
    const answer = await site.get("/about");
    times.push(performance.now() - asked);
    assert.equal(ending(answer), "copy");
  }
  times.sort((a, b) => a - b);
  const p99 = times[Math.floor(times.length * 0.99)];
  assert.ok(p99 < 500, `99 of 100 copies came within ${p99.toFixed(0)} ms`);
  const seconds = (Date.now() - began) / 1000;
  const asked = (await site.origin.seenRequests()).length;
  assert.ok(asked <= seconds + 1, `${asked} requests reached the origin in ${seconds.toFixed(1)} s`);
});

test("status tells of it, and the site comes back by itself", async () => {
  const read = async () => JSON.parse((await site.get(STATUS, {}, "json")).body).state;
  assert.equal(await read(), "rescuing");
  await site.origin.mode("healthy");
  await until("an answer of the origin again", async () => ending(await site.get("/about")) === "relayed");
  assert.equal(await read(), "up");
});

test("a page that nobody has seen waits a moment for the probe, then is told honestly", async () => {
  await site.keep("/about");
  await site.origin.mode("fail:reset");
  for (let n = 0; n < 6; n++) await site.get("/about");
  const page = await site.get("/never-seen");
  assert.equal(ending(page), "page");
  await site.origin.mode("healthy");
  const [first, second] = await Promise.all([site.get("/products/poppy"), site.get("/products/mallow")]);
  for (const answer of [first, second]) assert.equal(answer.status, 200);
});

test("without ORIGIN each host of the zone has a breaker of its own", async () => {
  const asked = { "dead.test": 0, "well.test": 0 };
  let status = 502;
  const origin = createServer((request, response) => {
    asked[request.headers.host] += 1;
    response.writeHead(request.headers.host === "dead.test" ? status : 200, { "content-type": "text/html" });
    response.end(`<title>${request.headers.host}</title><p>hello</p>`);
  }).listen(0, "127.0.0.1");
  await once(origin, "listening");
  const address = `127.0.0.1:${origin.address().port}`;
  const worker = await startBare({
    vars: { BREAKER_FAILURES: "3", PROBE_MS: "4000" },
    hosts: { "dead.test": address, "well.test": address },
  });
  const get = (host, path = "/") => exchange(worker.url + path, { headers: { ...CLIENTS.navigation, host } });
  const state = async (host) => JSON.parse((await get(host, STATUS)).body).state;
  try {
    // Of one path alone it would be that path's failure.
    let times = 0;
    await until("a page without asking", async () => {
      const answer = await get("dead.test", times++ % 2 ? "/" : "/other");
      assert.equal(ending(answer), "page");
      return !/received-status/.test(answer.headers["proxy-status"]);
    });
    const before = asked["dead.test"];
    for (let n = 1; n <= 20; n++) {
      const answer = await get("well.test", `/${n}`);
      assert.equal(answer.status, 200);
      assert.match(answer.body, /well\.test/);
      assert.equal(asked["well.test"], n, "everybody asks the host that is well");
    }
    assert.equal(await state("well.test"), "up");
    assert.equal(await state("dead.test"), "down");
    assert.ok(asked["dead.test"] <= before + 1, "the dead one is asked by probes only");
    status = 200;
    await until("the dead host back by a poll of its status", async () => (await state("dead.test")) === "up");
    assert.equal((await get("dead.test")).status, 200);
  } finally {
    await worker.stop();
    origin.closeAllConnections();
    origin.close();
  }
});

test("a path that breaks for some closes nothing for those who ask for another", async () => {
  const broken = {
    "/bad": (response) => response.writeHead(502, { "content-type": "text/html" }).end("<h1>502 Bad Gateway</h1>"),
    "/rst": (response) => response.socket.destroy(),
    "/hang": () => {},
  };
  const asked = new Map();
  const origin = createServer((request, response) => {
    const [path] = request.url.split("?");
    asked.set(path, (asked.get(path) ?? 0) + 1);
    if (broken[path]) return broken[path](response);
    response.writeHead(200, { "content-type": "text/html", "cache-control": "max-age=0" });
    response.end(`<title>Shop</title><h1>${request.url}</h1><p>${asked.get(path)}</p>`);
  }).listen(0, "127.0.0.1");
  await once(origin, "listening");
  const worker = await startWorker({ vars: { ORIGIN: `http://127.0.0.1:${origin.address().port}`, TIMEOUT_MS: "500" } });
  const get = (path, network) =>
    exchange(worker.url + path, { headers: { ...CLIENTS.navigation, "cf-connecting-ip": `${network}.1` } });
  try {
    await get("/copied", "10.0.1");
    for (const path of Object.keys(broken)) {
      // One network, then two: the worst that strangers can do.
      for (const [n, network] of ["6.6.6", "6.6.6", "6.6.6", "6.6.6", "7.7.7", "7.7.7", "7.7.7", "6.6.6"].entries()) {
        assert.equal(ending(await get(`${path}?${n}`, network)), "page", path);
        for (const well of ["/copied", `/unseen${path}/${n}`]) {
          const answer = await get(well, "10.0.1");
          assert.equal(ending(answer), "relayed", `${well} after ${path}`);
          assert.equal(answer.status, 200);
        }
      }
      const state = JSON.parse((await get(STATUS, "10.0.1")).body).state;
      assert.equal(state, "up", `after ${path}`);
    }
  } finally {
    await worker.stop();
    origin.closeAllConnections();
    origin.close();
  }
});

test("where all paths break, a probe of one that was well confirms it, and only then is anybody refused", async () => {
  let dead = false;
  const asked = [];
  const origin = createServer((request, response) => {
    asked.push({ url: request.url, headers: request.headers });
    if (dead) return response.writeHead(502).end();
    response.writeHead(200, { "content-type": "text/html", "cache-control": "max-age=0" });
    response.end(`<title>Shop</title><h1>${request.url}</h1>`);
  }).listen(0, "127.0.0.1");
  await once(origin, "listening");
  const worker = await startWorker({ vars: { ORIGIN: `http://127.0.0.1:${origin.address().port}` } });
  const get = (path, network, fields = {}) =>
    exchange(worker.url + path, { headers: { ...CLIENTS.navigation, "cf-connecting-ip": `${network}.1`, ...fields } });
  try {
    for (const network of ["10.0.1", "10.0.2"]) await get("/about", network, { "user-agent": "Mozilla/5.0 (well)" });
    dead = true;
    asked.length = 0;
    const visitor = { cookie: "_ga=GA1.2.3", referer: "https://elsewhere.test/secret", "user-agent": "Mozilla/5.0 (visitor)" };
    let times = 0;
    await until("a page without asking", async () => {
      // Of those who come together one may be the next probe.
      const several = Array.from({ length: 4 }, () => get(`/${++times % 3}/${times}`, `10.0.${times % 2}`, visitor));
      const answers = await Promise.all(several);
      for (const answer of answers) assert.equal(ending(answer), "page");
      return answers.some((answer) => !/received-status/.test(answer.headers["proxy-status"]));
    });
    const probe = asked.find((one) => one.url === "/about");
    assert.ok(probe, "no probe");
    assert.equal(probe.headers["user-agent"], "Mozilla/5.0 (well)");
    for (const name of ["cookie", "referer"]) assert.equal(probe.headers[name], undefined);
    assert.equal(ending(await get("/about", "10.0.1")), "copy");
    dead = false;
    await until("an answer again", async () => ending(await get("/0/new", "10.0.1")) === "relayed");
  } finally {
    await worker.stop();
    origin.closeAllConnections();
    origin.close();
  }
});
