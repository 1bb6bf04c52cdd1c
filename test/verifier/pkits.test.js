'use strict';
// NIST's Public Key Interoperability Test Suite, whole. pkits-ledger.json says what deviates from it, and why.

const ledger = require('./pkits-ledger.json');
const { describeCorpora, readCorpus } = require('../support/corpora.js');
const { Verifier } = require('../../lib/index.js');

const ANY_POLICY = '2.5.29.32.0';

describeCorpora('PKITS', () => {
  const { tests, validation_time: time } = JSON.parse(readCorpus('pkits/pkits.json'));
  const read = (file) => readCorpus(`pkits/${file}`);

  function verifierOf(test, options = {}) {
    const initial = test.initial_policy_set.filter((oid) => oid !== ANY_POLICY);
    return new Verifier({
      ca: read(test.trust_anchor),
      crls: test.crls.map(read),
      purpose: 'any',
      minimumSecurityLevel: 0, // one of its DSA keys has 1,024 bits
      policies: {
        initial: initial.length > 0 ? initial : undefined,
        requireExplicit: test.initial_explicit_policy,
        inhibitMapping: test.initial_policy_mapping_inhibit,
        inhibitAny: test.initial_inhibit_any_policy,
      },
      clock: () => new Date(time),
      ...options,
    });
  }
  const inputOf = (test) => ({ leaf: read(test.target), chain: test.certs.slice(1, -1).reverse().map(read) });
  const codesOf = ({ problems }) => problems.map(({ code, depth }) => `${code}@${depth}`);

  test('all of them are there', () => expect(tests).toHaveLength(249));

  test.each(tests.map((one) => [one.id, one.name, one]))('%s %s', async (id, name, one) => {
    const verdict = verifierOf(one).verify(inputOf(one));
    expect(codesOf(await verifierOf(one).verifyAsync(inputOf(one)))).toEqual(codesOf(verdict));
    if (id in ledger) {
      expect(verdict.valid).not.toBe(one.expected_valid);
      expect(codesOf(verdict)).toEqual(ledger[id].actual);
      return;
    }
    expect(verdict.valid).toBe(one.expected_valid);
    if (verdict.valid) expect(verdict.policies).toEqual([...one.expected_user_constrained_policies].sort());
    // The second opinion: with all that it can do for CRLs switched on.
    if (verdict.valid) expect(one['openssl_3.0.19']['crl_check_all+extended_crl+use_deltas']).toBe(true);
  });

  test('at the default security level one more is refused: the 1,024 bit DSA key of 4.1.4', () => {
    const differing = tests.filter((one) => {
      const valid = verifierOf(one, { minimumSecurityLevel: undefined }).verify(inputOf(one)).valid;
      return valid !== (one.expected_valid && !(one.id in ledger));
    });
    expect(differing.map(({ id }) => id)).toEqual(['4.1.4']);
  });
});
