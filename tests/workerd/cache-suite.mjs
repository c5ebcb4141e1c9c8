// Runs the public suite of HTTP cache tests (http-tests/cache-tests) against the worker on real workerd:
//   node tests/workerd/cache-suite.mjs CHECKOUT [TEST-ID]
// CHECKOUT is a checkout of the suite after `npm install`. Prints the counts, and every miss with its reason from
// tests/cases/edge/cache-suite.json; a miss without a reason there, or fewer than the goal, is exit status 1.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { freePort, root, startProcess, startWorker } from "./start.mjs";

const GOAL = { required: 145, optimal: 82 };
const [checkout, id = ""] = process.argv.slice(2);
if (!checkout) {
  console.error("expected a checkout of http-tests/cache-tests: node tests/workerd/cache-suite.mjs CHECKOUT [TEST-ID]");
  process.exit(2);
}
const suite = resolve(checkout);
const load = (path) => import(pathToFileURL(join(suite, path)));
const { default: groups } = await load("tests/index.mjs");
const { determineTestResult } = await load("test-engine/lib/results.mjs");
const known = JSON.parse(await readFile(join(root, "tests", "cases", "edge", "cache-suite.json"), "utf8")).misses;

const port = await freePort();
Object.assign(process.env, { npm_config_protocol: "http", npm_config_port: `${port}`, npm_config_pidfile: join(tmpdir(), `cache-suite-${port}`) });
const server = await startProcess("node", ["test-engine/server/server.mjs"], null, suite);
const worker = await startWorker({ vars: { ORIGIN: `http://127.0.0.1:${port}` } });
let output = "";
try {
  const env = { ...process.env, npm_config_base: worker.url, npm_config_id: id, npm_package_config_id: "" };
  const client = spawn("node", ["--no-warnings", "test-engine/cli.mjs"], { cwd: suite, env });
  client.stdout.on("data", (chunk) => (output += chunk));
  client.stderr.on("data", (chunk) => process.stderr.write(chunk));
  await once(client, "close");
} finally {
  await worker.stop();
  await server.stop();
}
if (id) {
  console.log(output);
  process.exit();
}

const results = JSON.parse(output.slice(output.indexOf("{")));
const count = {};
let unexplained = 0;
for (const test of groups.flatMap((group) => group.tests).filter((one) => !one.browser_only)) {
  const kind = test.kind ?? "required";
  count[kind] ??= { passed: 0, of: 0 };
  count[kind].of += 1;
  const passed = determineTestResult(groups, test.id, results, false)[2] === "✅" || results[test.id] === true;
  if (passed) count[kind].passed += 1;
  if (passed || kind === "check") continue;
  const reason = known[test.id];
  if (!reason) unexplained += 1;
  console.log(`${kind} ${test.id}: ${reason ?? `NO REASON GIVEN: ${JSON.stringify(results[test.id])}`}`);
}
for (const [kind, { passed, of }] of Object.entries(count)) console.log(`${kind}: ${passed} of ${of}`);
const short = Object.entries(GOAL).filter(([kind, goal]) => (count[kind]?.passed ?? 0) < goal);
for (const [kind, goal] of short) console.log(`${kind}: the goal is ${goal}`);
process.exit(unexplained || short.length ? 1 : 0);
