'use strict';
// NTLM by gss-ntlmssp with a file of users: several legs, bound to their connection, and off unless it is asked for.

const { execFile, spawnSync } = require('node:child_process');
const crypto = require('node:crypto');
const { once } = require('node:events');
const fs = require('node:fs');
const https = require('node:https');
const path = require('node:path');
const tls = require('node:tls');
const { promisify } = require('node:util');

const { canMakeAccounts } = require('../support/accounts.js');
const { GssClient } = require('../support/gss-client.js');
const { World, alice, describeWithKerberos } = require('../support/negotiate.js');
const { Network } = require('../support/tls.js');
const { AuthStatus, AuthType } = require('../..');

const run = promisify(execFile);
const { HttpAuthStatusNotAuthenticated, HttpAuthStatusFailure } = AuthStatus;
const { HttpRequestAuthTypeNTLM, HttpRequestAuthTypeNegotiate } = AuthType;
const USER = { user: `EXAMPLE\\${alice}`, password: 'Pa55word' };
const rules = [{ principal: 'EXAMPLE\\{name}', mechanism: 'NTLM', account: '{name}' }];

const hasNtlm = fs.existsSync('/etc/gss/mech.d/mech.ntlmssp.conf');
if (!hasNtlm) process.stderr.write('\n*** SKIPPED *** NTLM: needs gss-ntlmssp, which this system lacks\n\n');

(hasNtlm ? describeWithKerberos : describe.skip)('NTLM', () => {
  const everything = new Network();
  const world = new World(everything);
  let network;
  let client;
  beforeAll(async () => {
    await world.start();
    fs.writeFileSync(world.kdc.file('users'), `EXAMPLE:${alice}:${USER.password}\n`);
    client = new GssClient(everything, { ...world.kdc.env(`FILE:${world.kdc.file('none')}`) });
  });
  afterAll(() => everything.end());
  beforeEach(() => {
    network = new Network();
  });
  afterEach(() => network.end());
  const start = ({ authenticator, ...more } = {}) =>
    world.server({ network, rules, env: { NTLM_USER_FILE: world.kdc.file('users') }, authenticator: { serviceName: 'HTTP@localhost', mechanisms: ['Negotiate', 'NTLM'], ...authenticator }, ...more });
  const newAgent = () => {
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
    network.atEnd(() => agent.destroy());
    return agent;
  };
  /** Three legs. `agents`: of each request. */
  async function login(server, scheme, { agents: [first, second] = Array(2).fill(newAgent()), mech = scheme === 'NTLM' ? 'ntlm' : 'spnego', ...how } = {}) {
    const begun = await client.begin({ mech, flags: [], ...USER, ...how });
    if (begun.error) throw new Error(begun.error);
    let last = await server.ask({ agent: first, authorization: `${scheme} ${begun.token}` });
    const answers = [last];
    let leg = begun;
    while (last.status === 401 && last.challenges[0]?.startsWith(`${scheme} `)) {
      leg = await client.step(begun.id, last.challenges[0].slice(scheme.length + 1));
      if (leg.error) throw new Error(leg.error);
      last = await server.ask({ agent: second, authorization: `${scheme} ${leg.token}` });
      answers.push(last);
    }
    return { answers, last, leg };
  }

  const requestWith = (authorization) => `GET / HTTP/1.1\r\nHost: localhost\r\n${authorization ? `Authorization: ${authorization}\r\n` : ''}\r\n`;
  const connect = (server) => {
    const socket = tls.connect({ host: '127.0.0.1', port: server.port, rejectUnauthorized: false });
    network.atEnd(() => socket.destroy());
    return socket;
  };
  /** Written, and not answered yet. */
  const lastLeg = async (server, connection) => {
    const begun = await client.begin({ mech: 'ntlm', flags: [], ...USER });
    connection.write(requestWith(`NTLM ${begun.token}`));
    let answer = '';
    while (!answer.includes('\r\n\r\n')) answer += (await once(connection, 'data'))[0];
    await server.heard();
    const leg = await client.step(begun.id, /^www-authenticate: NTLM (\S+)/im.exec(answer)[1]);
    connection.write(requestWith(`NTLM ${leg.token}`));
  };
  /** A file of users that lets nobody read it before it is opened. */
  const gateOfUsers = () => {
    const folder = fs.mkdtempSync(world.kdc.file('gate-'));
    const [file, gate] = [path.join(folder, 'users'), path.join(folder, 'gate')];
    if (spawnSync('mkfifo', [gate]).status !== 0) throw new Error('mkfifo');
    fs.linkSync(gate, file);
    const open = () => {
      // Whoever comes now reads a plain file.
      fs.copyFileSync(world.kdc.file('users'), path.join(folder, 'plain'));
      fs.renameSync(path.join(folder, 'plain'), file);
      fs.writeFileSync(gate, fs.readFileSync(file));
    };
    return { file, open };
  };

  test.each([
    ['NTLM', HttpRequestAuthTypeNTLM],
    ['Negotiate', HttpRequestAuthTypeNegotiate],
  ])('by the scheme %s', async (scheme, authType) => {
    const server = await start();
    expect(server.failure).toBe(null);
    expect((await server.ask()).challenges).toEqual(['Negotiate', 'NTLM']);
    const { answers, last } = await login(server, scheme);
    expect(answers[0]).toMatchObject({ status: 401, authInfo: { authStatus: HttpAuthStatusNotAuthenticated, secStatusName: 'SEC_I_CONTINUE_NEEDED', authType, principal: null, stats: { halfOpen: 1 } } });
    expect(answers[0].challenges).toHaveLength(1);
    expect(last.authInfo.failure).toBe(null);
    expect(last).toMatchObject({ status: 200, authInfo: { authStatus: 0, authType, packageName: 'NTLM', flags: 0, principal: `EXAMPLE\\${alice}`, stats: { halfOpen: 0 } } });
    if (canMakeAccounts) expect(last.authInfo).toMatchObject({ account: alice, token: { name: alice } });
  });

  test.each([
    ['NTLM', { mechanisms: ['Negotiate'] }, 'SEC_E_UNSUPPORTED_FUNCTION'],
    ['Negotiate', { mechanisms: ['Negotiate'] }, 'SEC_E_SECPKG_NOT_FOUND'],
  ])('is refused by the scheme %s unless it is among the mechanisms', async (scheme, authenticator, secStatusName) => {
    const server = await start({ authenticator });
    const { last } = await login(server, scheme, { mech: 'ntlm' });
    expect(last).toMatchObject({ status: 401, challenges: ['Negotiate'], authInfo: { secStatusName, principal: null } });
    expect((await login(server, 'Negotiate')).last.authInfo).toMatchObject({ principal: null });
  });

  test('the scheme NTLM alone takes no Kerberos, nor SPNEGO', async () => {
    const server = await start({ authenticator: { mechanisms: ['NTLM'] } });
    expect((await login(server, 'NTLM')).last.status).toBe(200);
    expect((await login(server, 'NTLM', { mech: 'spnego' })).last).toMatchObject({ status: 401, authInfo: { authStatus: HttpAuthStatusFailure } });
    expect((await login(server, 'Negotiate')).last).toMatchObject({ status: 401, authInfo: { secStatusName: 'SEC_E_UNSUPPORTED_FUNCTION' } });
  });

  test.each([
    ['a wrong password', { password: 'wrong' }],
    ['a user that nobody knows', { user: 'EXAMPLE\\nobody-has-this-name' }],
    ['a user of another domain', { user: `OTHER\\${alice}` }],
  ])('%s', async (_, how) => {
    const server = await start();
    const { last } = await login(server, 'NTLM', how);
    expect(last).toMatchObject({ status: 401, challenges: ['Negotiate', 'NTLM'], body: { error: 'authentication_failed' }, authInfo: { authStatus: HttpAuthStatusFailure, principal: null, stats: { halfOpen: 0 } } });
    expect(last.authInfo.secStatusName).toMatch(/^SEC_E_(LOGON_DENIED|INVALID_TOKEN)$/);
  });

  test('curl --negotiate gets in without a ticket, by NTLM within', async () => {
    const server = await start();
    const env = { ...world.kdc.env(`FILE:${world.kdc.file('none')}`), NTLM_USER_FILE: world.kdc.file('users') };
    const { stdout } = await run('curl', ['-sS', '--http1.1', '--cacert', world.kdc.file('ca.pem'), '--negotiate', '-u', ':', '-w', '\n%{http_code}', `https://localhost:${server.port}/`], { env });
    expect(stdout.split('\n')[1]).toBe('200');
    expect((await server.heard(2)).at(-1)).toMatchObject({ authStatus: 0, packageName: 'NTLM', principal: `EXAMPLE\\${alice}` });
  });

  test('localName is of Kerberos: a user of whatever domain is not the local one of that name', async () => {
    fs.writeFileSync(world.kdc.file('domains'), `EXAMPLE:${alice}:${USER.password}\nOTHER:${alice}:${USER.password}\n`);
    const server = await start({ rules: null, authenticator: { localName: true }, env: { NTLM_USER_FILE: world.kdc.file('domains') } });
    for (const user of [`OTHER\\${alice}`, USER.user]) {
      expect((await login(server, 'NTLM', { user })).last.authInfo).toMatchObject({ authStatus: 0, principal: user, account: null, token: null });
    }
  });

  // gss-ntlmssp up to 1.2 demands a field of the first message that curl leaves out: no reason to be anything but refused.
  test('curl --ntlm, whose first message gss-ntlmssp may not take, is answered', async () => {
    const server = await start();
    const { stdout } = await run('curl', ['-sS', '--http1.1', '--cacert', world.kdc.file('ca.pem'), '--ntlm', '-u', `${USER.user}:${USER.password}`, '-w', '\n%{http_code}', `https://localhost:${server.port}/`]);
    expect(['200', '401']).toContain(stdout.split('\n')[1]);
  });

  describe('a leg belongs to its connection', () => {
    test('on another one it is none', async () => {
      const server = await start();
      const { last } = await login(server, 'NTLM', { agents: [newAgent(), newAgent()] });
      expect(last).toMatchObject({ status: 401, authInfo: { authStatus: HttpAuthStatusFailure, principal: null } });
    });

    test('nor after a request without one, or of another scheme', async () => {
      const server = await start();
      for (const between of [{}, { authorization: 'Negotiate AAAA' }, { authorization: 'NTLM' }, { authorization: 'Bearer abc' }, { authorization: 'Digest a="b"' }]) {
        const agent = newAgent();
        const begun = await client.begin({ mech: 'ntlm', flags: [], ...USER });
        const { challenges } = await server.ask({ agent, authorization: `NTLM ${begun.token}` });
        const leg = await client.step(begun.id, challenges[0].slice(5));
        expect((await server.ask({ agent, ...between })).authInfo.stats).toMatchObject({ halfOpen: 0 });
        expect(await server.ask({ agent, authorization: `NTLM ${leg.token}` })).toMatchObject({ status: 401, authInfo: { principal: null } });
      }
    });

    test('nor a second time', async () => {
      const server = await start();
      const agent = newAgent();
      const begun = await client.begin({ mech: 'ntlm', flags: [], ...USER });
      const { challenges } = await server.ask({ agent, authorization: `NTLM ${begun.token}` });
      const leg = await client.step(begun.id, challenges[0].slice(5));
      expect((await server.ask({ agent, authorization: `NTLM ${leg.token}` })).status).toBe(200);
      expect((await server.ask({ agent, authorization: `NTLM ${leg.token}` }))).toMatchObject({ status: 401, authInfo: { principal: null } });
    });

    test('nor when the exchange took too long', async () => {
      const server = await start({ authenticator: { exchangeTimeout: 1 } });
      expect((await login(server, 'NTLM')).last).toMatchObject({ status: 401, authInfo: { principal: null } });
    });

    test('pipelined behind its own first leg, it is none either', async () => {
      const server = await start();
      const begun = await client.begin({ mech: 'ntlm', flags: [], ...USER });
      const socket = tls.connect({ host: '127.0.0.1', port: server.port, rejectUnauthorized: false });
      network.atEnd(() => socket.destroy());
      const one = `GET / HTTP/1.1\r\nHost: localhost\r\nAuthorization: NTLM ${begun.token}\r\n\r\n`;
      socket.write(one + one);
      const heard = await server.heard(2);
      expect(heard.map(({ principal }) => principal)).toEqual([null, null]);
      // However they came to pass one another, one connection has one exchange at most.
      expect(heard.at(-1).stats.halfOpen).toBeLessThanOrEqual(1);
    });

    test('nor where another request came while it waited for its turn', async () => {
      const gate = gateOfUsers();
      const server = await start({ env: { NTLM_USER_FILE: gate.file } });
      // As many as are let to GSSAPI at a time.
      for (const connection of [connect(server), connect(server)]) await lastLeg(server, connection);
      const begun = await client.begin({ mech: 'ntlm', flags: [], ...USER });
      const connection = connect(server);
      connection.write(requestWith(`NTLM ${begun.token}`) + requestWith());
      const [between] = await server.heard();
      expect(between).toMatchObject({ secStatusName: 'SEC_E_NO_CREDENTIALS', stats: { running: 2, waiting: 1 } });
      gate.open();
      const heard = await server.heard(3);
      expect(heard.map(({ secStatusName }) => secStatusName)).not.toContain('SEC_I_CONTINUE_NEEDED');
      expect(heard.at(-1).stats.halfOpen).toBe(0);
    });

    test('it ends with its connection', async () => {
      const server = await start();
      const agent = newAgent();
      const begun = await client.begin({ mech: 'ntlm', flags: [], ...USER });
      expect((await server.ask({ agent, authorization: `NTLM ${begun.token}` })).authInfo.stats.halfOpen).toBe(1);
      agent.destroy();
      // The server has seen its end once it takes no more of the sockets that it counts.
      let stats;
      do ({ stats } = (await server.ask()).authInfo);
      while (stats.halfOpen > 0);
      expect(stats.halfOpen).toBe(0);
    });
  });

  test('half-open exchanges are counted: one too many is told to come again', async () => {
    const server = await start({ authenticator: { maxHalfOpen: 2 } });
    const begin = async (agent) => server.ask({ agent, authorization: `NTLM ${(await client.begin({ mech: 'ntlm', flags: [], ...USER })).token}` });
    const agents = [newAgent(), newAgent(), newAgent()];
    expect((await begin(agents[0])).status).toBe(401);
    expect((await begin(agents[1])).status).toBe(401);
    expect(await begin(agents[2])).toMatchObject({ status: 503, challenges: [], body: { error: 'too_busy' }, authInfo: { secStatusName: 'SEC_E_INSUFFICIENT_MEMORY', stats: { halfOpen: 2 } } });
    // Whoever has one already replaces it.
    expect(await begin(agents[1])).toMatchObject({ status: 401, authInfo: { stats: { halfOpen: 2 } } });
  });

  describe('an identity of a connection', () => {
    test('is none unless it is asked for', async () => {
      const server = await start();
      const agent = newAgent();
      expect((await login(server, 'NTLM', { agents: [agent, agent] })).last.status).toBe(200);
      expect(await server.ask({ agent })).toMatchObject({ status: 401, authInfo: { principal: null } });
    });

    test('persistent: the connection keeps it, its requests say so, and a proxy has none', async () => {
      const server = await start({ authenticator: { persistent: true } });
      const agent = newAgent();
      expect((await login(server, 'NTLM', { agents: [agent, agent] })).last.authInfo).toMatchObject({ flags: 0 });
      const kept = await server.ask({ agent });
      expect(kept).toMatchObject({ status: 200, authInfo: { authStatus: 0, authType: HttpRequestAuthTypeNTLM, flags: 1, principal: `EXAMPLE\\${alice}`, mutualAuthData: null } });
      for (const headers of [{ via: '1.1 proxy' }, { forwarded: 'for=192.0.2.1' }, { 'x-forwarded-for': '192.0.2.1' }]) {
        expect(await server.ask({ agent, headers })).toMatchObject({ status: 401, authInfo: { principal: null } });
      }
      expect((await server.ask({ agent: newAgent() })).status).toBe(401);
      // Whatever the next attempt comes to, the identity before it is gone.
      expect((await server.ask({ agent, authorization: 'NTLM AAAA' })).status).toBe(401);
      expect((await server.ask({ agent })).status).toBe(401);
    });

    test('persistent: it is not kept where a newer Authorization field came before it was known', async () => {
      const gate = gateOfUsers();
      const server = await start({ authenticator: { persistent: true }, env: { NTLM_USER_FILE: gate.file } });
      const connection = connect(server);
      await lastLeg(server, connection);
      connection.write(requestWith('NTLM AAAA'));
      expect((await server.heard())[0]).toMatchObject({ authStatus: HttpAuthStatusFailure });
      gate.open();
      expect((await server.heard())[0]).toMatchObject({ authStatus: 0, principal: USER.user });
      connection.write(requestWith());
      expect((await server.heard())[0]).toMatchObject({ authStatus: HttpAuthStatusNotAuthenticated, principal: null });
    });

    test.each([['with the last leg', 1], ['after it', 2], ['with the first leg', 0]])('persistent: a connection that named a proxy keeps nobody, %s', async (_, at) => {
      const server = await start({ authenticator: { persistent: true } });
      const agent = newAgent();
      const headersOf = (index) => (index === at ? { via: '1.1 proxy' } : {});
      const begun = await client.begin({ mech: 'ntlm', flags: [], ...USER });
      const { challenges } = await server.ask({ agent, headers: headersOf(0), authorization: `NTLM ${begun.token}` });
      const leg = await client.step(begun.id, challenges[0].slice(5));
      expect((await server.ask({ agent, headers: headersOf(1), authorization: `NTLM ${leg.token}` })).status).toBe(200);
      if (at === 2) expect((await server.ask({ agent, headers: headersOf(2) })).status).toBe(401);
      expect(await server.ask({ agent })).toMatchObject({ status: 401, authInfo: { principal: null } });
    });

    test('Kerberos is never kept', async () => {
      const server = await start({ authenticator: { persistent: true }, rules: null });
      world.kdc.addUser('carol', 'pw');
      const carol = new GssClient(network, world.kdc.env(world.kdc.login('carol', 'pw')));
      const agent = newAgent();
      expect((await server.ask({ agent, authorization: `Negotiate ${(await carol.begin()).token}` })).status).toBe(200);
      expect((await server.ask({ agent })).status).toBe(401);
    });
  });

  test('over HTTP/2 it is refused', async () => {
    const server = await start({ mode: 'http2' });
    for (const [scheme, how] of [['NTLM', { mech: 'ntlm' }], ['Negotiate', { mech: 'ntlm' }], ['Negotiate', { mech: 'spnego' }]]) {
      const { token } = await client.begin({ flags: [], ...USER, ...how });
      const { stdout } = await run('curl', ['-sS', '--http2', '--cacert', world.kdc.file('ca.pem'), '-H', `Authorization: ${scheme} ${token}`, '-w', '\n%{http_version} %{http_code}', `https://localhost:${server.port}/`]);
      expect(stdout.split('\n')[1]).toBe('2 401');
      expect((await server.heard())[0]).toMatchObject({ authStatus: HttpAuthStatusFailure, secStatusName: 'SEC_E_UNSUPPORTED_FUNCTION', principal: null, stats: { halfOpen: 0 } });
    }
  });

  describe('channel bindings', () => {
    const application = Buffer.concat([Buffer.from('tls-server-end-point:'), crypto.createHash('sha256').update(world.credential.der).digest()]).toString('base64');
    const relay = Buffer.concat([Buffer.from('tls-server-end-point:'), Buffer.alloc(32, 7)]).toString('base64');
    test('another certificate is refused, whichever the mechanism', async () => {
      const server = await start();
      expect((await login(server, 'NTLM', { binding: application })).last.status).toBe(200);
      expect((await login(server, 'NTLM', { binding: relay })).last).toMatchObject({ status: 401, authInfo: { authStatus: HttpAuthStatusFailure, principal: null } });
    });

    test('strict takes nobody without', async () => {
      const server = await start({ authenticator: { channelBinding: 'strict' } });
      expect((await login(server, 'NTLM')).last).toMatchObject({ status: 401, authInfo: { authStatus: HttpAuthStatusFailure, principal: null } });
    });
  });

  test('a null session is a failure', async () => {
    const server = await start();
    const agent = newAgent();
    const begun = await client.begin({ mech: 'ntlm', flags: [], ...USER });
    await server.ask({ agent, authorization: `NTLM ${begun.token}` });
    // [MS-NLMP] 2.2.1.3, 3.2.5.1.2: all fields empty, the LM response one octet, NTLMSSP_NEGOTIATE_ANONYMOUS.
    const empty = Buffer.from([0, 0, 0, 0, 72, 0, 0, 0]);
    const lm = Buffer.from([1, 0, 1, 0, 72, 0, 0, 0]);
    const flags = Buffer.alloc(4);
    flags.writeUInt32LE(0x00000001 | 0x00000200 | 0x00000800);
    const message = Buffer.concat([Buffer.from('NTLMSSP\0'), Buffer.from([3, 0, 0, 0]), lm, empty, empty, empty, empty, empty, flags, Buffer.alloc(8), Buffer.from([0])]);
    expect(await server.ask({ agent, authorization: `NTLM ${message.toString('base64')}` })).toMatchObject({ status: 401, authInfo: { authStatus: HttpAuthStatusFailure, principal: null } });
  });
});
