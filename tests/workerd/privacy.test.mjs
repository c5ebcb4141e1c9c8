// What was made for one visitor is never shown to another, and nothing is sent to the origin twice.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ending } from "./ending.mjs";
import { startSite } from "./site.mjs";

let site;

before(async () => {
  site = await startSite();
});

after(() => site?.stop());

/** Pages that were seen by one visitor while all was well; another visitor asks for them in an outage. */
const PERSONAL = [
  { path: "/logged-in", with: { cookie: "session=ada" }, secret: "ada", why: "says nothing about caching" },
  { path: "/set-cookie?name=grace", with: {}, secret: "You are logged in", why: "has Set-Cookie" },
  { path: "/private", with: {}, secret: "A basket for one", why: "is private" },
  { path: "/no-store", with: {}, secret: "Receipt", why: "is no-store" },
  { path: "/vary-star", with: {}, secret: "Dice", why: "has Vary: *" },
  { path: "/authorized", with: { authorization: "Basic YWRhOng=" }, secret: "Prices for", why: "asked with Authorization" },
  {
    path: "/about?poisoned",
    with: { "x-forwarded-host": "evil.example", "x-original-url": "/private" },
    secret: "About us",
    why: "asked with a field that makes some origins answer for another page",
  },
  // Fields that carry a log-in or a tenant, lead some origins elsewhere, or say what the platform does not.
  ...["x-api-key", "remote-user", "x-tenant", "x-rewrite-url", "x-forwarded-port", "cf-new-thing", "cf-ipcity"].map((name) => ({
    path: `/about?${name}`,
    with: { [name]: "ada" },
    secret: "About us",
    why: `asked with ${name}`,
  })),
];

for (const page of PERSONAL) {
  test(`${page.path} (${page.why}) is shown to nobody else`, async () => {
    await site.origin.mode("healthy");
    const own = await site.get(page.path, page.with);
    assert.equal(own.status, 200);
    assert.ok(own.body.includes(page.secret), "the visitor's own page shows what is personal");
    // A second page, asked for after the first: once there is a copy of this one, the store has had its time.
    await site.keep(`/about?after=${encodeURIComponent(page.path)}`);
    for (const [who, fields] of Object.entries({ stranger: {}, owner: page.with, other: { cookie: "session=eve" } })) {
      const answer = await site.get(page.path, fields);
      assert.equal(ending(answer), "page", `to the ${who}`);
      assert.ok(!answer.body.includes(page.secret), `to the ${who}`);
    }
  });
}

test("a copy of a public page is not shown in the place of a page in another language", async () => {
  await site.origin.mode("healthy");
  const german = await site.get("/vary-language", { "accept-language": "de" });
  assert.ok(german.body.includes("Blumen"));
  await site.keep("/about?language");
  const english = await site.get("/vary-language", { "accept-language": "en" });
  assert.ok(!english.body.includes("Blumen"));
  const again = await site.get("/vary-language", { "accept-language": "de" });
  assert.ok(again.body.includes("Blumen"));
});

test("what the origin has declared gone is not shown any more", async () => {
  await site.keep("/about?gone");
  await site.origin.mode("fail:status-410");
  assert.equal((await site.get("/about?gone")).status, 410);
  await site.keep("/about?gone-after");
  assert.equal(ending(await site.get("/about?gone")), "page");
});

test("a page that must be revalidated is not shown stale", async () => {
  await site.origin.mode("healthy");
  assert.equal((await site.get("/must-revalidate")).status, 200);
  await site.keep("/about?stale");
  const deadline = Date.now() + 10_000;
  let answer;
  do answer = await site.get("/must-revalidate");
  while (ending(answer) === "hit" && Date.now() < deadline);
  assert.equal(ending(answer), "page");
});

for (const mode of ["fail:reset", "fail:hang", "fail:empty", "fail:status-502", "capture:nginx/refused", "refused"]) {
  test(`a POST that met ${mode} is sent once, and its visitor is told`, async () => {
    await site.origin.mode("healthy");
    await site.origin.forgetSeen();
    await site.origin.mode(mode);
    const headers = { accept: "text/html", "content-type": "application/x-www-form-urlencoded" };
    const answer = await site.send("/order", { method: "POST", headers, body: "flower=poppy" });
    assert.equal(ending(answer), "page");
    assert.equal(answer.status, 503);
    await site.origin.mode("healthy");
    const sent = (await site.origin.seenRequests()).filter((one) => one.method === "POST");
    assert.equal(sent.length, mode === "refused" ? 0 : 1);
  });
}

test("nothing of ours reaches the origin", async () => {
  await site.origin.mode("healthy");
  const answer = await site.get("/echo?a=1&backsoon-retry=2&b=3", {
    cookie: "backsoon_note=1; session=ada",
    authorization: "Bearer backsoon_secret",
    "backsoon-secret": "1",
  });
  const seen = JSON.parse(answer.body);
  assert.equal(seen.target, "/echo?a=1&b=3");
  const field = (name) => seen.headers.filter(([n]) => n.toLowerCase() === name).map(([, value]) => value);
  assert.deepEqual(field("cookie"), ["session=ada"]);
  assert.deepEqual(field("authorization"), []);
  assert.deepEqual(field("backsoon-secret"), []);
});
