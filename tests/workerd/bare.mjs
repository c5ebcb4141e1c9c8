// The built worker on workerd alone, without wrangler's own proxies around it: those cannot pass on a status
// outside 200-599, and cost time that a measurement would count as ours. There is no Cache API here.

import { once } from "node:events";
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { built, freePort, root, startProcess } from "./start.mjs";

/**
 * `script`: another worker, one module. `hosts`: what answers under these names instead of the network, by address:
 * so the worker stands on a route of its own zones, without ORIGIN.
 * @param {{vars?: Record<string, string>, script?: string, hosts?: Record<string, string>}} options
 */
export async function startBare({ vars = {}, script, hosts } = {}) {
  const state = await mkdtemp(join(tmpdir(), "backsoon-bare-"));
  const port = await freePort();
  const modules = script
    ? [`(name = "main.mjs", esModule = ${JSON.stringify(script)})`]
    : await modulesOf(built.release, state);
  const date = /^compatibility_date = (".*")$/m.exec(await readFile(join(root, "wrangler.toml"), "utf8"))[1];
  const bindings = Object.entries(vars).map(
    ([name, value]) => `(name = ${JSON.stringify(name)}, text = ${JSON.stringify(value)})`,
  );
  const config = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [${modules.join(", ")}], compatibilityDate = ${date}, bindings = [${bindings.join(", ")}],
      globalOutbound = "net")),
    ${hosts ? zones(hosts, date) : '(name = "net", network = (allow = ["public", "private"])),'}
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);`;
  await writeFile(join(state, "config.capnp"), config);
  const args = ["serve", join(state, "config.capnp"), "--verbose"];
  const started = await startProcess(join(root, "node_modules", ".bin", "workerd"), args, null);
  const url = `http://127.0.0.1:${port}`;
  await answering(url);
  return {
    ...started,
    url,
    async stop() {
      await started.stop();
      await rm(state, { recursive: true, force: true });
    },
  };
}

/** A way out of the worker that knows these hosts only. */
function zones(hosts, date) {
  const router = "export default { fetch: (request, env) => env[new URL(request.url).host].fetch(request) };";
  const names = Object.keys(hosts).map((host) => JSON.stringify(host));
  return `(name = "net", worker = (
      modules = [(name = "router.mjs", esModule = ${JSON.stringify(router)})], compatibilityDate = ${date},
      bindings = [${names.map((name) => `(name = ${name}, service = ${name})`).join(", ")}])),
    ${names.map((name) => `(name = ${name}, external = (address = ${JSON.stringify(hosts[JSON.parse(name)])}, http = ())),`).join("\n    ")}`;
}

async function modulesOf(dir, state) {
  const files = await readdir(dir, { recursive: true, withFileTypes: true });
  const modules = [];
  for (const file of files.filter((one) => one.isFile())) {
    const path = join(file.parentPath, file.name);
    const name = relative(dir, path);
    const kind = name.endsWith(".wasm") ? "wasm" : "esModule";
    // workerd reads embedded files beside its configuration only.
    await writeFile(join(state, name.replaceAll("/", "_")), await readFile(path));
    modules.push(`(name = "${name}", ${kind} = embed "${name.replaceAll("/", "_")}")`);
  }
  // The first module is the worker.
  return modules.sort((a, b) => b.includes('"entry.mjs"') - a.includes('"entry.mjs"'));
}

//
async function answering(url) {
  for (const end = Date.now() + 20_000; ; await once(AbortSignal.timeout(50), "abort")) {
    const answer = await fetch(`${url}/.well-known/backsoon/status`).catch(() => null);
    if (answer) return answer.body?.cancel();
    if (Date.now() > end) throw new Error(`workerd does not answer on ${url}`);
  }
}
