// Runs in a page that failed where an answer without cookies differed: asks once with cookies and once more
// without, so that a site which has just come back is not taken for one that cookies break.
(async () => {
  const options = { cache: 'no-store', redirect: 'manual', signal: AbortSignal.timeout(8000) };
  try {
    const withCookies = await fetch(location.href, { ...options, credentials: 'include' });
    const without = await fetch(location.href, { ...options, credentials: 'omit' });
    return { with: withCookies.status, without: without.status };
  } catch {
    return {};
  }
})();
