'use strict';
// A worker with a server and clients; says what the package found on each connection.

const { once } = require('node:events');
const tls = require('node:tls');
const { parentPort, workerData } = require('node:worker_threads');

const { getClientCertInfo } = require('../..');
const { Authority } = require('./pki.js');

async function main() {
  const root = new Authority('Root');
  const flags = [];
  const server = tls.createServer(
    { ...root.issueServer(['localhost']), ca: root.pem, requestCert: true, rejectUnauthorized: false },
    (socket) => {
      flags.push(getClientCertInfo(socket).certFlagsName);
      socket.on('error', () => {});
      socket.write('.');
    },
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  await Promise.all(
    Array.from({ length: workerData.connections }, async () => {
      const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...root.issue() });
      await once(socket, 'data');
      if (!workerData.keep) socket.destroy();
    }),
  );
  if (!workerData.keep) server.close();
  parentPort.postMessage({ flags });
}

main();
