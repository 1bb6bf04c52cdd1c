'use strict';
// Many verifications at once leave a thread to others, and each of them its turn.

const fs = require('node:fs');

const { Authority } = require('../support/pki.js');
const { Verifier } = require('../../lib/index.js');

const root = new Authority('Root');
const leaves = Array.from({ length: 300 }, () => root.issue().der);

test('a file is read while verifications wait', async () => {
  const verifier = new Verifier({ ca: root.pem });
  let done = 0;
  const all = Promise.all(leaves.map((leaf) => verifier.verifyAsync(leaf).then((verdict) => {
    done += 1;
    return verdict;
  })));
  await fs.promises.stat(__filename);
  expect(done).toBeLessThan(150);
  expect((await all).every(({ valid }) => valid)).toBe(true);
  expect(verifier.stats().verifications).toBe(300);
});

test('whatever is no certificate, or no longer wanted, keeps nobody from his turn', async () => {
  const verifier = new Verifier({ ca: root.pem });
  const givingUp = [];
  const options = () => {
    const controller = new AbortController();
    givingUp.push(controller);
    return { signal: controller.signal };
  };
  const kinds = [() => verifier.verifyAsync(Buffer.from('nothing')), (leaf) => verifier.verifyAsync(leaf, options()), (leaf) => verifier.verifyAsync(leaf)];
  const settled = Promise.allSettled(leaves.map((leaf, i) => kinds[i % 3](leaf)));
  givingUp.forEach((controller) => controller.abort(new Error('given up')));
  const outcomes = (await settled).map(({ status, reason }) => (status === 'fulfilled' ? 'verified' : (reason.code ?? reason.message)));
  expect(outcomes).toEqual(leaves.map((_, i) => ['ERR_CLIENT_CERT_MALFORMED', 'given up', 'verified'][i % 3]));
  // What was given up before its turn is not verified at all.
  expect(verifier.stats().verifications).toBeLessThan(150);
  expect((await verifier.verifyAsync(leaves[0])).valid).toBe(true);
});

test('close() does not take away what was asked for before', async () => {
  const verifier = new Verifier({ ca: root.pem });
  const all = Promise.all(leaves.map((leaf) => verifier.verifyAsync(leaf)));
  verifier.close();
  expect((await all).every(({ valid }) => valid)).toBe(true);
});
