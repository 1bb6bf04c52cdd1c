'use strict';
// A process of its own for what changes, or ends, a process. Its first argument says what to do; it prints JSON.

const { readFileSync } = require('node:fs');
const { Worker, isMainThread, workerData } = require('node:worker_threads');

const { AccessToken } = require('../..');

const [what = workerData?.what, ...args] = process.argv.slice(2);
const print = (value) => console.log(JSON.stringify(value));
const outcome = (promise) =>
  promise.then((value) => (Buffer.isBuffer(value) ? value.toString() : (value ?? null)), ({ name, code, performed, cause, message }) => ({ name, code, performed, cause: cause?.code && `${cause.code} ${cause.syscall}`, message }));
const identities = () => /^Uid:.*$/m.exec(readFileSync('/proc/thread-self/status', 'latin1'))[0];

const actions = {
  /** user, files: what it reads, at what level. */
  async read(user, ...files) {
    const token = await AccessToken.forAccount(user);
    const level = token.impersonationLevel;
    const results = [];
    for (const file of files) results.push(await outcome(token.fs.readFile(file, 'utf8')));
    let spawned;
    try {
      const child = token.spawn('true');
      spawned = await new Promise((resolve) => child.on('error', ({ code }) => resolve(code)).on('exit', resolve));
    } catch (error) {
      spawned = error.code;
    }
    print({ level, results, spawned, identity: identities() });
  },
  /** Gives its privileges up between two reads. */
  async drop(user, file) {
    const token = await AccessToken.forAccount(user);
    const before = await outcome(token.fs.readFile(file, 'utf8'));
    process.setgroups([]);
    process.setgid(65534);
    process.setuid(65534);
    print({ before, level: token.impersonationLevel, after: await outcome(token.fs.readFile(file, 'utf8')) });
  },
  /** Ends while operations wait. */
  async exit(user, fifo) {
    const token = await AccessToken.forAccount(user);
    for (let i = 0; i < 20; i++) token.fs.readFile(fifo).catch(() => {});
    for (let i = 0; i < 200; i++) token.fs.readFile('/etc/passwd').catch(() => {});
    await new Promise(setImmediate);
    print('ends');
    process.exit(0);
  },
  /** Workers that end while operations wait, some of which would open files. */
  async workers(user, fifo, other) {
    for (let i = 0; i < 25; i++) {
      const worker = new Worker(__filename, { workerData: { what: 'inWorker', user, fifo } });
      await new Promise((resolve) => worker.once('message', resolve));
      for (let turns = i * 5; turns > 0; turns--) await new Promise(setImmediate);
      await worker.terminate();
    }
    // What the first one has opened for ever holds his threads, not those of others.
    const token = await AccessToken.forAccount(other);
    print({ still: (await outcome(token.fs.readFile('/etc/hostname', 'utf8'))).length > 0 });
    process.exit(0);
  },
  async inWorker() {
    const token = await AccessToken.forAccount(workerData.user);
    for (let i = 0; i < 3; i++) token.fs.readFile(workerData.fifo).catch(() => {});
    for (let i = 0; i < 500; i++) token.fs.open('/etc/passwd').catch(() => {});
    require('node:worker_threads').parentPort.postMessage('busy');
    // It is ended in the midst of this.
    for (;;) {
      for (let i = 0; i < 50; i++) token.fs.stat('/etc').catch(() => {});
      await new Promise(setImmediate);
    }
  },
  /** Many tokens that nobody closes. */
  async dropped(user) {
    const token = await AccessToken.forAccount(user);
    const round = () => { for (let i = 0; i < 10_000; i++) token.duplicate(); };
    round();
    globalThis.gc();
    const before = process.memoryUsage();
    for (let i = 0; i < 10; i++) {
      round();
      globalThis.gc();
      await new Promise(setImmediate);
    }
    const after = process.memoryUsage();
    print({ grown: after.rss - before.rss, heap: after.heapUsed - before.heapUsed, open: require('node:fs').readdirSync('/proc/self/fd').length });
  },
};

if (isMainThread || workerData?.what) {
  actions[what](...args).catch((error) => {
    console.error(error);
    process.exitCode = 1;
  });
}
