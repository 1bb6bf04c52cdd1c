'use strict';
// What it costs to look at another host's context: nothing that stays, and nothing that a client could make grow.

const { createHook } = require('node:async_hooks');
const { setImmediate: turn } = require('node:timers/promises');
const tls = require('node:tls');
const v8 = require('node:v8');
const vm = require('node:vm');

const { isDirectedHere } = require('../../lib/virtual-host.js');
const { Authority } = require('../support/pki.js');
const { Network } = require('../support/tls.js');

v8.setFlagsFromString('--expose-gc');
const collectGarbage = vm.runInNewContext('gc');

const a = new Authority('A');
const b = new Authority('B');
const { key, cert } = a.issueServer(['localhost']);
const client = a.issue();

const network = new Network();
afterEach(() => network.end());

/**
 * The resources that this thread makes while `during` runs, and those of them that still exist.
 *
 * @param {() => Promise<void>} during only waits for promises, so that nobody else's turn comes
 */
async function resourcesOf(during) {
  const alive = new Map();
  const made = [];
  let recording = true;
  const hook = createHook({
    init(id, type) {
      if (!recording || type === 'PROMISE') return;
      made.push(type);
      alive.set(id, type);
    },
    destroy: (id) => alive.delete(id),
  });
  hook.enable();
  network.atEnd(() => hook.disable());
  await during();
  recording = false;
  return { count: (type) => made.filter((each) => each === type).length, alive };
}

/**
 * Runs on the server's end of one connection, for as long as it is open.
 *
 * @param {(server: tls.Server) => void} setUp
 * @param {object} options
 * @param {(connection: { server: tls.Server, ask: (host: string) => unknown }) => Promise<void>} use
 */
async function onConnection(setUp, options, use) {
  const { server, connect } = await network.server({ key, cert, ca: a.pem, ...options }, (socket) =>
    use({ server, ask: (host) => isDirectedHere({ headers: { host }, url: '/', socket }) }));
  setUp(server);
  await connect({ servername: 'a.test', cert: client.cert, key: client.key });
}

test('a client that names many hosts makes one look at each context', async () => {
  const context = tls.createSecureContext({ key, cert, ca: b.pem });
  let asked = 0;
  const SNICallback = (name, callback) => {
    asked += 1;
    callback(null, name === 'a.test' ? undefined : context);
  };
  await onConnection(() => {}, { SNICallback }, async ({ ask }) => {
    asked = 0;
    const resources = await resourcesOf(async () => {
      for (let i = 0; i < 1000; i += 1) expect(await ask(`h${i}.test`)).toBe(false);
    });
    expect([resources.count('TLSWRAP'), asked]).toEqual([1, 1000]);
    // The latest answer is kept, so that a connection which stays with its host asks nobody.
    for (let i = 0; i < 10; i += 1) expect(await ask('h999.test')).toBe(false);
    expect(asked).toBe(1000);
  });
});

test('nothing is kept of the hosts that a client has named', async () => {
  await onConnection((server) => server.addContext('b.test', { key, cert, ca: b.pem }), {}, async ({ ask }) => {
    /** @param {number} from @param {number} to @returns {Promise<number>} octets in use afterwards */
    const nameHosts = async (from, to) => {
      for (let i = from; i < to; i += 1) await ask(`${i}.${'x'.repeat(240)}`);
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    const before = await nameHosts(0, 1000);
    const after = await nameHosts(1000, 41_000);
    // All of the names would be 10 MB.
    expect(after - before).toBeLessThan(2_000_000);
  });
});

test('looking at contexts leaves no resource, no listener and no event behind', async () => {
  const LOOKS = 100;
  await onConnection((server) => {
    for (let i = 0; i < LOOKS; i += 1) server.addContext(`h${i}.test`, { key, cert, ca: b.pem });
  }, {}, async ({ server, ask }) => {
    const listeners = () => [server, process].map((emitter) => emitter.eventNames().map((name) => [name, emitter.listenerCount(name)]));
    const before = listeners();
    const emit = jest.spyOn(server, 'emit');
    const resources = await resourcesOf(async () => {
      for (let i = 0; i < LOOKS; i += 1) expect(await ask(`h${i}.test`)).toBe(false);
    });
    expect(resources.count('TLSWRAP')).toBe(LOOKS);
    expect(resources.count('Timeout')).toBe(0);
    // Handles are freed by finalizers, which run in later turns.
    for (let tries = 0; tries < 100 && resources.alive.size > 0; tries += 1) {
      collectGarbage();
      await turn();
    }
    expect([...resources.alive.values()]).toEqual([]);
    expect(listeners()).toEqual(before);
    expect(emit).not.toHaveBeenCalled();
  });
});

test('looking at a context disturbs neither the connection nor its verdict', async () => {
  await onConnection((server) => server.addContext('b.test', { key, cert, ca: b.pem }), {}, async ({ ask }) => {
    const answers = [];
    for (const host of ['a.test', 'b.test', 'localhost', 'b.test', 'a.test']) answers.push(await ask(host));
    expect(answers).toEqual([true, false, true, false, true]);
  });
});
