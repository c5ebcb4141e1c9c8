// What is relayed bare: a WebSocket through the worker, one that the origin refuses, and what a client gets
// where the origin is not there.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, request as ask } from "node:http";
import { after, before, test } from "node:test";
import { exchange } from "./ending.mjs";
import { startWorker } from "./start.mjs";

const HANDSHAKE = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
};
let origin;
let worker;
let upgrades = []; // the requests for an upgrade that the origin got
let cuts = 0;

before(async () => {
  origin = createServer((request, response) => {
    if (request.url === "/refused") {
      upgrades.push(request);
      return response.writeHead(403, { "content-type": "text/plain", "x-own": "kept" }).end("not for you");
    }
    cuts += 1;
    request.socket.destroy();
  }).listen(0, "127.0.0.1");
  // Node speaks no WebSocket on the server's side: the handshake of RFC 6455 §4.2.2 and an echo of short texts.
  origin.on("upgrade", (request, socket) => {
    if (request.url === "/lost") {
      cuts += 1;
      return socket.destroy();
    }
    if (request.url !== "/socket") return origin.emit("request", request, fake(socket));
    upgrades.push(request);
    const accept = createHash("sha1")
      .update(`${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest("base64");
    const head = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"];
    socket.write([...head, "Backsoon-Copy: forged", `Sec-WebSocket-Accept: ${accept}`, "", ""].join("\r\n"));
    socket.on("data", (frame) => {
      if ((frame[0] & 15) !== 1) return socket.end();
      const [length, mask] = [frame[1] & 127, frame.subarray(2, 6)];
      const text = frame.subarray(6, 6 + length).map((byte, i) => byte ^ mask[i % 4]);
      socket.write(Buffer.concat([Buffer.from([0x81, length]), text]));
    });
    socket.on("error", () => {});
  });
  await once(origin, "listening");
  const ORIGIN = `http://127.0.0.1:${origin.address().port}`;
  worker = await startWorker({ vars: { ORIGIN, TIMEOUT_MS: "2000" } });
});

after(async () => {
  await worker?.stop();
  origin?.closeAllConnections();
  origin?.close();
});

/** An answer on a bare socket, for a request that Node took out of its server's hands. */
function fake(socket) {
  const lines = [];
  return {
    writeHead(status, fields) {
      lines.push(`HTTP/1.1 ${status} Refused`, ...Object.entries(fields).map(([n, v]) => `${n}: ${v}`));
      return this;
    },
    end: (body) => socket.end([...lines, "connection: close", `content-length: ${body.length}`, "", body].join("\r\n")),
  };
}

/** The answer to a handshake, and its line where it became one. */
function handshake(path) {
  return new Promise((resolve, reject) => {
    const client = ask(worker.url + path, { headers: HANDSHAKE, agent: false, timeout: 20_000 });
    client.once("timeout", () => client.destroy(new Error("no answer within 20 s")));
    client.once("error", reject);
    client.once("upgrade", (answer, socket) => resolve({ answer, socket }));
    client.once("response", async (answer) => {
      let body = "";
      for await (const chunk of answer) body += chunk;
      resolve({ answer, body });
    });
    client.end();
  });
}

test("a WebSocket goes through, with what is said on it", async () => {
  const { answer, socket } = await handshake("/socket");
  assert.equal(answer.statusCode, 101);
  assert.equal(answer.headers["backsoon-copy"], undefined, "the origin spoke in our name");
  assert.equal(upgrades[0].headers["x-forwarded-host"], new URL(worker.url).host);
  for (const word of ["one", "two"]) {
    const mask = Buffer.from([1, 2, 3, 4]);
    const masked = Buffer.from(word).map((byte, i) => byte ^ mask[i % 4]);
    socket.write(Buffer.concat([Buffer.from([0x81, 0x80 | word.length]), mask, masked]));
    const [frame] = await once(socket, "data", { signal: AbortSignal.timeout(10_000) });
    assert.equal(frame.subarray(2).toString(), word);
  }
  socket.destroy();
});

test("an upgrade that the origin refuses is refused in its own words, asked once", async () => {
  upgrades = [];
  const { answer, body } = await handshake("/refused");
  assert.equal(answer.statusCode, 403);
  assert.equal(answer.headers["x-own"], "kept");
  assert.equal(body, "not for you");
  assert.equal(upgrades.length, 1);
});

test("where the origin is lost the client is told so, and it is asked once", async () => {
  for (const path of ["/lost", "/lost-events"]) {
    cuts = 0;
    const headers = path === "/lost" ? HANDSHAKE : { accept: "text/event-stream" };
    const answer =
      path === "/lost" ? (await handshake(path)).answer : await exchange(worker.url + path, { headers });
    assert.equal(answer.statusCode ?? answer.status, 503, path);
    assert.equal(answer.headers["cache-control"], "no-store");
    assert.match(answer.headers["proxy-status"], /^backsoon; error=connection_terminated/);
    assert.match(answer.headers["cache-status"], /^backsoon; fwd=bypass/);
    assert.ok(Number(answer.headers["retry-after"]) >= 15);
    assert.equal(cuts, 1, "a lost line is not tried again behind the client's back");
  }
});
