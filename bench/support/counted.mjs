// Runs one thing argv[3] times, for valgrind to count its instructions. Without what compiles JavaScript, so that only what the two halves in C do is looked at.

import { createRequire } from 'node:module';

import { client, crlOf, intermediate, leaves, library, root, serialOf } from './inputs.mjs';

const require = createRequire(import.meta.url);
const peers = require('../../build/Release/bench_peers.node');

const [what, times] = [process.argv[2], Number(process.argv[3])];
const each = (list, run) => () => list.forEach(run);
const mustBe = (expected, found) => {
  if (found !== expected) throw new Error(`${what}: ${found}`);
};

function verifying(issuer, chain) {
  const many = leaves(times, { issuer });
  const verifier = new library.Verifier({ ca: root.pem });
  // Its issuers are known, as they are after the first client.
  mustBe(true, verifier.verify({ leaf: leaves(1, { issuer })[0], chain }).valid);
  return { many, verifier };
}

const kinds = {
  'verify-new'() {
    const { many, verifier } = verifying(intermediate, [intermediate.der]);
    return each(many, (leaf) => mustBe(true, verifier.verify({ leaf, chain: [intermediate.der] }).valid));
  },
  'verify-known'() {
    const { verifier } = verifying(intermediate, [intermediate.der]);
    const input = { leaf: client.der, chain: [intermediate.der] };
    verifier.verify(input);
    return each(Array.from({ length: times }), () => mustBe(true, verifier.verify(input).valid));
  },
  'verify-openssl'() {
    const store = peers.store([root.der]);
    return each(leaves(times), (leaf) => mustBe(0, peers.verify(store, [leaf, intermediate.der])));
  },
  'verify-root'() {
    const { many, verifier } = verifying(root, []);
    return each(many, (leaf) => mustBe(true, verifier.verify(leaf).valid));
  },
  'verify-root-openssl'() {
    const store = peers.store([root.der]);
    return each(leaves(times, { issuer: root }), (leaf) => mustBe(0, peers.verify(store, [leaf])));
  },
  decode() {
    return each(leaves(times), (der) => library.parseCertificate(der));
  },
  'decode-openssl'() {
    return each(leaves(times), (der) => peers.read(der));
  },
  crl() {
    const der = crlOf(10_000);
    return each(Array.from({ length: times }), () => mustBe(true, peers.loadOurCrl(der, serialOf(5000)).found));
  },
  'crl-openssl'() {
    const der = crlOf(10_000);
    return each(Array.from({ length: times }), () => mustBe(true, peers.loadTheirCrl(der, serialOf(5000)).found));
  },
};

kinds[what]()();
