'use strict';
// Verifiers on connections of servers that no verifier protects: asked, by middleware, and watched.

const { once } = require('node:events');
const fs = require('node:fs');
const http2 = require('node:http2');
const os = require('node:os');
const path = require('node:path');
const tls = require('node:tls');

const { Verifier, getClientCertInfo, getSecurityContext, receiveClientCertificate, watchClientCert } = require('../..');
const { ChangingClient } = require('../support/changing-client.js');
const { Authority, daysFromNow } = require('../support/pki.js');
const { Network, VERSIONS, only } = require('../support/tls.js');
const { testWith } = require('../support/tools.js');
const { Client, frameworks, serve } = require('../support/web.js');

const root = new Authority('Root');
const otherRoot = new Authority('Other Root');
const { key, cert } = root.issueServer(['localhost']);
const intermediate = new Authority('Intermediate', { issuer: root });
const client = intermediate.issue({ present: [intermediate] });
const crlsOf = (revoked) => [root.crl(), intermediate.crl(revoked)];
const credential = { key: client.key, cert: client.cert };
// Node itself would trust nobody that comes here.
const serverOptions = { key, cert, ca: otherRoot.pem };

const network = new Network();
const verifiers = [];
afterEach(async () => {
  await network.end();
  for (const verifier of verifiers.splice(0)) verifier.close();
});

/** @param {object} [options] */
function newVerifier(options = {}) {
  const verifier = new Verifier({ ca: root.pem, ...options });
  verifiers.push(verifier);
  return verifier;
}

const codesOf = ({ problems }) => problems.map(({ code, depth }) => `${code}@${depth}`);

describe.each(VERSIONS)('over %s', (version) => {
  test('full and resumed, by the verifier and not by the server', async () => {
    const [verifier, other] = [newVerifier(), newVerifier({ ca: otherRoot.pem })];
    const { connect } = await network.server({ ...serverOptions, ...only(version) }, (socket) => ({
      reused: socket.isSessionReused(),
      judged: [undefined, { verifier }, { verifier: other }].map((options) => getClientCertInfo(socket, options).valid),
      presented: getClientCertInfo(socket, { verifier }).presentedChainEncoded,
    }));
    const { value: full, session } = await connect(credential);
    const { value: resumed } = await connect({ ...credential, session });
    const expected = { judged: [false, true, false], presented: [client.der, intermediate.der] };
    expect(full).toEqual({ reused: false, ...expected });
    expect(resumed).toEqual({ reused: true, ...expected });
  });

  test('revoked by reload() before the session is resumed', async () => {
    const verifier = newVerifier({ crls: crlsOf([]) });
    const { connect } = await network.server({ ...serverOptions, ...only(version) }, (socket) => [
      socket.isSessionReused(),
      codesOf(getClientCertInfo(socket, { verifier })),
    ]);
    const { value: full, session } = await connect(credential);
    await verifier.reload({ crls: crlsOf([client]) });
    const { value: resumed } = await connect({ ...credential, session });
    expect([full, resumed]).toEqual([[false, []], [true, ['CERT_REVOKED@0']]]);
  });

  test('one object, until there is another verdict', async () => {
    let now = Date.now();
    const verifier = newVerifier({ crls: crlsOf([]), clock: () => new Date(now) });
    const { connect } = await network.server({ ...serverOptions, ...only(version) }, async (socket) => {
      const ask = () => getClientCertInfo(socket, { verifier });
      const first = ask();
      const { verifications } = verifier.stats();
      const again = ask();
      const same = [again === first, verifier.stats().verifications === verifications];
      await verifier.reload({ crls: crlsOf([client]) });
      const revoked = ask();
      await verifier.reload({ crls: crlsOf([]) });
      const back = ask();
      now = back.validUntil.getTime() - 1;
      const still = ask();
      now = back.validUntil.getTime();
      const over = ask();
      now = daysFromNow(0).getTime();
      return { first, same, revoked, back, still, over, backInTime: ask() };
    });
    const { value } = await connect(credential);
    expect(value.first.valid).toBe(true);
    expect(value.same).toEqual([true, true]);
    expect(codesOf(value.revoked)).toEqual(['CERT_REVOKED@0']);
    expect(value.back.valid).toBe(true);
    expect(value.back).not.toBe(value.first);
    expect(value.still).toBe(value.back);
    expect(value.over.valid).toBe(false);
    expect(value.backInTime.valid).toBe(true);
  });

  test('no certificate', async () => {
    const verifier = newVerifier();
    const { connect } = await network.server({ ...serverOptions, ...only(version) }, (socket) => getClientCertInfo(socket, { verifier }));
    expect((await connect()).value).toBe(null);
    expect(verifier.stats().verifications).toBe(0);
  });

  test('another verifier than the protecting one may be asked', async () => {
    const [protecting, other] = [newVerifier(), newVerifier({ ca: otherRoot.pem })];
    const { server, connect } = await network.server({ ...serverOptions, ...only(version) }, (socket) => [
      socket.authorized,
      ...[undefined, { verifier: protecting }, { verifier: other }].map((options) => getClientCertInfo(socket, options).valid),
    ]);
    protecting.protect(server);
    expect((await connect(credential)).value).toEqual([true, true, true, false]);
  });
});

test('what is no verifier', async () => {
  const { connect } = await network.server(serverOptions, (socket) =>
    [null, {}, 'verifier', Object.create(Verifier.prototype)].map((verifier) => {
      try {
        return getClientCertInfo(socket, { verifier });
      } catch (error) {
        return error.name;
      }
    }),
  );
  expect((await connect(credential)).value).toEqual(Array.from({ length: 4 }, () => 'TypeError'));
});

test('one that was closed', async () => {
  const verifier = newVerifier();
  const { connect } = await network.server(serverOptions, async (socket) => {
    const before = getClientCertInfo(socket, { verifier }).valid;
    verifier.close();
    const uses = [
      () => getClientCertInfo(socket, { verifier }),
      () => getSecurityContext(socket, { verifier }),
      () => receiveClientCertificate(socket, { verifier }),
      () => watchClientCert(socket, { verifier }, () => {}),
    ];
    return { before, after: await Promise.all(uses.map(async (use) => Promise.resolve().then(use).then(() => 'nothing', ({ code }) => code))) };
  });
  const { value } = await connect(credential);
  expect(value).toEqual({ before: true, after: Array.from({ length: 4 }, () => 'ERR_CLIENT_CERT_CLOSED') });
});

const chosen = frameworks.filter(({ name }) => !name.startsWith('node:http2 with'));

describe.each(chosen)('$name with the option verifier', (framework) => {
  test('refuses on the same connection what was revoked meanwhile', async () => {
    const verifier = newVerifier({ crls: crlsOf([]) });
    const { port, server } = await serve(network, framework, { verifier }, serverOptions);
    let connections = 0;
    server.on('secureConnection', () => connections++);
    const web = new Client(framework.protocol, port, credential);
    network.atEnd(() => web.close());
    const statuses = [];
    statuses.push((await web.request()).status);
    await verifier.reload({ crls: crlsOf([client]) });
    const { status, json } = await web.request();
    statuses.push(status);
    await verifier.reload({ crls: crlsOf([]) });
    statuses.push((await web.request()).status);
    expect(statuses).toEqual([200, 403, 200]);
    expect(json).toEqual(expect.objectContaining({ error: 'certificate_invalid' }));
    expect(connections).toBe(1);
  });

  test('hosts are not compared', async () => {
    const verifier = newVerifier();
    const { port, server } = await serve(network, framework, { verifier }, serverOptions);
    server.addContext('a.example', serverOptions);
    server.addContext('b.example', { ...serverOptions, ca: root.pem });
    const web = new Client(framework.protocol, port, { ...credential, servername: 'a.example' });
    network.atEnd(() => web.close());
    const headers = framework.protocol === 'h1' ? { host: 'b.example' } : { ':authority': 'b.example' };
    expect((await web.request({ headers })).status).toBe(200);
  });
});

/** Until its client is in a further handshake. */
async function untilPending(socket) {
  for (;;) {
    try {
      getClientCertInfo(socket, {});
    } catch (error) {
      if (error.code === 'ERR_CLIENT_CERT_HANDSHAKE_PENDING') return;
      throw error;
    }
    await new Promise(setImmediate);
  }
}

describe('watchClientCert()', () => {
  /** Whatever an event or reload() has set in motion is done by then. */
  const settled = () => new Promise((resolve) => setImmediate(resolve));

  /**
   * A connection that stays open.
   *
   * @param {object} [credentials] of the client
   * @param {(server: tls.Server) => void} [prepare]
   */
  async function connection(credentials = credential, prepare = () => {}) {
    const server = tls.createServer({ ...serverOptions, requestCert: true, rejectUnauthorized: false });
    prepare(server);
    const port = await network.listen(server);
    const made = once(server, 'secureConnection');
    const peer = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...credentials });
    peer.on('error', () => {});
    peer.resume();
    network.atEnd(() => peer.destroy());
    const [socket] = await made;
    // Promises go on within OpenSSL's handshake, where a connection must not be taken apart.
    await settled();
    return { socket, peer };
  }

  test('a client of HTTP/2 may leave', async () => {
    const server = http2.createSecureServer({ ...serverOptions, requestCert: true, rejectUnauthorized: false });
    const verifier = newVerifier();
    server.on('stream', (stream) => {
      for (const watched of [stream, stream.session]) watchClientCert(watched, { verifier }, () => {});
      stream.respond({ ':status': 200 });
      stream.end();
    });
    const port = await network.listen(server);
    const session = http2.connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false, ...credential });
    const left = once(server, 'session').then(([ofServer]) => once(ofServer, 'close'));
    await once(session.request({ ':path': '/' }).resume(), 'close');
    session.close();
    await left;
    await verifier.reload({ ca: root.pem });
    await settled();
  });

  testWith('g++')('a client that stops in a renegotiation ends nobody but itself', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'client-cert-info-watch-'));
    network.atEnd(() => fs.rmSync(folder, { recursive: true }));
    ChangingClient.build(folder);
    fs.writeFileSync(path.join(folder, 'client.pem'), client.cert + client.key);
    const server = tls.createServer({ ...serverOptions, requestCert: true, rejectUnauthorized: false, maxVersion: 'TLSv1.2' });
    const port = await network.listen(server);
    const stalling = new ChangingClient(network, port, '1.2', ['client.pem', 'stall']);
    const [socket] = await once(server, 'secureConnection');
    socket.on('error', () => {}).resume();
    await settled();
    const verifier = newVerifier({ crls: crlsOf([]) });
    const told = [];
    watchClientCert(socket, { verifier }, ({ valid }) => told.push(valid));
    const begun = untilPending(socket);
    stalling.does('renegotiate');
    await begun;
    await verifier.reload({ crls: crlsOf([client]) });
    await settled();
    expect([told, socket.destroyed]).toEqual([[], false]);
  });

  test('tells of each change that reload() makes, and of nothing else', async () => {
    const verifier = newVerifier({ crls: crlsOf([]) });
    const { socket } = await connection();
    const told = [];
    const stop = watchClientCert(socket, { verifier }, (info) => told.push(codesOf(info).join()));
    const reload = async (crls) => {
      await verifier.reload({ crls });
      await settled();
    };
    await reload(crlsOf([]));
    expect(told).toEqual([]);
    await reload(crlsOf([client]));
    await reload(crlsOf([client]));
    await reload(crlsOf([]));
    expect(told).toEqual(['CERT_REVOKED@0', '']);
    stop();
    stop();
    await reload(crlsOf([client]));
    expect(told.length).toBe(2);
    expect(socket.listenerCount('close')).toBe((await connection()).socket.listenerCount('close'));
  });

  test('uses the protecting verifier where none is given', async () => {
    const verifier = newVerifier({ crls: crlsOf([]) });
    const { socket } = await connection(credential, (server) => verifier.protect(server));
    const told = [];
    watchClientCert(socket, {}, (info) => told.push(info));
    await verifier.reload({ crls: crlsOf([client]) });
    await settled();
    expect(told.map(codesOf)).toEqual([['CERT_REVOKED@0']]);
    expect(getClientCertInfo(socket)).toBe(told[0]);
  });

  test.each([['', () => {}], [', also of one that was closed meanwhile', (verifier) => verifier.close()]])('tells when the certificate expires by the clock of the verifier%s', async (_, meanwhile) => {
    const { notAfter, offset } = (() => {
      const end = daysFromNow(10);
      return { notAfter: end, offset: end.getTime() - Date.now() - 500 };
    })();
    const brief = root.issue({ notAfter });
    const verifier = newVerifier({ clock: () => new Date(Date.now() + offset) });
    const { socket } = await connection({ key: brief.key, cert: brief.cert });
    expect(getClientCertInfo(socket, { verifier }).valid).toBe(true);
    const info = await new Promise((resolve) => {
      watchClientCert(socket, { verifier }, resolve);
      meanwhile(verifier);
    });
    expect(codesOf(info)).toEqual(['CERT_EXPIRED@0']);
  });

  test('ends with the connection', async () => {
    const verifier = newVerifier({ crls: crlsOf([]) });
    const { socket, peer } = await connection();
    const told = [];
    watchClientCert(socket, { verifier }, (info) => told.push(info));
    peer.destroy();
    socket.destroy();
    await once(socket, 'close');
    await verifier.reload({ crls: crlsOf([client]) });
    await settled();
    expect(told).toEqual([]);
  });

  test('a client without a certificate is not watched', async () => {
    const { socket } = await connection({});
    const stop = watchClientCert(socket, { verifier: newVerifier() }, () => {});
    expect(stop).toBeInstanceOf(Function);
    stop();
  });

  test('an HTTP/2 session', async () => {
    const verifier = newVerifier({ crls: crlsOf([]) });
    const server = http2.createSecureServer({ ...serverOptions, requestCert: true, rejectUnauthorized: false });
    const port = await network.listen(server);
    const made = once(server, 'session');
    const web = http2.connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false, servername: '', ...credential });
    web.on('error', () => {});
    network.atEnd(() => web.destroy());
    const [session] = await made;
    await settled();
    const told = [];
    watchClientCert(session, { verifier }, (info) => told.push(codesOf(info).join()));
    await verifier.reload({ crls: crlsOf([client]) });
    await settled();
    expect(told).toEqual(['CERT_REVOKED@0']);
  });

  test.each([[undefined], [null], ['callback'], [{}]])('no callback: %p', async (callback) => {
    const { socket } = await connection();
    expect(() => watchClientCert(socket, {}, callback)).toThrow(TypeError);
  });
});
