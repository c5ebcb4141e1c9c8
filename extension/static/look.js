// Runs in the page at the visitor's click, or to confirm a badge: what the page itself knows of its answer.
(() => {
  const from = performance.getEntriesByType('navigation')[0] ?? {};
  const html = /html|xml/.test(document.contentType);
  const text = html ? document.documentElement.outerHTML : document.querySelector('pre')?.textContent;
  return {
    url: location.href,
    status: from.responseStatus,
    protocol: from.nextHopProtocol,
    ttfb: from.responseStart - from.requestStart,
    elapsed: from.responseEnd - from.requestStart,
    cached: from.deliveryType === 'cache' || (from.transferSize === 0 && from.encodedBodySize > 0),
    done: document.readyState === 'complete',
    controlled: Boolean(navigator.serviceWorker?.controller),
    body: text?.slice(0, 65536),
    born: performance.timeOrigin,
  };
})();
