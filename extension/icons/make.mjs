// Makes the PNG sizes from the two drawings with Chromium: node extension/icons/make.mjs, when a drawing changed.
import { readFileSync } from 'node:fs';
import puppeteer from 'puppeteer-core';

const here = (name) => new URL(name, import.meta.url);
const browser = await puppeteer.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
const page = await browser.newPage();
for (const size of [16, 32, 48, 128]) {
  const drawing = readFileSync(here(size < 48 ? 'icon-small.svg' : 'icon.svg'), 'utf8');
  await page.setViewport({ width: size, height: size });
  await page.setContent(`<style>body{margin:0}svg{display:block;width:${size}px;height:${size}px}</style>${drawing}`);
  await page.screenshot({ path: here(`${size}.png`).pathname, omitBackground: true });
}
await browser.close();
