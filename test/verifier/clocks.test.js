'use strict';
// Clocks that jump, back and forth, and clocks that fail: nobody is valid who is not at the time that is told, nothing holds longer than it may, and all is as it was once the clock is
// right again.

const { spawnSync } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');
const tls = require('node:tls');

const { extensions } = require('../support/certificate-builder.js');
const { httpServer } = require('../support/http.js');
const { OcspResponder } = require('../support/ocsp.js');
const { Authority, daysFromNow } = require('../support/pki.js');
const { Network } = require('../support/tls.js');
const { Verifier, getClientCertInfo, watchClientCert } = require('../../lib/index.js');

const YEAR = 365;
const root = new Authority('root');
const good = root.issue();
const revoked = root.issue();
const server = root.issueServer(['localhost']);
const codesOf = ({ problems }) => problems.map(({ code }) => code);
const derOf = (pem) => Buffer.from(pem.replace(/-----[^-]+-----/g, ''), 'base64');

let network;
/** What the clock says, or does. @type {() => unknown} */
let tell;
beforeEach(() => {
  network = new Network();
  tell = () => new Date();
});
afterEach(() => network.end());

const verifierOf = (options = {}) => new Verifier({ ca: root.pem, crls: root.crl([revoked]), clock: () => tell(), ...options });
const inDays = (days) => () => daysFromNow(days);

/** What it says of both clients, by itself and with threads, twice. */
async function askAll(verifier) {
  const asked = [];
  for (let i = 0; i < 2; i++) for (const { der } of [good, revoked]) asked.push(codesOf(verifier.verify(der)).join(), codesOf(await verifier.verifyAsync(der)).join());
  return asked;
}

const failures = [
  ['throws', () => { throw new Error('no clock'); }, /no clock/],
  ['gives an invalid Date', () => new Date(NaN), /valid Date/],
  ['gives a number', () => Date.now(), /valid Date/],
  ['gives nothing', () => undefined, /valid Date/],
  ['gives a promise', async () => new Date(), /valid Date/],
];

/** A connection of a client to a server, and its end at the server. */
async function connected(options = {}) {
  const { server: made, port } = await network.server({ key: server.key, cert: server.cert, ca: root.pem, ...options }, () => new Promise(() => {}));
  const accepted = once(made, 'secureConnection');
  const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false, key: good.key, cert: good.cert }).on('error', () => {});
  network.atEnd(() => socket.destroy());
  const [connection] = await accepted;
  // Not within the handshake, in which Node.js does not bear that both of its sockets are destroyed.
  await new Promise(setImmediate);
  return connection;
}

describe('what was found out at one time is found out anew at another', () => {
  const [none, isRevoked] = ['', 'CERT_REVOKED'];
  const both = (ofGood, ofRevoked) => [ofGood, ofGood, ofRevoked, ofRevoked, ofGood, ofGood, ofRevoked, ofRevoked];
  const expired = (days) => [days, 'CERT_EXPIRED'];

  test.each([
    ['a year on', ...expired(YEAR)], ['a hundred years on', ...expired(100 * YEAR)], ['a year back', -YEAR, 'CERT_NOT_YET_VALID'], ['fifty years back', -50 * YEAR, 'CERT_NOT_YET_VALID'],
  ])('%s, and back again', async (_, days, code) => {
    const verifier = verifierOf();
    for (let round = 0; round < 2; round++) {
      tell = inDays(0);
      expect(await askAll(verifier)).toEqual(both(none, isRevoked));
      tell = inDays(days);
      const away = await askAll(verifier);
      expect(away.every((codes) => codes.includes(code))).toBe(true);
    }
    tell = inDays(0);
    expect(await askAll(verifier)).toEqual(both(none, isRevoked));
  });

  test.each([['the last', 8.64e15], ['the first', -8.64e15], ['1970', 0], ['2^31', 2 ** 31 * 1000], ['after the year 9999', Date.UTC(10000, 0)]])('%s moment of a Date', async (_, moment) => {
    const verifier = verifierOf();
    tell = () => new Date(moment);
    for (const codes of await askAll(verifier)) expect(codes).not.toBe('');
    tell = inDays(0);
    expect(await askAll(verifier)).toEqual(both(none, isRevoked));
  });
});

describe.each(failures)('a clock that %s', (_, fail, message) => {
  test('is told to whoever asks, and leaves nothing behind', async () => {
    const verifier = verifierOf();
    for (let round = 0; round < 2; round++) {
      tell = fail;
      expect(() => verifier.verify(good.der)).toThrow(message);
      await expect(verifier.verifyAsync(good.der)).rejects.toThrow(message);
      // Whoever brings a time needs no clock.
      expect(codesOf(verifier.verify(good.der, { at: new Date() }))).toEqual([]);
      await verifier.reload({ crls: root.crl([revoked]) });
      tell = inDays(0);
      expect(codesOf(verifier.verify(good.der))).toEqual([]);
      expect(codesOf(verifier.verify(revoked.der))).toEqual(['CERT_REVOKED']);
    }
  });

  test('is told to whoever asks about a connection', async () => {
    const verifier = verifierOf();
    const connection = await connected();
    expect(getClientCertInfo(connection, { verifier }).valid).toBe(true);
    tell = fail;
    expect(() => getClientCertInfo(connection, { verifier })).toThrow(message);
    tell = inDays(0);
    expect(getClientCertInfo(connection, { verifier }).valid).toBe(true);
  });

  test('lets nobody into a protected server, which goes on', async () => {
    const { server: made, port, connect } = await network.server({ key: server.key, cert: server.cert }, (socket) => socket.authorized);
    verifierOf().protect(made);
    const { key, cert } = good;
    expect((await connect({ key, cert })).value).toBe(true);
    const letIn = jest.fn();
    made.on('secureConnection', letIn);
    const errors = [];
    made.on('tlsClientError', (error) => errors.push(error.message));
    tell = fail;
    const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false, key, cert }).on('error', () => {});
    await new Promise((resolve) => socket.on('close', resolve));
    expect(letIn).not.toHaveBeenCalled();
    expect(errors).toEqual([expect.stringMatching(message)]);
    tell = inDays(0);
    expect((await connect({ key, cert })).value).toBe(true);
  });
});

describe('what was fetched', () => {
  const online = (options = {}) => verifierOf({ crls: undefined, revocation: { mode: 'online', hosts: ['127.0.0.1'], urlTimeout: 2000, totalTimeout: 4000, ...options } });
  const lasting = (more) => root.issue({ notBefore: daysFromNow(-900), notAfter: daysFromNow(900), more });
  const verify = async (verifier, { der }) => codesOf(await verifier.verifyAsync(der)).join();
  afterEach(() => jest.restoreAllMocks());

  test('by OCSP counts while it is in force, whichever way the clock goes', async () => {
    const responder = await new OcspResponder({ authority: root, otherwise: { status: 'good', thisUpdate: daysFromNow(-1), nextUpdate: daysFromNow(1) } }).listen();
    network.atEnd(() => responder.close());
    const leaf = lasting([extensions.authorityInfoAccess({ ocsp: [responder.url] })]);
    const verifier = online();
    for (let round = 0; round < 2; round++) {
      for (const [days, isGood] of [[0, true], [YEAR, false], [0, true], [-YEAR, false], [0, true]]) {
        tell = inDays(days);
        expect([days, await verify(verifier, leaf)]).toEqual([days, isGood ? '' : expect.stringMatching(/^REVOCATION_/)]);
        expect(verifier.verify(leaf.der).valid).toBe(isGood);
      }
    }
  });

  test('and said revoked is believed at every time', async () => {
    const leaf = lasting([]);
    const crl = await httpServer(network, (request, response) => response.end(derOf(root.crl([listed]))));
    const listed = lasting([extensions.crlDistributionPoints([crl.url])]);
    const verifier = online();
    for (const days of [0, YEAR, 0, -YEAR, 0]) {
      tell = inDays(days);
      expect([days, await verify(verifier, listed)]).toEqual([days, 'CERT_REVOKED']);
      expect([days, verifier.verify(leaf.der).valid]).toEqual([days, days === 0]);
    }
  });

  test.each([['years ahead', YEAR * 3], ["years behind", -YEAR * 3]])("while the system's clock was %s is used while it may, and fetched again", async (_, days) => {
    const issued = derOf(root.crl());
    const crl = await httpServer(network, (request, response) => response.end(issued));
    const leaf = lasting([extensions.crlDistributionPoints([crl.url])]);
    const store = new Map();
    const right = Date.now();
    const set = (moment) => {
      jest.spyOn(Date, 'now').mockReturnValue(moment);
      tell = () => new Date(Date.now());
    };
    set(right + days * 86_400_000);
    expect(codesOf(await online({ cache: store }).verifyAsync(leaf.der, { at: new Date(right) }))).toEqual([]);
    set(right);
    for (const value of store.values()) expect(JSON.parse(value).expires).toBeLessThan(right + 31 * 86_400_000);
    // Another process, that has the store and the right time.
    expect(await verify(online({ cache: store }), leaf)).toBe('');
    expect(crl.requests).toHaveLength(2);
    expect(await verify(online({ cache: store }), leaf)).toBe('');
    expect(crl.requests).toHaveLength(2);
  });
});

describe('a connection that is watched', () => {
  /** Timers that pass when they are told to; all else goes on by itself. */
  beforeEach(() => jest.useFakeTimers({ doNotFake: ['Date', 'hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate', 'clearImmediate', 'setInterval', 'clearInterval'] }));
  afterEach(() => jest.useRealTimers());
  const minutes = (count) => jest.advanceTimersByTimeAsync(count * 60_000);

  test('a clock that jumps is noticed within a minute, back and forth', async () => {
    const connection = await connected();
    const told = [];
    const stop = watchClientCert(connection, { verifier: verifierOf() }, (info) => told.push(codesOf(info)));
    for (const days of [YEAR, 0, -YEAR, 0]) {
      tell = inDays(days);
      await minutes(1);
    }
    stop();
    expect(told).toEqual([expect.arrayContaining(['CERT_EXPIRED']), [], expect.arrayContaining(['CERT_NOT_YET_VALID']), []]);
  });

  test("so is the system's", async () => {
    const connection = await connected();
    const told = [];
    const stop = watchClientCert(connection, {}, (info) => told.push(codesOf(info)));
    jest.spyOn(Date, 'now').mockReturnValue(daysFromNow(YEAR).getTime());
    await minutes(1);
    jest.restoreAllMocks();
    await minutes(1);
    stop();
    expect(told).toEqual([['CERT_EXPIRED'], []]);
  });

});

test('a clock that fails while a connection is watched is told, and what changes afterwards is told, too', () => {
  const child = spawnSync(process.execPath, [path.join(__dirname, '../support/failing-clock.js')], { encoding: 'utf8', timeout: 20_000 });
  expect(child).toMatchObject({ stdout: 'uncaught: no clock\ntold: CERT_EXPIRED\n', stderr: '', status: 0 });
});
