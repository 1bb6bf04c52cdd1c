// npm run soak -- [--seconds 600] [--connections 2000] [--new 20] [--seed N]: a server under everything at once for a long time. Fails for a single wrong
// answer or lost connection, an unhandled rejection, for memory, descriptors or threads that grow, and where what it is for has not happened. The last line
// is JSON.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { grown, slopeOf } from './growth.mjs';
import { missing } from './happened.mjs';
import { startResponder } from './responder.mjs';
import { ACTING_ONE_IN, LATER_ONE_IN, makeWorld } from './world.mjs';

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
const RELOADING_MS = 1000;
// Whoever tells nothing for so long tells nothing any more. Each of the connections is asked once before the clients are ready.
const STARTING_MS = 60_000 + connections * 100;
// Caches, pools and the allocator fill in the first quarter; where that is shorter than this, they still do in the rest.
const SETTLING_SECONDS = 15;
// More of them say nothing new.
const ENOUGH_FAILURES = 20;

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'client-cert-info-soak-'));
const put = (/** @type {string} */ name, /** @type {object} */ what) => {
  const file = path.join(folder, name);
  fs.writeFileSync(file, JSON.stringify(what), { mode: 0o600 });
  return file;
};
const responder = await startResponder();
const world = makeWorld(responder.url);

/** @type {string[]} */
const failures = [];
/** What nobody can say of this run, and why. @type {string[]} */
const skipped = [];
/** @type {any[]} */
const samples = [];
/** How often everything has happened, each second. @type {import('./happened.mjs').Tally[]} */
const tallies = [];
/** The latest of each. @type {any} */
let sample;
/** @type {any} */
let counts;
let isEnding = false;
let isReady = false;

const isHopeless = () => failures.length >= ENOUGH_FAILURES;

// ---- the processes ----

/** @typedef {import('node:child_process').ChildProcess} ChildProcess */

/** @param {string} file @param {string[]} flags @param {string} argument */
function start(file, flags, argument) {
  const child = fork(path.join(here, file), [argument], { execArgv: flags });
  child.on('message', (/** @type {any} */ message) => {
    if (message.failure) failures.push(message.failure);
    if (message.sample) {
      sample = message.sample;
      if (isReady) samples.push(sample);
    }
    if (message.counts) counts = message.counts;
  });
  child.on('exit', (code, signal) => {
    if (!isEnding) failures.push(`${file} has ended: ${code ?? signal}`);
  });
  return child;
}

/**
 * @param {ChildProcess} child
 * @param {string} what
 * @returns {Promise<any>} undefined: it will not be told, and the failures say why
 */
function untilTold(child, what) {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      failures.push(`MISSING: ${what}: not within ${STARTING_MS / 1000} s`);
      settle(undefined);
    }, STARTING_MS);
    const settle = (/** @type {any} */ told) => {
      clearTimeout(timer);
      resolve(told);
    };
    child.on('message', (/** @type {any} */ message) => {
      if (what in message || isHopeless()) settle(message[what]);
    });
    child.on('exit', () => settle(undefined));
  });
}

/** @param {ChildProcess} child */
async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

// ---- the run ----

function countAll() {
  const { answers, resumed, later } = counts ?? {};
  tallies.push({ answers, resumed, 'asked later': later, samples: samples.length, reloads: sample?.reloads, 'token operations': sample?.actions });
}

function showProgress() {
  if (samples.length === 0 || samples.length % 10 !== 0) return;
  process.stderr.write(`${samples.length} s: ${(sample.rss / 1e6).toFixed(1)} MB, ${sample.descriptors} descriptors, ${sample.threads} threads, ${counts?.answers} answers\n`);
}

async function watch() {
  const begun = Date.now();
  countAll();
  while (Date.now() - begun < seconds * 1000 && !isHopeless()) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    countAll();
    showProgress();
  }
}

const server = start('server.mjs', ['--expose-gc', '--no-warnings'], put('server.json', { world, samplingMs: SAMPLING_MS, reloadingMs: RELOADING_MS }));
const listening = await untilTold(server, 'listening');
const children = [server];
if (listening) {
  const clients = start('clients.mjs', ['--no-warnings'], put('clients.json', { world, ports: listening.ports, connections, newPerSecond, seed }));
  children.unshift(clients);
  process.stderr.write(`${connections} connections, ${newPerSecond} new ones each second, ${seconds} s, seed ${seed}\n`);
  isReady = (await untilTold(clients, 'ready')) !== undefined;
}
if (isReady) await watch();
isEnding = true;
for (const child of children) await stop(child);
responder.close();
fs.rmSync(folder, { recursive: true, force: true });

// ---- what it was worth ----

const settled = samples.slice(Math.floor(samples.length / 4));
const growth = Object.fromEntries(['rss', 'heapUsed', 'external', 'descriptors', 'threads'].map((what) => [what, settled.map((moment) => moment[what])]));

function judgeGrowth() {
  const allowed = { rss: 16e6, heapUsed: 8e6, external: 8e6, descriptors: connections * 0.05 + 50, threads: 2 };
  for (const [what, limit] of Object.entries(allowed)) {
    const more = grown(growth[what]);
    if (more > limit) failures.push(`${what} has grown by ${more}, more than ${limit}`);
  }
}

/** How often each thing was asked for, per second. @returns {Record<string, number>} */
function rates() {
  return {
    samples: 1000 / SAMPLING_MS,
    reloads: 1000 / RELOADING_MS,
    // Of the new connections alone: how often the open ones ask depends on the machine.
    answers: newPerSecond,
    resumed: newPerSecond,
    'asked later': newPerSecond / LATER_ONE_IN,
    ...(listening.canAct ? { 'token operations': newPerSecond / ACTING_ONE_IN } : {}),
  };
}

function judgeWhole() {
  failures.push(...missing(tallies, rates(), seconds));
  // At any time: what fails is left alone for longer and longer.
  for (const [way, times] of Object.entries(responder.asked)) if (times === 0) failures.push(`MISSING: the responder that ${way} was not asked`);
  if (!counts || counts.wrong > 0 || Object.keys(counts.byKind).length < 8) failures.push('not everybody was asked, or somebody got a wrong answer');
  if (seconds >= 4 * SETTLING_SECONDS) judgeGrowth();
  else skipped.push(`growth, of which less than ${4 * SETTLING_SECONDS} s say nothing`);
  if (!listening.canAct) skipped.push('token operations, which need root on Linux');
}

// One that was given up has failed already, and has not had the time for everything.
if (isReady && !isHopeless()) judgeWhole();

const summary = {
  seconds,
  seed,
  ...counts,
  reloads: sample?.reloads,
  actions: sample?.actions,
  asked: responder.asked,
  rssSlopeKBPerMinute: Math.round((slopeOf(growth.rss) * 60_000) / SAMPLING_MS / 1000),
  heapSlopeKBPerMinute: Math.round((slopeOf(growth.heapUsed) * 60_000) / SAMPLING_MS / 1000),
  rssMB: Math.round((growth.rss.at(-1) ?? 0) / 1e6),
  descriptors: growth.descriptors.at(-1),
  threads: growth.threads.at(-1),
  skipped,
  failures: failures.length,
};
for (const what of skipped) process.stderr.write(`\n*** SKIPPED *** ${what}\n\n`);
for (const failure of failures) process.stderr.write(`${failure}\n`);
console.log(JSON.stringify(summary));
process.exitCode = failures.length > 0 ? 1 : 0;
