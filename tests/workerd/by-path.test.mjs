// Settings that differ by path: the patience with a slow report, and a part of the site without copies.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ending } from "./ending.mjs";
import { startSite } from "./site.mjs";

let site;

before(async () => {
  const vars = {
    TIMEOUT_MS: "2000, /reports/*@15000",
    COPIES: "on, /@off",
    PAGES: "/about About the shop, / Front door",
  };
  site = await startSite(vars);
});

after(() => site?.stop());

test("a slow report is waited for, another slow page is not", async () => {
  await site.origin.mode("fail:slow-head");
  const report = await site.get("/reports/year?ms=4000");
  assert.equal(report.status, 200);
  assert.match(report.body, /Late, but all there/);
  const other = await site.get("/slow?ms=4000");
  assert.equal(other.status, 503);
  assert.equal(ending(other), "page");
});

test("no copies where they are off, copies everywhere else, and no link to what has none", async () => {
  await site.origin.mode("healthy");
  for (let times = 0; times < 2; times += 1) {
    const front = await site.get("/");
    assert.equal(front.status, 200);
    assert.equal(ending(front), "relayed");
  }
  await site.keep("/about");
  const front = await site.get("/");
  assert.equal(front.status, 503);
  assert.equal(ending(front), "page");
  assert.match(front.body, /About the shop/);
  const other = await site.get("/never-seen");
  assert.match(other.body, /About the shop/);
  assert.doesNotMatch(other.body, /Front door/);
});
