'use strict';
// What a client can change about its certificate must not change who it is, nor let it pass a rule that denies.

const { altName, extensions } = require('../support/certificate-builder.js');
const der = require('../support/der.js');
const { Authority } = require('../support/pki.js');
const { AccountMapper, ClientCertInfo, Verifier, parseCertificate, parsePrincipal } = require('../..');

const root = new Authority('root');
const certificate = root.issue();
// The order of P-256's group.
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** The same certificate with the other of its two signatures: (r, n - s) is as good as (r, s). @param {Buffer} octets */
function rewritten(octets) {
  const contents = (/** @type {Buffer} */ element) => element.subarray(element[1] < 0x80 ? 2 : 2 + (element[1] & 0x7f));
  const lengthOf = (/** @type {Buffer} */ element) => element.length - contents(element).length + (element[1] < 0x80 ? element[1] : element.readUIntBE(2, element[1] & 0x7f));
  const parts = [];
  for (let rest = contents(octets); rest.length > 0; rest = rest.subarray(lengthOf(rest))) parts.push(rest.subarray(0, lengthOf(rest)));
  const [tbs, algorithm, bits] = parts;
  const signature = contents(bits).subarray(1);
  const [r, s] = (() => {
    const inner = contents(signature);
    return [inner.subarray(0, lengthOf(inner)), inner.subarray(lengthOf(inner))];
  })();
  const other = ORDER - BigInt(`0x${contents(s).toString('hex')}`);
  const hex = other.toString(16).padStart(64, '0');
  const value = Buffer.from((parseInt(hex[0], 16) >= 8 ? '00' : '') + hex.replace(/^(?:00)+(?=[0-7])/, ''), 'hex');
  return der.seq(tbs, algorithm, der.bitString(der.seq(r, der.tlv(0x02, value))));
}

test('a certificate with its other signature is as valid, and still denied', async () => {
  const twin = rewritten(certificate.der);
  expect(twin.equals(certificate.der)).toBe(false);
  expect(new Verifier({ ca: root.pem }).verify(twin).valid).toBe(true);
  const mapper = new AccountMapper({ rules: [{ certificate: certificate.pem, deny: true }], resolve: () => 'nobody' });
  for (const one of [certificate.der, twin]) {
    expect(await mapper.map({ certificate: parseCertificate(one), verified: true })).toMatchObject({ outcome: 'denied', reason: 'denied_by_rule' });
  }
});

test('a fingerprint denies nobody for certain, so it is refused', () => {
  const { sha256 } = parseCertificate(certificate.pem).fingerprints;
  expect(() => new AccountMapper({ rules: [{ certificate: sha256, deny: true }] })).toThrow(/spkiPin/);
});

test.each(['https://EXAMPLE.org/admin', 'https://example.org:443/admin', 'https://example.org./admin', 'https://ada@example.org/admin', 'https://example.org/%61dmin'])('%s may be what is denied', async (uri) => {
  const { der: octets } = root.issue({ more: [extensions.subjectAltName([altName.uri(uri)])] });
  const mapper = new AccountMapper({ rules: [{ uri: 'https://example.org/admin', deny: true }], resolve: () => 'nobody' });
  expect(await mapper.map({ certificate: parseCertificate(octets), verified: true })).toMatchObject({ outcome: 'denied', reason: 'denied_by_rule' });
});

test('what only looks like a ClientCertInfo is none', async () => {
  const mapper = new AccountMapper({ resolve: () => 'nobody' });
  const fake = Object.create(ClientCertInfo.prototype, { validUntil: { value: new Date() }, valid: { value: true }, certificate: { value: parseCertificate(certificate.pem) } });
  await expect(mapper.map(fake)).rejects.toThrow(TypeError);
});

test('a grid-mapfile knows nothing of several attributes in one RDN', async () => {
  const { der: octets } = root.issue({ subject: [{ OU: 'People', O: 'Example' }, { CN: 'Ada' }] });
  const parsed = parseCertificate(octets);
  const mapper = new AccountMapper({ gridmap: { text: `"${parsed.subject.toOneline()}" nobody\n` } });
  const { outcome } = await mapper.map({ certificate: parsed, verified: true });
  expect([outcome, parsed.subject.rdns.some((rdn) => rdn.length > 1)]).toEqual(['noMatch', true]);
});

describe('a rule that denies takes no notice of what a client, or a CA that writes down what it is told, may choose', () => {
  const upnOid = '1.3.6.1.4.1.311.20.2.3';
  const named = (names, options = {}) => root.issue({ ...options, more: [extensions.subjectAltName(names)] });
  const outcomeOf = async (matchrule, { der: octets }) => {
    const mapper = new AccountMapper({ rules: [{ matchrule, deny: true }], resolve: () => 'nobody' });
    return (await mapper.map({ certificate: parseCertificate(octets), verified: true })).outcome;
  };

  test.each([
    ['a host in another case', '<SAN:dNSName>.*\\.evil\\.example', named([altName.dns('a.EVIL.example')])],
    ['a rule in another case', '<SAN:dNSName>.*\\.EVIL\\.example', named([altName.dns('a.evil.example')])],
    ['an address in another case', '<SAN:rfc822Name>.*@evil\\.example', named([altName.email('m@EVIL.example')])],
    ['a principal in another case', '<SAN:ntPrincipalName>mallory@.*', named([altName.upn('Mallory@a')])],
    ['a subject in another case', '<SUBJECT>CN=mallory', root.issue({ subject: { CN: 'MALLORY' } })],
    ['what a pattern excludes', '<SUBJECT>CN=[^a]*', root.issue({ subject: { CN: 'A' } })],
    ['a principal that is no UTF8String', '<SAN:ntPrincipalName>mallory@.*', named([altName.otherName(upnOid, der.ia5('mallory@a'))])],
    ['a principal that is no UTF8String, of any kind', '<SAN>mallory@.*', named([altName.otherName(upnOid, der.ia5('mallory@a'))])],
    ['a subject that is no text', '<SUBJECT>CN=mallory', root.issue({ subject: { CN: der.bitString(Buffer.from('mallory')) } })],
  ])('%s', async (_, matchrule, certified) => expect(await outcomeOf(matchrule, certified)).toBe('denied'));

  test.each([
    ['another host', '<SAN:dNSName>evil\\.example', named([altName.dns('good.example')])],
    ['another subject', '<SUBJECT>CN=mallory', root.issue({ subject: { CN: 'ada' } })],
  ])('%s is not touched', async (_, matchrule, certified) => expect(await outcomeOf(matchrule, certified)).not.toBe('denied'));
});

describe('a rule that denies a user of NTLM', () => {
  const outcomeOf = async (principal, rule = 'EXAMPLE\\mallory') => {
    const mapper = new AccountMapper({ rules: [{ principal: rule, mechanism: 'NTLM', deny: true }], resolve: () => 'nobody' });
    return (await mapper.map({ principal: parsePrincipal(principal, 'NTLM'), verified: true })).outcome;
  };
  test.each(['EXAMPLE\\mallory', 'example\\MALLORY', 'mallory', 'Mallory', 'mallory@example', 'mallory@example.org'])('%s', async (principal) => {
    expect(await outcomeOf(principal)).toBe('denied');
    expect(await outcomeOf(principal, 'EXAMPLE\\{name}')).toBe('denied');
  });
  test.each(['OTHER\\mallory', 'EXAMPLE\\ada', 'ada', 'ada@example'])('not %s', async (principal) => expect(await outcomeOf(principal)).not.toBe('denied'));
});
