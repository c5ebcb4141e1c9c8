// The sites that the browsers visit: the bad origin, which replays captures, and a shop of our own that
// remembers what each visitor sent, so that clearing is judged by what the server sees afterwards.
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { root } from './extension.mjs';

/** The bad origin on a port of its own; ends with us. */
export async function badOrigin() {
  const binary = process.env.BACKSOON_BAD_ORIGIN ?? join(root, 'target/debug/bad-origin');
  const child = spawn(binary, ['--until-stdin-ends'], { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) {
    const ready = line.match(/^ready (http:.*)$/);
    if (ready) return { url: ready[1], close: () => child.stdin.end() };
  }
  throw new Error('the bad origin ended before it was ready: cargo build -p backsoon-tests --bin bad-origin');
}

const page = (title, script = '') => `<!doctype html><html lang="en"><title>${title}</title><h1>${title}</h1><script>${script}</script>`;

// What a shop's page leaves behind in the browser, at its own origin.
const LEAVE = `
  localStorage.setItem('basket', 'three apples');
  document.documentElement.dataset.left = 'yes';
`;
const SHOW = `
  document.documentElement.dataset.basket = localStorage.getItem('basket') ?? 'nothing';
`;

// A worker that answers every page with a 502 of its own making, or leaves it alone.
const WORKER = `
  self.addEventListener('install', () => self.skipWaiting());
  self.addEventListener('activate', (e) => e.waitUntil(self.clients.claim()));
  self.addEventListener('fetch', (e) => {
    if (new URL(e.request.url).pathname === '/from-worker') {
      e.respondWith(new Response('<title>502 Bad Gateway</title><h1>502 Bad Gateway</h1>', { status: 502, headers: { 'content-type': 'text/html' } }));
    }
  });
`;

/**
 * A shop on every name of this machine. `asked` holds each request: host, path, path with query (`url`), method, cookie, cache-control.
 * `/status/N` answers with N; `say.set(path, f)` overrides a path.
 */
export async function shop() {
  const asked = [];
  const say = new Map();
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://shop.test');
    const { host, cookie, 'cache-control': cacheControl } = request.headers;
    asked.push({ host: host.split(':')[0], path: pathname, url: request.url, method: request.method, cookie, cacheControl });
    const send = (status, body = page(`${status}`), headers = {}) => {
      response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', ...headers });
      response.end(request.method === 'HEAD' ? undefined : body);
    };
    const special = say.get(pathname);
    if (special) return special(request, response, send);
    const status = pathname.match(/^\/(status|empty)\/(\d+)$/);
    if (status?.[1] === 'empty') return send(Number(status[2]), '', { 'content-type': 'text/html', 'content-length': '0' });
    if (status) return send(Number(status[2]));
    switch (pathname) {
      case '/leave': {
        const cookies = ['own=1; Path=/; Max-Age=86400'];
        if (searchParams.has('domain')) cookies.push(`whole=1; Path=/; Max-Age=86400; Domain=${searchParams.get('domain')}`);
        return send(200, page('leave', LEAVE), { 'set-cookie': cookies });
      }
      case '/show': return send(200, page('show', SHOW));
      case '/cookies-break': return cookie?.includes('own=1') ? send(502, page('502 Bad Gateway')) : send(200, page('fine'));
      case '/worker.js': return send(200, WORKER, { 'content-type': 'text/javascript' });
      case '/with-worker': return send(200, page('worker', `
        navigator.serviceWorker.register('/worker.js').then(() => navigator.serviceWorker.ready)
          .then(() => { document.documentElement.dataset.worker = 'ready'; });`));
      case '/cached/502': return send(502, page('502'), { 'cache-control': 'max-age=600' });
      case '/to-502': response.writeHead(302, { location: '/status/502' }); return response.end();
      case '/to-200': response.writeHead(302, { location: '/status/200' }); return response.end();
      case '/retry-after': return send(503, page('503 Service Unavailable'), { 'retry-after': '12' });
      case '/form': return request.method === 'POST'
        ? send(502, page('502 Bad Gateway'))
        : send(200, `<!doctype html><html lang="en"><title>form</title><form method="post"><button>send</button></form>`);
      case '/reset': return response.destroy();
      default: return send(200, page('shop'));
    }
  });
  await new Promise((go) => server.listen(0, '127.0.0.1', go));
  const { port } = server.address();
  return {
    port, asked, say,
    at: (path, host = '127.0.0.1') => `http://${host}:${port}${path}`,
    last: (path, host) => asked.findLast((a) => a.path === path && (!host || a.host === host)),
    close: () => { server.closeAllConnections(); server.close(); },
  };
}
