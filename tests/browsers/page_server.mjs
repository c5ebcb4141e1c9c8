// The fallback page as a site in trouble would serve it: pages rendered by the native tests, a status that
// the test switches, and a log of everything that was asked.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import http from 'node:http';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const target = process.env.CARGO_TARGET_DIR ?? `${root}target`;
const folder = `${target}/tmp/pages`;

/** Renders all cases in all languages, and names them: `<case>.<lang>`. */
export function pages() {
  execFileSync('cargo', ['test', '--quiet', '-p', 'backsoon-tests', '--test', 'page', 'written_for_the_browsers'], {
    cwd: root, stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (!existsSync(folder)) throw new Error(`${folder}: expected the pages that the native test writes there`);
  return readdirSync(folder).filter((name) => name.endsWith('.html')).map((name) => name.slice(0, -5)).sort();
}

/** The status, the header fields and the body of a page. */
export function page(name) {
  const [status, ...fields] = readFileSync(`${folder}/${name}.headers`, 'utf8').trimEnd().split('\n');
  const headers = fields.map((line) => line.split(/: (.*)/s).slice(0, 2));
  return { status: Number(status), headers, body: readFileSync(`${folder}/${name}.html`, 'utf8') };
}

/** The texts of all elements of a kind that have no attributes. */
export function insides(html, element) {
  return [...html.matchAll(new RegExp(`<${element}>(.*?)</${element}>`, 'gs'))].map((match) => match[1]);
}

/**
 * A site. While `site.down`, every address gets the page `site.page`, or the one that its path names
 * (`/case.lang`); `/copy.lang` is a page with the note of a copy; `site.status` is what the status endpoint answers: an object, or text of something else.
 */
export async function serve() {
  const site = { down: true, page: 'down.en', status: { state: 'down' }, log: [] };
  const server = http.createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://site.test');
    site.log.push(`${request.method} ${pathname}`);
    request.resume();
    if (pathname === '/.well-known/backsoon/status') {
      const text = typeof site.status === 'string' ? site.status : JSON.stringify(site.status);
      response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(text);
      return;
    }
    if (pathname.startsWith('/copy.')) {
      const note = readFileSync(`${folder}/note.${pathname.slice(6)}.part`, 'utf8');
      // An encoding of its own and, where asked for, a policy that forbids the note's style.
      response.writeHead(200, { 'content-type': 'text/html; charset=iso-8859-1', ...site.copyFields });
      response.end(Buffer.from(`<!doctype html><html lang=en><title>Shop</title><main><h1>Caf\xe9</h1></main></html>${note}`, 'latin1'));
      return;
    }
    if (!site.down || pathname === '/form') {
      const form = '<form method=post action=/order><input name=text value=typed><button>Send</button></form>';
      const body = pathname === '/form' ? form : '<h1>The shop is open</h1>';
      // Forms that sites forbid to store, Firefox empties on the way back; that is not for us to cure.
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': pathname === '/form' ? 'private' : 'no-store' });
      response.end(`<!doctype html><html lang=en><title>Shop</title><link rel=icon href=data:,>${body}`);
      return;
    }
    const named = `${folder}${pathname}.html`;
    const answer = page(pathname !== '/' && existsSync(named) ? pathname.slice(1) : site.page);
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  site.url = `http://localhost:${server.address().port}`;
  site.asked = (what) => site.log.filter((line) => line === what).length;
  site.close = () => new Promise((closed) => {
    server.closeAllConnections();
    server.close(closed);
  });
  return site;
}
