// What a page needs is kept beside it, so that its copy does not render broken.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ending } from "./ending.mjs";
import { startSite } from "./site.mjs";

let site;
before(async () => (site = await startSite()));
after(() => site?.stop());

async function until(what, holds) {
  for (const end = Date.now() + 20_000; !(await holds()); ) assert.ok(Date.now() < end, `not within 20 s: ${what}`);
}

test("a visitor of the page alone leaves its style sheet and its pictures behind", async () => {
  await site.origin.mode("healthy");
  const page = await site.get("/");
  const linked = [...page.body.matchAll(/(?:href|src)="(\/[^"]+\.(?:css|svg))"/g)].map((found) => found[1]);
  const parts = [...new Set(linked)];
  assert.ok(parts.length >= 3, `the shop's front page needs parts: ${parts}`);
  // One visit does not pay for all of them; the next one goes on.
  await until("the origin was asked for all of them", async () => {
    await site.get("/", { "cache-control": "no-cache" });
    const asked = new Set((await site.origin.seenRequests()).map((request) => request.path));
    return parts.every((part) => asked.has(part));
  });
  const asked = (await site.origin.seenRequests()).filter((request) => parts.includes(request.path));
  assert.equal(asked.length, parts.length, "each once");
  for (const { headers } of asked) assert.ok(!("cookie" in headers) && !("authorization" in headers));
  await site.origin.mode("fail:empty");
  await until("all of them are kept", async () => {
    const answers = await Promise.all(parts.map((part) => site.get(part, {}, "style")));
    return answers.every((answer) => ["hit", "copy"].includes(ending(answer)));
  });
});

test("what is there is not asked for again", async () => {
  await site.origin.mode("healthy");
  await site.origin.forgetSeen();
  await site.get("/", { "cache-control": "no-cache" });
  await site.get("/about");
  await site.keep("/about");
  const asked = (await site.origin.seenRequests()).map((request) => request.path);
  assert.ok(!asked.some((path) => /\.(css|svg)$/.test(path)), `${asked}`);
});
