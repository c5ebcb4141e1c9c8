// Runs in a page that failed, at the visitor's click: asks for the same address once more, without cookies
// and past the cache. A redirect is not followed: what lies behind it is another page.
(async () => {
  const start = performance.now();
  const options = { credentials: 'omit', cache: 'no-store', redirect: 'manual', signal: AbortSignal.timeout(8000) };
  try {
    const answer = await fetch(location.href, options);
    const ttfb = performance.now() - start;
    const body = (await answer.text()).slice(0, 65536);
    return { status: answer.status, headers: [...answer.headers], body, ttfb, elapsed: performance.now() - start };
  } catch (error) {
    return { error: String(error) };
  }
})();
