'use strict';
// The handle behind a Certificate: receivers, arguments, worker threads, collection.

const { spawnSync } = require('node:child_process');
const crypto = require('node:crypto');
const path = require('node:path');
const util = require('node:util');
const { Worker } = require('node:worker_threads');

const library = path.join(__dirname, '..', '..', 'lib');
const { Certificate, certificateOf, encodedOf, isCertificate, parseCertificate } = require('../../lib/certificate.js');
const { native } = require('../../lib/native.js');
const { altName, extensions, makeCertificate } = require('../support/certificate-builder.js');

const signingKey = crypto.generateKeyPairSync('ed25519').privateKey;
const der = makeCertificate({
  signingKey,
  subject: [{ O: 'Ex' }, { CN: 'Ada' }],
  extensions: [extensions.basicConstraints(), extensions.subjectAltName([altName.dns('a.example'), altName.upn('a@b')])],
});
const methods = Object.getOwnPropertyNames(native.Certificate.prototype).filter((name) => name !== 'constructor');

/** The TypeError of whatever realm that `call` throws, as its text. @param {() => unknown} call */
function typeErrorOf(call) {
  try {
    call();
    return 'nothing was thrown';
  } catch (error) {
    return String(error);
  }
}

describe('the native class', () => {
  const handle = native.Certificate.parse(der);
  const wrong = [
    ['undefined', undefined],
    ['a number', 5],
    ['an object', {}],
    ['an object with the prototype', Object.create(native.Certificate.prototype)],
    ['an object that inherits from a handle', Object.create(handle)],
    ['a proxy', new Proxy(handle, {})],
    ['the prototype', native.Certificate.prototype],
    ['an object that another addon class could be', Object.setPrototypeOf(new Map(), native.Certificate.prototype)],
  ];

  test('has the methods that binding.d.ts declares', () => {
    expect(methods.sort()).toEqual([
      'authorityInfoAccess', 'crlDistributionPoints', 'der', 'extensions', 'header', 'identifiers', 'issuerAltNames', 'nameConstraints',
      'names', 'policies', 'publicKey', 'subjectAltNames', 'usages',
    ]);
  });

  describe.each(methods)('%s', (method) => {
    test.each(wrong)('refuses %s as its receiver', (_, receiver) => {
      expect(typeErrorOf(() => native.Certificate.prototype[method].call(receiver))).toBe('TypeError: Illegal invocation');
    });

    test('gives a new value each time', () => {
      const [one, other] = [handle[method](), handle[method]()];
      expect(one).toEqual(other);
      if (one !== null) expect(one).not.toBe(other);
    });
  });

  test.each([[undefined], [null], ['MII'], [5], [{}], [new ArrayBuffer(4)], [new Uint16Array(4)], [new Int8Array(4)]])(
    'parse refuses %p',
    (input) => {
      expect(typeErrorOf(() => native.Certificate.parse(input))).toBe('TypeError: parse takes a Uint8Array');
    },
  );

  test.each([[undefined], [null], [5], [[]], [new Float32Array(512)], [new ArrayBuffer(4096)]])('essentials refuses %p for its numbers', (numbers) => {
    expect(typeErrorOf(() => native.Certificate.essentials(der, numbers))).toBe('TypeError: essentials takes a Float64Array');
  });

  test.each([[undefined], [3], [-1], ['sha256'], [Symbol('1')]])('fingerprint refuses %p', (algorithm) => {
    expect(typeErrorOf(() => native.Certificate.fingerprint(der, algorithm))).toBe('TypeError: fingerprint takes the number of a digest');
  });

  test('essentials says how many numbers there are where they do not fit, and writes no further', () => {
    const enough = new Float64Array(512);
    const text = native.Certificate.essentials(der, enough);
    for (let length = 0; ; length += 1) {
      const numbers = new Float64Array(length + 1).fill(-7).subarray(0, length);
      const result = native.Certificate.essentials(der, numbers);
      expect(new Float64Array(numbers.buffer)[length]).toBe(-7);
      if (typeof result === 'string') {
        expect(result).toBe(text);
        expect([...numbers]).toEqual([...enough.subarray(0, length)]);
        break;
      }
      expect(result).toBe(native.Certificate.essentials(der, new Float64Array(0)));
    }
  });

  test('a certificate with more than one usually has is the same as by its sections', () => {
    const names = [
      ...Array.from({ length: 2000 }, (_, i) => altName.dns(`host-${i}.example`)), altName.upn('\u{1F600}\u0000@b'), altName.email('ä@b'),
    ];
    const large = makeCertificate({ signingKey, subject: [{ O: '\u{1F600}x' }, { CN: 'Ä\u0000b' }], extensions: [extensions.subjectAltName(names.slice(0, 2001))] });
    const parsed = parseCertificate(large);
    expect(parsed.toJSON()).toEqual(certificateOf(large).toJSON());
    expect(parsed.subjectAltNames).toEqual(native.Certificate.parse(large).subjectAltNames());
    expect(parsed.subject.rdns.flat().map(({ value }) => value)).toEqual(['\u{1F600}x', 'Ä\u0000b']);
  });

  test('parse tells what is malformed and does not throw', () => {
    expect(native.Certificate.parse(der.subarray(1))).toEqual({ offset: 0, expected: 'a SEQUENCE for the certificate' });
    expect(native.Certificate.parse(new Uint8Array(0))).toEqual({ offset: 0, expected: 'a SEQUENCE for the certificate' });
  });

  test('parse takes a view of shared memory, and keeps its own copy', () => {
    const shared = new Uint8Array(new SharedArrayBuffer(der.length + 3), 3);
    shared.set(der);
    const certificate = native.Certificate.parse(shared);
    shared.fill(0);
    expect(certificate.der().equals(der)).toBe(true);
  });

  test('cannot be constructed', () => {
    expect(typeErrorOf(() => new native.Certificate())).toBe('TypeError: Illegal constructor');
    expect(typeErrorOf(() => Reflect.construct(native.Certificate, [der]))).toBe('TypeError: Illegal constructor');
    expect(typeErrorOf(() => native.Certificate())).toMatch(/^TypeError/);
    // A constructor that failed leaves nothing behind for the next.
    expect(native.Certificate.parse(der).header().version).toBe(3);
    expect(typeErrorOf(() => new native.Certificate())).toBe('TypeError: Illegal constructor');
  });
});

describe('the public class', () => {
  const certificate = parseCertificate(der);

  test('cannot be constructed', () => {
    expect(() => new Certificate()).toThrow(new TypeError('Illegal constructor'));
    expect(() => new Certificate(Symbol('internal'), der)).toThrow(new TypeError('Illegal constructor'));
    expect(() => Object.create(Certificate.prototype).subject).toThrow(TypeError);
  });

  test('gives its own octets to the package only', () => {
    expect(encodedOf(certificate)).toBe(encodedOf(certificate));
    expect(encodedOf(certificate).equals(der)).toBe(true);
    expect(certificate.der).not.toBe(certificate.der);
    expect(Reflect.ownKeys(certificate)).toEqual([]);
    expect(isCertificate(certificate)).toBe(true);
    for (const other of [undefined, null, 5, {}, Object.create(certificate), native.Certificate.parse(der)]) {
      expect(isCertificate(other)).toBe(false);
      expect(() => encodedOf(other)).toThrow(TypeError);
    }
  });

  test('takes every kind of input', () => {
    const inputs = [der, new Uint8Array(der), certificate.pem, Buffer.from(certificate.pem), new crypto.X509Certificate(der)];
    for (const input of inputs) expect(parseCertificate(input).der.equals(der)).toBe(true);
  });

  test('cannot be changed', () => {
    const { der: copy, notBefore } = certificate;
    copy.fill(0);
    notBefore.setTime(0);
    expect(certificate.der.equals(der)).toBe(true);
    expect(certificate.notBefore).toEqual(new Date('2020-01-01T00:00:00Z'));
    const frozen = [
      certificate, certificate.subjectAltNames, certificate.subjectAltNames[0], certificate.keyUsage, certificate.extendedKeyUsage,
      certificate.basicConstraints, certificate.policies, certificate.publicKey, certificate.signatureAlgorithm,
      certificate.extensions, certificate.extensions[0], certificate.fingerprints,
    ];
    expect(frozen.map(Object.isFrozen)).toEqual(frozen.map(() => true));
    expect(certificate.subject).toBe(certificate.subject);
    expect(certificate.extensions).toBe(certificate.extensions);
  });

  test('is shown readably', () => {
    const shown = util.inspect(certificate);
    expect(shown).toMatch(/^Certificate \{\n {2}subject: 'CN=Ada,O=Ex',/);
    expect(shown).toContain('a.example');
    expect(util.inspect({ a: { b: { c: certificate } } }, { depth: 1 })).not.toContain('Ada');
  });

  test('is plain in JSON', () => {
    const json = JSON.parse(JSON.stringify(certificate));
    expect(json).toMatchObject({
      version: 3,
      serialNumber: '01',
      subject: { rfc4514: 'CN=Ada,O=Ex' },
      notBefore: '2020-01-01T00:00:00.000Z',
      subjectAltNames: [{ type: 'dns', value: 'a.example' }, { type: 'upn', value: 'a@b', der: 'DANhQGI=' }],
      publicKey: { type: 'ed25519', bits: 255, curve: null, exponent: null },
      signatureAlgorithm: { oid: '1.3.101.112', name: 'Ed25519', parameters: null },
      der: der.toString('base64'),
    });
    expect(certificate.toJSON()).toEqual(json);
  });

  test('goes back to node:crypto', () => {
    expect(certificate.toX509Certificate().fingerprint512.replaceAll(':', '')).toBe(certificate.fingerprints.sha512);
    expect(certificate.x5tS256).toBe(crypto.createHash('sha256').update(der).digest('base64url'));
  });

  test.each([
    ['rsa', ['rsa', { modulusLength: 2048, publicExponent: 3 }], { type: 'rsa', bits: 2048, curve: null, exponent: 3n }],
    ['rsa of an odd size', ['rsa', { modulusLength: 1025 }], { type: 'rsa', bits: 1025, exponent: 65537n }],
    ['rsa-pss', ['rsa-pss', { modulusLength: 1024 }], { type: 'rsa-pss', bits: 1024, exponent: 65537n }],
    ['P-256', ['ec', { namedCurve: 'P-256' }], { type: 'ec', bits: 256, curve: 'P-256', exponent: null }],
    ['P-521', ['ec', { namedCurve: 'P-521' }], { type: 'ec', bits: 521, curve: 'P-521' }],
    ['secp256k1', ['ec', { namedCurve: 'secp256k1' }], { type: 'ec', bits: 256, curve: 'secp256k1' }],
    ['a curve that we have no name for', ['ec', { namedCurve: 'sect233k1' }], { type: 'ec', bits: null, curve: '1.3.132.0.26' }],
    ['an explicit curve', ['ec', { namedCurve: 'P-256', paramEncoding: 'explicit' }], { type: 'ec', bits: null, curve: null }],
    ['ed25519', ['ed25519'], { type: 'ed25519', bits: 255 }],
    ['ed448', ['ed448'], { type: 'ed448', bits: 448 }],
    ['x25519', ['x25519'], { type: 'x25519', bits: 255 }],
    ['x448', ['x448'], { type: 'x448', bits: 448 }],
    ['dsa', ['dsa', { modulusLength: 1024 }], { type: 'dsa', bits: 1024 }],
    ['dh', ['dh', { group: 'modp14' }], { type: 'dh', bits: 2048 }],
  ])('public key: %s', (_, [kind, options], expected) => {
    const { publicKey } = crypto.generateKeyPairSync(kind, options);
    const spki = publicKey.export({ type: 'spki', format: 'der' });
    const decoded = parseCertificate(makeCertificate({ signingKey, subjectPublicKey: spki })).publicKey;
    expect(decoded).toMatchObject(expected);
    expect(decoded.der.equals(spki)).toBe(true);
    expect(decoded.pinSha256).toBe(crypto.createHash('sha256').update(spki).digest('base64'));
  });
});

test('several threads at once, some of which end in the middle', async () => {
  const source = `
    const { parentPort, workerData } = require('node:worker_threads');
    const { parseCertificate } = require(${JSON.stringify(path.join(library, 'certificate.js'))});
    const { native } = require(${JSON.stringify(path.join(library, 'native.js'))});
    const { der, doing } = workerData;
    let text;
    for (let i = 0; doing !== 'an end' || i < 2000; i += 1) {
      // Terminated while it makes handles, mostly: then some are made that JavaScript never learns of, which LeakSanitizer sees.
      if (doing === 'handles') native.Certificate.parse(der);
      else text = JSON.stringify(parseCertificate(der));
      if (i === 10) parentPort.postMessage('running');
    }
    parentPort.postMessage(text);
  `;
  const expected = JSON.stringify(parseCertificate(der));
  /** @param {'an end' | 'handles' | 'everything'} doing what it does: 2,000 times, or until it is terminated */
  const run = (doing) =>
    new Promise((resolve, reject) => {
      const worker = new Worker(source, { eval: true, workerData: { der, doing } });
      worker.on('error', reject);
      worker.on('message', (message) => {
        if (message !== 'running') resolve(message);
        else if (doing !== 'an end') worker.terminate().then(() => resolve(expected), reject);
      });
    });
  const results = await Promise.all(['an end', 'handles', 'an end', 'everything', 'an end'].map(run));
  expect(results).toEqual(results.map(() => expected));
  // A termination hits whichever call happens to run: many tries meet many of them.
  for (let round = 0; round < 20; round += 1) await Promise.all(['handles', 'everything'].map(run));
  expect(parseCertificate(der).subject.toString()).toBe('CN=Ada,O=Ex');
});

test('a hundred thousand certificates are collected', () => {
  const source = `
    const { parseCertificate } = require(${JSON.stringify(path.join(library, 'certificate.js'))});
    const der = Buffer.from(${JSON.stringify(der.toString('base64'))}, 'base64');
    const sizes = [];
    (async () => {
      for (let round = 0; round < 10; round += 1) {
        for (let i = 0; i < 10000; i += 1) parseCertificate(der).subject;
        global.gc();
        // Finalizers run between two turns of the event loop.
        await new Promise(setImmediate);
        sizes.push(process.memoryUsage());
      }
      process.stdout.write(JSON.stringify({ second: sizes[1], last: sizes[9] }));
    })();
  `;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', '-e', source], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const { second, last } = JSON.parse(stdout);
  // Each holds two kilobytes and more: eighty thousand that were kept would be over 160 MB.
  expect(last.rss - second.rss).toBeLessThan(60e6);
  expect(last.external - second.external).toBeLessThan(10e6);
});

test('a certificate outlives what it was parsed from, and its process ends well while it is alive', () => {
  const source = `
    const { parseCertificate } = require(${JSON.stringify(path.join(library, 'certificate.js'))});
    globalThis.kept = Array.from({ length: 1000 }, () => parseCertificate(Buffer.from(${JSON.stringify(der.toString('base64'))}, 'base64')));
    global.gc();
    if (globalThis.kept[999].subject.toString() !== 'CN=Ada,O=Ex') process.exit(3);
    process.exit(0);
  `;
  expect(spawnSync(process.execPath, ['--expose-gc', '-e', source]).status).toBe(0);
});
