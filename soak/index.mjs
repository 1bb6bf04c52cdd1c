// npm run soak -- [--seconds 600] [--connections 2000] [--new 20] [--seed N]: a server under everything at once for a long time. Fails for a single wrong
// answer, an unhandled rejection, and for memory, descriptors or threads that grow. The last line is JSON.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { grown, slopeOf } from './growth.mjs';
import { makeWorld } from './world.mjs';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '600' },
    connections: { type: 'string', default: '2000' },
    new: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
  },
});
const [seconds, connections, newPerSecond, seed] = [values.seconds, values.connections, values.new, values.seed].map(Number);
const here = path.dirname(fileURLToPath(import.meta.url));
const SAMPLING_MS = 1000;

/** A responder that is of no use: by the last part of its URL it fails, stalls, sends rubbish, or hangs up. */
const responder = http.createServer((request, response) => {
  const how = Number(request.url?.slice(-1));
  if (how === 0) response.writeHead(500).end();
  else if (how === 1) setTimeout(() => response.end(), 2000).unref();
  else if (how === 2) response.end(Buffer.alloc(3000, 0x30));
  else request.socket.destroy();
});
responder.listen(0, '127.0.0.1');
await once(responder, 'listening');

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'client-cert-info-soak-'));
const put = (/** @type {string} */ name, /** @type {object} */ what) => {
  const file = path.join(folder, name);
  fs.writeFileSync(file, JSON.stringify(what), { mode: 0o600 });
  return file;
};
const world = makeWorld(`http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (responder.address()).port}`);

/** @type {string[]} */
const failures = [];
/** @type {any[]} */
const samples = [];
let counts;
let isEnding = false;
let isReady = false;

/** @param {string} file @param {string[]} flags @param {string} argument */
function start(file, flags, argument) {
  const child = fork(path.join(here, file), [argument], { execArgv: flags });
  child.on('message', (/** @type {any} */ message) => {
    if (message.failure) failures.push(message.failure);
    if (message.sample && isReady) samples.push(message.sample);
    if (message.counts) counts = message.counts;
    child.emit('told', message);
  });
  child.on('exit', (code, signal) => {
    if (!isEnding) failures.push(`${file} has ended: ${code ?? signal}`);
  });
  return child;
}

const untilTold = async (/** @type {import('node:child_process').ChildProcess} */ child, /** @type {string} */ what) => {
  for (;;) {
    const [message] = await once(child, 'told');
    if (message[what]) return message[what];
  }
};

const server = start('server.mjs', ['--expose-gc', '--no-warnings'], put('server.json', { world, samplingMs: SAMPLING_MS }));
const ports = await untilTold(server, 'ports');
const clients = start('clients.mjs', ['--no-warnings'], put('clients.json', { world, ports, connections, newPerSecond, seed }));
process.stderr.write(`${connections} connections, ${newPerSecond} new ones each second, ${seconds} s, seed ${seed}\n`);
await untilTold(clients, 'ready');
isReady = true;

const begun = Date.now();
while (Date.now() - begun < seconds * 1000 && failures.length < 20) {
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const latest = samples.at(-1);
  if (latest && samples.length % 10 === 0) process.stderr.write(`${samples.length} s: ${(latest.rss / 1e6).toFixed(1)} MB, ${latest.descriptors} descriptors, ${latest.threads} threads, ${counts?.answers} answers\n`);
}
isEnding = true;
for (const child of [clients, server]) {
  child.kill('SIGKILL');
  await once(child, 'exit');
}
responder.closeAllConnections();
responder.close();
fs.rmSync(folder, { recursive: true });

// Caches, pools and the allocator fill in the first quarter.
const settled = samples.slice(Math.floor(samples.length / 4));
const growth = Object.fromEntries(['rss', 'heapUsed', 'external', 'descriptors', 'threads'].map((what) => [what, settled.map((sample) => sample[what])]));
const allowed = { rss: 16e6, heapUsed: 8e6, external: 8e6, descriptors: connections * 0.05 + 50, threads: 2 };
for (const [what, limit] of Object.entries(allowed)) {
  const more = grown(growth[what]);
  if (more > limit) failures.push(`${what} has grown by ${more}, more than ${limit}`);
}
if (!counts || counts.wrong > 0 || Object.keys(counts.byKind).length < 8) failures.push('not everybody was asked, or somebody got a wrong answer');

const summary = {
  seconds,
  seed,
  ...counts,
  reloads: samples.at(-1)?.reloads,
  actions: samples.at(-1)?.actions,
  rssSlopeKBPerMinute: Math.round((slopeOf(growth.rss) * 60_000) / SAMPLING_MS / 1000),
  heapSlopeKBPerMinute: Math.round((slopeOf(growth.heapUsed) * 60_000) / SAMPLING_MS / 1000),
  rssMB: Math.round((growth.rss.at(-1) ?? 0) / 1e6),
  descriptors: growth.descriptors.at(-1),
  threads: growth.threads.at(-1),
  failures: failures.length,
};
for (const failure of failures) process.stderr.write(`${failure}\n`);
console.log(JSON.stringify(summary));
process.exitCode = failures.length > 0 ? 1 : 0;
