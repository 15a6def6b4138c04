// Serves the pages of the official Control UI from a folder, on an origin of their own.
import { once } from 'node:events';
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';

const KINDS = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml',
  '.png': 'image/png', '.webp': 'image/webp', '.woff2': 'font/woff2', '.ico': 'image/x-icon',
  '.json': 'application/json', '.webmanifest': 'application/manifest+json' };

export class Pages {
  #server;
  /** What was asked for and is not there. */
  missing = new Set();

  static async serve(folder) {
    const pages = new Pages();
    pages.#server = createServer((request, response) => pages.#answer(folder, request, response));
    pages.#server.listen(0, '127.0.0.1');
    await once(pages.#server, 'listening');
    return pages;
  }

  get origin() {
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  #answer(folder, request, response) {
    const path = normalize(decodeURIComponent(new URL(request.url, this.origin).pathname));
    const route = extname(path) === '' && request.headers.accept?.includes('text/html');
    const file = join(folder, path === '/' || route ? 'index.html' : path);
    if (!statSync(file, { throwIfNoEntry: false })?.isFile()) {
      this.missing.add(path);
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': KINDS[extname(file)] ?? 'application/octet-stream' });
    if (file.endsWith('index.html')) {
      // One page for all routes: what it loads lies beside the root, however deep the route is.
      response.end(readFileSync(file, 'utf8').replaceAll('="./', '="/'));
    } else {
      createReadStream(file).pipe(response);
    }
  }

  close() {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
