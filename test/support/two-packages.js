'use strict';
// node --expose-gc two-packages.js '{"how": ..., "scenario": ...}': the package more than once in one process, or in a worker of it. Prints what comes of it as JSON.

const crypto = require('node:crypto');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const tls = require('node:tls');
const { Worker, isMainThread, parentPort, workerData } = require('node:worker_threads');

const { Authority } = require('./pki.js');
const { Network } = require('./tls.js');
const { deferred } = require('./http.js');

const home = path.join(__dirname, '../..');
const { how, scenario, where = 'main', other, version } = workerData ?? JSON.parse(process.argv[2]);

/** The modules again, and the addon again where `how` says so. */
function again() {
  globalThis.gc();
  for (const file of Object.keys(require.cache)) {
    const isAddon = file.endsWith('.node');
    if (file.startsWith(path.join(home, 'lib') + path.sep) || (isAddon && how === 'addon')) delete require.cache[file];
  }
  const second = require(home);
  globalThis.gc();
  return second;
}

/** @param {() => any} work @returns {any} or the code of what it throws */
function outcomeOf(work) {
  try {
    return work();
  } catch (error) {
    return error.code ?? error.name;
  }
}

const root = new Authority('Root');
const strangers = new Authority('Strangers');
const serverOptions = { ...root.issueServer(['localhost']), ca: root.pem, requestCert: true, rejectUnauthorized: false, minVersion: version, maxVersion: version };

/** @param {import('./pki.js').Credential} credential */
const credentialOf = ({ cert, key }) => ({ cert, key });
const alice = credentialOf(root.issue({ subject: { CN: 'alice' } }));
const bob = credentialOf(root.issue({ subject: { CN: 'bob' } }));

/** A server that says who has come. @param {Network} network */
const greeting = (network) =>
  network.listen(tls.createServer(serverOptions, (socket) => socket.end(JSON.stringify([socket.authorized, socket.getPeerCertificate().subject?.CN ?? null]))));

/** @param {number} port @param {tls.SecureContext} secureContext */
async function greeted(port, secureContext) {
  const socket = tls.connect({ port, host: '127.0.0.1', servername: 'localhost', secureContext });
  let heard = '';
  for await (const octets of socket) heard += octets;
  return JSON.parse(heard);
}

const scenarios = {
  /** Both choose certificates at the same time, the first one having been asked before the second is there. */
  async choosing(network) {
    const port = await greeting(network);
    const first = require(home);
    const asked = deferred();
    const credential = deferred();
    const ca = root.pem;
    const pending = greeted(port, first.queryClientCert({ ca }, () => {
      asked.resolve();
      return credential.promise;
    }));
    await asked.promise;
    const second = again();
    const ofSecond = await greeted(port, second.queryClientCert({ ca }, () => bob));
    const meanwhile = await greeted(port, first.queryClientCert({ ca }, () => alice));
    const sign = (octets, { hash }) => crypto.sign(hash, octets, alice.key);
    const signed = await greeted(port, first.queryClientCert({ ca }, () => ({ cert: alice.cert, sign })));
    globalThis.gc();
    credential.resolve(alice);
    return { isAnother: first !== second, ofSecond, meanwhile, signed, ofFirst: await pending };
  },

  /** Contexts of both are looked at in one turn, and one of them is used: its own callback is asked. */
  async looking(network) {
    const port = await greeting(network);
    const first = require(home);
    const ofFirst = first.queryClientCert({ ca: root.pem }, () => alice);
    const second = again();
    const ofSecond = second.queryClientCert({ ca: root.pem }, () => bob);
    const connect = (...order) => {
      for (const secureContext of order) void secureContext.context;
      return greeted(port, order.at(-1));
    };
    const results = [];
    for (const order of [[ofFirst, ofSecond], [ofSecond, ofFirst], [ofFirst, ofSecond, ofFirst], [ofSecond, ofFirst, ofSecond]]) results.push((await connect(...order))[1]);
    return results;
  },

  /** A server that the first one protects. */
  async protecting(network) {
    const first = require(home);
    const verifier = new first.Verifier({ ca: strangers.pem });
    const server = tls.createServer(serverOptions);
    verifier.protect(server);
    const port = await network.listen(server);
    const second = again();
    const ask = async (credential) => {
      const client = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...credential });
      client.on('error', () => {}).resume();
      const [socket] = await once(server, 'secureConnection');
      const said = [first, second].map(({ getClientCertInfo }) => outcomeOf(() => getClientCertInfo(socket)?.problems.map(({ code }) => code)));
      const { authorized } = socket;
      socket.destroy();
      return [authorized, ...said];
    };
    const results = [await ask(alice), await ask(strangers.issue()), await ask({})];
    const another = new second.Verifier({ ca: root.pem });
    const mixed = outcomeOf(() => second.getClientCertInfo({}, { verifier }));
    // What comes next is protected by both: nobody is let in.
    const protectedTwice = outcomeOf(() => another.protect(server)) ?? null;
    const seen = [];
    server.on('secureConnection', (socket) => seen.push([socket.destroyed, socket.authorized]));
    const client = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...alice });
    await new Promise((resolve) => client.on('error', () => {}).on('close', resolve).resume());
    return { results, mixed, protectedTwice, seen };
  },

  /** A request of the first one that nobody answers; the second asks, too. */
  async asking(network) {
    const first = require(home);
    const server = tls.createServer({ ...serverOptions, requestCert: false });
    const port = await network.listen(server);
    const secureContext = first.queryClientCert({ ca: root.pem, postHandshakeAuth: true }, () => alice);
    const client = tls.connect({ port, host: '127.0.0.1', servername: 'localhost', secureContext });
    client.on('error', () => {}).resume();
    const [socket] = await once(server, 'secureConnection');
    const answer = first.receiveClientCertificate(socket);
    const second = again();
    const meanwhile = await second.receiveClientCertificate(socket).then((info) => info?.certFlagsName ?? null, ({ code }) => code);
    return { meanwhile, ofFirst: (await answer)?.certFlagsName ?? null, afterwards: second.getClientCertInfo(socket)?.certFlagsName };
  },

  /** Another copy, in a folder of its own; `how`: which is loaded first. */
  async copies(network) {
    const [one, two] = how === 'ours first' ? [home, other] : [other, home];
    const first = require(one);
    const verifier = new first.Verifier({ ca: strangers.pem });
    const server = tls.createServer(serverOptions);
    verifier.protect(server);
    const port = await network.listen(server);
    const refused = outcomeOf(() => require(two) === first);
    const ask = async (credential) => {
      const client = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...credential });
      client.on('error', () => {}).resume();
      const [socket] = await once(server, 'secureConnection');
      const said = [socket.authorized, first.getClientCertInfo(socket).problems.map(({ code }) => code)];
      socket.destroy();
      return said;
    };
    // A second try is not taken for a first one.
    return { refused, refusedAgain: outcomeOf(() => require(two) === first), results: [await ask(alice), await ask(strangers.issue())] };
  },
};

async function run() {
  const network = new Network();
  try {
    return await scenarios[scenario](network);
  } finally {
    await network.end();
  }
}

const say = (result) => (isMainThread ? fs.writeSync(1, `${JSON.stringify(result)}\n`) : parentPort.postMessage(result));
if (isMainThread && where === 'worker') {
  const worker = new Worker(__filename, { workerData: JSON.parse(process.argv[2]) });
  worker.once('message', say);
} else run().then(say);
