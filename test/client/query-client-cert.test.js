'use strict';
// The client's certificate, chosen when a server asks: real servers of Node.js and of OpenSSL, every client that takes a SecureContext.

const { AsyncLocalStorage } = require('node:async_hooks');
const { spawn, execFileSync } = require('node:child_process');
const crypto = require('node:crypto');
const { once } = require('node:events');
const fs = require('node:fs');
const http2 = require('node:http2');
const https = require('node:https');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { Duplex } = require('node:stream');
const { text } = require('node:stream/consumers');
const tls = require('node:tls');
const { Worker } = require('node:worker_threads');

const express = require('express');
const undici = require('undici');
const { WebSocket, WebSocketServer } = require('ws');

const { altName, extensions } = require('../support/certificate-builder.js');
const { Authority, daysFromNow } = require('../support/pki.js');
const { Network, VERSIONS, only } = require('../support/tls.js');
const { testWith } = require('../support/tools.js');
const { ClientCertError, DistinguishedName, getClientCertInfo, getSecurityContext, parseCertificate, queryClientCert } = require('../..');
const { clientCertificate } = require('../../lib/express.js');

const root = new Authority('root');
const intermediate = new Authority('intermediate', { issuer: root });
const other = new Authority('other');
const server = root.issueServer(['localhost']);
const alice = intermediate.issue({ subject: { CN: 'alice' }, present: [intermediate] });
const bob = root.issue({ subject: { CN: 'bob' } });
const expired = root.issue({ subject: { CN: 'late' }, notBefore: daysFromNow(-9), notAfter: daysFromNow(-1) });
const future = root.issue({ subject: { CN: 'early' }, notBefore: daysFromNow(1) });
const credential = ({ cert, key }) => ({ cert, key });
const inTurns = async (value) => {
  await new Promise((resolve) => setTimeout(resolve, 5));
  return value;
};

let network;
let folder;
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'client-cert-info-client-'));
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

/** Each is a server that says who its client is, and a client that asks it. @type {Record<string, (version: string, secureContext: tls.SecureContext, more?: object) => Promise<any>>} */
const clients = {
  async tls(version, secureContext) {
    const listening = tls.createServer(tlsOptions(version), async (socket) => {
      await once(socket, 'data');
      socket.end(JSON.stringify(who(socket)));
    });
    const socket = tls.connect({ port: await network.listen(listening), host: '127.0.0.1', servername: 'localhost', secureContext });
    network.atEnd(() => socket.destroy());
    socket.write('before the handshake has ended');
    return JSON.parse(await text(socket));
  },
  async https(version, secureContext) {
    const listening = https.createServer(tlsOptions(version), async (request, response) => response.end(JSON.stringify([who(request), await text(request)])));
    const agent = new https.Agent({ secureContext });
    network.atEnd(() => agent.destroy());
    const request = https.request({ port: await network.listen(listening), host: '127.0.0.1', servername: 'localhost', method: 'POST', agent });
    request.end('body');
    const [response] = await once(request, 'response');
    const [client, body] = JSON.parse(await text(response));
    expect(body).toBe('body');
    return client;
  },
  async http2(version, secureContext) {
    const listening = http2.createSecureServer(tlsOptions(version), (request, response) => response.end(JSON.stringify(who(request))));
    const session = http2.connect(`https://127.0.0.1:${await network.listen(listening)}`, { servername: 'localhost', secureContext });
    network.atEnd(() => session.destroy());
    const stream = session.request({ ':path': '/' });
    const failed = once(session, 'error').then(([error]) => Promise.reject(error));
    failed.catch(() => {});
    return JSON.parse(await Promise.race([text(stream).catch(() => failed), failed]));
  },
  async undici(version, secureContext) {
    const listening = https.createServer(tlsOptions(version), (request, response) => response.end(JSON.stringify(who(request))));
    const dispatcher = new undici.Agent({ connect: { secureContext, servername: 'localhost' } });
    network.atEnd(() => dispatcher.destroy());
    const { body } = await undici.request(`https://127.0.0.1:${await network.listen(listening)}/`, { dispatcher });
    return body.json();
  },
  async ws(version, secureContext) {
    const listening = https.createServer(tlsOptions(version));
    const webSockets = new WebSocketServer({ server: listening });
    network.atEnd(() => webSockets.close());
    webSockets.on('connection', (socket, request) => socket.send(JSON.stringify(who(request))));
    const socket = new WebSocket(`wss://127.0.0.1:${await network.listen(listening)}`, { secureContext, servername: 'localhost' });
    network.atEnd(() => socket.terminate());
    const [message] = await once(socket, 'message');
    return JSON.parse(message);
  },
};

describe.each(VERSIONS)('%s', (version) => {
  describe.each(Object.entries(clients))('%s', (name, ask) => {
    test.each([
      ['at once', () => credential(alice), ['CN=alice', true, 2]],
      ['later', () => inTurns(credential(alice)), ['CN=alice', true, 2]],
      ['with nothing, at once', () => false, null],
      ['with nothing, later', () => inTurns(false), null],
    ])('answered %s', async (_, answer, expected) => {
      const asked = [];
      const secureContext = queryClientCert({ ca: root.pem }, (query) => {
        asked.push(query);
        return answer();
      });
      expect(await ask(version, secureContext)).toEqual(expected);
      expect(asked.length).toBe(1);
      const [{ connection, servername, protocol, trustedCAs, signatureAlgorithms, serverCertificate }] = asked;
      expect(connection).toBeInstanceOf(tls.TLSSocket);
      expect([servername, protocol]).toEqual(['localhost', version]);
      expect(trustedCAs.every((name_) => name_ instanceof DistinguishedName)).toBe(true);
      expect(trustedCAs.map((name_) => name_.der)).toEqual([parseCertificate(root.pem).subject.der]);
      expect(signatureAlgorithms).toContain('ecdsa_secp256r1_sha256');
      expect(serverCertificate.der).toEqual(server.der);
    });

    test.each([
      ['throws', (error) => { throw error; }],
      ['rejects', (error) => inTurns().then(() => Promise.reject(error))],
    ])('a callback that %s ends the connection, and its error is the client’s, unchanged', async (_, fail) => {
      const error = Object.assign(new RangeError('the card was taken out'), { code: 'CARD' });
      const received = await ask(version, queryClientCert({ ca: root.pem }, () => fail(error))).catch((reason) => reason);
      expect(received).toBe(error);
    });
  });

  test('a server that asks nobody asks nobody', async () => {
    const asked = jest.fn(() => false);
    const listening = https.createServer({ ...tlsOptions(version), requestCert: false }, (request, response) => response.end('hello'));
    const agent = new https.Agent({ secureContext: queryClientCert({ ca: root.pem }, asked) });
    const request = https.get({ port: await network.listen(listening), host: '127.0.0.1', servername: 'localhost', agent });
    const [response] = await once(request, 'response');
    expect(await text(response)).toBe('hello');
    expect(asked).not.toHaveBeenCalled();
  });

  test('a server that does not verify: no server certificate; and Node.js ends it', async () => {
    const seen = [];
    const secureContext = queryClientCert({ ca: other.pem }, ({ serverCertificate }) => {
      seen.push(serverCertificate);
      return false;
    });
    await expect(clients.https(version, secureContext)).rejects.toMatchObject({ code: expect.stringMatching(/UNABLE_TO|SELF_SIGNED/) });
    expect(seen).toEqual([null]);
  });

  test('many connections at once, each with its own answer, in any order', async () => {
    const listening = tls.createServer(tlsOptions(version), (socket) => socket.end(JSON.stringify(who(socket))));
    const port = await network.listen(listening);
    const people = Array.from({ length: 20 }, (_, i) => root.issue({ subject: { CN: `person ${i}` } }));
    const waiting = [];
    const secureContext = queryClientCert({ ca: root.pem }, ({ connection }) => new Promise((resolve) => waiting.push([connection, resolve])));
    const sockets = people.map(() => tls.connect({ port, host: '127.0.0.1', servername: 'localhost', secureContext }));
    const answers = sockets.map((socket) => text(socket));
    while (waiting.length < people.length) await new Promise(setImmediate);
    for (const [connection, resolve] of waiting.reverse()) {
      const i = sockets.indexOf(connection);
      resolve(i % 3 === 0 ? false : credential(people[i]));
    }
    const said = (await Promise.all(answers)).map((answer) => JSON.parse(answer));
    expect(said).toEqual(people.map((_, i) => (i % 3 === 0 ? null : [`CN=person ${i}`, true, 1])));
  });

  test('a socket that is destroyed while somebody chooses', async () => {
    const listening = tls.createServer(tlsOptions(version));
    let settle;
    const asked = new Promise((resolve) => {
      settle = resolve;
    });
    let answer;
    const secureContext = queryClientCert({ ca: root.pem }, () => {
      settle();
      return new Promise((resolve) => {
        answer = resolve;
      });
    });
    const socket = tls.connect({ port: await network.listen(listening), host: '127.0.0.1', servername: 'localhost', secureContext });
    await asked;
    socket.destroy();
    await once(socket, 'close');
    answer(credential(alice));
    await new Promise((resolve) => setTimeout(resolve, 20));
    // Others of the same context go on as ever.
    expect(await clients.tls(version, queryClientCert({ ca: root.pem }, () => credential(bob)))).toEqual(['CN=bob', true, 1]);
  });

  test('a socket that is destroyed within the callback, and one between request and callback', async () => {
    const listening = tls.createServer(tlsOptions(version));
    const port = await network.listen(listening);
    const within = tls.connect({ port, host: '127.0.0.1', servername: 'localhost', secureContext: queryClientCert({ ca: root.pem }, ({ connection }) => {
      connection.destroy();
      return credential(alice);
    }) });
    await once(within, 'close');
    const asked = jest.fn(() => credential(alice));
    const before = tls.connect({ port, host: '127.0.0.1', servername: 'localhost', secureContext: queryClientCert({ ca: root.pem }, asked) });
    // Whatever was read last: the server's messages among it.
    before.on('keylog', () => setImmediate(() => before.destroy()));
    await once(before, 'close');
    await new Promise((resolve) => setTimeout(resolve, 10));
  });

  test('over a socket of the application’s, over any stream, and without a name', async () => {
    const listening = tls.createServer(tlsOptions(version), (socket) => socket.end(JSON.stringify(who(socket))));
    const port = await network.listen(listening);
    const secureContext = queryClientCert({ ca: root.pem }, ({ servername }) => inTurns(servername === null ? credential(bob) : credential(alice)));
    const over = async (transport, more = { servername: 'localhost' }) => {
      const socket = tls.connect({ socket: transport, secureContext, checkServerIdentity: () => undefined, ...more });
      socket.write('early');
      return JSON.parse(await text(socket));
    };
    expect(await over(net.connect(port, '127.0.0.1'))).toEqual(['CN=alice', true, 2]);
    const inner = net.connect(port, '127.0.0.1');
    network.atEnd(() => inner.destroy());
    const stream = new Duplex({
      read: () => void inner.resume(),
      write: (chunk, _encoding, done) => void inner.write(chunk, done),
      final: (done) => void inner.end(done),
    });
    inner.on('data', (chunk) => stream.push(chunk)).on('end', () => stream.push(null));
    expect(await over(stream)).toEqual(['CN=alice', true, 2]);
    expect(await over(net.connect(port, '127.0.0.1'), {})).toEqual(['CN=bob', true, 1]);
  });

  test('the callback runs in the asynchronous context that its connection was made in', async () => {
    const listening = tls.createServer(tlsOptions(version), (socket) => socket.end(JSON.stringify(who(socket))));
    const port = await network.listen(listening);
    const whose = new AsyncLocalStorage();
    const secureContext = queryClientCert({ ca: root.pem }, async () => {
      await inTurns();
      return credential(whose.getStore());
    });
    const visits = [alice, bob, alice].map((person) => whose.run(person, () => text(tls.connect({ port, host: '127.0.0.1', servername: 'localhost', secureContext }))));
    expect((await Promise.all(visits)).map((answer) => JSON.parse(answer)[0])).toEqual(['CN=alice', 'CN=bob', 'CN=alice']);
  });

  test('the server leaves while somebody chooses', async () => {
    const listening = tls.createServer(tlsOptions(version));
    listening.on('connection', (socket) => listening.emit('met', socket));
    let answer;
    const chosen = jest.fn();
    const secureContext = queryClientCert({ ca: root.pem }, () => {
      chosen();
      return new Promise((resolve) => {
        answer = resolve;
      });
    });
    const met = once(listening, 'met');
    const socket = tls.connect({ port: await network.listen(listening), host: '127.0.0.1', servername: 'localhost', secureContext });
    const closed = new Promise((resolve) => socket.on('error', () => {}).on('close', resolve));
    const [connection] = await met;
    while (chosen.mock.calls.length === 0) await new Promise(setImmediate);
    connection.resetAndDestroy();
    answer(credential(alice));
    // A client of TLS 1.3 is through with its handshake before the server has seen the certificate.
    await closed;
  });

  test('after the handshake the key is gone, and what was shown is known', async () => {
    const listening = tls.createServer(tlsOptions(version), (socket) => socket.write(JSON.stringify(who(socket))));
    const socket = tls.connect({ port: await network.listen(listening), host: '127.0.0.1', servername: 'localhost', secureContext: queryClientCert({ ca: root.pem }, () => credential(bob)) });
    network.atEnd(() => socket.destroy());
    await once(socket, 'data');
    expect(getSecurityContext(socket).query('localCertificate').der).toEqual(bob.der);
    // OpenSSL has none any more.
    expect(socket.getCertificate()).toEqual({});
  });

  testWith('openssl')('openssl s_server', async () => {
    for (const [name, content] of [['server.pem', server.cert], ['server-key.pem', server.key], ['root.pem', root.pem]]) fs.writeFileSync(path.join(folder, name), content);
    const flag = version === 'TLSv1.3' ? '-tls1_3' : '-tls1_2';
    const child = spawn('openssl', ['s_server', '-accept', '127.0.0.1:0', '-cert', 'server.pem', '-key', 'server-key.pem', '-CAfile', 'root.pem', '-Verify', '3', '-www', flag], { cwd: folder });
    network.atEnd(() => child.kill());
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      said += chunk;
    });
    while (!/ACCEPT.*?:(\d+)/.test(said)) await once(child.stdout, 'data');
    const port = Number(/ACCEPT.*?:(\d+)/.exec(said)[1]);
    const asked = [];
    const agent = new https.Agent({ secureContext: queryClientCert({ ca: root.pem }, (query) => {
      asked.push([query.trustedCAs.map(String), query.supports(alice.cert), query.supports(other.issue().cert)]);
      return inTurns(credential(alice));
    }) });
    const request = https.get({ port, host: '127.0.0.1', servername: 'localhost', agent });
    const [response] = await once(request, 'response');
    expect(await text(response)).toMatch(/Subject: CN ?= ?alice/);
    expect(asked).toEqual([[['CN=root,O=Example'], true, expect.stringMatching(/names no issuer/)]]);
  });
});

describe('asked after the handshake', () => {
  /** A server with one route that asks. */
  const portal = (version) => {
    const app = express();
    app.get('/public', (request, response) => response.json(who(request)));
    app.use('/private', clientCertificate({ onDemand: true }), (request, response) => response.json(who(request)));
    return network.listen(https.createServer({ ...tlsOptions(version), requestCert: false }, app));
  };
  const get = async (port, agent, url, body) => {
    const request = https.request({ port, host: '127.0.0.1', servername: 'localhost', path: url, agent, method: body ? 'POST' : 'GET' });
    request.end(body);
    const [response] = await once(request, 'response');
    return [response.statusCode, JSON.parse(await text(response))];
  };

  test.each(VERSIONS)('%s: chosen then, in the midst of a request with a body, and the connection goes on', async (version) => {
    const port = await portal(version);
    const asked = [];
    const secureContext = queryClientCert({ ca: root.pem, postHandshakeAuth: true }, ({ connection, protocol }) => {
      asked.push(protocol);
      return inTurns(connection && credential(alice));
    });
    const agent = new https.Agent({ secureContext, keepAlive: true, maxSockets: 1 });
    network.atEnd(() => agent.destroy());
    expect(await get(port, agent, '/public')).toEqual([200, null]);
    expect(asked).toEqual([]);
    expect(await get(port, agent, '/private', 'x'.repeat(50_000))).toEqual([200, ['CN=alice', true, 2]]);
    expect(await get(port, agent, '/private')).toEqual([200, ['CN=alice', true, 2]]);
    expect(await get(port, agent, '/public')).toEqual([200, ['CN=alice', true, 2]]);
    expect(asked).toEqual([version]);
  });

  test.each(VERSIONS)('%s: false is a refusal of the request, not of the connection', async (version) => {
    const port = await portal(version);
    const asked = jest.fn(() => false);
    const agent = new https.Agent({ secureContext: queryClientCert({ ca: root.pem, postHandshakeAuth: true }, asked), keepAlive: true, maxSockets: 1 });
    network.atEnd(() => agent.destroy());
    expect(await get(port, agent, '/private')).toEqual([403, { error: 'certificate_required' }]);
    expect(await get(port, agent, '/public')).toEqual([200, null]);
    expect(asked).toHaveBeenCalledTimes(1);
  });

  test.each(VERSIONS)('%s: an error ends the connection', async (version) => {
    const port = await portal(version);
    const error = new Error('no card');
    const agent = new https.Agent({ secureContext: queryClientCert({ ca: root.pem, postHandshakeAuth: true }, () => Promise.reject(error)), keepAlive: true });
    network.atEnd(() => agent.destroy());
    await expect(get(port, agent, '/private')).rejects.toBe(error);
  });

  test('without postHandshakeAuth a client of TLS 1.3 is not asked', async () => {
    const port = await portal('TLSv1.3');
    const asked = jest.fn(() => false);
    const agent = new https.Agent({ secureContext: queryClientCert({ ca: root.pem }, asked) });
    expect(await get(port, agent, '/private')).toEqual([403, { error: 'certificate_required' }]);
    expect(asked).not.toHaveBeenCalled();
  });

  test('the security context of the client knows what it has shown then', async () => {
    const port = await portal('TLSv1.3');
    const secureContext = queryClientCert({ ca: root.pem, postHandshakeAuth: true }, () => credential(bob));
    const socket = tls.connect({ port, host: '127.0.0.1', servername: 'localhost', secureContext });
    network.atEnd(() => socket.destroy());
    await once(socket, 'secureConnect');
    expect(getSecurityContext(socket).query('localCertificate')).toBeNull();
    socket.write('GET /private HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await once(socket, 'data');
    expect(getSecurityContext(socket).query('localCertificate').der).toEqual(bob.der);
  });
});

describe('credentials', () => {
  const pair = (type, options) => crypto.generateKeyPairSync(type, options).privateKey;
  const rsa = root.issue({ subject: { CN: 'rsa' }, privateKey: pair('rsa', { modulusLength: 2048 }) });
  const ed25519 = root.issue({ subject: { CN: 'ed' }, privateKey: pair('ed25519') });
  const p384 = root.issue({ subject: { CN: 'p384' }, privateKey: pair('ec', { namedCurve: 'secp384r1' }) });
  const encrypted = (privateKey, format = 'pem') => privateKey.export({ type: 'pkcs8', format, cipher: 'aes-256-cbc', passphrase: 'secret' });
  /** One of some 230 that a wrong passphrase makes something of that looks well padded. */
  function paddedByChance(format) {
    for (;;) {
      const key = encrypted(bob.privateKey, format);
      try {
        crypto.createPrivateKey({ key, format, type: 'pkcs8', passphrase: 'guess' });
      } catch (error) {
        if (!/bad decrypt/i.test(error.message)) return key;
      }
    }
  }
  const pfx = ({ cert, key }, passphrase, more = []) => {
    const [certFile, keyFile, out] = ['pfx-cert.pem', 'pfx-key.pem', 'out.pfx'].map((name) => path.join(folder, name));
    fs.writeFileSync(certFile, cert);
    fs.writeFileSync(keyFile, key);
    execFileSync('openssl', ['pkcs12', '-export', '-in', certFile, '-inkey', keyFile, '-out', out, '-passout', `pass:${passphrase}`, ...more], { stdio: 'ignore' });
    return fs.readFileSync(out);
  };

  test.each([
    ['PEM', () => credential(alice), ['CN=alice', true, 2]],
    ['PEM in Buffers', () => ({ cert: Buffer.from(alice.cert), key: Buffer.from(alice.key) }), ['CN=alice', true, 2]],
    ['DER', () => ({ cert: bob.der, key: bob.privateKey.export({ type: 'pkcs8', format: 'der' }) }), ['CN=bob', true, 1]],
    ['DER of SEC 1', () => ({ cert: bob.der, key: bob.privateKey.export({ type: 'sec1', format: 'der' }) }), ['CN=bob', true, 1]],
    ['a KeyObject', () => ({ cert: bob.pem, key: bob.privateKey }), ['CN=bob', true, 1]],
    ['a list of certificates', () => ({ cert: [alice.pem, intermediate.der], key: alice.key }), ['CN=alice', true, 2]],
    ['Certificates', () => ({ cert: [parseCertificate(alice.pem), new crypto.X509Certificate(intermediate.pem)], key: alice.key }), ['CN=alice', true, 2]],
    ['RSA', () => credential(rsa), ['CN=rsa', true, 1]],
    ['RSA, PKCS #1', () => ({ cert: rsa.cert, key: rsa.privateKey.export({ type: 'pkcs1', format: 'der' }) }), ['CN=rsa', true, 1]],
    ['Ed25519', () => credential(ed25519), ['CN=ed', true, 1]],
    ['P-384', () => credential(p384), ['CN=p384', true, 1]],
    ['encrypted PEM', () => ({ cert: bob.cert, key: encrypted(bob.privateKey), passphrase: 'secret' }), ['CN=bob', true, 1]],
    ['encrypted DER', () => ({ cert: bob.cert, key: encrypted(bob.privateKey, 'der'), passphrase: Buffer.from('secret') }), ['CN=bob', true, 1]],
    ['PFX with a chain', () => ({ pfx: pfx(alice, 'secret'), passphrase: 'secret' }), ['CN=alice', true, 2]],
    ['PFX without a passphrase', () => ({ pfx: pfx(bob, '') }), ['CN=bob', true, 1]],
  ])('%s', async (_, make, expected) => {
    for (const version of VERSIONS) expect(await clients.tls(version, queryClientCert({ ca: root.pem }, make))).toEqual(expected);
  });

  test.each([
    ['a key of another certificate', () => ({ cert: bob.cert, key: alice.key }), 'ERR_CLIENT_CERT_CREDENTIAL_MISMATCH'],
    ['an encrypted key without a passphrase', () => ({ cert: bob.cert, key: encrypted(bob.privateKey) }), 'ERR_CLIENT_CERT_PASSPHRASE'],
    ['an encrypted DER key without a passphrase', () => ({ cert: bob.cert, key: encrypted(bob.privateKey, 'der') }), 'ERR_CLIENT_CERT_PASSPHRASE'],
    ['a wrong passphrase that decrypts to something', () => ({ cert: bob.cert, key: paddedByChance('pem'), passphrase: 'guess' }), 'ERR_CLIENT_CERT_PASSPHRASE'],
    ['one with a DER key', () => ({ cert: bob.cert, key: paddedByChance('der'), passphrase: 'guess' }), 'ERR_CLIENT_CERT_PASSPHRASE'],
    ['a wrong passphrase', () => ({ cert: bob.cert, key: encrypted(bob.privateKey), passphrase: 'guess' }), 'ERR_CLIENT_CERT_PASSPHRASE'],
    ['a PFX with a wrong passphrase', () => ({ pfx: pfx(bob, 'secret'), passphrase: 'guess' }), 'ERR_CLIENT_CERT_PASSPHRASE'],
    ['a PFX without a key', () => ({ pfx: pfx(bob, '', ['-nokeys']) }), 'ERR_CLIENT_CERT_PASSPHRASE'],
    ['a PFX that is none', () => ({ pfx: Buffer.from('MIIB') }), 'ERR_CLIENT_CERT_PASSPHRASE'],
    ['an expired certificate', () => credential(expired), 'ERR_CLIENT_CERT_CREDENTIAL_EXPIRED'],
    ['one that is not valid yet', () => credential(future), 'ERR_CLIENT_CERT_CREDENTIAL_EXPIRED'],
    ['a key that is none', () => ({ cert: bob.cert, key: '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n' }), 'ERR_CLIENT_CERT_BAD_CREDENTIAL'],
    ['octets for a key', () => ({ cert: bob.cert, key: Buffer.from([1, 2, 3]) }), 'ERR_CLIENT_CERT_BAD_CREDENTIAL'],
    ['a certificate that is none', () => ({ cert: Buffer.from([0x30, 0x80, 0]), key: bob.key }), 'ERR_CLIENT_CERT_MALFORMED'],
    ['a text without a certificate', () => ({ cert: 'none', key: bob.key }), 'ERR_CLIENT_CERT_MALFORMED'],
    ['an empty list', () => ({ cert: [], key: bob.key }), 'ERR_CLIENT_CERT_MALFORMED'],
    ['101 certificates', () => ({ cert: Array(101).fill(bob.pem), key: bob.key }), 'ERR_CLIENT_CERT_MALFORMED'],
  ])('%s ends the connection', async (_, make, code) => {
    for (const version of VERSIONS) {
      const error = await clients.https(version, queryClientCert({ ca: root.pem }, make)).catch((reason) => reason);
      expect([error instanceof ClientCertError, error.code]).toEqual([true, code]);
      expect(error.message).not.toMatch(/secret|PRIVATE/);
    }
  });

  test.each([
    ['nothing', () => undefined, /false for none, and has answered with undefined/],
    ['null', () => null, /answered with null/],
    ['true', () => true, /answered with boolean/],
    ['a text', () => alice.cert, /answered with string/],
    ['no key', () => ({ cert: bob.cert }), /has cert and key, cert and sign, or pfx/],
    ['no certificate', () => ({ key: bob.key }), /has cert and key, cert and sign, or pfx/],
    ['both', () => ({ pfx: Buffer.alloc(1), cert: bob.cert, key: bob.key }), /has cert and key, cert and sign, or pfx/],
    ['an unknown member', () => ({ ...credential(bob), pasphrase: 'x' }), /did you mean 'passphrase'/],
    ['a public key', () => ({ cert: bob.cert, key: crypto.createPublicKey(bob.key) }), /must be a private key, and is a public one/],
    ['a number for a key', () => ({ cert: bob.cert, key: 5 }), /key must be/],
    ['a number for a certificate', () => ({ cert: 5, key: bob.key }), /cert must be/],
    ['a text for a pfx', () => ({ pfx: 'x' }), /pfx must be a Buffer/],
    ['allowExpired that is no boolean', () => ({ ...credential(bob), allowExpired: 1 }), /allowExpired must be a boolean/],
  ])('%s is a TypeError of the connection', async (_, make, message) => {
    const error = await clients.https('TLSv1.3', queryClientCert({ ca: root.pem }, make)).catch((reason) => reason);
    expect([error instanceof TypeError, error.message]).toEqual([true, expect.stringMatching(message)]);
  });

  test.each([[undefined], [null], ['a text'], [0]])('a callback that throws %p', async (thrown) => {
    const error = await clients.https('TLSv1.3', queryClientCert({ ca: root.pem }, () => { throw thrown; })).catch((reason) => reason);
    expect([error.code, error.cause]).toEqual(['ERR_CLIENT_CERT_CALLBACK_FAILED', thrown === undefined ? undefined : thrown]);
  });

  test('an expired one is sent with allowExpired, and with a warning', async () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {});
    expect(await clients.tls('TLSv1.3', queryClientCert({ ca: root.pem }, () => ({ ...credential(expired), allowExpired: true })))).toEqual(['CN=late', false, 1]);
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/CN=late has expired/), { code: 'CLIENT_CERT_EXPIRED' }]]);
    warn.mockRestore();
  });
});

describe('a credential that OpenSSL cannot use there', () => {
  const rsa = root.issue({ privateKey: crypto.generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey });
  const weak = root.issue({ privateKey: crypto.generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey });
  const dsa = root.issue({ privateKey: crypto.generateKeyPairSync('dsa', { modulusLength: 2048, divisorLength: 256 }).privateKey });
  const secp256k1 = root.issue({ privateKey: crypto.generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey });

  test.each([
    ['RSA where the server accepts ECDSA alone', rsa, { sigalgs: 'ecdsa_secp256r1_sha256' }, {}, 'ERR_CLIENT_CERT_CREDENTIAL_UNSUPPORTED'],
    ['RSA where the client is configured for ECDSA alone', rsa, {}, { sigalgs: 'ecdsa_secp256r1_sha256' }, 'ERR_CLIENT_CERT_CREDENTIAL_UNSUPPORTED'],
    ['a key that the security level forbids', weak, {}, { ciphers: 'DEFAULT:@SECLEVEL=2' }, 'ERR_CLIENT_CERT_BAD_CREDENTIAL'],
    ['a curve that TLS 1.3 has no signatures of', secp256k1, {}, {}, 'ERR_CLIENT_CERT_CREDENTIAL_UNSUPPORTED', ['TLSv1.3']],
    // Found out by OpenSSL itself, while it sends.
    ['a kind of key that TLS 1.3 does not have', dsa, {}, {}, expect.stringMatching(/^(EPROTO|ERR_SSL_CLIENT_CERTIFICATE_UNUSABLE)$/), ['TLSv1.3']],
  ])('%s: the connection ends, and never goes on anonymously', async (_, person, ofServer, ofClient, code, versions = VERSIONS) => {
    for (const version of versions) {
      const seen = [];
      const listening = tls.createServer({ ...tlsOptions(version), ...ofServer }, (socket) => socket.on('data', (data) => seen.push([who(socket), String(data)])));
      const secureContext = queryClientCert({ ca: root.pem, ...ofClient }, () => inTurns(credential(person)));
      const socket = tls.connect({ port: await network.listen(listening), host: '127.0.0.1', servername: 'localhost', secureContext });
      socket.write('what only a known client may say');
      const [error] = await once(socket, 'error');
      expect([version, error.code]).toEqual([version, code]);
      await new Promise((resolve) => setTimeout(resolve, 30));
      expect(seen).toEqual([]);
    }
  });
});

describe('supports', () => {
  /** What a server that trusts `authorities` says of a certificate. */
  async function asked(certificate, { authorities = [root.pem], version = 'TLSv1.3', sigalgs } = {}) {
    let said;
    const listening = tls.createServer({ ...tlsOptions(version), ca: authorities, ...(sigalgs && { sigalgs }) }, (socket) => socket.end());
    const secureContext = queryClientCert({ ca: root.pem }, ({ supports }) => {
      said = supports(certificate);
      return false;
    });
    const socket = tls.connect({ port: await network.listen(listening), host: '127.0.0.1', servername: 'localhost', secureContext });
    socket.on('error', () => {});
    socket.resume();
    await once(socket, 'close');
    return said;
  }
  const rsa = root.issue({ privateKey: crypto.generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey });
  const p384 = root.issue({ privateKey: crypto.generateKeyPairSync('ec', { namedCurve: 'secp384r1' }).privateKey });

  test.each([
    ['one of a CA that is named', bob.cert, {}, true],
    ['one below a CA that is named, with its chain', alice.cert, {}, true],
    ['one below a CA that is named, without it', alice.pem, {}, expect.stringMatching(/names no issuer/)],
    ['one of another CA', other.issue().cert, {}, expect.stringMatching(/names no issuer/)],
    ['one of the second CA', other.issue().cert, { authorities: [root.pem, other.pem] }, true],
    ['a Certificate', parseCertificate(bob.pem), {}, true],
    ['DER', bob.der, {}, true],
    ['an expired one', expired.cert, {}, expect.stringMatching(/^expired at/)],
    ['one of tomorrow', future.cert, {}, expect.stringMatching(/^not valid before/)],
    ['one of a server', root.issueServer(['x']).cert, {}, expect.stringMatching(/extended key usage/)],
    ['one that cannot sign', root.issue({ extensions: [extensions.keyUsage(['keyAgreement'])] }).cert, {}, expect.stringMatching(/key usage/)],
    ['one without usages', root.issue({ extensions: [extensions.subjectAltName([altName.dns('x')])] }).cert, {}, true],
    ['RSA where it is accepted', rsa.cert, {}, true],
    ['RSA where ECDSA alone is', rsa.cert, { sigalgs: 'ecdsa_secp256r1_sha256' }, expect.stringMatching(/signature algorithm/)],
    ['RSA of TLS 1.2', rsa.cert, { version: 'TLSv1.2', sigalgs: 'rsa_pkcs1_sha256:ecdsa_secp256r1_sha256' }, true],
    ['P-384 where P-256 alone is', p384.cert, { sigalgs: 'ecdsa_secp256r1_sha256' }, expect.stringMatching(/signature algorithm/)],
    ['P-384 of TLS 1.2, which ties no curve to a digest', p384.cert, { version: 'TLSv1.2', sigalgs: 'ecdsa_secp256r1_sha256' }, true],
  ])('%s', async (_, certificate, options, expected) => expect(await asked(certificate, options)).toEqual(expected));

  test('what is no certificate throws', async () => {
    let error;
    const secureContext = queryClientCert({ ca: root.pem }, ({ supports }) => {
      try {
        supports('nothing');
      } catch (thrown) {
        error = thrown;
      }
      return false;
    });
    await clients.tls('TLSv1.3', secureContext);
    expect(error.code).toBe('ERR_CLIENT_CERT_MALFORMED');
  });
});

describe('options', () => {
  test.each(['cert', 'key', 'pfx', 'passphrase', 'clientCertEngine', 'privateKeyEngine', 'privateKeyIdentifier'])('%s: the callback would never be asked', (name) =>
    expect(() => queryClientCert({ [name]: 'x' }, () => false)).toThrow(/would never be asked/));

  test.each([
    ['no options', undefined, () => false, TypeError],
    ['an unknown one', { minVerson: 'TLSv1.3' }, () => false, /did you mean 'minVersion'/],
    ['no callback', {}, undefined, /callback must be a function/],
    ['postHandshakeAuth that is no boolean', { postHandshakeAuth: 1 }, () => false, /must be a boolean/],
    ['what Node.js refuses', { minVersion: 'TLSv9' }, () => false, /TLSv9/],
  ])('%s', (_, options, callback, error) => expect(() => queryClientCert(options, callback)).toThrow(error));

  test('they reach Node.js', async () => {
    const secureContext = queryClientCert({ ca: root.pem, maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384' }, ({ protocol }) => (protocol === 'TLSv1.2' ? credential(bob) : false));
    expect(await clients.tls(undefined, secureContext)).toEqual(['CN=bob', true, 1]);
  });

  test('other contexts, made before and after, are left alone', async () => {
    const before = tls.createSecureContext({ ca: root.pem, ...credential(alice) });
    queryClientCert({ ca: root.pem }, () => credential(bob));
    const after = tls.createSecureContext({ ca: root.pem });
    expect(await clients.tls('TLSv1.3', before)).toEqual(['CN=alice', true, 2]);
    expect(await clients.tls('TLSv1.3', after)).toBeNull();
  });
});

describe('ends of everything', () => {
  const program = (body) => `
    const tls = require('node:tls');
    const { queryClientCert } = require(${JSON.stringify(path.join(__dirname, '../..'))});
    const secureContext = queryClientCert({}, () => { ${body} });
    tls.connect({ port: PORT, host: '127.0.0.1', rejectUnauthorized: false, secureContext }).on('error', () => {});`;

  test('process.exit while somebody chooses', async () => {
    const port = await network.listen(tls.createServer(tlsOptions()));
    for (const body of ['process.exit(7);', 'setImmediate(() => process.exit(7)); return new Promise(() => {});', 'process.nextTick(() => { process.exit(7); }); return false;']) {
      const child = spawn(process.execPath, ['-e', program(body).replace('PORT', port)], { stdio: 'inherit' });
      expect(await once(child, 'exit')).toEqual([7, null]);
    }
  });

  test('a connection that is traced does not go on anonymously either', async () => {
    const listening = tls.createServer({ ...tlsOptions('TLSv1.3'), allowHalfOpen: false }, (socket) => socket.end(JSON.stringify(who(socket))));
    const dsa = root.issue({ privateKey: crypto.generateKeyPairSync('dsa', { modulusLength: 2048, divisorLength: 256 }).privateKey });
    // OpenSSL writes the trace to the standard error itself.
    const script = `
      const tls = require('node:tls');
      const { queryClientCert } = require(${JSON.stringify(path.join(__dirname, '../..'))});
      const [port, ca, cert, key] = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
      const said = [];
      const socket = tls.connect({ port, host: '127.0.0.1', servername: 'localhost', enableTrace: true, secureContext: queryClientCert({ ca }, () => ({ cert, key })) });
      socket.on('error', ({ code }) => said.push(code)).on('data', (data) => said.push(String(data))).on('close', () => console.log(JSON.stringify(said)));`;
    const port = await network.listen(listening);
    for (const [{ cert, key }, expected] of [[dsa, [expect.stringMatching(/^(EPROTO|ERR_SSL_CLIENT_CERTIFICATE_UNUSABLE)$/)]], [bob, [JSON.stringify(['CN=bob', true, 1])]]]) {
      const child = spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'pipe', 'ignore'] });
      child.stdin.end(JSON.stringify([port, root.pem, cert, key]));
      expect(JSON.parse(await text(child.stdout))).toEqual(expected);
    }
  });

  test.each(VERSIONS)('%s: what a listener throws is not the error of the socket', async (version) => {
    const listening = tls.createServer(tlsOptions(version), (socket) => socket.end());
    const script = `
      const tls = require('node:tls');
      const { queryClientCert } = require(${JSON.stringify(path.join(__dirname, '../..'))});
      const [port, ca, cert, key] = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
      const sign = (octets, { hash }) => require('node:crypto').sign(hash, octets, key);
      process.on('uncaughtException', ({ message }) => console.log(message));
      // As without us, too.
      const plain = tls.createSecureContext({ ca, cert, key });
      for (const secureContext of [plain, ...[{ cert, key }, { cert, sign }].map((credential) => queryClientCert({ ca }, () => credential))]) {
        const socket = tls.connect({ port, host: '127.0.0.1', servername: 'localhost', secureContext }, () => { throw new Error('thrown by a listener'); });
        socket.on('error', (error) => console.log('of the socket: ' + error.message)).resume();
      }`;
    const child = spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.end(JSON.stringify([await network.listen(listening), root.pem, bob.cert, bob.key]));
    const said = (await text(child.stdout)).trim().split('\n');
    expect(said.filter((line) => line === 'thrown by a listener')).toHaveLength(3);
    // Node.js says that the connection has ended: it was interrupted before it knew that it was secure.
    expect(said.filter((line) => line !== 'thrown by a listener' && !/ disconnected before /.test(line))).toEqual([]);
  });

  // An async_hooks hook stands for whatever leaves a tick behind there. Node.js ends the connection at once where the socket below it is gone.
  test('no tick runs in the midst of a read, which could end the connection under it', async () => {
    const script = `
      const { createHook } = require('node:async_hooks');
      const net = require('node:net');
      const tls = require('node:tls');
      const { queryClientCert } = require(${JSON.stringify(path.join(__dirname, '../..'))});
      const below = net.connect(PORT, '127.0.0.1', () => {
        const socket = tls.connect({ socket: below, rejectUnauthorized: false, secureContext: queryClientCert({}, () => false) });
        const destroy = () => {
          below.destroy();
          socket.destroy();
          console.log('destroyed');
        };
        createHook({ init: (_id, type) => type === 'Immediate' && /query-client-cert/.test(new Error().stack) && process.nextTick(destroy) }).enable();
      });`;
    const port = await network.listen(tls.createServer(tlsOptions()));
    const child = spawn(process.execPath, ['-e', script.replace('PORT', port)], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [said, ended] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    expect([said, ...ended]).toEqual(['destroyed\n', 0, null]);
  });

  test('a worker that is terminated while somebody chooses', async () => {
    const port = await network.listen(tls.createServer(tlsOptions()));
    for (let i = 0; i < 10; i++) {
      const worker = new Worker(program("require('node:worker_threads').parentPort.postMessage('asked'); return new Promise(() => {});").replace('PORT', port), { eval: true });
      await once(worker, 'message');
      await worker.terminate();
    }
  });

  test('handshakes leave nothing behind', async () => {
    const handshakes = Number(process.env.CLIENT_CERT_INFO_HANDSHAKES ?? 500);
    const script = `
      const tls = require('node:tls');
      const { once } = require('node:events');
      const { queryClientCert } = require(${JSON.stringify(path.join(__dirname, '../..'))});
      const [port, handshakes, ca, cert, key] = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
      const secureContext = queryClientCert({ ca }, () => new Promise((resolve) => setImmediate(resolve, { cert, key })));
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
    child.stdin.end(JSON.stringify([await network.listen(listening), handshakes, root.pem, bob.cert, bob.key]));
    const [grown, open] = JSON.parse(await text(child.stdout));
    expect(open).toEqual([]);
    // Octets for each: what a TLS connection takes is fifty times as much.
    expect(grown).toBeLessThan(handshakes >= 5000 ? 300 : 20_000);
    if (handshakes > 1000) process.stderr.write(`${handshakes} handshakes: ${grown.toFixed(1)} octets each\n`);
  }, 600_000);
});
