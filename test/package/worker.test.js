'use strict';
// In worker threads, in several at once, and when they end; and at the end of the process.

const { execFile } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');
const { promisify } = require('node:util');
const { Worker } = require('node:worker_threads');

const serving = path.join(__dirname, '../support/serving-worker.js');

const run = promisify(execFile);

/** @param {string} script */
const node = (script) => run(process.execPath, ['-e', script], { cwd: path.join(__dirname, '../..') });

test('several workers at once, each with connections of its own', async () => {
  const workers = Array.from({ length: 4 }, () => new Worker(serving, { workerData: { connections: 20 } }));
  const results = await Promise.all(workers.map(async (worker) => (await once(worker, 'message'))[0]));
  for (const { flags } of results) expect(flags).toEqual(Array.from({ length: 20 }, () => 'SEC_E_OK'));
  await Promise.all(workers.map((worker) => worker.terminate()));
});

test('workers that are terminated with connections open, again and again', async () => {
  for (let round = 0; round < 10; round++) {
    const worker = new Worker(serving, { workerData: { connections: 5, keep: true } });
    await once(worker, 'message');
    await worker.terminate();
  }
  const worker = new Worker(serving, { workerData: { connections: 1 } });
  expect((await once(worker, 'message'))[0].flags).toEqual(['SEC_E_OK']);
  await worker.terminate();
});

test('loaded in a worker only, and the worker gone, connections of the main thread go on', async () => {
  const { stdout } = await node(`
    const { Worker } = require('node:worker_threads');
    const worker = new Worker("require('./lib')", { eval: true });
    worker.on('exit', async () => {
      const { Network } = require('./test/support/tls.js');
      const { Authority } = require('./test/support/pki.js');
      const root = new Authority('Root');
      const network = new Network();
      const { connect } = await network.server(
        { ...root.issueServer(['localhost']), ca: root.pem }, (socket) => socket.authorized);
      console.log((await connect(root.issue())).value);
      await network.end();
    });`);
  expect(stdout.trim()).toBe('true');
});

test.each([
  ['process.exit()', 'process.exit(7)', 7],
  ['an uncaught exception', "throw new Error('expected here')", 1],
])('%s with connections open', async (_title, statement, code) => {
  const ended = node(`
    const { Network } = require('./test/support/tls.js');
    const { Authority } = require('./test/support/pki.js');
    const { getClientCertInfo } = require('./lib');
    const root = new Authority('Root');
    new Network().server({ ...root.issueServer(['localhost']), ca: root.pem }, (socket) => {
      globalThis.kept = getClientCertInfo(socket);
      setImmediate(() => { ${statement} });
      return new Promise(() => {});
    }).then(({ connect }) => connect(root.issue()));`);
  await expect(ended).rejects.toMatchObject({ code, signal: null });
});
