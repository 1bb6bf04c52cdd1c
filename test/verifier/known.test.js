'use strict';
// What a verifier knows already must not change what it says: each case is judged by one that has verified others of the same CAs, by itself and
// with threads, and by one that knows nothing.

const crypto = require('node:crypto');

const { altName, extensions, makeCertificate } = require('../support/certificate-builder.js');
const { utf8 } = require('../support/der.js');
const { CLIENT_AUTH, SERVER_AUTH, Authority, daysFromNow, newKey } = require('../support/pki.js');
const { Verifier, parseCertificate } = require('../../lib/index.js');

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

/** Both by itself and with threads, three times. @param {Verifier} verifier @param {unknown} input @param {string[]} expected @param {object} [options] */
async function expectProblems(verifier, input, expected, options) {
  for (let i = 0; i < 3; i += 1) {
    expect(problemsOf(verifier.verify(input, options)).sort()).toEqual([...expected].sort());
    expect(problemsOf(await verifier.verifyAsync(input, options)).sort()).toEqual([...expected].sort());
  }
}

describe('a chain that is known to be good above the leaf is not good', () => {
  test('under another root of the same name and key identifier', async () => {
    const verifier = experienced();
    const usurper = new Authority('Root', {
      extensions: [
        extensions.basicConstraints(), extensions.keyUsage(['keyCertSign', 'cRLSign']), extensions.subjectKeyIdentifier(root.keyIdentifier),
      ],
    });
    const input = { leaf: issuing.issue().der, chain };
    await verifier.reload({ ca: usurper.pem });
    await expectProblems(verifier, input, ['CERT_SIGNATURE_INVALID@2']);
    await verifier.reload({ ca: [usurper.pem, root.pem] });
    await expectProblems(verifier, input, []);
    await verifier.reload({ ca: usurper.pem });
    await expectProblems(verifier, input, ['CERT_SIGNATURE_INVALID@2']);
  });

  test('under another intermediate of the same name and key, which nobody has signed', async () => {
    const verifier = experienced();
    const forged = new Authority('Policy CA', { issuer: new Authority('Root', { subject: root.subject }), privateKey: policyCa.privateKey });
    await expectProblems(verifier, { leaf: issuing.issue().der, chain: [issuing.der, forged.der] }, ['ISSUER_NOT_FOUND@2']);
    await expectProblems(verifier, { leaf: issuing.issue().der, chain: [issuing.der, forged.der, policyCa.der] }, []);
  });

  test('where one of the chain may not be as long as it is', async () => {
    const short = new Authority('Short', { issuer: root, pathLength: 0 });
    const verifier = new Verifier({ ca: root.pem });
    await expectProblems(verifier, { leaf: short.issue().der, chain: [short.der] }, []);
    const below = new Authority('Below Short', { issuer: short });
    for (let i = 0; i < 3; i += 1) {
      await expectProblems(verifier, { leaf: below.issue().der, chain: [below.der, short.der] }, ['PATH_LENGTH_EXCEEDED@2']);
    }
    await expectProblems(verifier, { leaf: short.issue().der, chain: [short.der] }, []);
  });

  test('where a CA of it is for another usage than the leaf', async () => {
    const servers = new Authority('Servers only', { issuer: root, more: [extensions.extendedKeyUsage([SERVER_AUTH])] });
    const verifier = new Verifier({ ca: root.pem, purpose: ['clientAuth', 'serverAuth'] });
    const below = new Authority('Below servers', { issuer: servers });
    const chainOf = (leaf) => ({ leaf, chain: [below.der, servers.der] });
    for (let i = 0; i < 3; i += 1) {
      await expectProblems(verifier, chainOf(below.issueServer(['a.test']).der), []);
      await expectProblems(verifier, chainOf(below.issue().der), ['USAGE_NOT_ALLOWED@2']);
    }
  });

  test('for policies that it does not have', async () => {
    const [POLICY, OTHER] = ['1.3.6.1.4.1.99999.1', '1.3.6.1.4.1.99999.2'];
    const ca = new Authority('With a policy', { issuer: root, more: [extensions.policies([POLICY])] });
    const verifier = new Verifier({ ca: root.pem, policies: { initial: [POLICY], requireExplicit: true } });
    const leaf = (policy) => ({ leaf: ca.issue({ more: [extensions.policies([policy])] }).der, chain: [ca.der] });
    for (let i = 0; i < 3; i += 1) {
      await expectProblems(verifier, leaf(POLICY), []);
      expect(verifier.verify(leaf(POLICY)).policies).toEqual([POLICY]);
      await expectProblems(verifier, leaf(OTHER), ['POLICY_REQUIRED@0']);
    }
  });

  test('once one of it is revoked, or distrusted, or its status no longer known', async () => {
    const crls = [root.crl(), policyCa.crl(), issuing.crl()];
    const verifier = new Verifier({ ca: root.pem, crls });
    const input = { leaf: issuing.issue().der, chain };
    await expectProblems(verifier, input, []);
    await verifier.reload({ crls: [root.crl(), policyCa.crl([issuing]), issuing.crl()] });
    await expectProblems(verifier, input, ['CERT_REVOKED@1']);
    await expectProblems(verifier, { leaf: issuing.issue().der, chain }, ['CERT_REVOKED@1']);
    await verifier.reload({ crls: [root.crl([policyCa]), policyCa.crl(), issuing.crl()] });
    await expectProblems(verifier, input, ['CERT_REVOKED@2']);
    await verifier.reload({ crls: [root.crl(), issuing.crl()] });
    await expectProblems(verifier, input, ['REVOCATION_UNKNOWN@1']);
    await verifier.reload({ crls });
    await expectProblems(verifier, input, []);
    await verifier.reload({ distrusted: [policyCa.pem] });
    await expectProblems(verifier, input, ['CA_DISTRUSTED@2']);
  });

  test('once the CRLs that call it good are out of date', async () => {
    const crls = [root.crl(), policyCa.crl([], { nextUpdate: daysFromNow(1) }), issuing.crl()];
    const verifier = new Verifier({ ca: root.pem, crls });
    const input = { leaf: issuing.issue().der, chain };
    await expectProblems(verifier, input, []);
    await expectProblems(verifier, input, ['REVOCATION_STALE@1'], { at: daysFromNow(2) });
    await expectProblems(verifier, input, []);
  });

  test('once one of it has expired, though the very same leaf was good before and is valid still', async () => {
    const verifier = experienced();
    const input = { leaf: issuing.issue({ notAfter: daysFromNow(300) }).der, chain };
    await expectProblems(verifier, input, []);
    await expectProblems(verifier, input, ['CERT_EXPIRED@1'], { at: daysFromNow(51) });
    await expectProblems(verifier, input, ['CERT_EXPIRED@1', 'CERT_EXPIRED@2'], { at: daysFromNow(101) });
    // At notAfter itself a certificate has expired, a second before it has not.
    const { notAfter } = parseCertificate(issuing.der);
    await expectProblems(verifier, input, [], { at: new Date(notAfter.getTime() - 1000) });
    await expectProblems(verifier, input, ['CERT_EXPIRED@1'], { at: notAfter });
    await expectProblems(verifier, input, []);
  });
});

describe('what one verifier knows says nothing to another', () => {
  const rsa = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const rsaCa = new Authority('RSA CA', { issuer: root, privateKey: rsa });
  const input = { leaf: rsaCa.issue().der, chain: [rsaCa.der] };

  test.each([
    ['purpose', { purpose: 'serverAuth' }, ['USAGE_NOT_ALLOWED@0']],
    ['expectedName', { expectedName: { dns: 'other.test' } }, ['NAME_MISMATCH@0']],
    ['policies', { policies: { requireExplicit: true } }, ['POLICY_REQUIRED@0']],
    ['maxDepth', { maxDepth: 0 }, ['CHAIN_TOO_LONG@1']],
    ['minimumSecurityLevel', { minimumSecurityLevel: 3 }, ['CERT_KEY_WEAK@1']],
    ['minimumRsaBits', { minimumRsaBits: 3072 }, ['CERT_KEY_WEAK@1']],
    ['signatureAlgorithms', { signatureAlgorithms: ['ecdsa-with-SHA256'] }, ['CERT_SIGNATURE_WEAK@0']],
    ['distrusted', { distrusted: [rsaCa.pem] }, ['CA_DISTRUSTED@1']],
    ['allowedIssuers', { allowedIssuers: [issuing.pem] }, ['ISSUER_NOT_ALLOWED@2']],
    ['crls', { crls: root.crl([rsaCa]), revocation: { check: 'chain', onUnknown: 'allow' } }, ['CERT_REVOKED@1']],
    ['clock', { clock: () => daysFromNow(400) }, ['CERT_EXPIRED@0']],
  ])('%s', async (_, options, expected) => {
    const lenient = new Verifier({ ca: root.pem });
    await expectProblems(lenient, input, []);
    const anew = problemsOf(new Verifier({ ca: root.pem, ...options }).verify(input));
    expect(anew).toEqual(expect.arrayContaining(expected));
    const strict = new Verifier({ ca: root.pem, ...options });
    await expectProblems(strict, input, anew);
    await expectProblems(lenient, input, []);
    await expectProblems(strict, input, anew);
  });
});

describe('octets that differ anywhere', () => {
  test.each([['the leaf', 0], ['its issuer', 1], ['the one above', 2]])('in %s: the same as by a verifier that knows nothing', (_, which) => {
    const whole = [issuing.issue().der, ...chain];
    const verifier = experienced();
    expect(problemsOf(verifier.verify({ leaf: whole[0], chain: whole.slice(1) }))).toEqual([]);
    const judge = (by, ders) => {
      try {
        return problemsOf(by.verify({ leaf: ders[0], chain: ders.slice(1) }));
      } catch (error) {
        return [error.code];
      }
    };
    for (let at = 1; at <= whole[which].length; at += 1) {
      const ders = whole.map((der, i) => (i === which ? damaged(der, at) : der));
      const anew = judge(new Verifier({ ca: root.pem }), ders);
      expect(judge(verifier, ders)).toEqual(anew);
      expect(judge(verifier, ders)).toEqual(anew);
      expect(anew).not.toEqual([]);
    }
  });

  test('that OpenSSL reads as the same certificate', () => {
    const leaf = issuing.issue().der;
    // The length of the whole in four octets, as DER does not have it.
    const longer = (der) => Buffer.concat([Buffer.from([0x30, 0x84, 0, 0, der[2], der[3]]), der.subarray(4)]);
    expect([leaf[0], leaf[1]]).toEqual([0x30, 0x82]);
    const inputs = [{ leaf: longer(leaf), chain }, { leaf, chain: [longer(issuing.der), policyCa.der] }];
    for (const input of inputs) {
      const anew = problemsOf(new Verifier({ ca: root.pem }).verify(input));
      const verifier = experienced();
      for (const known of [input, { leaf, chain }, input]) expect(problemsOf(verifier.verify(known))).toEqual(known === input ? anew : []);
    }
  });

  test('or come in another order', () => {
    const verifier = experienced();
    const leaf = issuing.issue().der;
    const verdicts = [chain, [...chain].reverse(), [...chain, root.der], []].map((rest) => verifier.verify({ leaf, chain: rest }));
    expect(new Set(verdicts).size).toBe(4);
    expect(verdicts.map(problemsOf)).toEqual([[], [], [], ['ISSUER_NOT_FOUND@0']]);
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

  test('is kept within limits', async () => {
    const verifier = experienced();
    const key = newKey();
    const first = { leaf: issuing.issue({ privateKey: key }).der, chain };
    const verdict = verifier.verify(first);
    for (let i = 0; i < 999; i += 1) verifier.verify({ leaf: issuing.issue({ privateKey: key }).der, chain });
    expect(verifier.stats()).toMatchObject({ known: 0, knownVerdicts: 1000, knownIssuers: 2 });
    expect(verifier.verify(first)).toBe(verdict);
    for (let i = 0; i < 1001; i += 1) verifier.verify({ leaf: issuing.issue({ privateKey: key }).der, chain });
    expect(verifier.stats()).toMatchObject({ known: 1, knownVerdicts: 1000 });
    expect(verifier.verify(first)).not.toBe(verdict);
    expect(verifier.stats()).toMatchObject({ known: 1, verifications: 3 + 2003 });
    await verifier.reload({});
    expect(verifier.stats()).toMatchObject({ knownVerdicts: 0, knownOctets: 0 });
  });

  test('takes up less where certificates are large', () => {
    const verifier = experienced();
    const large = (octets) => issuing.issue({ more: [extensions.subjectAltName([altName.uri(`https://a.test/${'x'.repeat(octets)}`)])] }).der;
    const input = { leaf: large(20_000), chain };
    const verdict = verifier.verify(input);
    expect(verdict.valid).toBe(true);
    const again = verifier.verify(input);
    expect(again.toJSON()).toEqual(verdict.toJSON());
    expect(again).not.toBe(verdict);
    expect(verifier.stats()).toMatchObject({ verifications: 5, known: 1 });
    for (let i = 0; i < 150; i += 1) verifier.verify({ leaf: large(90_000), chain });
    const { knownVerdicts, knownOctets } = verifier.stats();
    expect(knownOctets).toBeLessThanOrEqual(8 * 1024 * 1024);
    expect(knownVerdicts).toBeGreaterThan(80);
    expect(knownVerdicts).toBeLessThan(95);
  });

  test('are issuers that clients have shown in valid paths, and not many', () => {
    const verifier = new Verifier({ ca: root.pem });
    const key = newKey();
    const show = (issuer, more = []) => {
      const ca = new Authority('Many', { issuer, privateKey: key, more });
      return verifier.verify({ leaf: ca.issue({ privateKey: key }).der, chain: [ca.der] }).valid;
    };
    const stranger = new Authority('Stranger');
    for (let i = 0; i < 10; i += 1) expect(show(stranger)).toBe(false);
    expect(verifier.stats().knownIssuers).toBe(0);
    expect(show(root, [extensions.policies(Array.from({ length: 2000 }, (_, i) => `1.3.6.1.4.1.99999.${i}`))])).toBe(true);
    expect(verifier.stats().knownIssuers).toBe(0);
    for (let i = 0; i < 140; i += 1) expect(show(root)).toBe(true);
    expect(verifier.stats().knownIssuers).toBe(128);
  });

  test('while trust is reloaded and threads verify, nothing is said that no trust would say', async () => {
    const verifier = experienced();
    const inputs = Array.from({ length: 20 }, () => ({ leaf: issuing.issue().der, chain }));
    const [trusted, other] = [root.pem, new Authority('Other').pem];
    for (let round = 0; round < 20; round += 1) {
      const isTrusted = round % 2 === 1;
      const before = inputs.map((input) => verifier.verifyAsync(input));
      const reloading = verifier.reload({ ca: isTrusted ? trusted : other });
      const meanwhile = inputs.map((input) => verifier.verifyAsync(input));
      for (const verdict of await Promise.all([...before, ...meanwhile])) {
        expect([[], ['ISSUER_NOT_FOUND@2']]).toContainEqual(problemsOf(verdict));
      }
      await reloading;
      for (const verdict of await Promise.all(inputs.map((input) => verifier.verifyAsync(input)))) expect(verdict.valid).toBe(isTrusted);
      for (const input of inputs) expect(verifier.verify(input).valid).toBe(isTrusted);
    }
  });

  test('is nothing to a verifier that is closed', async () => {
    const verifier = experienced();
    const input = { leaf: issuing.issue().der, chain };
    expect(verifier.verify(input).valid).toBe(true);
    verifier.close();
    expect(() => verifier.verify(input)).toThrow(expect.objectContaining({ code: 'ERR_CLIENT_CERT_CLOSED' }));
    await expect(verifier.verifyAsync(input)).rejects.toMatchObject({ code: 'ERR_CLIENT_CERT_CLOSED' });
  });
});

describe('nothing that is given to one caller can be changed for the next', () => {
  const everyKind = [
    altName.upn('ada@example.test'), altName.dns('a.test'), altName.email('a@a.test'), altName.uri('https://a.test/'), altName.ip('192.0.2.1'),
    altName.dirName({ CN: 'Directory' }), altName.registeredId('1.2.3.4'), altName.otherName('1.2.3.5', utf8('other')), altName.x400Address(), altName.ediPartyName(),
  ];
  const leaf = issuing.issue({
    more: [
      extensions.subjectAltName(everyKind), extensions.issuerAltName(everyKind), extensions.subjectKeyIdentifier(Buffer.alloc(20, 7)),
      extensions.policies([{ oid: '1.3.6.1.4.1.99999.1', cps: 'https://a.test/cps' }]), extensions.crlDistributionPoints(['http://crl.test/1.crl']),
      extensions.authorityInfoAccess({ ocsp: ['http://ocsp.test/'], caIssuers: ['http://ca.test/'] }), extensions.sid('S-1-5-21-1-2-3-1000'),
    ],
  }).der;
  const constrained = new Authority('Constrained', {
    issuer: root,
    more: [extensions.nameConstraints({ permitted: [altName.dns('good.test'), altName.dirName({ O: 'Example' })], excluded: [altName.uri('bad.test')] })],
  });
  const constrainedLeaf = constrained.issue({ subject: { O: 'Example', CN: 'a' } }).der;

  /** Every value that can be reached, with the way to it. @param {unknown} value @param {string} way @param {Map<object, string>} seen */
  function reach(value, way, seen) {
    if (typeof value !== 'object' || value === null || seen.has(value)) return;
    seen.set(value, way);
    if (value instanceof Uint8Array || value instanceof Date) return;
    for (let level = value; level && level !== Object.prototype && level !== Array.prototype; level = Object.getPrototypeOf(level)) {
      for (const key of Object.getOwnPropertyNames(level)) {
        if (!['constructor', '__proto__'].includes(key) && typeof value[key] !== 'function') reach(value[key], `${way}.${key}`, seen);
      }
    }
  }

  test.each([
    ['a verdict', () => ({ leaf, chain })],
    ['one with name constraints', () => ({ leaf: constrainedLeaf, chain: [constrained.der] })],
    ['one that says no', () => ({ leaf: impostorsLeaf(), chain })],
  ])('%s', (_, make) => {
    const verifier = new Verifier({ ca: root.pem, crls: [root.crl(), policyCa.crl(), issuing.crl(), constrained.crl()] });
    const input = make();
    const verdict = verifier.verify(input);
    const textOf = (of) => JSON.stringify([of, of.elements.map(({ certificate }) => certificate)]);
    const before = textOf(verdict);
    const seen = new Map();
    reach(verdict, 'verdict', seen);
    const ways = [...seen.values()];
    expect(seen.size).toBeGreaterThan(100);
    expect(ways.filter((way) => /der$/.test(way)).length).toBeGreaterThan(5);
    const open = [];
    for (const [value, way] of seen) {
      if (value instanceof Date) value.setTime(0);
      else if (value instanceof Uint8Array) crypto.randomFillSync(value);
      else if (!Object.isFrozen(value)) open.push(way);
    }
    expect(open).toEqual([]);
    expect(verifier.verify(input)).toBe(verdict);
    expect(textOf(verifier.verify(input))).toBe(before);
    const again = new Map();
    reach(verdict, 'verdict', again);
    const shared = [...again.keys()].filter((value) => (value instanceof Date || value instanceof Uint8Array) && seen.has(value));
    expect(shared).toEqual([]);
  });

  test('nor can what was given to be verified be changed afterwards', () => {
    const verifier = experienced();
    const mine = Buffer.from(leaf);
    const certificate = parseCertificate(mine);
    const verdict = verifier.verify({ leaf: mine, chain });
    mine.fill(0);
    expect(certificate.der.equals(leaf)).toBe(true);
    expect(certificate.fingerprints.sha256).toBe(crypto.createHash('sha256').update(leaf).digest('hex').toUpperCase());
    expect(verdict.certificate.der.equals(leaf)).toBe(true);
    expect(() => verifier.verify({ leaf: mine, chain })).toThrow(expect.objectContaining({ code: 'ERR_CLIENT_CERT_MALFORMED' }));
    expect(verifier.verify({ leaf: certificate, chain })).toBe(verdict);
  });
});
