'use strict';
// What a security context says of real connections, compared with what Node.js, the other end and openssl say of them.

const crypto = require('node:crypto');
const { execFileSync, spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const http2 = require('node:http2');
const https = require('node:https');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const tls = require('node:tls');

const { Authority, daysFromNow } = require('../support/pki.js');
const { Network, VERSIONS, only } = require('../support/tls.js');
const { testWith } = require('../support/tools.js');
const { ContextAttribute, SecurityContext, Verifier, getClientCertInfo, getSecurityContext, receiveClientCertificate } = require('../..');

const root = new Authority('root');
const other = new Authority('other');
const intermediate = new Authority('intermediate', { issuer: root });
const server = root.issueServer(['localhost']);
const rsaKey = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const rsaServer = root.issueServer(['localhost'], { privateKey: rsaKey });
const client = intermediate.issue({ subject: { CN: 'alice' }, present: [intermediate] });
const expired = root.issue({ notBefore: daysFromNow(-9), notAfter: daysFromNow(-1) });

const { ASC_RET_MUTUAL_AUTH, ASC_RET_CONFIDENTIALITY, ASC_RET_STREAM, ASC_RET_REPLAY_DETECT, ASC_RET_SEQUENCE_DETECT, ASC_RET_CONNECTION, ASC_RET_INTEGRITY } =
  ContextAttribute;
const OF_TLS = ASC_RET_CONFIDENTIALITY | ASC_RET_STREAM | ASC_RET_REPLAY_DETECT | ASC_RET_SEQUENCE_DETECT | ASC_RET_CONNECTION | ASC_RET_INTEGRITY;

let network;
beforeEach(() => {
  network = new Network();
});
afterEach(() => network.end());

/** Both ends of one connection, kept open. @param {object} [serverOptions] @param {object} [clientOptions] */
async function connected(serverOptions = {}, clientOptions = {}) {
  const listening = tls.createServer({ key: server.key, cert: server.cert, ca: root.pem, requestCert: true, rejectUnauthorized: false, ...serverOptions });
  const port = await network.listen(listening);
  return connectedTo(listening, port, clientOptions);
}

/** One more connection to a server. */
async function connectedTo(listening, port, clientOptions = {}) {
  const accepted = once(listening, 'secureConnection');
  const near = tls.connect({ port, host: '127.0.0.1', servername: 'localhost', ca: root.pem, key: client.key, cert: client.cert, ...clientOptions });
  network.atEnd(() => near.destroy());
  let session;
  near.on('session', (latest) => {
    session = latest;
  });
  await once(near, 'secureConnect');
  const [far] = await accepted;
  // Tickets of TLS 1.3 come with the first octets.
  far.write('.');
  await once(near, 'data');
  /** What a later connection can resume. */
  const ended = async () => {
    near.end();
    await once(near, 'close');
    return session;
  };
  return { near, far, port, listening, ended };
}

describe.each(VERSIONS)('%s', (version) => {
  test('both ends say the same, and what Node.js says', async () => {
    const { near, far } = await connected(only(version), { ALPNProtocols: ['http/1.1'] });
    const [ofClient, ofServer] = [getSecurityContext(near), getSecurityContext(far)];
    expect(ofServer.query('connectionInfo')).toEqual(ofClient.query('connectionInfo'));
    const { protocol, cipherSuite, cipherStrength, keyExchange, keyExchangeGroup, keyExchangeStrength, hash, hashStrength } = ofServer.query('connectionInfo');
    expect([protocol, cipherSuite]).toEqual([far.getProtocol(), far.getCipher().standardName]);
    expect(cipherStrength).toBe(Number(/AES_(\d+)|CHACHA/.exec(cipherSuite)[1] ?? 256));
    expect([hash, hashStrength]).toEqual([/SHA\d+/.exec(cipherSuite)[0], Number(/SHA(\d+)/.exec(cipherSuite)[1])]);
    const ephemeral = near.getEphemeralKeyInfo();
    expect(keyExchange).toMatch(/^ECDHE/);
    // Newer lines prefer a hybrid, of which Node.js says nothing.
    if (ephemeral.size) expect([keyExchangeStrength, keyExchangeGroup]).toEqual([ephemeral.size, { X25519: 'x25519', prime256v1: 'secp256r1' }[ephemeral.name]]);
    for (const name of ['uniqueBindings', 'endpointBindings', 'sizes', 'issuerList']) {
      expect([name, JSON.stringify(ofServer.query(name))]).toEqual([name, JSON.stringify(ofClient.query(name))]);
    }
    expect(ofServer.query('names')).toEqual({ userName: null, subject: 'CN=alice', subjectAltNames: [], serverName: 'localhost' });
    expect(ofClient.query('names').subject).toBe('CN=alice');
    expect(ofClient.query('issuerList').map(String)).toEqual([near.getCertificate() && String(getClientCertInfo(far).presentedChain[1].issuer)]);
    const accepted = ofServer.query('signatureAlgorithms').accepted;
    expect(accepted).toContain('ecdsa_secp256r1_sha256');
    expect(ofServer.query('signatureAlgorithms')).toMatchObject({ local: 'ecdsa_secp256r1_sha256', remote: 'ecdsa_secp256r1_sha256' });
    expect(ofServer.query('remoteCertificate').der).toEqual(client.der);
    expect(ofServer.query('remoteCertificateChain')).toEqual([client.der, intermediate.der]);
    expect(ofServer.query('localCertificate').der).toEqual(server.der);
    expect(ofServer.query('serverCertificate').der).toEqual(server.der);
    expect(ofClient.query('remoteCertificate').der).toEqual(server.der);
    expect(ofClient.query('localCertificate').der).toEqual(client.der);
    expect(ofClient.query('serverCertificate').der).toEqual(server.der);
    expect(ofServer.query('sessionInfo')).toMatchObject({ resumed: false, extendedMasterSecret: version === 'TLSv1.2' });
    expect([ofServer.attributes, ofClient.attributes]).toEqual([OF_TLS | ASC_RET_MUTUAL_AUTH, OF_TLS | ASC_RET_MUTUAL_AUTH]);
    const { start, expiry, session } = ofServer.query('lifespan');
    expect([start, expiry]).toEqual([getClientCertInfo(far).certificate.notBefore, getClientCertInfo(far).certificate.notAfter]);
    expect(Math.abs(session.start - Date.now())).toBeLessThan(10_000);
    expect(session.expiry.getTime()).toBeGreaterThan(session.start.getTime());
    expect(ofServer.query('packageInfo')).toMatchObject({ name: 'TLS', version: 1, comment: `TLS by OpenSSL ${process.versions.openssl}` });
  });

  test('the unique binding is what the RFC says, from what Node.js gives', async () => {
    const { near, far } = await connected(only(version));
    const { type, token, applicationData } = getSecurityContext(far).query('uniqueBindings');
    // RFC 9266 section 2; RFC 5929 section 3.1: the client's Finished message, the first one of a full handshake.
    const expected = version === 'TLSv1.3' ? near.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0)) : near.getFinished();
    expect([type, token]).toEqual([version === 'TLSv1.3' ? 'tls-exporter' : 'tls-unique', expected]);
    expect(applicationData).toEqual(Buffer.concat([Buffer.from(`${type}:`), expected]));
    expect(getClientCertInfo(far).channelBindings.unique).toEqual({ type, token, applicationData });
  });

  test('of a session that resumes, the unique binding is its own', async () => {
    const first = await connected(only(version));
    const before = getSecurityContext(first.far).query('uniqueBindings');
    const second = await connectedTo(first.listening, first.port, { session: await first.ended() });
    expect(second.near.isSessionReused()).toBe(true);
    const [ofClient, ofServer] = [getSecurityContext(second.near), getSecurityContext(second.far)];
    expect(ofServer.query('uniqueBindings')).toEqual(ofClient.query('uniqueBindings'));
    expect(ofServer.query('uniqueBindings').token).not.toEqual(before.token);
    // RFC 5929 section 3.1: where a session resumes, the server's Finished message is the first one.
    if (version === 'TLSv1.2') expect(ofServer.query('uniqueBindings').token).toEqual(second.far.getFinished());
    expect(ofServer.query('sessionInfo').resumed).toBe(true);
    expect(ofServer.query('remoteCertificateChain')).toEqual([client.der, intermediate.der]);
    // The server has one certificate: it is the one that the client was shown.
    expect(ofServer.query('endpointBindings')).toEqual(ofClient.query('endpointBindings'));
    expect(ofServer.attributes & ASC_RET_MUTUAL_AUTH).toBe(ASC_RET_MUTUAL_AUTH);
    expect([ofClient.query('localCertificate'), ofClient.attributes & ASC_RET_MUTUAL_AUTH]).toEqual([null, 0]);
  });

  // By the names that RFC 8446 and `accepted` have; openssl says which ones it offers alone.
  const ofRsa = ['rsa', { modulusLength: 2048 }];
  test.each([
    ['ecdsa_secp256r1_sha256', 'ec', { namedCurve: 'prime256v1' }],
    ['ecdsa_secp384r1_sha384', 'ec', { namedCurve: 'secp384r1' }],
    ['ed25519', 'ed25519', {}],
    ['rsa_pss_rsae_sha256', ...ofRsa],
    ['rsa_pss_rsae_sha512', ...ofRsa],
    ['rsa_pss_pss_sha256', 'rsa-pss', { modulusLength: 2048 }],
    ...(version === 'TLSv1.2' ? [['rsa_pkcs1_sha256', ...ofRsa], ['rsa_pkcs1_sha1', ...ofRsa]] : []),
  ])('signed by %s', async (scheme, type, parameters) => {
    const mine = root.issue({ privateKey: crypto.generateKeyPairSync(type, parameters).privateKey });
    // Both ends take SHA-1 from others only where they are told to.
    const ciphers = 'DEFAULT@SECLEVEL=0';
    const accepted = [...new Set([scheme, 'ecdsa_secp256r1_sha256'])];
    const sigalgs = accepted.join(':');
    const { near, far } = await connected({ ...only(version), ciphers, sigalgs }, { key: mine.key, cert: mine.cert, ciphers, sigalgs });
    expect(getSecurityContext(far).query('signatureAlgorithms')).toEqual({ accepted, local: expect.stringMatching(/^ecdsa_/), remote: scheme });
    expect(getSecurityContext(near).query('signatureAlgorithms')).toMatchObject({ local: scheme, remote: getSecurityContext(far).query('signatureAlgorithms').local });
  });

  test('a server with two certificates names the one that it has shown, and none where it cannot know', async () => {
    const both = { key: [server.key, rsaServer.key], cert: [server.cert, rsaServer.cert], ...only(version) };
    const rsa = { sigalgs: 'rsa_pss_rsae_sha256:ecdsa_secp256r1_sha256', ...(version === 'TLSv1.2' && { ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' }) };
    const first = await connected(both, version === 'TLSv1.3' ? { sigalgs: 'rsa_pss_rsae_sha256' , cert: undefined, key: undefined } : rsa);
    expect(getSecurityContext(first.far).query('serverCertificate').der).toEqual(rsaServer.der);
    expect(getSecurityContext(first.far).query('endpointBindings')).toEqual(getSecurityContext(first.near).query('endpointBindings'));
    const plain = await connected(both);
    const { raw } = plain.near.getPeerCertificate();
    expect(getSecurityContext(plain.far).query('serverCertificate').der).toEqual(raw);
    const resumed = await connectedTo(plain.listening, plain.port, { session: await plain.ended() });
    expect(resumed.far.isSessionReused()).toBe(true);
    expect([getSecurityContext(resumed.far).query('serverCertificate'), getSecurityContext(resumed.far).query('endpointBindings')]).toEqual([null, null]);
    // To look has changed nothing of what it shows.
    expect(getSecurityContext(resumed.far).query('serverCertificate')).toBeNull();
    const again = await connectedTo(plain.listening, plain.port);
    expect(again.near.getPeerCertificate().raw).toEqual(raw);
  });

  test.each([
    ['no certificate', { cert: undefined, key: undefined }],
    ['an expired one', { cert: expired.cert, key: expired.key }],
    ['one of another CA', other.issue()],
  ])('%s is no mutual authentication', async (_, { cert, key }) => {
    const { far } = await connected(only(version), { cert, key });
    expect(getSecurityContext(far).attributes).toBe(OF_TLS);
  });

  test('a server that the client does not trust is no mutual authentication either', async () => {
    const { near, far } = await connected(only(version), { ca: other.pem, rejectUnauthorized: false });
    expect([getSecurityContext(near).attributes, getSecurityContext(far).attributes]).toEqual([OF_TLS, OF_TLS | ASC_RET_MUTUAL_AUTH]);
  });

  test('a client that was not asked has shown nothing', async () => {
    const { near, far } = await connected({ ...only(version), requestCert: false });
    expect(getSecurityContext(near).query('localCertificate')).toBeNull();
    expect(getSecurityContext(far).query('lifespan')).toMatchObject({ start: null, expiry: null });
    expect(getSecurityContext(near).attributes).toBe(OF_TLS);
  });

  test('a verifier decides about mutual authentication', async () => {
    const { far } = await connected(only(version));
    const [good, bad] = [new Verifier({ ca: root.pem }), new Verifier({ ca: other.pem })];
    expect(getSecurityContext(far, { verifier: good }).attributes).toBe(OF_TLS | ASC_RET_MUTUAL_AUTH);
    expect(getSecurityContext(far, { verifier: bad }).attributes).toBe(OF_TLS);
    good.close();
    bad.close();
  });

  // What goes over the wire, seen from between the two.
  test.each([1, 1000, 16384])('a record of %i octets is no longer than the sizes say', async (length) => {
    const listening = tls.createServer({ key: server.key, cert: server.cert, ...only(version) });
    const port = await network.listen(listening);
    const sizes = [];
    const between = net.createServer((socket) => {
      const onward = net.connect(port, '127.0.0.1');
      network.atEnd(() => onward.destroy());
      socket.pipe(onward);
      onward.on('data', (data) => socket.write(data));
      socket.on('data', (data) => between.emit('octets', data));
      socket.on('error', () => {});
      onward.on('error', () => {});
    });
    const accepted = once(listening, 'secureConnection');
    const near = tls.connect({ port: await network.listen(between), host: '127.0.0.1', ca: root.pem, servername: 'localhost' });
    network.atEnd(() => near.destroy());
    const [[far]] = await Promise.all([accepted, once(near, 'secureConnect')]);
    far.on('data', () => {});
    let seen = Buffer.alloc(0);
    between.on('octets', (data) => {
      seen = Buffer.concat([seen, data]);
    });
    const received = (async () => {
      let count = 0;
      for await (const chunk of far) if ((count += chunk.length) >= length) return;
    })();
    near.write(Buffer.alloc(length));
    await received;
    for (let at = 0; at < seen.length; at += 5 + seen.readUInt16BE(at + 3)) if (seen[at] === 23) sizes.push(5 + seen.readUInt16BE(at + 3));
    const { header, trailer, maximumMessage, blockSize } = getSecurityContext(near).query('sizes');
    expect([maximumMessage, blockSize]).toEqual([16384, 1]);
    expect(sizes.at(-1)).toBe(length + header + trailer);
  });

  test('it stays readable when the connection is gone', async () => {
    const { near, far } = await connected(only(version));
    const context = getSecurityContext(far);
    const before = context.query('uniqueBindings');
    near.destroy();
    await once(far, 'close');
    expect(context.query('uniqueBindings')).toEqual(before);
    expect(context.query('remoteCertificate').der).toEqual(client.der);
    expect(context.query('sessionKey')).toBeNull();
    expect(() => getSecurityContext(far)).toThrow(expect.objectContaining({ code: 'ERR_CLIENT_CERT_CONNECTION_CLOSED' }));
  });
});

test('TLS 1.2 with a block cipher, a MAC and RSA key exchange', async () => {
  const { near, far } = await connected({ ...only('TLSv1.2'), key: rsaServer.key, cert: rsaServer.cert, ciphers: 'AES256-SHA256:@SECLEVEL=0' }, { ciphers: 'AES256-SHA256:@SECLEVEL=0' });
  for (const end of [near, far]) {
    expect(getSecurityContext(end).query('connectionInfo')).toEqual({
      protocol: 'TLSv1.2',
      cipherSuite: 'TLS_RSA_WITH_AES_256_CBC_SHA256',
      cipherSuiteNumber: 0x003d,
      cipher: 'aes-256-cbc',
      cipherStrength: 256,
      hash: 'SHA256',
      hashStrength: 256,
      keyExchange: 'RSA',
      keyExchangeGroup: null,
      keyExchangeStrength: 2048,
    });
    expect(getSecurityContext(end).query('sizes')).toMatchObject({ header: 5 + 16, trailer: 32 + 16, blockSize: 16 });
  }
});

test('the end-point binding has the digest of the signature, SHA-256 in place of a weaker one', async () => {
  const digestOf = async (credential) => {
    const { far } = await connected({ key: credential.key, cert: credential.cert, ciphers: 'DEFAULT:@SECLEVEL=0' }, { ca: credential.cert, rejectUnauthorized: false });
    return getSecurityContext(far).query('endpointBindings');
  };
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'client-cert-info-context-'));
  try {
    for (const [digest, expected] of [['sha1', 'sha256'], ['sha256', 'sha256'], ['sha384', 'sha384'], ['sha512', 'sha512']]) {
      const [key, cert] = ['key.pem', 'cert.pem'].map((name) => path.join(folder, name));
      execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', `-${digest}`, '-keyout', key, '-out', cert, '-days', '2', '-subj', '/CN=localhost'], { stdio: 'ignore' });
      const { raw } = new crypto.X509Certificate(fs.readFileSync(cert));
      expect(await digestOf({ key: fs.readFileSync(key), cert: fs.readFileSync(cert) })).toMatchObject({
        type: 'tls-server-end-point',
        token: crypto.createHash(expected).update(raw).digest(),
      });
    }
    // RFC 5929 defines none for a signature algorithm without a digest.
    const [key, cert] = ['key.pem', 'cert.pem'].map((name) => path.join(folder, name));
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ed25519', '-nodes', '-keyout', key, '-out', cert, '-days', '2', '-subj', '/CN=localhost'], { stdio: 'ignore' });
    expect(await digestOf({ key: fs.readFileSync(key), cert: fs.readFileSync(cert) })).toBeNull();
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
});

testWith('openssl')('without the extended master secret TLS 1.2 has no unique binding', async () => {
  const listening = tls.createServer({ key: server.key, cert: server.cert, ...only('TLSv1.2') });
  const port = await network.listen(listening);
  const accepted = once(listening, 'secureConnection');
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'client-cert-info-context-'));
  fs.writeFileSync(path.join(folder, 'openssl.cnf'), 'openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\nOptions = -ExtendedMasterSecret\n');
  const child = spawn('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, '-quiet'], { stdio: ['pipe', 'ignore', 'ignore'], env: { ...process.env, OPENSSL_CONF: path.join(folder, 'openssl.cnf') } });
  network.atEnd(() => child.kill());
  const [far] = await accepted;
  // Some Node.js lines crash where a connection is destroyed in the microtasks of 'secureConnection'.
  await new Promise(setImmediate);
  const context = getSecurityContext(far);
  expect([context.query('sessionInfo').extendedMasterSecret, context.query('uniqueBindings')]).toEqual([false, null]);
  expect(context.query('endpointBindings')).not.toBeNull();
  fs.rmSync(folder, { recursive: true });
});

test('requests, HTTP/2 sessions and streams of either end', async () => {
  const answers = [];
  const secure = http2.createSecureServer({ key: server.key, cert: server.cert, ca: root.pem, requestCert: true, rejectUnauthorized: false, allowHTTP1: true });
  secure.on('request', (request, response) => {
    answers.push(getSecurityContext(request).query('applicationProtocol'), getSecurityContext(request.stream ?? request.socket).attributes);
    response.end();
  });
  const port = await network.listen(secure);
  const common = { ca: root.pem, key: client.key, cert: client.cert, servername: 'localhost' };
  const session = http2.connect(`https://127.0.0.1:${port}`, common);
  network.atEnd(() => session.destroy());
  const stream = session.request({ ':path': '/' });
  stream.resume();
  await once(stream, 'end');
  expect(getSecurityContext(session).query('uniqueBindings').type).toBe('tls-exporter');
  const request = https.get({ port, host: '127.0.0.1', agent: false, ...common });
  const [response] = await once(request, 'response');
  expect(getSecurityContext(request).query('uniqueBindings')).toEqual(getSecurityContext(response).query('uniqueBindings'));
  response.resume();
  await once(response, 'end');
  expect(answers).toEqual(['h2', OF_TLS | ASC_RET_MUTUAL_AUTH, null, OF_TLS | ASC_RET_MUTUAL_AUTH]);
});

test('what a client was asked for later is there: its certificate, the chain, a binding', async () => {
  const { near, far } = await connected({ ...only('TLSv1.2'), requestCert: false });
  const before = getSecurityContext(far);
  const info = await receiveClientCertificate(far);
  // The client's end is not through with it yet.
  far.write('.');
  await once(near, 'data');
  const after = getSecurityContext(far);
  expect([before.query('remoteCertificate'), before.attributes]).toEqual([null, OF_TLS]);
  expect(after.query('remoteCertificateChain')).toEqual([client.der, intermediate.der]);
  expect(after.attributes).toBe(OF_TLS | ASC_RET_MUTUAL_AUTH);
  expect(info.channelBindings).toEqual({ unique: after.query('uniqueBindings'), endpoint: after.query('endpointBindings') });
  expect(after.query('uniqueBindings')).toEqual(getSecurityContext(near).query('uniqueBindings'));
  expect(getSecurityContext(near).query('localCertificate').der).toEqual(client.der);
  near.destroy();
  await once(far, 'close');
  expect(info.channelBindings.unique).toEqual(after.query('uniqueBindings'));
});

test('channel bindings of a connection that has gone, or made another handshake, are not those of the certificate', async () => {
  const gone = await connected();
  const info = getClientCertInfo(gone.far);
  gone.near.destroy();
  await once(gone.far, 'close');
  expect(() => info.channelBindings).toThrow(expect.objectContaining({ code: 'ERR_CLIENT_CERT_CONNECTION_CLOSED' }));
  expect(JSON.stringify(info)).not.toContain('tls-');
});

test('what it gives is nobody else’s', async () => {
  const { far } = await connected();
  const context = getSecurityContext(far);
  for (const change of [
    () => context.query('uniqueBindings').token.fill(0),
    () => context.query('endpointBindings').token.fill(0),
    () => context.query('remoteCertificateChain')[0].fill(0),
    () => context.query('sessionInfo').id.fill(0),
    () => Object.assign(context.query('connectionInfo'), { protocol: 'SSLv2' }),
    () => context.query('signatureAlgorithms').accepted.splice(0),
  ]) {
    const before = JSON.stringify(Object.fromEntries(['uniqueBindings', 'endpointBindings', 'remoteCertificateChain', 'sessionInfo', 'connectionInfo', 'signatureAlgorithms'].map((name) => [name, context.query(name)])));
    change();
    expect(JSON.stringify(Object.fromEntries(['uniqueBindings', 'endpointBindings', 'remoteCertificateChain', 'sessionInfo', 'connectionInfo', 'signatureAlgorithms'].map((name) => [name, context.query(name)])))).toBe(before);
  }
  expect(() => Object.assign(context, { attributes: 2 })).toThrow(TypeError);
});

test.each([['nothing'], ['toString'], ['__proto__'], [''], [undefined], [null], [2], [Symbol('lifespan')]])('query(%p) is a RangeError that lists what is known', async (name) => {
  const { far } = await connected();
  expect(() => getSecurityContext(far).query(name)).toThrow(RangeError);
  expect(() => getSecurityContext(far).query(name)).toThrow(/lifespan, connectionInfo, names, .*sessionKey/);
});

test('closed, it says nothing any more', async () => {
  const { far } = await connected();
  const context = getSecurityContext(far);
  expect(context.closed).toBe(false);
  context.close();
  context.close();
  expect(context.closed).toBe(true);
  for (const use of [() => context.query('lifespan'), () => context.attributes, () => context.packageName, () => context.pack()]) {
    expect(use).toThrow(expect.objectContaining({ code: 'ERR_CLIENT_CERT_CLOSED' }));
  }
  expect(require('node:util').inspect(context)).toBe('SecurityContext { closed }');
  expect(() => new SecurityContext()).toThrow(TypeError);
});

test.each([
  ['no connection', () => getSecurityContext({}), TypeError],
  ['nothing', () => getSecurityContext(), TypeError],
  ['a plain socket', () => getSecurityContext(new net.Socket()), TypeError],
  ['an unknown option', () => getSecurityContext(new tls.TLSSocket(new net.Socket()), { verifer: 1 }), /did you mean 'verifier'/],
  ['no verifier', () => getSecurityContext(new tls.TLSSocket(new net.Socket()), { verifier: {} }), TypeError],
])('%s is refused', (_, use, error) => expect(use).toThrow(error));

test('before the handshake has ended', async () => {
  const listening = tls.createServer({ key: server.key, cert: server.cert });
  const socket = tls.connect({ port: await network.listen(listening), host: '127.0.0.1', rejectUnauthorized: false });
  network.atEnd(() => socket.destroy());
  expect(() => getSecurityContext(socket)).toThrow(expect.objectContaining({ code: 'ERR_CLIENT_CERT_HANDSHAKE_PENDING' }));
});
