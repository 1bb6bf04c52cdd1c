'use strict';
// What a hostile client may send: much of everything, within the limits of TLS.

const { execFile } = require('node:child_process');
const crypto = require('node:crypto');
const fs = require('node:fs');
const https = require('node:https');
const os = require('node:os');
const path = require('node:path');
const { promisify } = require('node:util');

const { getClientCertInfo, parseCertificate } = require('../..');
const { altName, extension, extensions } = require('../support/certificate-builder.js');
const der = require('../support/der.js');
const { Authority } = require('../support/pki.js');
const { Network, VERSIONS, only } = require('../support/tls.js');
const { testWith } = require('../support/tools.js');

const root = new Authority('Root');
const { key, cert } = root.issueServer(['localhost']);
const options = { key, cert, ca: root.pem };
const network = new Network();
afterEach(() => network.end());

/** A path of that many intermediates, the one that issues last. @param {number} count @param {string} [name] */
function line(count, name = 'CA') {
  const authorities = [];
  for (let i = 0; i < count; i++) authorities.push(new Authority(`${name} ${i}`, { issuer: authorities.at(-1) ?? root }));
  return authorities;
}

const inspect = async (credential, version = 'TLSv1.3', more = {}) => {
  const { connect } = await network.server({ ...options, ...only(version), ...more }, (socket) => {
    const info = getClientCertInfo(socket);
    expect(JSON.stringify(info).length).toBeGreaterThan(0);
    return info;
  });
  const { value: info } = await connect(credential);
  return { info };
};

describe.each(VERSIONS)('over %s', (version) => {
  test('a path of 50 intermediates', async () => {
    const authorities = line(50);
    const { info } = await inspect(authorities.at(-1).issue({ present: authorities.toReversed?.() ?? [...authorities].reverse() }), version);
    expect(info.valid).toBe(true);
    expect(info.presentedChain.length).toBe(51);
    expect(info.elements.length).toBe(52);
  });

  test('50 certificates that belong to nobody', async () => {
    const { info } = await inspect(root.issue({ present: Array.from({ length: 50 }, (_, i) => new Authority(`Nobody ${i}`)) }), version);
    expect(info.valid).toBe(true);
    expect(info.presentedChain.length).toBe(51);
    expect(info.elements.length).toBe(2);
  });

  test('what one client presented stays as it was when others are looked at', async () => {
    const issuers = line(2).reverse();
    const credentials = [root.issue({}), root.issue({ more: [extension('1.2.3.4', der.octets(Buffer.alloc(20_000, 7)))] }), issuers[0].issue({ present: issuers }), root.issue({})];
    const infos = [];
    for (const credential of credentials) infos.push((await inspect(credential, version)).info);
    expect(infos.map(({ certEncoded }) => certEncoded)).toEqual(credentials.map((credential) => credential.der));
    const presented = credentials.map((credential) => [credential.der, ...(credential === credentials[2] ? issuers.map((authority) => authority.der) : [])]);
    expect(infos.map(({ presentedChainEncoded }) => presentedChainEncoded)).toEqual(presented);
    expect(infos.map(({ certificate }) => certificate.serialNumber)).toEqual(credentials.map((credential) => parseCertificate(credential.der).serialNumber));
  });

  test('a certificate of 90 KB', async () => {
    // OpenSSL ends a handshake whose ticket would hold more than 64 KB, and the certificate is in the ticket.
    const withoutTickets = { secureOptions: crypto.constants.SSL_OP_NO_TICKET };
    const large = root.issue({ more: [extension('1.2.3.4', der.octets(Buffer.alloc(90_000, 7)))] });
    const { info } = await inspect(large, version, withoutTickets);
    expect(info.valid).toBe(true);
    expect(info.certEncodedSize).toBeGreaterThan(90_000);
  });

  test('the largest certificates that fit into a ticket still do', async () => {
    for (const size of [55_000, 59_000, 61_000, 63_000]) {
      const intermediate = new Authority('Intermediate', { issuer: root, more: [extension('1.2.3.4', der.octets(Buffer.alloc(3500, 7)))] });
      const large = intermediate.issue({
        present: [intermediate],
        more: [extension('1.2.3.4', der.octets(Buffer.alloc(size, 7)))],
      });
      expect((await inspect(large, version)).info.valid).toBe(true);
    }
  });

  test('thousands of alternative names', async () => {
    const names = Array.from({ length: 4000 }, (_, i) => altName.dns(`n${i}.test`));
    const { info } = await inspect(root.issue({ more: [extensions.subjectAltName(names)] }), version);
    expect(info.valid).toBe(true);
    expect(info.certificate.subjectAltNames.length).toBe(4000);
  });

  test('thousands of names below thousands of constraints', async () => {
    const constraints = Array.from({ length: 1500 }, (_, i) => altName.dns(`c${i}.test`));
    const constrained = new Authority('Constrained', { issuer: root, more: [extensions.nameConstraints({ excluded: constraints })] });
    const names = Array.from({ length: 1500 }, (_, i) => altName.dns(`n${i}.test`));
    const { info } = await inspect(constrained.issue({ present: [constrained], more: [extensions.subjectAltName(names)] }), version);
    // OpenSSL gives up on more than 2^20 comparisons: refused, not admitted.
    expect(info.valid).toBe(false);
  });
});

test.each([
  ['an intermediate that only OpenSSL can read', () => {
    const odd = new Authority('Odd', { issuer: root, more: [extension('2.5.29.32', der.seq())] });
    return odd.issue({ present: [odd] });
  }, ['CERT_MALFORMED@1'], 1, 2],
  ['a leaf that only OpenSSL can read', () => root.issue({ more: [extension('2.5.29.32', der.seq())] }), ['CERT_MALFORMED@0'], 0, 1],
  ['one that is not part of the path and that only OpenSSL can read', () =>
    root.issue({ present: [new Authority('Odd', { more: [extension('2.5.29.32', der.seq())] }), new Authority('Fine')] }), [], 1, 3],
])('%s', async (_title, credential, problems, decoded, presented) => {
  const { info } = await inspect(credential());
  expect(info.problems.map(({ code, depth }) => `${code}@${depth}`)).toEqual(problems);
  expect(info.presentedChain.length).toBe(decoded);
  expect(info.presentedChainEncoded.length).toBe(presented);
  expect(info.certificate === null).toBe(decoded === 0);
  expect(JSON.parse(JSON.stringify(info)).problems.length).toBe(problems.length);
});

test('a root that only OpenSSL can read is trusted all the same', async () => {
  const odd = new Authority('Odd Root', { more: [extension('2.5.29.32', der.seq())] });
  const { connect } = await network.server({ ...options, ca: odd.pem }, (socket) => getClientCertInfo(socket));
  const { value: info } = await connect(odd.issue());
  expect(info.valid).toBe(true);
  expect(info.elements.map(({ certificate }) => certificate?.subject.toString() ?? null)).toEqual(['CN=client,O=Example', null]);
});

test('names that could be taken for others', async () => {
  const CN = 'evil\0,CN=admin\n"\u202Enimda';
  const { info } = await inspect(root.issue({ subject: { CN }, more: [extensions.subjectAltName([altName.dns('a.test\0.evil.test')])] }));
  expect(info.certificate.subject.get('CN')).toEqual([CN]);
  expect(info.certificate.subject.toString()).toBe('CN=evil\\00\\,CN=admin\\0A\\"\\E2\\80\\AEnimda');
  expect(info.certificate.subjectAltNames).toEqual([{ type: 'dns', value: 'a.test\0.evil.test' }]);
});

describe('clients other than Node.js', () => {
  const client = root.issue({ subject: { CN: 'Ada' } });
  let folder;
  beforeAll(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'client-cert-info-'));
    fs.writeFileSync(path.join(folder, 'client.pem'), client.cert + client.key);
  });
  afterAll(() => fs.rmSync(folder, { recursive: true }));

  /** @type {Array<[string, (port: number, file: string) => string[]]>} */
  const clients = [
    ['curl', (port, file) => ['-sk', '--cert', file, `https://127.0.0.1:${port}/`]],
    ['openssl', (port, file) => ['s_client', '-connect', `127.0.0.1:${port}`, '-cert', file, '-key', file, '-quiet', '-ign_eof']],
  ];
  for (const [command, args] of clients) {
    testWith(command)(command, async () => {
      let seen;
      const { port } = await network.server(options, (socket) => {
        seen = getClientCertInfo(socket);
      });
      // What they make of an answer that is no HTTP does not matter.
      await promisify(execFile)(command, args(port, path.join(folder, 'client.pem'))).catch(() => {});
      expect(seen.valid).toBe(true);
      expect(seen.certificate.subject.toString()).toBe('CN=Ada');
    });
  }

  testWith('curl')('curl is answered though its verification left errors behind', async () => {
    const intermediate = new Authority('Intermediate', { issuer: root });
    const orphan = intermediate.issue();
    fs.writeFileSync(path.join(folder, 'orphan.pem'), orphan.cert + orphan.key);
    const server = https.createServer(
      { ...options, crl: [root.crl(), intermediate.crl()], requestCert: true, rejectUnauthorized: false },
      (request, response) => response.end(getClientCertInfo(request).certFlagsName),
    );
    const errors = [];
    server.on('clientError', (error, socket) => {
      errors.push(error);
      socket.destroy();
    });
    const port = await network.listen(server);
    const { stdout } = await promisify(execFile)('curl', ['-sk', '--cert', path.join(folder, 'orphan.pem'), `https://127.0.0.1:${port}/`]);
    expect(stdout).toBe('CERT_E_CHAINING');
    expect(errors).toEqual([]);
  });
});
