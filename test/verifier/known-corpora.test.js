'use strict';
// The corpora again, by verifiers that have seen all the rest of them: what is known already changes no verdict, neither the first time nor the
// second, in one order or the other, with threads or without.

const fs = require('node:fs');
const path = require('node:path');

const { certificatesIn, describeCorpora, folder, readCorpus } = require('../support/corpora.js');
const { Verifier } = require('../../lib/index.js');

/** @template T @param {T[]} list @param {(one: T) => string} keyOf @returns {Map<string, T[]>} */
function groupedBy(list, keyOf) {
  const groups = new Map();
  for (const one of list) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one]);
  return groups;
}

/** All that a verdict says. @param {import('../../lib/index.js').Verdict} verdict */
const whole = (verdict) => JSON.stringify({ ...verdict.toJSON(), certificates: verdict.elements.map(({ certificate }) => certificate?.fingerprints.sha256) });

/**
 * @param {() => Verifier} make
 * @param {unknown[]} inputs
 */
async function expectTheSame(make, inputs) {
  // One that knows nothing for each of them.
  const expected = inputs.map((input) => whole(make().verify(input)));
  for (const order of [inputs.map((_, i) => i), inputs.map((_, i) => i).reverse()]) {
    const experienced = make();
    for (let round = 0; round < 2; round += 1) {
      for (const i of order) expect(whole(experienced.verify(inputs[i]))).toBe(expected[i]);
      const found = await Promise.all(order.map((i) => experienced.verifyAsync(inputs[i])));
      expect(found.map(whole)).toEqual(order.map((i) => expected[i]));
    }
    const { verifications, known } = experienced.stats();
    expect(verifications).toBe(4 * inputs.length);
    // It would not be this test if nothing had been known.
    expect(known).toBeGreaterThanOrEqual(2 * inputs.length);
  }
}

describeCorpora('PKITS', () => {
  const ANY_POLICY = '2.5.29.32.0';
  const { tests, validation_time: time } = JSON.parse(readCorpus('pkits/pkits.json'));
  const read = (file) => readCorpus(`pkits/${file}`);
  const inputOf = (one) => ({ leaf: read(one.target), chain: one.certs.slice(1, -1).reverse().map(read) });
  const settingsOf = (one) =>
    JSON.stringify([one.trust_anchor, one.initial_policy_set, one.initial_explicit_policy, one.initial_policy_mapping_inhibit, one.initial_inhibit_any_policy]);
  const crls = [...new Set(tests.flatMap((one) => one.crls))].map(read);
  const groups = groupedBy(tests, settingsOf);

  /** @param {object} one @param {object} options */
  const verifierOf = (one, options) => () => {
    const initial = one.initial_policy_set.filter((oid) => oid !== ANY_POLICY);
    return new Verifier({
      ca: read(one.trust_anchor),
      purpose: 'any',
      minimumSecurityLevel: 0,
      policies: {
        initial: initial.length > 0 ? initial : undefined,
        requireExplicit: one.initial_explicit_policy,
        inhibitMapping: one.initial_policy_mapping_inhibit,
        inhibitAny: one.initial_inhibit_any_policy,
      },
      clock: () => new Date(time),
      ...options,
    });
  };

  test('all of them are there', () => expect([...groups.values()].flat()).toHaveLength(249));

  test.each([...groups.values()].map((group, i) => [i + 1, group.length, group]))('policy inputs %i: %i tests, with the CRLs of all', async (_, __, group) => {
    await expectTheSame(verifierOf(group[0], { crls }), group.map(inputOf));
  });

  test.each([...groups.values()].map((group, i) => [i + 1, group.length, group]))('policy inputs %i: %i tests, without CRLs', async (_, __, group) => {
    await expectTheSame(verifierOf(group[0], {}), group.map(inputOf));
  });

  test('each by a verifier of its own, with its own CRLs, twice', () => {
    for (const one of tests) {
      const make = verifierOf(one, { crls: one.crls.map(read) });
      const expected = whole(make().verify(inputOf(one)));
      const verifier = make();
      for (let i = 0; i < 2; i += 1) expect(whole(verifier.verify(inputOf(one)))).toBe(expected);
    }
  });
});

describeCorpora('PIV cards', () => {
  const at = (...names) => path.join(folder, 'gsa-piv', ...names);
  const { tests } = JSON.parse(readCorpus('gsa-piv/manifest.json'));
  const candidates = certificatesIn(at('all-ca-with-bridge-and-xcerts.pem'));
  const options = { ca: certificatesIn(at('all-roots.pem')), purpose: 'any', clock: () => new Date('2020-04-28T00:00:00Z') };
  const leaves = tests.map(({ cert }) => certificatesIn(at(cert))[0]);

  test('with the candidates configured', () => expectTheSame(() => new Verifier({ ...options, intermediates: candidates }), leaves));

  test('with the candidates presented', async () => {
    const inputs = leaves.filter((_, i) => i % 5 === 0).map((leaf) => ({ leaf, chain: candidates }));
    await expectTheSame(() => new Verifier(options), inputs);
  });

  test('with CRLs', async () => {
    const crls = fs.readdirSync(at('crls')).map((name) => fs.readFileSync(at('crls', name)));
    await expectTheSame(() => new Verifier({ ...options, intermediates: candidates, crls, revocation: { onUnknown: 'allow' } }), leaves);
  });
});

describeCorpora('openssl-verify', () => {
  const { tests } = JSON.parse(readCorpus('openssl-verify/manifest.json'));
  const at = (file) => path.join(folder, 'openssl-verify', file);
  const settingsOf = (one) =>
    JSON.stringify([one.trusted, one.purpose, one.auth_level, one.argv.filter((word) => ['-partial_chain', '-x509_strict'].includes(word))]);
  const groups = groupedBy(tests, settingsOf);

  test('those of the same trust by one verifier, what is untrusted presented', async () => {
    let judged = 0;
    for (const group of groups.values()) {
      const make = () =>
        new Verifier({
          ca: group[0].trusted.map((file) => ({ file: at(file) })),
          purpose: { sslserver: 'serverAuth', sslclient: 'clientAuth' }[group[0].purpose] ?? 'any',
          minimumSecurityLevel: group[0].auth_level ?? 1,
          allowPartialChain: group[0].argv.includes('-partial_chain'),
          strict: group[0].argv.includes('-x509_strict'),
        });
      const inputs = group
        .map(({ target, untrusted }) => ({ leaf: certificatesIn(at(target))[0], chain: untrusted.flatMap((file) => certificatesIn(at(file))) }))
        .filter(({ leaf }) => leaf !== undefined);
      try {
        make();
      } catch {
        continue; // trust that cannot be read
      }
      judged += inputs.length;
      await expectTheSame(make, inputs);
    }
    expect(judged).toBeGreaterThan(150);
  });
});
