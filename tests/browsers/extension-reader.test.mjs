// The one reader of response bodies and the reader of documents, without a browser: how much they read, of what.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { bounded } from '../../extension/static/bounded.js';
import { root } from './extension.mjs';

const LIMIT = 65536;
const says = new Map();
let server, base;
before(async () => {
  server = createServer((request, response) => says.get(request.url)(response));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  base = `http://127.0.0.1:${server.address().port}`;
});
after(() => { server.closeAllConnections(); server.close(); });

test('a body that unpacks large is read up to the limit', async () => {
  const bomb = gzipSync(Buffer.alloc(200e6, 'a'));
  says.set('/bomb', (response) => { response.writeHead(502, { 'content-encoding': 'gzip' }); response.end(bomb); });
  const before = process.memoryUsage().arrayBuffers;
  const answer = await bounded(`${base}/bomb`);
  assert.deepEqual([answer.status, answer.ok, answer.body.length, answer.whole], [502, false, LIMIT, false]);
  assert.ok(process.memoryUsage().arrayBuffers - before < 20e6);
});

test('a body without an end is read up to the limit, and its connection is closed', async () => {
  let close;
  const closed = new Promise((go) => { close = go; });
  says.set('/endless', (response) => {
    response.writeHead(502);
    const more = () => {
      while (!response.destroyed && response.write('x'.repeat(65536)));
    };
    response.on('drain', more).on('close', close);
    more();
  });
  const answer = await bounded(`${base}/endless`);
  assert.deepEqual([answer.body.length, answer.whole], [LIMIT, false]);
  await closed;
});

test('where only the head matters, nothing of the body is read', async () => {
  says.set('/head', (response) => { response.writeHead(503, { 'retry-after': '7' }); response.end('x'.repeat(1e6)); });
  const { status, headers, body, whole } = await bounded(`${base}/head`, { most: 0 });
  assert.deepEqual([status, Object.fromEntries(headers)['retry-after'], body, whole], [503, '7', '', false]);
});

test('the edges: exactly the limit, one more, none, a character that the limit cuts', async () => {
  const cases = [['x'.repeat(9), 9, true], ['x'.repeat(10), 10, true], ['x'.repeat(11), 10, false], ['', 0, true], ['aaaaaaaa€', 8, false]];
  for (const [body, length, whole] of cases) {
    says.set('/edge', (response) => response.end(body));
    const answer = await bounded(`${base}/edge`, { most: 10 });
    assert.deepEqual([answer.body.length, answer.whole], [length, whole], body);
  }
});

test('a body that breaks off leaves the head', async () => {
  says.set('/broken', (response) => { response.writeHead(502, { 'content-length': '99' }); response.write('x', () => response.destroy()); });
  const answer = await bounded(`${base}/broken`);
  assert.deepEqual([answer.status, answer.body, answer.whole], [502, undefined, false]);
});

test('nobody answers: the error is told in words', async () => {
  assert.match((await bounded('http://127.0.0.1:1/')).error, /fetch failed/);
});

test('the function stands alone, as a page runs it', async () => {
  says.set('/alone', (response) => response.end('fine'));
  const alone = new Function(`return (${bounded})`)();
  assert.equal((await alone(`${base}/alone`)).body, 'fine');
});

test('no script reads a document whole', () => {
  for (const file of ['look.js', 'status.js']) {
    const code = readFileSync(join(root, 'extension/static', file), 'utf8').replace(/\/\/.*/g, '');
    assert.doesNotMatch(code, /outerHTML|innerHTML|textContent|innerText|XMLSerializer/, file);
  }
});
