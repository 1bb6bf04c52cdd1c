// Servers with the package and without: requests over kept connections, new connections, memory of open ones. Servers and clients are processes of
// their own; the rounds of those that are compared take turns, so that what else the machine does hits all of them.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import tls from 'node:tls';
import { setTimeout as sleep } from 'node:timers/promises';

import { client, intermediate, root } from '../support/inputs.mjs';
import { differenceOf, measured } from '../support/measure.mjs';

const credential = { key: client.key, cert: client.cert };
const serverCredential = root.issueServer(['localhost']);

/** @param {string[]} kinds */
async function start(kinds) {
  const child = fork(new URL('../support/serve.mjs', import.meta.url), [JSON.stringify(kinds)], { execArgv: ['--expose-gc'] });
  child.send({ ca: root.pem, intermediates: intermediate.pem, key: serverCredential.key, cert: serverCredential.cert });
  const [{ ports }] = await once(child, 'message');
  return {
    ports,
    /** @param {'rss' | 'usage'} what @returns {Promise<{ rss: number, cpu: number, served: number }>} octets, microseconds */
    async ask(what) {
      child.send(what);
      const [answer] = await once(child, 'message');
      return answer;
    },
    stop: () => child.disconnect(),
  };
}

/** @param {number} port @param {'requests' | 'handshakes'} what @param {number} atOnce */
function clientsOf(port, what, atOnce = 16) {
  const child = fork(new URL('../support/load.mjs', import.meta.url), [port, what, atOnce].map(String));
  return {
    /** @param {number} seconds */
    async come(seconds) {
      child.send({ credential, seconds });
      await once(child, 'message');
    },
    stop: () => child.disconnect(),
  };
}

// Clients connect and begin for so long before anything is measured; in what is measured they go on.
const BEGINNING = 300;
const SECONDS = 1;
// What is to be found is three percent of a request, and slices differ by ten.
const SLICES = { requests: 30, handshakes: 14 };
const PROCESSES = 3;

/** @returns {Promise<{ cost: number, rate: number }>} processor time of the server for each, microseconds; how many a second */
async function slice(server, clients, what) {
  const coming = clients.come(SECONDS);
  if (what === 'requests') await sleep(BEGINNING);
  const [before, began] = [await server.ask('usage'), performance.now()];
  await sleep(SECONDS * 1000 - BEGINNING - 50);
  const [after, ended] = [await server.ask('usage'), performance.now()];
  await coming;
  const served = after.served - before.served;
  return { cost: (after.cpu - before.cpu) / served, rate: (served * 1000) / (ended - began) };
}

/**
 * By the server's processor time, which is what its rate comes to where nothing else runs on the machine: the clients do. All kinds are servers of one
 * process, so that what differs is the kind alone; of each slice its kinds are compared with the first, since the machine is not always as fast.
 * @returns {Promise<Array<import('../support/measure.mjs').Ratio>>} of each but the first: how many it serves in the time in which the first serves one
 */
async function compareRates(report, title, kinds, what) {
  const slices = [];
  for (let process = 0; process < PROCESSES; process += 1) {
    const server = await start(kinds);
    const clients = server.ports.map((port) => clientsOf(port, what));
    for (const each of clients) await each.come(2);
    for (let round = 0; round < SLICES[what]; round += 1) {
      // Each comes first, and after each other, as often.
      const order = kinds.map((_, i) => (i + round) % kinds.length);
      if (round % 2 === 1) order.reverse();
      const found = [];
      for (const i of order) found[i] = await slice(server, clients[i], what);
      slices.push(found);
    }
    clients.forEach(({ stop }) => stop());
    server.stop();
  }
  const columns = kinds.map((_, i) => slices.map((found) => found[i]));
  report.table(
    `${title}: processor time of the server for each`,
    kinds.map((name, i) => {
      const [cost, rate] = [measured(columns[i].map((one) => one.cost)), measured(columns[i].map((one) => one.rate))];
      return { name, median: cost.median * 1000, spread: cost.spread * 1000, remark: `${rate.median.toFixed(0)} (${rate.spread.toFixed(0)}) a second` };
    }),
  );
  return kinds.slice(1).map((_, i) => {
    const { median, spread } = measured(slices.map((found) => found[0].cost / found[i + 1].cost));
    return { ratio: median, spread };
  });
}

/** @returns {Promise<number>} octets for each open connection */
async function memoryOf(kind, count) {
  const server = await start([kind]);
  const [port] = server.ports;
  const clients = clientsOf(port, 'handshakes');
  await clients.come(2);
  clients.stop();
  await sleep(200);
  const { rss: before } = await server.ask('rss');
  const sockets = [];
  for (let i = 0; i < count; i += 1) {
    const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...credential });
    await once(socket, 'data');
    sockets.push(socket);
  }
  await sleep(200);
  const octets = ((await server.ask('rss')).rss - before) / count;
  sockets.forEach((socket) => socket.destroy());
  server.stop();
  return octets;
}

/** @param {import('../support/measure.mjs').Report} report */
export default async function servers(report) {
  for (const [framework, nothing] of [['express', 'express with a middleware that does nothing'], ['fastify', 'fastify with a hook that does nothing']]) {
    const kinds = [framework, `${framework} with the middleware`, nothing];
    const [ratio, limit] = await compareRates(report, `requests to ${framework} over kept connections`, kinds, 'requests');
    report.atLeast(`requests to ${framework} over keep-alive TLS with the middleware`, 'without it', ratio, 0.97, {
      unit: 'of the throughput', remark: `the limit: ${nothing} has ${limit.ratio.toFixed(3)} of it`,
    });
  }
  const [observed, protectedRatio] = await compareRates(
    report, 'new connections', ['tls', 'tls with getClientCertInfo', 'tls with a verifier'], 'handshakes',
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
