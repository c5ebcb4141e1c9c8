// Several workers in one workerd process, each on a port of its own: ours, and what it is measured beside. No
// proxy of wrangler's is in between, whose time would be counted for both sides and make them look alike.
//
//   node tests/peers/side-by-side.mjs FOLDER_OF_THE_BUILT_WORKER ORIGIN [SETTINGS_AS_JSON]
//
// Prints `ready` and the addresses as JSON, and ends when it is told to.

import { readFile, readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { Miniflare, convertV4MiniflareOptions } from "miniflare";

const [dir, origin, settings = "{}"] = process.argv.slice(2);
const toml = await readFile(new URL("../../wrangler.toml", import.meta.url), "utf8");
const compatibilityDate = /^compatibility_date = "(.*)"$/m.exec(toml)[1];

/** How the two least workers read fields. */
const reading = `const lines = (headers) => { let text = ""; headers.forEach((value, name) => (text += name + ":" + value + "\\n")); return text; };
let seen;`;

/** Passes everything on: what a worker cannot cost less than. */
const relay = `const ORIGIN = ${JSON.stringify(origin)};
export default {
  fetch(request) {
    const url = new URL(request.url);
    return fetch(new Request(ORIGIN + url.pathname + url.search, request), { redirect: "manual" });
  },
};`;

/**
 * The least that any worker does which watches an answer: it reads the fields of both sides, says for whom it asks,
 * bounds the wait for the head, and adds a field. No decision is in it. What it costs more than `relay`, no worker
 * of this kind can spare. `body`: what is made of the answer's.
 */
const leastWith = (body) => `const ORIGIN = ${JSON.stringify(origin)};
${reading}
export default {
  async fetch(request) {
    const url = new URL(request.url);
    seen = lines(request.headers);
    const headers = new Headers(request.headers);
    headers.set("x-forwarded-host", url.host);
    headers.set("x-forwarded-proto", url.protocol.slice(0, -1));
    headers.set("backsoon-hop", url.host);
    const init = { method: request.method, headers, redirect: "manual" };
    const answer = await new Promise((resolve, reject) => {
      setTimeout(reject, 15000, new Error("late"));
      fetch(ORIGIN + url.pathname + url.search, init).then(resolve, reject);
    });
    seen += lines(answer.headers);
    const shown = new Response(${body}, answer);
    shown.headers.append("cache-status", "least; fwd=uri-miss");
    return shown;
  },
};`;

/** The same which reads a short page before it hands it on, as it must to believe it; it does not look at it. */
const whole = `await (async (reader) => {
      const { value } = await reader.read(new Uint8Array(Number(answer.headers.get("content-length"))));
      reader.read(new Uint8Array(1)).catch(() => {});
      return value;
    })(answer.body.getReader({ mode: "byob" }))`;

/** The plain way to cache in a worker, as it is written everywhere: match, else fetch and put. */
const cached = `const ORIGIN = ${JSON.stringify(origin)};
export default {
  async fetch(request, env, ctx) {
    const cache = caches.default;
    const found = await cache.match(request);
    if (found) return found;
    const url = new URL(request.url);
    const answer = await fetch(new Request(ORIGIN + url.pathname + url.search, request), { redirect: "manual" });
    ctx.waitUntil(cache.put(request, answer.clone()));
    return answer;
  },
};`;

/**
 * The least that any cache does which goes by the standard, where it has what is asked for: it reads what the client
 * takes and what is stored, bounds the wait, and says how old the answer is and where it comes from.
 */
const leastHit = `const ORIGIN = ${JSON.stringify(origin)};
${reading}
export default {
  async fetch(request, env, ctx) {
    seen = lines(request.headers);
    const found = await new Promise((resolve, reject) => {
      setTimeout(reject, 15000, new Error("late"));
      caches.default.match(request.url).then(resolve, reject);
    });
    if (found) {
      seen += lines(found.headers);
      const shown = new Response(found.body, found);
      shown.headers.set("age", "1");
      shown.headers.set("cache-status", "least; hit; ttl=59");
      return shown;
    }
    const url = new URL(request.url);
    const answer = await fetch(new Request(ORIGIN + url.pathname + url.search, request), { redirect: "manual" });
    ctx.waitUntil(caches.default.put(request.url, answer.clone()));
    return answer;
  },
};`;

async function built() {
  const files = await readdir(dir, { recursive: true, withFileTypes: true });
  const modules = files
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name))
    .map(async (path) => {
      const type = path.endsWith(".wasm") ? "CompiledWasm" : "ESModule";
      return { type, path: relative(dir, path), contents: await readFile(path, type === "ESModule" ? "utf8" : null) };
    });
  // The first module is the worker.
  return (await Promise.all(modules)).sort((a, b) => (b.path === "entry.mjs") - (a.path === "entry.mjs"));
}

const worker = (name, modules, bindings = {}) => ({
  name,
  modules,
  bindings,
  compatibilityDate,
  stripCfConnectingIp: false,
  unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
});
const script = (contents) => [{ type: "ESModule", path: "main.mjs", contents }];

const workers = [
  worker("backsoon", await built(), { ORIGIN: origin, ...JSON.parse(settings) }),
  worker("relay", script(relay)),
  worker("cached", script(cached)),
  worker("least", script(leastWith("answer.body"))),
  worker("least-hit", script(leastHit)),
  worker("least-page", script(leastWith(whole))),
];
const options = { workers, host: "127.0.0.1", port: 0, cf: false };
const miniflare = new Miniflare(convertV4MiniflareOptions(options));
await miniflare.ready;
const addresses = {};
for (const { name } of workers) addresses[name] = (await miniflare.unsafeGetDirectURL(name)).origin;
console.log(`ready ${JSON.stringify(addresses)}`);
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => void miniflare.dispose().then(() => process.exit()));
