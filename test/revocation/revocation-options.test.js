'use strict';
// The option `revocation`: what it becomes, and what is refused.

const { X509Certificate } = require('node:crypto');

const { parseCertificate } = require('client-cert-info');
const { checkedRevocationOptions } = require('../../lib/revocation/options.js');
const { root } = require('../middleware/credentials.js');

const responder = root.issue({ subject: { CN: 'Responder' } });
const store = { get() {}, set() {}, delete() {} };

const DEFAULTS = {
  mode: undefined,
  check: 'chain',
  onUnknown: { leaf: 'deny', ca: 'deny' },
  freshness: undefined,
  hosts: undefined,
  urlTimeout: 5000,
  totalTimeout: 10000,
  maxBytes: { ocsp: 65536, crl: 67108864 },
  cache: undefined,
  ocsp: { responses: [], responder: undefined, responderCertificate: undefined, nonce: false, skew: 300 },
};

/** @type {Array<[string, object | undefined, object]>} what, options, what differs from the defaults */
const accepted = [
  ['nothing', undefined, {}],
  ['an empty object', {}, {}],
  ['an object that inherits nothing', Object.create(null), {}],
  ['undefined is absent', Object.fromEntries(Object.keys(DEFAULTS).map((name) => [name, undefined])), {}],
  ['undefined is absent, of ocsp', { ocsp: Object.fromEntries(Object.keys(DEFAULTS.ocsp).map((name) => [name, undefined])) }, {}],
  ...['none', 'cached', 'online'].map((mode) => [`mode ${mode}`, { mode }, { mode }]),
  ['check', { check: 'leaf' }, { check: 'leaf' }],
  ['onUnknown: one for both', { onUnknown: 'allow' }, { onUnknown: { leaf: 'allow', ca: 'allow' } }],
  ['onUnknown: what is not said is deny', { onUnknown: { ca: 'allow' } }, { onUnknown: { leaf: 'deny', ca: 'allow' } }],
  ['onUnknown: nothing is said', { onUnknown: {} }, {}],
  ['freshness', { freshness: 3600 }, { freshness: 3600 }],
  ['hosts', { hosts: ['a.test', '*.b.test:81', '10.0.0.0/8', '[::1]'] }, { hosts: ['a.test', '*.b.test:81', '10.0.0.0/8', '[::1]'] }],
  ['hosts: none', { hosts: [] }, { hosts: [] }],
  ['times', { urlTimeout: 1, totalTimeout: 600000 }, { urlTimeout: 1, totalTimeout: 600000 }],
  ['maxBytes is for both', { maxBytes: 1000 }, { maxBytes: { ocsp: 1000, crl: 1000 } }],
  ['cache', { cache: store }, { cache: store }],
  ['cache: a Map', { cache: new Map() }, { cache: new Map() }],
  ['ocsp', { ocsp: { nonce: true, skew: 0 } }, { ocsp: { ...DEFAULTS.ocsp, nonce: true, skew: 0 } }],
  ['ocsp: responses', { ocsp: { responses: [new Uint8Array([1]), Buffer.from([2])] } },
    { ocsp: { ...DEFAULTS.ocsp, responses: [Buffer.from([1]), Buffer.from([2])] } }],
  ['ocsp: responder', { ocsp: { responder: 'http://OCSP.a.test:81/x' } }, { ocsp: { ...DEFAULTS.ocsp, responder: 'http://ocsp.a.test:81/x' } }],
];

test.each(accepted)('%s', (_what, options, expected) => {
  const checked = checkedRevocationOptions(options);
  expect(checked).toEqual({ ...DEFAULTS, ...expected });
  for (const part of [checked, checked.onUnknown, checked.maxBytes, checked.ocsp, checked.ocsp.responses]) expect(Object.isFrozen(part)).toBe(true);
  if (checked.hosts) expect(Object.isFrozen(checked.hosts)).toBe(true);
});

test.each([
  ['DER', responder.der],
  ['PEM', parseCertificate(responder.der).pem],
  ['X509Certificate', new X509Certificate(responder.der)],
  ['Certificate', parseCertificate(responder.der)],
])('the certificate of a responder: %s', (_what, responderCertificate) => {
  const { ocsp } = checkedRevocationOptions({ ocsp: { responderCertificate } });
  expect(ocsp.responderCertificate.der).toEqual(responder.der);
});

test('what the caller changes later changes nothing', () => {
  const options = { hosts: ['a.test'], onUnknown: { leaf: 'deny' }, ocsp: { responses: [Buffer.from([1])] } };
  const checked = checkedRevocationOptions(options);
  options.hosts.push('b.test');
  options.onUnknown.leaf = 'allow';
  options.ocsp.responses[0][0] = 2;
  expect(checked).toMatchObject({ hosts: ['a.test'], onUnknown: { leaf: 'deny' }, ocsp: { responses: [Buffer.from([1])] } });
});

/** @type {Array<[unknown, RegExp]>} */
const mistakes = [
  [null, /plain object/], [1, /plain object/], ['online', /plain object/], [[], /plain object/], [new Map(), /plain object/],
  [{ moed: 'online' }, /did you mean 'mode'/], [{ host: [] }, /did you mean 'hosts'/], [{ urltimeout: 1 }, /did you mean 'urlTimeout'/], [{ x: undefined }, /'x'/],
  [{ mode: 'Online' }, /'none', 'cached', 'online'/], [{ mode: null }, /mode/], [{ mode: true }, /mode/], [{ mode: ['online'] }, /mode/],
  [{ check: 'all' }, /'leaf', 'chain'/], [{ check: null }, /check/],
  [{ onUnknown: 'ignore' }, /'deny', 'allow'/], [{ onUnknown: null }, /plain object/], [{ onUnknown: true }, /plain object/], [{ onUnknown: { root: 'allow' } }, /'root'/],
  [{ onUnknown: { leaf: true } }, /onUnknown.leaf/], [{ onUnknown: { ca: 'Allow' } }, /onUnknown.ca/],
  ...['freshness', 'urlTimeout', 'totalTimeout', 'maxBytes'].flatMap((name) =>
    [0, -1, 1.5, NaN, Infinity, 1e15, '1', null, true, 1n].map((value) => [{ [name]: value }, new RegExp(name)])),
  [{ hosts: 'a.test' }, /array/], [{ hosts: null }, /array/], [{ hosts: new Set() }, /array/], [{ hosts: ['http://a.test/'] }, /http:\/\/a\.test/], [{ hosts: [1] }, /hosts/],
  [{ cache: null }, /cache/], [{ cache: {} }, /cache/], [{ cache: () => {} }, /cache/], [{ cache: { get() {}, set() {} } }, /cache/], [{ cache: 'redis://x' }, /cache/],
  [{ ocsp: null }, /plain object/], [{ ocsp: true }, /plain object/], [{ ocsp: { response: [] } }, /did you mean 'responses'/], [{ ocsp: { nonces: true } }, /did you mean 'nonce'/],
  [{ ocsp: { responses: Buffer.from([1]) } }, /array/], [{ ocsp: { responses: ['x'] } }, /Buffers/], [{ ocsp: { responses: null } }, /array/],
  [{ ocsp: { responder: 'https://a.test/' } }, /http: URL/], [{ ocsp: { responder: 'a.test' } }, /http: URL/], [{ ocsp: { responder: null } }, /http: URL/],
  [{ ocsp: { responder: new URL('http://a.test') } }, /http: URL/], [{ ocsp: { responder: 'http://u:p@a.test/' } }, /http: URL/],
  [{ ocsp: { responderCertificate: null } }, /responderCertificate/], [{ ocsp: { responderCertificate: {} } }, /responderCertificate/],
  [{ ocsp: { responderCertificate: [] } }, /responderCertificate/],
  [{ ocsp: { nonce: 1 } }, /nonce/], [{ ocsp: { nonce: null } }, /nonce/], [{ ocsp: { nonce: 'yes' } }, /nonce/],
  ...[-1, 1.5, 86401, '300', null].map((skew) => [{ ocsp: { skew } }, /skew/]),
];

test.each(mistakes)('a mistake: %p', (options, message) => {
  const error = (() => {
    try {
      checkedRevocationOptions(options);
    } catch (thrown) {
      return thrown;
    }
    return undefined;
  })();
  expect([TypeError, RangeError]).toContain(error?.constructor);
  expect(error.message).toMatch(message);
});

test.each([[Buffer.from('x')], ['x'], [Buffer.alloc(0)]])('a certificate of a responder that is none: %p', (responderCertificate) => {
  expect(() => checkedRevocationOptions({ ocsp: { responderCertificate } })).toThrow(expect.objectContaining({ code: 'ERR_CLIENT_CERT_MALFORMED' }));
});

test('what somebody adds to Object.prototype is no option', () => {
  // eslint-disable-next-line no-extend-native
  Object.prototype.onUnknown = 'allow';
  try {
    expect(checkedRevocationOptions({}).onUnknown).toEqual({ leaf: 'deny', ca: 'deny' });
  } finally {
    delete Object.prototype.onUnknown;
  }
});
