// How much later the first byte of a stream comes through the worker, where a copy of it exists, than through a
// pass-through: both in one workerd process, asked in pairs.
//
//   node tests/peers/streams.mjs FOLDER_OF_THE_BUILT_WORKER PAIRS
//
// Prints the median difference in ms, its quartiles, and the two medians.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, request } from "node:http";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const [dir, pairs] = process.argv.slice(2);
const HEAD = "<!doctype html><html><head><title>Flowers</title></head><body><h1>Flowers</h1>";
const PAUSE_MS = 200;
const FIELDS = { accept: "text/html", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };

// Never fresh, so that each visitor's request goes to the origin; kept, so that there is a copy.
const origin = createServer((_, response) => {
  response.writeHead(200, { "content-type": "text/html", "cache-control": "max-age=0" });
  response.write(HEAD);
  setTimeout(() => response.end("<p>More of it.</p></body></html>"), PAUSE_MS);
}).listen(0, "127.0.0.1");
await once(origin, "listening");

const script = fileURLToPath(new URL("side-by-side.mjs", import.meta.url));
const child = spawn(process.execPath, [script, dir, `http://127.0.0.1:${origin.address().port}`], {
  stdio: ["ignore", "pipe", "inherit"],
});
process.once("exit", () => child.kill("SIGTERM"));
let servers = null;
for await (const line of createInterface({ input: child.stdout })) {
  if (!line.startsWith("ready ")) continue;
  servers = JSON.parse(line.slice("ready ".length));
  break;
}

/** Milliseconds until the first byte of the body. */
function firstByte(server) {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const client = request(`${server}/stream`, { headers: FIELDS, agent: false }, (answer) => {
      let first = null;
      answer.on("data", () => (first ??= performance.now() - began));
      answer.on("end", () => resolve({ first, status: answer.headers["cache-status"] ?? "" }));
      answer.on("error", reject);
    });
    client.on("error", reject).end();
  });
}

for (const end = Date.now() + 20_000; !/stale/.test((await firstByte(servers.backsoon)).status); ) {
  if (Date.now() > end) throw new Error("no copy within 20 s");
}
const rows = [];
for (let n = 0; n < Number(pairs); n++) {
  const order = n % 2 === 0 ? ["backsoon", "relay"] : ["relay", "backsoon"];
  const pair = {};
  for (const name of order) pair[name] = (await firstByte(servers[name])).first;
  rows.push(pair);
}
const at = (values, share) => values.sort((a, b) => a - b)[Math.floor((values.length - 1) * share)].toFixed(1);
const differences = rows.map(({ backsoon, relay }) => backsoon - relay);
const medians = ["backsoon", "relay"].map((name) => at(rows.map((row) => row[name]), 0.5));
console.log([0.5, 0.25, 0.75].map((share) => at(differences, share)).concat(medians).join(" "));
process.exit(0);
