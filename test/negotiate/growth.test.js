'use strict';
// 10,000 authentications leave nothing behind.

const https = require('node:https');

const { GssClient } = require('../support/gss-client.js');
const { PASSWORD, World, alice, describeWithKerberos } = require('../support/negotiate.js');
const { Network } = require('../support/tls.js');

const ROUNDS = 10_000;
// The heap of JavaScript settles and malloc keeps what it has: one context that stayed would be a kilobyte or more, so ten megabytes for all.
const MAX_GROWTH = 6 * 1024 * 1024;

describeWithKerberos('memory', () => {
  const network = new Network();
  const world = new World(network);
  beforeAll(() => world.start());
  afterAll(() => network.end());

  test.each([
    ['of those that get in', (token) => token, 200],
    ['of those that do not', (token) => token.slice(0, -24), 401],
  ])('%s', async (_, change, expected) => {
    const client = new GssClient(network, world.kdc.env(world.kdc.login(alice, PASSWORD, ['-f'])));
    const flags = ['mutual_authentication', 'delegate_to_peer'];
    const server = await world.server({ execArgv: ['--expose-gc'], rules: null, authenticator: { allowDelegation: true, receiveContextHandle: true, replayCache: 'none:' } });
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
    network.atEnd(() => agent.destroy());
    const authenticate = async (times) => {
      for (let i = 0; i < times; i++) {
        const { token } = await client.begin({ flags });
        const { status } = await server.ask({ agent, authorization: `Negotiate ${change(token)}` });
        if (status !== expected) throw new Error(`status ${status}`);
      }
      return (await server.collected()).memory;
    };
    const before = await authenticate(ROUNDS / 5);
    const after = await authenticate(ROUNDS);
    expect((after - before) / 1024 / 1024).toBeLessThan(MAX_GROWTH / 1024 / 1024);
    process.stderr.write(`memory: ${((after - before) / 1024 / 1024).toFixed(1)} MiB more after ${ROUNDS}\n`);
  }, 600_000);
});
