// Clients of one server, in a process of their own: argv is the port, 'requests' or 'handshakes', the seconds, and how many at a time. Sends how
// many there were to its parent. The credential comes as a message.

import tls from 'node:tls';

import autocannon from 'autocannon';

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

/** @param {{ key: string, cert: string }} credential */
async function requests(credential) {
  const { errors, non2xx, requests: { total } } = await autocannon({
    url: `https://127.0.0.1:${port}/`, connections: atOnce, duration: seconds, tlsOptions: { rejectUnauthorized: false, ...credential },
  });
  if (errors + non2xx > 0) throw new Error(`${errors} errors, ${non2xx} refusals`);
  return total;
}

process.once('message', async (credential) => {
  const began = process.hrtime.bigint();
  const elapsed = () => Number(process.hrtime.bigint() - began) / 1e9;
  const count = what === 'requests' ? await requests(credential) : await handshakes(credential, () => elapsed() < seconds);
  process.send({ rate: count / elapsed(), count }, () => process.disconnect());
});
