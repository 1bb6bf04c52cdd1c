'use strict';
// 10,000 authentications leave nothing behind.

const https = require('node:https');

const { GssClient } = require('../support/gss-client.js');
const { PASSWORD, World, alice, describeWithKerberos } = require('../support/negotiate.js');
const { Network } = require('../support/tls.js');

const ROUNDS = 10_000;
// malloc and V8 keep what they have got. One context that stayed would be a kilobyte or more: ten megabytes for all.
const MAX_MEMORY = 6;
const MAX_HEAP = 1;
// The young generation is as large as it gets from the beginning: otherwise it grows by 14 MiB at some time.
const execArgv = ['--expose-gc', '--max-semi-space-size=1'];
const mebibytes = (octets) => octets / 1024 / 1024;

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
    // The same ticket each time, which a replay cache would refuse.
    const server = await world.server({ execArgv, rules: null, authenticator: { allowDelegation: true, receiveContextHandle: true, replayCache: 'none:' } });
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
    network.atEnd(() => agent.destroy());
    const { token } = await client.begin({ flags });
    const authorization = `Negotiate ${change(token)}`;
    const authenticate = async (times) => {
      for (let i = 0; i < times; i++) {
        const { status } = await server.ask({ agent, authorization });
        if (status !== expected) throw new Error(`status ${status}`);
      }
      return (await server.collected()).memory;
    };
    const before = await authenticate(ROUNDS / 5);
    const after = await authenticate(ROUNDS);
    expect(mebibytes(after.rss - before.rss)).toBeLessThan(MAX_MEMORY);
    expect(mebibytes(after.heapUsed + after.external - before.heapUsed - before.external)).toBeLessThan(MAX_HEAP);
  }, 600_000);
});
