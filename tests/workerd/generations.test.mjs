// The good copy before the newest one: it comes back where the newer proves to be an error's page under 200 that
// no list of words knows, and a site that really changed is believed.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ending } from "./ending.mjs";
import { startSite } from "./site.mjs";

let site;
before(async () => {
  site = await startSite();
});
after(() => site?.stop());

const reload = (path) => site.get(path, { "cache-control": "no-cache" });
const address = (flower) => `/products/${flower}`;

/** Reloads a page under a mode of the origin until it is what an outage shows. */
async function shown(mode, path, says) {
  for (const end = Date.now() + 10_000; ; ) {
    await site.origin.mode(mode);
    await reload(path);
    await site.origin.mode("fail:empty");
    const copy = await reload(path);
    if (ending(copy) === "copy" && says.test(copy.body)) return;
    assert.ok(Date.now() < end, `${path} is not stored within 10 s`);
  }
}

async function outage(paths) {
  await site.origin.mode("fail:empty");
  return Promise.all(paths.map((path) => reload(path)));
}

test("one page in place of three different ones: in the outage after it all three have their own copies", async () => {
  const paths = ["poppy", "cornflower", "marigold"].map(address);
  for (const path of paths) await shown("healthy", path, /class="says"/);
  await site.origin.mode("fail:catch-all");
  for (const path of paths) {
    const relayed = await reload(path);
    assert.equal(relayed.status, 200);
    assert.match(relayed.body, /Be right back/, "it is relayed: what it is shows later");
  }
  const answers = [];
  for (const end = Date.now() + 10_000; ; ) {
    answers.splice(0, 3, ...(await outage(paths)));
    if (answers.every((answer) => /class="says"/.test(answer.body))) break;
    assert.ok(Date.now() < end, "not rolled back within 10 s");
  }
  assert.deepEqual(answers.map(ending), ["copy", "copy", "copy"]);
  assert.match(answers[0].body, /nods all day/);
  assert.match(answers[1].body, /painters/);
  assert.match(answers[2].body, /the beans company/);
});

test("after it nobody gets that page from here any more", async () => {
  await site.origin.mode("fail:catch-all");
  const path = address("poppy");
  for (let sight = 0; sight < 4; sight++) await reload(path);
  await site.origin.mode("healthy");
  assert.doesNotMatch((await reload(path)).body, /Be right back/);
  assert.doesNotMatch((await site.get(path)).body, /Be right back/);
});

test("a page never seen before is not kept for an outage while it says the same as all others", async () => {
  await site.origin.mode("fail:catch-all");
  for (let sight = 0; sight < 3; sight++) await reload("/new-here");
  const [answer] = await outage(["/new-here"]);
  assert.equal(ending(answer), "page");
});

test("what the origin declares gone has no older copy either", async () => {
  const path = address("mallow");
  await shown("healthy", path, /class="says"/);
  await shown("fail:redesign", path, /moved house/);
  await site.origin.mode("fail:status-410");
  for (const end = Date.now() + 10_000; ; ) {
    await reload(path);
    await site.origin.mode("fail:empty");
    if (ending(await reload(path)) === "page") break;
    await site.origin.mode("fail:status-410");
    assert.ok(Date.now() < end, "not forgotten within 10 s");
  }
});

test("a redesign at all addresses stays", async () => {
  const paths = ["/", "/about", address("ox-eye-daisy"), address("meadow-clary")];
  for (const path of paths) await shown("healthy", path, /Marigold/);
  for (const path of paths) await shown("fail:redesign", path, /moved house/);
  for (const [index, answer] of (await outage(paths)).entries()) {
    assert.equal(ending(answer), "copy", paths[index]);
    assert.match(answer.body, new RegExp(`Our new ${paths[index]}<`));
  }
});
