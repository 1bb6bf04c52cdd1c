'use strict';
// One table of outcomes for every framework, over each version of TLS.

const { Network, VERSIONS, only } = require('../support/tls.js');
const { ask, frameworks, serve } = require('../support/web.js');
const { credentialOf, serverOptions } = require('./credentials.js');

const network = new Network();
afterEach(() => network.end());

const VALID = { valid: true, subject: 'CN=client,O=Example' };
const INVALID = { ...VALID, valid: false };

const passed = (clientCert) => ({ status: 200, json: { passed: true, clientCert } });
const rejected = (error, status = 403) => ({ status, json: { error } });
/** @param {string} name or code of the error @param {string} message */
const failed = (name, message, clientCert = { valid: true }) => ({ status: 500, json: { failed: name, message, clientCert } });
const noError = failed('ERR_CLIENT_CERT_CALLBACK_FAILED', 'a function in the options of clientCertificate threw something that is no error');

const refuse = () => {
  throw new RangeError('refused');
};
const refused = failed('RangeError', 'refused');
const neverAsked = () => {
  throw new Error('asked in spite of everything');
};
const thenable = (value) => ({ then: (resolve) => resolve(value) });

/** @type {Array<[string, object | undefined, string, { status: number, json: object }]>} what, options, client, outcome */
const outcomes = [
  ['a valid certificate', undefined, 'valid', passed(VALID)],
  ['no certificate', undefined, 'none', rejected('certificate_required')],
  ['a certificate that is expired', {}, 'expired', rejected('certificate_invalid')],
  ['a certificate of a wrong usage', {}, 'of a wrong usage', rejected('certificate_invalid')],
  ['a certificate that is untrusted', {}, 'untrusted', rejected('certificate_invalid')],
  ['options that are undefined', { required: undefined, allow: undefined, status: undefined }, 'none', rejected('certificate_required')],

  ['required: false, none', { required: false, allow: neverAsked, onAuthenticated: neverAsked }, 'none', passed(null)],
  ['required: false, valid', { required: false }, 'valid', passed(VALID)],
  ['required: false, expired', { required: false, allow: neverAsked }, 'expired', rejected('certificate_invalid')],
  ['required: false, untrusted', { required: false }, 'untrusted', rejected('certificate_invalid')],

  ['allowInvalid, expired', { allowInvalid: true }, 'expired', passed(INVALID)],
  ['allowInvalid, untrusted', { allowInvalid: true }, 'untrusted', passed(INVALID)],
  ['allowInvalid, allowed', { allowInvalid: true, allow: (info) => !info.valid }, 'of a wrong usage', passed(INVALID)],
  ['allowInvalid, not allowed', { allowInvalid: true, allow: (info) => info.valid }, 'expired', rejected('certificate_not_allowed')],
  ['allowInvalid, none', { allowInvalid: true, allow: neverAsked }, 'none', rejected('certificate_required')],
  ['allow is not asked about an invalid one', { allow: neverAsked }, 'untrusted', rejected('certificate_invalid')],

  ...[
    ['true', true],
    ['a promise of true', Promise.resolve(true)],
    ['a thenable of true', thenable(true)],
    ['a promise of a promise of true', Promise.resolve(thenable(true))],
  ].map(([what, value]) => [`allow returns ${what}`, { allow: () => value }, 'valid', passed(VALID)]),
  ...[
    ['false', false],
    ['1', 1],
    ["'true'", 'true'],
    ['an object', {}],
    ['a Boolean object', Object(true)],
    ['a function', () => true],
    ['undefined', undefined],
    ['null', null],
    ['a promise of false', Promise.resolve(false)],
    ['a promise of 1', Promise.resolve(1)],
    ['a promise of undefined', Promise.resolve()],
    ['a thenable of 1', thenable(1)],
    ['an array with a promise of true', [Promise.resolve(true)]],
  ].map(([what, value]) => [`allow returns ${what}`, { allow: () => value }, 'valid', rejected('certificate_not_allowed')]),
  ['allow throws', { allow: refuse }, 'valid', refused],
  ['allow rejects', { allow: async () => refuse() }, 'valid', refused],
  ['allow throws, nothing required', { required: false, allow: refuse }, 'valid', refused],
  ['allow returns a thenable that throws', { allow: () => ({ then: refuse }) }, 'valid', refused],
  // Express takes each of these, given to next(), for no error.
  ...[undefined, null, 0, false, '', 'route', 'router'].map((reason) => [
    `allow rejects with ${JSON.stringify(reason)}`,
    { allow: () => Promise.reject(reason) },
    'valid',
    noError,
  ]),

  ['onAuthenticated throws', { onAuthenticated: refuse }, 'valid', refused],
  ['onAuthenticated rejects', { onAuthenticated: async () => refuse() }, 'valid', refused],
  ['onAuthenticated rejects with nothing', { onAuthenticated: () => Promise.reject() }, 'valid', noError],
  ['onAuthenticated returns false', { onAuthenticated: () => false }, 'valid', passed(VALID)],
  ['onAuthenticated is told of no invalid one', { allowInvalid: true, onAuthenticated: neverAsked }, 'expired', passed(INVALID)],
  [
    'onAuthenticated is told of an invalid one that is allowed',
    { allowInvalid: true, allow: () => true, onAuthenticated: refuse },
    'expired',
    failed('RangeError', 'refused', { valid: false }),
  ],
  ['onRejected throws', { onRejected: refuse }, 'none', failed('RangeError', 'refused', null)],
  ['onRejected rejects', { onRejected: async () => refuse() }, 'expired', failed('RangeError', 'refused', { valid: false })],
  ['onRejected rejects with nothing', { onRejected: () => Promise.reject() }, 'none', { ...noError, json: { ...noError.json, clientCert: null } }],
  ['onRejected returns true', { onRejected: () => true }, 'none', rejected('certificate_required')],

  ['status 401', { status: 401 }, 'none', rejected('certificate_required', 401)],
  ['status 400', { status: 400 }, 'expired', rejected('certificate_invalid', 400)],
  ['status 499', { status: 499, allow: () => false }, 'valid', rejected('certificate_not_allowed', 499)],
];

/** Words of OpenSSL and of Node's error codes; and the codes of problems, which are for the server's own log. */
const TELLTALES = /ssl|CERT_|UNABLE|X509|verify|depth|expire|chain|purpose/i;

describe.each(frameworks)('$name', (framework) => {
  describe.each(VERSIONS)('%s', (version) => {
    test.each(outcomes)('%s', async (_what, options, client, { status, json }) => {
      const { port } = await serve(network, framework, options, { ...serverOptions, ...only(version) });
      const answer = await ask(framework.protocol, port, credentialOf(client));

      expect({ status: answer.status, json: answer.json }).toEqual({ status, json });
      if (json.error === undefined) return;
      expect(answer.text).toBe(JSON.stringify({ error: json.error }));
      expect(answer.headers).toMatchObject({
        'content-type': 'application/json; charset=utf-8',
        'content-length': String(answer.text.length),
        'cache-control': 'no-store',
      });
      expect(JSON.stringify(answer.headers) + answer.text.replace(json.error, '')).not.toMatch(TELLTALES);
    });
  });
});
