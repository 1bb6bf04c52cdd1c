'use strict';
// Names: every string type, every character that could mislead, every kind of alternative name.

const crypto = require('node:crypto');
const util = require('node:util');

const { parseCertificate } = require('../../lib/certificate.js');
const { DistinguishedName } = require('../../lib/distinguished-name.js');
const { altName, extension, extensions, makeCertificate, name } = require('../support/certificate-builder.js');
const der = require('../support/der.js');

const signingKey = crypto.generateKeyPairSync('ed25519').privateKey;
const subjectOf = (subject) => parseCertificate(makeCertificate({ signingKey, subject })).subject;
const altNamesOf = (...names) =>
  parseCertificate(makeCertificate({ signingKey, extensions: [extensions.subjectAltName(names)] })).subjectAltNames;

describe('a value of a distinguished name', () => {
  // Each row: the value; RFC 4514; OpenSSL's one line.
  test.each([
    ['Ada', 'Ada', 'Ada'],
    ['', '', ''],
    ['a\0b', 'a\\00b', 'a\\x00b'],
    ['evil.example\0.good.example', 'evil.example\\00.good.example', 'evil.example\\x00.good.example'],
    ['a\nb\r\t', 'a\\0Ab\\0D\\09', 'a\\x0Ab\\x0D\\x09'],
    ['a,b;c', 'a\\,b\\;c', 'a,b;c'],
    ['"a"', '\\"a\\"', '"a"'],
    ['a+b=c', 'a\\+b=c', 'a+b=c'],
    ['<a>', '\\<a\\>', '<a>'],
    ['a\\b', 'a\\\\b', 'a\\x5Cb'],
    ['\\2C', '\\\\2C', '\\x5C2C'],
    ['#a', '\\#a', '#a'],
    ['a#', 'a#', 'a#'],
    [' a', '\\ a', ' a'],
    ['a ', 'a\\ ', 'a '],
    ['a\\ ', 'a\\\\\\ ', 'a\\x5C '],
    [' ', '\\ ', ' '],
    ['  ', '\\ \\ ', '  '],
    ['a/CN=root', 'a/CN=root', 'a\\x2FCN=root'],
    ['a\\x2Fb', 'a\\\\x2Fb', 'a\\x5Cx2Fb'],
    ['Zoë', 'Zoë', 'Zo\\xC3\\xAB'],
    ['李', '李', '\\xE6\\x9D\\x8E'],
    ['😀', '😀', '\\xF0\\x9F\\x98\\x80'],
    ['a\x7fb\x85c', 'a\\7Fb\\C2\\85c', 'a\\x7Fb\\xC2\\x85c'],
    ['a\u202eb', 'a\\E2\\80\\AEb', 'a\\xE2\\x80\\xAEb'],
    ['\u061c\u200e\u200f', '\\D8\\9C\\E2\\80\\8E\\E2\\80\\8F', '\\xD8\\x9C\\xE2\\x80\\x8E\\xE2\\x80\\x8F'],
    ['\u2066a\u2069', '\\E2\\81\\A6a\\E2\\81\\A9', '\\xE2\\x81\\xA6a\\xE2\\x81\\xA9'],
    ['a\u200bb\u200c\u200d', 'a\\E2\\80\\8Bb\\E2\\80\\8C\\E2\\80\\8D', 'a\\xE2\\x80\\x8Bb\\xE2\\x80\\x8C\\xE2\\x80\\x8D'],
    ['\u2028\u2029', '\\E2\\80\\A8\\E2\\80\\A9', '\\xE2\\x80\\xA8\\xE2\\x80\\xA9'],
    ['\ufeffa', '\\EF\\BB\\BFa', '\\xEF\\xBB\\xBFa'],
    ['\ufffe\ufdd0\u{1ffff}', '\\EF\\BF\\BE\\EF\\B7\\90\\F0\\9F\\BF\\BF', '\\xEF\\xBF\\xBE\\xEF\\xB7\\x90\\xF0\\x9F\\xBF\\xBF'],
  ])('%j', (value, rfc4514, oneline) => {
    const subject = subjectOf([{ O: 'Ex' }, { CN: value }]);
    expect(subject.get('CN')).toEqual([value]);
    expect(subject.toString()).toBe(`CN=${rfc4514},O=Ex`);
    expect(`${subject}`).toBe(subject.toString());
    expect(subject.toOneline()).toBe(`/O=Ex/CN=${oneline}`);
  });

  test.each([
    ['utf8', der.utf8('Zoë'), 'Zoë'],
    ['printable', der.printable('Ada'), 'Ada'],
    ['teletex', der.teletex('Zo\xeb'), 'Zoë'],
    ['bmp', der.bmp('Zoë 李\0'), 'Zoë 李\0'],
    ['universal', der.universal('Zoë 😀'), 'Zoë 😀'],
    ['ia5', der.ia5('a@b'), 'a@b'],
    ['numeric', der.numeric('12 3'), '12 3'],
    ['visible', der.visible('Ada'), 'Ada'],
    ['other', der.int(5), '#020105'],
    ['other', der.tlv(0x1b, Buffer.from('general')), '#1b0767656e6572616c'],
  ])('of type %s', (stringType, encoded, value) => {
    const subject = subjectOf([{ CN: encoded }]);
    expect(subject.rdns).toEqual([[{ type: '2.5.4.3', shortName: 'CN', value, stringType }]]);
    expect(subject.toString()).toBe(stringType === 'other' ? `CN=${value}` : `CN=${value.replace('\0', '\\00')}`);
  });
});

describe('a distinguished name', () => {
  const subject = subjectOf([
    { DC: 'com' }, { O: 'Ex' }, { OU: 'a' }, { OU: 'b' }, { CN: 'Ada', UID: '7' }, { '1.2.3.4': 'x' }, { emailAddress: 'a@b' },
  ]);

  test('keeps the order of its parts, the last first in text', () => {
    expect(subject.rdns.map((rdn) => rdn.map(({ shortName }) => shortName))).toEqual(
      [['DC'], ['O'], ['OU'], ['OU'], ['CN', 'UID'], ['1.2.3.4'], ['emailAddress']]);
    expect(subject.toString()).toBe('emailAddress=a@b,1.2.3.4=#0c0178,CN=Ada+UID=7,OU=b,OU=a,O=Ex,DC=com');
    expect(subject.toOneline()).toBe('/DC=com/O=Ex/OU=a/OU=b/CN=Ada/UID=7/1.2.3.4=x/emailAddress=a@b');
  });

  test.each([
    ['CN', ['Ada']], ['cn', ['Ada']], ['commonName', ['Ada']], ['COMMONNAME', ['Ada']], ['2.5.4.3', ['Ada']], ['OU', ['a', 'b']],
    ['1.2.3.4', ['x']], ['L', []], ['no such name', []], ['constructor', []], ['E', ['a@b']], ['domainComponent', ['com']],
  ])('get(%j)', (type, values) => {
    expect(subject.get(type)).toEqual(values);
  });

  test('get() takes a string', () => {
    expect(() => subject.get(3)).toThrow(TypeError);
  });

  test('cannot be made or changed by users', () => {
    expect(() => new DistinguishedName()).toThrow(new TypeError('Illegal constructor'));
    expect([subject, subject.rdns, subject.rdns[0], subject.rdns[0][0]].every(Object.isFrozen)).toBe(true);
    subject.der.fill(0);
    expect(subject.der[0]).toBe(0x30);
    subject.get('OU').push('c');
    expect(subject.get('OU')).toEqual(['a', 'b']);
  });

  test('is shown as its text', () => {
    expect(util.inspect(subjectOf('Ada'))).toBe("DistinguishedName 'CN=Ada'");
    expect(JSON.parse(JSON.stringify(subjectOf('Ada')))).toEqual({
      rfc4514: 'CN=Ada',
      rdns: [[{ type: '2.5.4.3', shortName: 'CN', value: 'Ada', stringType: 'utf8' }]],
    });
  });

  test.each([
    [true, { CN: 'Ada' }, { CN: 'Ada' }],
    [true, { CN: 'Ada' }, { CN: ' ADA  ' }],
    [true, { CN: 'Ada  Lovelace' }, { CN: 'ada lovelace' }],
    [true, { CN: der.printable('Ada') }, { CN: der.bmp('ada') }],
    [true, { CN: 'STRASSE' }, { CN: 'straße' }],
    [true, { CN: der.int(5) }, { CN: der.int(5) }],
    [false, { CN: der.int(5) }, { CN: '#020105' }],
    [false, { CN: 'Ada' }, { CN: 'Adah' }],
    [false, { CN: 'Ada' }, { O: 'Ada' }],
    [false, { CN: 'Ada' }, { CN: 'Ada\0' }],
    [false, { CN: 'Ada', O: 'Ex' }, { O: 'Ex', CN: 'Ada' }],
    [false, { CN: 'Ada' }, { CN: 'Ada', O: 'Ex' }],
    [true, [{ CN: 'Ada', O: 'Ex' }], [{ O: 'ex', CN: 'ada' }]],
    [false, [{ CN: 'Ada', O: 'Ex' }], [{ CN: 'Ada' }, { O: 'Ex' }]],
    [false, [{ CN: 'a","b' }], [{ CN: 'a', O: 'b' }]],
    [true, der.seq(), der.seq()],
  ])('equals is %p: %j %j', (equal, one, other) => {
    expect(subjectOf(one).equals(subjectOf(other))).toBe(equal);
    expect(subjectOf(other).equals(subjectOf(one))).toBe(equal);
  });

  test('equals takes another name', () => {
    expect(() => subject.equals('CN=Ada')).toThrow(TypeError);
    expect(() => subject.equals(null)).toThrow(TypeError);
  });
});

describe('an alternative name', () => {
  const upnOid = '1.3.6.1.4.1.311.20.2.3';
  test.each([
    ['dns', altName.dns('a.example'), { type: 'dns', value: 'a.example' }],
    ['dns with a NUL', altName.dns('a.example\0.b'), { type: 'dns', value: 'a.example\0.b' }],
    ['dns that looks like two', altName.dns('a, DNS:b'), { type: 'dns', value: 'a, DNS:b' }],
    ['email', altName.email('a@b'), { type: 'email', value: 'a@b' }],
    ['a SPIFFE ID', altName.uri('spiffe://example/ns/a'), { type: 'uri', value: 'spiffe://example/ns/a' }],
    ['upn', altName.upn('zoë@example'), { type: 'upn', oid: upnOid, value: 'zoë@example', der: der.utf8('zoë@example') }],
    ['upn with a NUL', altName.upn('root\0@x'), { type: 'upn', oid: upnOid, value: 'root\0@x', der: der.utf8('root\0@x') }],
    ['a upn of another type', altName.otherName(upnOid, der.ia5('a@b')),
      { type: 'otherName', oid: upnOid, value: 'a@b', der: der.ia5('a@b') }],
    ['an otherName with text', altName.otherName('1.2.3', der.bmp('a')), { type: 'otherName', oid: '1.2.3', value: 'a', der: der.bmp('a') }],
    ['an otherName without', altName.otherName('2.16.840.1.101.3.6.6', der.octets(der.hex('d432'))),
      { type: 'otherName', oid: '2.16.840.1.101.3.6.6', value: null, der: der.octets(der.hex('d432')) }],
    ['registeredId', altName.registeredId('1.2.840'), { type: 'registeredId', value: '1.2.840' }],
    ['x400Address', altName.x400Address(der.seq()), { type: 'x400Address', value: null, der: altName.x400Address(der.seq()) }],
    ['ediPartyName', altName.ediPartyName(der.ctx(1, der.utf8('p'))),
      { type: 'ediPartyName', value: null, der: altName.ediPartyName(der.ctx(1, der.utf8('p'))) }],
    ['IPv4', altName.ip('192.0.2.255'), { type: 'ip', value: '192.0.2.255' }],
  ])('%s', (_, encoded, decoded) => {
    expect(altNamesOf(encoded)).toEqual([decoded]);
    expect(Object.isFrozen(altNamesOf(encoded)[0])).toBe(true);
  });

  test('dirName', () => {
    const [{ type, value }] = altNamesOf(altName.dirName([{ O: 'Ex' }, { CN: 'a,b' }]));
    expect(type).toBe('dirName');
    expect(value).toBeInstanceOf(DistinguishedName);
    expect(value.toString()).toBe('CN=a\\,b,O=Ex');
    expect(value.der.equals(name([{ O: 'Ex' }, { CN: 'a,b' }]))).toBe(true);
  });

  // RFC 5952.
  test.each([
    ['20010db8000000000000000000000001', '2001:db8::1'],
    ['00000000000000000000000000000000', '::'],
    ['00000000000000000000000000000001', '::1'],
    ['20010db8000000010001000100010001', '2001:db8:0:1:1:1:1:1'],
    ['20010000000000010000000000000001', '2001:0:0:1::1'],
    ['20010db8000000000001000000000001', '2001:db8::1:0:0:1'],
    ['fe800000000000000000000000000000', 'fe80::'],
    ['00010002000300040005000600070008', '1:2:3:4:5:6:7:8'],
    ['00000000000000000000ffffc0000201', '::ffff:192.0.2.1'],
    ['ABCD00000000000000000000000000EF', 'abcd::ef'],
  ])('IPv6 %s', (octets, text) => {
    expect(altNamesOf(altName.ip(der.hex(octets)))).toEqual([{ type: 'ip', value: text }]);
  });

  test.each([
    ['0a000000ff000000', '10.0.0.0/8'],
    ['0000000000000000', '0.0.0.0/0'],
    ['c0000201ffffffff', '192.0.2.1/32'],
    ['0a000001ff0000ff', '10.0.0.1/255.0.0.255'],
    [`20010db8${'0'.repeat(24)}ffffffff${'0'.repeat(24)}`, '2001:db8::/32'],
    [`20010db8${'0'.repeat(24)}00000000${'f'.repeat(24)}`, '2001:db8::/::ffff:ffff:ffff:ffff:ffff:ffff'],
  ])('range %s', (octets, text) => {
    const constraints = extensions.nameConstraints({ permitted: [altName.ip(der.hex(octets))] });
    const certificate = parseCertificate(makeCertificate({ signingKey, extensions: [constraints] }));
    expect(certificate.nameConstraints).toEqual({ permitted: [{ type: 'ip', value: text, minimum: 0, maximum: null }], excluded: [] });
  });

  test('ten thousand of them keep their order', () => {
    const names = Array.from({ length: 10000 }, (_, i) => `host-${i}.example`);
    const encoded = makeCertificate({ signingKey, extensions: [extensions.subjectAltName(names.map(altName.dns))] });
    expect(encoded.length).toBeGreaterThan(100 * 1024);
    const start = process.hrtime.bigint();
    const certificate = parseCertificate(encoded);
    expect(Number(process.hrtime.bigint() - start) / 1e6).toBeLessThan(100);
    expect(certificate.subjectAltNames.map(({ value }) => value)).toEqual(names);
  });
});

describe('extensions', () => {
  const parse = (...list) => parseCertificate(makeCertificate({ signingKey, extensions: list }));

  test('each is decoded', () => {
    const notice = der.seq(der.oid('1.3.6.1.5.5.7.2.2'), der.seq(der.seq(der.utf8('org'), der.seq(der.int(1))), der.utf8('Notice\0')));
    const point = der.seq(
      der.ctx(0, der.ctx(1, der.seq(der.oid('2.5.4.3'), der.utf8('rel')))), der.tlv(0x81, der.hex('0560')), der.ctx(2, altName.dirName('Crl')));
    const certificate = parse(
      extensions.basicConstraints({ pathLength: 0 }),
      extensions.keyUsage(['digitalSignature', 'decipherOnly']),
      extensions.extendedKeyUsage(['1.3.6.1.5.5.7.3.2', '2.5.29.37.0']),
      extensions.issuerAltName([altName.uri('urn:x')]),
      extension('2.5.29.32', der.seq(
        der.seq(der.oid('1.2.3'), der.seq(
          notice, der.seq(der.oid('1.3.6.1.5.5.7.2.1'), der.ia5('http://cps')), der.seq(der.oid('1.2.9'), der.int(5)))),
        der.seq(der.oid('2.5.29.32.0')))),
      extension('2.5.29.31', der.seq(point, der.seq(der.ctx(0, der.ctx(0, altName.uri('http://crl')))))),
      extensions.authorityInfoAccess({ ocsp: ['http://ocsp'], caIssuers: ['http://ca'] }),
      extensions.subjectKeyIdentifier(der.hex('00ab')),
      extensions.authorityKeyIdentifier({ keyIdentifier: der.hex('cd'), issuer: [altName.dirName('Ca')], serial: -1 }),
      extensions.sid('S-1-5-21-1-2-3-500'),
      extension('1.2.3.4', der.hex('ff'), true),
    );
    expect(certificate.basicConstraints).toEqual({ ca: true, pathLength: 0 });
    expect(certificate.keyUsage).toEqual(['digitalSignature', 'decipherOnly']);
    expect(certificate.extendedKeyUsage).toEqual(['1.3.6.1.5.5.7.3.2', '2.5.29.37.0']);
    expect(certificate.issuerAltNames).toEqual([{ type: 'uri', value: 'urn:x' }]);
    expect(certificate.policies).toEqual([
      { oid: '1.2.3', qualifiers: [
        { type: 'userNotice', value: 'Notice\0', der: notice.subarray(12) },
        { type: 'cps', value: 'http://cps' },
        { type: 'other', oid: '1.2.9', der: der.int(5) },
      ] },
      { oid: '2.5.29.32.0', qualifiers: [] },
    ]);
    expect(certificate.crlDistributionPoints).toMatchObject([
      { fullName: [], relativeName: [{ shortName: 'CN', value: 'rel' }], reasons: ['keyCompromise', 'cACompromise'] },
      { fullName: [{ type: 'uri', value: 'http://crl' }], relativeName: null, reasons: null, crlIssuer: [] },
    ]);
    expect(certificate.crlDistributionPoints[0].crlIssuer[0].value.toString()).toBe('CN=Crl');
    expect(certificate.authorityInfoAccess).toEqual([
      { method: '1.3.6.1.5.5.7.48.1', location: { type: 'uri', value: 'http://ocsp' } },
      { method: '1.3.6.1.5.5.7.48.2', location: { type: 'uri', value: 'http://ca' } },
    ]);
    expect(certificate.subjectKeyIdentifier).toBe('00AB');
    expect(certificate.authorityKeyIdentifier).toMatchObject({ keyIdentifier: 'CD', serialNumber: '-01' });
    expect(certificate.sid).toBe('S-1-5-21-1-2-3-500');
    expect(certificate.extensions).toHaveLength(11);
    expect(certificate.extensions[10]).toEqual({ oid: '1.2.3.4', critical: true, value: der.hex('ff') });
  });

  test('none is decoded to nothing', () => {
    const certificate = parseCertificate(makeCertificate({ signingKey }));
    expect(certificate).toMatchObject({
      version: 1, subjectAltNames: [], issuerAltNames: [], keyUsage: [], extendedKeyUsage: [], basicConstraints: null, policies: [],
      nameConstraints: null, crlDistributionPoints: [], authorityInfoAccess: [], subjectKeyIdentifier: null,
      authorityKeyIdentifier: null, sid: null, extensions: [],
    });
  });

  test('an OID of any size prints right', () => {
    const oids = ['0.0', '0.39', '1.39', '2.39', '2.40', '2.47', '2.48', '2.999.1', '2.18446744073709551535.1', '2.18446744073709551536',
      '1.2.9223372036854775807', '1.2.9223372036854775808', '1.2.18446744073709551616', `2.25.${(1n << 128n) - 1n}`, `2.${1n << 100n}`,
      `2.${10n ** 30n - 80n}`, `2.${10n ** 30n - 1n}`, `2.${10n ** 30n}`];
    expect(parse(extensions.extendedKeyUsage(oids)).extendedKeyUsage).toEqual(oids);
  });

  test.each([
    [0, '00'], [1, '01'], [127, '7F'], [128, '80'], [255, 'FF'], [256, '0100'], [-1, '-01'], [-128, '-80'], [-129, '-81'],
    [-256, '-0100'], [-32768, '-8000'], [(1n << 159n) + 5n, `80${'0'.repeat(36)}05`], [-(1n << 200n), `-01${'0'.repeat(50)}`],
  ])('serial number %s is %s', (serial, text) => {
    expect(parseCertificate(makeCertificate({ signingKey, serial })).serialNumber).toBe(text);
  });

  test.each(['S-1-5-18', 'S-1-0-0', `S-1-5${'-4294967295'.repeat(15)}`])('%s is a security identifier', (sid) => {
    expect(parse(extensions.sid(sid)).sid).toBe(sid);
  });

  test.each(['', 'S-1-', 'S-1-5', 'S-1-5-', 'S-1--5', 's-1-5-18', 'S-2-5-18', 'S-1-5-18\0', 'S-1-5-18 ', `S-1-5${'-1'.repeat(16)}`,
    'S-1-5-1234567890123456'])('%j is none', (sid) => {
    expect(() => parse(extensions.sid(sid))).toThrow(/security identifier/);
  });
});
