'use strict';
// Clients that know how the answer is found, and try to be taken for something else.

const { execFile, spawnSync } = require('node:child_process');
const crypto = require('node:crypto');
const fs = require('node:fs');
const https = require('node:https');
const os = require('node:os');
const path = require('node:path');
const { Duplex } = require('node:stream');
const { setImmediate: turn } = require('node:timers/promises');
const tls = require('node:tls');
const { promisify } = require('node:util');

const { getClientCertInfo } = require('../..');
const { clientCertificate } = require('../../lib/express.js');
const { extension } = require('../support/certificate-builder.js');
const der = require('../support/der.js');
const { Authority } = require('../support/pki.js');
const { Network, VERSIONS, only } = require('../support/tls.js');

const root = new Authority('Root');
const otherRoot = new Authority('Other Root');
const client = root.issue();
const { key, cert } = root.issueServer(['localhost']);
const options = { key, cert, ca: root.pem };
const network = new Network();
afterEach(() => network.end());

const said = (ask) => {
  try {
    return ask();
  } catch ({ code }) {
    return code;
  }
};

describe.each(VERSIONS)('over %s', (version) => {
  test('whoever asks during the handshake is told to wait, and the answer afterwards is right', async () => {
    const early = new Set();
    const { server, connect } = await network.server({ ...options, ...only(version) }, (socket) => getClientCertInfo(socket));
    server.on('keylog', (_line, socket) => early.add(said(() => getClientCertInfo(socket))));
    server.on('newSession', (_id, _session, done) => done());
    const { value: info } = await connect(client);
    expect([...early]).toEqual(['ERR_CLIENT_CERT_HANDSHAKE_PENDING']);
    expect(info.valid).toBe(true);
  });

  test('strangers do not displace the chains that are kept for others', async () => {
    const octets = (size) => [extension('1.2.3.4', der.octets(crypto.randomBytes(size)))];
    const padded = new Authority('Padded', { issuer: root, more: octets(5000) });
    const heavy = padded.issue({ present: [padded] });
    const { connect } = await network.server({ ...options, ...only(version) }, (socket) => ({
      info: getClientCertInfo(socket),
      reused: socket.isSessionReused(),
    }));
    const { session } = await connect(heavy);
    for (let i = 0; i < 60; i++) {
      await connect(otherRoot.issue({ present: [new Authority('Ballast', { more: octets(80_000) })] }));
    }
    const { value } = await connect({ ...heavy, session });
    expect(value.reused).toBe(true);
    expect(value.info.valid).toBe(true);
  }, 60_000);

  test('a chain that another process keeps is asked for again', async () => {
    const padded = new Authority('Padded', { issuer: root, more: [extension('1.2.3.4', der.octets(Buffer.alloc(5000, 1)))] });
    const heavy = padded.issue({ present: [padded] });
    const ticketKeys = crypto.randomBytes(48);
    const script = `
      const { Network } = require('./test/support/tls.js');
      const options = JSON.parse(process.argv[1]);
      options.ticketKeys = Buffer.from(options.ticketKeys, 'base64');
      require('./lib');
      const network = new Network();
      network.server(options, () => {}).then(async ({ connect }) => {
        const { session } = await connect(options.client);
        console.log(session.toString('base64'));
        await network.end();
      });`;
    const settings = { ...options, ...only(version), ticketKeys: ticketKeys.toString('base64'), client: { key: heavy.key, cert: heavy.cert } };
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', script, JSON.stringify(settings)], {
      cwd: path.join(__dirname, '../..'),
    });
    const { connect } = await network.server({ ...options, ...only(version), ticketKeys }, (socket) => getClientCertInfo(socket));
    const { value: info } = await connect({ ...heavy, session: Buffer.from(stdout, 'base64') });
    expect(info.valid).toBe(true);
    expect(info.presentedChainEncoded.length).toBe(2);
  });
});

/** Two streams, each of which reads what the other writes. */
function streamPair() {
  const ends = [0, 1].map(
    (index) =>
      new Duplex({
        read() {},
        write(chunk, _encoding, done) {
          ends[1 - index].push(chunk);
          done();
        },
        final(done) {
          ends[1 - index].push(null);
          done();
        },
      }),
  );
  return ends;
}

/** HKDF-Expand-Label of RFC 8446 section 7.1, for lengths up to that of the hash. */
function expandLabel(hash, secret, label, length) {
  const name = Buffer.from(`tls13 ${label}`);
  const info = Buffer.concat([Buffer.from([length >> 8, length & 255, name.length]), name, Buffer.from([0, 1])]);
  return crypto.createHmac(hash, secret).update(info).digest().subarray(0, length);
}

/** The first record of a client's application keys: a handshake message that is sent by half. */
function halfKeyUpdate(secret) {
  const [hash, keyLength] = secret.length === 48 ? ['sha384', 32] : ['sha256', 16];
  const inner = Buffer.from([24, 0, 0, 1, 22]);
  const header = Buffer.from([23, 3, 3, 0, inner.length + 16]);
  const cipher = crypto.createCipheriv(`aes-${keyLength * 8}-gcm`, expandLabel(hash, secret, 'key', keyLength), expandLabel(hash, secret, 'iv', 12));
  cipher.setAAD(header);
  return Buffer.concat([header, cipher.update(inner), cipher.final(), cipher.getAuthTag()]);
}

test('a message that is sent by half changes nothing', async () => {
  // The strict decoder refuses the intermediate, which Node takes.
  const odd = new Authority('Odd', { issuer: root, more: [extension('2.5.29.32', der.seq())] });
  const [serverStream, clientStream] = streamPair();
  const serverEnd = new tls.TLSSocket(serverStream, {
    isServer: true, ...options, requestCert: true, rejectUnauthorized: false, ...only('TLSv1.3'),
  });
  serverEnd.on('error', () => {});
  const clientEnd = tls.connect({ socket: clientStream, rejectUnauthorized: false, ciphers: 'TLS_AES_128_GCM_SHA256', ...odd.issue({ present: [odd] }) });
  clientEnd.on('error', () => {});
  network.atEnd(() => [serverEnd, clientEnd].forEach((end) => end.destroy()));
  let secret;
  clientEnd.on('keylog', (line) => {
    const [label, , value] = line.toString().trim().split(' ');
    if (label === 'CLIENT_TRAFFIC_SECRET_0') secret = Buffer.from(value, 'hex');
  });
  serverEnd.resume();
  await new Promise((resolve) => serverEnd.once('secure', resolve));
  serverStream.push(halfKeyUpdate(secret));
  for (let i = 0; i < 20; i++) await turn();
  const info = getClientCertInfo(serverEnd);
  expect(serverEnd.destroyed).toBe(false);
  expect(info.problems.map(({ code, depth }) => `${code}@${depth}`)).toEqual(['CERT_MALFORMED@1']);
});

describe('two names in one handshake', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'client-cert-info-'));
  const program = path.join(folder, 'two-names-client');
  const built = spawnSync('g++', ['-std=c++20', path.join(__dirname, '../support/two-names-client.cc'), '-o', program, '-lssl', '-lcrypto']);
  afterAll(() => fs.rmSync(folder, { recursive: true }));
  const withClient = built.status === 0 ? test : test.skip;
  if (built.status !== 0) {
    process.stderr.write(`\n*** SKIPPED *** the client with two names, which needs g++ and libssl-dev: ${built.stderr ?? built.error}\n\n`);
  }

  withClient.each([
    ['the same name twice', 'other.test', 'other.test', /^HTTP\/1.1 403 [^]*certificate_invalid/],
    ['the name of the other host second', 'localhost', 'other.test', /^HTTP\/1.1 (403 [^]*certificate_invalid|421 )/],
    ['the name of the other host first', 'other.test', 'localhost', /^HTTP\/1.1 (403 [^]*certificate_invalid|421 )/],
    ['the name of the first host twice', 'localhost', 'localhost', /^HTTP\/1.1 200 /],
  ])('%s', async (_title, first, second, answer) => {
    const middleware = clientCertificate();
    const server = https.createServer(
      { ...options, requestCert: true, rejectUnauthorized: false, ecdhCurve: 'P-384', ...only('TLSv1.3') },
      (request, response) => middleware(request, response, (error) => response.end(error ? 'error' : 'passed')),
    );
    server.addContext('other.test', { key, cert, ca: otherRoot.pem, ecdhCurve: 'P-384' });
    const port = await network.listen(server);
    const pem = path.join(folder, 'client.pem');
    fs.writeFileSync(pem, client.cert + client.key);
    const { stdout } = await promisify(execFile)(program, [String(port), pem, first, second]);
    expect(stdout).toMatch(answer);
  });
});
