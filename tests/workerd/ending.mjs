// Says how a request ended, from what the client got: hit, copy, page, relayed or cut.

import { request as ask } from "node:http";

/** The clients of the case files, by the fields that they send. */
export const CLIENTS = {
  navigation: {
    accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "sec-fetch-dest": "document",
    "sec-fetch-mode": "navigate",
    "accept-language": "en",
  },
  curl: { accept: "*/*" },
  json: { accept: "application/json" },
  style: { accept: "text/css,*/*;q=0.1", "sec-fetch-dest": "style" },
};

/** One exchange with nothing hidden: Node's `fetch` would refuse some statuses and follow some redirects. */
export function exchange(url, { method = "GET", headers = {}, body = null } = {}) {
  return new Promise((resolve, reject) => {
    const client = ask(url, { method, headers, timeout: 20_000, agent: false });
    client.once("timeout", () => client.destroy(new Error("no answer within 20 s")));
    client.once("error", reject);
    client.once("response", (answer) => {
      const chunks = [];
      const end = (whole) =>
        resolve({
          status: answer.statusCode,
          headers: answer.headers,
          body: Buffer.concat(chunks).toString("utf8"),
          whole: whole && answer.complete,
        });
      answer.on("data", (chunk) => chunks.push(chunk));
      answer.once("end", () => end(true));
      answer.once("error", () => end(false));
    });
    client.end(body);
  });
}

export function ending(answer) {
  const cache = answer.headers["cache-status"] ?? "";
  const ours = /(^|, *)backsoon(;|$|,)/;
  if (!answer.whole) return "cut";
  if (/\/\.well-known\/backsoon\/status>; rel="status"/.test(answer.headers.link ?? "")) return "page";
  const failed = /(^|, *)backsoon; *error=/.test(answer.headers["proxy-status"] ?? "");
  if (ours.test(cache) && failed && /fwd=stale(?!.*detail(?!=older-))|hit;/.test(cache)) return "copy";
  if (ours.test(cache) && !failed && /hit;|fwd-status=304; ttl/.test(cache)) return "hit";
  return "relayed";
}
