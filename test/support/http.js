'use strict';
// Real HTTP servers on loopback that count what they are asked and can be told to misbehave.

const { once } = require('node:events');
const http = require('node:http');

/**
 * @param {import('./tls.js').Network} network
 * @param {http.RequestListener} answer
 */
async function httpServer(network, answer) {
  /** @type {Array<{ method: string, url: string, headers: http.IncomingHttpHeaders, body: Buffer }>} */
  const requests = [];
  const server = http.createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    requests.push({ method: request.method, url: request.url, headers: request.headers, body: Buffer.concat(chunks) });
    server.emit('counted');
    answer(request, response);
  });
  const port = await network.listen(server);
  return {
    server,
    port,
    requests,
    url: `http://127.0.0.1:${port}`,
    /** @param {number} count resolves once so many requests have arrived */
    async asked(count) {
      while (requests.length < count) await once(server, 'counted');
    },
  };
}

/** A clock that only the test moves. */
function stoppedClock(time = 1000) {
  const now = () => now.time;
  now.time = time;
  return now;
}

/** A promise, and what settles it. */
function deferred() {
  const controls = {};
  controls.promise = new Promise((resolve, reject) => Object.assign(controls, { resolve, reject }));
  return controls;
}

module.exports = { deferred, httpServer, stoppedClock };
