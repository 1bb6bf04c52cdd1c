// Servers with the package and without: requests over kept connections, new connections, memory of open ones. Servers and clients are processes of
// their own; the rounds of those that are compared take turns, so that what else the machine does hits all of them.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import tls from 'node:tls';
import { setTimeout as sleep } from 'node:timers/promises';

import { client, intermediate, root } from '../support/inputs.mjs';
import { medianOf, spreadOf } from '../support/measure.mjs';

const credential = { key: client.key, cert: client.cert };
const serverCredential = root.issueServer(['localhost']);

/** @param {string} which */
async function start(which) {
  const child = fork(new URL('../support/serve.mjs', import.meta.url), [which], { execArgv: ['--expose-gc'] });
  child.send({ ca: root.pem, intermediates: intermediate.pem, key: serverCredential.key, cert: serverCredential.cert });
  const [{ port }] = await once(child, 'message');
  return {
    port,
    async rss() {
      child.send('rss');
      const [{ rss }] = await once(child, 'message');
      return rss;
    },
    stop: () => child.disconnect(),
  };
}

async function rateOf(port, what, seconds, atOnce) {
  const child = fork(new URL('../support/load.cjs', import.meta.url), [port, what, seconds, atOnce].map(String));
  child.send(credential);
  const [{ rate }] = await once(child, 'message');
  return rate;
}

/** @returns {Promise<number>} the median of the ratios of neighbouring rounds: the second's rate by the first's */
async function compareRates(report, title, kinds, { what, rounds = 7, seconds = 2, atOnce = 16 }) {
  const servers = [];
  for (const kind of kinds) servers.push(await start(kind));
  for (const { port } of servers) await rateOf(port, what, 2, atOnce);
  const rates = kinds.map(() => []);
  for (let round = 0; round < rounds; round += 1) {
    // Every other round the other way round.
    const order = kinds.map((_, i) => (round % 2 === 0 ? i : kinds.length - 1 - i));
    for (const i of order) rates[i].push(await rateOf(servers[i].port, what, seconds, atOnce));
  }
  servers.forEach(({ stop }) => stop());
  report.table(
    title,
    kinds.map((name, i) => ({
      name, median: 1e9 / medianOf(rates[i]), spread: spreadOf(rates[i].map((rate) => 1e9 / rate)), remark: `${medianOf(rates[i]).toFixed(0)} a second`,
    })),
  );
  return kinds.slice(1).map((_, i) => medianOf(rates[i + 1].map((rate, round) => rate / rates[0][round])));
}

/** @returns {Promise<number>} octets for each open connection */
async function memoryOf(kind, count) {
  const server = await start(kind);
  await rateOf(server.port, 'handshakes', 2, 16);
  await sleep(200);
  const before = await server.rss();
  const sockets = [];
  for (let i = 0; i < count; i += 1) {
    const socket = tls.connect({ port: server.port, host: '127.0.0.1', rejectUnauthorized: false, ...credential });
    await once(socket, 'data');
    sockets.push(socket);
  }
  await sleep(200);
  const octets = ((await server.rss()) - before) / count;
  sockets.forEach((socket) => socket.destroy());
  server.stop();
  return octets;
}

/** @param {import('../support/measure.mjs').Report} report */
export default async function servers(report) {
  for (const framework of ['express', 'fastify']) {
    const [ratio] = await compareRates(report, `requests to ${framework} over kept connections`, [framework, `${framework} with the middleware`], { what: 'requests' });
    report.atLeast(`requests to ${framework} with the middleware`, 'without it', ratio, 0.97, 'of the rate');
  }
  const [observed, protectedRatio] = await compareRates(
    report, 'new connections', ['tls', 'tls with getClientCertInfo', 'tls with a verifier'], { what: 'handshakes' },
  );
  report.atLeast('new connections, each asked with getClientCertInfo', "Node's own requestCert and rejectUnauthorized", observed, 0.95, 'of the rate');
  report.atLeast('new connections to a protected server', "Node's own requestCert and rejectUnauthorized", protectedRatio, 0.95, 'of the rate');

  const lines = { 'tls': [], 'tls with getClientCertInfo': [] };
  for (const count of [250, 500, 1000, 2000]) {
    for (const kind of Object.keys(lines)) lines[kind].push([count, ((await memoryOf(kind, count)) * count) / 1e6]);
  }
  report.plot({ title: 'open-connections', x: 'open connections', y: 'MB', lines: Object.entries(lines).map(([name, points]) => ({ name, points })) });
  const of = (kind) => (lines[kind].at(-1)[1] * 1e6) / 2000;
  report.atMost('memory of an open connection', 'plain mTLS, KB more', (of('tls with getClientCertInfo') - of('tls')) / 1024, 4, 'KB');
}
