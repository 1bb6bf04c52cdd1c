'use strict';
// A certificate or a ticket, for each framework: the same person, account and token, whichever way.

const http2 = require('node:http2');
const { text } = require('node:stream/consumers');
const { once } = require('node:events');

const { canMakeAccounts } = require('../support/accounts.js');
const { GssClient } = require('../support/gss-client.js');
const { PASSWORD, REALM, World, alice, describeWithKerberos } = require('../support/negotiate.js');
const { Network } = require('../support/tls.js');
const { Authority } = require('../support/pki.js');
const { AuthStatus, AuthType } = require('../..');

const { HttpAuthStatusNotAuthenticated, HttpAuthStatusFailure } = AuthStatus;
const { HttpRequestAuthTypeClientCertificate, HttpRequestAuthTypeNegotiate, HttpRequestAuthTypeBasic } = AuthType;

const NOBODY = [{ matchrule: '<SUBJECT>CN=never', maprule: 'x' }, { principal: 'never@NOWHERE', account: 'x' }];

describeWithKerberos('a certificate or a ticket', () => {
  const everything = new Network();
  const world = new World(everything);
  const certificate = world.authority.issue({ subject: { CN: alice } });
  const stranger = new Authority('stranger').issue({ subject: { CN: alice } });
  let network;
  let client;
  beforeAll(async () => {
    await world.start();
    client = new GssClient(everything, world.kdc.env(world.kdc.login(alice, PASSWORD)));
  });
  afterAll(() => everything.end());
  beforeEach(() => {
    network = new Network();
  });
  afterEach(() => network.end());
  const ticket = async () => `Negotiate ${(await client.begin()).token}`;
  const cert = ({ cert: pem, key }) => ({ cert: pem, key });

  describe.each(['express', 'express4', 'fastify', 'fastify4'])('%s', (mode) => {
    (canMakeAccounts ? test : test.skip)('the same account and token either way', async () => {
      const server = await world.server({ network, mode, certificate: {} });
      const byCertificate = await server.ask(cert(certificate));
      const begun = await client.begin();
      const byTicket = await server.ask({ authorization: `Negotiate ${begun.token}` });
      expect(byCertificate).toMatchObject({ status: 200, challenges: [], body: { hello: alice, type: HttpRequestAuthTypeClientCertificate }, authInfo: { authStatus: 0, packageName: 'TLS', certificate: `CN=${alice}`, principal: null } });
      expect(byTicket).toMatchObject({ status: 200, body: { hello: alice, type: HttpRequestAuthTypeNegotiate }, authInfo: { authStatus: 0, packageName: 'Kerberos', certificate: null, principal: `${alice}@${REALM}` } });
      for (const member of ['account', 'token']) expect(byTicket.authInfo[member]).toEqual(byCertificate.authInfo[member]);
      expect(byTicket.authInfo.token).toMatchObject({ name: alice, closed: false });
      // It is with the application's own answer.
      expect(await client.step(begun.id, byTicket.challenges[0].split(' ')[1])).toMatchObject({ complete: true, mutual: true });
    });

    test('neither: a challenge', async () => {
      const server = await world.server({ network, mode, certificate: {} });
      expect(await server.ask()).toMatchObject({ status: 401, challenges: ['Negotiate'], body: { error: 'authentication_required' }, authInfo: { authStatus: HttpAuthStatusNotAuthenticated } });
    });

    test('a bad certificate, a bad ticket', async () => {
      const server = await world.server({ network, mode, certificate: {} });
      expect(await server.ask(cert(stranger))).toMatchObject({ status: 403, challenges: [], body: { error: 'certificate_invalid' } });
      expect(await server.ask({ authorization: 'Negotiate AAAA' })).toMatchObject({ status: 401, challenges: ['Negotiate'], body: { error: 'authentication_failed' }, authInfo: { authStatus: HttpAuthStatusFailure } });
    });

    test('somebody whom the mapper does not know', async () => {
      const server = await world.server({ network, mode, certificate: {}, rules: NOBODY });
      expect(await server.ask({ authorization: await ticket() })).toMatchObject({ status: 403, body: { error: 'account_required' } });
      expect(await server.ask(cert(certificate))).toMatchObject({ status: 403, body: { error: 'account_required' } });
    });
  });

  test.each(['express', 'fastify'])('localName without a mapper: who has no account does not pass, %s', async (mode) => {
    world.kdc.addUser(`${alice}/${mode}`, PASSWORD);
    const other = new GssClient(network, world.kdc.env(world.kdc.login(`${alice}/${mode}`, PASSWORD)));
    const server = await world.server({ network, mode, rules: null, authenticator: { localName: true, basicPassword: 'password' } });
    for (const authorization of [`Negotiate ${(await other.begin()).token}`, `Basic ${Buffer.from(`${alice}:password`).toString('base64')}`]) {
      expect(await server.ask({ authorization })).toMatchObject({ status: 403, body: { error: 'account_required' }, authInfo: { account: null, mapping: { outcome: 'noMatch' } } });
    }
  });

  (canMakeAccounts ? test : test.skip)('over HTTP/2, for Fastify', async () => {
    const server = await world.server({ network, mode: 'fastify, HTTP/2', certificate: {} });
    const session = http2.connect(`https://127.0.0.1:${server.port}`, { rejectUnauthorized: false });
    network.atEnd(() => session.destroy());
    const begun = await client.begin();
    const stream = session.request({ ':path': '/', authorization: `Negotiate ${begun.token}` });
    const [headers] = await once(stream, 'response');
    expect([headers[':status'], JSON.parse(await text(stream))]).toEqual([200, { hello: alice, type: HttpRequestAuthTypeNegotiate }]);
    expect(await client.step(begun.id, headers['www-authenticate'].split(' ')[1])).toMatchObject({ complete: true, mutual: true });
  });

  describe('who shows both', () => {
    test('the first of the order decides, and a good second way makes no bad first one good', async () => {
      const first = async (order) => {
        const server = await world.server({ network, mode: 'express', certificate: {}, order, rules: null });
        return {
          both: (await server.ask({ ...cert(certificate), authorization: await ticket() })).authInfo.packageName,
          badCertificate: (await server.ask({ ...cert(stranger), authorization: await ticket() })).status,
          badTicket: (await server.ask({ ...cert(certificate), authorization: 'Negotiate AAAA' })).status,
        };
      };
      expect(await first(['certificate', 'negotiate'])).toEqual({ both: 'TLS', badCertificate: 403, badTicket: 200 });
      expect(await first(['negotiate', 'certificate'])).toEqual({ both: 'Kerberos', badCertificate: 200, badTicket: 401 });
    });

    test('a scheme that is none of ours leaves the certificate to decide', async () => {
      const server = await world.server({ network, mode: 'express', certificate: {}, order: ['negotiate', 'certificate'], rules: null });
      expect(await server.ask({ ...cert(certificate), authorization: 'Bearer abc' })).toMatchObject({ status: 200, authInfo: { packageName: 'TLS' } });
    });
  });

  describe('Basic', () => {
    const rules = [{ principal: '{name}', mechanism: 'Basic', account: '{name}' }];
    const basic = (text64) => `Basic ${Buffer.from(text64).toString('base64')}`;
    let server;
    beforeAll(async () => {
      server = await world.server({ rules, authenticator: { mechanisms: [], basicPassword: 'pass:word' } });
    });
    test('by verifyPassword', async () => {
      expect((await server.ask()).challenges).toEqual(['Basic realm="login", charset="UTF-8"']);
      const { status, authInfo } = await server.ask({ authorization: basic(`${alice}:pass:word`) });
      expect([status, authInfo.authType]).toEqual([canMakeAccounts ? 200 : 403, HttpRequestAuthTypeBasic]);
      if (canMakeAccounts) expect(authInfo).toMatchObject({ packageName: 'Basic', account: alice, token: { name: alice }, contextAttributes: null, mutualAuthData: null });
    });
    test.each([
      ['a wrong password', basic(`${alice}:no`), 'SEC_E_LOGON_DENIED'],
      ['what is only truthy', basic(`${alice}:truthy`), 'SEC_E_LOGON_DENIED'],
      ['no colon', basic(alice), 'SEC_E_INVALID_TOKEN'],
      ['no user', basic(':pass:word'), 'SEC_E_INVALID_TOKEN'],
      ['a control character', basic(`${alice}\n:pass:word`), 'SEC_E_INVALID_TOKEN'],
      ['a control character of the password', basic(`${alice}:pass:word\x7f`), 'SEC_E_INVALID_TOKEN'],
      ['a NUL', basic(`${alice}\0x:pass:word`), 'SEC_E_INVALID_TOKEN'],
      ['octets that are no UTF-8', `Basic ${Buffer.from([0xff, 0x3a, 0x61]).toString('base64')}`, 'SEC_E_INVALID_TOKEN'],
    ])('%s', async (_, authorization, secStatusName) => {
      expect(await server.ask({ authorization })).toMatchObject({ status: 401, authInfo: { authStatus: HttpAuthStatusFailure, secStatusName, authType: HttpRequestAuthTypeBasic, principal: null } });
    });
    test('a function that throws is an error of the server', async () => {
      expect(await server.ask({ authorization: basic(`${alice}:throw`) })).toMatchObject({ status: 500, authInfo: { error: 'down' } });
    });
  });
});
