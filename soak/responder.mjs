// A responder that is of no use, in every way in which one can be.

import { once } from 'node:events';
import http from 'node:http';

/** @typedef {(response: http.ServerResponse) => void} Way */

/** By the first part of the path, see world.mjs. What follows it is the question of a GET (RFC 6960 appendix A.1). @type {Record<string, Way>} */
const WAYS = {
  fails: (response) => response.writeHead(500).end(),
  stalls: (response) => setTimeout(() => response.end(), 2000).unref(),
  babbles: (response) => response.end(Buffer.alloc(3000, 0x30)),
  quits: (response) => response.destroy(),
};

export const WAY_NAMES = Object.keys(WAYS);

export async function startResponder() {
  /** How often, by way. @type {Record<string, number>} */
  const asked = Object.fromEntries(WAY_NAMES.map((way) => [way, 0]));
  const server = http.createServer((request, response) => {
    const way = String(request.url?.split('/')[1]);
    asked[way] += 1;
    WAYS[way](response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${port}`, asked, close };
}
