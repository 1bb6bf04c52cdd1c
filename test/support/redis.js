'use strict';
// A Redis server of the test's own, on a socket in a directory of its own.

const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const readline = require('node:readline');

/** @param {import('./tls.js').Network} network @returns {Promise<{ path: string, end: () => Promise<unknown> }>} the socket; ends with the network, too */
async function redisServer(network) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'redis-'));
  const socket = path.join(directory, 'socket');
  const server = spawn('redis-server', ['--port', '0', '--unixsocket', socket, '--save', '', '--appendonly', 'no', '--dir', directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(server, 'close');
  const end = () => {
    server.kill();
    return ended;
  };
  network.atEnd(async () => {
    await end();
    fs.rmSync(directory, { recursive: true, force: true });
  });
  const lines = readline.createInterface({ input: server.stdout });
  await new Promise((resolve, reject) => {
    lines.on('line', (line) => /ready to accept connections/i.test(line) && resolve(undefined));
    ended.then(() => reject(new Error('redis-server ended')));
  });
  return { path: socket, end };
}

module.exports = { redisServer };
