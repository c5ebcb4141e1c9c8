// Starts the worker on real workerd through wrangler, and stops it with everything that it started.
// The project's own wrangler.toml is used, without its [build] part: what is tested was built before.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const target = process.env.CARGO_TARGET_DIR ?? join(root, "target");

/** Where `cargo xtask build-worker [--test-hook]` put the two flavours. */
export const built = {
  release: process.env.BACKSOON_WORKER ?? join(target, "worker"),
  hook: process.env.BACKSOON_WORKER_HOOK ?? join(target, "worker-hook"),
};

/**
 * `kv`: with a store for copies that is everywhere. `state`: a directory of the caller's with what an earlier
 * worker has stored.
 * @param {{vars?: Record<string, string>, flavour?: "release" | "hook", port?: number, kv?: boolean, state?: string}} options
 */
export async function startWorker({ vars = {}, flavour = "release", port, kv = false, state: given } = {}) {
  const state = given ?? (await mkdtemp(join(tmpdir(), "backsoon-workerd-")));
  const config = join(state, "wrangler.toml");
  const own = await readFile(join(root, "wrangler.toml"), "utf8");
  const tested = own
    .replace(/^\[build\]\n(?:(?!\[).*\n)*/m, "")
    .replace(/^main = .*$/m, `main = ${JSON.stringify(join(built[flavour], "entry.mjs"))}`);
  const bound = kv ? '\n[[kv_namespaces]]\nbinding = "COPIES_KV"\nid = "copies"\n' : "";
  await writeFile(config, tested + bound);
  const bin = join(root, "node_modules", ".bin", "wrangler");
  const run = async () => {
    const args = ["dev", "--config", config, "--persist-to", state, "--ip", "127.0.0.1"];
    args.push("--port", `${port ?? (await freePort())}`, "--inspector-port", `${await freePort()}`);
    for (const [name, value] of Object.entries(vars)) args.push("--var", `${name}:${value}`);
    return startProcess(bin, args, /Ready on (http:\/\/\S+)/);
  };
  // Between the choice of a free port and its use another process may take it.
  const taken = (error) => {
    if (!/Address already in use/.test(error.message)) throw error;
  };
  const started = (await run().catch(taken)) ?? (await run().catch(taken)) ?? (await run());
  return {
    ...started,
    url: started.match[1].replace("localhost", "127.0.0.1"),
    async stop() {
      await started.stop();
      if (!given) await rm(state, { recursive: true, force: true });
    },
  };
}

// Whoever ends this runner ends what it started: "exit" below is not reached by a signal alone.
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(143));

/** Starts a process in a group of its own and waits until its output matches `ready`, if that is given. */
export async function startProcess(program, args, ready, cwd = root) {
  const bin = join(root, "node_modules", ".bin");
  const env = { ...process.env, CI: "1", WRANGLER_SEND_METRICS: "false", PATH: `${bin}:${process.env.PATH}` };
  const child = spawn(program, args, { cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const seen = { output: "" };
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    process.kill(-child.pid, "SIGTERM");
    const late = setTimeout(() => process.kill(-child.pid, "SIGKILL"), 5000);
    await ended;
    clearTimeout(late);
  };
  const atExit = () => {
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      // It has ended before.
    }
  };
  process.once("exit", atExit);
  const match = await new Promise((resolve, reject) => {
    const give = setTimeout(() => reject(new Error(`${program} not ready in 60 s:\n${seen.output}`)), 60_000);
    // Whole lines of each stream by itself: a piece of one may come in the middle of a line of the other.
    for (const stream of [child.stdout, child.stderr]) {
      let said = "";
      stream.on("data", (chunk) => {
        seen.output += chunk;
        said += chunk;
        const found = ready?.exec(said.slice(0, said.lastIndexOf("\n") + 1));
        if (!found) return;
        clearTimeout(give);
        resolve(found);
      });
    }
    child.once("error", reject);
    if (!ready) {
      clearTimeout(give);
      resolve(null);
    }
    child.once("exit", (code) => reject(new Error(`${program} ended with ${code}:\n${seen.output}`)));
  }).catch(async (error) => {
    await stop();
    throw error;
  });
  return { match, seen, stop, child };
}

export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}
