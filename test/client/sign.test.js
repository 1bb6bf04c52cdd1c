'use strict';
// Credentials whose key is somewhere else: a function signs the handshake. Every server verifies what it gave.

const { AsyncLocalStorage } = require('node:async_hooks');
const { execFile, execFileSync, fork, spawn } = require('node:child_process');
const crypto = require('node:crypto');
const { once } = require('node:events');
const fs = require('node:fs');
const http2 = require('node:http2');
const https = require('node:https');
const os = require('node:os');
const path = require('node:path');
const { text } = require('node:stream/consumers');
const tls = require('node:tls');
const { promisify } = require('node:util');
const { Worker } = require('node:worker_threads');

const express = require('express');

const { Authority, daysFromNow } = require('../support/pki.js');
const { Network, VERSIONS, only } = require('../support/tls.js');
const { testWith } = require('../support/tools.js');
const { ClientCertAgent, createCredentialStore, getClientCertInfo, queryClientCert } = require('../..');
const { clientCertificate } = require('../../lib/express.js');

const { RSA_PKCS1_PSS_PADDING, RSA_PSS_SALTLEN_DIGEST } = crypto.constants;
const KEYS = {
  rsa: ['rsa', { modulusLength: 2048 }],
  'rsa, 4096 bits': ['rsa', { modulusLength: 4096 }],
  'rsa-pss': ['rsa-pss', { modulusLength: 2048 }],
  'P-256': ['ec', { namedCurve: 'P-256' }],
  'P-384': ['ec', { namedCurve: 'P-384' }],
  'P-521': ['ec', { namedCurve: 'P-521' }],
  ed25519: ['ed25519'],
  ed448: ['ed448'],
};

const root = new Authority('root');
const intermediate = new Authority('intermediate', { issuer: root });
const server = root.issueServer(['localhost']);
const clientOf = (keys, options = {}) =>
  intermediate.issue({ privateKey: crypto.generateKeyPairSync(...keys).privateKey, subject: { CN: 'alice' }, present: [intermediate], ...options });
const alice = clientOf(KEYS['P-256']);
const bob = clientOf(KEYS['P-256'], { subject: { CN: 'bob' } });

const paddingOf = ({ padding }) => (padding === 'pss' ? { padding: RSA_PKCS1_PSS_PADDING, saltLength: RSA_PSS_SALTLEN_DIGEST } : {});
/** As whoever has the key would: with all of the octets. */
const signerOf =
  ({ privateKey }, more = {}) =>
  (octets, request) =>
    crypto.sign(request.hash, octets, { key: privateKey, ...paddingOf(request), ...more });
const inTurns = async (value) => {
  await new Promise((resolve) => setTimeout(resolve, 5));
  return value;
};
const later =
  (sign) =>
  async (...given) =>
    inTurns(sign(...given));
const remote = (client, sign = signerOf(client)) => ({ cert: client.cert, sign });

let network;
let folder;
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'client-cert-info-sign-'));
});
afterAll(() => fs.rmSync(folder, { recursive: true }));
beforeEach(() => {
  network = new Network();
});
afterEach(() => network.end());

const tlsOptions = (version) => ({ key: server.key, cert: server.cert, ca: root.pem, requestCert: true, rejectUnauthorized: false, ...(version && only(version)) });
const who = (connection) => {
  const info = getClientCertInfo(connection);
  return info ? [String(info.certificate.subject), info.valid, info.presentedChain.length] : null;
};
/** One that the client signs with, and that of the server. */
const sigalgsOf = (scheme) => [...new Set([scheme, 'ecdsa_secp256r1_sha256'])].join(':');
const ALICE = ['CN=alice', true, 2];

/** A server that says who its client is. */
async function asking(options) {
  const failures = [];
  const listening = tls.createServer(options, (socket) => socket.end(JSON.stringify(who(socket))));
  listening.on('tlsClientError', (error) => failures.push(error.code));
  return { port: await network.listen(listening), failures };
}

async function ask(port, credential, options = {}) {
  const answer = typeof credential === 'function' ? credential : () => credential;
  const secureContext = queryClientCert({ ca: root.pem, ...options }, answer);
  const socket = tls.connect({ port, host: '127.0.0.1', servername: 'localhost', secureContext });
  network.atEnd(() => socket.destroy());
  return JSON.parse(await text(socket));
}

describe.each(VERSIONS)('%s', (version) => {
  test.each(Object.keys(KEYS))('%s, at once and later', async (name) => {
    const client = clientOf(KEYS[name]);
    const { port } = await asking(tlsOptions(version));
    expect(await ask(port, remote(client))).toEqual(ALICE);
    expect(await ask(port, remote(client, later(signerOf(client))))).toEqual(ALICE);
  });

  test('what sign is given', async () => {
    const given = [];
    const client = clientOf(KEYS.rsa);
    const sign = (octets, request) => {
      given.push([octets, request]);
      return signerOf(client)(octets, request);
    };
    const { port } = await asking({ ...tlsOptions(version), sigalgs: 'rsa_pss_rsae_sha384:ecdsa_secp256r1_sha256' });
    expect(await ask(port, remote(client, sign))).toEqual(ALICE);
    expect(given).toHaveLength(1);
    const [[octets, request]] = given;
    expect(request).toEqual({
      name: 'rsa_pss_rsae_sha384',
      hash: 'sha384',
      digest: crypto.createHash('sha384').update(octets).digest(),
      padding: 'pss',
      signal: expect.any(AbortSignal),
    });
    expect(Object.isFrozen(request)).toBe(true);
    expect(request.signal.aborted).toBe(false);
    // RFC 8446 section 4.4.3; RFC 5246 section 7.4.8: from the ClientHello.
    if (version === 'TLSv1.3') expect(octets.subarray(0, 98).toString()).toBe(`${' '.repeat(64)}TLS 1.3, client CertificateVerify\0`);
    else expect(octets[0]).toBe(1);
  });

  test.each([
    ['rsa_pkcs1_sha256', 'rsa', 'pkcs1', 'sha256'],
    ['rsa_pkcs1_sha512', 'rsa', 'pkcs1', 'sha512'],
    ['rsa_pss_pss_sha256', 'rsa-pss', 'pss', 'sha256'],
    ['ecdsa_secp256r1_sha256', 'P-256', null, 'sha256'],
    ['ed25519', 'ed25519', null, null],
  ])('what is asked for: %s', async (scheme, keys, padding, hash) => {
    // TLS 1.3 has no PKCS #1 in handshakes.
    if (scheme.startsWith('rsa_pkcs1') && version === 'TLSv1.3') return;
    const client = clientOf(KEYS[keys]);
    const asked = [];
    const { port } = await asking({ ...tlsOptions(version), sigalgs: sigalgsOf(scheme) });
    const sign = (octets, request) => {
      asked.push(request);
      return signerOf(client)(octets, request);
    };
    expect(await ask(port, remote(client, sign))).toEqual(ALICE);
    expect(asked).toEqual([expect.objectContaining({ name: scheme, padding, hash, digest: hash ? expect.any(Buffer) : null })]);
  });

  test.each(['P-256', 'P-384', 'P-521'])('%s: r and s, as PKCS #11 and WebCrypto give them', async (curve) => {
    const client = clientOf(KEYS[curve]);
    const { port } = await asking(tlsOptions(version));
    for (let i = 0; i < 5; ++i) expect(await ask(port, remote(client, signerOf(client, { dsaEncoding: 'ieee-p1363' })))).toEqual(ALICE);
  });

  test.each(['sha256', 'sha384', 'sha512'])('a key for RSASSA-PSS with %s only is asked for nothing else', async (hash) => {
    const client = clientOf(['rsa-pss', { modulusLength: 2048, hashAlgorithm: hash, mgf1HashAlgorithm: hash, saltLength: Number(hash.slice(3)) / 8 }]);
    const { port } = await asking(tlsOptions(version));
    expect(await ask(port, remote(client))).toEqual(ALICE);
  });

  test('WebCrypto, which gives an ArrayBuffer', async () => {
    const key = await crypto.subtle.importKey('pkcs8', alice.privateKey.export({ type: 'pkcs8', format: 'der' }), { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
    const { port } = await asking(tlsOptions(version));
    expect(await ask(port, remote(alice, (octets) => crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key, octets)))).toEqual(ALICE);
  });

  test('after a HelloRetryRequest', async () => {
    const { port } = await asking({ ...tlsOptions(version), ecdhCurve: 'P-384:P-256' });
    expect(await ask(port, remote(alice, later(signerOf(alice))), { ecdhCurve: 'X25519:P-384:P-256' })).toEqual(ALICE);
  });

  test.each(['AES128-GCM-SHA256', 'AES256-GCM-SHA384', 'DHE'])('whatever the key exchange and the hash: %s', async (cipher) => {
    const suites = version === 'TLSv1.3' ? { ciphers: cipher.includes('256-') ? 'TLS_AES_256_GCM_SHA384' : 'TLS_AES_128_GCM_SHA256' } : { ciphers: cipher === 'DHE' ? 'DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384' : cipher };
    const rsa = root.issueServer(['localhost'], { privateKey: crypto.generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey });
    const more = cipher === 'DHE' ? { dhparam: 'auto' } : {};
    const { port } = await asking({ ...tlsOptions(version), key: rsa.key, cert: rsa.cert, ...suites, ...more });
    expect(await ask(port, remote(alice, later(signerOf(alice))), suites)).toEqual(ALICE);
  });

  test('a Certificate message of several records', async () => {
    const issuers = Array.from({ length: 12 }, (_, i) => new Authority(`more ${i} ${'x'.repeat(1500)}`));
    const client = clientOf(KEYS['P-256'], { present: [intermediate, ...issuers] });
    const { port } = await asking(tlsOptions(version));
    expect(Buffer.byteLength(client.cert)).toBeGreaterThan(40_000);
    expect(await ask(port, remote(client, later(signerOf(client))))).toEqual(['CN=alice', true, 14]);
  });

  test('only the leaf', async () => {
    const client = root.issue({ subject: { CN: 'alice' } });
    const { port } = await asking(tlsOptions(version));
    expect(await ask(port, remote(client))).toEqual(['CN=alice', true, 1]);
  });

  test('a resumed session is not signed for', async () => {
    const sign = jest.fn(signerOf(alice));
    const listening = tls.createServer({ ...tlsOptions(version), sessionIdContext: 'test' }, (socket) => socket.end(JSON.stringify([socket.isSessionReused(), ...who(socket)])));
    const port = await network.listen(listening);
    const secureContext = queryClientCert({ ca: root.pem }, () => remote(alice, sign));
    const connect = async (session) => {
      const socket = tls.connect({ port, host: '127.0.0.1', servername: 'localhost', secureContext, session });
      let ticket;
      socket.on('session', (latest) => {
        ticket = latest;
      });
      return { said: JSON.parse(await text(socket)), session: ticket };
    };
    const { said, session } = await connect();
    expect(said).toEqual([false, ...ALICE]);
    expect((await connect(session)).said).toEqual([true, ...ALICE]);
    expect(sign).toHaveBeenCalledTimes(1);
  });

  test('several connections at once, each with its own signature', async () => {
    const { port } = await asking(tlsOptions(version));
    let turn = 0;
    const secureContext = queryClientCert({ ca: root.pem }, () => {
      const client = turn++ % 2 === 0 ? alice : bob;
      return inTurns(remote(client, later(signerOf(client))));
    });
    const names = await Promise.all(Array.from({ length: 20 }, async () => {
      const socket = tls.connect({ port, host: '127.0.0.1', servername: 'localhost', secureContext });
      return JSON.parse(await text(socket))[0];
    }));
    expect(names.sort()).toEqual([...Array(10).fill('CN=alice'), ...Array(10).fill('CN=bob')]);
  });

  test('https, with a body that is written before; http2', async () => {
    const secureContext = queryClientCert({ ca: root.pem }, () => remote(alice, later(signerOf(alice))));
    const listening = https.createServer(tlsOptions(version), async (request, response) => response.end(JSON.stringify([who(request), (await text(request)).length])));
    const request = https.request({ port: await network.listen(listening), host: '127.0.0.1', servername: 'localhost', method: 'POST', agent: new https.Agent({ secureContext }) });
    request.end('x'.repeat(100_000));
    const [response] = await once(request, 'response');
    expect(JSON.parse(await text(response))).toEqual([ALICE, 100_000]);

    const second = http2.createSecureServer(tlsOptions(version), (incoming, outgoing) => outgoing.end(JSON.stringify(who(incoming))));
    const session = http2.connect(`https://127.0.0.1:${await network.listen(second)}`, { servername: 'localhost', secureContext });
    network.atEnd(() => session.destroy());
    expect(JSON.parse(await text(session.request({ ':path': '/' })))).toEqual(ALICE);
  });

  // OpenSSL would take a shorter write than the one that waits for a fatal error.
  test.each([[1], [20], [100], [20_000]])('%i octets that are written before, meanwhile and again', async (length) => {
    const listening = tls.createServer(tlsOptions(version), (socket) => {
      let count = 0;
      socket.on('data', (chunk) => {
        count += chunk.length;
        if (count === 4 * length) socket.end(String(count));
      });
    });
    const port = await network.listen(listening);
    const sign = async (octets, request) => {
      for (let i = 0; i < 3; ++i) {
        socket.write(Buffer.alloc(length));
        await inTurns();
      }
      return signerOf(alice)(octets, request);
    };
    const socket = tls.connect({ port, host: '127.0.0.1', servername: 'localhost', secureContext: queryClientCert({ ca: root.pem }, () => remote(alice, sign)) });
    network.atEnd(() => socket.destroy());
    socket.write(Buffer.alloc(length));
    expect(await text(socket)).toBe(String(4 * length));
  });

  test('from a store, and for the identities of an agent', async () => {
    const listening = https.createServer(tlsOptions(version), (request, response) => response.end(JSON.stringify(who(request))));
    const port = await network.listen(listening);
    const get = async (agent, identity) => {
      const request = https.get({ port, host: '127.0.0.1', servername: 'localhost', agent, identity });
      const [response] = await once(request, 'response');
      return JSON.parse(await text(response))[0];
    };
    const stored = new https.Agent({ secureContext: queryClientCert({ ca: root.pem }, createCredentialStore([remote(alice)])) });
    expect(await get(stored)).toBe('CN=alice');
    const agent = new ClientCertAgent({ ca: root.pem, keepAlive: true }, ({ identity }) => remote(identity === 'bob' ? bob : alice));
    network.atEnd(() => agent.destroy());
    expect([await get(agent, 'alice'), await get(agent, 'bob'), await get(agent, 'alice')]).toEqual(['CN=alice', 'CN=bob', 'CN=alice']);
  });

  test('in the asynchronous context of its connection', async () => {
    const storage = new AsyncLocalStorage();
    const { port } = await asking(tlsOptions(version));
    const seen = [];
    const sign = (...given) => {
      seen.push(storage.getStore());
      return signerOf(alice)(...given);
    };
    await Promise.all(['one', 'two'].map((name) => storage.run(name, () => ask(port, remote(alice, sign)))));
    expect(seen.sort()).toEqual(['one', 'two']);
  });

  const other = clientOf(KEYS['P-256']);
  const wrong = /sign gave no .* signature of what it was given by the certificate's key/;
  test.each([
    ["another key's signature", signerOf(other), wrong],
    ['the signature of something else', (octets, request) => signerOf(alice)(Buffer.concat([octets, Buffer.from('!')]), request), wrong],
    ['the signature of the digest', (_, request) => signerOf(alice)(request.digest, request), wrong],
    ['another digest', (octets, request) => signerOf(alice)(octets, { ...request, hash: 'sha512' }), wrong],
    ['nothing', () => Buffer.alloc(0), wrong],
    ['zeros', () => Buffer.alloc(64), wrong],
    ['too much', () => Buffer.alloc(1e6, 0x30), wrong],
    ['a signature with something behind it', (...given) => Buffer.concat([signerOf(alice)(...given), Buffer.alloc(1)]), wrong],
    ['no octets', () => 'signature', /must give a signature as octets/],
    ['undefined', () => undefined, /must give a signature as octets/],
    ['a promise of null', async () => null, /must give a signature as octets/],
  ])('fails closed for %s', async (_, sign, message) => {
    const { port, failures } = await asking(tlsOptions(version));
    await expect(ask(port, remote(alice, sign))).rejects.toThrow(message);
    expect(failures.every((code) => code === 'ECONNRESET')).toBe(true);
  });

  test.each([
    ['thrown', (error) => { throw error; }],
    ['rejected with', (error) => Promise.reject(error)],
  ])('an error that is %s is that of the socket', async (_, fail) => {
    const error = new Error('the card was taken away');
    const { port } = await asking(tlsOptions(version));
    await expect(ask(port, remote(alice, () => fail(error)))).rejects.toBe(error);
  });

  test('what is no error becomes one', async () => {
    const { port } = await asking(tlsOptions(version));
    await expect(ask(port, remote(alice, () => Promise.reject('PIN')))).rejects.toMatchObject({ code: 'ERR_CLIENT_CERT_CALLBACK_FAILED', cause: 'PIN' }); // eslint-disable-line prefer-promise-reject-errors
  });

  test('a connection that is closed meanwhile', async () => {
    const { port } = await asking(tlsOptions(version));
    const sockets = [];
    const asked = new Promise((resolve) => {
      const sign = (octets, { signal }) => new Promise((answer) => resolve({ signal, answer: () => answer(signerOf(alice)(octets, { hash: 'sha256' })) }));
      const secureContext = queryClientCert({ ca: root.pem }, () => remote(alice, sign));
      const socket = tls.connect({ port, host: '127.0.0.1', servername: 'localhost', secureContext });
      socket.on('error', () => {});
      network.atEnd(() => socket.destroy());
      sockets.push(socket);
    });
    const { signal, answer } = await asked;
    sockets[0].destroy();
    if (!signal.aborted) await once(signal, 'abort');
    expect(signal.reason).toMatchObject({ code: 'ERR_CLIENT_CERT_CLOSED' });
    answer();
    await inTurns();
  });

  test('a server that leaves meanwhile', async () => {
    const listening = tls.createServer(tlsOptions(version));
    const port = await network.listen(listening);
    const accepted = once(listening, 'connection');
    const sign = async (octets, request) => {
      const [connection] = await accepted;
      connection.destroy();
      // In TLS 1.3 the handshake would have ended for a client that signs before it hears of that.
      await once(request.signal, 'abort');
      return signerOf(alice)(octets, request);
    };
    const socket = tls.connect({ port, host: '127.0.0.1', servername: 'localhost', secureContext: queryClientCert({ ca: root.pem }, () => remote(alice, sign)) });
    network.atEnd(() => socket.destroy());
    const [error] = await once(socket, 'error');
    expect(error.code).toMatch(/^(ECONNRESET|EPIPE)$/);
  });

  test('octets that arrive meanwhile', async () => {
    // Of the server, in TLS 1.3, there is nothing more to come; somebody else's end the connection.
    const listening = tls.createServer(tlsOptions(version));
    const port = await network.listen(listening);
    const accepted = once(listening, 'connection');
    const sign = async (octets, request) => {
      const [connection] = await accepted;
      connection.write('not TLS at all');
      await inTurns();
      return signerOf(alice)(octets, request);
    };
    await expect(ask(port, remote(alice, sign))).rejects.toThrow();
  });

  test.each([
    ['expired', { notAfter: daysFromNow(-1) }, 'ERR_CLIENT_CERT_CREDENTIAL_EXPIRED'],
    ['of a signature that the server does not take', { privateKey: crypto.generateKeyPairSync('ed25519').privateKey }, 'ERR_CLIENT_CERT_CREDENTIAL_UNSUPPORTED'],
  ])('a certificate that is not to be sent is not signed for: %s', async (_, options, code) => {
    const client = intermediate.issue(options);
    const sign = jest.fn();
    const { port } = await asking({ ...tlsOptions(version), sigalgs: 'ecdsa_secp256r1_sha256:rsa_pss_rsae_sha256' });
    await expect(ask(port, remote(client, sign))).rejects.toMatchObject({ code });
    expect(sign).not.toHaveBeenCalled();
  });

  test('a connection that is traced, of which nobody here hears what is said, is not signed for', async () => {
    const { port } = await asking(tlsOptions(version));
    // OpenSSL writes the trace to the standard error itself.
    const script = `
      const tls = require('node:tls');
      const { queryClientCert } = require(${JSON.stringify(path.join(__dirname, '../..'))});
      const [port, ca, cert] = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
      const said = [];
      const secureContext = queryClientCert({ ca }, () => ({ cert, sign: () => said.push('signed') }));
      const socket = tls.connect({ port, host: '127.0.0.1', servername: 'localhost', secureContext, enableTrace: true });
      socket.on('error', ({ code }) => said.push(code)).on('close', () => console.log(JSON.stringify(said)));`;
    const child = spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'pipe', 'ignore'] });
    child.stdin.end(JSON.stringify([port, root.pem, alice.cert]));
    expect(JSON.parse(await text(child.stdout))).toEqual(['ERR_CLIENT_CERT_CREDENTIAL_UNSUPPORTED']);
  });

  testWith('openssl')('openssl s_server verifies it; openssl pkeyutl has made it', async () => {
    const client = clientOf(KEYS.rsa);
    for (const [name, content] of [['server.pem', server.cert], ['server-key.pem', server.key], ['root.pem', root.pem], ['client-key.pem', client.key]]) fs.writeFileSync(path.join(folder, name), content);
    const child = spawn('openssl', ['s_server', '-accept', '127.0.0.1:0', '-cert', 'server.pem', '-key', 'server-key.pem', '-CAfile', 'root.pem', '-Verify', '3', '-www', version === 'TLSv1.3' ? '-tls1_3' : '-tls1_2'], { cwd: folder });
    network.atEnd(() => child.kill());
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      said += chunk;
    });
    while (!/ACCEPT.*?:(\d+)/.test(said)) await once(child.stdout, 'data');
    const sign = async (_, { digest, hash, padding, signal }) => {
      const pss = ['-pkeyopt', 'rsa_padding_mode:pss', '-pkeyopt', 'rsa_pss_saltlen:digest'];
      const made = promisify(execFile)('openssl', ['pkeyutl', '-sign', '-inkey', 'client-key.pem', '-pkeyopt', `digest:${hash}`, ...(padding === 'pss' ? pss : [])], { cwd: folder, encoding: 'buffer', signal });
      made.child.stdin.end(digest);
      return (await made).stdout;
    };
    const agent = new https.Agent({ secureContext: queryClientCert({ ca: root.pem }, () => remote(client, sign)) });
    const request = https.get({ port: Number(/ACCEPT.*?:(\d+)/.exec(said)[1]), host: '127.0.0.1', servername: 'localhost', agent });
    const [response] = await once(request, 'response');
    expect(await text(response)).toMatch(/Subject: CN ?= ?alice/);
  });

  testWith('softhsm2-util', 'pkcs11-tool').each([
    ['P-256', ['--mechanism', 'ECDSA'], 'ecdsa_secp256r1_sha256'],
    ['rsa', ['--mechanism', 'RSA-PKCS-PSS', '--hash-algorithm', 'SHA256', '--mgf', 'MGF1-SHA256', '--salt-len', '32'], 'rsa_pss_rsae_sha256'],
  ])('a PKCS #11 token (SoftHSM) with a key of %s', async (keys, mechanism, scheme) => {
    const client = clientOf(KEYS[keys]);
    const tokens = fs.mkdtempSync(path.join(folder, 'tokens-'));
    fs.writeFileSync(path.join(tokens, 'conf'), `directories.tokendir = ${tokens}\n`);
    fs.writeFileSync(path.join(tokens, 'key.pem'), client.key);
    const options = { cwd: tokens, env: { ...process.env, SOFTHSM2_CONF: path.join(tokens, 'conf') }, stdio: 'pipe' };
    execFileSync('softhsm2-util', ['--init-token', '--free', '--label', 'card', '--so-pin', '12345678', '--pin', '1234'], options);
    execFileSync('softhsm2-util', ['--import', 'key.pem', '--token', 'card', '--label', 'key', '--id', '01', '--pin', '1234'], options);
    fs.rmSync(path.join(tokens, 'key.pem'));
    const module = ['/usr/lib/softhsm/libsofthsm2.so', '/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so'].find((file) => fs.existsSync(file));
    const sign = async (_, { digest }) => {
      fs.writeFileSync(path.join(tokens, 'digest'), digest);
      await promisify(execFile)('pkcs11-tool', ['--module', module, '--token-label', 'card', '--pin', '1234', '--id', '01', '--sign', ...mechanism, '--input-file', 'digest', '--output-file', 'signature'], options);
      return fs.readFileSync(path.join(tokens, 'signature'));
    };
    const { port } = await asking({ ...tlsOptions(version), sigalgs: sigalgsOf(scheme) });
    expect(await ask(port, remote(client, sign))).toEqual(ALICE);
  });

  test('a process of its own that has the key', async () => {
    const script = path.join(folder, 'signer.js');
    fs.writeFileSync(script, `
      const crypto = require('node:crypto');
      const { privateKey } = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
      process.on('message', ({ octets, hash }) => process.send(crypto.sign(hash, Buffer.from(octets, 'base64'), privateKey).toString('base64')));
      process.send(crypto.createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }));`);
    const child = fork(script);
    network.atEnd(() => child.kill());
    const [publicKey] = await once(child, 'message');
    const client = intermediate.issue({ privateKey: alice.privateKey, subjectPublicKey: crypto.createPublicKey(publicKey), subject: { CN: 'alice' }, present: [intermediate] });
    const sign = async (octets, { hash }) => {
      child.send({ octets: octets.toString('base64'), hash });
      const [signature] = await once(child, 'message');
      return Buffer.from(signature, 'base64');
    };
    const { port } = await asking(tlsOptions(version));
    expect(await ask(port, remote(client, sign))).toEqual(ALICE);
  });
});

describe('asked after the handshake', () => {
  const portal = (version, options = {}) => {
    const app = express();
    app.get('/public', (request, response) => response.json(who(request)));
    app.use('/private', clientCertificate({ onDemand: true }), (request, response) => response.json(who(request)));
    return network.listen(https.createServer({ ...tlsOptions(version), requestCert: false, ...options }, app));
  };
  const get = async (port, agent, url) => {
    const request = https.get({ port, host: '127.0.0.1', servername: 'localhost', path: url, agent });
    const [response] = await once(request, 'response');
    return [response.statusCode, JSON.parse(await text(response))];
  };
  const agentOf = (credential) => {
    const agent = new https.Agent({ secureContext: queryClientCert({ ca: root.pem, postHandshakeAuth: true, ecdhCurve: 'X25519:P-384:P-256' }, () => credential), keepAlive: true, maxSockets: 1 });
    network.atEnd(() => agent.destroy());
    return agent;
  };

  test.each([
    ['', {}],
    [', after a HelloRetryRequest', { ecdhCurve: 'P-384:P-256' }],
  ])('TLS 1.3%s', async (_, options) => {
    const port = await portal('TLSv1.3', options);
    const agent = agentOf(remote(alice, later(signerOf(alice))));
    expect(await get(port, agent, '/public')).toEqual([200, null]);
    expect(await get(port, agent, '/private')).toEqual([200, ALICE]);
    expect(await get(port, agent, '/public')).toEqual([200, ALICE]);
  });

  test('TLS 1.3: what is written meanwhile arrives', async () => {
    const port = await portal('TLSv1.3');
    const sign = async (octets, request) => {
      socket.write('GET /public HTTP/1.1\r\nHost: a\r\n');
      await inTurns();
      return signerOf(alice)(octets, request);
    };
    const socket = tls.connect({ port, host: '127.0.0.1', servername: 'localhost', secureContext: queryClientCert({ ca: root.pem, postHandshakeAuth: true }, () => remote(alice, sign)) });
    network.atEnd(() => socket.destroy());
    socket.write('GET /private HTTP/1.1\r\nHost: a\r\n\r\n');
    const said = once(socket, 'data');
    await said;
    socket.write('Connection: close\r\n\r\n');
    expect(await text(socket)).toMatch(/CN=alice/);
  });

  testWith('openssl')('TLS 1.3, again and again on one connection', async () => {
    for (const [name, content] of [['server.pem', server.cert], ['server-key.pem', server.key], ['root.pem', root.pem]]) fs.writeFileSync(path.join(folder, name), content);
    const child = spawn('openssl', ['s_server', '-accept', '127.0.0.1:0', '-cert', 'server.pem', '-key', 'server-key.pem', '-CAfile', 'root.pem', '-verify', '3', '-verify_return_error', '-tls1_3'], { cwd: folder });
    network.atEnd(() => child.kill());
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk) => {
        said += chunk;
        child.emit('said');
      });
    }
    const until = async (pattern) => {
      while (!pattern.test(said)) await once(child, 'said');
      return pattern.exec(said);
    };
    const [, port] = await until(/ACCEPT.*?:(\d+)/);
    const sign = jest.fn(later(signerOf(alice)));
    const secureContext = queryClientCert({ ca: root.pem, postHandshakeAuth: true }, () => remote(alice, sign));
    const socket = tls.connect({ port: Number(port), host: '127.0.0.1', servername: 'localhost', secureContext });
    network.atEnd(() => socket.destroy());
    await once(socket, 'secureConnect');
    socket.resume();
    expect(sign).toHaveBeenCalledTimes(1);
    for (const times of [2, 3]) {
      child.stdin.write('c\n');
      while (sign.mock.calls.length < times) await inTurns();
      await sign.mock.results[times - 1].value;
      socket.write(`round ${times}\n`);
      await until(new RegExp(`round ${times}`));
    }
    expect(said).toMatch(/CN ?= ?alice/);
    expect(said).not.toMatch(/verify error|ERROR/);
  });

  test('TLS 1.2, in a renegotiation: refused, and the reason said', async () => {
    const port = await portal('TLSv1.2');
    const sign = jest.fn();
    const agent = agentOf(remote(alice, sign));
    expect(await get(port, agent, '/public')).toEqual([200, null]);
    await expect(get(port, agent, '/private')).rejects.toMatchObject({ code: 'ERR_CLIENT_CERT_CREDENTIAL_UNSUPPORTED', message: expect.stringMatching(/renegotiation/) });
    expect(sign).not.toHaveBeenCalled();
  });
});

test.each([
  ['RSA', KEYS.rsa, 'RSA+SHA224:RSA+SHA256:ECDSA+SHA256'],
  ['ECDSA', KEYS['P-256'], 'ECDSA+SHA224:ECDSA+SHA256'],
])('TLS 1.2, %s with SHA-224, which a server would rather have: another digest is used', async (_, keys, sigalgs) => {
  const client = clientOf(keys);
  const asked = [];
  const { port } = await asking({ ...tlsOptions('TLSv1.2'), sigalgs });
  const sign = (octets, request) => {
    asked.push(request.hash);
    return signerOf(client)(octets, request);
  };
  expect(await ask(port, remote(client, sign))).toEqual(ALICE);
  expect(asked).toEqual(['sha256']);
});

test('a kind of key that nobody is asked to sign with', async () => {
  const { publicKey } = crypto.generateKeyPairSync('x448');
  const client = intermediate.issue({ subjectPublicKey: publicKey });
  const { port } = await asking(tlsOptions());
  await expect(ask(port, remote(client))).rejects.toMatchObject({ code: 'ERR_CLIENT_CERT_CREDENTIAL_UNSUPPORTED', message: expect.stringMatching(/kind of key/) });
});

test('before TLS 1.2: refused', async () => {
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' };
  const rsa = root.issueServer(['localhost'], { privateKey: crypto.generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey });
  const { port } = await asking({ ...tlsOptions(), key: rsa.key, cert: rsa.cert, ...old });
  const sign = jest.fn();
  await expect(ask(port, remote(clientOf(KEYS.rsa), sign), old)).rejects.toMatchObject({ code: 'ERR_CLIENT_CERT_CREDENTIAL_UNSUPPORTED' });
  expect(sign).not.toHaveBeenCalled();
});

test('in a worker that ends in the midst of it', async () => {
  const { port } = await asking(tlsOptions());
  for (const ends of ['answers', 'is terminated']) {
    const worker = new Worker(
      `const { parentPort, workerData } = require('node:worker_threads');
      const crypto = require('node:crypto');
      const tls = require('node:tls');
      const { queryClientCert } = require(workerData.addon);
      const sign = (octets, { hash }) => {
        parentPort.postMessage('asked');
        return workerData.ends === 'answers' ? crypto.sign(hash, octets, workerData.key) : new Promise(() => {});
      };
      const secureContext = queryClientCert({ ca: workerData.ca }, () => ({ cert: workerData.cert, sign }));
      const socket = tls.connect({ port: workerData.port, host: '127.0.0.1', servername: 'localhost', secureContext });
      socket.on('data', (said) => parentPort.postMessage(String(said)));`,
      { eval: true, workerData: { addon: path.join(__dirname, '../..'), ends, port, ca: root.pem, cert: alice.cert, key: alice.key } },
    );
    expect(await once(worker, 'message')).toEqual(['asked']);
    if (ends === 'answers') expect(await once(worker, 'message')).toEqual([JSON.stringify(ALICE)]);
    await worker.terminate();
  }
});

test('the example of the documentation', async () => {
  const documentation = fs.readFileSync(path.join(__dirname, '../../docs/client.md'), 'utf8');
  const code = documentation.split('<!-- example: sign.js -->')[1].split('```js\n')[1].split('```')[0];
  const files = { 'sign.js': code, 'client.pem': alice.cert, 'client-key.pem': alice.key, 'ca.pem': root.pem };
  for (const [name, content] of Object.entries(files)) fs.writeFileSync(path.join(folder, name), content);
  fs.mkdirSync(path.join(folder, 'node_modules'));
  fs.symlinkSync(path.join(__dirname, '../..'), path.join(folder, 'node_modules/client-cert-info'));
  const listening = https.createServer(tlsOptions(), (request, response) => response.end(JSON.stringify(who(request))));
  const env = { ...process.env, SERVER_URL: `https://localhost:${await network.listen(listening)}` };
  const child = spawn(process.execPath, ['sign.js'], { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] });
  expect(await text(child.stdout)).toBe(JSON.stringify(ALICE));
});

describe('credentials that are none', () => {
  test.each([
    ['sign and a key', { cert: alice.cert, key: alice.key, sign() {} }, /cert and key, cert and sign, or pfx/],
    ['sign and a PFX', { pfx: Buffer.alloc(1), sign() {} }, /cert and key, cert and sign, or pfx/],
    ['sign alone', { sign() {} }, /cert and key, cert and sign, or pfx/],
    ['sign and a passphrase', { cert: alice.cert, sign() {}, passphrase: 'x' }, /passphrase is for a key/],
    ['sign that is no function', { cert: alice.cert, sign: 'sign' }, /sign must be a function/],
  ])('%s', async (_, credential, message) => {
    const { port } = await asking(tlsOptions());
    await expect(ask(port, credential)).rejects.toThrow(message);
    expect(() => createCredentialStore([credential])).toThrow();
  });
});

test('signatures leave nothing behind', async () => {
  const handshakes = Number(process.env.CLIENT_CERT_INFO_HANDSHAKES ?? 300);
  const script = `
    const crypto = require('node:crypto');
    const tls = require('node:tls');
    const { once } = require('node:events');
    const { queryClientCert } = require(${JSON.stringify(path.join(__dirname, '../..'))});
    const [port, handshakes, ca, cert, key] = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
    const privateKey = crypto.createPrivateKey(key);
    const sign = (octets, { hash }) => new Promise((resolve) => setImmediate(() => resolve(crypto.sign(hash, octets, privateKey))));
    const secureContext = queryClientCert({ ca }, () => ({ cert, sign }));
    async function many(count) {
      for (let i = 0; i < count; i += 10) {
        await Promise.all(Array.from({ length: 10 }, async () => {
          const socket = tls.connect({ port, host: '127.0.0.1', servername: 'localhost', secureContext });
          socket.resume();
          await once(socket, 'close');
        }));
        if (i % 100 === 0) global.gc();
      }
      global.gc();
      await new Promise((resolve) => setTimeout(resolve, 50));
      global.gc();
      return process.memoryUsage().rss;
    }
    (async () => {
      const before = await many(Math.max(300, handshakes / 5));
      const after = await many(handshakes);
      console.log(JSON.stringify([(after - before) / handshakes, process.getActiveResourcesInfo().filter((name) => /TLS|TCP|Immediate/.test(name))]));
    })();`;
  const listening = tls.createServer(tlsOptions(), (socket) => socket.end(getClientCertInfo(socket).valid ? 'yes' : 'no'));
  const child = spawn(process.execPath, ['--expose-gc', '-e', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify([await network.listen(listening), handshakes, root.pem, alice.cert, alice.key]));
  const [grown, open] = JSON.parse(await text(child.stdout));
  expect(open).toEqual([]);
  // Octets for each: what a TLS connection takes is fifty times as much.
  expect(grown).toBeLessThan(handshakes >= 5000 ? 300 : 20_000);
  if (handshakes > 1000) process.stderr.write(`${handshakes} signatures: ${grown.toFixed(1)} octets each\n`);
}, 600_000);
