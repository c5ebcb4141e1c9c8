// The owner's second server, where there is neither origin nor copy.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { CLIENTS, ending, exchange } from "./ending.mjs";
import { startOrigin } from "./origin.mjs";
import { startSite } from "./site.mjs";

let second;
let site;
before(async () => {
  second = await startOrigin();
  await second.mode("healthy");
  site = await startSite({ SECONDARY_ORIGIN: second.url });
});
after(async () => {
  await site?.stop();
  await second?.stop();
});

test("it is shown, labelled, and gets nothing that is personal", async () => {
  await site.origin.mode("fail:empty");
  await second.forgetSeen();
  const answer = await site.get("/products/poppy", { cookie: "session=ada" });
  assert.equal(answer.status, 200);
  assert.match(answer.body, /Opens with the first sun/);
  assert.match(answer.headers["cache-status"], /backsoon; fwd=miss; fwd-status=200; detail=secondary-origin/);
  assert.match(answer.headers["proxy-status"], /backsoon; error=/);
  assert.equal(answer.headers["cache-control"], "no-store");
  const [asked, ...more] = await second.seenRequests();
  assert.equal(more.length, 0);
  assert.ok(!("cookie" in asked.headers));
});

test("it is not asked while the origin answers, nor where there is a copy", async () => {
  await site.keep("/about");
  await second.forgetSeen();
  assert.equal(ending(await site.get("/about")), "copy");
  await site.origin.mode("healthy");
  assert.equal((await site.get("/products/mallow")).status, 200);
  assert.deepEqual(await second.seenRequests(), []);
});

test("an order is never sent there", async () => {
  await site.origin.mode("fail:reset");
  await second.forgetSeen();
  const order = await exchange(`${site.worker.url}/order`, { method: "POST", headers: CLIENTS.navigation, body: "a=b" });
  assert.equal(ending(order), "page");
  assert.deepEqual(await second.seenRequests(), []);
});

test("where it fails too, the visitor gets the page", async () => {
  await site.origin.mode("fail:empty");
  for (const mode of ["fail:empty", "fail:status-502", "fail:status-404"]) {
    await second.mode(mode);
    assert.equal(ending(await site.get("/products/clover")), "page", mode);
  }
});
