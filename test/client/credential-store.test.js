'use strict';
// The store that chooses: over real handshakes, from texts, files, folders and functions.

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { text } = require('node:stream/consumers');
const tls = require('node:tls');

const { extensions } = require('../support/certificate-builder.js');
const { Authority, daysFromNow } = require('../support/pki.js');
const { Network, VERSIONS, only } = require('../support/tls.js');
const { testWith } = require('../support/tools.js');
const { createCredentialStore, getClientCertInfo, queryClientCert } = require('../..');

const root = new Authority('root');
const other = new Authority('other');
const server = root.issueServer(['localhost', 'elsewhere']);
const of = (authority, name, days, more = {}) => authority.issue({ subject: { CN: name }, notAfter: daysFromNow(days), ...more });
const short = of(root, 'short', 5);
const long = of(root, 'long', 50);
const stranger = of(other, 'stranger', 500);
const past = of(root, 'past', -1);
const entry = ({ cert, key }) => ({ cert, key });

let network;
let folder;
beforeEach(() => {
  network = new Network();
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'client-cert-info-store-'));
});
afterEach(async () => {
  await network.end();
  fs.rmSync(folder, { recursive: true });
});

const fifo = (name) => {
  const file = path.join(folder, name);
  execFileSync('mkfifo', [file]);
  return file;
};
const write = (name, content) => {
  fs.writeFileSync(path.join(folder, name), content);
  return path.join(folder, name);
};

/** A server that trusts `authorities`; each call of what it gives makes a connection, and says who the client was. */
async function serving({ authorities = [root.pem], version } = {}) {
  const listening = tls.createServer({ key: server.key, cert: server.cert, ca: authorities, requestCert: true, rejectUnauthorized: false, ...(version && only(version)) }, (socket) => {
    socket.end(String(getClientCertInfo(socket)?.certificate.subject.get('CN') ?? 'nobody'));
  });
  const port = await network.listen(listening);
  return async (store, servername = 'localhost') => {
    const socket = tls.connect({ port, host: '127.0.0.1', servername, secureContext: queryClientCert({ ca: root.pem }, store) });
    return text(socket);
  };
}

describe.each(VERSIONS)('%s', (version) => {
  test.each([
    ['the one that is valid longest', [short, long], [root], 'long'],
    ['in any order', [long, short], [root], 'long'],
    ['only of a CA that the server names', [stranger, short], [root], 'short'],
    ['of any that it names', [stranger, short], [root, other], 'stranger'],
    ['never an expired one', [past, short], [root], 'short'],
    ['nobody, where none would do', [stranger, past], [root], 'nobody'],
    ['nobody, where there is none', [], [root], 'nobody'],
  ])('%s', async (_, credentials, authorities, expected) => {
    const visit = await serving({ version, authorities: authorities.map(({ pem }) => pem) });
    expect(await visit(createCredentialStore(credentials.map(entry)))).toBe(expected);
  });
});

describe('files', () => {
  test('PEM in two, PEM in one, PFX', async () => {
    const visit = await serving();
    const [cert, key] = [write('a.pem', short.cert), write('a.key', short.key)];
    expect(await visit(createCredentialStore([{ certFile: cert, keyFile: key }]))).toBe('short');
    expect(await visit(createCredentialStore([{ certFile: write('both.pem', short.cert + short.key) }]))).toBe('short');
    const pfx = path.join(folder, 'a.pfx');
    execFileSync('openssl', ['pkcs12', '-export', '-in', cert, '-inkey', key, '-out', pfx, '-passout', 'pass:secret'], { stdio: 'ignore' });
    expect(await visit(createCredentialStore([{ pfxFile: pfx, passphrase: 'secret' }]))).toBe('short');
    expect(await visit(createCredentialStore([{ pfx: fs.readFileSync(pfx), passphrase: 'secret' }]))).toBe('short');
  });

  test('what has changed is read again', async () => {
    const visit = await serving();
    const store = createCredentialStore([{ certFile: write('a.pem', short.cert), keyFile: write('a.key', short.key) }]);
    expect(await visit(store)).toBe('short');
    write('a.pem', long.cert);
    write('a.key', long.key);
    expect(await visit(store)).toBe('long');
  });

  test.each([
    ['is missing', () => ({ certFile: path.join(folder, 'none.pem') }), 'ERR_CLIENT_CERT_UNREADABLE'],
    ['is a FIFO, which nobody writes into', () => ({ certFile: fifo('fifo.pem') }), 'ERR_CLIENT_CERT_UNREADABLE'],
    ['is a folder', () => ({ certFile: folder }), 'ERR_CLIENT_CERT_UNREADABLE'],
    ['is huge', () => ({ certFile: write('huge.pem', Buffer.alloc(1024 * 1024 + 1)) }), 'ERR_CLIENT_CERT_UNREADABLE'],
    ['has no certificate', () => ({ certFile: write('x.pem', 'text') }), 'ERR_CLIENT_CERT_MALFORMED'],
    ['has no key, which is told by its name', () => ({ certFile: write('alone.pem', short.cert) }), 'ERR_CLIENT_CERT_BAD_CREDENTIAL', /no private key in .*alone\.pem: keyFile/],
    ['is no PFX', () => ({ pfxFile: write('x.pfx', 'text') }), 'ERR_CLIENT_CERT_PASSPHRASE'],
  ])('one that %s ends the connection that needs it', async (_, make, code, message = /./) => {
    const visit = await serving();
    await expect(visit(createCredentialStore([make(), entry(short)]))).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });
});

describe('a folder', () => {
  test('as it is when somebody asks', async () => {
    const visit = await serving();
    const store = createCredentialStore([{ directory: folder }]);
    expect(await visit(store)).toBe('nobody');
    write('a.pem', short.cert);
    write('a-key.pem', short.key);
    expect(await visit(store)).toBe('short');
    write('b.crt', long.cert + long.key);
    expect(await visit(store)).toBe('long');
    fs.rmSync(path.join(folder, 'b.crt'));
    expect(await visit(store)).toBe('short');
    write('readme.txt', 'no credential');
    expect(await visit(store)).toBe('short');
  });

  test('what cannot be read there is left out, with one warning', async () => {
    const visit = await serving();
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {});
    write('a.pem', short.cert);
    write('a.key', short.key);
    write('broken.pem', 'nothing');
    write('broken.p12', 'nothing');
    fifo('waiting.pem');
    const store = createCredentialStore([{ directory: folder }]);
    expect([await visit(store), await visit(store)]).toEqual(['short', 'short']);
    expect(warn.mock.calls.map(([message, { code }]) => [code, message.includes('secret')])).toEqual(Array(3).fill(['CLIENT_CERT_LEFT_OUT', false]));
    warn.mockRestore();
  });

  test('that is missing ends the connection', async () => {
    const visit = await serving();
    await expect(visit(createCredentialStore([{ directory: path.join(folder, 'none') }]))).rejects.toMatchObject({ code: 'ERR_CLIENT_CERT_UNREADABLE' });
  });
});

describe('a function', () => {
  test.each([['at once', (list) => list], ['later', async (list) => list]])('that lists %s, each time anew', async (_, when) => {
    const visit = await serving();
    let there = [entry(short)];
    const store = createCredentialStore([{ list: () => when(there) }]);
    expect(await visit(store)).toBe('short');
    there = [{ certFile: write('l.pem', long.cert + long.key) }];
    expect(await visit(store)).toBe('long');
    there = [];
    expect(await visit(store)).toBe('nobody');
  });

  test('that fails, or lists nothing of use', async () => {
    const visit = await serving();
    const error = new Error('the reader is gone');
    await expect(visit(createCredentialStore([{ list: () => Promise.reject(error) }]))).rejects.toBe(error);
    await expect(visit(createCredentialStore([{ list: () => 'x' }]))).rejects.toThrow(/list must give an array/);
    await expect(visit(createCredentialStore([{ list: () => [{ cart: 'x' }] }]))).rejects.toThrow(/did you mean 'cert'/);
  });
});

test('remembers what a server was shown, for that server, as long as it will do', async () => {
  const visit = await serving();
  let there = [entry(short)];
  const store = createCredentialStore([{ list: () => there }], { remember: true });
  expect(await visit(store)).toBe('short');
  there = [entry(short), entry(long)];
  expect(await visit(store)).toBe('short');
  expect(await visit(store, 'elsewhere')).toBe('long');
  store.forget('elsewhere');
  expect(await visit(store)).toBe('short');
  store.forget();
  expect(await visit(store)).toBe('long');
  there = [entry(short)];
  expect(await visit(store)).toBe('short');
  const forgetful = createCredentialStore([{ list: () => there }]);
  expect(await visit(forgetful)).toBe('short');
  there = [entry(short), entry(long)];
  expect(await visit(forgetful)).toBe('long');
});

test.each([
  ['no array', [undefined], TypeError],
  ['an entry that is none', [[5]], TypeError],
  ['an empty entry', [[{}]], /has one of list, directory/],
  ['two in one', [[{ certFile: 'a', pfxFile: 'b' }]], /has one of/],
  ['an unknown member', [[{ certfile: 'a' }]], /did you mean 'certFile'/],
  ['no path', [[{ directory: 5 }]], /must be a path/],
  ['no function', [[{ list: [] }]], /list must be a function/],
  ['an unknown option', [[], { remembers: true }], /did you mean 'remember'/],
  ['remember that is no boolean', [[], { remember: 'yes' }], /must be a boolean/],
  ['a certificate that is none', [[{ cert: 'text', key: 'text' }]], /there is no certificate in it/],
])('%s is refused at once', (_, args, error) => expect(() => createCredentialStore(...args)).toThrow(error));

testWith('openssl')('the key of a PFX whose certificate cannot be read is wiped', () => {
  const { native } = require('../../lib/native.js');
  const usage = extensions.keyUsage(['digitalSignature']);
  const twice = root.issue({ extensions: [usage, usage] });
  const [cert, key, pfx] = [write('twice.pem', twice.cert), write('twice.key', twice.key), path.join(folder, 'twice.pfx')];
  execFileSync('openssl', ['pkcs12', '-export', '-in', cert, '-inkey', key, '-out', pfx, '-passout', 'pass:x'], { stdio: 'ignore' });
  const opened = jest.spyOn(native, 'openPfx');
  expect(() => createCredentialStore([{ pfx: fs.readFileSync(pfx), passphrase: 'x' }])).toThrow(expect.objectContaining({ code: 'ERR_CLIENT_CERT_MALFORMED' }));
  const [{ value }] = opened.mock.results;
  expect([value.key.length > 0, value.key.every((octet) => octet === 0)]).toEqual([true, true]);
  opened.mockRestore();
});
