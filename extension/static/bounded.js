// The only place of the extension that sends requests and reads response bodies. It reads at most `most` bytes,
// counted after decompression, and cancels the rest. The function stands alone, because it also runs in pages.
export async function bounded(url, { most = 65536, credentials = 'omit', referrerPolicy = '' } = {}) {
  const start = performance.now();
  const since = () => performance.now() - start;
  try {
    const answer = await fetch(url, {
      credentials, referrerPolicy, cache: 'no-store', redirect: 'manual', signal: AbortSignal.timeout(8000),
    });
    const ttfb = since();
    const reader = answer.body?.getReader();
    const bytes = new Uint8Array(most);
    let [size, whole, broken] = [0, !reader || most > 0, false];
    try {
      while (reader && whole) {
        const { done, value } = await reader.read();
        if (done) break;
        const part = value.subarray(0, most - size);
        bytes.set(part, size);
        size += part.length;
        whole = part.length === value.length;
      }
    } catch {
      // A body that breaks off does not invalidate the head.
      broken = true;
    }
    // Not awaited: the outcome changes nothing here.
    reader?.cancel().catch(() => {});
    // `stream` drops a character that the limit cut in two.
    const body = broken ? undefined : new TextDecoder().decode(bytes.subarray(0, size), { stream: !whole });
    const { ok, status, headers } = answer;
    return { ok, status, headers: [...headers], body, whole: whole && !broken, ttfb, elapsed: since() };
  } catch (error) {
    return { error: error?.message ?? String(error) };
  }
}
