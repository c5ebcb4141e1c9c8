// The bad origin as a process: switched by its control port, asked for what it has seen.

import { join } from "node:path";
import { root, startProcess } from "./start.mjs";

const program =
  process.env.BACKSOON_BAD_ORIGIN ??
  join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug", "bad-origin");

export async function startOrigin() {
  const started = await startProcess(program, ["--captures", join(root, "tests", "captures")], /ready (\S+)/);
  const control = /control (\S+)/.exec(started.seen.output)[1];
  const ask = async (path, init) => {
    const answer = await fetch(control + path, init);
    if (!answer.ok) throw new Error(`the bad origin: ${await answer.text()}`);
    return answer.json();
  };
  return {
    ...started,
    url: started.match[1],
    mode: (mode) => ask("/__control", { method: "POST", body: JSON.stringify({ mode }) }),
    /** The requests since the last call of `forgetSeen`: `{method, path, headers}`. */
    seenRequests: () => ask("/__seen"),
    forgetSeen: () => ask("/__seen", { method: "DELETE" }),
  };
}
