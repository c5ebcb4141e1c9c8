// What would cost wasm many small steps into JavaScript, done in one. No decisions.

/** All fields as lines of `name:value`; no field can hold a line break. */
export function fields(headers) {
  let text = "";
  headers.forEach((value, name) => (text += `${name}:${value}\n`));
  return text;
}

/** One field, where it is there. */
export const field = (answer, name) => answer.headers.get(name) ?? undefined;

/** A request's method, address, whether it has a body, and its fields, each a line. */
export const facts = (request) =>
  `${request.method}\n${request.url}\n${request.body === null ? "" : "body"}\n${vouched(request)}`;

/** Fields that the platform sets only where the owner says so, and its own word for each. */
const VOUCHED = {
  "cf-bot-score": (cf) => cf.botManagement?.score,
  "cf-ipcity": (cf) => cf.city,
  "cf-ipcontinent": (cf) => cf.continent,
  "cf-ipcountry": (cf) => cf.country ?? "XX",
  "cf-iplatitude": (cf) => cf.latitude,
  "cf-iplongitude": (cf) => cf.longitude,
  "cf-ja3-hash": (cf) => cf.botManagement?.ja3Hash,
  "cf-ja4": (cf) => cf.botManagement?.ja4,
  "cf-metro-code": (cf) => cf.metroCode,
  "cf-postal-code": (cf) => cf.postalCode,
  "cf-region": (cf) => cf.region,
  "cf-region-code": (cf) => cf.regionCode,
  "cf-timezone": (cf) => cf.timezone,
  "cf-verified-bot": (cf) => cf.botManagement?.verifiedBot,
};

/** The fields of a request. Where the platform's own word for one is another, that is a second line of it. */
function vouched({ headers, cf }) {
  let text = "";
  headers.forEach((value, name) => {
    text += `${name}:${value}\n`;
    if (!name.startsWith("cf-") || !Object.hasOwn(VOUCHED, name)) return;
    const word = cf ? `${VOUCHED[name](cf) ?? ""}` : "";
    if (value !== word && value !== escaped(word)) text += `${name}:${word}\n`;
  });
  return text;
}

/** What the platform makes of letters beyond ASCII in a field: each byte of their UTF-8 as `\u00c3`. */
const escaped = (word) =>
  word.replace(/[^\0-\x7f]+/g, (part) =>
    Array.from(new TextEncoder().encode(part), (byte) => `\\u00${byte.toString(16)}`).join(""),
  );

/** Changes fields: `-name` removes one, `=name:value` replaces it, `+name:value` adds to it, each on a line. */
function change(headers, lines) {
  for (const line of lines.split("\n")) {
    const end = line.indexOf(":");
    const name = line.slice(1, end < 0 ? undefined : end);
    if (line[0] === "-") headers.delete(name);
    else if (line[0] === "=") headers.set(name, line.slice(end + 1));
    else if (line[0] === "+") headers.append(name, line.slice(end + 1));
  }
}

/** The same answer with changed fields; its body stays the platform's stream. */
export function edited(answer, lines) {
  const shown = new Response(answer.body, answer);
  change(shown.headers, lines);
  return shown;
}

/**
 * Fetches the origin's answer: `visit.ask`, with the request as the origin shall see it. Wasm takes a promise and
 * nothing else: what throws here (an address that the platform refuses) has to be the promise's failure.
 */
export async function ask(visit, limit, request, to) {
  return visit.ask(limit, ...addressed(visit, request, to));
}

/** The same for what no visitor waits for. */
export async function askAside(visit, limit, request, to) {
  return visit.askAside(limit, ...addressed(visit, request, to));
}

/**
 * What `fetch` takes for the same request at another address, the first line of `to`, with changed fields, the
 * others: the visitor's own object where nothing changes. To another server a reading request goes without the
 * platform's own facts of the visitor (`cf`), which nobody there sees: to copy them costs as much as all else here.
 */
function addressed(visit, request, to) {
  const end = to.indexOf("\n");
  if (end < 0 && to === request.url) return [request];
  const url = end < 0 ? to : to.slice(0, end);
  const lines = to.slice(url.length);
  const { method } = request;
  if (visit.env.ORIGIN && request.body === null && (method === "GET" || method === "HEAD")) {
    const headers = new Headers(request.headers);
    change(headers, lines);
    return [url, { method, headers, redirect: "manual" }];
  }
  const sent = new Request(url, request);
  change(sent.headers, lines);
  return [sent];
}

/** Changes the fields of an answer that was made here. */
export const edit = (answer, lines) => change(answer.headers, lines);

/** A response of ours, from such lines of fields. */
export function made(status, lines, body) {
  const headers = new Headers();
  for (const line of lines.split("\n")) {
    const end = line.indexOf(":");
    if (end > 0) headers.append(line.slice(0, end), line.slice(end + 1));
  }
  return new Response(body, { status, headers });
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

/**
 * The whole of a body that is short and comes in time, as its bytes; null where it broke. Else the same body from
 * its beginning, its length told to the client where it is known, and whether it is late, and in the second half of
 * the time nothing came. Where `soon` is not 0, reading stops so many ms after the first bytes: then what has come is
 * given too. Cheaper than reading one of two branches.
 */
export async function peek(visit, stream, most, limit, length, soon) {
  const next = steps(stream, Math.min(most, length >= 0 ? length : STEP));
  const chunks = [];
  let size = 0;
  let isLate = false;
  let isStill = false;
  let hasBegun = false;
  let came = Date.now();
  let last = null;
  let stop;
  let first = null;
  const all = async () => {
    while (size <= most && !isLate && !hasBegun) {
      last = next();
      const { done, value } = await last;
      // Whoever reads the rest awaits the same step.
      if (isLate || hasBegun) return false;
      last = null;
      if (done) return true;
      came = Date.now();
      size += chunks.push(value) && value.byteLength;
      if (soon > 0) first ??= visit.limit(soon, () => stop((hasBegun = true)));
      if (size !== length) continue;
      // All that was promised is here. That it ends is read too, since an unread end may hold the line open.
      next().catch(() => {});
      return true;
    }
    return false;
  };
  let own;
  const isWhole = await new Promise((resolve) => {
    stop = () => resolve(false);
    own = visit.limit(limit, () => {
      isLate = true;
      isStill = Date.now() - came > limit / 2;
      stop();
    });
    all().then(resolve, () => resolve(null));
  });
  visit.lift(own);
  if (first) visit.lift(first);
  const begun = hasBegun && !isLate ? joined(chunks) : null;
  if (isWhole) return joined(chunks);
  if (isWhole === null) return null;
  const pull = async (controller) => {
    if (chunks.length > 0) return controller.enqueue(chunks.shift());
    const { done, value } = await (last ?? next());
    last = null;
    if (done) controller.close();
    else controller.enqueue(value);
  };
  const rest = new ReadableStream({ pull, cancel: (reason) => next.cancel(reason) });
  const known = length >= 0 ? rest.pipeThrough(new FixedLengthStream(length)) : rest;
  return [known, isLate, isStill, begun];
}

/** Bytes of one step, but for a first one that may bring all: each piece holds the whole buffer that it came in. */
const STEP = 4096;

/** Reads a stream step by step: of the platform's own the first `room` bytes at once, where they are there. */
function steps(stream, room) {
  let reader;
  let next;
  try {
    reader = stream.getReader({ mode: "byob" });
    next = () => {
      const view = new Uint8Array(room || 1);
      room = Math.min(room, STEP);
      return reader.read(view);
    };
  } catch {
    reader = stream.getReader(); // one of ours, which `peek` gave
    next = () => reader.read();
  }
  next.cancel = (reason) => reader.cancel(reason);
  return next;
}

/** The whole body, or null where it is longer than `most` bytes; throws where it breaks. */
export async function whole(stream, most) {
  const gathering = new Gathering(stream);
  const bytes = await gathering.upTo(most);
  if (!bytes) gathering.stop();
  return bytes;
}

/** The same step by step: `upTo` gives null where there is more, and may be called again. */
export class Gathering {
  constructor(stream) {
    Object.assign(this, { reader: stream.getReader(), chunks: [], size: 0 });
  }

  async upTo(most) {
    while (this.size <= most) {
      const { done, value } = await this.reader.read();
      if (done) return joined(this.chunks);
      this.size += value.byteLength;
      this.chunks.push(value);
    }
    return null;
  }

  stop() {
    this.reader.cancel().catch(() => {});
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

