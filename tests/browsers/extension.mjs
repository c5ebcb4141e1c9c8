// The built extension, as it ships and in variants whose permissions are granted at install, because no
// driver can press the browser's own "Allow".
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const built = process.env.BACKSOON_EXTENSION ?? join(root, 'target/extension');
export const id = JSON.parse(readFileSync(join(built, 'manifest.json'))).browser_specific_settings.gecko.id;

const made = [];
process.on('exit', () => made.forEach((dir) => rmSync(dir, { recursive: true, force: true })));

/** A copy of the extension with more permissions granted from the start. */
export function variant({ hosts = [], permissions = [], edit = () => {} }) {
  const dir = mkdtempSync(join(tmpdir(), 'backsoon-extension-'));
  made.push(dir);
  cpSync(built, dir, { recursive: true });
  const file = join(dir, 'manifest.json');
  const manifest = JSON.parse(readFileSync(file));
  manifest.permissions.push(...permissions);
  manifest.optional_permissions = manifest.optional_permissions.filter((p) => !permissions.includes(p));
  if (hosts.length) manifest.host_permissions = hosts;
  edit(manifest, dir);
  writeFileSync(file, JSON.stringify(manifest));
  return dir;
}

/** Waits until `what` gives something; says `why` when it never does. */
export async function until(what, why, patience = 15_000) {
  const end = Date.now() + patience;
  let last;
  for (;;) {
    try {
      const value = await what();
      if (value) return value;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) throw new Error(`waited ${patience} ms for ${why}`, { cause: last });
    await new Promise((go) => setTimeout(go, 25));
  }
}

/** Milliseconds from a click on the button, over a page that answers 502, to the popup being ready. */
export async function clicked(driver, site) {
  const page = await driver.browser.newPage();
  await driver.visit(page, site.at('/status/502'));
  const popup = await driver.look(page);
  await popup.close();
  await page.close();
  return popup.readyAfter;
}

/** Why the browser of a `start` function cannot be driven here; false where it can. */
export const missing = (start) => process.env[`BACKSOON_NO_${start.name === 'startFirefox' ? 'FIREFOX' : 'CHROMIUM'}`] ?? false;
