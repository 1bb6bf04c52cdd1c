'use strict';
// The options of a verifier: what they become, and that nothing is guessed where they do not make sense.

const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const { parseCertificate } = require('../..');
const { SIGNATURE_ALGORITHMS } = require('../../lib/signature-algorithms.js');
const { rereadMaterial, sourcesOf } = require('../../lib/verifier-material.js');
const { checkedChanges, checkedVerifierOptions, timeOf } = require('../../lib/verifier-options.js');
const { makeCertificate, toPem } = require('../support/certificate-builder.js');
const der = require('../support/der.js');
const { Authority } = require('../support/pki.js');
const { newFolder, removeFolders, write } = require('./folder.js');

const one = new Authority('One');
const two = new Authority('Two');
const ca = one.pem;
const crl = one.crl();
const sha256 = (octets) => crypto.createHash('sha256').update(octets).digest();
const pin = sha256(crypto.createPublicKey(one.privateKey).export({ type: 'spki', format: 'der' }));
const fingerprint = sha256(one.der);

afterAll(removeFolders);

const checked = (options = {}) => checkedVerifierOptions({ ca, ...options });
const dersOf = (material) => material.ders.map((item) => item.der.toString('base64'));
const base64 = (...ders) => ders.map((octets) => octets.toString('base64'));

/** @param {object} options @returns {boolean} whether every object in it is frozen */
const isFrozenThroughout = (options) =>
  Object.values(options).every((value) => value === null || typeof value !== 'object' || (Object.isFrozen(value) && isFrozenThroughout(value)));

test('the defaults', () => {
  const { material, clock, ...rest } = checked();
  expect(rest).toEqual({
    purpose: { purposes: ['1.3.6.1.5.5.7.3.2'], any: false },
    expectedName: undefined,
    policies: { initial: undefined, requireExplicit: false, inhibitMapping: false, inhibitAny: false },
    maxDepth: 100,
    minimumSecurityLevel: 1,
    minimumRsaBits: undefined,
    signatureAlgorithms: undefined,
    allowPartialChain: false,
    strict: false,
    revocation: undefined,
  });
  expect(Object.keys(material)).toEqual(['ca']);
  expect(dersOf(material.ca)).toEqual(base64(one.der));
  expect(Math.abs(clock() - Date.now())).toBeLessThan(1000);
});

test('an option that is undefined is an option that is absent', () => {
  const { clock, ...without } = checked();
  const names = ['intermediates', 'crls', 'distrusted', 'allowedIssuers', 'purpose', 'expectedName', 'policies', 'maxDepth', 'minimumSecurityLevel', 'minimumRsaBits',
    'signatureAlgorithms', 'allowPartialChain', 'strict', 'revocation', 'clock'];
  const { clock: sameClock, ...undefinedOnes } = checked(Object.fromEntries(names.map((name) => [name, undefined])));
  expect(JSON.stringify(undefinedOnes)).toBe(JSON.stringify(without));
  expect(sameClock).toBe(clock);
});

test('everything', () => {
  const revocation = { mode: 'cached' };
  const options = checked({
    intermediates: two.pem, crls: [crl], distrusted: [two.pem], allowedIssuers: one.der, purpose: 'any', expectedName: { ip: '::1' },
    policies: { initial: ['2.5.29.32.0'], requireExplicit: true }, maxDepth: 0, minimumSecurityLevel: 5, minimumRsaBits: 3072,
    signatureAlgorithms: ['Ed25519'], allowPartialChain: true, strict: true, revocation, clock: () => new Date(5),
  });
  expect(options).toMatchObject({ maxDepth: 0, minimumSecurityLevel: 5, minimumRsaBits: 3072, allowPartialChain: true, strict: true });
  expect(options.revocation).toBe(revocation);
  expect(options.clock()).toBe(5);
  expect(Object.keys(options.material)).toEqual(['ca', 'intermediates', 'crls', 'distrusted', 'allowedIssuers']);
  expect(isFrozenThroughout({ ...options, material: null, revocation: null })).toBe(true);
  expect([options, options.material, ...Object.values(options.material)].every(Object.isFrozen)).toBe(true);
});

/** @type {[string, unknown, { purposes: string[], any: boolean }][]} OIDs: RFC 5280 section 4.2.1.12 */
const purposes = [
  ['clientAuth', 'clientAuth', { purposes: ['1.3.6.1.5.5.7.3.2'], any: false }],
  ['serverAuth', 'serverAuth', { purposes: ['1.3.6.1.5.5.7.3.1'], any: false }],
  ['any', 'any', { purposes: [], any: true }],
  ['any, alone in an array', ['any'], { purposes: [], any: true }],
  ['PIV card authentication', '2.16.840.1.101.3.6.8', { purposes: ['2.16.840.1.101.3.6.8'], any: false }],
  ['the others of RFC 5280', ['codeSigning', 'emailProtection', 'timeStamping', 'OCSPSigning'],
    { purposes: ['1.3.6.1.5.5.7.3.3', '1.3.6.1.5.5.7.3.4', '1.3.6.1.5.5.7.3.8', '1.3.6.1.5.5.7.3.9'], any: false }],
  ['one twice', ['clientAuth', '1.3.6.1.5.5.7.3.2', '1.2.3', '1.2.3'], { purposes: ['1.3.6.1.5.5.7.3.2', '1.2.3'], any: false }],
];
test.each(purposes)('purpose: %s', (_what, purpose, expected) => {
  expect(checked({ purpose }).purpose).toEqual(expected);
});

test.each([
  ['0.0'], ['0.39'], ['1.39.1'], ['2.0'], ['2.999.3'], ['2.25.329800735698586629295641978511506172918'], ['1.3.6.1.4.1.311.20.2.2'],
])('an OID: %s', (oid) => {
  expect(checked({ purpose: oid, policies: { initial: [oid, oid] }, signatureAlgorithms: [oid] })).toMatchObject({
    purpose: { purposes: [oid] }, policies: { initial: [oid] }, signatureAlgorithms: [oid],
  });
});

const noOids = ['', '1', '1.', '.1', '1..2', '0.40', '1.40', '1.040', '3.1', '01.2', '1.02', '1.2.03', '1.2.-3', '1.2.3 ', ' 1.2.3', '1.2.3\n', '1.2.x', '١.٢', `1.2.${'3'.repeat(300)}`, 'oid:1.2.3'];
test.each(noOids.map((oid) => [oid]))('no OID: %p', (oid) => {
  expect(() => checked({ purpose: oid })).toThrow(TypeError);
  expect(() => checked({ policies: { initial: [oid] } })).toThrow(/policies\.initial must be an array of OIDs/);
  expect(() => checked({ signatureAlgorithms: [oid] })).toThrow(TypeError);
});

test('names of signature algorithms are those of certificates', () => {
  const { privateKey } = crypto.generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  for (const [name, oid] of SIGNATURE_ALGORITHMS) {
    const algorithm = der.seq(der.oid(oid));
    const certificate = makeCertificate({ signingKey: privateKey, tbsPatch: (tbs) => ({ ...tbs, signature: algorithm }), outerAlgorithm: algorithm });
    expect(parseCertificate(certificate).signatureAlgorithm).toMatchObject({ oid, name });
    expect(checked({ signatureAlgorithms: [name, oid] }).signatureAlgorithms).toEqual([oid]);
  }
});

/** @type {[string, string, boolean][]} */
const names = [
  ['dns', 'example.com', true], ['dns', 'EXAMPLE.com', true], ['dns', 'localhost', true], ['dns', 'a_b.example', true], ['dns', 'xn--mnchen-3ya.de', true],
  ['dns', '1.example', true], ['dns', `${'a'.repeat(63)}.com`, true],
  ['dns', '', false], ['dns', '.example.com', false], ['dns', 'example.com.', false], ['dns', 'a..b', false], ['dns', '*.example.com', false], ['dns', 'münchen.de', false],
  ['dns', '192.0.2.1', false], ['dns', '1.2.3', false], ['dns', '::1', false], ['dns', '-a.com', false], ['dns', 'a-.com', false], ['dns', 'a b', false], ['dns', 'a.com\0.b', false],
  ['dns', `${'a'.repeat(64)}.com`, false], ['dns', `${'a.'.repeat(127)}com`, false], ['dns', 'https://a.com', false], ['dns', 'a.com:443', false], ['dns', 'a.com\n', false],
  ['email', 'ada@example.com', true], ['email', 'a+b.c@example.com', true], ['email', 'ädä@example.com', true],
  ['email', 'ada', false], ['email', '@example.com', false], ['email', 'ada@', false], ['email', 'a@b@example.com', false], ['email', 'a b@example.com', false],
  ['email', 'ada@.example.com', false], ['email', 'ada@example.com\0', false],
  ['uri', 'spiffe://example.org/ns/a', true], ['uri', 'urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6', true], ['uri', 'https://[::1]/%20?a=b#c', true],
  ['uri', '/a', false], ['uri', 'spiffe:', false], ['uri', 'a b:c', false], ['uri', 'https://a b', false], ['uri', 'https://ä', false], ['uri', '1a:b', false],
  ['ip', '192.0.2.1', true], ['ip', '::ffff:192.0.2.1', true], ['ip', '2001:DB8::1', true],
  ['ip', '192.0.2', false], ['ip', '192.0.2.01', false], ['ip', '192.0.2.0/24', false], ['ip', 'fe80::1%eth0', false], ['ip', '[::1]', false], ['ip', '', false],
  ['upn', 'ada@corp.example', true], ['upn', 'ada@CORP', true], ['upn', 'ädä@corp', true],
  ['upn', 'ada', false], ['upn', 'CORP\\ada', false], ['upn', 'ada@', false], ['upn', 'a@b@c', false],
  ['commonName', 'Ada Lovelace', true], ['commonName', '李', true], ['commonName', '😀', true],
  ['commonName', '', false], ['commonName', 'a\0b', false], ['commonName', 'a\nb', false], ['commonName', '\ud800', false], ['commonName', 'x'.repeat(5000), false],
];
test.each(names)('expectedName: { %s: %p } makes sense: %p', (type, value, makesSense) => {
  const check = () => checked({ expectedName: { [type]: value } });
  if (makesSense) expect(check().expectedName).toEqual({ [type]: value });
  else expect(check).toThrow(new RegExp(`^Verifier: expectedName: ${type} must be`));
});

/** @type {[string, object, Function, RegExp][]} */
const mistakes = [
  ['an unknown option', { crl }, TypeError, /^Verifier: unknown option 'crl'; did you mean 'crls'\?$/],
  ['another spelling', { allowedIssuer: ca }, TypeError, /did you mean 'allowedIssuers'\?$/],
  ['one of revocation', { mode: 'online' }, TypeError, /unknown option 'mode'; did you mean 'revocation\.mode'\?$/],
  ['one that has others within', { ocsp: {} }, TypeError, /did you mean 'revocation\.ocsp'\?$/],
  ['one of ocsp', { nonce: true }, TypeError, /did you mean 'revocation\.ocsp\.nonce'\?$/],
  ['letters in another order', { purpsoe: 'any' }, TypeError, /did you mean 'purpose'\?$/],
  ['what is like nothing', { xyz: 1 }, TypeError, /unknown option 'xyz'$/],
  ['a short name of a name', { expectedName: { cn: 'a' } }, TypeError, /did you mean 'commonName'\?$/],
  ['a name that is like none', { expectedName: { host: 'a' } }, TypeError, /unknown option 'host'; known are dns, email/],
  ['an unknown option that is undefined', { cas: undefined }, TypeError, /unknown option 'cas'/],
  ['ca: undefined', { ca: undefined }, TypeError, /^Verifier: ca is needed/],
  ['ca: null', { ca: null }, TypeError, /^ca: expected .* not null$/],
  ['crls: null', { crls: null }, TypeError, /^crls: expected .* not null$/],
  ['purpose: null', { purpose: null }, TypeError, /purpose/],
  ['purpose: []', { purpose: [] }, TypeError, /purpose: an empty array/],
  ["purpose: 'client'", { purpose: 'client' }, TypeError, /purpose: a purpose is 'any', one of serverAuth, clientAuth/],
  ["purpose: 'toString'", { purpose: 'toString' }, TypeError, /purpose/],
  ["purpose: 'ANY'", { purpose: 'ANY' }, TypeError, /purpose/],
  ['any among others', { purpose: ['clientAuth', 'any'] }, TypeError, /'any' makes the others pointless/],
  ['any twice', { purpose: ['any', 'any'] }, TypeError, /'any'/],
  ['anyExtendedKeyUsage', { purpose: '2.5.29.37.0' }, TypeError, /anyExtendedKeyUsage is no purpose/],
  ['a purpose within an array within an array', { purpose: [['clientAuth']] }, TypeError, /purpose/],
  ['expectedName: a string', { expectedName: 'example.com' }, TypeError, /must be a plain object/],
  ['expectedName: null', { expectedName: null }, TypeError, /must be a plain object/],
  ['expectedName: {}', { expectedName: {} }, TypeError, /one of dns, email, uri, ip, upn, commonName is needed/],
  ['expectedName: all undefined', { expectedName: { dns: undefined } }, TypeError, /is needed/],
  ['an unknown name', { expectedName: { cn: 'Ada' } }, TypeError, /unknown option 'cn'/],
  ['a name that is a list', { expectedName: { dns: ['a.example'] } }, TypeError, /dns must be a string/],
  ['a name that is null', { expectedName: { dns: 'a.example', email: null } }, TypeError, /email must be a string/],
  ['policies: []', { policies: [] }, TypeError, /must be a plain object/],
  ['policies: null', { policies: null }, TypeError, /must be a plain object/],
  ['an unknown policy option', { policies: { explicit: true } }, TypeError, /policies: unknown option 'explicit'/],
  ['policies.initial: []', { policies: { initial: [] } }, TypeError, /an empty array would accept no policy, or every one/],
  ['policies.initial: a string', { policies: { initial: '2.5.29.32.0' } }, TypeError, /must be an array of OIDs/],
  ['policies.initial: a hole', { policies: { initial: new Array(1) } }, TypeError, /must be an array of OIDs/],
  ["policies.requireExplicit: 'yes'", { policies: { requireExplicit: 'yes' } }, TypeError, /policies\.requireExplicit must be a boolean/],
  ['signatureAlgorithms: a string', { signatureAlgorithms: 'Ed25519' }, TypeError, /must be an array/],
  ['signatureAlgorithms: []', { signatureAlgorithms: [] }, TypeError, /an empty array would accept no signature, or every one/],
  ['an unknown signature algorithm', { signatureAlgorithms: ['sha256'] }, TypeError, /is one of sha256WithRSAEncryption, .*ecdsa-with-SHA256/],
  ['allowPartialChain: 1', { allowPartialChain: 1 }, TypeError, /allowPartialChain must be a boolean/],
  ["strict: 'false'", { strict: 'false' }, TypeError, /strict must be a boolean/],
  ['strict: null', { strict: null }, TypeError, /strict must be a boolean/],
  ['clock: a Date', { clock: new Date() }, TypeError, /clock must be a function/],
  ...[['maxDepth', -1], ['maxDepth', 101], ['maxDepth', 1.5], ['minimumSecurityLevel', 6], ['minimumSecurityLevel', NaN], ['minimumRsaBits', 256], ['minimumRsaBits', Infinity], ['minimumRsaBits', 0]]
    .map(([name, value]) => /** @type {[string, object, Function, RegExp]} */ ([`${name}: ${value}`, { [name]: value }, RangeError, new RegExp(`${name} must be an integer from`)])),
  ...['maxDepth', 'minimumSecurityLevel', 'minimumRsaBits'].map((name) =>
    /** @type {[string, object, Function, RegExp]} */ ([`${name}: a string`, { [name]: '2' }, TypeError, new RegExp(`${name} must be a number`)])),
];
test.each(mistakes)('a mistake: %s', (_what, options, type, message) => {
  expect(() => checked(options)).toThrow(type);
  expect(() => checked(options)).toThrow(message);
});

test.each([[undefined], [null], ['ca.pem'], [[]], [Object.create({ ca })]])('no options: %p', (options) => {
  expect(() => checkedVerifierOptions(options)).toThrow(TypeError);
});

test('what everybody inherits is no option', () => {
  // eslint-disable-next-line no-extend-native -- somebody else's mistake
  Object.defineProperty(Object.prototype, 'allowPartialChain', { value: true, configurable: true });
  try {
    expect(checked().allowPartialChain).toBe(false);
  } finally {
    delete (/** @type {any} */ (Object.prototype).allowPartialChain);
  }
});

describe('the clock', () => {
  class OtherDate extends Date {
    getTime() {
      return 7;
    }
  }

  test.each([['a number', 5], ['an invalid Date', new Date(NaN)], ['undefined', undefined], ['a string', '2026-01-01'], ['what looks like one', { getTime: () => 5 }], ['a Promise', Promise.resolve(new Date())]])(
    'gives %s: a TypeError whenever it is asked',
    (_what, value) => {
      const { clock } = checked({ clock: () => value });
      expect(clock).toThrow(/^Verifier: what clock\(\) returns must be a valid Date$/);
      expect(clock).toThrow(TypeError);
      expect(() => timeOf(value, 'verify: at')).toThrow(/^verify: at must be a valid Date$/);
    },
  );

  test.each([['before 1970', new Date(-5000), -5000], ['a Date that lies', new OtherDate(3), 3]])('gives %s', (_what, date, expected) => {
    expect(checked({ clock: () => date }).clock()).toBe(expected);
  });
});

describe('material', () => {
  /** @type {[string, object, RegExp][]} */
  const refused = [
    ['ca: []', { ca: [] }, /^ca: there is no certificate in it$/],
    ['ca: an empty directory', { ca: { directory: newFolder() } }, /^ca: there is no certificate in it$/],
    ['allowedIssuers: []', { allowedIssuers: [] }, /^allowedIssuers: there is no certificate in it$/],
    ['a CRL in ca', { ca: crl }, /^ca, block 1: expected a certificate/],
    ['a certificate in crls', { crls: ca }, /^crls, block 1: expected a CRL/],
    ...['intermediates', 'distrusted', 'allowedIssuers'].map((option) =>
      /** @type {[string, object, RegExp]} */ ([`trust settings in ${option}`, { [option]: toPem(one.der, 'TRUSTED CERTIFICATE') },
        new RegExp(`^${option}, block 1: a TRUSTED CERTIFICATE has a meaning in ca only$`)])),
  ];
  test.each(refused)('%s', (_what, options, message) => {
    expect(() => checked(options)).toThrow(message);
    expect(() => checked(options)).toThrow(expect.objectContaining({ code: 'ERR_CLIENT_CERT_MALFORMED' }));
  });

  test.each([['intermediates'], ['crls'], ['distrusted']])('%s may be empty', (option) => {
    const { [option]: material } = checked({ [option]: [] }).material;
    expect((material.certificates ?? material).ders).toEqual([]);
  });

  test('a mistake elsewhere is found before a file is read', () => {
    expect(() => checked({ ca: { file: '/nowhere' }, strict: 1 })).toThrow(/strict must be a boolean/);
  });

  /** @type {[string, unknown, { certificates?: Buffer[], keys?: Buffer[], fingerprints?: Buffer[] }][]} */
  const distrusted = [
    ['a certificate', two.pem, { certificates: [two.der] }],
    ['a pin', `sha256/${pin.toString('base64')}`, { keys: [pin] }],
    // Of a certificate or of a key: whichever it is.
    ['hexadecimal digits', fingerprint.toString('hex'), { keys: [fingerprint], fingerprints: [fingerprint] }],
    ['as `openssl x509 -fingerprint` prints them', parseCertificate(ca).fingerprints.sha256.replace(/(..)(?=.)/g, '$1:'), { keys: [fingerprint], fingerprints: [fingerprint] }],
    ['several', [two.pem, `sha256/${pin.toString('base64')}`, [one.der, fingerprint.toString('hex')]],
      { certificates: [two.der, one.der], keys: [pin, fingerprint], fingerprints: [fingerprint] }],
  ];
  test.each(distrusted)('distrusted: %s', (_what, input, { certificates = [], keys = [], fingerprints = [] }) => {
    const { distrusted: result } = checked({ distrusted: input }).material;
    expect(dersOf(result.certificates)).toEqual(base64(...certificates));
    expect(base64(...result.keys)).toEqual(base64(...keys));
    expect(base64(...result.fingerprints)).toEqual(base64(...fingerprints));
  });

  test('distrusted: places keep their numbers', () => {
    expect(() => checked({ distrusted: [fingerprint.toString('hex'), 'nothing'] })).toThrow(/^distrusted\[1\]: no PEM block/);
  });

  test.each([['sha256/AAAA'], ['sha256/'], [`sha256/${pin.toString('base64url')}`], [`sha256/${'A'.repeat(42)}B=`], [fingerprint.toString('hex').slice(1)], [`${fingerprint.toString('hex')}0`],
    [`sha1/${pin.toString('base64')}`], [pin.toString('base64')]])('distrusted: no pin: %p', (input) => {
    expect(() => checked({ distrusted: input })).toThrow(/^distrusted/);
    expect(() => checked({ distrusted: [one.der, [input]] })).toThrow(/^distrusted/);
  });

  test('a pin is for distrusted only', () => {
    expect(() => checked({ ca: [ca, `sha256/${pin.toString('base64')}`] })).toThrow(/^ca\[1\]: no PEM block/);
  });
});

describe('what is kept fresh', () => {
  function files() {
    const folder = newFolder();
    write(folder, { 'ca.pem': one.pem, 'issuers/a.pem': one.pem, 'distrusted.pem': two.pem, 'crls/a.pem': crl });
    const at = (name) => path.join(folder, name);
    const options = checked({
      ca: { file: at('ca.pem'), refresh: 1000 },
      intermediates: { file: at('ca.pem') },
      crls: { directory: at('crls'), refresh: 'watch' },
      distrusted: [fingerprint.toString('hex'), { file: at('distrusted.pem'), refresh: 1000 }],
      allowedIssuers: { directory: at('issuers'), refresh: 1000 },
    });
    return { at, options };
  }

  test('is all of it that has an interval, of every option', () => {
    const { options } = files();
    expect(sourcesOf(options.material).map(({ where }) => where)).toEqual(['ca', 'crls', 'distrusted[1]', 'allowedIssuers']);
    expect(sourcesOf({})).toEqual([]);
  });

  test('is read again, and the rest stays', async () => {
    const { at, options } = files();
    fs.writeFileSync(at('ca.pem'), two.pem);
    fs.writeFileSync(at('distrusted.pem'), one.pem);
    const material = await rereadMaterial(options.material);
    expect([material.ca, material.intermediates, material.distrusted.certificates].map(dersOf)).toEqual([base64(two.der), base64(one.der), base64(one.der)]);
    expect(base64(...material.distrusted.fingerprints)).toEqual(base64(fingerprint));
    expect(sourcesOf(material)).toEqual(sourcesOf(options.material));
    expect(Object.isFrozen(material)).toBe(true);
  });

  test.each([
    ['no issuer is left', (at) => fs.unlinkSync(at('issuers/a.pem')), /^allowedIssuers: there is no certificate in it$/],
    ['no CA is left', (at) => fs.writeFileSync(at('ca.pem'), ''), /^ca: .*ca\.pem: empty$/],
    ['trust settings where they mean nothing', (at) => fs.writeFileSync(at('distrusted.pem'), toPem(two.der, 'TRUSTED CERTIFICATE')), /^distrusted\[1\]: .*has a meaning in ca only$/],
  ])('is refused as a whole: %s', async (_what, spoil, message) => {
    const { at, options } = files();
    spoil(at);
    await expect(rereadMaterial(options.material)).rejects.toThrow(message);
  });
});

describe('changes', () => {
  test('only what is given', async () => {
    expect(await checkedChanges({})).toEqual({ material: {}, responses: undefined });
    expect(await checkedChanges({ ca: undefined, revocation: { ocsp: {} } })).toEqual({ material: {}, responses: undefined });
    const responses = [Buffer.from('x')];
    const changes = await checkedChanges({ crls: [], distrusted: fingerprint.toString('hex'), revocation: { ocsp: { responses } } });
    expect(Object.keys(changes.material)).toEqual(['crls', 'distrusted']);
    expect(changes.material.crls.ders).toEqual([]);
    expect(changes.responses).toBe(responses);
    expect(Object.isFrozen(changes) && Object.isFrozen(changes.material)).toBe(true);
  });

  /** @type {[string, unknown, Function, RegExp][]} */
  const refused = [
    ['undefined', undefined, TypeError, /plain object/],
    ['an option that stays', { purpose: 'any' }, TypeError, /^Verifier\.reload: unknown option 'purpose'/],
    ['a misspelt one', { crl: [] }, TypeError, /did you mean 'crls'/],
    ['another part of revocation', { revocation: { mode: 'none' } }, TypeError, /^Verifier\.reload: revocation: unknown option 'mode'/],
    ['another part of ocsp', { revocation: { ocsp: { nonce: true } } }, TypeError, /revocation\.ocsp: unknown option 'nonce'/],
    ['revocation: null', { revocation: null }, TypeError, /plain object/],
    ['no CA', { ca: [] }, Error, /^ca: there is no certificate/],
    ['no issuer', { allowedIssuers: [] }, Error, /^allowedIssuers: there is no certificate/],
    ['a file that is not there', { crls: [], ca: { file: '/nowhere/ca.pem' } }, Error, /^ca: \/nowhere\/ca\.pem cannot be read/],
  ];
  test.each(refused)('all or nothing: %s', async (_what, changes, type, message) => {
    const error = await checkedChanges(changes).then(() => null, (reason) => reason);
    expect(error).toBeInstanceOf(type);
    expect(error.message).toMatch(message);
  });
});
