'use strict';
// Tickets of a real KDC: who gets in, as whom, and with which status everybody else does not.

const { execFile, spawnSync } = require('node:child_process');
const crypto = require('node:crypto');
const { once } = require('node:events');
const fs = require('node:fs');
const https = require('node:https');
const { promisify } = require('node:util');

const { ACCOUNTS, canMakeAccounts } = require('../support/accounts.js');
const { GssClient } = require('../support/gss-client.js');
const { PASSWORD, REALM, World, alice, describeWithKerberos } = require('../support/negotiate.js');
const { Network } = require('../support/tls.js');
const { AuthStatus, AuthType, ContextAttribute, NegotiateAuthenticator } = require('../..');

const run = promisify(execFile);
const { HttpAuthStatusSuccess, HttpAuthStatusNotAuthenticated, HttpAuthStatusFailure } = AuthStatus;
const { HttpRequestAuthTypeNone, HttpRequestAuthTypeDigest, HttpRequestAuthTypeNegotiate, HttpRequestAuthTypeKerberos } = AuthType;
const ONLY_ON_SUCCESS = ['flags', 'contextAttributes', 'packageName', 'mutualAuthData', 'token', 'account', 'lifespan', 'negotiation'];
const NONE = Object.fromEntries(ONLY_ON_SUCCESS.map((name) => [name, null]));

describeWithKerberos('Kerberos', () => {
  const everything = new Network();
  const world = new World(everything);
  let network;
  let cache;
  let client;
  beforeAll(async () => {
    await world.start();
    world.kdc.addUser('mallory', PASSWORD);
    world.kdc.addUser(`${alice}/admin`, PASSWORD);
    world.kdc.addService('HTTP/other', 'other.keytab');
    cache = world.kdc.login(alice, PASSWORD, ['-f']);
    client = new GssClient(everything, world.kdc.env(cache));
  });
  afterAll(() => everything.end());
  beforeEach(() => {
    network = new Network();
  });
  afterEach(() => network.end());
  const start = (how) => world.server({ network, ...how });
  const keepAlive = () => {
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
    network.atEnd(() => agent.destroy());
    return agent;
  };
  const negotiate = async (how) => `Negotiate ${(await client.begin(how)).token}`;
  /** As RFC 5929 has it, from the certificate itself. */
  const bindingOf = ({ der }) => Buffer.concat([Buffer.from('tls-server-end-point:'), crypto.createHash('sha256').update(der).digest()]).toString('base64');
  const curl = async (port, ...more) => {
    const { stdout } = await run('curl', ['-sS', '--http1.1', '--cacert', world.kdc.file('ca.pem'), '-w', '\n%{http_code}', ...more, `https://localhost:${port}/`], { env: world.kdc.env(cache) });
    const [body, status] = stdout.split('\n');
    return { status: Number(status), body: body && JSON.parse(body) };
  };

  test('without credentials: a bare challenge, and nothing else', async () => {
    const server = await start();
    const { status, challenges, body, authInfo } = await server.ask();
    expect([status, challenges, body]).toEqual([401, ['Negotiate'], { error: 'authentication_required' }]);
    expect(authInfo).toMatchObject({ authStatus: HttpAuthStatusNotAuthenticated, secStatusName: 'SEC_E_NO_CREDENTIALS', authType: HttpRequestAuthTypeNone, principal: null, ...NONE });
  });

  test('curl --negotiate gets in', async () => {
    const server = await start();
    expect(await curl(server.port, '--negotiate', '-u', ':')).toEqual({ status: 200, body: { hello: canMakeAccounts ? alice : expect.anything(), type: HttpRequestAuthTypeNegotiate } });
    expect(await curl(server.port)).toEqual({ status: 401, body: { error: 'authentication_required' } });
  });

  test('a ticket: account, token, attributes, lifespan; and the client verifies the server', async () => {
    const server = await start();
    const begun = await client.begin();
    const { status, challenges, authInfo } = await server.ask({ authorization: `Negotiate ${begun.token}` });
    expect(status).toBe(200);
    expect(authInfo).toMatchObject({
      authStatus: HttpAuthStatusSuccess,
      secStatusName: 'SEC_E_OK',
      authType: HttpRequestAuthTypeNegotiate,
      flags: 0,
      packageName: 'Kerberos',
      principal: `${alice}@${REALM}`,
      mutualAuthData: challenges[0],
      negotiation: { scheme: 'Negotiate', packageName: 'Kerberos' },
      failure: null,
    });
    const { ASC_RET_MUTUAL_AUTH, ASC_RET_REPLAY_DETECT, ASC_RET_INTEGRITY, ASC_RET_CONFIDENTIALITY, ASC_RET_DELEGATE, ASC_RET_NULL_SESSION } = ContextAttribute;
    const wanted = ASC_RET_MUTUAL_AUTH | ASC_RET_REPLAY_DETECT | ASC_RET_INTEGRITY | ASC_RET_CONFIDENTIALITY;
    expect(authInfo.contextAttributes & (wanted | ASC_RET_DELEGATE | ASC_RET_NULL_SESSION)).toBe(wanted);
    if (canMakeAccounts) expect(authInfo).toMatchObject({ account: alice, token: { name: alice, closed: false }, mapping: { outcome: 'mapped', rule: 'rules[0]' } });
    // klist of MIT says when the ticket ends; the acceptor believes it for the clock skew longer.
    const left = new Date(authInfo.lifespan.expiry) - new Date(authInfo.lifespan.start);
    expect(left).toBeGreaterThan(9 * 3600_000);
    expect(left).toBeLessThanOrEqual(10 * 3600_000 + 5 * 60_000);
    expect(await client.step(begun.id, challenges[0].split(' ')[1])).toMatchObject({ complete: true, mutual: true });
  });

  test('mutual authentication data of another exchange is none for the client', async () => {
    const server = await start();
    const [one, other] = [await client.begin(), await client.begin()];
    const answered = await server.ask({ authorization: `Negotiate ${other.token}` });
    expect((await client.step(one.id, answered.challenges[0].split(' ')[1])).error).toEqual(expect.any(String));
  });

  test('receiveMutualAuth hands it over in place of sending it', async () => {
    const server = await start({ authenticator: { receiveMutualAuth: true } });
    const { status, challenges, authInfo } = await server.ask({ authorization: await negotiate() });
    expect([status, challenges]).toEqual([200, []]);
    expect(authInfo.mutualAuthData).toMatch(/^Negotiate [A-Za-z0-9+/]+=*$/);
  });

  test('the scheme Kerberos, and a ticket without SPNEGO around it', async () => {
    const server = await start({ authenticator: { mechanisms: ['Kerberos'] } });
    expect((await server.ask()).challenges).toEqual(['Kerberos']);
    const { token } = await client.begin({ mech: 'krb5' });
    expect((await server.ask({ authorization: `Kerberos ${token}` })).authInfo).toMatchObject({ authStatus: 0, authType: HttpRequestAuthTypeKerberos, packageName: 'Kerberos' });
    // Neither the other scheme nor what is within it.
    expect(await server.ask({ authorization: await negotiate() })).toMatchObject({ status: 401, challenges: ['Kerberos'], authInfo: { authStatus: HttpAuthStatusNotAuthenticated, secStatusName: 'SEC_E_UNSUPPORTED_FUNCTION' } });
    const { token: spnego } = await client.begin();
    expect(await server.ask({ authorization: `Kerberos ${spnego}` })).toMatchObject({ status: 401, authInfo: { authStatus: HttpAuthStatusFailure, secStatusName: 'SEC_E_SECPKG_NOT_FOUND' } });
  });

  describe('who does not get in', () => {
    const refused = { status: 401, challenges: ['Negotiate'], body: { error: 'authentication_failed' } };
    const failure = (secStatusName, more) => ({ ...refused, authInfo: { authStatus: HttpAuthStatusFailure, secStatusName, authType: HttpRequestAuthTypeNegotiate, principal: null, ...NONE, ...more } });
    let server;
    beforeAll(async () => {
      server = await world.server();
    });

    test.each([
      ['octets that are no token', () => 'Negotiate AAAA', 'SEC_E_INVALID_TOKEN'],
      ['garbage that is no base64', () => 'Negotiate !!!!', 'SEC_E_INVALID_TOKEN'],
      ['base64 in another spelling', () => 'Negotiate YIIB\tYIIB', 'SEC_E_INVALID_TOKEN'],
      ['an unknown mechanism', () => 'Negotiate YAwGCisGAQQBgjcCAh4=', 'SEC_E_SECPKG_NOT_FOUND'],
      ['NTLM, which is not among the mechanisms', () => `Negotiate ${Buffer.from('4e544c4d53535000010000000682080000000000000000000000000000000000', 'hex').toString('base64')}`, 'SEC_E_SECPKG_NOT_FOUND'],
      ['1 MB', () => `Negotiate ${Buffer.alloc(1024 * 1024, 0x60).toString('base64')}`, 'SEC_E_INVALID_TOKEN'],
      ['a ticket for another service', () => negotiate({ service: 'HTTP@other' }), 'SEC_E_WRONG_PRINCIPAL'],
    ])('%s', async (_, authorization, secStatusName) => {
      expect(await server.ask({ authorization: await authorization() })).toMatchObject(failure(secStatusName));
    });

    test('a truncated token, wherever it ends', async () => {
      const { token } = await client.begin();
      const octets = Buffer.from(token, 'base64');
      for (const length of [1, 2, 17, 60, 100, octets.length >> 1, octets.length - 1]) {
        const { status, authInfo } = await server.ask({ authorization: `Negotiate ${octets.subarray(0, length).toString('base64')}` });
        expect([length, status, authInfo.authStatus, authInfo.principal]).toEqual([length, 401, HttpAuthStatusFailure, null]);
        expect(authInfo.secStatusName).toMatch(/^SEC_E_(INVALID_TOKEN|LOGON_DENIED|MESSAGE_ALTERED|SECPKG_NOT_FOUND)$/);
      }
    });

    test.each(['spnego', 'krb5'])('a token with one octet changed, wherever it is: %s', async (mech) => {
      // A replay cache would refuse the second one that is good, whatever is wrong with it.
      const lenient = await start({ authenticator: { replayCache: 'none:' } });
      const agent = keepAlive();
      const { token } = await client.begin({ mech });
      const octets = Buffer.from(token, 'base64');
      let refusals = 0;
      // Some octets mean nothing to the server: the name of the service outside of what is encrypted, say. None lets in as somebody else.
      for (let at = 0; at < octets.length; at++) {
        const changed = Buffer.from(octets);
        changed[at] ^= 0x01;
        const { authInfo } = await lenient.ask({ agent, authorization: `Negotiate ${changed.toString('base64')}` });
        expect([null, `${alice}@${REALM}`]).toContain(authInfo.principal);
        if (authInfo.principal === null) refusals += 1;
      }
      // All that is encrypted: the ticket and the authenticator.
      expect(refusals).toBeGreaterThan(octets.length * 0.8);
    });

    test('a replay', async () => {
      const authorization = await negotiate();
      expect((await server.ask({ authorization })).status).toBe(200);
      expect(await server.ask({ authorization })).toMatchObject(failure('SEC_E_LOGON_DENIED', { failure: expect.stringMatching(/replay/i) }));
    });

    test('a replay at another server of the same service and replay cache', async () => {
      const second = await start();
      const authorization = await negotiate();
      expect((await server.ask({ authorization })).status).toBe(200);
      expect(await second.ask({ authorization })).toMatchObject(failure('SEC_E_LOGON_DENIED'));
    });

    test('two Authorization fields: none counts', async () => {
      const valid = await negotiate();
      expect(await server.ask({ headers: { authorization: [valid, 'Basic YTpi'] } })).toMatchObject({ status: 401, authInfo: { authStatus: HttpAuthStatusFailure, secStatusName: 'SEC_E_INVALID_TOKEN' } });
      expect(await server.ask({ headers: { authorization: ['Basic YTpi', valid] } })).toMatchObject({ status: 401, authInfo: { secStatusName: 'SEC_E_UNSUPPORTED_FUNCTION' } });
    });

    test.each([
      ['Digest', 'Digest username="a"', HttpRequestAuthTypeDigest],
      ['Bearer', 'Bearer abc', HttpRequestAuthTypeNone],
      ['Basic without the option', 'Basic YTpi', AuthType.HttpRequestAuthTypeBasic],
    ])('the scheme %s', async (_, authorization, authType) => {
      expect(await server.ask({ authorization })).toMatchObject({ status: 401, challenges: ['Negotiate'], authInfo: { authStatus: HttpAuthStatusNotAuthenticated, secStatusName: 'SEC_E_UNSUPPORTED_FUNCTION', authType, ...NONE } });
    });

    test('the scheme alone is a question for the challenge', async () => {
      expect(await server.ask({ authorization: 'Negotiate' })).toMatchObject({ status: 401, challenges: ['Negotiate'], body: { error: 'authentication_required' }, authInfo: { authStatus: HttpAuthStatusNotAuthenticated, secStatusName: 'SEC_E_NO_CREDENTIALS' } });
    });

    test('nothing of what GSSAPI says reaches the client', async () => {
      for (const authorization of ['Negotiate AAAA', await negotiate({ service: 'HTTP@other' })]) {
        const answer = await server.ask({ authorization });
        expect(answer).toMatchObject(refused);
        expect(answer.authInfo.failure).toEqual(expect.stringMatching(/./));
        expect(answer.authInfo.json).not.toContain(answer.authInfo.failure);
      }
    });
  });

  describe('another time', () => {
    const preloaded = (seconds) => ({ LD_PRELOAD: world.kdc.file('clock-offset.so'), CLOCK_OFFSET: String(seconds) });
    test('an expired ticket: authentication begins anew', async () => {
      const server = await start({ env: preloaded(24 * 3600) });
      expect(await server.ask({ authorization: await negotiate() })).toMatchObject({
        status: 401,
        challenges: ['Negotiate'],
        body: { error: 'authentication_required' },
        authInfo: { authStatus: HttpAuthStatusNotAuthenticated, secStatusName: 'SEC_E_CONTEXT_EXPIRED', authType: HttpRequestAuthTypeNegotiate, ...NONE },
      });
    });

    test.each([['ahead', 3600], ['behind', -3600]])('a clock that is an hour %s', async (_, offset) => {
      const server = await start({ env: preloaded(offset) });
      expect(await server.ask({ authorization: await negotiate() })).toMatchObject({ status: 401, authInfo: { authStatus: HttpAuthStatusFailure, secStatusName: 'SEC_E_TIME_SKEW' } });
    });

    test('a clock within the skew', async () => {
      const server = await start({ env: preloaded(120) });
      expect((await server.ask({ authorization: await negotiate() })).status).toBe(200);
    });
  });

  describe('channel bindings', () => {
    const levels = /** @type {const} */ (['legacy', 'medium', 'strict']);
    const other = Buffer.concat([Buffer.from('tls-server-end-point:'), Buffer.alloc(32, 7)]).toString('base64');
    const expected = {
      legacy: { none: [200, 'SEC_E_OK'], own: [200, 'SEC_E_OK'], other: [200, 'SEC_E_OK'] },
      medium: { none: [200, 'SEC_E_OK'], own: [200, 'SEC_E_OK'], other: [401, 'SEC_E_BAD_BINDINGS'] },
      strict: { none: [401, 'SEC_E_BAD_BINDINGS'], own: [200, 'SEC_E_OK'], other: [401, 'SEC_E_BAD_BINDINGS'] },
    };
    test.each(levels.flatMap((level) => ['TLSv1.2', 'TLSv1.3'].map((version) => [level, version])))('%s over %s', async (channelBinding, version) => {
      const server = await start({ authenticator: { channelBinding }, tls: { minVersion: version, maxVersion: version } });
      for (const [kind, binding] of [['none', undefined], ['own', bindingOf(world.credential)], ['other', other]]) {
        const { status, authInfo } = await server.ask({ authorization: await negotiate({ binding }) });
        expect([kind, status, authInfo.secStatusName]).toEqual([kind, ...expected[channelBinding][kind]]);
        // What both agreed on, and nothing else.
        expect([kind, authInfo.binding]).toEqual([kind, status === 200 && kind === 'own' && channelBinding !== 'legacy' ? binding : null]);
      }
    });

    test('a ticket that was bound to the certificate of a relay', async () => {
      const relay = world.authority.issueServer(['relay']);
      const server = await start({ authenticator: { channelBinding: 'strict' } });
      expect(await server.ask({ authorization: await negotiate({ binding: bindingOf(relay) }) })).toMatchObject({ status: 401, authInfo: { authStatus: HttpAuthStatusFailure, secStatusName: 'SEC_E_BAD_BINDINGS' } });
    });
  });

  describe('accounts', () => {
    const rule = (more) => [{ principal: `{name}@${REALM}`, ...more }];
    test.each([
      ['a rule that denies', [{ principal: `${alice}@${REALM}`, deny: true }, ...rule({ account: '{name}' })], 'denied_by_rule'],
      ['an account that does not exist', rule({ account: 'nobody-has-this-name' }), 'no_such_account'],
      ['root', rule({ account: 'root' }), 'root_not_allowed'],
    ])('%s: 403 without a challenge', async (_, rules, reason) => {
      const server = await start({ rules });
      expect(await server.ask({ authorization: await negotiate() })).toMatchObject({
        status: 403,
        challenges: [],
        body: { error: 'account_denied' },
        authInfo: { authStatus: HttpAuthStatusFailure, secStatusName: 'SEC_E_LOGON_DENIED', principal: `${alice}@${REALM}`, mapping: { outcome: 'denied', reason }, ...NONE },
      });
    });

    test('a locked account', async () => {
      const server = await start({ rules: rule({ account: ACCOUNTS.locked.name }) });
      expect((await server.ask({ authorization: await negotiate() })).authInfo).toMatchObject({ authStatus: HttpAuthStatusFailure, mapping: { reason: canMakeAccounts ? 'account_locked' : 'no_such_account' } });
    });

    test('without a mapper there is a principal and no account', async () => {
      const server = await start({ rules: null });
      expect((await server.ask({ authorization: await negotiate() })).authInfo).toMatchObject({ authStatus: 0, principal: `${alice}@${REALM}`, account: null, token: null, mapping: null });
    });

    test('localName: what krb5.conf calls the account, where no rule says anything', async () => {
      const server = await start({ rules: null, authenticator: { localName: true } });
      expect((await server.ask({ authorization: await negotiate() })).authInfo).toMatchObject(canMakeAccounts ? { authStatus: 0, account: alice, token: { name: alice } } : { mapping: { reason: 'no_such_account' } });
      // DEFAULT of auth_to_local: one component and the default realm, nothing else.
      const admin = new GssClient(network, world.kdc.env(world.kdc.login(`${alice}/admin`, PASSWORD)));
      const { token } = await admin.begin();
      expect((await server.ask({ authorization: `Negotiate ${token}` })).authInfo).toMatchObject({ authStatus: 0, principal: `${alice}/admin@${REALM}`, account: null, token: null });
    });

    test('a rule that denies counts before the local name', async () => {
      const server = await start({ rules: [{ principal: `{name}@${REALM}`, deny: true }], authenticator: { localName: true } });
      expect((await server.ask({ authorization: await negotiate() })).authInfo).toMatchObject({ authStatus: HttpAuthStatusFailure, mapping: { reason: 'denied_by_rule' } });
    });
  });

  describe('names that are nearly those of somebody else', () => {
    /** Each with a ticket for the service from the KDC itself, which gives some no ticket for tickets. */
    const ticketOf = async (name) => {
      world.kdc.addUser(name, PASSWORD);
      const who = new GssClient(network, world.kdc.env(world.kdc.login(name, PASSWORD, ['-S', 'HTTP/localhost'])));
      return `Negotiate ${(await who.begin()).token}`;
    };

    test('a byte order mark is a part of a name', async () => {
      const authorization = await ticketOf(`\ufeff${alice}`);
      const principal = `\ufeff${alice}@${REALM}`;
      const byRules = await start({ authenticator: { replayCache: 'none:' } });
      expect((await byRules.ask({ authorization })).authInfo).toMatchObject({ principal, account: null, mapping: { outcome: 'noMatch' } });
      const byLocalName = await start({ rules: null, authenticator: { localName: true, replayCache: 'none:' } });
      expect((await byLocalName.ask({ authorization })).authInfo).toMatchObject({ principal, account: null, mapping: { outcome: 'denied', reason: 'invalid_user_name' } });
    });

    test.each([`${alice}\\0x`, `${alice}\\0`, `${alice}\\@${REALM}\\0`, `${alice}\\/admin`])('%s has no local name', async (name) => {
      const server = await start({ rules: null, authenticator: { localName: true } });
      expect((await server.ask({ authorization: await ticketOf(name) })).authInfo).toMatchObject({ principal: `${name}@${REALM}`, account: null, token: null });
    });
  });

  describe('delegation', () => {
    const flags = ['mutual_authentication', 'delegate_to_peer'];
    test('a credential with a lifetime, that other programs can use', async () => {
      const store = `FILE:${world.kdc.file('delegated')}`;
      const server = await start({ authenticator: { allowDelegation: true }, show: { store } });
      const { authInfo } = await server.ask({ authorization: await negotiate({ flags }) });
      expect(authInfo).toMatchObject({ authStatus: 0, delegated: { principal: `${alice}@${REALM}`, closed: false }, stored: true });
      expect(authInfo.contextAttributes & ContextAttribute.ASC_RET_DELEGATE).toBe(ContextAttribute.ASC_RET_DELEGATE);
      expect(new Date(authInfo.delegated.expiry).getTime()).toBeGreaterThan(Date.now() + 3600_000);
      expect(world.kdc.run('klist', ['-c', store])).toContain(`krbtgt/${REALM}@${REALM}`);
      world.kdc.run('kvno', ['HTTP/localhost'], { cache: store });
    });

    test('without allowDelegation, or without a client that delegates, there is none', async () => {
      const without = await start();
      expect((await without.ask({ authorization: await negotiate({ flags }) })).authInfo).toMatchObject({ authStatus: 0, delegated: null });
      const server = await start({ authenticator: { allowDelegation: true } });
      expect((await server.ask({ authorization: await negotiate() })).authInfo).toMatchObject({ authStatus: 0, delegated: null });
    });
  });

  describe('the packed context', () => {
    const program = `
      const { SecurityContext } = require(${JSON.stringify(require.resolve('../..'))});
      const context = SecurityContext.unpack(Buffer.from(require('node:fs').readFileSync(0, 'utf8'), 'base64'));
      console.log(JSON.stringify([context.packageName, context.attributes, context.query('names').subject, context.query('sessionKey').length, context.query('lifespan').expiry]));`;
    const unpackedElsewhere = (packed) => spawnSync(process.execPath, ['-e', program], { input: packed.toString('base64'), env: world.kdc.env(), encoding: 'utf8' });

    test('is imported once, in another process, and has the key that the client has', async () => {
      const server = await start({ authenticator: { receiveContextHandle: true }, show: { pack: true } });
      const { authInfo } = await server.ask({ authorization: await negotiate() });
      expect(authInfo.packed).toMatchObject({ first: null, second: expect.stringMatching(/^ERR_CLIENT_CERT_UNREADABLE .*before/) });
      const { status, stdout, stderr } = unpackedElsewhere(Buffer.from(authInfo.packed.octets, 'base64'));
      expect([status, stderr]).toEqual([0, '']);
      expect(JSON.parse(stdout)).toEqual(['Kerberos', authInfo.contextAttributes, `${alice}@${REALM}`, 32, authInfo.lifespan.expiry]);
    });

    // Without a key of its own a packed context is sealed by a digest, which anybody can make.
    test.each([
      ['principal', `"${alice}@`, '"mallory@'],
      ['mechanism', '"Kerberos"', '"NTLM"'],
    ])('of whom another %s is told is refused, although its seal is right', async (_, was, becomes) => {
      const server = await start({ authenticator: { receiveContextHandle: true }, show: { pack: true } });
      const { authInfo } = await server.ask({ authorization: await negotiate() });
      const octets = Buffer.from(authInfo.packed.octets, 'base64');
      const end = 16 + octets.readUInt32BE(8);
      const facts = Buffer.from(octets.toString('utf8', 16, end).replaceAll(was, becomes));
      const changed = Buffer.concat([octets.subarray(0, 16), facts, octets.subarray(end, -32)]);
      changed.writeUInt32BE(facts.length, 8);
      const { stdout, stderr } = unpackedElsewhere(Buffer.concat([changed, crypto.createHash('sha256').update(changed).digest()]));
      expect([stdout, stderr]).toEqual(['', expect.stringMatching('ERR_CLIENT_CERT_UNREADABLE')]);
      expect(stderr).toMatch('its context is of somebody else');
    });

    test('without receiveContextHandle it holds no key', async () => {
      const server = await start({ show: { pack: true } });
      const { authInfo } = await server.ask({ authorization: await negotiate() });
      expect(authInfo.packed).toMatchObject({ first: null, second: null });
      expect(Buffer.from(authInfo.packed.octets, 'base64')[5]).toBe(0);
    });
  });

  test('two tickets on one connection are two people', async () => {
    const mallory = new GssClient(network, world.kdc.env(world.kdc.login('mallory', PASSWORD)));
    const server = await start({ rules: null });
    const agent = keepAlive();
    const as = async (who) => (await server.ask({ agent, ...(who && { authorization: `Negotiate ${(await who.begin()).token}` }) })).authInfo;
    expect((await as(client)).principal).toBe(`${alice}@${REALM}`);
    expect((await as(mallory)).principal).toBe(`mallory@${REALM}`);
    // And a request without a ticket is nobody's, whoever came before.
    expect(await as(null)).toMatchObject({ authStatus: HttpAuthStatusNotAuthenticated, principal: null });
  });

  test('over HTTP/2, one leg is enough', async () => {
    const server = await start({ mode: 'http2' });
    const { stdout } = await run('curl', ['-sS', '--http2', '--cacert', world.kdc.file('ca.pem'), '-H', `Authorization: ${await negotiate()}`, '-w', '\n%{http_version} %{http_code}', `https://localhost:${server.port}/`], { env: world.kdc.env(cache) });
    expect(stdout.split('\n')[1]).toBe('2 200');
    expect((await server.heard())[0]).toMatchObject({ authStatus: 0, principal: `${alice}@${REALM}`, packageName: 'Kerberos' });
  });

  describe('what the server lacks', () => {
    test('a keytab: ready() says so, a request is an error, and the keytab may come later', async () => {
      const keytab = world.kdc.file('later.keytab');
      const server = await start({ authenticator: { keytab } });
      expect(server.failure).toMatchObject({ code: 'ERR_CLIENT_CERT_GSSAPI_FAILED', message: expect.stringContaining(keytab) });
      expect((await server.ask({ authorization: await negotiate() }))).toMatchObject({ status: 500, authInfo: { error: 'ERR_CLIENT_CERT_GSSAPI_FAILED' } });
      fs.copyFileSync(world.keytab, keytab);
      expect((await server.ask({ authorization: await negotiate() })).status).toBe(200);
    });

    test('an authenticator, that is closed under way', async () => {
      const { cert, key } = world.credential;
      const outcomes = [];
      const server = https.createServer({ cert, key }, async (request, response) => {
        const authenticator = new NegotiateAuthenticator({ keytab: world.keytab, replayCache: 'none:' });
        const authenticated = authenticator.authenticate(request, response);
        authenticator.close();
        outcomes.push(await authenticated.then(() => null, (error) => error));
        response.end();
      });
      const port = await network.listen(server);
      const [response] = await once(https.get({ host: '127.0.0.1', port, rejectUnauthorized: false, agent: false, headers: { authorization: await negotiate() } }), 'response');
      response.resume();
      expect(outcomes).toEqual([expect.objectContaining({ code: 'ERR_CLIENT_CERT_CLOSED' })]);
    });

    test('a service that the keytab has no key of', async () => {
      expect((await start({ authenticator: { serviceName: 'imap' } })).failure).toMatchObject({ code: 'ERR_CLIENT_CERT_GSSAPI_FAILED' });
    });
  });
});
