'use strict';
// The ready functions for `allow`: what each admits, what it does not, and what it refuses to be made of.

const { createHash, createPublicKey } = require('node:crypto');

const { allow, getClientCertInfo, parseCertificate } = require('client-cert-info');
const { altName, extension, extensions } = require('../support/certificate-builder.js');
const der = require('../support/der.js');
const { Network } = require('../support/tls.js');
const { root, serverOptions } = require('./credentials.js');

/** @param {object} options of Authority.issue */
const infoOf = (options) => ({ valid: true, certificate: parseCertificate(root.issue(options).der) });
/** @param {object} subject */
const named = (subject) => infoOf({ subject });
/** @param {...Buffer} names */
const alsoNamed = (...names) => infoOf({ more: [extensions.subjectAltName(names)] });

const ada = named({ O: 'Example', OU: 'Tests', CN: 'Ada' });
const dns = alsoNamed(altName.dns('Host.Example.test'), altName.dns('*.wild.test'));
const email = alsoNamed(altName.email('Ada@Example.test'));
const uri = alsoNamed(altName.uri('spiffe://example.test/Ada'));
const ip = alsoNamed(altName.ip('192.0.2.1'), altName.ip([0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]));
const upn = alsoNamed(altName.upn('Ada@corp.example.test'));
const registeredId = alsoNamed(altName.registeredId('1.2.3.4'));
const otherKinds = alsoNamed(
  altName.dirName({ CN: 'Ada' }),
  altName.otherName('1.2.3', der.utf8('Ada')),
  altName.otherName('1.2.3', der.nul()),
  altName.ediPartyName(der.ctx(1, der.utf8('Ada'))),
);
const serial = (value) => infoOf({ serial: value });

const sha256 = (octets) => createHash('sha256').update(octets).digest();
const fingerprint = sha256(ada.certificate.der).toString('hex');
const pin = sha256(createPublicKey(ada.certificate.pem).export({ type: 'spki', format: 'der' })).toString('base64');
const colons = (hex) => hex.match(/../g).join(':');

/** @type {Array<[string, (info: any, request?: any) => any, object, boolean]>} what, function, certificate, whether it is admitted */
const comparisons = [
  ['subject: the whole name', allow.subject('CN=Ada,OU=Tests,O=Example'), ada, true],
  ['subject: a part of the name', allow.subject('CN=Ada'), ada, false],
  ['subject: another order', allow.subject('O=Example,OU=Tests,CN=Ada'), ada, false],
  ['subject: another case', allow.subject('CN=ada,OU=Tests,O=Example'), ada, false],
  ['subject: white space', allow.subject('CN=Ada, OU=Tests, O=Example'), ada, false],
  ['subject: one attribute', allow.subject({ CN: 'Ada' }), ada, true],
  ['subject: by its long name', allow.subject({ commonName: 'Ada' }), ada, true],
  ['subject: by its OID', allow.subject({ '2.5.4.3': 'Ada' }), ada, true],
  ['subject: several attributes', allow.subject({ CN: 'Ada', O: 'Example' }), ada, true],
  ['subject: several attributes, one of them wrong', allow.subject({ CN: 'Ada', O: 'Other' }), ada, false],
  ['subject: one of several values', allow.subject({ CN: ['Grace', 'Ada'] }), ada, true],
  ['subject: none of several values', allow.subject({ CN: ['Grace', 'Alan'] }), ada, false],
  ['subject: an attribute that it has not', allow.subject({ L: 'Ada' }), ada, false],
  ['subject: an attribute that has no name', allow.subject({ '1.2.3.4': 'Ada' }), ada, false],
  ['subject: another case of the value', allow.subject({ CN: 'ADA' }), ada, false],
  ['subject: a part of the value', allow.subject({ CN: 'Ad' }), ada, false],
  ['subject: an attribute twice', allow.subject({ CN: 'Ada' }), named([{ CN: 'Ada' }, { CN: 'Grace' }]), false],
  ['subject: an attribute twice, both wanted', allow.subject({ CN: ['Ada', 'Grace'] }), named([{ CN: 'Ada' }, { CN: 'Grace' }]), false],
  ['subject: an attribute twice with one value', allow.subject({ CN: 'Ada' }), named([{ CN: 'Ada' }, { CN: 'Ada' }]), false],
  ['subject: an attribute twice in one RDN', allow.subject({ CN: 'Ada' }), named([{ CN: 'Ada', '2.5.4.3': 'Grace' }]), false],
  ['subject: a NUL behind it', allow.subject({ CN: 'Ada' }), named({ CN: 'Ada\0.evil.test' }), false],
  ['subject: a NUL behind it, whole name', allow.subject('CN=Ada'), named({ CN: 'Ada\0' }), false],
  ['subject: a comma in it', allow.subject('CN=Ada,O=Example'), named({ CN: 'Ada,O=Example' }), false],
  ['subject: a comma in an organization', allow.subject('CN=Ada,O=Example'), named({ O: 'Example,CN=Ada' }), false],
  ['subject: a slash in it', allow.subject({ CN: 'Ada' }), named({ O: 'Example/CN=Ada' }), false],
  ['subject: a plus in it', allow.subject('OU=Tests+CN=Ada'), named({ CN: 'Ada+OU=Tests' }), false],
  ['subject: a line feed in it', allow.subject({ CN: 'Ada' }), named({ O: 'x\nCN=Ada' }), false],
  ['subject: white space around it', allow.subject({ CN: 'Ada' }), named({ CN: ' Ada ' }), false],
  ['subject: look-alikes', allow.subject({ CN: 'Ada' }), named({ CN: 'Аda' }), false],
  ['subject: another form of the same text', allow.subject({ CN: '\u00e9' }), named({ CN: 'e\u0301' }), false],
  ['subject: no text', allow.subject({ CN: 'Ada' }), named({ CN: der.octets(Buffer.from('Ada')) }), false],
  ['subject: another string type', allow.subject({ CN: 'Ada' }), named({ CN: der.printable('Ada') }), true],
  ['subject: empty', allow.subject({ CN: 'Ada' }), named([]), false],

  ['issuer: the whole name', allow.issuer('CN=Root,O=Example'), ada, true],
  ['issuer: attributes', allow.issuer({ CN: 'Root', O: 'Example' }), ada, true],
  ['issuer: the subject', allow.issuer({ CN: 'Ada' }), ada, false],

  ['altName: dns', allow.altName('dns', 'Host.Example.test'), dns, true],
  ['altName: dns in another case', allow.altName('dns', 'hOST.example.TEST'), dns, true],
  ['altName: dns, one of several', allow.altName('dns', 'a.test', 'host.example.test'), dns, true],
  ['altName: dns, a part', allow.altName('dns', 'example.test'), dns, false],
  ['altName: dns, trailing dot', allow.altName('dns', 'host.example.test.'), dns, false],
  ['altName: dns, a wildcard covers nothing', allow.altName('dns', 'a.wild.test'), dns, false],
  ['altName: dns, a wildcard itself', allow.altName('dns', '*.wild.test'), dns, true],
  ['altName: dns, Kelvin sign', allow.altName('dns', '\u212A.test'), alsoNamed(altName.dns('k.test')), false],
  ['altName: dns, a common name is none', allow.altName('dns', 'ada'), named({ CN: 'ada' }), false],
  ['altName: dns, a URI is none', allow.altName('dns', 'spiffe://example.test/Ada'), uri, false],
  ['altName: email', allow.altName('email', 'Ada@example.TEST'), email, true],
  ['altName: email, another case before the @', allow.altName('email', 'ada@example.test'), email, false],
  ['altName: uri', allow.altName('uri', 'spiffe://example.test/Ada'), uri, true],
  ['altName: uri in another case', allow.altName('uri', 'spiffe://example.test/ada'), uri, false],
  ['altName: uri, a prefix', allow.altName('uri', 'spiffe://example.test/'), uri, false],
  ['altName: ip', allow.altName('ip', '192.0.2.1'), ip, true],
  ['altName: ip, another one', allow.altName('ip', '192.0.2.10'), ip, false],
  ['altName: ip, version 6', allow.altName('ip', '2001:db8::1'), ip, true],
  ['altName: ip, version 6 in another form', allow.altName('ip', '2001:0DB8:0:0::1'), ip, true],
  ['altName: ip, version 4 within version 6', allow.altName('ip', '::ffff:192.0.2.1'), ip, false],
  ['altName: ip, a DNS name that looks like one', allow.altName('ip', '192.0.2.1'), alsoNamed(altName.dns('192.0.2.1')), false],
  ['altName: upn', allow.altName('upn', 'Ada@corp.example.test'), upn, true],
  ['altName: upn in another case', allow.altName('upn', 'ada@corp.example.test'), upn, false],
  ['altName: upn, an e-mail address is none', allow.altName('upn', 'Ada@Example.test'), email, false],
  ['altName: upn, another otherName is none', allow.altName('upn', 'Ada'), otherKinds, false],
  ['altName: registeredId', allow.altName('registeredId', '1.2.3.4'), registeredId, true],
  ['altName: registeredId, a prefix', allow.altName('registeredId', '1.2.3'), registeredId, false],
  ['altName: other kinds of names', allow.altName('dns', 'Ada', 'null', 'CN=Ada'), otherKinds, false],
  ['altName: the extension is absent', allow.altName('dns', 'Ada'), ada, false],

  ['fingerprint', allow.fingerprint(fingerprint), ada, true],
  ['fingerprint in upper case', allow.fingerprint(fingerprint.toUpperCase()), ada, true],
  ['fingerprint with colons', allow.fingerprint(colons(fingerprint)), ada, true],
  ['fingerprint, one of several', allow.fingerprint('0'.repeat(64), fingerprint), ada, true],
  ['fingerprint of another', allow.fingerprint(fingerprint), infoOf({}), false],

  ['spkiPin', allow.spkiPin(pin), ada, true],
  ['spkiPin, one of several', allow.spkiPin(sha256('another').toString('base64'), pin), ada, true],
  ['spkiPin of another', allow.spkiPin(pin), infoOf({}), false],
  ['spkiPin: the fingerprint', allow.spkiPin(Buffer.from(fingerprint, 'hex').toString('base64')), ada, false],

  ['serialNumber', allow.serialNumber('7F'), serial(0x7f), true],
  ['serialNumber in lower case', allow.serialNumber('7f'), serial(0x7f), true],
  ['serialNumber with leading zeros', allow.serialNumber('00:00:7F'), serial(0x7f), true],
  ['serialNumber with the sign octet of its DER', allow.serialNumber('0080'), serial(0x80), true],
  ['serialNumber with an odd number of digits', allow.serialNumber('101'), serial(0x101), true],
  ['serialNumber with colons', allow.serialNumber('01:01'), serial(0x101), true],
  ['serialNumber zero', allow.serialNumber('0'), serial(0), true],
  ['serialNumber negative', allow.serialNumber('-5'), serial(-5), true],
  ['serialNumber without its sign', allow.serialNumber('5'), serial(-5), false],
  ['serialNumber, one of several', allow.serialNumber('1', '2'), serial(2), true],
  ['serialNumber of another', allow.serialNumber('7F'), serial(0x7f00), false],
];

test.each(comparisons)('%s', (_what, allowed, info, admitted) => {
  expect(allowed(info, {})).toBe(admitted);
});

const yes = () => true;
const no = () => false;
const later = (value) => () => new Promise((resolve) => setImmediate(resolve, value));
const fail = () => {
  throw new RangeError('asked');
};

/** @type {Array<[string, (info: any, request?: any) => any, boolean | 'rejects']>} */
const combinations = [
  ['all: one that admits', allow.all(yes), true],
  ['all: each admits', allow.all(yes, later(true), yes), true],
  ['all: one does not', allow.all(yes, later(false), yes), false],
  ['all: one says 1', allow.all(yes, () => 1), false],
  ['all: one resolves to an object', allow.all(yes, later({})), false],
  ['all: nobody is asked after a no', allow.all(no, fail), false],
  ['all: one throws', allow.all(yes, fail), 'rejects'],
  ['all: one rejects', allow.all(yes, async () => fail()), 'rejects'],
  ['any: one of them admits', allow.any(no, later(true)), true],
  ['any: none does', allow.any(no, later(false)), false],
  ['any: they say 1 and an object', allow.any(() => 1, later({})), false],
  ['any: nobody is asked after a yes', allow.any(yes, fail), true],
  ['any: one throws before another admits', allow.any(fail, yes), 'rejects'],
  ['any of all', allow.any(allow.all(yes, no), allow.all(yes, later(true))), true],
  ['all of any', allow.all(allow.any(no, yes), allow.any(no, no)), false],
];

test.each(combinations)('%s', async (_what, allowed, expected) => {
  const answer = allowed(ada, {});
  if (expected === 'rejects') await expect(answer).rejects.toThrow('asked');
  else await expect(answer).resolves.toBe(expected);
});

test.each([['all', allow.all], ['any', allow.any]])('%s hands everything on', async (_name, combine) => {
  const request = {};
  const member = jest.fn(() => true);
  await combine(member)(ada, request);
  expect(member.mock.calls).toEqual([[ada, request]]);
});

/** @type {Array<[string, unknown[]]>} helper, arguments */
const mistakes = [
  ...['subject', 'issuer'].flatMap((helper) =>
    [[], [undefined], [null], [''], [1], [{}], [[]], [['CN=Ada']], [{ CN: '' }], [{ CN: [] }], [{ CN: undefined }], [{ CN: ['Ada', 1] }],
      [{ CN: null }], [{ Organisation: 'Example' }], [{ constructor: 'Ada' }], [{ '2.5.04.3': 'Ada' }], [new Map([['CN', 'Ada']])]].map((args) => [helper, args])),
  ...[[], ['dns'], ['dns', ''], ['dns', 1], ['dns', ['a.test']], ['DNS', 'a.test'], ['dirName', 'CN=Ada'], ['otherName', 'x'], ['toString', 'x'],
    [undefined, 'x'], ['ip', 'a.test'], ['ip', '192.0.2.0/24'], ['ip', 'fe80::1%eth0'], ['ip', '192.0.2.1', '1.2.3']].map((args) => ['altName', args]),
  ...[[], [''], [1], [null], ['00'], [fingerprint.slice(1)], [`${fingerprint}0`], ['g'.repeat(64)], [` ${fingerprint}`], [`${fingerprint}\n`],
    [fingerprint.slice(0, 40)], [`:${fingerprint}`], [colons(fingerprint).replace(':', '::')], [[fingerprint]], [fingerprint, '']].map((args) => ['fingerprint', args]),
  ...[[], [''], [1], ['sha256//' + pin], [pin.slice(0, -1)], [pin.replace(/=+$/, '')], [fingerprint], [`${pin}\n`],
    [Buffer.alloc(20).toString('base64')], [pin, null]].map((args) => ['spkiPin', args]),
  ...[[], [''], [1], [1n], ['0x7F'], ['7G'], ['7F '], ['-'], ['--7F'], ['7:F'], ['7F:'], ['1.5'], ['7F', undefined]].map((args) => ['serialNumber', args]),
  ...['all', 'any'].flatMap((helper) => [[], [null], [true], [yes, undefined], [[yes]], [Promise.resolve(yes)]].map((args) => [helper, args])),
];

test.each(mistakes)('%s cannot be made of %p', (helper, args) => {
  expect(() => allow[helper](...args)).toThrow(TypeError);
  expect(() => allow[helper](...args)).toThrow(`allow.${helper}`);
});

/** Every helper, with arguments that could match something. */
const everyHelper = {
  'subject, whole': allow.subject('CN=undefined'),
  subject: allow.subject({ CN: 'undefined' }),
  'issuer, whole': allow.issuer('CN=undefined'),
  issuer: allow.issuer({ CN: 'undefined' }),
  'altName dns': allow.altName('dns', 'undefined'),
  'altName email': allow.altName('email', 'undefined'),
  'altName uri': allow.altName('uri', 'undefined'),
  'altName ip': allow.altName('ip', '::'),
  'altName upn': allow.altName('upn', 'null'),
  'altName registeredId': allow.altName('registeredId', '0.0'),
  fingerprint: allow.fingerprint('0'.repeat(64)),
  spkiPin: allow.spkiPin(Buffer.alloc(32).toString('base64')),
  serialNumber: allow.serialNumber('0'),
};

test('every helper is in the table', () => {
  const names = new Set(Object.keys(everyHelper).map((name) => name.split(/[ ,]/)[0]));
  expect([...names, 'all', 'any']).toEqual(Object.keys(allow));
  expect(Object.isFrozen(allow)).toBe(true);
});

const bare = infoOf({ subject: [], extensions: [], version: 1, serial: 1 });

describe.each(Object.entries(everyHelper))('%s', (_name, allowed) => {
  test.each([['without that field', bare], ['with odd names', otherKinds], ['that could not be decoded', { valid: false, certificate: null }]])(
    'refuses a certificate %s',
    (_what, info) => {
      expect(allowed(info, {})).toBe(false);
    },
  );
});

test('a malformed certificate that is let through to allow is refused by each of them', async () => {
  const network = new Network();
  try {
    const { connect } = await network.server(serverOptions, (socket) => getClientCertInfo(socket));
    const { cert, key } = root.issue({ more: [extension('2.5.29.32', der.seq())] });
    const { value: info } = await connect({ cert, key });
    expect(info.certificate).toBe(null);
    for (const allowed of Object.values(everyHelper)) expect(allowed(info, {})).toBe(false);
    expect(await allow.any(...Object.values(everyHelper))(info, {})).toBe(false);
  } finally {
    await network.end();
  }
});

test('what is added to the prototype of all objects admits nobody', () => {
  const someone = named({ CN: 'Someone' });
  const added = {
    subjectAltNames: [{ type: 'dns', value: 'admin.test' }],
    fingerprints: { sha256: '00'.repeat(32) },
    sha256: '00'.repeat(32),
    serialNumber: '01',
    expected: 'nothing',
  };
  Object.assign(Object.prototype, added);
  try {
    expect(allow.altName('dns', 'admin.test')(someone)).toBe(false);
    expect(allow.fingerprint('00'.repeat(32))(someone)).toBe(false);
    expect(allow.serialNumber('01')(someone)).toBe(false);
  } finally {
    for (const name of Object.keys(added)) delete Object.prototype[name];
  }
});
