'use strict';
// A body that does not say how long it is, of a client that never answers: no more of it is kept than was agreed to.

const https = require('node:https');
const tls = require('node:tls');

const { Authority } = require('../support/pki.js');
const { Network, VERSIONS, only } = require('../support/tls.js');
const { clientCertificate } = require('../../lib/express.js');
const { queryClientCert } = require('../..');

const root = new Authority('Root');
const network = new Network();
afterEach(() => network.end());

test.each(VERSIONS)('over %s', async (version) => {
  const rejected = new Promise((resolve) => {
    const middleware = clientCertificate({ onDemand: { maxBufferedBody: 1000, timeout: 3000 }, onRejected: (_info, _request, reason) => resolve(reason) });
    const { key, cert } = root.issueServer(['localhost']);
    const server = https.createServer({ key, cert, ca: root.pem, ...only(version) }, (request, response) => middleware(request, response, () => response.end()));
    void network.listen(server).then((port) => {
      const secureContext = queryClientCert({ ca: root.pem, postHandshakeAuth: true }, () => new Promise(() => {}));
      const socket = tls.connect({ port, host: '127.0.0.1', servername: 'localhost', secureContext });
      network.atEnd(() => socket.destroy());
      socket.on('error', () => {});
      socket.write(`POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n${'x'.repeat(2000)}\r\n`);
    });
  });
  expect(await rejected).toBe('body_too_large');
});
