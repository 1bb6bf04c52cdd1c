'use strict';
// Servers that a verifier protects: real handshakes, full and resumed, of every kind of server.

const { constants } = require('node:crypto');
const { once } = require('node:events');
const http2 = require('node:http2');
const https = require('node:https');
const net = require('node:net');
const tls = require('node:tls');

const { Authority } = require('../support/pki.js');
const { Network, VERSIONS, keepSessions, only } = require('../support/tls.js');
const { Verifier, getClientCertInfo } = require('../../lib/index.js');

const root = new Authority('root');
const intermediate = new Authority('intermediate', { issuer: root });
const server = root.issueServer(['localhost', 'other.example']);
const good = intermediate.issue({ present: [intermediate] });
const revoked = intermediate.issue({ present: [intermediate] });
const expired = intermediate.issue({ present: [intermediate], notBefore: new Date(Date.now() - 2e9), notAfter: new Date(Date.now() - 1e9) });
const forServers = intermediate.issueServer(['client'], { present: [intermediate] });
const stranger = new Authority('stranger').issue();
const crls = (...clients) => [root.crl(), intermediate.crl(clients)];
const verifierOf = (options = {}) => new Verifier({ ca: root.pem, crls: crls(revoked), ...options });

let network;
beforeEach(() => {
  network = new Network();
});
afterEach(() => network.end());

const view = (socket) => {
  const info = getClientCertInfo(socket);
  return {
    authorized: socket.authorized,
    error: socket.authorizationError ?? null,
    resumed: socket.isSessionReused(),
    codes: info && info.problems.map(({ code, depth }) => `${code}@${depth}`),
    chain: info && info.presentedChain.length,
  };
};

/** A TLS server that is protected. */
async function protectedServer(verifier, options = {}) {
  const made = await network.server({ key: server.key, cert: server.cert, ...options }, view);
  verifier.protect(made.server);
  return made;
}

describe.each(VERSIONS)('%s', (version) => {
  test.each([
    ['a good one', good, true, null, []],
    ['a revoked one', revoked, false, 'CERT_REVOKED', ['CERT_REVOKED@0']],
    ['an expired one', expired, false, 'CERT_HAS_EXPIRED', ['CERT_EXPIRED@0']],
    ['one for servers', forServers, false, 'INVALID_PURPOSE', ['USAGE_NOT_ALLOWED@0']],
    ["a stranger's", stranger, false, 'UNABLE_TO_GET_ISSUER_CERT', ['ISSUER_NOT_FOUND@0']],
  ])('%s, and resumed', async (_, { key, cert }, authorized, error, codes) => {
    const verifier = verifierOf();
    const { connect } = await protectedServer(verifier, only(version));
    const { value, session } = await connect({ key, cert });
    expect(value).toMatchObject({ authorized, error, codes, resumed: false });
    // One verification for each handshake; asking costs none.
    expect(verifier.stats().verifications).toBe(1);
    // A client whose certificate has expired is asked for another one.
    expect((await connect({ key, cert, session })).value).toEqual({ ...value, resumed: !codes.includes('CERT_EXPIRED@0') });
    expect(verifier.stats().verifications).toBe(2);
    verifier.close();
  });

  test('without a certificate', async () => {
    const { connect } = await protectedServer(verifierOf(), only(version));
    expect((await connect()).value).toMatchObject({ authorized: false, codes: null });
  });

  test('what other clients have shown before makes nobody good who is not', async () => {
    const verifier = verifierOf({ crls: undefined });
    const { connect } = await protectedServer(verifier, only(version));
    const codesOf = async ({ key, cert }) => (await connect({ key, cert })).value.codes;
    for (let i = 0; i < 2; i += 1) expect(await codesOf(intermediate.issue({ present: [intermediate] }))).toEqual([]);
    expect(verifier.stats()).toMatchObject({ known: 0, knownIssuers: 1 });
    const options = { subject: intermediate.subject, privateKey: intermediate.privateKey };
    const forged = new Authority('intermediate', { issuer: new Authority('root', { subject: root.subject }), ...options });
    expect(await codesOf(intermediate.issue({ present: [forged] }))).toEqual(['ISSUER_NOT_FOUND@1']);
    const impostor = new Authority('intermediate', { issuer: root, subject: intermediate.subject });
    const fake = impostor.issue({ present: [intermediate] });
    expect(await codesOf(fake)).toEqual(['ISSUER_NOT_FOUND@0']);
    expect(await codesOf({ ...good, cert: good.pem })).toEqual(['ISSUER_NOT_FOUND@0']);
    expect(await codesOf(good)).toEqual([]);
    const usurper = new Authority('root', { subject: root.subject });
    await verifier.reload({ ca: usurper.pem });
    expect(await codesOf(good)).not.toEqual([]);
  });

  test('a client that was revoked between two handshakes', async () => {
    const verifier = verifierOf();
    const { connect } = await protectedServer(verifier, only(version));
    const { key, cert } = good;
    const { session } = await connect({ key, cert });
    await verifier.reload({ crls: crls(revoked, good) });
    expect((await connect({ key, cert, session })).value).toMatchObject({ resumed: true, authorized: false, error: 'CERT_REVOKED', codes: ['CERT_REVOKED@0'] });
    await verifier.reload({ crls: crls(revoked) });
    expect((await connect({ key, cert, session })).value).toMatchObject({ resumed: true, authorized: true, codes: [] });
  });

  test('rejectUnauthorized ends what is not authorized, resumed or not, before anybody sees it', async () => {
    const verifier = verifierOf();
    const seen = jest.fn(view);
    const { server: made, connect } = await network.server({ key: server.key, cert: server.cert, rejectUnauthorized: true, ...only(version) }, seen);
    verifier.protect(made);
    const { session } = await connect({ key: good.key, cert: good.cert });
    expect(seen).toHaveBeenCalledTimes(1);
    await verifier.reload({ crls: crls(revoked, good) });
    for (const client of [{ ...good, session }, good, revoked, {}]) {
      const socket = tls.connect({ port: made.address().port, host: '127.0.0.1', rejectUnauthorized: false, key: client.key, cert: client.cert, session: client.session });
      socket.on('error', () => {}).resume();
      await new Promise((resolve) => socket.on('close', resolve));
    }
    expect(seen).toHaveBeenCalledTimes(1);
  });

  test('a ticket that was got without a certificate becomes a full handshake', async () => {
    const ticketKeys = Buffer.alloc(48, 7);
    const open = await network.server({ key: server.key, cert: server.cert, requestCert: false, ticketKeys, ...only(version) }, () => null);
    const { session } = await open.connect();
    const { connect } = await protectedServer(verifierOf(), { ticketKeys, ...only(version) });
    expect((await connect({ session })).value).toMatchObject({ resumed: false, authorized: false, codes: null });
  });

  test('contexts that are chosen by name, and set later, are judged alike', async () => {
    const verifier = verifierOf();
    const { server: made, connect } = await protectedServer(verifier, { ca: stranger.pem, ...only(version) });
    made.addContext('other.example', { key: server.key, cert: server.cert });
    const { key, cert } = good;
    expect((await connect({ key, cert, servername: 'other.example' })).value).toMatchObject({ authorized: true, codes: [] });
    made.setSecureContext({ key: server.key, cert: server.cert, ...only(version) });
    expect((await connect({ key, cert })).value).toMatchObject({ authorized: true, codes: [] });
    expect((await connect({ key: revoked.key, cert: revoked.cert })).value).toMatchObject({ authorized: false, error: 'CERT_REVOKED' });
  });
});

test('TLS 1.2 sessions that the application keeps are judged, too', async () => {
  const verifier = verifierOf();
  const { server: made, connect } = await protectedServer(verifier, { ...only('TLSv1.2'), secureOptions: constants.SSL_OP_NO_TICKET });
  keepSessions(made);
  const { key, cert } = good;
  const { session } = await connect({ key, cert });
  expect((await connect({ key, cert, session })).value).toMatchObject({ resumed: true, authorized: true, codes: [] });
  await verifier.reload({ crls: crls(revoked, good) });
  expect((await connect({ key, cert, session })).value).toMatchObject({ resumed: true, authorized: false, error: 'CERT_REVOKED', codes: ['CERT_REVOKED@0'] });
});

test.each([
  ['https', (options) => https.createServer(options)],
  ['http2', (options) => http2.createSecureServer(options)],
])('%s', async (_, create) => {
  const made = create({ key: server.key, cert: server.cert, requestCert: true, rejectUnauthorized: false });
  verifierOf().protect(made);
  const port = await network.listen(made);
  for (const [client, authorized] of [[good, true], [revoked, false]]) {
    const seen = once(made, 'secureConnection');
    const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false, key: client.key, cert: client.cert, ALPNProtocols: ['h2', 'http/1.1'] });
    socket.on('error', () => {});
    const [connection] = await seen;
    expect(view(connection)).toMatchObject({ authorized });
    // Node.js 20 to 24 crash where a connection is destroyed in the midst of 'secureConnection'.
    await new Promise((resolve) => setImmediate(resolve));
    socket.destroy();
  }
});

// Node.js 20 takes who knows a pre-shared key for an authorized client. No certificate is no verdict.
test.each([true, false])('a pre-shared key in place of a certificate, rejectUnauthorized: %s', async (rejectUnauthorized) => {
  const psk = Buffer.alloc(16, 7);
  const options = { ciphers: 'PSK-AES128-GCM-SHA256', ...only('TLSv1.2') };
  const made = tls.createServer({ key: server.key, cert: server.cert, requestCert: true, rejectUnauthorized, pskCallback: () => psk, ...options });
  verifierOf().protect(made);
  const port = await network.listen(made);
  const socket = tls.connect({ port, host: '127.0.0.1', checkServerIdentity: () => undefined, pskCallback: () => ({ psk, identity: 'ada' }), ...options });
  const seen = new Promise((resolve) => {
    // Node.js 20 to 24 crash where a connection is destroyed in the midst of 'secureConnection': not before the next turn.
    made.on('secureConnection', ({ destroyed, authorized }) => setImmediate(resolve, { isEnded: destroyed, authorized }));
    // Some lines refuse by themselves whom we would, and tell nobody.
    socket.on('close', () => resolve({ isEnded: true, authorized: false }));
  });
  socket.on('error', () => {}).resume();
  expect(await seen).toEqual({ isEnded: rejectUnauthorized, authorized: false });
  socket.destroy();
});

test("the verifier's clock counts", async () => {
  const { connect } = await protectedServer(verifierOf({ clock: () => new Date(Date.now() + 20 * 24 * 3600 * 1000) }));
  const { key, cert } = good;
  expect((await connect({ key, cert })).value.codes).toEqual(expect.arrayContaining(['CERT_EXPIRED@0']));
});

test('a handshake is verified once, also where it begins in another second than its connection', async () => {
  const verifier = verifierOf({ clock: () => new Date(Date.now() + 500) });
  const { server: protectedOne, port, connect } = await protectedServer(verifier);
  const { key, cert } = good;
  const untilNext = (part) => new Promise((resolve) => setTimeout(resolve, 1000 - ((Date.now() + 1000 - part) % 1000)));
  await untilNext(800);
  const accepted = once(protectedOne, 'connection');
  const raw = net.connect(port, '127.0.0.1');
  await accepted;
  await untilNext(100);
  expect((await connect({ socket: raw, key, cert })).value.codes).toEqual([]);
  expect(verifier.stats().verifications).toBe(1);
  verifier.close();
});

test('after close() the last state goes on judging', async () => {
  const verifier = verifierOf();
  const { connect } = await protectedServer(verifier);
  verifier.close();
  expect((await connect({ key: revoked.key, cert: revoked.cert })).value).toMatchObject({ authorized: false, error: 'CERT_REVOKED' });
  expect(() => verifier.protect(https.createServer())).toThrow(expect.objectContaining({ code: 'ERR_CLIENT_CERT_CLOSED' }));
});

test('a connection that was kept from being judged is destroyed', async () => {
  const { server: made } = await protectedServer(verifierOf(), { ca: root.pem });
  const [, , ...ours] = made.listeners('connection');
  for (const listener of ours) made.removeListener('connection', listener);
  const seen = jest.fn();
  made.on('secureConnection', (socket) => seen(socket.destroyed));
  const socket = tls.connect({ port: made.address().port, host: '127.0.0.1', rejectUnauthorized: false, key: good.key, cert: good.cert });
  socket.on('error', () => {}).resume();
  await new Promise((resolve) => socket.on('close', resolve));
  expect(seen.mock.calls.flat().every(Boolean)).toBe(true);
});

test.each([
  ['what is no server', () => ({}), TypeError],
  ['a server without TLS', () => require('node:http').createServer(), TypeError],
])('%s is refused', (_, make, kind) => {
  expect(() => verifierOf().protect(make())).toThrow(kind);
});

test('one verifier for a server; again is fine', () => {
  const made = tls.createServer();
  const verifier = verifierOf();
  verifier.protect(made);
  verifier.protect(made);
  expect(() => verifierOf().protect(made)).toThrow(expect.objectContaining({ code: 'ERR_CLIENT_CERT_NOT_SUPPORTED' }));
});

test('what would have to fetch cannot judge a handshake', () => {
  const made = tls.createServer();
  expect(() => verifierOf({ revocation: { mode: 'online' } }).protect(made)).toThrow(expect.objectContaining({ code: 'ERR_CLIENT_CERT_NOT_SUPPORTED' }));
  verifierOf({ revocation: { mode: 'online', onUnknown: 'allow' } }).protect(made);
});
