// Asks a site for one small public document: without cookies, past the cache, no redirect followed, 16 KB at
// most. The function stands alone, for it also runs in a page, where the extension has no access of its own.
export async function small(url) {
  const options = {
    credentials: 'omit', cache: 'no-store', redirect: 'manual', referrerPolicy: 'no-referrer',
    signal: AbortSignal.timeout(8000),
  };
  try {
    const answer = await fetch(url, options);
    const parts = new TextDecoder();
    let [text, size] = ['', 0];
    const reader = answer.body?.getReader();
    for (let part = await reader?.read(); part && !part.done; part = await reader.read()) {
      size += part.value.length;
      if (size > 16384) {
        reader.cancel();
        return { ok: false };
      }
      text += parts.decode(part.value, { stream: true });
    }
    return { ok: answer.ok, type: answer.headers.get('content-type') ?? '', text };
  } catch {
    return { ok: false };
  }
}
