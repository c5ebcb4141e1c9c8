// Puts the pictures of the popup's states side by side, one sheet a browser: a row each for light, dark and
// Arabic. node tests/browsers/sheets.mjs PICTURES FOLDER (PICTURES is where BACKSOON_PICTURES had them put)
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import puppeteer from 'puppeteer-core';

const [from, to] = process.argv.slice(2);
const browser = await puppeteer.launch({ executablePath: process.env.BACKSOON_CHROMIUM ?? '/usr/bin/chromium', headless: true, args: ['--no-sandbox', '--disable-gpu'] });
for (const name of ['chromium', 'firefox']) {
  const files = readdirSync(from).filter((file) => file.startsWith(`${name}-`) && !file.includes('-options')).sort();
  const states = [...new Set(files.map((file) => file.slice(name.length + 1).replace(/-[a-z]+\.png$/, '')))];
  const picture = (file) => `<img src="data:image/png;base64,${readFileSync(join(from, file)).toString('base64')}">`;
  const rows = ['light', 'dark', 'arabic'].map((look) => `<tr>${states.map((state) => {
    const file = `${name}-${state}-${look}.png`;
    return `<td>${files.includes(file) ? picture(file) : ''}</td>`;
  }).join('')}</tr>`);
  const page = await browser.newPage();
  await page.setViewport({ width: 150 * states.length, height: 400 });
  await page.setContent(`<style>body{margin:0;background:#8a929c}table{border-spacing:6px}td,th{vertical-align:top;padding:0;font:11px sans-serif;color:#fff}img{width:138px;display:block}</style>
    <table><tr>${states.map((state) => `<th>${state}</th>`).join('')}</tr>${rows.join('')}</table>`);
  const table = await page.$('table');
  await table.screenshot({ path: join(to, `popup-states-${name}.png`) });
}
await browser.close();
