// What every case of the extension does: goes somewhere, opens the popup over it, reads what it says.
export const headline = (popup) => popup.value(`d.querySelector('#headline').textContent`);
export const row = (popup, id) => popup.value(`d.querySelector('[data-row="${id}"]')?.textContent ?? null`);
export const shown = (popup, selector) => popup.value(`d.querySelector(${JSON.stringify(selector)})?.checkVisibility() ?? false`);
export const state = (popup) => popup.value(`['you', 'network', 'site'].map((p) => d.getElementById('place-' + p).dataset.state).join(' ')`);
export const fault = (popup) => popup.value(`d.querySelector('main').dataset.fault ?? null`);

/** One page in one tab, visited and closed again. */
export async function at(driver, url, act) {
  const page = await driver.browser.newPage();
  try {
    await driver.visit(page, url);
    return await act(page);
  } finally {
    await page.close();
  }
}

/** The popup over a page, closed again. */
export async function over(driver, page, act, options) {
  const popup = await driver.look(page, options);
  try {
    return await act(popup);
  } finally {
    await popup.close().catch(() => {});
  }
}

/** The wait for an address, as the background keeps it: its `name` is its alarm's and its notification's. */
export const waitFor = (driver, url) => driver.api(async (key) => (await chrome.storage.session.get(key))[key] ?? null, `wait.${url}`);

/** Rings now what would ring in half a minute. */
export async function ring(driver, url) {
  const { name } = await waitFor(driver, url);
  await driver.api((name) => void chrome.alarms.create(name, { when: Date.now() }), name);
}

/** Waits for an address as the popup does once the browser has granted what that needs. */
export const consent = (driver, tab, url) => driver.api(async (asked) => {
  await chrome.storage.session.set({ asked });
  await chrome.runtime.sendMessage({ do: 'run' }).catch(() => {});
}, { what: 'wait', tab, url, at: Date.now() });
