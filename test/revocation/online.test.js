'use strict';
// A verifier that fetches: real responders and CRL servers on loopback, good ones, bad ones, and the one of OpenSSL.

const { spawn } = require('node:child_process');
const diagnosticsChannel = require('node:diagnostics_channel');
const { once } = require('node:events');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');

const { default: KeyvRedis } = require('@keyv/redis');
const { Keyv } = require('keyv');

const { extensions } = require('../support/certificate-builder.js');
const { httpServer } = require('../support/http.js');
const { OcspResponder, issueResponder, misbehaviour, redirectsTo, makeOcspResponse } = require('../support/ocsp.js');
const { Authority, daysFromNow } = require('../support/pki.js');
const { redisServer } = require('../support/redis.js');
const { Network } = require('../support/tls.js');
const { testWith } = require('../support/tools.js');
const { Verifier } = require('../../lib/index.js');

const root = new Authority('root');
const hosts = ['127.0.0.1'];
const FAST = { urlTimeout: 400, totalTimeout: 800 };

let network;
beforeEach(() => {
  network = new Network();
});
afterEach(() => network.end());

const codesOf = ({ problems }) => problems.map(({ code }) => code);
const online = (revocation = {}, options = {}) => new Verifier({ ca: root.pem, revocation: { mode: 'online', hosts, ...FAST, ...revocation }, ...options });
const asking = (ocsp, options = {}) => root.issue({ more: [extensions.authorityInfoAccess({ ocsp: [ocsp].flat() })], ...options });
const listing = (url, options = {}) => root.issue({ more: [extensions.crlDistributionPoints([url].flat())], ...options });

/** @param {object} options of an OcspResponder */
async function responder(options = {}) {
  const made = await new OcspResponder({ authority: root, ...options }).listen();
  network.atEnd(() => made.close());
  return made;
}
const crlServer = (crl) => httpServer(network, (request, response) => response.end(typeof crl === 'function' ? crl() : crl));
const derOf = (pem) => Buffer.from(pem.replace(/-----[^-]+-----/g, ''), 'base64');

describe('OCSP', () => {
  // RFC 6960 section 2.2; the one that may end is certificateHold (RFC 5280 section 5.3.1). As of responses that are configured.
  test.each([
    ['keyCompromise', 'good', 'deny', ['CERT_REVOKED']],
    ['keyCompromise', 'unknown', 'deny', ['CERT_REVOKED']],
    ['keyCompromise', 'unknown', 'allow', ['CERT_REVOKED']],
    [undefined, 'good', 'deny', ['CERT_REVOKED']],
    ['certificateHold', 'good', 'deny', []],
  ])('revoked (%s), and a later answer says %s: %s', async (reason, later, onUnknown, expected) => {
    const made = await responder();
    const leaf = asking(made.url);
    const now = Math.floor(Date.now() / 1000) * 1000;
    const at = (seconds) => new Date(now + seconds * 1000);
    const answer = (status, thisUpdate, nextUpdate) =>
      makeOcspResponse({ signer: root, producedAt: thisUpdate, responses: [{ issuer: root, serial: leaf.serial, status, reason, revokedAt: at(-9999), thisUpdate, nextUpdate }] });
    const [first, second] = [answer('revoked', at(-3600), at(-600)), answer(later, at(-300), at(3600))];
    const cached = new Verifier({ ca: root.pem, revocation: { onUnknown, ocsp: { skew: 0, responses: [first, second] } } });
    expect(codesOf(cached.verify(leaf.der, { at: at(0) }))).toEqual(expected);
    const verifier = online({ onUnknown, ocsp: { skew: 0 } });
    made.answers.set(BigInt(leaf.serial), first);
    expect(codesOf(await verifier.verifyAsync(leaf.der, { at: at(-1800) }))).toEqual(['CERT_REVOKED']);
    made.answers.set(BigInt(leaf.serial), second);
    for (let i = 0; i < 2; i++) expect(codesOf(await verifier.verifyAsync(leaf.der, { at: at(0) }))).toEqual(expected);
    expect(codesOf(verifier.verify(leaf.der, { at: at(1) }))).toEqual(expected);
  });

  test.each([
    ['good', 'good', []],
    ['revoked', 'revoked', ['CERT_REVOKED']],
    ['unknown', 'unknown', ['REVOCATION_UNKNOWN']],
    ['tryLater', misbehaviour.tryLater, ['REVOCATION_UNKNOWN']],
    ['unauthorized', misbehaviour.unauthorized, ['REVOCATION_UNKNOWN']],
    ['HTML', misbehaviour.sendsHtml, ['REVOCATION_UNKNOWN']],
    ['an answer about another certificate', misbehaviour.otherCertificate, ['REVOCATION_UNKNOWN']],
    ['an answer that is out of date', { status: 'good', thisUpdate: daysFromNow(-9), nextUpdate: daysFromNow(-2) }, ['REVOCATION_UNKNOWN', 'REVOCATION_STALE']],
    ['a gigabyte', misbehaviour.sendsGigabyte, ['REVOCATION_UNREACHABLE']],
    ['nothing', misbehaviour.neverAnswers, ['REVOCATION_UNREACHABLE']],
    ['a closed connection', misbehaviour.closes, ['REVOCATION_UNREACHABLE']],
    ['status 500', misbehaviour.serverError, ['REVOCATION_UNREACHABLE']],
    ['a redirect to the metadata of a cloud', redirectsTo('http://169.254.169.254/latest/'), ['REVOCATION_UNREACHABLE']],
  ])('%s', async (_, otherwise, expected) => {
    const { url } = await responder({ otherwise });
    const leaf = asking(url);
    const verifier = online();
    const verdict = await verifier.verifyAsync(leaf.der);
    const codes = codesOf(verdict);
    expect(expected.length < 2 ? codes : [expect.stringMatching(expected.join('|'))]).toEqual(expected.length < 2 ? expected : codes);
    expect(verdict.valid).toBe(expected.length === 0);
    expect(verdict.revocation[0].attempts.length).toBeGreaterThan(0);
    // What was learnt is known from now on, without I/O.
    if (codes.length === 0 || codes[0] === 'CERT_REVOKED') expect(codesOf(verifier.verify(leaf.der))).toEqual(codes);
    expect(verifier.verify(leaf.der).valid).toBe(verdict.valid);
  });

  test('a server that is down', async () => {
    const { url, close } = await responder().then((made) => ({ url: made.url, close: () => made.close() }));
    await close();
    network = new Network();
    expect(codesOf(await online().verifyAsync(asking(url).der))).toEqual(['REVOCATION_UNREACHABLE']);
  });

  test.each([
    ['repeats it', 'good', []],
    ['repeats another one', misbehaviour.replaysNonce, ['REVOCATION_UNKNOWN']],
    ['leaves it out', misbehaviour.leavesOutNonce, ['REVOCATION_UNKNOWN']],
  ])('with a nonce: the answer %s', async (_, otherwise, expected) => {
    const { url, requests } = await responder({ otherwise });
    expect(codesOf(await online({ ocsp: { nonce: true } }).verifyAsync(asking(url).der))).toEqual(expected);
    expect(requests[0]).toMatchObject({ method: 'POST', nonce: expect.any(Buffer) });
  });

  test.each([
    ['delegated, with nocheck', () => issueResponder(root), {}, []],
    ['delegated, without nocheck, and a CRL that calls it good', () => issueResponder(root, { checked: true }), { crls: root.crl() }, []],
    ['delegated, without nocheck, and nobody knows it', () => issueResponder(root, { checked: true }), {}, ['REVOCATION_UNKNOWN']],
    ['delegated, without the usage', () => issueResponder(root, { usages: ['1.3.6.1.5.5.7.3.2'] }), {}, ['REVOCATION_UNKNOWN']],
    ['delegated by a stranger', () => issueResponder(new Authority('stranger')), {}, ['REVOCATION_UNKNOWN']],
  ])('%s', async (_, signer, options, expected) => {
    const { url } = await responder({ signer: signer(), otherwise: 'good' });
    expect(codesOf(await online({ check: 'leaf' }, options).verifyAsync(asking(url).der))).toEqual(expected);
  });

  test('a responder of its own, with its own certificate, in place of those that certificates name', async () => {
    const stranger = new Authority('stranger');
    const { url, requests } = await responder({ signer: stranger, otherwise: 'good' });
    const ocsp = { responder: url, responderCertificate: stranger.pem };
    expect(codesOf(await online({ hosts: undefined, ocsp }).verifyAsync(root.issue().der))).toEqual([]);
    expect(codesOf(await online({ hosts: undefined, ocsp: { responder: url } }).verifyAsync(root.issue().der))).toEqual(['REVOCATION_UNKNOWN']);
    expect(requests.length).toBeGreaterThanOrEqual(2);
  });

  testWith('openssl')("OpenSSL's own responder", async () => {
    const [good, revoked] = [0x51a, 0x51b].map((serial) => ({ serial }));
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'client-cert-info-ocsp-'));
    network.atEnd(() => fs.rmSync(folder, { recursive: true }));
    const at = (name) => path.join(folder, name);
    const signer = issueResponder(root);
    fs.writeFileSync(at('index.txt'), `V\t350101000000Z\t\t051A\tunknown\t/CN=good\nR\t350101000000Z\t240101000000Z,keyCompromise\t051B\tunknown\t/CN=revoked\n`);
    fs.writeFileSync(at('ca.pem'), root.pem);
    fs.writeFileSync(at('signer.pem'), signer.pem + signer.key);
    // The command takes a port and cannot pick one.
    const probe = net.createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address();
    await new Promise((resolve) => probe.close(resolve));
    const child = spawn('openssl', ['ocsp', '-index', at('index.txt'), '-CA', at('ca.pem'), '-rsigner', at('signer.pem'), '-port', String(port), '-ndays', '1'], { stdio: ['ignore', 'pipe', 'pipe'] });
    network.atEnd(() => {
      child.kill();
      return once(child, 'exit');
    });
    const started = Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data')]);
    await started;
    const verifier = online({ ocsp: { nonce: true }, urlTimeout: 5000, totalTimeout: 10000 });
    const url = `http://127.0.0.1:${port}`;
    expect(codesOf(await verifier.verifyAsync(asking(url, good).der))).toEqual([]);
    const verdict = await verifier.verifyAsync(asking(url, revoked).der);
    expect(codesOf(verdict)).toEqual(['CERT_REVOKED']);
    expect(verdict.revocation[0].evidence).toMatchObject([{ kind: 'ocsp', says: 'revoked', reason: 'keyCompromise', revokedAt: new Date('2024-01-01') }]);
  });
});

describe('CRLs', () => {
  test.each([
    ['good', () => derOf(root.crl()), []],
    ['of another issuer', () => derOf(new Authority('root').crl()), ['REVOCATION_UNKNOWN']],
    ['PEM, which RFC 5280 does not have here', () => root.crl(), ['REVOCATION_UNKNOWN']],
    ['out of date', () => derOf(root.crl([], { thisUpdate: daysFromNow(-9), nextUpdate: daysFromNow(-1) })), ['REVOCATION_UNKNOWN']],
    ['HTML', () => Buffer.from('<html>'), ['REVOCATION_UNKNOWN']],
  ])('%s', async (_, crl, expected) => {
    const { url } = await crlServer(crl());
    expect(codesOf(await online().verifyAsync(listing(url).der))).toEqual(expected);
  });

  test('one that was fetched for one client speaks of the others', async () => {
    const second = root.issue();
    let listed = [];
    const { url, requests } = await crlServer(() => derOf(root.crl(listed)));
    const verifier = online();
    const first = listing(url);
    listed = [first, second];
    expect(codesOf(await verifier.verifyAsync(first.der))).toEqual(['CERT_REVOKED']);
    expect(codesOf(verifier.verify(second.der))).toEqual(['CERT_REVOKED']);
    expect(codesOf(verifier.verify(root.issue().der))).toEqual([]);
    expect(requests).toHaveLength(1);
    expect(verifier.stats()).toMatchObject({ fetchedCrls: 1, fetches: { attempts: 1, failures: 0 } });
  });

  test('a newer one that was fetched for one client ends what is known of another, and of those below it', async () => {
    const issuing = new Authority('issuing', { issuer: root });
    const first = await crlServer(derOf(root.crl([], { thisUpdate: daysFromNow(-2), nextUpdate: daysFromNow(1) })));
    const leaf = listing(first.url);
    const inputs = [leaf.der, { leaf: issuing.issue().der, chain: [issuing.der] }];
    const verifier = online({}, { crls: issuing.crl() });
    const everybody = async (codes) => {
      for (const input of [...inputs, ...inputs]) {
        expect(codesOf(await verifier.verifyAsync(input))).toEqual(codes);
        expect(codesOf(verifier.verify(input))).toEqual(codes);
      }
    };
    await everybody([]);
    expect(verifier.stats().known).toBeGreaterThan(3);
    // Somebody else's time, when the first CRL is out of date.
    const second = await crlServer(derOf(root.crl([leaf, issuing])));
    expect(codesOf(await verifier.verifyAsync(listing(second.url).der, { at: daysFromNow(2) }))).toEqual([]);
    expect([first, second].map(({ requests }) => requests.length)).toEqual([1, 1]);
    await everybody(['CERT_REVOKED']);
  });

  test('where OCSP fails, the CRL decides', async () => {
    const { url: ocsp } = await responder({ otherwise: misbehaviour.serverError });
    const { url } = await crlServer(derOf(root.crl()));
    const leaf = root.issue({ more: [extensions.authorityInfoAccess({ ocsp: [ocsp] }), extensions.crlDistributionPoints([url])] });
    const verdict = await online().verifyAsync(leaf.der);
    expect(codesOf(verdict)).toEqual([]);
    expect(verdict.revocation[0].attempts.map(({ kind, outcome }) => [kind, outcome])).toEqual(
      expect.arrayContaining([['ocsp', 'http-status'], ['crl', 'used']]),
    );
  });
});

describe('policy', () => {
  test('private addresses are not asked unless they are listed', async () => {
    const { url, requests } = await responder({ otherwise: 'good' });
    const verdict = await online({ hosts: undefined }).verifyAsync(asking(url).der);
    expect(verdict.valid).toBe(false);
    expect(verdict.revocation[0].attempts.map(({ outcome }) => outcome)).toEqual(expect.arrayContaining([expect.stringMatching(/^refused-/)]));
    expect(requests).toEqual([]);
  });

  test('nobody is asked about a path that is refused anyway', async () => {
    const { url, requests } = await responder({ otherwise: 'good' });
    const expired = asking(url, { notBefore: daysFromNow(-9), notAfter: daysFromNow(-1) });
    expect(codesOf(await online().verifyAsync(expired.der))).toEqual(['CERT_EXPIRED']);
    expect(requests).toEqual([]);
  });

  test.each([
    ['allow', 'allow', true, [true, true]],
    ['for CAs only', { leaf: 'deny', ca: 'allow' }, false, [false, true]],
    ['for leafs only', { leaf: 'allow' }, false, [true, false]],
  ])('onUnknown: %s', async (_, onUnknown, valid, forgiven) => {
    const intermediate = new Authority('intermediate', { issuer: root });
    const verdict = await online({ onUnknown }).verifyAsync({ leaf: intermediate.issue().der, chain: intermediate.der });
    expect(verdict.valid).toBe(valid);
    expect(verdict.revocation.map((status) => status.forgiven)).toEqual(forgiven);
  });

  test('a certificate that was on hold is asked about again, once that is out of date', async () => {
    const held = { status: 'revoked', reason: 'certificateHold', thisUpdate: daysFromNow(-1), nextUpdate: daysFromNow(1) };
    const responding = await responder({ otherwise: held });
    let now = new Date();
    const verifier = online({}, { clock: () => now });
    const leaf = asking(responding.url);
    expect(codesOf(await verifier.verifyAsync(leaf.der))).toEqual(['CERT_REVOKED']);
    expect(codesOf(await verifier.verifyAsync(leaf.der))).toEqual(['CERT_REVOKED']);
    expect(responding.requests).toHaveLength(1);
    now = daysFromNow(2);
    responding.otherwise = { status: 'good', thisUpdate: now, nextUpdate: daysFromNow(3) };
    expect(codesOf(await verifier.verifyAsync(leaf.der))).toEqual([]);
    expect(responding.requests).toHaveLength(2);
  });

  test('what is forgiven is never a revocation', async () => {
    const { url } = await responder({ otherwise: 'revoked' });
    expect(codesOf(await online({ onUnknown: 'allow' }).verifyAsync(asking(url).der))).toEqual(['CERT_REVOKED']);
  });

  test('AbortSignal, and the diagnostics channel', async () => {
    const { url } = await responder({ otherwise: misbehaviour.neverAnswers });
    const messages = [];
    const listener = (message) => messages.push(message);
    diagnosticsChannel.subscribe('client-cert-info:revocation', listener);
    const controller = new AbortController();
    const verifier = online({ urlTimeout: 60000, totalTimeout: 60000 });
    const verifying = verifier.verifyAsync(asking(url).der, { signal: controller.signal });
    setImmediate(() => controller.abort(new Error('enough')));
    await expect(verifying).rejects.toThrow('enough');
    const { url: other } = await responder({ otherwise: 'good' });
    await verifier.verifyAsync(asking(other).der);
    diagnosticsChannel.unsubscribe('client-cert-info:revocation', listener);
    expect(messages.filter(({ outcome }) => outcome === 'used')).toMatchObject([{ type: 'fetched', verifier, kind: 'ocsp', from: 'network' }]);
  });
});

describe('a shared cache', () => {
  const keyvOf = (redis) => {
    const keyv = new Keyv({ store: new KeyvRedis({ socket: { path: redis.path } }) });
    keyv.on('error', () => {});
    network.atEnd(() => keyv.disconnect());
    return keyv;
  };

  testWith('redis-server')('what one process has fetched the other one need not, by a real Redis', async () => {
    const redis = await redisServer(network);
    const { url, requests } = await responder({ otherwise: 'good' });
    const leaf = asking(url);
    expect(codesOf(await online({ cache: keyvOf(redis) }).verifyAsync(leaf.der))).toEqual([]);
    const verdict = await online({ cache: keyvOf(redis) }).verifyAsync(leaf.der);
    expect(codesOf(verdict)).toEqual([]);
    expect(verdict.revocation[0].attempts).toMatchObject([{ from: 'store', outcome: 'used' }]);
    expect(requests).toHaveLength(1);
  });

  test.each([
    ['garbage', () => Buffer.from('garbage')],
    ['an answer that somebody else has signed', (leaf) => makeOcspResponse({ signer: new Authority('root'), responses: [{ issuer: root, serial: leaf.serial, status: 'good' }] })],
    ['an answer about somebody else', (leaf) => makeOcspResponse({ signer: root, responses: [{ issuer: root, serial: leaf.serial + 1, status: 'good' }] })],
    ['an answer from before the revocation', (leaf) =>
      makeOcspResponse({ signer: root, responses: [{ issuer: root, serial: leaf.serial, status: 'good', thisUpdate: daysFromNow(-20), nextUpdate: daysFromNow(-10) }] })],
  ])('poisoned with %s it does not make a revoked certificate good', async (_, poison) => {
    const { url } = await responder({ otherwise: 'revoked' });
    const leaf = asking(url);
    const store = new Map();
    expect(codesOf(await online({ cache: store }).verifyAsync(leaf.der))).toEqual(['CERT_REVOKED']);
    for (const [key, value] of store) {
      const text = JSON.stringify(value);
      const base64 = text.match(/[A-Za-z0-9+/]{100,}={0,2}/)[0];
      store.set(key, JSON.parse(text.replace(base64, poison(leaf).toString('base64'))));
    }
    const verdict = await online({ cache: store, onUnknown: 'allow' }).verifyAsync(leaf.der);
    expect(codesOf(verdict)).toEqual(['CERT_REVOKED']);
  });
});
