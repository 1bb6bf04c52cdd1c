// Servers with the package and without: requests over kept connections, new connections, memory of open ones. Servers and clients are processes of
// their own; the rounds of those that are compared take turns, so that what else the machine does hits all of them.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import tls from 'node:tls';
import { setTimeout as sleep } from 'node:timers/promises';

import { client, intermediate, root } from '../support/inputs.mjs';
import { differenceOf, measured, ratioOf } from '../support/measure.mjs';

const credential = { key: client.key, cert: client.cert };
const serverCredential = root.issueServer(['localhost']);

/** @param {string} which */
async function start(which) {
  const child = fork(new URL('../support/serve.mjs', import.meta.url), [which], { execArgv: ['--expose-gc'] });
  child.send({ ca: root.pem, intermediates: intermediate.pem, key: serverCredential.key, cert: serverCredential.cert });
  const [{ port }] = await once(child, 'message');
  return {
    port,
    /** @param {'rss' | 'cpu'} what octets, or microseconds @returns {Promise<number>} */
    async ask(what) {
      child.send(what);
      const [answer] = await once(child, 'message');
      return answer[what];
    },
    stop: () => child.disconnect(),
  };
}

/** @returns {Promise<{ rate: number, count: number }>} */
async function loadOn(port, what, seconds, atOnce) {
  const child = fork(new URL('../support/load.mjs', import.meta.url), [port, what, seconds, atOnce].map(String));
  child.send(credential);
  const [answer] = await once(child, 'message');
  return answer;
}

/** @returns {Promise<Array<import('../support/measure.mjs').Ratio>>} of each but the first: how many it serves in the time in which the first serves one */
async function compareRates(report, title, kinds, { what, rounds = 7, seconds = 2, atOnce = 16 }) {
  const started = [];
  for (const kind of kinds) started.push(await start(kind));
  for (const { port } of started) await loadOn(port, what, 2, atOnce);
  const rates = kinds.map(() => []);
  const costs = kinds.map(() => []);
  for (let round = 0; round < rounds; round += 1) {
    // Every other round the other way round.
    const order = kinds.map((_, i) => (round % 2 === 0 ? i : kinds.length - 1 - i));
    for (const i of order) {
      const before = await started[i].ask('cpu');
      const { rate, count } = await loadOn(started[i].port, what, seconds, atOnce);
      rates[i].push(rate);
      costs[i].push(((await started[i].ask('cpu')) - before) / count);
    }
  }
  started.forEach(({ stop }) => stop());
  report.table(
    `${title}: processor time of the server for each`,
    kinds.map((name, i) => ({
      name, median: measured(costs[i]).median * 1000, spread: measured(costs[i]).spread * 1000,
      remark: `${measured(rates[i]).median.toFixed(0)} (${measured(rates[i]).spread.toFixed(0)}) a second`,
    })),
  );
  // By the server's processor time, which is what its rate comes to where nothing else runs on the machine: the clients do.
  return kinds.slice(1).map((_, i) => ratioOf(measured(costs[0]), measured(costs[i + 1])));
}

/** @returns {Promise<number>} octets for each open connection */
async function memoryOf(kind, count) {
  const server = await start(kind);
  await loadOn(server.port, 'handshakes', 2, 16);
  await sleep(200);
  const before = await server.ask('rss');
  const sockets = [];
  for (let i = 0; i < count; i += 1) {
    const socket = tls.connect({ port: server.port, host: '127.0.0.1', rejectUnauthorized: false, ...credential });
    await once(socket, 'data');
    sockets.push(socket);
  }
  await sleep(200);
  const octets = ((await server.ask('rss')) - before) / count;
  sockets.forEach((socket) => socket.destroy());
  server.stop();
  return octets;
}

/** @param {import('../support/measure.mjs').Report} report */
export default async function servers(report) {
  for (const [framework, nothing] of [['express', 'express with a middleware that does nothing'], ['fastify', 'fastify with a hook that does nothing']]) {
    const kinds = [framework, `${framework} with the middleware`, nothing];
    const [ratio, limit] = await compareRates(report, `requests to ${framework} over kept connections`, kinds, { what: 'requests' });
    report.atLeast(`requests to ${framework} over keep-alive TLS with the middleware`, 'without it', ratio, 0.97, {
      unit: 'of the throughput', remark: `the limit: ${nothing} has ${limit.ratio.toFixed(3)} of it`,
    });
  }
  const [observed, protectedRatio] = await compareRates(
    report, 'new connections', ['tls', 'tls with getClientCertInfo', 'tls with a verifier'], { what: 'handshakes' },
  );
  report.atLeast('new connections, each asked with getClientCertInfo', "Node's own requestCert and rejectUnauthorized", observed, 0.95, { unit: 'of the rate' });
  report.atLeast('new connections to a protected server', "Node's own requestCert and rejectUnauthorized", protectedRatio, 0.95, { unit: 'of the rate' });

  const lines = { tls: [], 'tls with getPeerCertificate': [], 'tls with getClientCertInfo': [], 'tls with a verifier': [] };
  const each = {};
  for (const count of [250, 500, 1000, 2000]) {
    for (const kind of Object.keys(lines)) {
      const rounds = [];
      for (let round = 0; round < 3; round += 1) rounds.push(await memoryOf(kind, count));
      each[kind] = measured(rounds);
      lines[kind].push([count, (each[kind].median * count) / 1e6]);
    }
  }
  report.plot({ title: 'open-connections', x: 'open connections', y: 'MB', lines: Object.entries(lines).map(([name, points]) => ({ name, points })) });
  report.table('memory of an open connection, of 2,000', Object.entries(each).map(([name, values]) => ({ name, ...values })), { unit: 'KB', scale: 1024 });
  const nodesOwn = differenceOf(each['tls with getPeerCertificate'], each.tls, 1024).ratio;
  report.atMost('memory for each open connection, asked with getClientCertInfo', 'a plain mTLS connection', differenceOf(each['tls with getClientCertInfo'], each.tls, 1024), 4, {
    unit: 'KB more', remark: `Node's own getPeerCertificate(), called once and kept nowhere, takes ${nodesOwn.toFixed(1)} more`,
  });
  report.atMost('memory for each open connection to a protected server', 'a plain mTLS connection', differenceOf(each['tls with a verifier'], each.tls, 1024), 4, {
    unit: 'KB more', remark: `Node's own getPeerCertificate(), called once and kept nowhere, takes ${nodesOwn.toFixed(1)} more`,
  });
}
