// One bad origin with one worker in front of it, and what every test does with them. The breaker stays closed
// unless a test asks for it: it remembers from one case to the next.

import assert from "node:assert/strict";
import { CLIENTS, ending, exchange } from "./ending.mjs";
import { startOrigin } from "./origin.mjs";
import { startWorker } from "./start.mjs";

export async function startSite(vars = {}) {
  const origin = await startOrigin();
  const worker = await startWorker({ vars: { ORIGIN: origin.url, TIMEOUT_MS: "2000", BREAKER_FAILURES: "0", ...vars } }).catch(
    async (error) => {
      await origin.stop();
      throw error;
    },
  );
  const get = (path, fields = {}, client = "navigation") =>
    exchange(worker.url + path, { headers: { ...CLIENTS[client], ...fields } });
  return {
    origin,
    worker,
    /** A browser's navigation (or another client's request) through the worker. */
    get,
    send: (path, init) => exchange(worker.url + path, init),
    /** Shows a page while the origin is well, until there is a copy of it; ends with the origin broken. */
    async keep(path, client) {
      await origin.mode("healthy");
      const shown = await get(path, {}, client);
      await origin.mode("fail:empty");
      for (const end = Date.now() + 10_000; ; ) {
        const answer = await get(path, {}, client);
        if (ending(answer) === "copy") return shown;
        assert.ok(Date.now() < end, `no copy of ${path} within 10 s`);
      }
    },
    async stop() {
      await worker.stop();
      await origin.stop();
    },
  };
}
