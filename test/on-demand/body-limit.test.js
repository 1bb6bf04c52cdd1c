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

/** A client that sends more than is kept. @returns what `ask` is told */
function tooMuch(version, ask) {
  return new Promise((resolve) => {
    const { key, cert } = root.issueServer(['localhost']);
    const server = https.createServer({ key, cert, ca: root.pem, ...only(version) }, (request, response) => ask(request, response, resolve));
    void network.listen(server).then((port) => {
      const secureContext = queryClientCert({ ca: root.pem, postHandshakeAuth: true }, () => new Promise(() => {}));
      const socket = tls.connect({ port, host: '127.0.0.1', servername: 'localhost', secureContext });
      network.atEnd(() => socket.destroy());
      socket.on('error', () => {});
      socket.write(`POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n${'x'.repeat(2000)}\r\n`);
    });
  });
}

const onDemand = { maxBufferedBody: 1000, timeout: 3000 };

test.each(VERSIONS)('over %s', async (version) => {
  const rejected = tooMuch(version, (request, response, resolve) =>
    clientCertificate({ onDemand, onRejected: (_info, _request, reason) => resolve(reason) })(request, response, () => response.end()),
  );
  expect(await rejected).toBe('body_too_large');
});

// Express takes these for no error at all, and goes on.
test.each([[undefined], ['route'], [0], [null]])('whoever is told of it throws %p: nobody passes', async (thrown) => {
  const onRejected = () => {
    throw thrown;
  };
  const passed = tooMuch('TLSv1.3', (request, response, resolve) => clientCertificate({ onDemand, onRejected })(request, response, resolve));
  expect(await passed).toMatchObject({ code: 'ERR_CLIENT_CERT_CALLBACK_FAILED' });
});
