// `cargo xtask serve`: ready when it says so, and gone without a trace when it is asked to end.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startOrigin } from "./origin.mjs";
import { freePort, root, startProcess } from "./start.mjs";

const xtask =
  process.env.BACKSOON_XTASK ?? join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug", "xtask");
let origin;

before(async () => {
  origin = await startOrigin();
});

after(() => origin?.stop());

/** Every process that has the word among its arguments (Linux), but for zombies. */
async function processesWith(word) {
  const found = [];
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (line.split("\0").some((argument) => argument.includes(word))) found.push(line.replaceAll("\0", " "));
  }
  return found;
}

test("serve answers at the port it names, and leaves nothing running", async () => {
  const port = await freePort();
  const words = ["serve", "--origin", origin.url, "--port", `${port}`, "--set", "SITE_NAME=Shop of the test"];
  // The worker itself is built before; this only finds it up to date.
  const served = await startProcess(xtask, words, /^ready (http:\S+)$/m);
  assert.equal(served.match[1], `http://127.0.0.1:${port}`);
  const answer = await fetch(`${served.match[1]}/`);
  assert.equal(answer.status, 200);
  assert.match(await answer.text(), /Flowers of the week/);
  await origin.mode("refused");
  const page = await fetch(`${served.match[1]}/about`, { headers: { accept: "text/html" } });
  assert.equal(page.status, 503);
  assert.match(await page.text(), /Shop of the test/, "the setting is not in force");
  assert.notDeepEqual(await processesWith(`${port}`), [], "the test looks for the wrong word");
  process.kill(served.child.pid, "SIGTERM");
  const [code] = await once(served.child, "exit");
  assert.equal(code, 130);
  assert.deepEqual(await processesWith(`${port}`), []);
  await assert.rejects(fetch(`${served.match[1]}/`));
});
