// How much the local KV namespace holds, read from where wrangler keeps it.

import { readdir } from "node:fs/promises";
import { join } from "node:path";

/** The number of values. `state`: the directory that the worker was started with. */
export async function kvValues(state) {
  const files = await readdir(join(state, "v3", "kv"), { recursive: true }).catch(() => []);
  return files.filter((name) => /blobs.[0-9a-f]+$/.test(name)).length;
}
