// One request of a visitor, as seen from outside the wasm: what was asked of the origin, what it answered,
// and how to end the visit without any wasm. Wasm gets it in the place of the platform's context.

import { ADDRESSES, FORWARDING } from "./replaced.mjs";

/** How long wasm may work or wait on anything but the origin before the visit goes on without it. */
const SILENCE_MS = 10_000;
/** When a visit first looks whether something is due: before most things can be, and later than most visits last. */
const FIRST_LOOK_MS = 1000;
/**
 * A body that says to be larger is an upload: while it is being sent no head can come, and that takes as long as
 * the visitor's line takes. Then the limit is this.
 */
const SHORT_BODY = 65_536;
const UPLOAD_MS = 600_000;
/** How long the bare fetch waits for the head of an answer. */
const BARE_MS = 20_000;
/** The visitor follows redirects, not the worker. */
const MANUAL = { redirect: "manual" };

const LAST_RESORT = `<!doctype html><meta charset="utf-8"><meta name="robots" content="noindex">
<meta name="viewport" content="width=device-width"><title>502</title>
<h1>This site cannot answer right now (502)</h1>
<p>Neither its server nor its error page could be reached. It is not your device.
Nothing that you sent was sent again. Try again in a minute.</p>`;

export class Visit {
  asked = null;
  sent = 0;
  answer = null;
  left = false;
  background = null;
  asking = null;
  heard = Date.now();
  rests = false;
  limits = new Set();
  given = null;
  giveUpNow = null;

  constructor(request, env, ctx) {
    this.request = request;
    this.env = env;
    this.ctx = ctx;
    this.wakeIn(FIRST_LOOK_MS, this.heard);
  }

  /**
   * What wasm answers, or null where it does not: `work` gives a promise, or throws. (Two callbacks instead of a
   * race: it is the way of every request.) Only null comes from outside: another visit's trap calls `abandon`, and
   * the platform lets nobody fetch or answer in the place of another request.
   */
  answeredBy(work) {
    return new Promise((resolve) => {
      this.giveUpNow = () => resolve(null);
      const failed = (error) => {
        console.error(JSON.stringify({ backsoon: "bare", error: String(error) }));
        this.giveUpNow();
      };
      const done = (response) => (response instanceof Response ? resolve(response) : this.giveUpNow());
      try {
        work().then(done, failed);
      } catch (error) {
        failed(error);
      }
    });
  }

  /** Wasm will not answer any more: neither the visitor nor what it left in the background waits for it. */
  abandon() {
    this.rest();
    this.giveUpNow?.();
    this.given?.resolve();
  }

  /**
   * Called by wasm: fetches the origin's answer. `limit` ms bound the wait for its head, never its body. One at a
   * time: what is asked beside it goes through `askAside`.
   */
  ask(limit, input, init = MANUAL) {
    // `answerWithoutWasm` has sent it already, or will: nothing is sent twice.
    if (this.left) return Promise.reject(new Error("answered without wasm"));
    this.sent += 1;
    this.answer = null; // of the first try: wasm asks again because it is of no use
    this.asked = new Promise((resolve, reject) => {
      const most = isUpload(input) ? UPLOAD_MS : limit;
      const own = (this.asking = this.limit(most, () => this.heardOf(own) && reject(late())));
      const came = (response) => {
        if (this.heardOf(own)) resolve((this.answer = response));
        else response.body?.cancel().catch(() => {}); // nobody waits for it any more
      };
      fetch(input, init).then(came, (error) => this.heardOf(own) && reject(error));
    });
    return this.asked;
  }

  /** The first word of this request counts: the answer's head, a failure, or that the time is over. */
  heardOf(request) {
    if (this.asking !== request) return false;
    this.asking = null;
    this.lift(request);
    this.heard = Date.now();
    if (!this.rests) this.wakeBefore(this.heard + SILENCE_MS, this.heard);
    return true;
  }

  /** Called by wasm: fetches something that the visitor's answer does not wait for. */
  askAside(limit, input, init) {
    return headWithin(limit, input, init);
  }

  /** Called by wasm when it took the answer apart: this one can still be relayed. */
  keep(response) {
    this.answer = response;
  }

  /** Called by wasm: the platform did something that wasm has no answer for. */
  giveUp(reason) {
    console.error(JSON.stringify({ backsoon: "gave up", error: String(reason) }));
    this.abandon();
  }

  /** The platform's own; what wasm left unfinished when it died must not hold the visit open. */
  waitUntil(promise) {
    this.given ??= Promise.withResolvers();
    const ended = Promise.race([promise, this.given.promise]).catch(() => {});
    (this.background ??= []).push(ended);
    this.ctx.waitUntil(ended);
  }

  passThroughOnException() {
    this.ctx.passThroughOnException();
  }

  whenBackgroundIsDone(then) {
    if (this.background === null) then();
    else this.ctx.waitUntil(this.backgroundIsDone().then(then));
  }

  /** Also what the background work itself left to the background. */
  async backgroundIsDone() {
    for (let known = 0; known < this.background.length; ) {
      known = this.background.length;
      await Promise.all(this.background);
    }
  }

  /** Calls `late` after so many ms, unless the limit that it gives is lifted before. */
  limit(ms, late) {
    const now = Date.now();
    const own = { until: now + ms, late };
    this.limits.add(own);
    this.wakeBefore(own.until, now);
    return own;
  }

  lift(limit) {
    this.limits.delete(limit);
  }

  /**
   * One timer for the whole visit, which looks again where it came too early: the first one of a request, and each
   * that is earlier than all others, cost the platform as much as all else in this file. For the same reason none is
   * stopped: the platform drops it with the visit.
   */
  wakeIn(ms, now) {
    this.wakes = now + ms;
    const own = setTimeout(() => {
      // Only the one that was set last looks: it is for the earlier time.
      if (own !== this.timer) return;
      this.wakes = Infinity;
      this.look();
    }, ms);
    this.timer = own;
  }

  /** A timer that is due before looks again then. */
  wakeBefore(time, now) {
    if (this.wakes > time) this.wakeIn(time - now, now);
  }

  look() {
    const now = Date.now();
    for (const limit of this.limits) {
      if (now < limit.until) continue;
      this.lift(limit);
      limit.late();
    }
    // What is asked for may go on after the visitor was answered; who rests is silent by right.
    const silence = this.heard + SILENCE_MS;
    if (!this.asking && !this.rests && now >= silence) this.abandon();
    const next = Array.from(this.limits, (limit) => limit.until);
    if (!this.asking && !this.rests) next.push(silence);
    if (next.length > 0) this.wakeBefore(Math.min(...next), now);
  }

  rest() {
    this.rests = true;
  }

  /** The origin's answer if there is one or one is on its way; else one bare fetch; else a static page. */
  async answerWithoutWasm() {
    this.left = true;
    try {
      const answer = this.answer ?? (await this.asked);
      if (answer && !answer.bodyUsed) return this.onSite(answer);
    } catch {
      // The origin did not answer.
    }
    // What is not safe is never sent twice, and nothing three times; what was not sent yet may be.
    const reads = this.request.method === "GET" || this.request.method === "HEAD";
    try {
      const may = this.sent < (reads ? 2 : 1) && !this.request.bodyUsed;
      if (may) return this.onSite(await headWithin(BARE_MS, this.bareRequest()));
    } catch {
      // Nor now.
    }
    return new Response(LAST_RESORT, {
      status: 502,
      headers: {
        "content-type": "text/html; charset=utf-8",
        // Says nothing of the origin or the visitor.
        "access-control-allow-origin": "*",
        "access-control-expose-headers": "Retry-After",
        "cache-control": "no-store",
        "retry-after": "60",
        "x-robots-tag": "noindex",
        "proxy-status": "backsoon; error=proxy_internal_error",
      },
    });
  }

  /** The visitor's request for the origin, as shared/src/rescue/outgoing.rs makes it, but for our own cookies. */
  bareRequest() {
    if (!this.env.ORIGIN) return this.request;
    if (this.request.headers.has("backsoon-hop")) throw new Error("sent on by this very worker");
    const site = new URL(this.request.url);
    const request = new Request(moved(site, new URL(this.env.ORIGIN)), this.request);
    const address = request.headers.get("cf-connecting-ip");
    const { headers } = request;
    const ours = [...headers.keys()].filter((name) => name.startsWith("backsoon-"));
    for (const name of [...ours, ...FORWARDING]) headers.delete(name);
    // Only the platform's word counts for the visitor's address.
    const told = (name) => (address === null ? headers.delete(name) : headers.set(name, address));
    ADDRESSES.filter((name) => headers.has(name)).forEach(told);
    told("x-forwarded-for");
    headers.set("backsoon-hop", site.host);
    headers.set("x-forwarded-host", site.host);
    headers.set("x-forwarded-proto", site.protocol.slice(0, -1));
    return request;
  }

  /** The origin's answer without fields in our name, and with a redirect to itself leading to the site. */
  onSite(answer) {
    const ours = [...answer.headers.keys()].filter((name) => name.startsWith("backsoon-"));
    const location = this.siteLocation(answer.headers.get("location"));
    // An upgraded line is handed on as it is.
    if (answer.webSocket || (ours.length === 0 && !location)) return answer;
    const shown = new Response(answer.body, answer);
    for (const name of ours) shown.headers.delete(name);
    if (location) shown.headers.set("location", location);
    return shown;
  }

  siteLocation(location) {
    if (!location || !this.env.ORIGIN || !URL.canParse(location, this.env.ORIGIN)) return null;
    const [origin, site] = [new URL(this.env.ORIGIN), new URL(this.request.url)];
    const to = new URL(location, origin);
    // Without a host it leads to the site by itself.
    if (to.host !== origin.host || !/^(https?:)?\/\//i.test(location)) return null;
    const there = moved(to, site).href;
    return there === site.href ? null : there; // never round for ever
  }
}

/** The address on another server. */
function moved(url, to) {
  const there = new URL(url);
  there.protocol = to.protocol;
  there.hostname = to.hostname;
  there.port = to.port;
  return there;
}

function isUpload(request) {
  return request.body && Number(request.headers.get("content-length")) > SHORT_BODY;
}

const late = () => new DOMException("no answer in time", "TimeoutError");

async function headWithin(limit, input, init = MANUAL) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(late()), isUpload(input) ? UPLOAD_MS : limit);
  try {
    return await fetch(input, { ...init, signal: stop.signal });
  } finally {
    clearTimeout(timer);
  }
}
