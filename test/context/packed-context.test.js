'use strict';
// A security context as octets: another process reads it, nobody else's octets are taken for one, and nothing of it stays in memory.

const { execFileSync } = require('node:child_process');
const crypto = require('node:crypto');
const { once } = require('node:events');
const path = require('node:path');
const tls = require('node:tls');
const { inspect } = require('node:util');

const { Authority } = require('../support/pki.js');
const { Network, VERSIONS, only } = require('../support/tls.js');
const { AuthStatus, PackedContext, SecurityContext, getSecurityContext } = require('../..');

const root = new Authority('root');
const intermediate = new Authority('intermediate', { issuer: root });
const server = root.issueServer(['localhost']);
const client = intermediate.issue({ subject: { CN: 'alice' }, present: [intermediate] });
const key = crypto.randomBytes(32);
const QUERIES = ['lifespan', 'connectionInfo', 'names', 'sizes', 'packageInfo', 'remoteCertificate', 'remoteCertificateChain', 'localCertificate', 'serverCertificate',
  'issuerList', 'sessionInfo', 'uniqueBindings', 'endpointBindings', 'signatureAlgorithms', 'applicationProtocol', 'sessionKey'];

const network = new Network();
/** @type {Record<string, { near: tls.TLSSocket, far: tls.TLSSocket }>} */
const connections = {};
beforeAll(async () => {
  for (const version of VERSIONS) {
    const listening = tls.createServer({ key: server.key, cert: server.cert, ca: root.pem, requestCert: true, ALPNProtocols: ['x'], ...only(version) });
    const port = await network.listen(listening);
    const accepted = once(listening, 'secureConnection');
    const near = tls.connect({ port, host: '127.0.0.1', servername: 'localhost', ca: root.pem, key: client.key, cert: client.cert, ALPNProtocols: ['x'] });
    network.atEnd(() => near.destroy());
    await once(near, 'secureConnect');
    const [far] = await accepted;
    far.write('.');
    await once(near, 'data');
    connections[version] = { near, far };
  }
});
afterAll(() => network.end());

const answersOf = (context) => JSON.parse(JSON.stringify([context.attributes, context.packageName, ...QUERIES.map((name) => context.query(name))]));
const contextOf = (version = 'TLSv1.3') => getSecurityContext(connections[version].far);
const unreadable = expect.objectContaining({ code: 'ERR_CLIENT_CERT_UNREADABLE' });

/** Says in another process what is unpacked there. @param {Buffer} packed */
function elsewhere(packed, options = {}) {
  const program = `
    const { SecurityContext } = require(${JSON.stringify(path.join(__dirname, '../..'))});
    const [packed, key] = JSON.parse(require('node:fs').readFileSync(0)).map((text) => text && Buffer.from(text, 'base64'));
    const context = SecurityContext.unpack(packed, key ? { key } : {});
    console.log(JSON.stringify([context.attributes, context.packageName, ...${JSON.stringify(QUERIES)}.map((name) => context.query(name))]));`;
  const input = JSON.stringify([packed.toString('base64'), options.key ? options.key.toString('base64') : null]);
  return JSON.parse(execFileSync(process.execPath, ['-e', program], { input, encoding: 'utf8' }));
}

describe.each(VERSIONS)('%s', (version) => {
  test.each(['far', 'near'])('another process answers the same (%s end)', (end) => {
    const context = getSecurityContext(connections[version][end]);
    const withoutKey = answersOf(context);
    withoutKey[withoutKey.length - 1] = null;
    expect(elsewhere(context.pack().buffer)).toEqual(withoutKey);
    expect(elsewhere(context.pack({ key }).buffer, { key })).toEqual(withoutKey);
    const packed = context.pack({ includeKeyMaterial: true, key });
    const answers = elsewhere(packed.buffer, { key });
    expect(answers.slice(0, -1)).toEqual(withoutKey.slice(0, -1));
    // What Node.js gives of the session.
    expect(Buffer.from(answers.at(-1).data)).toEqual(connections[version][end].getSession());
    packed.free();
  });

  test('without being told to, it has no key material', () => {
    const { far } = connections[version];
    const session = far.getSession();
    // SSL_SESSION: version, protocol, cipher, id, and the secret: the master secret, or that which resumes.
    let at = session[1] > 0x80 ? 2 + (session[1] & 0x7f) : 2;
    for (let i = 0; i < 4; i++) at += 2 + session[at + 1];
    const secret = session.subarray(at + 2, at + 2 + session[at + 1]);
    expect([32, 48]).toContain(secret.length);
    const has = (buffer) => buffer.includes(secret) || buffer.includes(secret.toString('base64').slice(0, 40)) || buffer.includes(secret.toString('hex'));
    expect(has(contextOf(version).pack({ includeKeyMaterial: true }).buffer)).toBe(true);
    const plain = contextOf(version).pack();
    expect(has(plain.buffer)).toBe(false);
    expect(SecurityContext.unpack(plain).query('sessionKey')).toBeNull();
    expect(inspect(plain)).toMatch(/^PackedContext \{ \d+ octets \}$/);
  });
});

test('an unpacked context can be packed again', () => {
  const once_ = SecurityContext.unpack(contextOf().pack({ includeKeyMaterial: true }));
  expect(answersOf(SecurityContext.unpack(once_.pack({ includeKeyMaterial: true })))).toEqual(answersOf(once_));
  expect(() => SecurityContext.unpack(contextOf().pack()).pack({ includeKeyMaterial: true })).toThrow(expect.objectContaining({ code: 'ERR_CLIENT_CERT_CONNECTION_CLOSED' }));
});

test('closed, the key material of an unpacked context is gone', () => {
  const context = SecurityContext.unpack(contextOf().pack({ includeKeyMaterial: true }));
  expect(context.query('sessionKey').length).toBeGreaterThan(0);
  context.close();
  expect(() => context.query('sessionKey')).toThrow(expect.objectContaining({ code: 'ERR_CLIENT_CERT_CLOSED' }));
});

describe('octets that are none', () => {
  test.each([[undefined], [key]])('no octet can be changed, none be missing, none be more (key: %p)', (secret) => {
    const options = secret ? { key: secret } : {};
    const { buffer } = contextOf().pack(options);
    expect(answersOf(SecurityContext.unpack(buffer, options))).toEqual([...answersOf(contextOf()).slice(0, -1), null]);
    for (let at = 0; at < buffer.length; at++) {
      const changed = Buffer.from(buffer);
      changed[at] ^= 1 << (at % 8);
      expect(() => SecurityContext.unpack(changed, options)).toThrow(unreadable);
    }
    for (let length = 0; length < buffer.length; length += 7) expect(() => SecurityContext.unpack(buffer.subarray(0, length), options)).toThrow(unreadable);
    expect(() => SecurityContext.unpack(Buffer.concat([buffer, Buffer.alloc(1)]), options)).toThrow(unreadable);
  });

  /** Somebody who knows the format, and needs no key. @param {(facts: any) => unknown} change */
  const forged = (change) => {
    const { buffer } = contextOf().pack();
    const facts = JSON.parse(buffer.subarray(16, 16 + buffer.readUInt32BE(8)).toString());
    const json = Buffer.from(JSON.stringify(change(facts) ?? facts));
    const header = Buffer.from(buffer.subarray(0, 16));
    header.writeUInt32BE(json.length, 8);
    const octets = Buffer.concat([header, json]);
    return Buffer.concat([octets, crypto.createHash('sha256').update(octets).digest()]);
  };

  test('without a key, whoever knows the format can write what he likes: that is what the key is for', () => {
    const elevated = forged((facts) => Object.assign(facts, { userName: 'root' }));
    expect(SecurityContext.unpack(elevated).query('names').userName).toBe('root');
    expect(() => SecurityContext.unpack(elevated, { key })).toThrow(/packed without a key/);
  });

  test.each([
    ['an array', () => []],
    ['a text', () => 'facts'],
    ['a member more', (facts) => Object.assign(facts, { admin: true })],
    ['a member less', (facts) => void delete facts.attributes],
    ['attributes that are no bits', (facts) => Object.assign(facts, { attributes: -1 })],
    ['attributes of 64 bits', (facts) => Object.assign(facts, { attributes: 2 ** 40 })],
    ['a time beyond all dates', (facts) => void (facts.session.start = 1e300)],
    ['no text', (facts) => Object.assign(facts, { serverName: 5 })],
    ['no base64', (facts) => Object.assign(facts, { serverCertificate: '*' })],
    ['base64 with something left over', (facts) => Object.assign(facts, { serverCertificate: 'QUJDR' })],
    ['a binding without token', (facts) => Object.assign(facts, { uniqueBinding: { type: 'tls-exporter' } })],
    ['an object for a list', (facts) => Object.assign(facts, { peerCertificates: {} })],
    ['__proto__', (facts) => JSON.parse(JSON.stringify(facts).replace(/}$/, ',"__proto__":{"x":1}}'))],
  ])('%s in place of the facts', (name, change) => {
    if (name === '__proto__') {
      // JSON.stringify drops it: written by hand.
      const { buffer } = contextOf().pack();
      const json = Buffer.from(buffer.subarray(16, buffer.length - 32).toString().replace(/}$/, ',"__proto__":{"x":1}}'));
      const header = Buffer.from(buffer.subarray(0, 16));
      header.writeUInt32BE(json.length, 8);
      const octets = Buffer.concat([header, json]);
      expect(() => SecurityContext.unpack(Buffer.concat([octets, crypto.createHash('sha256').update(octets).digest()]))).toThrow(unreadable);
    } else expect(() => SecurityContext.unpack(forged(change))).toThrow(unreadable);
  });

  test('certificates in it that are none are none', () => {
    const context = SecurityContext.unpack(forged((facts) => Object.assign(facts, { peerCertificates: ['AAAA'], serverCertificate: '', issuers: ['AAAA'] })));
    expect([context.query('remoteCertificate'), context.query('serverCertificate'), context.query('issuerList')]).toEqual([null, null, []]);
    expect(context.query('lifespan')).toMatchObject({ start: null, expiry: null });
  });

  test('keys: another one, none, one where none was', () => {
    const packed = contextOf().pack({ key });
    expect(() => SecurityContext.unpack(packed, { key: crypto.randomBytes(32) })).toThrow(/it has been changed/);
    expect(() => SecurityContext.unpack(packed)).toThrow(/packed with a key/);
    expect(() => SecurityContext.unpack(contextOf().pack(), { key })).toThrow(/packed without a key/);
    expect(SecurityContext.unpack(packed, { key: crypto.createSecretKey(key) }).attributes).toBe(contextOf().attributes);
  });

  test.each([
    ['a short key', { key: Buffer.alloc(31) }, RangeError],
    ['a text for a key', { key: 'x'.repeat(64) }, TypeError],
    ['a public key', { key: crypto.generateKeyPairSync('ed25519').publicKey }, TypeError],
    ['an option that is none', { kye: key }, /did you mean 'key'/],
    ['key material that is no boolean', { includeKeyMaterial: 'no' }, TypeError],
  ])('pack with %s', (_, options, error) => expect(() => contextOf().pack(options)).toThrow(error));

  test.each([[undefined], [null], ['CCSC'], [{}], [[1, 2]], [5]])('unpack(%p)', (packed) => expect(() => SecurityContext.unpack(packed)).toThrow(TypeError));
});

describe('what was packed', () => {
  test('is zeros once it is freed', () => {
    const packed = contextOf().pack({ includeKeyMaterial: true });
    const { buffer, length, type } = packed;
    expect([buffer.subarray(0, 4).toString(), length, type]).toEqual(['CCSC', buffer.length, 1]);
    packed.free();
    packed.free();
    expect(buffer.every((octet) => octet === 0)).toBe(true);
    for (const use of [() => packed.buffer, () => packed.length, () => packed.type, () => SecurityContext.unpack(packed)]) {
      expect(use).toThrow(expect.objectContaining({ code: 'ERR_CLIENT_CERT_CLOSED' }));
    }
    expect(inspect(packed)).toBe('PackedContext { freed }');
    expect(() => new PackedContext()).toThrow(TypeError);
  });

  test('stays as long as somebody holds its octets, and dropped ones give their memory back', () => {
    const program = `
      const { SecurityContext } = require(${JSON.stringify(path.join(__dirname, '../..'))});
      const packed = Buffer.from(require('node:fs').readFileSync(0, 'utf8'), 'base64');
      const context = SecurityContext.unpack(packed);
      const held = context.pack().buffer.subarray(0, 4);
      const turn = () => new Promise((resolve) => setImmediate(resolve));
      (async () => {
        const memory = async () => { global.gc(); await turn(); global.gc(); await turn(); return process.memoryUsage().rss; };
        for (let i = 0; i < 10000; i++) { context.pack(); if (i % 500 === 0) await memory(); }
        const before = await memory();
        for (let i = 0; i < 40000; i++) { context.pack(); if (i % 500 === 0) await memory(); }
        console.log(JSON.stringify([held.toString(), (await memory()) - before]));
      })();`;
    const [held, grown] = JSON.parse(execFileSync(process.execPath, ['--expose-gc', '-e', program], { input: contextOf().pack().buffer.toString('base64'), encoding: 'utf8' }));
    expect(held).toBe('CCSC');
    expect(grown).toBeLessThan(16 * 1024 * 1024);
  });

  test('Symbol.dispose frees and closes', () => {
    const [context, packed] = [contextOf(), contextOf().pack()];
    context[Symbol.dispose]();
    packed[Symbol.dispose]();
    expect([context.closed, AuthStatus.HttpAuthStatusSuccess]).toEqual([true, 0]);
    expect(() => packed.buffer).toThrow();
  });
});
