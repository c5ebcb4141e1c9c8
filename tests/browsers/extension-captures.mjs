// Real failures of real gateways, replayed to a browser. What the popup says of each must be what `diagnose`
// says of the facts that the browser delivered (the copied report, read back), and no certainty of it may
// contradict what really happened.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { missing, root } from './extension.mjs';
import { badOrigin } from './sites.mjs';

const folder = join(root, 'tests/captures');
const EACH = 4;

/** Frameworks count as `app` (tests/captures/FORMAT.md). */
const APPS = new Set('app django discourse express fastapi fastify flask gunicorn hypercorn nextjs node php php-fpm rails spring_boot tomcat uvicorn uwsgi waitress wordpress'.split(' '));

/** Answers that a browser shows as a page at once, and that are failures: some of each gateway, spread over kinds. */
export function chosen() {
  const all = [];
  for (const gateway of readdirSync(folder, { withFileTypes: true }).filter((e) => e.isDirectory() && e.name !== 'documented')) {
    const fit = readdirSync(join(folder, gateway.name)).sort().map((file) => {
      const capture = JSON.parse(readFileSync(join(folder, gateway.name, file)));
      return { id: `${gateway.name}/${file.slice(0, -5)}`, capture };
    }).filter(({ capture: { request, response, visible_failure, elapsed_ms, transport_error } }) => {
      if (!response?.status || response.status < 400 || visible_failure === false || transport_error) return false;
      // A browser would ask for a password, or for a file name; or was not the one who asked so.
      if ([401, 407, 408].includes(response.status) || request?.method !== 'GET' || elapsed_ms > 1500) return false;
      const value = (name) => response.headers.find(([n]) => n.toLowerCase() === name)?.[1] ?? '';
      if (value('content-encoding') || value('content-disposition') || value('location') || value('refresh')) return false;
      return /html|plain|json|^$/.test(value('content-type'));
    });
    const step = Math.max(1, Math.floor(fit.length / EACH));
    all.push(...fit.filter((_, i) => i % step === 0).slice(0, EACH));
  }
  return all;
}

const list = (text) => (text ? text.split(', ') : []);

export function captures(start) {
  describe('captures', { skip: missing(start) }, () => {
    let driver, origin, dir;
    before(async () => {
      [driver, origin] = [await start(), await badOrigin()];
      dir = mkdtempSync(join(tmpdir(), 'backsoon-reports-'));
    });
    after(async () => {
      await driver?.close();
      origin?.close();
      if (!process.env.BACKSOON_KEEP) rmSync(dir, { recursive: true, force: true });
    });

    test('the popup says what diagnose says, and is certain of nothing wrong', async (t) => {
      const said = new Map();
      for (const { id, capture } of chosen()) {
        const page = await driver.browser.newPage();
        await driver.visit(page, `${origin.url}/capture/${id}?pace`);
        const popup = await driver.look(page);
        const row = (name) => popup.value(`d.querySelector('[data-row="${name}"]')?.textContent ?? ''`);
        const seen = await row('status');
        if (driver.name === 'firefox' && seen === '') {
          // An empty body: Firefox shows a page of its own and tells nothing. Then nothing may be claimed.
          assert.equal(await popup.value(`d.querySelector('main').dataset.fault`), '', id);
        } else {
          assert.match(seen, new RegExp(`^${capture.response.status}`), id);
          said.set(id, {
            capture, maker: await row('maker'), layer: await row('layer'), causes: list(await row('causes')),
            fault: await popup.value(`d.querySelector('main').dataset.fault`),
            help: await popup.value(`d.querySelector('#help').dataset.remedies`),
          });
          writeFileSync(join(dir, `${id.replace('/', '~')}.md`), await popup.copied());
        }
        await popup.close();
        await page.close();
      }
      t.diagnostic(`${said.size} captures compared in ${driver.name}`);
      assert.ok(said.size >= 60, `${said.size} captures were compared, 60 are due`);
      const xtask = process.env.BACKSOON_XTASK ?? join(root, 'target/debug/xtask');
      const lines = execFileSync(xtask, ['diagnose', '--json', ...readdirSync(dir).sort().map((file) => join(dir, file))], { encoding: 'utf8', maxBuffer: 1 << 26 });
      const verdicts = lines.trim().split('\n').map((line) => JSON.parse(line));
      assert.equal(verdicts.length, said.size);
      const words = (id) => id.replaceAll('_', ' ');
      const wrong = [];
      for (const verdict of verdicts) {
        const id = verdict.id.replace('~', '/').replace(/\.md(#\d+)?$/, '');
        const { capture, ...popup } = said.get(id);
        const { gateway } = verdict;
        assert.deepEqual(popup, {
          maker: gateway.id === 'unknown' ? '' : `${gateway.id} ${gateway.version ?? ''}`.trimEnd(),
          layer: words(verdict.layers[0]?.id ?? ''),
          causes: verdict.causes.map((cause) => words(cause.id)),
          fault: verdict.fault,
          help: verdict.visitor.map((step) => step.remedy).join(' '),
        }, id);
        const truth = capture.truth;
        const same = gateway.id === truth.gateway || (APPS.has(gateway.id) && APPS.has(truth.gateway))
          || (truth.gateway === 'none' && ['none', 'app', 'unknown'].includes(gateway.id));
        if (gateway.certainty === 'certain' && gateway.id !== 'unknown' && !same) wrong.push(`${id}: certain of ${gateway.id}, was ${truth.gateway}`);
        for (const layer of verdict.layers.filter((l) => l.certainty === 'certain')) {
          if (truth.layer && layer.id !== truth.layer) wrong.push(`${id}: certain of ${layer.id}, was ${truth.layer}`);
        }
      }
      assert.deepEqual(wrong, []);
    });
  });
}
