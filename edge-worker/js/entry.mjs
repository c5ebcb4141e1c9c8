// The entry module around the wasm. It has one job: nothing of ours takes the site down. Wasm decides and
// answers; this file remembers what the origin said, and when the wasm instance dies (see guard.mjs) or is
// silent for too long, it answers every request in flight by itself: with the origin's answer, else with one
// bare fetch, else with a static page. The next request gets a fresh instance.

import { __wbg_reset_state, initSync, fetch as handle } from "./core.js";
import module from "./core.wasm";
import { watch } from "./guard.mjs";
import { Visit } from "./visit.mjs";

const working = new Set(); // the visits that the living instance works on
let state = "new"; // new | alive | dead

watch.died = (error) => {
  state = "dead";
  console.error(JSON.stringify({ backsoon: "trap", in_flight: working.size, error: String(error) }));
  for (const visit of working) visit.abandon();
  working.clear();
};

function ensureAlive() {
  if (state === "alive") return;
  const start = state === "new" ? () => initSync({ module }) : __wbg_reset_state;
  state = "alive"; // before the call: a trap while starting sets it back
  start();
}

export default {
  async fetch(request, env, ctx) {
    const visit = new Visit(request, env, ctx);
    working.add(visit);
    const answer = await visit.answeredBy(() => {
      ensureAlive();
      return handle(request, env, visit);
    });
    const response = answer ?? (await visit.answerWithoutWasm());
    visit.rest();
    visit.whenBackgroundIsDone(() => working.delete(visit));
    return response;
  },
};
