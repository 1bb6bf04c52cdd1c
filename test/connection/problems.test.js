'use strict';
// Every row of the table of problems, tried over a real connection: what the client presents, what the server trusts, what is said.

const crypto = require('node:crypto');

const { getClientCertInfo, CertFlags, TrustStatus } = require('../..');
const { altName, extension, extensions, toPem } = require('../support/certificate-builder.js');
const der = require('../support/der.js');
const { Authority, CLIENT_AUTH, SERVER_AUTH, daysFromNow, newKey } = require('../support/pki.js');
const { Network, VERSIONS, only } = require('../support/tls.js');

const root = new Authority('Root');
const otherRoot = new Authority('Other Root');
const intermediate = new Authority('Intermediate', { issuer: root });
const server = root.issueServer(['localhost']);

const EXPIRED = { notBefore: daysFromNow(-20), notAfter: daysFromNow(-10) };
const FUTURE = { notBefore: daysFromNow(10), notAfter: daysFromNow(20) };
const SERVER_ONLY = { extensions: [extensions.extendedKeyUsage([SERVER_AUTH])] };

/** A path below the root whose intermediate has its own say. */
const below = (authority, options = {}) => authority.issue({ present: [authority], ...options });
const child = (options) => new Authority('Child', { issuer: root, ...options });

const weakRsaKey = () => crypto.generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
const notACa = child({ extensions: [extensions.keyUsage(['digitalSignature', 'keyCertSign'])] });
const noCertSign = child({ extensions: [extensions.basicConstraints({ ca: true }), extensions.keyUsage(['cRLSign'])] });
const onlyLeaves = child({ pathLength: 0 });
const belowOnlyLeaves = new Authority('Grandchild', { issuer: onlyLeaves });
const permitsExample = child({ more: [extensions.nameConstraints({ permitted: [altName.dns('example.test')] })] });
const excludesExample = child({ more: [extensions.nameConstraints({ excluded: [altName.dns('example.test')] })] });
const constrainsIds = child({ more: [extensions.nameConstraints({ permitted: [altName.registeredId('1.2.3.4')] })] });
const expiredCa = child(EXPIRED);
const revoked = below(intermediate);
const revokedBelowExpired = below(expiredCa, EXPIRED);

/** The CA certificate with OpenSSL's own addition: not to be trusted for clients. */
function rejectedForClients(authority) {
  const auxiliary = der.seq(der.ctx(0, der.oid(CLIENT_AUTH)));
  return toPem(Buffer.concat([authority.der, auxiliary]), 'TRUSTED CERTIFICATE');
}

const names = (...values) => [extensions.subjectAltName(values.map((value) => altName.dns(value)))];

/**
 * Expected is the list of `code@depth` in the order of `problems`; the first of them decides certFlags.
 * @type {Array<[string, () => object, string[], string, object?]>}
 */
const cases = [
  ['a valid leaf below an intermediate', () => below(intermediate), [], 'SEC_E_OK'],
  ['a valid leaf below the root', () => root.issue(), [], 'SEC_E_OK'],
  [
    'a signature by another key',
    () => root.issue({ signingKey: newKey() }),
    ['CERT_SIGNATURE_INVALID@0'],
    'TRUST_E_CERT_SIGNATURE',
  ],
  [
    'a signature with SHA-1',
    () => root.issue({ digest: 'sha1' }),
    ['CERT_SIGNATURE_WEAK@0'],
    'TRUST_E_CERT_SIGNATURE',
    { server: { ciphers: 'DEFAULT@SECLEVEL=2' }, client: { ciphers: 'DEFAULT@SECLEVEL=0' } },
  ],
  [
    'a key of 1024 bits',
    () => root.issue({ privateKey: weakRsaKey() }),
    ['CERT_KEY_WEAK@0'],
    'TRUST_E_CERT_SIGNATURE',
    { server: { ciphers: 'DEFAULT@SECLEVEL=2' }, client: { ciphers: 'DEFAULT@SECLEVEL=0' } },
  ],
  [
    'a revoked leaf',
    () => revoked,
    ['CERT_REVOKED@0'],
    'CERT_E_REVOKED',
    { server: { crl: [root.crl(), intermediate.crl([revoked])] } },
  ],
  [
    'a revoked intermediate',
    () => below(intermediate),
    ['CERT_REVOKED@1'],
    'CERT_E_REVOKED',
    { server: { crl: [root.crl([intermediate]), intermediate.crl()] } },
  ],
  ['another root, presented', () => below(otherRoot), ['ROOT_UNTRUSTED@1'], 'CERT_E_UNTRUSTEDROOT'],
  ['a self-signed leaf', () => selfSigned(), ['ROOT_UNTRUSTED@0'], 'CERT_E_UNTRUSTEDROOT'],
  ['another root, not presented', () => otherRoot.issue(), ['ISSUER_NOT_FOUND@0'], 'CERT_E_CHAINING'],
  ['a missing intermediate', () => intermediate.issue(), ['ISSUER_NOT_FOUND@0'], 'CERT_E_CHAINING'],
  [
    'a root that is rejected for clients',
    () => below(intermediate),
    ['CERT_DISTRUSTED@2'],
    'TRUST_E_EXPLICIT_DISTRUST',
    { server: { ca: rejectedForClients(root) } },
  ],
  ['a usage for servers', () => root.issue(SERVER_ONLY), ['USAGE_NOT_ALLOWED@0'], 'CERT_E_WRONG_USAGE'],
  ['an expired leaf', () => root.issue(EXPIRED), ['CERT_EXPIRED@0'], 'CERT_E_EXPIRED'],
  ['an expired intermediate', () => below(expiredCa), ['CERT_EXPIRED@1'], 'CERT_E_EXPIRED'],
  ['a leaf of the future', () => root.issue(FUTURE), ['CERT_NOT_YET_VALID@0'], 'CERT_E_EXPIRED'],
  [
    'a name that is not permitted',
    () => below(permitsExample, { more: names('example.org') }),
    ['NAME_NOT_PERMITTED@0'],
    'CERT_E_INVALID_NAME',
  ],
  ['a name that is permitted', () => below(permitsExample, { more: names('a.example.test') }), [], 'SEC_E_OK'],
  [
    'a name that is excluded',
    () => below(excludesExample, { more: names('a.example.test') }),
    ['NAME_EXCLUDED@0'],
    'CERT_E_INVALID_NAME',
  ],
  [
    'a constraint on a kind of name that is not supported',
    () => below(constrainsIds, { more: [extensions.subjectAltName([altName.registeredId('1.2.3.4')])] }),
    ['NAME_CONSTRAINT_UNSUPPORTED@0'],
    'CERT_E_INVALID_NAME',
  ],
  ['an issuer that is no CA', () => below(notACa), ['CA_NOT_A_CA@1'], 'TRUST_E_BASIC_CONSTRAINTS'],
  ['an issuer that may not sign', () => below(noCertSign), ['CA_MAY_NOT_SIGN@1'], 'TRUST_E_BASIC_CONSTRAINTS'],
  [
    'a path that is longer than a CA permits',
    () => belowOnlyLeaves.issue({ present: [belowOnlyLeaves, onlyLeaves] }),
    ['PATH_LENGTH_EXCEEDED@2'],
    'TRUST_E_BASIC_CONSTRAINTS',
  ],
  [
    'a critical extension that nobody knows',
    () => root.issue({ more: [extension('1.2.3.4.5', der.nul(), true)] }),
    ['CRITICAL_EXTENSION_UNKNOWN@0'],
    'CERT_E_CRITICAL',
  ],
  [
    'an extension that OpenSSL does not look into and that is malformed',
    () => root.issue({ more: [extension('2.5.29.32', der.seq())] }),
    ['CERT_MALFORMED@0'],
    'CERT_E_MALFORMED',
  ],
  [
    'an extension that is malformed',
    () => root.issue({ more: [extension('2.5.29.19', der.nul())] }),
    ['EXTENSION_INVALID@0', 'CERT_MALFORMED@0'],
    'CERT_E_MALFORMED',
  ],
  [
    'a CRL for one CA of two',
    () => below(intermediate),
    ['REVOCATION_UNKNOWN@0'],
    'CRYPT_E_NO_REVOCATION_CHECK',
    { server: { crl: [root.crl()] } },
  ],
  [
    'a CRL that is out of date',
    () => root.issue(),
    ['REVOCATION_STALE@1', 'REVOCATION_STALE@0'],
    'CRYPT_E_REVOCATION_OFFLINE',
    { server: { crl: [root.crl([], { thisUpdate: daysFromNow(-9), nextUpdate: daysFromNow(-1) })] } },
  ],
  [
    'expired, and for servers, and another root',
    () => below(otherRoot, { ...EXPIRED, ...SERVER_ONLY }),
    ['ROOT_UNTRUSTED@1', 'USAGE_NOT_ALLOWED@0', 'CERT_EXPIRED@0'],
    'CERT_E_UNTRUSTEDROOT',
  ],
  [
    'revoked, and expired with its CA',
    () => revokedBelowExpired,
    ['CERT_REVOKED@0', 'CERT_EXPIRED@1', 'CERT_EXPIRED@0'],
    'CERT_E_REVOKED',
    { server: { crl: [root.crl(), expiredCa.crl([revokedBelowExpired])] } },
  ],
  [
    'expired, wrong usage, wrong name and a critical extension',
    () => below(permitsExample, { ...EXPIRED, extensions: [...SERVER_ONLY.extensions, ...names('evil.test'), extension('1.2.3', der.nul(), true)] }),
    ['USAGE_NOT_ALLOWED@0', 'CERT_EXPIRED@0', 'NAME_NOT_PERMITTED@0', 'CRITICAL_EXTENSION_UNKNOWN@0'],
    'CERT_E_WRONG_USAGE',
  ],
];

function selfSigned() {
  const itself = new Authority('Itself', { extensions: [extensions.extendedKeyUsage([CLIENT_AUTH])] });
  return { cert: itself.pem, key: itself.privateKey.export({ type: 'pkcs8', format: 'pem' }) };
}

const network = new Network();
afterEach(() => network.end());

describe.each(VERSIONS)('over %s', (version) => {
  test.each(cases)('%s', async (_title, credential, expected, flagName, options = {}) => {
    const { connect } = await network.server(
      { ...only(version), key: server.key, cert: server.cert, ca: root.pem, ...options.server },
      (socket) => ({ info: getClientCertInfo(socket), authorized: socket.authorized }),
    );
    const { cert, key } = credential();
    const { info, authorized } = (await connect({ cert, key, ...options.client })).value;

    expect(info.problems.map(({ code, depth }) => `${code}@${depth}`)).toEqual(expected);
    expect([info.certFlagsName, info.certFlags]).toEqual([flagName, CertFlags[flagName]]);
    expect(info.valid).toBe(expected.length === 0);
    // Nothing is valid that Node refused.
    if (info.valid) expect(authorized).toBe(true);
    expect(info.errorStatus).toBe(info.problems.reduce((bits, problem) => (bits | problem.errorStatus) >>> 0, 0));
    expect(info.elements.reduce((bits, element) => (bits | element.errorStatus) >>> 0, 0)).toBe(info.errorStatus);
    expect(info.certEncoded.equals(Buffer.from(cert.split('-----')[2], 'base64'))).toBe(true);
  });
});

test('the problems of a path are told apart by element', async () => {
  const { connect } = await network.server(
    { key: server.key, cert: server.cert, ca: root.pem },
    (socket) => getClientCertInfo(socket),
  );
  const { value: info } = await connect(below(expiredCa, SERVER_ONLY));

  expect(info.elements.map((element) => element.certificate.subject.get('CN'))).toEqual([['client'], ['Child'], ['Root']]);
  expect(info.elements.map(({ errorStatus, infoStatus }) => [errorStatus, infoStatus])).toEqual([
    [TrustStatus.CERT_TRUST_IS_NOT_VALID_FOR_USAGE, TrustStatus.CERT_TRUST_HAS_NAME_MATCH_ISSUER],
    [TrustStatus.CERT_TRUST_IS_NOT_TIME_VALID, TrustStatus.CERT_TRUST_HAS_KEY_MATCH_ISSUER],
    [0, TrustStatus.CERT_TRUST_IS_SELF_SIGNED | TrustStatus.CERT_TRUST_HAS_NAME_MATCH_ISSUER],
  ]);
  expect(info.problems[1]).toEqual({
    code: 'CERT_EXPIRED',
    depth: 1,
    flag: 0x800b0101,
    flagName: 'CERT_E_EXPIRED',
    errorStatus: 1,
    message: 'the certificate at depth 1: its validity period is over',
    subject: 'CN=Child,O=Example',
  });
});
