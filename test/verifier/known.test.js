'use strict';
// What a verifier knows already must not change what it says: each case is judged by one that has verified others of the same CAs, by itself and
// with threads, and by one that knows nothing.

const crypto = require('node:crypto');

const { makeCertificate } = require('../support/certificate-builder.js');
const { Authority, daysFromNow, newKey } = require('../support/pki.js');
const { altName, extensions } = require('../support/certificate-builder.js');
const { Verifier } = require('../../lib/index.js');

const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
const root = new Authority('Root');
const policyCa = new Authority('Policy CA', { issuer: root, notAfter: daysFromNow(100) });
const issuing = new Authority('Issuing CA', { issuer: policyCa, notAfter: daysFromNow(50) });
const chain = [issuing.der, policyCa.der];
const problemsOf = ({ problems }) => problems.map(({ code, depth }) => `${code}@${depth}`);

/** Octet `at` from the end is another one. @param {Buffer} der */
function damaged(der, at) {
  const copy = Buffer.from(der);
  copy[copy.length - at] ^= 1;
  return copy;
}

const impostor = new Authority('Issuing CA', { issuer: policyCa, subject: issuing.subject });
const impostorsLeaf = () =>
  makeCertificate({
    subject: 'client', issuer: issuing.subject, subjectPublicKey: newKey(), signingKey: newKey(), serial: 77, notBefore: daysFromNow(-1),
    notAfter: daysFromNow(1),
    extensions: [extensions.extendedKeyUsage([CLIENT_AUTH]), extensions.authorityKeyIdentifier({ keyIdentifier: issuing.keyIdentifier })],
  });

const CASES = [
  ['a leaf whose signature is damaged', () => ({ leaf: damaged(issuing.issue().der, 3), chain }), ['CERT_SIGNATURE_INVALID@0']],
  ['a leaf that somebody else has signed', () => ({ leaf: impostorsLeaf(), chain }), ['CERT_SIGNATURE_INVALID@0']],
  ['a leaf that has expired', () => ({ leaf: issuing.issue({ notAfter: daysFromNow(-1) }).der, chain }), ['CERT_EXPIRED@0']],
  ['a leaf of a time when its issuer has expired', () => ({ leaf: issuing.issue({ notAfter: daysFromNow(90) }).der, chain }), ['CERT_EXPIRED@1'], 70],
  ['a leaf of a time when two have', () => ({ leaf: issuing.issue({ notAfter: daysFromNow(300) }).der, chain }), ['CERT_EXPIRED@2', 'CERT_EXPIRED@1'], 200],
  ['a leaf of a time when its issuer was not valid yet', () => ({ leaf: issuing.issue({ notBefore: daysFromNow(-3000) }).der, chain }),
    ['CERT_NOT_YET_VALID@3', 'CERT_NOT_YET_VALID@2', 'CERT_NOT_YET_VALID@1'], -2000],
  ['an issuer whose signature is damaged', () => ({ leaf: issuing.issue().der, chain: [damaged(issuing.der, 3), policyCa.der] }), ['CERT_SIGNATURE_INVALID@1']],
  ['the higher of two issuers damaged', () => ({ leaf: issuing.issue().der, chain: [issuing.der, damaged(policyCa.der, 3)] }), ['CERT_SIGNATURE_INVALID@2']],
  ['another CA of the same name', () => ({ leaf: impostor.issue().der, chain: [impostor.der, policyCa.der] }), []],
  ['a leaf for another purpose', () => ({ leaf: issuing.issueServer(['localhost']).der, chain }), ['USAGE_NOT_ALLOWED@0']],
  ['a good one', () => ({ leaf: issuing.issue().der, chain }), []],
  ['a leaf that a client has signed', () => {
    const client = issuing.issue();
    const leaf = makeCertificate({
      subject: 'below', issuer: { O: 'Example', CN: 'client' }, subjectPublicKey: newKey(), signingKey: client.privateKey, serial: 78,
      notBefore: daysFromNow(-1), notAfter: daysFromNow(1), extensions: [extensions.extendedKeyUsage([CLIENT_AUTH])],
    });
    return { leaf, chain: [client.der, ...chain] };
  }, null],
];

/** Has verified a leaf of the same issuers, so that it knows them. */
function experienced() {
  const verifier = new Verifier({ ca: root.pem });
  for (let i = 0; i < 3; i += 1) expect(problemsOf(verifier.verify({ leaf: issuing.issue().der, chain }))).toEqual([]);
  return verifier;
}

describe('a verifier that knows the issuers says the same as one that does not', () => {
  test.each(CASES)('%s', async (_, make, expected, days = 0) => {
    const input = make();
    const options = { at: daysFromNow(days) };
    const anew = problemsOf(new Verifier({ ca: root.pem }).verify(input, options));
    if (expected) expect(anew.sort()).toEqual([...expected].sort());
    else expect(anew).not.toEqual([]);
    const verifier = experienced();
    for (let i = 0; i < 3; i += 1) {
      expect(problemsOf(verifier.verify(input, options)).sort()).toEqual([...anew].sort());
      expect(problemsOf(await verifier.verifyAsync(input, options)).sort()).toEqual([...anew].sort());
    }
  });

  test('name constraints and path lengths above a known issuer count for each leaf', () => {
    const constrained = new Authority('Constrained', {
      issuer: root, more: [extensions.nameConstraints({ permitted: [altName.dns('good.test')] })],
    });
    const below = new Authority('Below', { issuer: constrained });
    const verifier = new Verifier({ ca: root.pem });
    const leafFor = (name) => below.issue({ more: [extensions.subjectAltName([altName.dns(name)])] }).der;
    const verify = (name) => problemsOf(verifier.verify({ leaf: leafFor(name), chain: [below.der, constrained.der] }));
    expect(verify('a.good.test')).toEqual([]);
    expect(verify('b.good.test')).toEqual([]);
    expect(verify('a.bad.test')).toEqual(['NAME_NOT_PERMITTED@0']);
  });
});

describe('what is known', () => {
  test('is the same verdict, until the trust changes', async () => {
    const verifier = experienced();
    const input = { leaf: issuing.issue().der, chain };
    const first = verifier.verify(input);
    expect(verifier.verify(input)).toBe(first);
    expect(verifier.verify({ leaf: Buffer.from(input.leaf), chain: chain.map((der) => Buffer.from(der)) })).toBe(first);
    expect(await verifier.verifyAsync(input)).toBe(first);
    expect(verifier.stats()).toMatchObject({ verifications: 7, known: 3 });
    await verifier.reload({ ca: new Authority('Other').pem });
    expect(problemsOf(verifier.verify(input))).toEqual(['ISSUER_NOT_FOUND@2']);
    await verifier.reload({ ca: root.pem, crls: issuing.crl([{ serial: 1 }]) });
    expect(verifier.verify(input)).not.toBe(first);
  });

  test('is not the same once its time has run out', () => {
    const verifier = experienced();
    const leaf = issuing.issue({ notAfter: daysFromNow(1) }).der;
    expect(problemsOf(verifier.verify({ leaf, chain }))).toEqual([]);
    expect(problemsOf(verifier.verify({ leaf, chain }, { at: daysFromNow(2) }))).toEqual(['CERT_EXPIRED@0']);
    expect(problemsOf(verifier.verify({ leaf, chain }))).toEqual([]);
  });

  test('is found by all octets of all certificates', () => {
    const verifier = experienced();
    const leaf = issuing.issue().der;
    expect(problemsOf(verifier.verify({ leaf, chain }))).toEqual([]);
    expect(problemsOf(verifier.verify({ leaf, chain: [issuing.der] }))).toEqual(['ISSUER_NOT_FOUND@1']);
    expect(problemsOf(verifier.verify(leaf))).toEqual(['ISSUER_NOT_FOUND@0']);
    for (let at = 1; at <= leaf.length; at += 7) {
      let verdict;
      try {
        verdict = verifier.verify({ leaf: damaged(leaf, at), chain });
      } catch (error) {
        expect(error).toMatchObject({ code: 'ERR_CLIENT_CERT_MALFORMED' });
        continue;
      }
      expect(verdict.valid).toBe(false);
    }
  });

  test('what is changed in one verdict is not changed in the next', () => {
    const verifier = new Verifier({ ca: root.pem, crls: [root.crl(), policyCa.crl(), issuing.crl()] });
    const input = { leaf: issuing.issue({ more: [extensions.subjectAltName([altName.upn('ada@example.test')])] }).der, chain };
    const spoil = ({ certificate, revocation, validUntil }) => {
      for (const octets of [
        certificate.der, certificate.publicKey.der, certificate.subject.der, certificate.subjectAltNames[0].der,
        ...certificate.extensions.map(({ value }) => value),
      ]) crypto.randomFillSync(octets);
      for (const { evidence } of revocation) evidence.forEach(({ thisUpdate, nextUpdate }) => [thisUpdate, nextUpdate].forEach((date) => date?.setTime(0)));
      [validUntil, certificate.notBefore].forEach((date) => date.setTime(0));
    };
    const verdict = verifier.verify(input);
    const before = JSON.stringify(verdict) + JSON.stringify(verdict.certificate);
    expect(verdict.revocation[0].evidence).toHaveLength(1);
    spoil(verdict);
    const again = verifier.verify(input);
    expect(again).toBe(verdict);
    expect(JSON.stringify(again) + JSON.stringify(again.certificate)).toBe(before);
  });
});
