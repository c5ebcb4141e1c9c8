// What a visitor gets for each replayed capture and each made failure, as tests/cases/edge says.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startBare } from "./bare.mjs";
import { CLIENTS, ending, exchange } from "./ending.mjs";
import { startSite } from "./site.mjs";
import { root } from "./start.mjs";

let site;
let kept; // the page that was seen while all was well

before(async () => {
  site = await startSite();
  kept = await site.keep("/about");
});

after(async () => {
  await bare?.stop();
  await site?.stop();
});

const tables = await Promise.all(
  ["captures", "failures"].map(async (name) =>
    JSON.parse(await readFile(join(root, "tests", "cases", "edge", `${name}.json`), "utf8")),
  ),
);
let number = 0;
let bare;
/** The worker that shows this case: wrangler's local proxies answer 500 to a status that they cannot pass on. */
async function shown({ without_wrangler }) {
  if (!without_wrangler) return site.worker.url;
  bare ??= await startBare({ vars: { ORIGIN: site.origin.url, TIMEOUT_MS: "2000", BREAKER_FAILURES: "0" } });
  return bare.url;
}

for (const expected of tables.flatMap((table) => table.cases)) {
  test(`${expected.mode}${expected.why ? `: ${expected.why}` : ""}`, async () => {
    // What the origin says of a page counts for its copy: a 404 ends it, so it is seen again.
    if (expected.seen === "copy") await site.keep("/about");
    await site.origin.mode(expected.mode);
    const url = await shown(expected);
    const unseen = `/never-seen-${number++}`;
    const ask = (path, client) => exchange(url + path, { headers: CLIENTS[client] });
    const [seen, navigation, curl, json] = await Promise.all([
      ask("/about", "navigation"),
      ask(unseen, "navigation"),
      ask(unseen, "curl"),
      ask(unseen, "json"),
    ]);
    const endings = Object.entries({ seen, navigation, curl, json });
    const got = Object.fromEntries(endings.map(([client, answer]) => [client, ending(answer)]));
    const wanted = Object.fromEntries(endings.map(([client]) => [client, expected[client]]));
    assert.deepEqual(got, wanted);
    for (const [client, answer] of endings) {
      if (got[client] === "page") checkPage(answer, client, expected);
      if (got[client] === "copy") checkCopy(answer);
      if (got[client] === "relayed") await checkRelayed(answer, client === "seen" ? "/about" : unseen, client);
    }
  });
}

function checkPage(answer, client, expected) {
  assert.equal(answer.status, 503);
  assert.equal(answer.headers["cache-control"], "no-store");
  assert.equal(answer.headers["x-robots-tag"], "noindex");
  assert.match(answer.headers["proxy-status"], /backsoon; *error=/);
  const wait = Number(answer.headers["retry-after"]);
  assert.ok(wait >= (expected.retry_after ?? 1) && wait <= 3600, `Retry-After: ${wait}`);
  const type = { json: "application/json", curl: "text/plain" }[client] ?? "text/html";
  assert.ok(answer.headers["content-type"].startsWith(type), answer.headers["content-type"]);
  assert.ok(answer.body.length > 0);
  // Whoever reads the page has come through: what broke lies between the worker and the origin, or behind it.
  assert.doesNotMatch(answer.body, /on the way between you and us|seems to be on your side|"at_fault": ?"(visitor|between)"/);
}

function checkCopy(answer) {
  assert.match(answer.headers["proxy-status"], /backsoon; *error=/);
  assert.ok(Number(answer.headers.age) >= 0);
  const told = /<h1[^>]*>(.*?)<\/h1>/s;
  assert.equal(told.exec(answer.body)?.[1], told.exec(kept.body)?.[1]);
}

async function checkRelayed(answer, path, client) {
  const direct = await exchange(site.origin.url + path, { headers: CLIENTS[client === "seen" ? "navigation" : client] });
  assert.equal(answer.status, direct.status);
  assert.equal(answer.body, direct.body);
}
