'use strict';
// A process that watches a connection by a clock that fails, and then says that the client has expired. Its listener for uncaught exceptions is why it goes on.

const { once } = require('node:events');
const tls = require('node:tls');

const { Verifier, watchClientCert } = require('../../lib/index.js');
const { Authority, daysFromNow } = require('./pki.js');

const root = new Authority('root');
const [client, { key, cert }] = [root.issue(), root.issueServer(['localhost'])];
let tell = () => new Date();

async function main() {
  const server = tls.createServer({ key, cert, requestCert: true, rejectUnauthorized: false }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = tls.connect({ port: server.address().port, host: '127.0.0.1', rejectUnauthorized: false, key: client.key, cert: client.cert });
  const [connection] = await once(server, 'secureConnection');
  const verifier = new Verifier({ ca: root.pem, clock: () => tell() });
  watchClientCert(connection, { verifier }, ({ problems }) => {
    console.log(`told: ${problems.map(({ code }) => code)}`);
    socket.destroy();
    server.close();
  });
  process.once('uncaughtException', ({ message }) => {
    console.log(`uncaught: ${message}`);
    tell = () => daysFromNow(365);
  });
  tell = () => {
    throw new Error('no clock');
  };
  await verifier.reload({ ca: root.pem });
}

main();
