// A stored answer as one value of a KV namespace. No decisions.

/** Writes a stored answer into KV: its head, then its body; how long the head is stands in the metadata. */
export async function kvWrite(kv, key, text, body, print, seconds) {
  const head = new TextEncoder().encode(text);
  const value = new Uint8Array(head.length + body.length);
  value.set(head);
  value.set(body, head.length);
  await kv.put(key, value, { expirationTtl: seconds, metadata: { head: head.length, print } });
}

/** Reads it back: `{head, body}`, or null. */
export async function kvRead(kv, key) {
  const { value, metadata } = await kv.getWithMetadata(key, "arrayBuffer");
  if (!value || !metadata?.head) return null;
  const head = new TextDecoder().decode(new Uint8Array(value, 0, metadata.head));
  return { head, body: new Uint8Array(value, metadata.head) };
}

/** What `kvWrite` noted of the content there: a text, or null where there is nothing. */
export async function kvPrint(kv, key) {
  const { value, metadata } = await kv.getWithMetadata(key, "stream");
  await value?.cancel();
  return value ? (metadata?.print ?? "") : null;
}
