// The stores' packages as they are: each is loaded in its browser, and its popup says a sentence over a failing page.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { missing } from './extension.mjs';
import { shop } from './sites.mjs';

/** The files of a zip: name and bytes, by its central directory (APPNOTE 4.3.12). */
export function* unzipped(file) {
  const zip = readFileSync(file);
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    const [method, size, name, extra, comment, local] = [zip.readUInt16LE(at + 10), zip.readUInt32LE(at + 20), ...[28, 30, 32].map((o) => zip.readUInt16LE(at + o)), zip.readUInt32LE(at + 42)];
    const from = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const bytes = zip.subarray(from, from + size);
    yield [zip.toString('utf8', at + 46, at + 46 + name), method === 0 ? bytes : inflateRawSync(bytes)];
    at += 46 + name + extra + comment;
  }
}

/** Chromium's developer interface loads folders only: the package, unpacked and otherwise as it is. */
function folder(file) {
  const dir = mkdtempSync(join(tmpdir(), 'backsoon-package-'));
  for (const [name, bytes] of unzipped(file)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), bytes);
  }
  process.on('exit', () => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** A test of one browser's package. */
export const packed = (start, file) => [{ skip: missing(start) }, async () => {
  const site = await shop();
  const driver = await start(start.name === 'startFirefox' ? file : folder(file));
  try {
    const page = await driver.browser.newPage();
    await driver.visit(page, site.at('/status/502'));
    const popup = await driver.look(page);
    assert.match(await popup.value(`d.querySelector('#status').textContent`), /502/);
    assert.equal(await popup.value(`d.querySelector('main').dataset.fault`), 'site');
    const sentence = await popup.value(`d.querySelector('#headline').textContent`);
    assert.match(sentence, /^[A-Z].{10,}\.$/, 'a sentence');
    assert.equal(await popup.value(`d.title`), 'Backsoon');
  } finally {
    await driver.close();
    site.close();
  }
}];
