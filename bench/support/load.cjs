'use strict';
// Clients of one server, in a process of their own: argv is the port, 'requests' or 'handshakes', the seconds, and how many at a time. Sends the
// rate for each second to its parent. The credential comes as a message.

const https = require('node:https');
const tls = require('node:tls');

const [port, what, seconds, atOnce] = [Number(process.argv[2]), process.argv[3], Number(process.argv[4]), Number(process.argv[5])];

/** @param {object} credential @param {() => boolean} goesOn */
async function handshakes(credential, goesOn) {
  let count = 0;
  const one = () =>
    new Promise((resolve, reject) => {
      const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...credential });
      // The server speaks first: in TLS 1.3 only that says that it has accepted the client.
      socket.once('data', () => {
        count += 1;
        socket.destroy();
        resolve();
      });
      socket.once('error', reject);
    });
  await Promise.all(Array.from({ length: atOnce }, async () => {
    while (goesOn()) await one();
  }));
  return count;
}

/** @param {object} credential @param {() => boolean} goesOn */
async function requests(credential, goesOn) {
  let count = 0;
  const agent = new https.Agent({ keepAlive: true, maxSockets: atOnce, rejectUnauthorized: false, ...credential });
  const one = () =>
    new Promise((resolve, reject) => {
      https.get({ agent, port, host: '127.0.0.1', path: '/' }, (response) => {
        if (response.statusCode !== 200) reject(new Error(String(response.statusCode)));
        response.resume().once('end', () => {
          count += 1;
          resolve();
        });
      }).once('error', reject);
    });
  await Promise.all(Array.from({ length: atOnce }, async () => {
    while (goesOn()) await one();
  }));
  agent.destroy();
  return count;
}

process.once('message', async (credential) => {
  const began = process.hrtime.bigint();
  const elapsed = () => Number(process.hrtime.bigint() - began) / 1e9;
  const count = await (what === 'requests' ? requests : handshakes)(credential, () => elapsed() < seconds);
  process.send({ rate: count / elapsed(), count }, () => process.disconnect());
});
