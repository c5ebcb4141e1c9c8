// Waits for a condition, never for a time.

import assert from "node:assert/strict";

/**
 * Looks until `holds` gives something true, and gives that. Between two looks the event loop runs: what is waited for
 * may be a request to this very process.
 */
export async function until(what, holds, { within = 20_000, pause = 20 } = {}) {
  for (const end = Date.now() + within; ; await new Promise((next) => setTimeout(next, pause))) {
    const held = await holds();
    if (held) return held;
    assert.ok(Date.now() < end, `not within ${within / 1000} s: ${what}`);
  }
}
