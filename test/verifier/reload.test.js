'use strict';
// Trust that changes while it is in use: by hand, by files, and what becomes of verifications and connections meanwhile.

const { once } = require('node:events');
const diagnosticsChannel = require('node:diagnostics_channel');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { spawn } = require('node:child_process');

const { Authority, daysFromNow } = require('../support/pki.js');
const { Network } = require('../support/tls.js');
const { Verifier, getClientCertInfo, watchClientCert } = require('../../lib/index.js');

const [a, b] = [new Authority('A'), new Authority('B')];
const [ofA, ofB] = [a.issue(), b.issue()];
const codesOf = ({ problems }) => problems.map(({ code }) => code);

test('1,000 verifications under way while the trust changes: none is lost, and each has seen one state whole', async () => {
  const verifier = new Verifier({ ca: a.pem, crls: a.crl() });
  // In one state A is trusted and its client is good, in the other B is and its client is revoked.
  const states = [{ ca: a.pem, crls: a.crl() }, { ca: b.pem, crls: b.crl([ofB]) }];
  const verifications = [];
  const reloads = [];
  for (let i = 0; i < 1000; i += 1) {
    verifications.push(verifier.verifyAsync(i % 2 ? ofB.der : ofA.der));
    if (i % 50 === 25) reloads.push(verifier.reload(states[(reloads.length + 1) % 2]));
  }
  const verdicts = await Promise.all(verifications);
  await Promise.all(reloads);
  const seen = (parity) => [...new Set(verdicts.filter((_, i) => i % 2 === parity).map((verdict) => codesOf(verdict).join()))].sort();
  expect(seen(0).every((codes) => ['', 'ISSUER_NOT_FOUND'].includes(codes))).toBe(true);
  expect(seen(1).every((codes) => ['CERT_REVOKED', 'ISSUER_NOT_FOUND'].includes(codes))).toBe(true);
  expect(verifier.stats().reloads).toBe(reloads.length);
});

test.each([
  ['garbage', { ca: 'garbage' }],
  ['a CRL in place of a CA', { ca: a.crl() }],
  ['DER that is no CRL', { crls: a.der }],
  ['a damaged CRL', { crls: Buffer.concat([Buffer.from([0x30, 0x82, 0x01, 0x00]), Buffer.alloc(0x100)]) }],
  ['a file that is not there', { crls: { file: path.join(os.tmpdir(), 'client-cert-info-no-such-file') } }],
  ['good CAs with a bad CRL', { ca: b.pem, crls: Buffer.from([0x30, 0x80, ...Buffer.alloc(200)]) }],
])('reload with %s rejects, and the old trust stays in force', async (_, changes) => {
  const verifier = new Verifier({ ca: a.pem });
  await expect(verifier.reload(changes)).rejects.toMatchObject({ code: expect.stringMatching(/^ERR_CLIENT_CERT_(MALFORMED|UNREADABLE)$/) });
  expect(codesOf(verifier.verify(ofA.der))).toEqual([]);
  expect(verifier.stats().reloads).toBe(0);
});

describe('files', () => {
  let folder;
  let verifier;
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'client-cert-info-reload-'));
  });
  afterEach(() => {
    verifier.close();
    fs.rmSync(folder, { recursive: true });
  });

  /** Resolves with the next message of that type. */
  const told = (type) =>
    new Promise((resolve) => {
      const channel = diagnosticsChannel.channel('client-cert-info:revocation');
      const listener = (message) => {
        if (message.type !== type || message.verifier !== verifier) return;
        channel.unsubscribe(listener);
        resolve(message);
      };
      channel.subscribe(listener);
    });

  test('a new CRL is taken; a broken one is told, keeps the old one, and that goes stale on time', async () => {
    const file = path.join(folder, 'a.crl');
    const replace = (content) => {
      fs.writeFileSync(`${file}.tmp`, content);
      fs.renameSync(`${file}.tmp`, file);
    };
    fs.writeFileSync(file, a.crl());
    let now = new Date();
    verifier = new Verifier({ ca: a.pem, crls: { file, refresh: 20 }, clock: () => now });
    expect(codesOf(verifier.verify(ofA.der))).toEqual([]);

    const reloaded = told('reloaded');
    replace(a.crl([ofA]));
    await reloaded;
    expect(codesOf(verifier.verify(ofA.der))).toEqual(['CERT_REVOKED']);

    const failed = told('sourceFailed');
    replace('-----BEGIN X509 CRL-----\nbroken');
    expect(await failed).toMatchObject({ source: 'crls', path: file, error: { code: 'ERR_CLIENT_CERT_MALFORMED' } });
    expect(codesOf(verifier.verify(ofA.der))).toEqual(['CERT_REVOKED']);
    expect(verifier.stats()).toMatchObject({ failedReloads: 1, sources: [{ path: file, lastError: expect.any(Error) }] });

    now = daysFromNow(5);
    expect(codesOf(verifier.verify(a.issue({ notAfter: daysFromNow(100) }).der))).toEqual([]);
    now = daysFromNow(31);
    expect(codesOf(verifier.verify(a.issue({ notAfter: daysFromNow(100) }).der))).toEqual(['REVOCATION_STALE']);
  });
});

describe('connections', () => {
  let network;
  beforeEach(() => {
    network = new Network();
  });
  afterEach(() => network.end());

  /** A connection that stays open; its client is that of A. */
  async function connected() {
    const server = a.issueServer(['localhost']);
    const tls = require('node:tls');
    const made = tls.createServer({ key: server.key, cert: server.cert, ca: a.pem, requestCert: true, rejectUnauthorized: false });
    const port = await network.listen(made);
    const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false, key: ofA.key, cert: ofA.cert });
    socket.on('error', () => {}).resume();
    const [connection] = await once(made, 'secureConnection');
    await new Promise((resolve) => setImmediate(resolve));
    return { connection, socket };
  }

  test('the same object until something changes; each verifier has its own', async () => {
    const { connection } = await connected();
    let now = Date.now();
    const verifier = new Verifier({ ca: a.pem, crls: a.crl(), clock: () => new Date(now) });
    const other = new Verifier({ ca: b.pem });
    const info = getClientCertInfo(connection, { verifier });
    expect(codesOf(info)).toEqual([]);
    expect(info.revocation).toMatchObject([{ depth: 0, status: 'good', forgiven: false }]);
    expect(getClientCertInfo(connection, { verifier })).toBe(info);
    expect(codesOf(getClientCertInfo(connection, { verifier: other }))).toEqual(['ISSUER_NOT_FOUND']);
    expect(codesOf(getClientCertInfo(connection))).toEqual([]);
    expect(getClientCertInfo(connection, { verifier })).toBe(info);
    now = info.validUntil.getTime();
    expect(codesOf(getClientCertInfo(connection, { verifier }))).toEqual(['CERT_EXPIRED']);
    now = Date.now();
    await verifier.reload({ crls: a.crl([ofA]) });
    expect(codesOf(getClientCertInfo(connection, { verifier }))).toEqual(['CERT_REVOKED']);
  });

  test.each([['no verifier', {}], ['another object', { stats() {} }], ['null', null]])('%s is a TypeError', async (_, verifier) => {
    const { connection } = await connected();
    expect(() => getClientCertInfo(connection, { verifier })).toThrow(TypeError);
    expect(() => getClientCertInfo(connection, { verifyer: new Verifier({ ca: a.pem }) })).toThrow(/did you mean 'verifier'/);
  });

  test('watchClientCert tells of changes, and only of those, until it is stopped', async () => {
    const { connection } = await connected();
    const verifier = new Verifier({ ca: a.pem, crls: a.crl() });
    const told = jest.fn();
    const stop = watchClientCert(connection, { verifier }, (info) => told(codesOf(info)));
    await verifier.reload({ crls: a.crl() });
    expect(told).not.toHaveBeenCalled();
    await verifier.reload({ crls: a.crl([ofA]) });
    await new Promise((resolve) => setImmediate(resolve));
    expect(told.mock.calls).toEqual([[['CERT_REVOKED']]]);
    stop();
    await verifier.reload({ crls: a.crl() });
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).toHaveBeenCalledTimes(1);
  });

  test('watchClientCert ends with its connection', async () => {
    const { connection, socket } = await connected();
    const verifier = new Verifier({ ca: a.pem, crls: a.crl() });
    const told = jest.fn();
    watchClientCert(connection, { verifier }, told);
    connection.on('error', () => {}).resume();
    const closed = new Promise((resolve) => connection.on('close', resolve));
    socket.destroy();
    await closed;
    await verifier.reload({ crls: a.crl([ofA]) });
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).not.toHaveBeenCalled();
  });
});

describe('lifetimes', () => {
  test('verifyAsync is aborted before, and while it is under way', async () => {
    const verifier = new Verifier({ ca: a.pem });
    await expect(verifier.verifyAsync(ofA.der, { signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow('before');
    const controller = new AbortController();
    const verifying = verifier.verifyAsync(ofA.der, { signal: controller.signal });
    controller.abort(new Error('meanwhile'));
    await expect(verifying).rejects.toThrow('meanwhile');
    expect(codesOf(await verifier.verifyAsync(ofA.der))).toEqual([]);
  });

  test('after close() every use throws, but for stats and close', async () => {
    const verifier = new Verifier({ ca: a.pem });
    const verifying = verifier.verifyAsync(ofA.der);
    verifier.close();
    verifier.close();
    verifier[Symbol.dispose]();
    expect(codesOf(await verifying)).toEqual([]);
    const closed = expect.objectContaining({ code: 'ERR_CLIENT_CERT_CLOSED' });
    expect(() => verifier.verify(ofA.der)).toThrow(closed);
    await expect(verifier.verifyAsync(ofA.der)).rejects.toEqual(closed);
    await expect(verifier.reload({})).rejects.toEqual(closed);
    expect(verifier.stats().closed).toBe(true);
  });

  test.each([
    ['process.exit()', 'process.exit(7);', 7],
    ['an uncaught exception', 'throw new Error("on purpose");', 1],
    ['the end of a worker', 'if (isMainThread) new Worker(__filename).on("exit", () => process.exit(8)); else process.exit(0);', 8],
  ])('%s with verifications under way', async (_, end, code) => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'client-cert-info-exit-'));
    const file = path.join(folder, 'exit.js');
    fs.writeFileSync(file, `const { Worker, isMainThread } = require('node:worker_threads');
      const { Verifier } = require(${JSON.stringify(path.join(__dirname, '../../lib/index.js'))});
      const verifier = new Verifier({ ca: ${JSON.stringify(a.pem)} });
      for (let i = 0; i < 200; i++) verifier.verifyAsync(${JSON.stringify(ofA.pem)});
      ${end}`);
    const child = spawn(process.execPath, [file], { stdio: 'ignore' });
    const [exitCode, signal] = await once(child, 'exit');
    fs.rmSync(folder, { recursive: true });
    expect([exitCode, signal]).toEqual([code, null]);
  });
});
