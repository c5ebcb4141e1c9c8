// Registers every listener synchronously, as both browsers demand of a background that sleeps, and hands
// each event to wasm. It decides nothing. Events of one tab are handled in the order in which they came.
import './ask.js';
import init, * as core from './core.js';

const api = globalThis.browser ?? globalThis.chrome;
const pages = { urls: ['http://*/*', 'https://*/*'], types: ['main_frame'] };
const lines = new Map();
let started;

function ready() {
  started ??= init({ module_or_path: new URL('core_bg.wasm', import.meta.url) });
  // A failed start is tried again at the next event.
  started.catch(() => { started = undefined; });
  return started;
}

// A failure here leaves the browser as it was: the popup looks for itself.
function pass(tab, name, ...facts) {
  const turn = (lines.get(tab) ?? Promise.resolve())
    .then(ready)
    .then(() => core[name](...facts))
    .catch((error) => console.warn('backsoon', name, error))
    .finally(() => { if (lines.get(tab) === turn) lines.delete(tab); });
  lines.set(tab, turn);
}

// What is heard of pages. Switched off, these listeners go, and no page wakes the background any more.
const hear = (tab, name, ...facts) => listening.then((yes) => { if (yes) pass(tab, name, ...facts); });
const ears = [
  [api.webRequest.onHeadersReceived, (d) => hear(d.tabId, 'headers_received', d), pages, ['responseHeaders']],
  [api.webRequest.onCompleted, (d) => hear(d.tabId, 'request_completed', d), pages],
  [api.webRequest.onErrorOccurred, (d) => hear(d.tabId, 'request_failed', d), pages],
  [api.tabs.onUpdated, (id, change) => { if (change.status) hear(id, 'tab_updated', id, change.status); }],
  [api.tabs.onRemoved, (id) => hear(id, 'tab_removed', id)],
];
for (const [event, ear, ...more] of ears) event.addListener(ear, ...more);

async function heed() {
  // Choices that cannot be read count as none made.
  const kept = await api.storage.local.get('settings').catch(() => ({}));
  const on = kept.settings?.off !== true;
  for (const [event, ear, ...more] of ears) {
    if (!on) event.removeListener(ear);
    else if (!event.hasListener(ear)) event.addListener(ear, ...more);
  }
  return on;
}
let listening = heed();

// There only once the visitor allowed notifications; adding the same listener twice adds it once.
const clicked = (id) => pass('order', 'notification_clicked', id);
// With the notification goes the reason to know its address. A click that closed it is handled first.
const closed = (id) => (lines.get('order') ?? Promise.resolve()).then(() => api.storage.session.remove(`told.${id}`));
const hearNotifications = () => {
  api.notifications?.onClicked.addListener(clicked);
  api.notifications?.onClosed.addListener(closed);
};
hearNotifications();
api.alarms.onAlarm.addListener((alarm) => pass(alarm.name, 'alarm_rang', alarm.name));
api.permissions.onAdded.addListener(() => {
  hearNotifications();
  pass('order', 'permission_added');
});
api.runtime.onMessage.addListener((message, sender) => {
  if (sender.id !== api.runtime.id) return;
  if (message.do === 'chosen') listening = heed();
  pass('order', 'order_received', message);
});
