'use strict';
// Chromium, which offers no post-handshake authentication: it gets a page that says no, and goes on on the same connection.

const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const http2 = require('node:http2');
const https = require('node:https');
const os = require('node:os');
const path = require('node:path');
const { text } = require('node:stream/consumers');

const { Authority } = require('../support/pki.js');
const { Network } = require('../support/tls.js');
const { testWith } = require('../support/tools.js');
const { clientCertificate } = require('../../lib/express.js');

const root = new Authority('root');
const server = root.issueServer(['localhost']);
const options = { key: server.key, cert: server.cert, ca: root.pem };

let network;
let profile;
beforeEach(() => {
  network = new Network();
  profile = fs.mkdtempSync(path.join(os.tmpdir(), 'client-cert-info-chromium-'));
});
afterEach(async () => {
  await network.end();
  fs.rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
});

const PAGE = `<!doctype html><link rel="icon" href="data:,"><title>a site</title><pre id="seen"></pre><script>
(async () => {
  const seen = [];
  for (const url of ['/private', '/public', '/private', '/public']) {
    const response = await fetch(url);
    seen.push(response.status + ' ' + await response.text());
  }
  document.getElementById('seen').textContent = seen.join('\\n');
  document.title = 'done';
  await fetch('/done');
})();
</script>`;

/** @param {string} url @returns {Promise<string>} the document, after its scripts have run */
async function documentOf(url) {
  const child = spawn('chromium', [
    '--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run', '--disable-background-networking', '--disable-extensions',
    '--ignore-certificate-errors', `--user-data-dir=${profile}`, '--virtual-time-budget=10000', '--dump-dom', url,
  ], { stdio: ['ignore', 'pipe', 'ignore'] });
  network.atEnd(() => child.kill('SIGKILL'));
  const [dom] = await Promise.all([text(child.stdout), once(child, 'close')]);
  return dom;
}

/** A site with a private route; which connection each request came on. */
function handlerOf(requests) {
  const guard = clientCertificate({ onDemand: true });
  const numbers = new Map();
  return (request, response) => {
    const connection = request.stream?.session ?? request.socket;
    if (!numbers.has(connection)) numbers.set(connection, numbers.size + 1);
    requests.push([request.url, request.httpVersion, numbers.get(connection)]);
    if (request.url !== '/private') {
      response.setHeader('content-type', request.url === '/' ? 'text/html' : 'text/plain');
      response.end(request.url === '/' ? PAGE : 'welcome');
      return;
    }
    guard(request, response, () => response.end('let in'));
  };
}

const SEEN = ['403 {"error":"certificate_required"}', '200 welcome', '403 {"error":"certificate_required"}', '200 welcome'].join('\n');
const ofPage = (requests) => requests.filter(([url]) => ['/private', '/public'].includes(url));

describe.each(['TLSv1.3', 'TLSv1.2'])('%s', (protocol) => {
  const versions = { minVersion: protocol, maxVersion: protocol };

  testWith('chromium')('HTTP/1.1', async () => {
    const requests = [];
    const port = await network.listen(https.createServer({ ...options, ...versions }, handlerOf(requests)));
    expect(await documentOf(`https://localhost:${port}/`)).toContain(SEEN);
    expect(new Set(ofPage(requests).map(([, version]) => version))).toEqual(new Set(['1.1']));
    const connections = ofPage(requests).map(([, , connection]) => connection);
    // With TLS 1.2 it leaves a connection that it is asked on, finds that it has nothing to show, and says so on the next one.
    if (protocol === 'TLSv1.2') expect(connections.slice(1)).toEqual(Array(4).fill(connections[1]));
    else expect(connections).toEqual(Array(4).fill(connections[0]));
  }, 60_000);

  testWith('chromium')('HTTP/2', async () => {
    const requests = [];
    const port = await network.listen(http2.createSecureServer({ ...options, ...versions, allowHTTP1: false }, handlerOf(requests)));
    expect(await documentOf(`https://localhost:${port}/`)).toContain(SEEN);
    expect(ofPage(requests).map(([, version]) => version)).toEqual(Array(4).fill('2.0'));
    expect(new Set(ofPage(requests).map(([, , connection]) => connection)).size).toBe(1);
  }, 60_000);

  testWith('chromium')('the page that says no is shown as a page', async () => {
    const port = await network.listen(https.createServer({ ...options, ...versions }, handlerOf([])));
    expect(await documentOf(`https://localhost:${port}/private`)).toContain('certificate_required');
  }, 60_000);
});
