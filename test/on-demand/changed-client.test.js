'use strict';
// A client that shows another certificate than before on its connection, or none: the connection ends, before anything after it is answered.

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const https = require('node:https');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const tls = require('node:tls');

const { ChangingClient } = require('../support/changing-client.js');
const { Authority } = require('../support/pki.js');
const { Network } = require('../support/tls.js');
const { testWith } = require('../support/tools.js');
const { Verifier, getClientCertInfo, receiveClientCertificate } = require('../..');
const { clientCertificate } = require('../../lib/express.js');
const { native } = require('../../lib/native.js');

const root = new Authority('root');
const server = root.issueServer(['localhost']);
const credentials = { ada: root.issue({ subject: { CN: 'ada' } }), bob: root.issue({ subject: { CN: 'bob' } }), stranger: new Authority('other').issue({ subject: { CN: 'stranger' } }) };

let network;
let folder;
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'client-cert-info-changed-'));
  for (const [name, { cert, key }] of Object.entries(credentials)) fs.writeFileSync(path.join(folder, name), cert + key);
  ChangingClient.build(folder);
});
afterAll(() => fs.rmSync(folder, { recursive: true }));
beforeEach(() => {
  network = new Network();
});
afterEach(() => network.end());

const changingClient = (port, version, shown) => new ChangingClient(network, port, version, shown);

const serverOptions = (version, more = {}) => ({
  key: server.key, cert: server.cert, ca: root.pem, rejectUnauthorized: false, minVersion: `TLSv${version}`, maxVersion: `TLSv${version}`, ...more,
});

/** @returns {string} who the client is, or why nobody can say */
function whoIs(socket) {
  try {
    const info = getClientCertInfo(socket);
    return info ? String(info.certificate.subject) : 'nobody';
  } catch ({ code }) {
    return code;
  }
}

/** A server that says who is there for each line that it gets, and what it saw in the end. */
async function answering(version, more, begin = () => {}) {
  const created = tls.createServer(serverOptions(version, more));
  const seen = new Promise((resolve) => {
    created.once('secureConnection', (socket) => {
      const lines = [];
      let error = null;
      // Whoever handles the error sees a connection that has ended.
      let isLeftOpen = false;
      socket.on('error', ({ code }) => {
        error = code;
        isLeftOpen = !socket.destroyed;
      });
      socket.on('data', (line) => {
        lines.push(`${String(line).trim()}: ${whoIs(socket)}`);
        socket.write('.');
      });
      socket.on('close', async () => {
        const received = await receiveClientCertificate(socket).then(String, ({ code }) => code);
        resolve({ lines, error, isLeftOpen, after: whoIs(socket), received });
      });
      setImmediate(begin, socket);
    });
    // Of a further connection, to whom its session matters.
    created.on('secureConnection', (socket) => socket.write('.'));
  });
  return { created, port: await network.listen(created), seen };
}

const ENDED = { error: 'ERR_SSL_CLIENT_CERTIFICATE_CHANGED', isLeftOpen: false, after: 'ERR_CLIENT_CERT_CHANGED', received: 'ERR_CLIENT_CERT_CHANGED' };
const requestCert = true;

describe('TLS 1.2, of which the client begins a renegotiation', () => {
  const renegotiates = async ({ port, seen }, shown, command = 'renegotiate') => {
    const client = changingClient(port, '1.2', shown);
    client.does('send one');
    await client.hears('..');
    client.does(command, 'send two', 'send three');
    const output = await Promise.race([client.output, seen.then(() => client.output)]);
    return { ...(await seen), output };
  };

  testWith('g++').each([
    ['bob', { requestCert }], ['none', { requestCert }], ['stranger', { requestCert }], ['bob', { requestCert, ca: undefined }],
    // It is asked although the server asks nobody any more.
    ['bob', { requestCert, rejectUnauthorized: true }],
  ])('ada, then %s, %j', async (second, more) => {
    const { output, lines, ...ended } = await renegotiates(await answering('1.2', more), ['ada', second]);
    expect(ended).toEqual(ENDED);
    expect(lines.join()).not.toMatch(/two|three/);
    expect(output).toMatch(/renegotiation: sslv3 alert handshake failure/);
  });

  testWith('g++')('a session of somebody else is not resumed', async () => {
    const { lines, ...ended } = await renegotiates(await answering('1.2', { requestCert }), ['ada', 'bob'], 'take-over');
    expect(ended).toMatchObject(ENDED);
    expect(lines.join()).not.toMatch(/two|three/);
  });

  testWith('g++').each([
    [['ada'], ['CN=ada', 'CN=ada', 'CN=ada'], { requestCert }], [['none'], ['nobody', 'nobody', 'nobody'], { requestCert }],
    [['none', 'bob'], ['nobody', 'CN=bob', 'CN=bob'], { requestCert }], [['ada'], ['nobody', 'nobody', 'nobody'], {}],
  ])('%j may', async (shown, expected, more) => {
    const { port, seen } = await answering('1.2', more, (socket) => socket.on('data', (line) => String(line).includes('three') && socket.end()));
    const client = changingClient(port, '1.2', shown);
    client.does('send one');
    await client.hears('..');
    client.does('renegotiate', 'send two');
    await client.hears('...');
    client.does('send three');
    const { lines, error } = await seen;
    expect([lines, error]).toEqual([['one', 'two', 'three'].map((line, i) => `${line}: ${expected[i]}`), null]);
  });
});

testWith('g++').each(['ada', 'bob', 'none'])('a client that was asked later renegotiates, though the server asks nobody: %s', async (second) => {
  const { port, seen } = await answering('1.2', {}, async (socket) => {
    await receiveClientCertificate(socket);
    socket.write('!');
    socket.on('data', () => socket.end());
  });
  const client = changingClient(port, '1.2', ['ada', second]);
  await client.hears('!');
  client.does('renegotiate', 'send two');
  const { lines, ...ended } = await seen;
  if (second === 'ada') expect([lines, ended]).toEqual([['two: CN=ada'], { error: null, isLeftOpen: false, after: 'CN=ada', received: '[object Object]' }]);
  else expect([lines, ended]).toEqual([[], ENDED]);
});

describe.each([
  ['the first handshake', { requestCert }, async (socket) => getClientCertInfo(socket)],
  ['a request later', {}, (socket) => receiveClientCertificate(socket)],
])('shown in %s', (_, more, show) => {
  testWith('g++').each(['bob', 'none', 'ada'])('then a renegotiation that the server begins: %s', async (second) => {
    const { port, seen } = await answering('1.2', more, async (socket) => {
      await show(socket);
      socket.renegotiate({ requestCert: true, rejectUnauthorized: false }, () => socket.destroyed || socket.end());
    });
    const { output } = changingClient(port, '1.2', ['ada', second]);
    const { lines, ...ended } = await seen;
    if (second === 'ada') expect([await output, ended]).toEqual([expect.stringMatching('read: closed'), { error: null, isLeftOpen: false, after: 'CN=ada', received: '[object Object]' }]);
    else expect([await output, ended]).toEqual([expect.stringMatching('sslv3 alert handshake failure'), ENDED]);
    expect(lines).toEqual([]);
  });

  testWith('g++').each(['bob', 'none', 'ada'])('then a second request of TLS 1.3: %s', async (second) => {
    const { port, seen } = await answering('1.3', more, async (socket) => {
      await show(socket);
      expect(whoIs(socket)).toBe('CN=ada');
      const { state } = native.askForCertificate(socket.getFinished(), null, () => setImmediate(() => socket.end()));
      expect(state).toBe('asked');
      socket.write('');
    });
    const { output } = changingClient(port, '1.3', ['ada', second]);
    const { lines, ...ended } = await seen;
    if (second === 'ada') expect([await output, ended]).toEqual([expect.stringMatching('read: closed'), { error: null, isLeftOpen: false, after: 'CN=ada', received: '[object Object]' }]);
    else expect([await output, ended]).toEqual([expect.stringMatching(/read: .*(?:handshake failure|certificate required)/), ENDED]);
    expect(lines).toEqual([]);
  });
});

testWith('g++').each(['1.2', '1.3'])('TLS %s: servers that a verifier protects', async (version) => {
  const verifier = new Verifier({ ca: root.pem });
  const { created, port, seen } = await answering(version, { requestCert }, (socket) => {
    expect(whoIs(socket)).toBe('CN=ada');
    if (version === '1.2') return socket.renegotiate({}, () => {});
    native.askForCertificate(socket.getFinished(), null, () => {});
    return socket.write('');
  });
  verifier.protect(created);
  changingClient(port, version, ['ada', 'bob']);
  expect(await seen).toMatchObject(ENDED);
});

testWith('g++')('a request that follows is not answered, nor is one that is being worked on', async () => {
  const answered = [];
  let goOn;
  const port = await network.listen(
    https.createServer(serverOptions('1.2', { requestCert }), (request, response) => {
      clientCertificate()(request, response, async () => {
        answered.push(`${request.url}: ${request.clientCert.certificate.subject}`);
        if (request.url === '/slow') await new Promise((resolve) => { goOn = resolve; });
        response.end('secret');
      });
    }),
  );
  const client = changingClient(port, '1.2', ['ada', 'bob']);
  client.does('send GET /slow HTTP/1.1\r', 'send Host: localhost\r', 'send ', 'renegotiate', 'send GET /after HTTP/1.1\r', 'send Host: localhost\r', 'send ');
  const output = await client.output;
  goOn?.();
  expect(answered.join()).not.toContain('/after');
  expect(output).not.toContain('secret');
});

// OpenSSL has the certificate of an answer from the moment on that it was read. Whose it is proves the message after it, and a client may keep that back.
testWith('openssl')('a certificate without its proof is nobody\'s', async () => {
  const RECORD_HEADER = 5;
  let kept = false;
  let first = 0;
  let pass;
  const hasPassed = new Promise((resolve) => {
    pass = resolve;
  });
  const { port, seen } = await answering('1.3', {}, async (socket) => {
    expect(whoIs(socket)).toBe('nobody');
    kept = true;
    const receiving = receiveClientCertificate(socket, { timeout: 300 }).catch(({ code }) => code);
    await hasPassed;
    for (let turns = 0; turns < 50; turns++) await new Promise(setImmediate);
    const meanwhile = whoIs(socket);
    const handled = new Promise((resolve) => {
      const response = { writeHead: (status) => resolve(status), end() {} };
      clientCertificate()({ socket }, response, resolve);
    });
    expect([meanwhile, await handled, await receiving, whoIs(socket)]).toEqual([
      'ERR_CLIENT_CERT_HANDSHAKE_PENDING', expect.objectContaining({ code: 'ERR_CLIENT_CERT_HANDSHAKE_PENDING' }), 'ERR_CLIENT_CERT_TIMEOUT', 'ERR_CLIENT_CERT_HANDSHAKE_PENDING',
    ]);
    socket.destroy();
  });
  const between = net.createServer((downstream) => {
    const upstream = net.connect(port, '127.0.0.1');
    upstream.pipe(downstream);
    downstream.on('data', (bytes) => {
      if (!kept) return upstream.write(bytes);
      if (first > 0) return undefined;
      first = RECORD_HEADER + bytes.readUInt16BE(3);
      return upstream.write(bytes.subarray(0, first), pass);
    });
    downstream.on('close', () => upstream.destroy());
    upstream.on('close', () => downstream.destroy());
  });
  const proxy = await network.listen(between);
  const child = spawn('openssl', ['s_client', '-connect', `127.0.0.1:${proxy}`, '-quiet', '-enable_pha', '-cert', path.join(folder, 'ada'), '-key', path.join(folder, 'ada')]);
  child.stdin.on('error', () => {});
  network.atEnd(() => child.kill());
  expect(await seen).toMatchObject({ lines: [] });
});
