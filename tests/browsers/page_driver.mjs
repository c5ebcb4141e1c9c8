// Real Chromium and Firefox for the fallback page: one way to make either look as visitors set it up (dark,
// forced colours, on paper, without scripts) and to read a page where scripts are off.
import puppeteer from 'puppeteer-core';

export const browsers = {
  chromium: process.env.BACKSOON_CHROMIUM ?? '/usr/bin/chromium',
  firefox: process.env.BACKSOON_FIREFOX ?? '/usr/bin/firefox-esr',
};

/** Why a browser's tests are left out; `false` where they are not. */
export const missing = (browser) => process.env[`BACKSOON_NO_${browser.toUpperCase()}`] ?? false;

/** `{ it, newPage, setup, scripts, reload, value, close }`; a setup and the switch for scripts hold for the tab given. */
export const start = async (browser) => {
  const driver = await (browser === 'firefox' ? firefox() : chromium());
  return {
    ...driver,
    // Firefox tells its pages of a new look some time after it took the setting: a page has it when it says so.
    setup: async (tab, look = {}) => {
      await driver.setup(tab, look);
      while (!(await driver.value(tab, has(look)))) await moment();
    },
  };
};

/** Whether a page believes to have just this look. On paper Firefox calls every page light. */
const has = ({ dark = false, forced = false, print = false }) =>
  Object.entries(print ? { print } : { '(prefers-color-scheme:dark)': dark, '(forced-colors:active)': forced, print })
    .map(([query, wanted]) => `w.matchMedia('${query}').matches === ${wanted}`).join(' && ');

const moment = () => new Promise((ok) => setTimeout(ok, 20));

/** What every tab reports: `tab.complaints`, of the policy and of the script; not that the status is 503. */
function listened(tab) {
  tab.complaints = [];
  tab.on('console', (message) => {
    if (['error', 'warn'].includes(message.type()) && !message.text().includes('503')) tab.complaints.push(message.text());
  });
  tab.on('pageerror', (error) => tab.complaints.push(error.message));
  return tab;
}

async function chromium() {
  const it = await puppeteer.launch({ executablePath: browsers.chromium, headless: true, args: ['--no-sandbox', '--disable-gpu'] });
  return {
    it,
    newPage: async () => listened(await it.newPage()),
    // Puppeteer's own call does not know forced colours.
    setup: async (tab, { dark = false, forced = false, print = false }) => {
      tab.session ??= await tab.createCDPSession();
      await tab.session.send('Emulation.setEmulatedMedia', {
        media: print ? 'print' : '',
        features: [
          { name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' },
          { name: 'forced-colors', value: forced ? 'active' : 'none' },
        ],
      });
    },
    scripts: (tab, on) => tab.setJavaScriptEnabled(on),
    // Without the question that visitors get before a form goes out again: what would go out, goes out.
    reload: (tab) => tab.reload(),
    value: (tab, expression) => tab.evaluate(`(() => { const d = document, w = window; return (${expression}); })()`),
    close: () => it.close(),
  };
}

// Runs in the browser's window: evaluates an expression in the page of the chosen tab with the browser's own
// rights, so that it also answers where scripts are off.
const inPage = (expression) => `(async () => {
  const manager = gBrowser.selectedBrowser.messageManager;
  const name = 'backsoon:' + Math.random();
  // A page that is being replaced never answers, and a slow one late: it is asked again.
  const answer = new Promise((ok) => {
    manager.addMessageListener(name, (m) => ok(m.data));
    setTimeout(() => ok({ again: true }), 2000);
  });
  const script = 'try { const w = content, d = content.document;'
    + 'sendAsyncMessage(' + JSON.stringify(name) + ', {value: (' + ${JSON.stringify(expression)} + ')}) }'
    + 'catch (e) { sendAsyncMessage(' + JSON.stringify(name) + ', {error: String(e)}) }';
  manager.loadFrameScript('data:,' + encodeURIComponent(script), false);
  return JSON.stringify(await answer);
})()`;

async function firefox() {
  const it = await puppeteer.launch({
    browser: 'firefox', executablePath: browsers.firefox, headless: true, args: ['--remote-allow-system-access'],
    // WebDriver hides Firefox's own error pages, and with them the status's body is left alone.
    extraPrefsFirefox: { 'browser.http.blank_page_with_error_response.enabled': false },
  });
  const tree = await it.connection.send('browsingContext.getTree', { 'moz:scope': 'chrome' });
  const context = tree.result.contexts[0].context;
  const inWindow = async (expression) => {
    const { result } = await it.connection.send('script.evaluate', { expression, target: { context }, awaitPromise: true });
    if (result.type === 'exception') throw new Error(result.exceptionDetails.text);
    return result.result.value;
  };
  const pref = (kind, name, value) => `Services.prefs.set${kind}Pref('${name}', ${value});`;
  return {
    it,
    newPage: async () => listened(await it.newPage()),
    setup: async (tab, { dark = false, forced = false, print = false }) => {
      await tab.bringToFront();
      await inWindow(pref('Int', 'layout.css.prefers-color-scheme.content-override', dark ? 0 : 1)
        + pref('Int', 'browser.display.document_color_use', forced ? 2 : 0)
        + `gBrowser.selectedBrowser.browsingContext.mediumOverride = '${print ? 'print' : ''}'; 1`);
    },
    // What the button in the window does.
    reload: (tab) => tab.bringToFront().then(() => inWindow('BrowserCommands.reload(); 1')),
    // Before a page is opened: one that is open keeps its scripts.
    scripts: (tab, on) => inWindow(`${pref('Bool', 'javascript.enabled', on)} 1`),
    value: async (tab, expression) => {
      await tab.bringToFront();
      for (;;) {
        const { value, error, again } = JSON.parse(await inWindow(inPage(expression)));
        if (error) throw new Error(error);
        if (!again) return value;
      }
    },
    close: () => it.close(),
  };
}
