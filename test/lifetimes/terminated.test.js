'use strict';
// Threads that are terminated in the middle of a call: no JavaScript runs there any more, and what the call needs of it is refused. In a process of their own, which such
// a call could end.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { Authority } = require('../support/pki.js');

const root = new Authority('Root');
const lib = path.join(__dirname, '..', '..', 'lib');

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'client-cert-info-terminated-'));
afterAll(() => fs.rmSync(folder, { recursive: true }));

/** Calls that begin work on other threads, or read members of what they are given. */
const calls = {
  verifyAsync: 'verifier.verifyAsync([der], 1e9 + i, unreachable)',
  offer: "verifier.offer([der], 1e9 + i, { kind: 'crl', octets: der, url: 'http://a.test/', key: 'k', nonce: null })",
  verify: 'verifier.verify([der], 1e9 + i)',
  'new Verifier': "new Verifier({ ca: der, revocation: { mode: 'cached' } })",
  'GssCredential.acquire': "native.GssCredential.acquire({ service: 'HTTP', store: [['keytab', '/nowhere'], ['rcache', 'none:']], kerberos: true, ntlm: false, spnego: true })",
  findAccount: "native.findAccount('root', 1e9 + i)",
};

test.each(Object.entries(calls))('%s', (_name, call) => {
  const script = `
    const { once } = require('node:events');
    const { Worker, isMainThread, parentPort } = require('node:worker_threads');
    if (!isMainThread) {
      const { native } = require(${JSON.stringify(path.join(lib, 'native.js'))});
      const { Verifier, nativeOf } = require(${JSON.stringify(path.join(lib, 'verifier.js'))});
      const der = Buffer.from(${JSON.stringify(root.issue().der.toString('base64'))}, 'base64');
      const verifier = nativeOf(new Verifier({ ca: ${JSON.stringify(root.pem)} }));
      const unreachable = Array.from({ length: 100 }, String);
      parentPort.postMessage('at work');
      for (let i = 0; i < 1e5; i++) ${call};
    } else {
      (async () => {
        for (let i = 0; i < 30; i++) {
          const worker = new Worker(__filename);
          await once(worker, 'message');
          for (let turns = i % 9; turns > 0; turns--) await new Promise(setImmediate);
          await worker.terminate();
        }
        process.stdout.write('all of them');
      })();
    }
  `;
  const file = path.join(folder, 'terminated.js');
  fs.writeFileSync(file, script);
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8' });
  expect({ status, signal, stdout, stderr }).toEqual({ status: 0, signal: null, stdout: 'all of them', stderr: '' });
});
