// The fallback page links to the pages that the owner names, but only to those of which there is a copy.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ending } from "./ending.mjs";
import { startSite } from "./site.mjs";

let site;
before(async () => {
  site = await startSite({ PAGES: "/about About us, /never Never seen", SITE_NAME: "" });
});
after(() => site?.stop());

test("a page without a copy links to those that have one", async () => {
  await site.keep("/about");
  const page = await site.get("/somewhere");
  assert.equal(ending(page), "page");
  const html = page.body.toString();
  assert.ok(html.includes('<a href="/about"><bdi>About us</bdi></a>'), html);
  assert.ok(!html.includes("/never"), "there is no copy of that one");
  const host = new URL(site.worker.url).host;
  assert.ok(html.includes(`<bdi>${host}</bdi>`), "a site without a name is called by its host");
});
