'use strict';
// node --expose-gc lives.js '{"subject": ..., "event": ...}': something that this package gives, or has under way, and what happens to it. Prints what comes of it as JSON.

const { once } = require('node:events');
const fs = require('node:fs');
const http = require('node:http');
const https = require('node:https');
const net = require('node:net');
const path = require('node:path');
const tls = require('node:tls');
const { setImmediate: turn } = require('node:timers/promises');
const { Worker, isMainThread, parentPort, workerData } = require('node:worker_threads');

const cci = require('../..');
const { clientCertificate } = require('../../lib/express.js');
const { ACCOUNTS } = require('./accounts.js');
const { extensions } = require('./certificate-builder.js');
const { deferred } = require('./http.js');
const { subjectsOfGssapi } = require('./lives-gss.js');
const { Authority } = require('./pki.js');

const { subject: name, subjects: several, event, folder, count, rounds, version = 'TLSv1.3' } = workerData ?? (require.main === module ? JSON.parse(process.argv[2]) : {});

const root = new Authority('Root');
const issued = root.issue({ subject: { CN: ACCOUNTS.alice.name } });
const { cert, key } = issued;
const server = root.issueServer(['localhost']);
const serverOptions = { key: server.key, cert: server.cert, ca: root.pem, rejectUnauthorized: false, minVersion: version, maxVersion: version };
const file = (/** @type {string} */ base) => path.join(folder, base);

/** @param {net.Server} listening @returns {Promise<number>} */
async function listen(listening) {
  listening.on('secureConnection', (socket) => socket.on('error', () => {}));
  listening.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  return listening.address().port;
}

/** Both ends of a connection. @param {object} [options] of the server @param {object} [client] */
async function connection(options = {}, client = { cert, key }, made = tls.createServer({ ...serverOptions, requestCert: true, ...options })) {
  const port = await listen(made);
  const end = tls.connect({ port, host: '127.0.0.1', servername: 'localhost', rejectUnauthorized: false, ...client });
  end.on('error', () => {}).resume();
  const [socket] = await once(made, 'secureConnection');
  return { socket, end, server: made, port };
}

/** A server that never answers, and is known to have been asked. */
async function silent() {
  const asked = deferred();
  const listening = http.createServer((request) => request.resume().on('end', asked.resolve));
  const port = await listen(listening);
  return { url: `http://127.0.0.1:${port}/`, asked: asked.promise };
}

/** A server that asks each client for its certificate. */
async function asking() {
  return { port: await listen(tls.createServer({ ...serverOptions, requestCert: true }, (socket) => socket.end('.'))) };
}

const outcomeOf = (promise) => promise.then(() => 'done', (error) => error.code ?? error.name);
const codeOf = async (use) => {
  try {
    await use();
    return 'done';
  } catch (error) {
    return error.code ?? error.name;
  }
};
const mapperOptions = { rules: [{ matchrule: '<SUBJECT>.*', maprule: '{subject_dn_component.cn}' }] };

// open: a handle; use: of it; close; again: of a handle that is dear to make, another one; work: what goes on until something happens: resolves once it goes on,
// with `ended`, a promise of its end. isDear: takes long; isKept: lives until it is ended, whoever has forgotten it; isSpent: is of use once.
const subjects = {
  Certificate: {
    open: () => cci.parseCertificate(issued.der),
    use: (certificate) => void JSON.stringify(certificate),
  },
  Verdict: {
    open: () => cci.Verifier.prototype.verify.call(shared(), issued.der, { at: new Date(Date.now() + (tick += 1000)) }),
    use: (verdict) => {
      if (!verdict.valid) throw new Error('not valid');
      JSON.stringify(verdict);
    },
  },
  Verifier: {
    isDear: true,
    open: () => new cci.Verifier({ ca: root.der }),
    use: (verifier) => void verifier.verify(issued.der),
    close: (verifier) => verifier.close(),
    async work(verifier) {
      const ended = Promise.all(Array.from({ length: 50 }, () => verifier.verifyAsync(issued.der, { at: new Date(Date.now() + (tick += 1000)) })));
      return { ended };
    },
  },
  'Verifier that reloads': {
    isDear: true,
    open: () => new cci.Verifier({ ca: { file: file('ca.pem'), refresh: 'watch' } }),
    use: (verifier) => void verifier.verify(issued.der),
    close: (verifier) => verifier.close(),
    async work(verifier) {
      return { ended: Promise.all(Array.from({ length: 20 }, () => verifier.reload({ ca: { file: file('ca.pem'), refresh: 1000 } }))) };
    },
  },
  'Verifier that fetches': {
    isDear: true,
    open: () => new cci.Verifier({ ca: root.der, revocation: { mode: 'online', urlTimeout: 500, totalTimeout: 500, hosts: ['127.0.0.1'] } }),
    use: (verifier) => void verifier.verify(issued.der),
    close: (verifier) => verifier.close(),
    async work(verifier) {
      const { url, asked } = await silent();
      const client = root.issue({ more: [extensions.authorityInfoAccess({ ocsp: [url] })] });
      const ended = verifier.verifyAsync(client.der);
      await Promise.race([asked, ended]);
      return { ended };
    },
  },
  AccountMapper: {
    open: () => new cci.AccountMapper(mapperOptions),
    use: (mapper) => mapper.map({ certificate: cci.parseCertificate(issued.der), verified: true }),
    close: (mapper) => mapper.close(),
    async work() {
      const [resolving, resolved] = [deferred(), deferred()];
      const mapper = new cci.AccountMapper({ resolve: () => {
        resolving.resolve();
        return resolved.promise;
      } });
      const ended = mapper.map({ certificate: cci.parseCertificate(issued.der), verified: true });
      await Promise.race([resolving.promise, ended]);
      return { ended, close: () => mapper.close(), finish: () => resolved.resolve(null) };
    },
  },
  'AccountMapper with a gridmap': {
    open: () => new cci.AccountMapper({ gridmap: { file: file('gridmap') } }),
    use: (mapper) => mapper.map({ certificate: cci.parseCertificate(issued.der), verified: true }),
    close: (mapper) => mapper.close(),
    async work(mapper) {
      return { ended: Promise.all(Array.from({ length: 20 }, () => mapper.reload())) };
    },
  },
  AccessToken: {
    needsRoot: true,
    open: () => cci.AccessToken.forAccount(ACCOUNTS.alice.name),
    again: (token) => token.duplicate(),
    use: (token) => token.fs.stat('/etc'),
    close: (token) => token.close(),
    // Nobody else ends what a worker has begun, which holds the threads of that user.
    release: () => fs.closeSync(fs.openSync(file('fifo'), 'r+')),
    async work(token) {
      const waiting = token.fs.readFile(file('fifo'));
      const more = Array.from({ length: 100 }, () => token.fs.readFile('/etc/passwd').catch(() => {}));
      // As somebody else, who waits for nobody.
      await more[0];
      return { ended: waiting, finish: () => fs.promises.writeFile(file('fifo'), 'end') };
    },
  },
  'a descriptor of an AccessToken': {
    isKept: true,
    needsRoot: true,
    open: async () => (await cci.AccessToken.forAccount(ACCOUNTS.alice.name)).fs.open('/etc/passwd'),
    use: (descriptor) => void fs.readSync(descriptor, Buffer.alloc(16), 0, 16, 0),
  },
  'ChildProcess of an AccessToken': {
    isKept: true,
    needsRoot: true,
    open: () => cci.AccessToken.forAccount(ACCOUNTS.alice.name),
    again: (token) => token.duplicate(),
    use: async (token) => void (await once(token.spawn('true'), 'exit')),
    close: (token) => token.close(),
    async work(token) {
      const child = token.spawn('cat', { stdio: ['pipe', 'pipe', 'ignore'] });
      child.stdin.write('.');
      await once(child.stdout, 'data');
      return { ended: once(child, 'exit'), finish: () => child.stdin.end() };
    },
  },
  ClientCertInfo: {
    open: async () => {
      const { socket } = await (established ??= connection());
      return cci.getClientCertInfo(socket);
    },
    use: (info) => void JSON.stringify(info),
  },
  SecurityContext: {
    open: async () => cci.getSecurityContext((await (established ??= connection())).socket),
    use: (context) => void [context.query('connectionInfo'), context.pack({ key: KEY }).free()],
    close: (context) => context.close(),
  },
  'SecurityContext that was packed': {
    open: async () => cci.SecurityContext.unpack(await (packed ??= packedContext()), { key: KEY }),
    use: (context) => void context.query('connectionInfo'),
    close: (context) => context.close(),
  },
  PackedContext: {
    open: async () => (await (unpacked ??= securityContext())).pack({ key: KEY }),
    use: (one) => void [one.length, one.buffer.length],
    close: (one) => one.free(),
  },
  RequestAuthInfo: {
    open: async () => cci.getRequestAuthInfo(await (request ??= incoming())),
    use: (info) => {
      if (info.authStatus !== cci.AuthStatus.HttpAuthStatusSuccess) throw new Error('not authenticated');
      JSON.stringify(info);
    },
  },
  queryClientCert: {
    isDear: true,
    open: () => cci.queryClientCert({ ca: root.pem }, () => ({ cert, key })),
    async use(secureContext) {
      const { port } = await (choosing ??= asking());
      const socket = tls.connect({ port, host: '127.0.0.1', servername: 'localhost', secureContext });
      await once(socket, 'data');
      socket.destroy();
    },
    async work() {
      const { port } = await asking();
      const asked = deferred();
      const secureContext = cci.queryClientCert({ ca: root.pem }, () => {
        asked.resolve();
        return new Promise(() => {});
      });
      const socket = tls.connect({ port, host: '127.0.0.1', servername: 'localhost', secureContext });
      const ended = new Promise((resolve) => socket.on('error', resolve).on('close', resolve));
      await asked.promise;
      return { ended, close: () => socket.destroy() };
    },
  },
  'a signature elsewhere': {
    async work() {
      const { port } = await asking();
      const asked = deferred();
      const sign = () => {
        asked.resolve();
        return new Promise(() => {});
      };
      const socket = tls.connect({ port, host: '127.0.0.1', servername: 'localhost', secureContext: cci.queryClientCert({ ca: root.pem }, () => ({ cert, sign })) });
      const ended = new Promise((resolve) => socket.on('error', resolve).on('close', resolve));
      await asked.promise;
      return { ended, close: () => socket.destroy() };
    },
  },
  createCredentialStore: {
    isDear: true,
    open() {
      const directory = path.join(folder, 'credentials');
      fs.mkdirSync(directory, { recursive: true });
      fs.writeFileSync(path.join(directory, 'client.pem'), cert + key);
      return cci.createCredentialStore([{ cert, key }, { directory }]);
    },
    use: async (store) => void (await store({ servername: 'localhost', connection: {}, protocol: version, trustedCAs: [], signatureAlgorithms: [], supports: () => true })),
  },
  ClientCertAgent: {
    isDear: true,
    open: () => new cci.ClientCertAgent({ ca: root.pem, keepAlive: true }, () => ({ cert, key })),
    async use(agent) {
      const { port } = await (site ??= website());
      const [response] = await once(https.get({ port, host: '127.0.0.1', servername: 'localhost', agent, identity: 'alice' }), 'response');
      response.resume();
      await once(response, 'end');
    },
    close: (agent) => agent.destroy(),
  },
  watchClientCert: {
    isKept: true,
    open: async () => {
      const { socket } = await (established ??= connection());
      return cci.watchClientCert(socket, { verifier: shared() }, () => {});
    },
    use: () => {},
    close: (stop) => stop(),
    async work() {
      const { socket } = await connection();
      const verifier = new cci.Verifier({ ca: root.der });
      const ended = new Promise((resolve) => cci.watchClientCert(socket, { verifier }, resolve));
      return { ended, finish: () => verifier.reload({ ca: new Authority('Other').der }) };
    },
  },
  receiveClientCertificate: {
    async work() {
      // A client that is asked and does not answer.
      const asked = deferred();
      const secureContext = cci.queryClientCert({ ca: root.pem, postHandshakeAuth: true }, () => {
        asked.resolve();
        return new Promise(() => {});
      });
      const { socket, end } = await connection({ requestCert: false }, { secureContext });
      const ended = cci.receiveClientCertificate(socket, { timeout: 20_000 });
      await Promise.race([asked.promise, ended]);
      return { ended, close: () => end.destroy() };
    },
  },
  'a server that is protected': {
    isDear: true,
    open: () => {
      const made = tls.createServer({ ...serverOptions, requestCert: true });
      shared().protect(made);
      return made;
    },
    use: (made) => void shared().protect(made),
    async work() {
      const made = tls.createServer({ ...serverOptions, requestCert: true });
      const verifier = new cci.Verifier({ ca: root.der });
      verifier.protect(made);
      // Half of a handshake, beside whole ones.
      const { port, socket } = await connection({}, { cert, key }, made);
      const half = net.connect(port, '127.0.0.1');
      half.on('error', () => {}).write(Buffer.from('1603010200010001fc0303', 'hex'));
      await once(made, 'connection');
      const ended = new Promise((resolve) => socket.on('close', resolve));
      return { ended, close: () => {
        verifier.close();
        socket.destroy();
      } };
    },
  },
  middleware: {
    open: () => clientCertificate({ verifier: shared() }),
    use: async (middleware) => {
      const incomingRequest = await (request ??= incoming());
      await new Promise((resolve, reject) => middleware(incomingRequest, incomingRequest.response, (error) => (error ? reject(error) : resolve())));
    },
    async work() {
      const resolving = deferred();
      const mapper = new cci.AccountMapper({ resolve: () => {
        resolving.resolve();
        return new Promise(() => {});
      } });
      const middleware = clientCertificate({ mapper });
      const made = https.createServer({ ...serverOptions, requestCert: true }, (incomingRequest, response) => middleware(incomingRequest, response, () => response.end()));
      const port = await listen(made);
      const asked = https.get({ port, host: '127.0.0.1', servername: 'localhost', rejectUnauthorized: false, cert, key });
      const ended = new Promise((resolve) => asked.on('error', resolve).on('response', resolve));
      await resolving.promise;
      return { ended, close: () => {
        mapper.close();
        asked.destroy();
      } };
    },
  },
  ...subjectsOfGssapi(file, incoming),
};

const KEY = Buffer.alloc(32, 7);
/** Of the subjects: what they need, once. */
let tick = 0;
let [established, packed, unpacked, request, choosing, site, verifierOfAll] = [];
const shared = () => (verifierOfAll ??= new cci.Verifier({ ca: root.der }));

const securityContext = async () => cci.getSecurityContext((await (established ??= connection())).socket);
const packedContext = async () => (await securityContext()).pack({ key: KEY });

async function website() {
  return { port: await listen(https.createServer({ ...serverOptions, requestCert: true }, (_, response) => response.end('.'))) };
}

async function incoming(headers = {}) {
  const made = https.createServer({ ...serverOptions, requestCert: true });
  const port = await listen(made);
  https.get({ port, host: '127.0.0.1', rejectUnauthorized: false, cert, key, headers }).on('error', () => {});
  const [incomingRequest, response] = await once(made, 'request');
  return Object.assign(incomingRequest, { response });
}

const subject = subjects[name];

const events = {
  /** Memory is collected between all steps, and in each turn of the event loop. */
  async collected() {
    const over = new AbortController();
    const collecting = (async () => {
      while (!over.signal.aborted) {
        globalThis.gc();
        await turn();
      }
    })();
    const step = async (work) => {
      globalThis.gc();
      const result = await work();
      globalThis.gc();
      return result;
    };
    const said = [];
    const first = await step(() => subject.open?.());
    const next = async () => (subject.isSpent ? step(() => subject.open()) : first);
    if (subject.use) said.push(await codeOf(() => step(() => subject.use(first))));
    if (subject.work) {
      const busy = await next();
      const { ended, finish, close = () => subject.close?.(busy) } = await step(() => subject.work(busy));
      await step(() => (finish ?? close)());
      said.push(await outcomeOf(ended));
    }
    const last = await next();
    if (subject.use) said.push(await codeOf(() => step(() => subject.use(last))));
    over.abort();
    await collecting;
    return said;
  },

  /** Closed twice, then used; another one is closed while it works. */
  async closed() {
    const said = {};
    if (subject.close) {
      const handle = await subject.open();
      await subject.use(handle);
      await subject.close(handle);
      await subject.close(handle);
      said.used = await codeOf(() => subject.use(handle));
    }
    if (!subject.work) return said;
    const busy = await subject.open?.();
    const { ended, finish, close = () => subject.close(busy) } = await subject.work(busy);
    await close();
    await close();
    await finish?.();
    said.working = await outcomeOf(ended);
    return said;
  },

  /** That, of several subjects, in eight workers at once. */
  async crowded() {
    const said = [];
    const waiting = several.entries();
    const work = async () => {
      for (const [at, one] of waiting) {
        const worker = new Worker(__filename, { workerData: { subject: one, event: 'closed', folder, version } });
        [said[at]] = await once(worker, 'message');
        await worker.terminate();
      }
    };
    await Promise.all(Array.from({ length: 8 }, work));
    return said;
  },

  /** As many as asked for, none of which is closed. */
  async dropped() {
    const made = await subject.open();
    const again = subject.again ?? subject.open;
    const sizes = [];
    const part = Math.ceil(count / 10);
    for (let i = 0; i < 10; i++) {
      for (let j = 0; j < part; j++) {
        const one = again(made);
        if (one instanceof Promise) await one;
        // Of thousands of TLS contexts at once malloc keeps holes that say nothing of what was dropped.
        if (subject.isDear && j % 500 === 499) globalThis.gc();
      }
      for (let settling = 0; settling < 3; settling++) {
        globalThis.gc();
        await turn();
      }
      sizes.push(process.memoryUsage());
    }
    // The first parts warm up what is kept for good.
    const grown = (kind) => sizes[9][kind] - sizes[3][kind];
    return { each: (grown('heapUsed') + grown('external')) / (6 * part), rss: grown('rss'), descriptors: fs.readdirSync('/proc/self/fd').length };
  },

  async exit() {
    await subject.work(await subject.open?.());
    process.exit(7);
  },

  async exitLater() {
    await subject.work(await subject.open?.());
    await turn();
    process.exit(7);
  },

  async thrown() {
    await subject.work(await subject.open?.());
    setImmediate(() => {
      throw new Error('thrown on purpose');
    });
    await new Promise(() => {});
  },

  /** Workers that end while they work, two at a time. */
  async terminated() {
    const releasing = subject.release && setInterval(subject.release, 10);
    const one = async () => {
      for (let round = 0; round < rounds; round++) {
        const worker = new Worker(__filename, { workerData: { subject: name, event: 'working', folder, version } });
        const [said] = await Promise.race([once(worker, 'message'), once(worker, 'exit')]);
        if (said !== 'working') throw new Error(`a worker has ended: ${said}`);
        for (let turns = round % 7; turns > 0; turns--) await turn();
        await worker.terminate();
      }
    };
    await Promise.all([one(), one()]);
    const handle = await subject.open?.();
    const said = subject.use ? await codeOf(() => subject.use(handle)) : 'done';
    clearInterval(releasing);
    return said;
  },

  async working() {
    await subject.work(await subject.open?.());
    parentPort.postMessage('working');
    await new Promise(() => {});
  },
};

module.exports = { subjects };

if (event !== undefined) {
  events[event]().then((said) => {
    if (!isMainThread) return parentPort.postMessage(said);
    // Written at once: what is under way is ended with the process.
    fs.writeSync(1, `${JSON.stringify(said)}\n`);
    return process.exit(0);
  });
}
