'use strict';
// What GSSAPI could say and a KDC for tests does not: nobody gets in by it, and nothing of it stays.

const { once } = require('node:events');
const https = require('node:https');
const { text } = require('node:stream/consumers');

// The addon's own classes cannot be changed.
const mockGssapi = { acquire: jest.fn(), create: jest.fn() };
jest.mock('../../lib/native.js', () => {
  const actual = jest.requireActual('../../lib/native.js');
  const said = { GssCredential: { acquire: (...given) => mockGssapi.acquire(...given) }, GssExchange: { create: (...given) => mockGssapi.create(...given) } };
  return { ...actual, native: new Proxy(actual.native, { get: (native, name) => said[name] ?? native[name] }) };
});

const { NegotiateAuthenticator } = require('../..');
const { Authority } = require('../support/pki.js');
const { Network } = require('../support/tls.js');

const { key, cert } = new Authority('root').issueServer(['localhost']);
const ANONYMOUS = 0x40;
const ALICE = { mechanism: 'Kerberos', name: Buffer.from('alice@EXAMPLE.TEST'), flags: 0, lifetime: 3600, localName: null, exported: null, delegated: null };
const network = new Network();
afterEach(async () => {
  mockGssapi.create.mockReset();
  await network.end();
});

/** What a request comes to of which GSSAPI says this, and what is left afterwards. */
async function asking(step, { scheme = 'Negotiate', ...options } = {}) {
  mockGssapi.acquire.mockImplementation(async () => ({ release() {} }));
  mockGssapi.create.mockImplementation(() => ({ accept: async () => ({ output: Buffer.alloc(0), established: null, failure: null, ...step }), close() {} }));
  const authenticator = new NegotiateAuthenticator({ channelBinding: 'legacy', mechanisms: ['Negotiate', 'NTLM', 'Kerberos'], ...options });
  let said;
  const server = https.createServer({ key, cert }, async (request, response) => {
    said = await authenticator.authenticate(request, response);
    if (!response.headersSent) response.end('in');
  });
  const port = await network.listen(server);
  const request = https.get({ port, host: '127.0.0.1', rejectUnauthorized: false, agent: false, headers: { authorization: `${scheme} YAAA` } });
  const [response] = await once(request, 'response');
  const body = await text(response);
  await new Promise(setImmediate);
  return { status: response.statusCode, headers: response.rawHeaders, body, said };
}

test('somebody gets in', async () => {
  expect(await asking({ established: ALICE })).toMatchObject({ status: 200, body: 'in', said: { principal: { name: 'alice@EXAMPLE.TEST' } } });
});

test.each([
  ['an anonymous principal', { name: Buffer.from('WELLKNOWN/ANONYMOUS@WELLKNOWN:ANONYMOUS') }, 'SEC_E_LOGON_DENIED'],
  ['one of a realm', { name: Buffer.from('WELLKNOWN/ANONYMOUS@EXAMPLE.TEST') }, 'SEC_E_LOGON_DENIED'],
  ['a name, of somebody who wants to stay anonymous', { flags: ANONYMOUS }, 'SEC_E_LOGON_DENIED'],
  ['a null session', { mechanism: 'NTLM', name: Buffer.alloc(0) }, 'SEC_E_LOGON_DENIED'],
  ['a name that is no text', { name: Buffer.from([0xff, 0x40, 0x41]) }, 'SEC_E_LOGON_DENIED'],
  ['a name that goes on behind a NUL', { name: Buffer.from('alice\0@EXAMPLE.TEST') }, 'SEC_E_LOGON_DENIED'],
  ['a mechanism that only negotiates', { mechanism: 'Negotiate' }, 'SEC_E_SECPKG_NOT_FOUND'],
])('%s is nobody, and what came with it is gone', async (_, established, secStatusName) => {
  const exported = Buffer.from('key');
  const release = jest.fn();
  const delegated = { credential: { release }, name: ALICE.name, lifetime: 3600 };
  const result = await asking({ established: { ...ALICE, ...established, exported, delegated } }, { allowDelegation: true });
  expect(result).toMatchObject({ status: 401, body: '{"error":"authentication_failed"}', said: { secStatusName, principal: null } });
  expect(exported.every((octet) => octet === 0)).toBe(true);
  expect(release).toHaveBeenCalledTimes(1);
});

test.each([['NTLM', 'Kerberos'], ['Kerberos', 'NTLM']])('by the scheme %s nobody gets in with %s', async (scheme, mechanism) => {
  const name = Buffer.from(mechanism === 'NTLM' ? 'EXAMPLE\\alice' : 'alice@EXAMPLE.TEST');
  const { status, said } = await asking({ established: { ...ALICE, mechanism, name } }, { scheme });
  expect([status, said.secStatusName, said.principal]).toEqual([401, 'SEC_E_SECPKG_NOT_FOUND', null]);
});

test('what was delegated is closed with the response', async () => {
  const release = jest.fn();
  const { status, said } = await asking({ established: { ...ALICE, delegated: { credential: { release }, name: ALICE.name, lifetime: 3600 } } }, { allowDelegation: true });
  expect([status, said.delegatedCredential.closed, release.mock.calls.length]).toEqual([200, true, 1]);
});

test('no text of GSSAPI reaches a client, neither in the body nor in a field', async () => {
  const message = 'Unspecified GSS failure: keytab FILE:/etc/secret.keytab is nonexistent';
  const { status, headers, body, said } = await asking({ failure: { status: 0x80090308, major: 0xd0000, minor: 100001, message } });
  expect(said.failure.message).toBe(message);
  expect([status, body]).toEqual([401, '{"error":"authentication_failed"}']);
  const names = headers.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
  expect(new Set(names)).toEqual(new Set(['content-type', 'content-length', 'cache-control', 'www-authenticate', 'date', 'connection']));
  expect(headers.join()).not.toMatch(/gss|keytab|secret|100001|53248/i);
});

test('a token of more octets than maxToken is not given to GSSAPI', async () => {
  const { said } = await asking({ established: ALICE }, { maxToken: 2 });
  expect([said.secStatusName, mockGssapi.create.mock.calls.length]).toEqual(['SEC_E_INVALID_TOKEN', 0]);
});
