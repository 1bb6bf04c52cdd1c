'use strict';
// A scheme of HTTP names a mechanism, and an exchange goes on by the scheme that it began by.

const fs = require('node:fs');
const https = require('node:https');

const { GssClient } = require('../support/gss-client.js');
const { PASSWORD, World, alice, describeWithKerberos } = require('../support/negotiate.js');
const { Network } = require('../support/tls.js');

const USER = { user: `EXAMPLE\\${alice}`, password: 'Pa55word' };

describeWithKerberos('schemes and their mechanisms', () => {
  const network = new Network();
  const world = new World(network);
  let byTicket;
  let byPassword;
  beforeAll(async () => {
    await world.start();
    fs.writeFileSync(world.kdc.file('users'), `EXAMPLE:${alice}:${USER.password}\n`);
    byTicket = new GssClient(network, world.kdc.env(world.kdc.login(alice, PASSWORD)));
    byPassword = new GssClient(network, world.kdc.env(`FILE:${world.kdc.file('none')}`));
  });
  afterAll(() => network.end());
  const start = (mechanisms) => world.server({ rules: null, env: { NTLM_USER_FILE: world.kdc.file('users') }, authenticator: { serviceName: 'HTTP@localhost', mechanisms } });
  const NOBODY = { status: 401, authInfo: { principal: null } };

  test('a ticket is none by the scheme NTLM, though Kerberos is taken by its own', async () => {
    const server = await start(['Kerberos', 'NTLM']);
    const { token } = await byTicket.begin({ mech: 'krb5' });
    const answer = await server.ask({ authorization: `NTLM ${token}` });
    expect(answer).toMatchObject(NOBODY);
    expect(answer.authInfo.secStatusName).toBe('SEC_E_SECPKG_NOT_FOUND');
  });

  /** The last answer of an exchange that begins by one scheme and goes on by another. */
  async function lastOf(server, first, last, mech) {
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
    network.atEnd(() => agent.destroy());
    const begun = await byPassword.begin({ mech, flags: [], ...USER });
    const answered = await server.ask({ agent, authorization: `${first} ${begun.token}` });
    const leg = await byPassword.step(begun.id, answered.challenges[0].slice(first.length + 1));
    return server.ask({ agent, authorization: `${last} ${leg.token}` });
  }

  test('a leg goes on by the scheme that it began by', async () => {
    const server = await start(['Negotiate', 'NTLM']);
    expect((await lastOf(server, 'NTLM', 'NTLM', 'ntlm')).status).toBe(200);
    expect(await lastOf(server, 'Negotiate', 'NTLM', 'spnego')).toMatchObject(NOBODY);
    expect(await lastOf(server, 'NTLM', 'Negotiate', 'ntlm')).toMatchObject(NOBODY);
  });
});
