// What would cost wasm many small steps into JavaScript, done in one. No decisions.

/** All fields as lines of `name:value`; no field can hold a line break. */
export function fields(headers) {
  let text = "";
  for (const [name, value] of headers) text += `${name}:${value}\n`;
  return text;
}

/**
 * Reads at most `most` bytes, for at most `limit` ms. `ended`: true where the body ended as promised, false
 * where it broke, null where there is more of it, whether it was not asked for or did not come in time.
 */
export async function prefix(stream, most, limit) {
  const reader = stream.getReader();
  const chunks = [];
  let size = 0;
  let ended = null;
  let isLate = false;
  let timer;
  const late = new Promise((resolve) => (timer = setTimeout(resolve, limit, "late")));
  try {
    while (size < most) {
      const step = await Promise.race([reader.read(), late]);
      if (step === "late") isLate = true;
      else if (step.done) ended = true;
      else size += chunks.push(step.value) && step.value.byteLength;
      if (ended !== null || isLate) break;
    }
  } catch {
    ended = false;
  }
  clearTimeout(timer);
  reader.cancel().catch(() => {});
  return { bytes: joined(chunks).subarray(0, most), ended, isLate };
}

/** The whole body, or null where it is longer than `most` bytes; throws where it breaks. */
export async function whole(stream, most) {
  const reader = stream.getReader();
  const chunks = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return joined(chunks);
    size += value.byteLength;
    if (size > most) {
      reader.cancel().catch(() => {});
      return null;
    }
    chunks.push(value);
  }
}

function joined(chunks) {
  if (chunks.length === 1) return chunks[0];
  const all = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.byteLength;
  }
  return all;
}

/** The HTML answer with `note` put after all else. */
export function noted(response, note) {
  const end = (document) => document.append(note, { html: true });
  return new HTMLRewriter().onDocument({ end }).transform(response);
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** The same bytes as a body whose length is told to the client. */
export const ofLength = (stream, length) => stream.pipeThrough(new FixedLengthStream(length));
