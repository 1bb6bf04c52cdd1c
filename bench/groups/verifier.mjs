// Verifying: a leaf that is new, one that is known, one among many trusted CAs.

import { performance } from 'node:perf_hooks';

import { Authority, client, inTurn, intermediate, leaves, library, newKey, root } from '../support/inputs.mjs';
import { measured, ratioOf } from '../support/measure.mjs';
import { peers } from '../support/peers.mjs';

const { Verifier } = library;

const mustBeValid = (verdict) => {
  if (!verdict.valid) throw new Error(JSON.stringify(verdict.problems));
  return verdict;
};
const mustBeZero = (error) => {
  if (error !== 0) throw new Error(`X509_verify_cert: ${error}`);
};

/** @param {import('../support/measure.mjs').Report} report */
async function newAndKnown(report) {
  // More than the verdicts that a verifier keeps: each is new again when its turn comes.
  const many = leaves(1600);
  const nextOfOurs = inTurn(many.map((leaf) => ({ leaf, chain: [intermediate.der] })));
  const nextOfTheirs = inTurn(many.map((leaf) => [leaf, intermediate.der]));
  const verifier = new Verifier({ ca: root.pem, intermediates: intermediate.pem });
  const store = peers.store([root.der]);
  const signatures = peers.signatures([client.der, intermediate.der, root.der]);
  const presented = { leaf: client.der, chain: [intermediate.der] };
  const rows = await report.compare('verifying an ECDSA P-256 leaf under an intermediate and a root', [
    ['verify, a new leaf', () => mustBeValid(verifier.verify(nextOfOurs()))],
    ['d2i_X509, X509_verify_cert', () => mustBeZero(peers.verify(store, nextOfTheirs())), 'no verdict, first error only'],
    ['two bare X509_verify', () => peers.checkSignatures(signatures), 'the limit: nothing is read, nothing else is looked at'],
    ['verify, a known leaf', () => mustBeValid(verifier.verify(presented))],
  ], { time: 1500, warmup: 500 });
  report.atMost(
    'verifying a new ECDSA P-256 leaf under a known intermediate and root', 'd2i_X509 of what was presented, X509_verify_cert',
    ratioOf(rows['verify, a new leaf'], rows['d2i_X509, X509_verify_cert']), 0.8,
    {
      unit: 'of their cost',
      remark: `the peer has no verdict, only the first error; two bare signature verifications are ${
        (rows['two bare X509_verify'].median / rows['d2i_X509, X509_verify_cert'].median).toFixed(2)} of it`,
    },
  );
  report.atLeast('verifying a known leaf again', 'verifying it new', ratioOf(rows['verify, a new leaf'], rows['verify, a known leaf']), 50);
}

/** @param {import('../support/measure.mjs').Report} report */
async function chainLength(report) {
  const ours = [];
  const theirs = [];
  for (const length of [1, 2, 4, 8]) {
    const chain = [];
    let issuer = root;
    for (let i = 0; i < length; i += 1) {
      issuer = new Authority(`Intermediate ${i}`, { issuer });
      chain.unshift(issuer.der);
    }
    const many = leaves(1200, { issuer });
    const nextOfOurs = inTurn(many.map((leaf) => ({ leaf, chain })));
    const nextOfTheirs = inTurn(many.map((leaf) => [leaf, ...chain]));
    const verifier = new Verifier({ ca: root.pem });
    const store = peers.store([root.der]);
    const rows = await report.compare(`a new leaf under ${length} intermediates`, [
      ['verify', () => mustBeValid(verifier.verify(nextOfOurs()))],
      ['d2i_X509, X509_verify_cert', () => mustBeZero(peers.verify(store, nextOfTheirs()))],
    ], { time: 400, warmup: 100 });
    ours.push([length, rows.verify.median / 1000]);
    theirs.push([length, rows['d2i_X509, X509_verify_cert'].median / 1000]);
  }
  report.plot({
    title: 'chain-length', x: 'intermediates', y: 'us',
    lines: [{ name: 'verify, a new leaf', points: ours }, { name: 'd2i_X509, X509_verify_cert', points: theirs }],
  });
}

/** @param {() => unknown} load @returns {{ median: number, spread: number, last: any }} nanoseconds */
function timesOf(load, rounds = 7) {
  const times = [];
  let last;
  for (let i = 0; i < rounds; i += 1) {
    const began = performance.now();
    last = load();
    times.push((performance.now() - began) * 1e6);
  }
  return { ...measured(times), last };
}

/** @param {import('../support/measure.mjs').Report} report */
async function manyCas(report) {
  const lines = { oursLoad: [], theirsLoad: [], ours: [], theirs: [] };
  const privateKey = newKey();
  const cas = Array.from({ length: 10_000 }, (_, i) => new Authority(`CA ${i}`, { privateKey }));
  for (const count of [10, 100, 1000, 10_000]) {
    const trusted = cas.slice(0, count);
    const ders = trusted.map(({ der }) => der);
    const many = leaves(1200, { issuer: trusted[count >> 1] });
    const oursLoad = timesOf(() => new Verifier({ ca: ders }));
    const theirsLoad = timesOf(() => peers.store(ders));
    const loads = report.table(`loading ${count} trusted CAs`, [
      { name: 'new Verifier', ...oursLoad },
      { name: 'X509_STORE', ...theirsLoad },
    ]);
    const among = async (title, chains) => {
      const next = inTurn(chains.map(([leaf, ...chain]) => ({ leaf, chain })));
      const nextOfTheirs = inTurn(chains);
      const rows = await report.compare(`${title} one of ${count} trusted CAs`, [
        ['verify', () => mustBeValid(oursLoad.last.verify(next()))],
        ['d2i_X509, X509_verify_cert', () => mustBeZero(peers.verify(theirsLoad.last, nextOfTheirs()))],
      ], { time: 700, warmup: 200 });
      return [rows.verify, rows['d2i_X509, X509_verify_cert']];
    };
    const [ours, theirs] = await among('a new leaf right under', many.map((leaf) => [leaf]));
    lines.oursLoad.push([count, loads['new Verifier'].median / 1e6]);
    lines.theirsLoad.push([count, loads.X509_STORE.median / 1e6]);
    lines.ours.push([count, ours.median / 1000]);
    lines.theirs.push([count, theirs.median / 1000]);
    if (count < 10_000) continue;
    report.atLeast('loading 10,000 trusted CAs', 'an X509_STORE', ratioOf(loads.X509_STORE, loads['new Verifier']), 1);
    const below = new Authority('Below', { issuer: trusted[count >> 1] });
    const [oursBelow, theirsBelow] = await among('a new leaf under an intermediate of', leaves(1200, { issuer: below }).map((leaf) => [leaf, below.der]));
    report.atLeast('a new leaf under a known intermediate of one of 10,000 trusted CAs', 'the same number in an X509_STORE', ratioOf(theirsBelow, oursBelow), 1, {
      remark: 'the peer has no verdict, only the first error',
    });
    report.atLeast('a new leaf right under one of 10,000 trusted CAs', 'the same number in an X509_STORE', ratioOf(theirs, ours), 1, {
      remark: 'the peer has no verdict, only the first error',
    });
  }
  report.plot({
    title: 'trusted-cas-load', x: 'trusted CAs', y: 'ms', logarithmic: true,
    lines: [{ name: 'new Verifier', points: lines.oursLoad }, { name: 'X509_STORE', points: lines.theirsLoad }],
  });
  report.plot({
    title: 'trusted-cas-verify', x: 'trusted CAs', y: 'us', logarithmic: true,
    lines: [{ name: 'verify, a new leaf', points: lines.ours }, { name: 'd2i_X509, X509_verify_cert', points: lines.theirs }],
  });
}

/** @param {import('../support/measure.mjs').Report} report */
export default async function verification(report) {
  await newAndKnown(report);
  await chainLength(report);
  await manyCas(report);
}
