// `npx wrangler deploy --dry-run` passes on the project's own wrangler.toml, build command included.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { root } from "./start.mjs";

test("wrangler deploy --dry-run passes", async () => {
  const out = await mkdtemp(join(tmpdir(), "backsoon-deploy-"));
  try {
    const bin = join(root, "node_modules", ".bin");
    const env = { ...process.env, CI: "1", WRANGLER_SEND_METRICS: "false", PATH: `${bin}:${process.env.PATH}` };
    const words = ["deploy", "--dry-run", "--outdir", out];
    const done = await promisify(execFile)(join(bin, "wrangler"), words, { cwd: root, env });
    assert.match(done.stdout, /Total Upload/);
    const files = await readdir(out);
    assert.ok(files.some((name) => name.endsWith(".wasm")), files.join(" "));
  } finally {
    await rm(out, { recursive: true, force: true });
  }
});
