'use strict';
// Asking for a certificate after the handshake: TLS 1.3 and 1.2, our clients, OpenSSL's, curl; what goes wrong, and what is left then.

const { spawn } = require('node:child_process');
const diagnosticsChannel = require('node:diagnostics_channel');
const { once } = require('node:events');
const fs = require('node:fs');
const http2 = require('node:http2');
const https = require('node:https');
const os = require('node:os');
const path = require('node:path');
const { text } = require('node:stream/consumers');
const tls = require('node:tls');

const express = require('express');
const fastify = require('fastify');

const { Authority, daysFromNow } = require('../support/pki.js');
const { Network } = require('../support/tls.js');
const { testWith } = require('../support/tools.js');
const { Verifier, getClientCertInfo, parseCertificate, receiveClientCertificate } = require('../..');
const { clientCertificate } = require('../../lib/express.js');
const clientCertInfo = require('../../lib/fastify.js');

const root = new Authority('root');
const intermediate = new Authority('intermediate', { issuer: root });
const server = root.issueServer(['localhost']);
const client = root.issue();
const expired = root.issue({ notBefore: daysFromNow(-9), notAfter: daysFromNow(-1) });
const chained = intermediate.issue();
const PROTOCOLS = ['TLSv1.3', 'TLSv1.2'];

let network;
let folder;
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'client-cert-info-on-demand-'));
  for (const [name, { cert, key }] of Object.entries({ client, expired })) {
    fs.writeFileSync(path.join(folder, `${name}.pem`), cert);
    fs.writeFileSync(path.join(folder, `${name}-key.pem`), key);
  }
  fs.writeFileSync(path.join(folder, 'chained.pem'), chained.cert);
  fs.writeFileSync(path.join(folder, 'intermediate.pem'), intermediate.pem);
  fs.writeFileSync(path.join(folder, 'chained-key.pem'), chained.key);
});
afterAll(() => fs.rmSync(folder, { recursive: true }));
beforeEach(() => {
  network = new Network();
});
afterEach(() => network.end());

const options = (protocol) => ({ key: server.key, cert: server.cert, ca: root.pem, minVersion: protocol, maxVersion: protocol });

const frameworks = {
  /** One route asks; the other does not. */
  async express(protocol, onDemand = true, more = {}) {
    const app = express();
    app.get('/public', (request, response) => response.json({ asked: getClientCertInfo(request) !== null }));
    app.all('/private', clientCertificate({ onDemand, ...more }), async (request, response) => {
      response.json({ subject: request.clientCert && String(request.clientCert.certificate.subject), body: (await text(request)).length });
    });
    return network.listen(https.createServer(options(protocol), app));
  },
  async fastify(protocol, onDemand = true, more = {}) {
    const app = fastify({ https: options(protocol), bodyLimit: 10_000_000 });
    app.addContentTypeParser('*', (request, payload, done) => text(payload).then((body) => done(null, body), done));
    app.get('/public', async (request) => ({ asked: getClientCertInfo(request.raw) !== null }));
    app.route({
      method: ['GET', 'POST'],
      url: '/private',
      onRequest: clientCertInfo.clientCertificate({ onDemand, ...more }),
      handler: async (request) => ({ subject: request.clientCert && String(request.clientCert.certificate.subject), body: (request.body ?? '').length }),
    });
    await app.listen({ port: 0, host: '127.0.0.1' });
    network.atEnd(() => app.close());
    return app.server.address().port;
  },
};

/** @param {number} port @param {string} credential @param {string[]} args @returns {Promise<any[]>} */
async function curl(port, credential, ...args) {
  const with_ = credential === 'none' ? [] : ['--cert', path.join(folder, `${credential}.pem`), '--key', path.join(folder, `${credential}-key.pem`)];
  const urls = args.filter((arg) => arg.startsWith('/')).map((url) => `https://127.0.0.1:${port}${url}`);
  const flags = args.filter((arg) => !arg.startsWith('/'));
  const child = spawn('curl', ['-sSk', '--http1.1', '--max-time', '20', '-w', '\\n%{http_code}\\n', ...with_, ...flags, ...urls]);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (stderr) throw new Error(stderr);
  const lines = stdout.trim().split('\n');
  return Array.from({ length: lines.length / 2 }, (_, i) => [Number(lines[2 * i + 1]), JSON.parse(lines[2 * i])]);
}

/** What a route sees: a raw TLS server that asks when it is told to. */
async function rawServer(protocol, act, more = {}) {
  const results = [];
  const port = await network.listen(
    tls.createServer({ ...options(protocol), ...more }, (socket) => {
      socket.on('error', () => {});
      results.push(act(socket).then((value) => ({ value }), (error) => ({ error })));
    }),
  );
  return { port, results };
}

/** openssl s_client, which answers requests for certificates where `flags` let it. */
function sClient(port, ...flags) {
  const child = spawn('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, '-quiet', '-ign_eof', ...flags]);
  child.stdin.on('error', () => {});
  network.atEnd(() => child.kill());
  return child;
}

const credential = () => ['-cert', path.join(folder, 'client.pem'), '-key', path.join(folder, 'client-key.pem')];

describe.each(PROTOCOLS)('%s', (protocol) => {
  const test_ = testWith('curl');

  describe.each(Object.keys(frameworks))('%s with curl', (framework) => {
    test_('one route asks, and everything else stays without certificates', async () => {
      const port = await frameworks[framework](protocol);
      const answers = await curl(port, 'client', '/public', '/private', '/public', '/private');
      const subject = 'CN=client,O=Example';
      expect(answers).toEqual([[200, { asked: false }], [200, { subject, body: 0 }], [200, { asked: true }], [200, { subject, body: 0 }]]);
    });

    test_('while a body arrives', async () => {
      const port = await frameworks[framework](protocol);
      const file = path.join(folder, 'body');
      for (const size of [10, 1000, 100_000]) {
        fs.writeFileSync(file, 'x'.repeat(size));
        expect(await curl(port, 'client', '/private', '--data-binary', `@${file}`)).toEqual([[200, { subject: 'CN=client,O=Example', body: size }]]);
      }
    });

    test_('a body that is too large', async () => {
      const port = await frameworks[framework](protocol, { maxBufferedBody: 1000 });
      const file = path.join(folder, 'large');
      fs.writeFileSync(file, 'x'.repeat(200_000));
      expect(await curl(port, 'client', '/private', '--data-binary', `@${file}`, '-H', 'Expect:')).toEqual([[413, { error: 'body_too_large' }]]);
    });

    test_('whoever has nothing to show, or something invalid', async () => {
      const port = await frameworks[framework](protocol);
      expect(await curl(port, 'none', '/private', '/public', '/private')).toEqual([[403, { error: 'certificate_required' }], [200, { asked: false }], [403, { error: 'certificate_required' }]]);
      expect(await curl(port, 'expired', '/private', '/public')).toEqual([[403, { error: 'certificate_invalid' }], [200, { asked: true }]]);
    });
  });

  testWith('openssl')('a raw connection: the whole chain, by a verifier that names its CAs', async () => {
    const verifier = new Verifier({ ca: root.pem });
    const { port, results } = await rawServer(protocol, async (socket) => {
      const info = await receiveClientCertificate(socket, { verifier });
      const again = await receiveClientCertificate(socket, { verifier });
      socket.end();
      return { valid: info.valid, chain: info.presentedChain.length, same: again.certificate.fingerprints.sha256 === info.certificate.fingerprints.sha256 };
    });
    const child = sClient(port, '-cert', path.join(folder, 'chained.pem'), '-cert_chain', path.join(folder, 'intermediate.pem'), '-key', path.join(folder, 'chained-key.pem'), '-enable_pha');
    await once(child, 'exit');
    expect(await Promise.all(results)).toEqual([{ value: { valid: true, chain: 2, same: true } }]);
  });

  testWith('openssl')('callers at once share one request; the mode is restored', async () => {
    const seen = [];
    const listen = ({ type }) => seen.push(type);
    diagnosticsChannel.subscribe('client-cert-info:request', listen);
    const { port, results } = await rawServer(protocol, async (socket) => {
      const infos = await Promise.all(Array.from({ length: 5 }, () => receiveClientCertificate(socket)));
      socket.end();
      return infos.map(({ valid }) => valid);
    });
    await once(sClient(port, ...credential(), '-enable_pha'), 'exit');
    diagnosticsChannel.unsubscribe('client-cert-info:request', listen);
    expect(await Promise.all(results)).toEqual([{ value: Array(5).fill(true) }]);
    expect(seen).toEqual(['asked', 'received']);
  });

  testWith('openssl')('declined: not asked again, unless `retry`', async () => {
    const seen = [];
    const listen = ({ type }) => seen.push(type);
    diagnosticsChannel.subscribe('client-cert-info:request', listen);
    const { port, results } = await rawServer(protocol, async (socket) => {
      const answers = [];
      for (const more of [{}, {}, { retry: true }]) answers.push(await receiveClientCertificate(socket, more));
      socket.end('usable');
      return answers;
    });
    const child = sClient(port, '-enable_pha');
    expect(await text(child.stdout)).toContain('usable');
    diagnosticsChannel.unsubscribe('client-cert-info:request', listen);
    expect(await Promise.all(results)).toEqual([{ value: [null, null, null] }]);
    expect(seen).toEqual(['asked', 'declined', 'asked', 'declined']);
  });

  test('negotiate: false asks nobody; a certificate of the handshake is there already', async () => {
    const { port, results } = await rawServer(protocol, async (socket) => {
      const info = await receiveClientCertificate(socket, { negotiate: false });
      socket.end();
      return info && info.valid;
    }, { requestCert: true, rejectUnauthorized: false });
    for (const more of [{}, client]) await once(tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...more }).resume(), 'close');
    expect(await Promise.all(results)).toEqual([{ value: null }, { value: true }]);
  });

  testWith('openssl')('the client leaves between request and answer', async () => {
    const { port, results } = await rawServer(protocol, async (socket) => {
      child.kill('SIGSTOP');
      const receiving = receiveClientCertificate(socket).catch(({ code }) => code);
      for (let turns = 0; turns < 20; turns++) await new Promise(setImmediate);
      child.kill('SIGKILL');
      return receiving;
    });
    const child = sClient(port, ...credential(), '-enable_pha');
    await once(child, 'exit');
    expect(await Promise.all(results)).toEqual([{ value: 'ERR_CLIENT_CERT_CONNECTION_CLOSED' }]);
  });

  testWith('openssl')('a client that never answers: timeout, and the connection is still of use', async () => {
    const { port, results } = await rawServer(protocol, async (socket) => {
      child.kill('SIGSTOP');
      const error = await receiveClientCertificate(socket, { timeout: 50 }).catch((thrown) => thrown);
      const second = await receiveClientCertificate(socket, { timeout: 50 }).catch((thrown) => thrown);
      child.kill('SIGCONT');
      socket.end('usable');
      return [error.code, second.code];
    });
    const child = sClient(port, ...credential(), '-enable_pha');
    await text(child.stdout);
    expect(await Promise.all(results)).toEqual([{ value: ['ERR_CLIENT_CERT_TIMEOUT', 'ERR_CLIENT_CERT_REQUEST_PENDING'] }]);
  });

  testWith('openssl')('a signal ends the waiting, and the server may close meanwhile', async () => {
    const reason = new Error('enough');
    const { port, results } = await rawServer(protocol, async (socket) => {
      child.kill('SIGSTOP');
      const controller = new AbortController();
      const aborted = receiveClientCertificate(socket, { signal: controller.signal }).catch((thrown) => thrown);
      await new Promise(setImmediate);
      controller.abort(reason);
      const shared = receiveClientCertificate(socket).catch((thrown) => thrown.code);
      await new Promise(setImmediate);
      await new Promise(setImmediate);
      socket.destroy();
      child.kill('SIGCONT');
      return [await aborted === reason, await shared];
    });
    const child = sClient(port, ...credential(), '-enable_pha');
    await once(child, 'exit');
    expect(await Promise.all(results)).toEqual([{ value: [true, 'ERR_CLIENT_CERT_CONNECTION_CLOSED'] }]);
  });
});

test('a TLS 1.3 client that did not offer it is refused before anything is sent', async () => {
  const { port, results } = await rawServer('TLSv1.3', async (socket) => {
    const error = await receiveClientCertificate(socket).catch((thrown) => thrown);
    socket.end('usable');
    return error.code;
  });
  const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...client });
  expect(await text(socket)).toBe('usable');
  expect(await Promise.all(results)).toEqual([{ value: 'ERR_CLIENT_CERT_NOT_SUPPORTED' }]);
});

test('a Node.js client over TLS 1.2', async () => {
  const port = await frameworks.express('TLSv1.2');
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false, ...client });
  network.atEnd(() => agent.destroy());
  const post = (body) =>
    new Promise((resolve, reject) => {
      const request = https.request({ port, host: '127.0.0.1', path: '/private', method: 'POST', agent }, (response) => resolve(text(response).then(JSON.parse)));
      request.on('error', reject);
      request.end(body);
    });
  for (const size of [5, 60_000]) expect(await post('x'.repeat(size))).toEqual({ subject: 'CN=client,O=Example', body: size });
});

test('HTTP/2 is refused at once', async () => {
  const port = await network.listen(
    http2.createSecureServer(options('TLSv1.3'), (request, response) => {
      receiveClientCertificate(request).then(() => response.end('?'), ({ code }) => response.end(code));
    }),
  );
  const session = http2.connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
  network.atEnd(() => session.destroy());
  expect(await text(session.request({ ':path': '/' }))).toBe('ERR_CLIENT_CERT_NOT_SUPPORTED');
});

test.each([
  [{ timeuot: 5 }], [{ timeout: '5' }], [{ timeout: -1 }], [{ retry: 1 }], [{ maxBufferedBody: NaN }], [{ negotiate: 'yes' }], [{ signal: {} }], [{ verifier: {} }], [{ mapper: {} }],
  [{ trustedCAs: ['CN=x'] }], [{ trustedCAs: parseCertificate(root.pem) }], [null],
])('%j is a mistake', async (wrong) => {
  await expect(receiveClientCertificate(new tls.TLSSocket(), wrong)).rejects.toThrow(/./);
  const { timeout, ...rest } = wrong ?? {};
  const error = await receiveClientCertificate(new tls.TLSSocket(), wrong).catch((thrown) => thrown);
  expect([error.name, rest && timeout]).toEqual([expect.stringMatching(/^(?:Type|Range)Error$/), timeout]);
});

test.each([[{ onDemand: 'yes' }], [{ onDemand: { timeuot: 1 } }], [{ onDemand: { retry: 1 } }], [{ onDemand: 5 }]])('middleware: %j is a mistake', (wrong) => {
  expect(() => clientCertificate(wrong)).toThrow(TypeError);
});

// RFC 7627 section 5.3: who began such a connection may be somebody else.
test('a session that was resumed without the extended master secret is not renegotiated', async () => {
  const withoutExtendedMasterSecret = 1;
  const listening = tls.createServer({ ...options('TLSv1.2') });
  const port = await network.listen(listening);
  const connect = async (session) => {
    const accepted = once(listening, 'secureConnection');
    const near = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false, secureOptions: withoutExtendedMasterSecret, session, key: client.key, cert: client.cert });
    near.on('error', () => {}).resume();
    network.atEnd(() => near.destroy());
    const ticket = session ? null : once(near, 'session');
    const secure = once(near, 'secureConnect');
    const [far] = await accepted;
    far.on('error', () => {}).resume();
    await secure;
    return { far, session: ticket && (await ticket)[0] };
  };
  const first = await connect();
  const resumed = await connect(first.session);
  expect([first.far.isSessionReused(), resumed.far.isSessionReused()]).toEqual([false, true]);
  await expect(receiveClientCertificate(resumed.far)).rejects.toMatchObject({ code: 'ERR_CLIENT_CERT_NOT_SUPPORTED' });
  expect(getClientCertInfo(resumed.far)).toBeNull();
  expect((await receiveClientCertificate(first.far)).valid).toBe(true);
});
