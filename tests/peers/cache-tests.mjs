// Plays the public suite http-tests/cache-tests against the release worker on workerd and counts as the suite
// does: a test passes where it and all it depends on pass. Every miss must stand in cache-tests-misses.txt with
// its reason.
//
//   node tests/peers/cache-tests.mjs PATH_OF_THE_CHECKOUT [URL_OF_A_RUNNING_PROXY ORIGIN_PORT]
//
// The checkout needs its own `npm install` (undici). Takes about two minutes beside the build.

import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const GOALS = { required: 145, optimal: 82 };
const here = new URL(".", import.meta.url);
const [path, running, runningPort] = process.argv.slice(2);
if (!path || !existsSync(resolve(path, "test-engine/cli.mjs"))) {
  console.error("cache-tests: expected the path of a checkout of http-tests/cache-tests");
  process.exit(2);
}
if (!existsSync(resolve(path, "node_modules/undici"))) {
  console.error("cache-tests: the checkout has no node_modules: run `npm install` in it");
  process.exit(2);
}
const suite = resolve(path);
const children = [];
const end = () => children.forEach((child) => child.kill("SIGINT"));
process.on("exit", end);

const freePort = () =>
  new Promise((done) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });

/** Starts a program and waits for a line of it. */
function start(name, command, args, options, ready) {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"], ...options });
    children.push(child);
    let text = "";
    child.stdout.on("data", (data) => {
      text += data;
      if (ready.test(text)) done(child);
    });
    child.on("error", fail);
    child.on("exit", (code) => fail(new Error(`${name} ended early with ${code}`)));
  });
}

const originPort = runningPort ?? (await freePort());
const env = { ...process.env, npm_config_protocol: "http", npm_config_port: String(originPort) };
env.npm_config_pidfile = resolve(suite, "server.pid");
await start("the suite's server", process.execPath, ["test-engine/server/server.mjs"], { cwd: suite, env }, /Listening/);
let url = running;
if (!url) {
  const port = await freePort();
  const args = ["xtask", "serve", "--origin", `http://127.0.0.1:${originPort}`, "--port", String(port)];
  // The suite marks each of its requests, and means these of its fields to count only where Vary names them.
  args.push("--set", "HARMLESS_FIELDS=test-*, req-*, abc, foo, bar, baz, other");
  await start("cargo xtask serve", "cargo", args, { cwd: new URL("../../", here) }, /^ready /m);
  url = `http://127.0.0.1:${port}`;
}

const results = await new Promise((done, fail) => {
  const env = { ...process.env, npm_config_base: url, npm_config_id: "", npm_package_config_id: "" };
  const cli = spawn(process.execPath, ["--no-warnings", "test-engine/cli.mjs"], { cwd: suite, env });
  let text = "";
  cli.stdout.on("data", (data) => (text += data));
  cli.stderr.on("data", () => {});
  cli.on("exit", () => {
    const json = text.slice(text.indexOf("{\n"));
    try {
      done(JSON.parse(json));
    } catch {
      fail(new Error(`the suite's client said nothing that can be read: ${text.slice(0, 200)}`));
    }
  });
});

const { default: suites } = await import(pathToFileURL(resolve(suite, "tests/index.mjs")));
const reasons = new Map(
  readFileSync(new URL("cache-tests-misses.txt", here), "utf8")
    .split("\n")
    .filter((line) => line && !line.startsWith("#"))
    .map((line) => [line.split(" ")[0], line.slice(line.indexOf(" ") + 1)]),
);
const count = {};
const misses = [];
for (const test of suites.flatMap((s) => s.tests)) {
  if (test.browser_only) continue;
  const kind = test.kind ?? "required";
  const of = (count[kind] ??= { passed: 0, all: 0 });
  of.all += 1;
  const missing = (test.depends_on ?? []).filter((id) => results[id] !== true);
  if (results[test.id] === true && missing.length === 0) of.passed += 1;
  else if (kind !== "check") {
    const said = results[test.id] === true ? `depends on ${missing}` : (results[test.id] ?? ["untested"]).join(": ");
    misses.push({ kind, id: test.id, said });
  }
}
for (const [kind, { passed, all }] of Object.entries(count)) {
  const goal = GOALS[kind] ? `, the goal is ${GOALS[kind]}` : "";
  console.log(`${kind}: ${passed} of ${all}${goal}`);
}
for (const miss of misses) {
  console.log(`  ${miss.kind} ${miss.id}: ${reasons.get(miss.id) ?? `NO REASON GIVEN (${miss.said})`}`);
}
const short = Object.entries(GOALS).filter(([kind, goal]) => count[kind].passed < goal);
const unexplained = misses.filter((miss) => !reasons.has(miss.id));
if (short.length > 0) console.log(`short of the goal: ${short.map(([kind]) => kind).join(", ")}`);
end();
process.exit(short.length > 0 || unexplained.length > 0 ? 1 : 0);
