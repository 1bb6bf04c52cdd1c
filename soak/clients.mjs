// The clients: many open connections, new ones, resumed ones, ones that are asked later. Knows what each of them is, and tells its parent of every answer
// that says something else, and of every one that does not come.

import fs from 'node:fs';
import { createRequire } from 'node:module';
import process from 'node:process';
import tls from 'node:tls';

import { ACTING_ONE_IN, LATER_ONE_IN, PER_KIND, TRUTH } from './world.mjs';

const require = createRequire(import.meta.url);
const { queryClientCert } = require('../lib/index.js');

const { world, ports, connections, newPerSecond, seed } = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));

// The server gives a responder half a second, and a machine may be slow: who waits for longer waits for ever.
const PATIENCE_MS = 30_000;

// A run can be had again: by its seed.
let state = seed;
function random(/** @type {number} */ below) {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
}

const counts = { answers: 0, handshakes: 0, resumed: 0, later: 0, wrong: 0, lost: 0, byKind: /** @type {Record<string, number>} */ ({}) };
const fail = (/** @type {string} */ failure) => process.send?.({ failure });

/** @param {string} kind @param {any} answer @returns {string | null} what is wrong with it */
function lie(kind, { error, valid, codes, revoked, subject }) {
  if (error) return error;
  const truth = TRUTH[kind];
  if (kind === 'anonymous') return valid === null && codes === null ? null : 'nobody has become somebody';
  if (valid === null) return 'the certificate was lost';
  if (kind === 'changing') {
    const isRevoked = codes.includes('CERT_REVOKED');
    if (valid === isRevoked || (valid && codes.length > 0)) return 'contradicts itself';
    return revoked === null || revoked === isRevoked ? null : 'another CRL than the one in force has decided';
  }
  if (valid !== truth.valid) return 'wrong verdict';
  if (truth.online) return codes.every((/** @type {string} */ code) => code.startsWith('REVOCATION_')) ? null : 'wrong problem';
  if (!truth.codes.every((code) => codes.includes(code))) return 'the problem is not named';
  return ['good', 'revoked', 'expired', 'stranger'].includes(kind) && !subject.includes(kind) ? 'somebody else' : null;
}

/** @param {string} kind @param {any} answer */
function judge(kind, answer) {
  counts.answers += 1;
  counts.byKind[kind] = (counts.byKind[kind] ?? 0) + 1;
  const wrong = lie(kind, answer);
  if (wrong === null) return;
  counts.wrong += 1;
  fail(`WRONG: ${kind}: ${wrong}: ${JSON.stringify(answer)}`);
}

/** One connection, that asks one thing at a time. */
class Client {
  /** @type {Buffer | undefined} */ session;
  #text = '';
  /** @type {((answer: any) => void) | null} */ #answered = null;

  /** @param {keyof ports} server @param {string} kind @param {tls.ConnectionOptions} options */
  constructor(server, kind, options) {
    this.server = String(server);
    this.kind = kind;
    this.isOpen = true;
    this.isSecure = false;
    /** @type {string} why it is gone */ this.reason = 'the server has ended it';
    this.socket = tls.connect({ port: ports[server], host: '127.0.0.1', servername: 'localhost', ca: world.ca, ...options });
    this.socket.setEncoding('utf8');
    this.socket.on('session', (session) => {
      this.session = session;
    });
    this.socket.on('data', (/** @type {string} */ chunk) => this.#read(chunk));
    this.socket.once('secureConnect', () => {
      this.isSecure = true;
    });
    this.socket.on('error', ({ message }) => {
      this.reason = message;
    });
    this.socket.on('close', () => {
      this.isOpen = false;
      this.#answer(null);
    });
    counts.handshakes += 1;
  }

  /** @param {any} answer */
  #answer(answer) {
    const answered = this.#answered;
    this.#answered = null;
    answered?.(answer);
  }

  /** @param {string} chunk */
  #read(chunk) {
    this.#text += chunk;
    const head = this.#text.indexOf('\r\n\r\n');
    const length = /content-length: (\d+)/i.exec(this.#text);
    if (head < 0 || !length || this.#text.length < head + 4 + Number(length[1])) return;
    const body = this.#text.slice(head + 4, head + 4 + Number(length[1]));
    this.#text = '';
    this.#answer(JSON.parse(body));
  }

  /** @returns {Promise<any>} null: the connection is gone */
  async ask(url = '/') {
    if (!this.isOpen) return null;
    const answer = new Promise((resolve) => {
      this.#answered = resolve;
    });
    // Express' middleware gives no length by itself, node:http does.
    this.socket.write(`GET ${url} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    const patience = setTimeout(() => this.socket.destroy(new Error(`no answer within ${PATIENCE_MS / 1000} s`)), PATIENCE_MS);
    return answer.finally(() => clearTimeout(patience));
  }

  end() {
    this.socket.destroy();
  }
}

const kinds = Object.keys(TRUTH);
const versions = /** @type {const} */ (['TLSv1.2', 'TLSv1.3']);

/** @returns {[keyof ports, string, tls.ConnectionOptions]} */
function anybody() {
  const kind = kinds[random(kinds.length)];
  const server = TRUTH[kind].online || random(4) === 0 ? 'online' : 'offline';
  const maxVersion = versions[random(2)];
  return [server, kind, { ...(world.clients[kind]?.[random(PER_KIND)] ?? {}), maxVersion }];
}

/** @type {Client[]} */
const open = [];

/** Nobody ends a connection but its client: one that is gone was lost. */
function lose(/** @type {Client} */ client) {
  counts.lost += 1;
  fail(`LOST: ${client.kind}, ${client.server}: ${client.reason}`);
}

async function ask(/** @type {Client} */ client) {
  const answer = await client.ask(random(ACTING_ONE_IN) === 0 ? '/act' : '/');
  if (answer === null) lose(client);
  else judge(client.kind, answer);
  return answer;
}

async function keepAsking() {
  for (;;) {
    const client = open[random(open.length)];
    if (client.isBusy) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      continue;
    }
    client.isBusy = true;
    await ask(client);
    client.isBusy = false;
    if (!client.isOpen) open[open.indexOf(client)] = new Client(...anybody());
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A new connection, and the same client again with the session of the first. */
async function comeAndGo() {
  const [server, kind, options] = anybody();
  const first = new Client(server, kind, options);
  await ask(first);
  const { session } = first;
  first.end();
  if (session === undefined) return;
  const second = new Client(server, kind, { ...options, session });
  const answer = await ask(second);
  if (answer?.resumed) counts.resumed += 1;
  second.end();
}

/** A connection whose client is asked for its certificate by the first request, and known by the second. */
async function comeLater() {
  const kind = kinds[random(kinds.length)];
  if (TRUTH[kind].online) return;
  const credential = world.clients[kind]?.[random(PER_KIND)] ?? false;
  let hasShown = false;
  const answer = async () => {
    if (credential === false) return false;
    hasShown = client.isSecure;
    return { ...credential, allowExpired: true };
  };
  const secureContext = queryClientCert({ ca: world.ca, postHandshakeAuth: true, maxVersion: versions[random(2)] }, answer);
  const client = new Client('onDemand', kind, { secureContext });
  const isAnswered = (await ask(client)) !== null && (await ask(client)) !== null;
  if (isAnswered && hasShown) counts.later += 1;
  client.end();
}

/** Leaves some out where a second's worth of them is under way: on a slow machine the queue would grow until nobody is answered in time. */
function every(/** @type {number} */ ms, /** @type {() => Promise<unknown>} */ work) {
  let underWay = 0;
  setInterval(() => {
    if (underWay >= newPerSecond) return;
    underWay += 1;
    void work().finally(() => {
      underWay -= 1;
    });
  }, ms);
}

process.on('warning', (warning) => {
  if (/** @type {any} */ (warning).code !== 'CLIENT_CERT_EXPIRED') fail(`clients: ${warning.stack}`);
});
process.on('unhandledRejection', (reason) => fail(`clients: unhandled rejection: ${/** @type {any} */ (reason)?.stack ?? reason}`));
process.on('disconnect', () => process.exit());

while (open.length < connections) {
  open.push(...Array.from({ length: Math.min(20, connections - open.length) }, () => new Client(...anybody())));
  await Promise.all(open.slice(-20).map(ask));
}
process.send?.({ ready: true, counts });
for (let i = 0; i < 8; i++) void keepAsking();
every(1000 / newPerSecond, comeAndGo);
every((LATER_ONE_IN * 1000) / newPerSecond, comeLater);
setInterval(() => process.send?.({ counts }), 1000);
