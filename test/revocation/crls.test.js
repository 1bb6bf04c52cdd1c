'use strict';
// What CRLs say of a certificate: scopes, reasons, deltas, indirect ones, signers, times. `openssl verify` with all that it can do for CRLs is the second
// opinion: what it refuses is not accepted here.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { altName, extension, extensions, makeCrl, name: nameOf, signatureAlgorithm, toPem } = require('../support/certificate-builder.js');
const der = require('../support/der.js');
const { Authority, daysFromNow, newKey } = require('../support/pki.js');
const { Verifier } = require('../../lib/index.js');

const root = new Authority('root');
const other = new Authority('other', { issuer: root });
const leaf = root.issue();

const idp = (...fields) => extension('2.5.29.28', der.seq(...fields), true);
const point = (...names) => der.ctx(0, der.ctx(0, ...names));
const flag = (number) => der.ctxPrimitive(number, Buffer.from([0xff]));
const onlyReasons = (...bits) => der.tlv(0x83, der.namedBits(...bits).subarray(2));
const deltaOf = (number) => extension('2.5.29.27', der.int(number), true);
const freshest = extension('2.5.29.46', der.seq(der.seq(point(altName.uri('http://a.example/')))));
const certificateIssuer = (name) => extension('2.5.29.29', der.seq(altName.dirName(name)), true);

/** DER of a CRL of the root, unless the options say otherwise. */
const crl = (options = {}) =>
  makeCrl({ issuer: root.subject, signingKey: root.privateKey, thisUpdate: daysFromNow(-1), nextUpdate: daysFromNow(30), ...options });
const listing = (credential, more = {}) => ({ serial: credential.serial, date: daysFromNow(-1), ...more });
const codesOf = ({ problems }) => problems.map(({ code, depth }) => `${code}@${depth}`);

const withPoint = (uri, more = []) =>
  root.issue({ more: [extension('2.5.29.31', der.seq(der.seq(point(altName.uri(uri)), ...more)))] });
const pointed = withPoint('http://a.example/1');
const indirect = root.issue({ more: [extension('2.5.29.31', der.seq(der.seq(der.ctx(2, altName.dirName(other.subject)))))] });
// Two CAs of one name, both good: a change of keys.
const namesake = new Authority('root', { issuer: other, subject: root.subject });
const akiOf = (authority) => extensions.authorityKeyIdentifier({ keyIdentifier: authority.keyIdentifier });
const mayNot = new Authority('may not', { extensions: [extensions.basicConstraints(), extensions.keyUsage(['keyCertSign'])] });
const ofMayNot = mayNot.issue();
const good = [];
const revoked = ['CERT_REVOKED@0'];
const unknown = ['REVOCATION_UNKNOWN@0'];
const stale = ['REVOCATION_STALE@0'];

/** name, certificate, CRLs, problems, further options of the verifier, further presented certificates */
const cases = [
  ['none', leaf, [], unknown],
  ['good', leaf, [crl()], good],
  ['revoked', leaf, [crl({ revoked: [listing(leaf)] })], revoked],
  ['on hold', leaf, [crl({ revoked: [listing(leaf, { reason: 'certificateHold' })] })], revoked],
  ['the newer of two says revoked', leaf, [crl({ thisUpdate: daysFromNow(-9) }), crl({ revoked: [listing(leaf)], number: 2 })], revoked],
  ['the newer of two has lifted a hold', leaf, [crl({ thisUpdate: daysFromNow(-9), revoked: [listing(leaf)] }), crl({ number: 2 })], good],
  ['of a namesake with another key', leaf, [crl({ signingKey: newKey() })], unknown],
  ['an older authentic one does not stand in for one that is not', leaf, [crl({ thisUpdate: daysFromNow(-2) }), crl({ signingKey: newKey() })], unknown],
  ['one that is not authentic and older is of no account', leaf, [crl(), crl({ thisUpdate: daysFromNow(-2), signingKey: newKey() })], good],
  ['one that names another key is of no account', leaf,
    [crl({ thisUpdate: daysFromNow(-2) }), crl({ signingKey: newKey(), extensions: [extensions.authorityKeyIdentifier({ keyIdentifier: Buffer.from('another') })] })], good],
  ["a newer one by a namesake's key does not stand in for one that lists the certificate", leaf,
    [crl({ thisUpdate: daysFromNow(-2), revoked: [listing(leaf)] }), crl({ number: 2, signingKey: namesake.privateKey, extensions: [akiOf(namesake)] })], revoked, {}, [namesake, other]],
  ['two deltas of one number, one of which says revoked', leaf,
    [crl(), crl({ number: 2, extensions: [deltaOf(1)] }), crl({ number: 2, extensions: [deltaOf(1)], revoked: [listing(leaf)] })], revoked],
  ['a newer delta that forgot what an older one said', leaf,
    [crl(), crl({ number: 2, thisUpdate: daysFromNow(-2), extensions: [deltaOf(1)], revoked: [listing(leaf)] }), crl({ number: 3, extensions: [deltaOf(1)] })], revoked],
  ['a delta by another key', leaf, [crl(), crl({ number: 2, signingKey: newKey(), extensions: [deltaOf(1)] })], unknown],
  ['of another issuer', leaf, [crl({ issuer: other.subject, signingKey: other.privateKey })], unknown],
  ['out of date', leaf, [crl({ thisUpdate: daysFromNow(-9), nextUpdate: daysFromNow(-1) })], stale],
  ['out of date, and it lists the certificate', leaf, [crl({ thisUpdate: daysFromNow(-9), nextUpdate: daysFromNow(-1), revoked: [listing(leaf)] })], revoked],
  ['not yet in force', leaf, [crl({ thisUpdate: daysFromNow(1) })], stale],
  ['without nextUpdate', leaf, [crl({ nextUpdate: null })], stale],
  ['without nextUpdate, fresh enough', leaf, [crl({ nextUpdate: null })], good, { revocation: { freshness: 2 * 24 * 3600 } }],
  ['not fresh enough', leaf, [crl()], stale, { revocation: { freshness: 3600 } }],
  ['for users only', leaf, [crl({ extensions: [idp(flag(1))] })], good],
  ['for CAs only', leaf, [crl({ extensions: [idp(flag(2))] })], unknown],
  ['for attribute certificates only', leaf, [crl({ extensions: [idp(flag(5))] })], unknown],
  ['for some reasons', leaf, [crl({ extensions: [idp(onlyReasons(1, 2))] })], unknown],
  ['two, for all reasons together', leaf, [crl({ extensions: [idp(onlyReasons(1, 2))] }), crl({ extensions: [idp(onlyReasons(3, 4, 5, 6, 7, 8))] })], good],
  ['two, one of which says revoked', leaf, [crl({ extensions: [idp(onlyReasons(1, 2))] }), crl({ extensions: [idp(onlyReasons(3, 4, 5, 6, 7, 8))], revoked: [listing(leaf)] })], revoked],
  ["of the certificate's distribution point", pointed, [crl({ extensions: [idp(point(altName.uri('http://a.example/1')))] })], good],
  ['of another distribution point', pointed, [crl({ extensions: [idp(point(altName.uri('http://a.example/2')))] })], unknown],
  ['of a distribution point, for a certificate without', leaf, [crl({ extensions: [idp(point(altName.uri('http://a.example/1')))] })], unknown],
  ['of the issuer, for a certificate with a distribution point', pointed, [crl()], good],
  ['unknown critical extension', leaf, [crl({ extensions: [extension('1.2.3.4', der.nul(), true)] })], unknown],
  ['unknown critical extension, and it lists the certificate', leaf, [crl({ extensions: [extension('1.2.3.4', der.nul(), true)], revoked: [listing(leaf)] })], revoked],
  ['an entry of another one with an unknown critical extension', leaf, [crl({ revoked: [{ serial: 1, extensions: [extension('1.2.3.4', der.nul(), true)] }] })], unknown],
  ['a delta alone', leaf, [crl({ number: 2, extensions: [deltaOf(1)] })], unknown],
  ['a delta that says revoked', leaf, [crl(), crl({ number: 2, extensions: [deltaOf(1)], revoked: [listing(leaf)] })], revoked],
  ['a delta of a later base', leaf, [crl(), crl({ number: 9, extensions: [deltaOf(8)] })], good],
  ['a delta that lifts a hold', leaf,
    [crl({ extensions: [freshest], revoked: [listing(leaf, { reason: 'certificateHold' })] }), crl({ number: 2, extensions: [deltaOf(1)], revoked: [listing(leaf, { reason: 'removeFromCRL' })] })], good],
  ['a delta that is out of date', leaf, [crl({ extensions: [freshest] }), crl({ number: 2, thisUpdate: daysFromNow(-9), nextUpdate: daysFromNow(-1), extensions: [deltaOf(1)] })], stale],
  ['indirect, by its signer', indirect, [crl({ issuer: other.subject, signingKey: other.privateKey, extensions: [idp(flag(4))] }), crl()], good, {}, [other]],
  ['indirect, and it lists the certificate', indirect,
    [crl({ issuer: other.subject, signingKey: other.privateKey, extensions: [idp(flag(4))], revoked: [listing(indirect, { extensions: [certificateIssuer(root.subject)] })] }), crl()], revoked, {}, [other]],
  ['indirect, and it lists that number of another issuer', indirect,
    [crl({ issuer: other.subject, signingKey: other.privateKey, extensions: [idp(flag(4))], revoked: [listing(indirect)] }), crl()], good, {}, [other]],
  ['a CA that may not sign CRLs', ofMayNot, [crl({ issuer: mayNot.subject, signingKey: mayNot.privateKey })], unknown],
];

describe('says', () => {
  test.each(cases)('%s', (_, certificate, crls, expected, { revocation, ...options } = {}, presented = []) => {
    const verifier = new Verifier({ ca: [root.pem, mayNot.pem], crls, revocation: { mode: 'cached', check: 'leaf', ...revocation }, ...options });
    const verdict = verifier.verify({ leaf: certificate.der, chain: presented.map((authority) => authority.der) });
    expect(codesOf(verdict)).toEqual(expected);
    expect(verdict.revocation).toHaveLength(1);
  });
});

test('OpenSSL accepts whatever is accepted here', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'client-cert-info-crls-'));
  const write = (name, text) => {
    fs.writeFileSync(path.join(folder, name), text);
    return path.join(folder, name);
  };
  // With freshness, which OpenSSL does not know, it cannot be compared.
  const accepted = cases.filter(([, , , expected, options]) => expected.length === 0 && !options?.revocation);
  const refused = accepted.filter(([, certificate, crls, , , presented = []]) => {
    const args = ['verify', '-crl_check', '-extended_crl', '-use_deltas', '-purpose', 'sslclient', '-trusted', write('ca.pem', root.pem)];
    for (const [i, octets] of crls.entries()) args.push('-CRLfile', write(`${i}.crl`, toPem(octets, 'X509 CRL')));
    for (const [i, authority] of presented.entries()) args.push('-untrusted', write(`${i}.pem`, authority.pem));
    return spawnSync('openssl', [...args, write('leaf.pem', certificate.pem)]).status !== 0;
  });
  fs.rmSync(folder, { recursive: true });
  expect(refused.map(([name]) => name)).toEqual([]);
  expect(accepted.length).toBeGreaterThan(8);
});

test('evidence: who said what, and when', () => {
  const verifier = new Verifier({ ca: root.pem, crls: crl({ number: 17, revoked: [listing(leaf, { reason: 'keyCompromise' })] }) });
  const [status] = verifier.verify(leaf.der).revocation;
  expect(status).toMatchObject({ depth: 0, status: 'revoked', forgiven: false });
  expect(status.evidence).toMatchObject([{ kind: 'crl', says: 'revoked', number: '11', reason: 'keyCompromise', thisUpdate: daysFromNow(-1), revokedAt: daysFromNow(-1) }]);
  expect(status.evidence[0].issuer.toString()).toBe('CN=root,O=Example');
});

test('a CRL for one CA of a chain only', () => {
  const intermediate = new Authority('intermediate', { issuer: root });
  const client = intermediate.issue();
  const input = { leaf: client.der, chain: intermediate.der };
  const judge = (onUnknown) => codesOf(new Verifier({ ca: root.pem, crls: intermediate.crl(), revocation: { onUnknown } }).verify(input));
  expect(judge(undefined)).toEqual(['REVOCATION_UNKNOWN@1']);
  expect(judge({ ca: 'allow' })).toEqual([]);
  expect(judge({ leaf: 'allow' })).toEqual(['REVOCATION_UNKNOWN@1']);
});

describe('damaged', () => {
  const whole = crl({ revoked: [listing(leaf)] });

  test('every truncation is refused when it is read', () => {
    for (let length = 0; length < whole.length; length += 7) {
      expect(() => new Verifier({ ca: root.pem, crls: whole.subarray(0, length) })).toThrow(expect.objectContaining({ code: 'ERR_CLIENT_CERT_MALFORMED' }));
    }
  });

  test('no flipped bit makes a revoked certificate good', () => {
    for (let bit = 0; bit < whole.length * 8; bit += 3) {
      const flipped = Buffer.from(whole);
      flipped[bit >> 3] ^= 1 << (bit & 7);
      let verifier;
      try {
        verifier = new Verifier({ ca: root.pem, crls: flipped });
      } catch (error) {
        expect(error.code).toBe('ERR_CLIENT_CERT_MALFORMED');
        continue;
      }
      expect(verifier.verify(leaf.der).valid).toBe(false);
    }
  });

  test('a version 1 CRL with extensions', () => {
    const { identifier } = signatureAlgorithm(root.privateKey, 'sha256');
    const fields = [identifier, nameOf(root.subject), der.time(daysFromNow(-1)), der.time(daysFromNow(1)), der.ctx(0, der.seq(extension('2.5.29.20', der.int(1))))];
    const crls = der.seq(der.seq(...fields), identifier, der.bitString(Buffer.alloc(64)));
    expect(() => new Verifier({ ca: root.pem, crls })).toThrow(/no extensions in version 1/);
  });
});

// Same name, same key, another serial number. CRLs that name their issuer's certificate by its serial number (as `authorityKeyIdentifier = keyid,issuer:always` of openssl.cnf has it) name one of the
// two; which one is in the path is up to the client, or to the order of `ca`.
describe('a CA whose certificate was renewed with its key', () => {
  const key = newKey();
  const subject = { CN: 'renewed' };
  const crlNaming = (authority, entries, options) =>
    toPem(makeCrl({
      issuer: subject, signingKey: key, nextUpdate: daysFromNow(10), revoked: entries, ...options,
      extensions: [extensions.authorityKeyIdentifier({ keyIdentifier: authority.keyIdentifier, issuer: [altName.dirName(options.of ?? subject)], serial: authority.serial })],
    }), 'X509 CRL');
  const renew = (options) => [daysFromNow(50), daysFromNow(500)].map((notAfter) => new Authority('renewed', { subject, privateKey: key, notBefore: daysFromNow(-900), notAfter, ...options }));

  describe('an intermediate', () => {
    const [before, after] = renew({ issuer: root });
    const client = before.issue();
    const of = root.subject;
    const clean = crlNaming(before, [], { of, thisUpdate: daysFromNow(-2), number: 1 });
    const listed = crlNaming(after, [listing(client)], { of, thisUpdate: daysFromNow(-1), number: 2 });
    const lifted = crlNaming(before, [], { of, thisUpdate: daysFromNow(-0.5), number: 3 });
    const verdictOf = (presented, crls, revocation) => codesOf(new Verifier({ ca: root.pem, crls, revocation: { check: 'leaf', ...revocation } }).verify({ leaf: client.der, chain: [presented.der] }));

    test.each([['before', before], ['after', after]])('the client presents the one from %s', (_, presented) => {
      expect(verdictOf(presented, [clean, listed])).toEqual(revoked);
      expect(verdictOf(presented, [listed, clean])).toEqual(revoked);
      expect(verdictOf(presented, [listed])).toEqual(revoked);
      expect(verdictOf(presented, [listed], { onUnknown: 'allow' })).toEqual(revoked);
    });

    test('nobody is good by a CRL that names the other one', () => {
      expect(verdictOf(before, [clean])).toEqual(good);
      expect(verdictOf(after, [clean])).toEqual(unknown);
      // A later one that names the one in the path may lift what the other has said.
      expect(verdictOf(before, [listed, lifted])).toEqual(good);
    });

    test('another key of that name revokes nothing', () => {
      const stranger = crlNaming(after, [listing(client)], { of, thisUpdate: daysFromNow(-1), number: 2, signingKey: newKey() });
      expect(verdictOf(before, [clean])).toEqual(good);
      expect(verdictOf(before, [clean, stranger])).toEqual(good);
    });
  });

  test('a root, in either order', () => {
    const [before, after] = renew();
    const client = before.issue();
    const crls = [crlNaming(before, [], { thisUpdate: daysFromNow(-2), number: 1 }), crlNaming(after, [listing(client)], { thisUpdate: daysFromNow(-1), number: 2 })];
    for (const ca of [[before.pem, after.pem], [after.pem, before.pem], [before.pem], [after.pem]]) {
      expect(codesOf(new Verifier({ ca, crls }).verify(client.der))).toEqual(revoked);
    }
  });

  test('what one path shows to be revoked is revoked on each, whichever comes first', () => {
    const [before, after] = renew();
    const between = new Authority('between', { issuer: before });
    const client = between.issue();
    for (const [clean, dirty] of [[before, after], [after, before]]) {
      const crls = [crlNaming(clean, [], { thisUpdate: daysFromNow(-1), number: 2 }), crlNaming(dirty, [listing(between)], { thisUpdate: daysFromNow(-2), number: 1 })];
      for (const ca of [[before.pem, after.pem], [after.pem, before.pem]]) {
        const verifier = new Verifier({ ca, crls, revocation: { onUnknown: { leaf: 'allow' } } });
        expect(codesOf(verifier.verify({ leaf: client.der, chain: [between.der] }))).toEqual(['CERT_REVOKED@1']);
      }
    }
  });
});
