// Clients of one server, in a process of their own: argv is the port, 'requests' or 'handshakes', and how many at a time. The credential comes as a
// message, with for how many seconds they come; each is answered when they have.

import { once } from 'node:events';
import tls from 'node:tls';

import autocannon from 'autocannon';

const [port, what, atOnce] = [Number(process.argv[2]), process.argv[3], Number(process.argv[4])];

/** @param {{ key: string, cert: string }} credential */
async function handshake(credential) {
  const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...credential });
  // The server speaks first: in TLS 1.3 only that says that it has accepted the client.
  await once(socket, 'data');
  socket.destroy();
}

/** @param {{ key: string, cert: string }} credential @param {number} seconds */
async function handshakes(credential, seconds) {
  const end = performance.now() + seconds * 1000;
  await Promise.all(Array.from({ length: atOnce }, async () => {
    while (performance.now() < end) await handshake(credential);
  }));
}

/** @param {{ key: string, cert: string }} credential @param {number} seconds */
async function requests(credential, seconds) {
  const { errors, non2xx } = await autocannon({
    url: `https://127.0.0.1:${port}/`, connections: atOnce, duration: seconds, tlsOptions: { rejectUnauthorized: false, ...credential },
  });
  if (errors + non2xx > 0) throw new Error(`${errors} errors, ${non2xx} refusals`);
}

const load = { handshakes, requests }[what];
process.on('message', async ({ credential, seconds }) => {
  await load(credential, seconds);
  process.send('done');
});
process.once('disconnect', () => process.exit());
