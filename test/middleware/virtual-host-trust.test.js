'use strict';
// Two contexts with the same CA certificate, of which one does not trust it for clients: not the same trust.

const http2 = require('node:http2');
const https = require('node:https');

const { clientCertificate } = require('../../lib/express.js');
const der = require('../support/der.js');
const { toPem } = require('../support/certificate-builder.js');
const { Authority, CLIENT_AUTH } = require('../support/pki.js');
const { Network } = require('../support/tls.js');

const root = new Authority('Root');
const client = root.issue();
const { key, cert } = root.issueServer(['a.test', 'b.test']);
const rejecting = toPem(Buffer.concat([root.der, der.seq(der.ctx(0, der.oid(CLIENT_AUTH)))]), 'TRUSTED CERTIFICATE');

const network = new Network();
afterEach(() => network.end());

test.each([
  ['a.test', 'a.test', 200],
  ['a.test', 'b.test', 421],
  ['b.test', 'b.test', 403],
])('server name %s, host %s: %i', async (servername, host, status) => {
  const middleware = clientCertificate();
  const server = https.createServer(
    { key, cert, ca: root.pem, requestCert: true, rejectUnauthorized: false },
    (request, response) => middleware(request, response, () => response.end()),
  );
  server.addContext('a.test', { key, cert, ca: root.pem });
  server.addContext('b.test', { key, cert, ca: rejecting });
  const port = await network.listen(server);
  const response = await new Promise((resolve, reject) => {
    https
      .get({ port, host: '127.0.0.1', servername, headers: { host }, agent: false, rejectUnauthorized: false, ...client }, resolve)
      .on('error', reject);
  });
  response.resume();
  expect(response.statusCode).toBe(status);
});

describe('an SNICallback that never answers', () => {
  const start = async (createServer, onRejected) => {
    let asked;
    const neverAnswered = new Promise((resolve) => {
      asked = resolve;
    });
    const SNICallback = (name, done) => (name === 'never.test' ? asked() : done(null));
    const middleware = clientCertificate({ onRejected });
    const server = createServer(
      { key, cert, ca: root.pem, requestCert: true, rejectUnauthorized: false, SNICallback },
      (request, response) => middleware(request, response, () => response.end('passed')),
    );
    return { port: await network.listen(server), neverAnswered };
  };

  test.each([
    ['HTTP/1', https.createServer, (port) => {
      const request = https.get({
        port, host: '127.0.0.1', servername: 'a.test', headers: { host: 'never.test' }, agent: false, rejectUnauthorized: false, ...client,
      });
      request.on('error', () => {});
      return request;
    }],
    ['HTTP/2', http2.createSecureServer, (port) => {
      const session = http2.connect(`https://127.0.0.1:${port}`, { servername: 'a.test', rejectUnauthorized: false, ...client });
      session.on('error', () => {});
      session.request({ ':authority': 'never.test' }).on('error', () => {});
      return session;
    }],
  ])('over %s keeps a request waiting as long as its client waits, and no longer', async (_title, createServer, ask) => {
    let told;
    const rejected = new Promise((resolve) => {
      told = resolve;
    });
    const { port, neverAnswered } = await start(createServer, (_info, _request, reason) => told(reason));
    const asking = ask(port);
    await neverAnswered;
    asking.destroy();
    expect(await rejected).toBe('misdirected_request');
  });
});
