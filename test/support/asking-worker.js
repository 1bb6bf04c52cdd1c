'use strict';
// A worker, or a process, with a server whose clients are asked and do not answer; says its port, and when a client was asked.

const tls = require('node:tls');
const { isMainThread, parentPort, workerData } = require('node:worker_threads');

const { receiveClientCertificate } = require('../..');

const { key, cert, ca, protocol, exits } = isMainThread ? JSON.parse(process.argv[2]) : workerData;
const say = (/** @type {object} */ message) => (isMainThread ? process.stdout.write(`${JSON.stringify(message)}\n`) : parentPort.postMessage(message));

const server = tls.createServer({ key, cert, ca, minVersion: protocol, maxVersion: protocol }, (socket) => {
  socket.on('error', () => {});
  receiveClientCertificate(socket).catch(() => {});
  setImmediate(() => setImmediate(() => {
    say({ asked: true });
    if (exits) setImmediate(() => process.exit(7));
  }));
});
server.listen(0, '127.0.0.1', () => say({ port: server.address().port }));
