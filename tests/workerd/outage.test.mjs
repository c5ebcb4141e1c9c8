// The outage matrix: each failure times ten kinds of request, on real workerd.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { CLIENTS, ending } from "./ending.mjs";
import { startSite } from "./site.mjs";
import { root } from "./start.mjs";

const read = async (name) => JSON.parse(await readFile(join(root, "tests", "cases", "edge", `${name}.json`), "utf8"));
const { kinds } = await read("kinds");
const tables = await Promise.all(["failures", "captures"].map(read));
const modes = tables
  .flatMap((table) => table.cases)
  .filter((one) => one.seen === "copy" && !one.whole);

let site;

before(async () => {
  site = await startSite({ CACHE: "off", TIMEOUT_MS: "1000" });
  await site.origin.mode("healthy");
  for (const kind of kinds.filter((one) => one.visit)) await site.get(kind.path, kind.fields, kind.client);
  for (const kind of kinds.filter((one) => one.keep)) await site.keep(kind.path, kind.client);
});

after(() => site?.stop());

for (const { mode, in_body, navigation } of modes) {
  test(`${mode}: what ${kinds.length} kinds of request get`, async () => {
    await site.origin.mode("healthy");
    await site.origin.forgetSeen();
    await site.origin.mode(mode);
    const answers = await Promise.all(
      kinds.map(({ path, client, method = "GET", fields = {} }) => {
        const headers = { ...CLIENTS[client], ...fields };
        return site.send(path, { method, headers, body: method === "POST" ? "flower=poppy" : null });
      }),
    );
    for (const [index, answer] of answers.entries()) {
      const { kind, gets, status, never, method } = kinds[index];
      if (in_body && method) continue;
      const got = ending(answer);
      // Without a copy a redirect and a stream are the visitor's, as the table of the failures says.
      const bare = gets === "page" && navigation !== "page";
      if (bare) assert.equal(got, navigation, kind);
      else if (status) assert.equal(`${got} ${answer.status}`, `${gets} ${status}`, kind);
      // No fallback under 200, and none that anybody may keep.
      assert.ok(got === "copy" || answer.status >= 500 || in_body || navigation !== "page", `${kind}: ${answer.status}`);
      if (got === "page") assert.equal(answer.headers["cache-control"], "no-store", kind);
      if (never) assert.ok(!answer.body.includes(never), kind);
      if (method === "HEAD") assert.equal(answer.body, "", kind);
    }
    await site.origin.mode("healthy");
    const seen = await site.origin.seenRequests();
    for (const { kind, path, method, sent } of kinds.filter((one) => one.sent)) {
      const times = seen.filter((one) => one.method === method && one.path === path).length;
      assert.ok(times <= sent, `${kind}: sent ${times} times`);
    }
  });
}
