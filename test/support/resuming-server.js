'use strict';
// A server in a process of its own. Told its options by a message, it says its port, then what it finds on each connection.

const tls = require('node:tls');

const { getClientCertInfo } = require('../..');

process.once('message', (options) => {
  const server = tls.createServer(
    {
      ...options,
      ticketKeys: Buffer.from(options.ticketKeys, 'base64'),
      requestCert: true,
      rejectUnauthorized: false,
      sessionIdContext: 'test',
    },
    (socket) => {
      const info = getClientCertInfo(socket);
      process.send({
        reused: socket.isSessionReused(),
        authorized: socket.authorized,
        flags: info.certFlagsName,
        chain: info.presentedChain.length,
        valid: info.valid,
      });
      socket.on('error', () => {});
      socket.end();
    },
  );
  server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
});
