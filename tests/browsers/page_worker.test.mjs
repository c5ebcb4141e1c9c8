// The whole way in real browsers: the release worker on real workerd, a bad origin behind it, and a visitor
// who waits alone. Nobody but the page asks, so nobody but the page can find out that the site is back.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import puppeteer from 'puppeteer-core';
import { startSite } from '../workerd/site.mjs';

const browsers = {
  chromium: process.env.BACKSOON_CHROMIUM ?? '/usr/bin/chromium',
  firefox: process.env.BACKSOON_FIREFOX ?? '/usr/bin/firefox-esr',
};

// The page's own clock, twenty times as fast; the worker's is real.
const hurry = () => {
  const real = window.setTimeout;
  window.setTimeout = (action, ms) => real(action, ms / 20);
};

describe('a visitor waits at the real worker', () => {
  let site;
  before(async () => {
    site = await startSite();
  });
  after(() => site?.stop());

  for (const [browser, executablePath] of Object.entries(browsers)) {
    const skip = process.env[`BACKSOON_NO_${browser.toUpperCase()}`] ?? false;
    test(`${browser}: the page comes, waits, and opens the site when it is back`, { timeout: 120_000, skip }, async () => {
      const it = await puppeteer.launch({
        browser: browser === 'firefox' ? 'firefox' : 'chrome', executablePath, headless: true,
        args: browser === 'firefox' ? [] : ['--no-sandbox', '--disable-gpu'],
        extraPrefsFirefox: { 'browser.http.blank_page_with_error_response.enabled': false, 'intl.accept_languages': 'en' },
      });
      try {
        await site.origin.mode('fail:empty');
        const tab = await it.newPage();
        const complaints = [];
        tab.on('pageerror', (error) => complaints.push(error.message));
        tab.on('console', (m) => /Content.Security/i.test(m.text()) && complaints.push(m.text()));
        await tab.evaluateOnNewDocument(hurry);
        const first = await tab.goto(`${site.worker.url}/waiting-${browser}`);
        assert.equal(first.status(), 503);
        assert.equal(await tab.$eval('h1', (h1) => h1.textContent), 'This site is not working right now');
        await tab.waitForFunction(() => !document.getElementById('w').hidden);

        // What the page asks is answered by the edge: the origin sees at most the edge's own probes.
        await site.origin.forgetSeen();
        const status = await tab.waitForResponse((answer) => answer.url().endsWith('/.well-known/backsoon/status'));
        assert.equal(status.status(), 200);
        const seen = await site.origin.seenRequests();
        assert.ok(!seen.some((one) => one.path.startsWith('/.well-known/')), JSON.stringify(seen));

        await site.origin.mode('healthy');
        await tab.waitForFunction(() => !document.getElementById('w'), { timeout: 90_000 });
        assert.ok(tab.url().endsWith(`/waiting-${browser}`));
        assert.deepEqual(complaints, []);
      } finally {
        await it.close();
      }
    });
  }
});
