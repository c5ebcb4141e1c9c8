// Runs the extension's scenario files again and again, and adds a line for each run to docs/runs.md, whatever
// came out of it: node tests/browsers/soak.mjs [TIMES] [FILE ...]
// It wants what `cargo xtask build-extension` and `cargo build -p backsoon-tests -p xtask --bins` make.
import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const here = join(root, 'tests/browsers');
const times = Number(process.argv[2] ?? 10);
const named = process.argv.slice(3);
const files = (named.length ? named : readdirSync(here).filter((file) => /^extension-.*\.test\.mjs$/.test(file))).sort();

const said = (program, ...words) => {
  try {
    return execFileSync(program, words, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return '';
  }
};
const version = (program) => said(program, '--version').match(/\d+(\.\d+)+/)?.[0] ?? 'absent';

/** One run: how many tests passed, failed and were skipped, the names of the failed ones, seeds. */
async function once() {
  const child = spawn(process.execPath, ['--test', '--test-reporter=tap', '--test-concurrency=1', ...files.map((file) => join(here, file))], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  const found = { pass: 0, fail: 0, skipped: 0, failed: [], seeds: [] };
  for await (const line of createInterface({ input: child.stdout })) {
    const count = line.match(/^# (pass|fail|skipped) (\d+)$/);
    if (count) found[count[1]] = Number(count[2]);
    const failed = line.match(/^\s*not ok \d+ - (.*)$/);
    // A file that ended before its tests did is named by its path, and that is nobody's business.
    if (failed) found.failed.push(failed[1].replace(/^.*\/(?=extension-)/, ''));
    const why = line.match(/(?:missing|false|other) badge [^']*|no tab shows [^']*|waited \d+ ms for [^']*/);
    if (why) console.error(why[0]);
    if (why && !found.failed.includes(why[0])) found.failed.push(why[0]);
    const seed = line.match(/# seed (\d+)/);
    if (seed) found.seeds.push(seed[1]);
    if (failed || seed) console.error(line.trim());
  }
  return found;
}

let failures = 0;
for (let run = 1; run <= times; run += 1) {
  const [date, from] = [new Date(), performance.now()];
  const commit = said('git', 'rev-parse', '--short', 'HEAD') + (said('git', 'status', '--porcelain', '--', 'extension', 'shared', 'tests/browsers') ? '+' : '');
  const { pass, fail, skipped, failed, seeds } = await once();
  const seconds = Math.round((performance.now() - from) / 1000);
  const chromium = version(process.env.BACKSOON_CHROMIUM ?? 'chromium');
  const firefox = version(process.env.BACKSOON_FIREFOX ?? 'firefox-esr');
  const what = named.length ? named.map((file) => file.replace(/^extension-|\.test\.mjs$/g, '')).join(' ') : 'all';
  const row = [`${date.toISOString().slice(0, 16)}Z`, commit, chromium, firefox, what, pass, fail, skipped, seconds, [...new Set(seeds)].join(' '), failed.join('; ').replaceAll('|', '/')];
  appendFileSync(join(root, 'docs/runs.md'), `| ${row.join(' | ')} |\n`);
  console.error(`run ${run} of ${times}: ${pass} passed, ${fail} failed, ${skipped} skipped in ${seconds} s`);
  failures += fail;
}
process.exitCode = failures ? 1 : 0;
