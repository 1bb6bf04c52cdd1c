'use strict';
// Every example of the README is run as it stands there, as a user would: from a folder of its own.

const { spawn, spawnSync } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { text } = require('node:stream/consumers');
const tls = require('node:tls');

const { visit } = require('../../demo/clients.js');
const { ACCOUNTS, describeAsRoot } = require('../support/accounts.js');
const { Kdc } = require('../support/kdc.js');
const { describeWithKerberos } = require('../support/negotiate.js');
const { Authority } = require('../support/pki.js');
const { Network } = require('../support/tls.js');
const { testWith } = require('../support/tools.js');

const root = path.join(__dirname, '../..');
const readme = fs.readFileSync(path.join(root, 'README.md'), 'utf8');
const examples = new Map(
  readme.split('<!-- example: ').slice(1).map((part) => {
    const [head, code] = part.split('```', 2);
    return [head.split(' ', 1)[0], code.replace(/^js\n/, '')];
  }),
);
const authority = new Authority('Client CA');
const server = authority.issueServer(['localhost']);
const ada = authority.issue({ subject: { O: 'Example', CN: 'Ada' } });
const elsewhere = authority.issue({ subject: { O: 'Elsewhere', CN: 'Bob' } });
const stranger = new Authority('Stranger').issue();

let folder;
let child;
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'client-cert-info-readme-'));
  fs.mkdirSync(path.join(folder, 'node_modules'));
  fs.symlinkSync(root, path.join(folder, 'node_modules', 'client-cert-info'));
  for (const name of ['express', 'fastify']) {
    fs.symlinkSync(path.join(root, 'node_modules', name), path.join(folder, 'node_modules', name));
  }
  fs.writeFileSync(path.join(folder, 'server-key.pem'), server.key);
  fs.writeFileSync(path.join(folder, 'server.pem'), server.cert);
  fs.writeFileSync(path.join(folder, 'client-ca.pem'), authority.pem);
  fs.mkdirSync(path.join(folder, 'crls'));
  fs.writeFileSync(path.join(folder, 'crls', 'client-ca.crl'), authority.crl([elsewhere]));
});
afterAll(() => fs.rmSync(folder, { recursive: true }));
afterEach(async () => {
  child?.kill();
  if (child?.exitCode === null && child.signalCode === null) await once(child, 'exit');
});

/** @param {string} name of the example @returns {Promise<number>} the port that it listens on */
async function start(name, env = process.env) {
  fs.writeFileSync(path.join(folder, name), examples.get(name));
  child = spawn(process.execPath, [name], { cwd: folder, env: { ...env, PORT: '0' }, stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
  return Number(line.match(/port (\d+)/)[1]);
}

test('all of them are found', () => {
  expect([...examples.keys()]).toEqual(['express.js', 'fastify.mjs', 'tls.js', 'verifier.js', 'mapper.js', 'on-demand.js', 'client.js', 'negotiate.js']);
  expect(readme.split('```js').length - 1).toBe(examples.size);
});

test.each(['express.js', 'fastify.mjs'])('%s', async (name) => {
  const port = await start(name);
  expect(await visit(port, ada, '/')).toMatchObject({ status: 200, body: expect.stringMatching(/^{"hello":\["Ada"\]/) });
  const refused = (error) => ({ status: 403, body: JSON.stringify({ error }) });
  expect(await visit(port, {}, '/')).toMatchObject(refused('certificate_required'));
  expect(await visit(port, stranger, '/')).toMatchObject(refused('certificate_invalid'));
  expect(await visit(port, elsewhere, '/')).toMatchObject(refused('certificate_not_allowed'));
});

test('tls.js', async () => {
  const port = await start('tls.js');
  const hear = async (credential) => {
    const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...credential });
    let heard = '';
    for await (const chunk of socket.setEncoding('utf8')) heard += chunk;
    return heard;
  };
  expect(await hear(ada)).toBe('hello CN=Ada,O=Example\n');
  expect(await hear({})).toBe('who are you?\n');
  expect(await hear(stranger)).toBe('CERT_E_CHAINING: ISSUER_NOT_FOUND\n');
});

test('verifier.js', async () => {
  const port = await start('verifier.js');
  const ask = async (credential) => (await visit(port, credential, '/')).body;
  expect(await ask(ada)).toBe('hello CN=Ada,O=Example\n');
  expect(await ask({})).toBe('who are you?\n');
  expect(await ask(elsewhere)).toBe('CERT_REVOKED\n');
  expect(await ask(stranger)).toBe('ISSUER_NOT_FOUND\n');
});

testWith('curl').each([['TLSv1.2', 'tls-unique'], ['TLSv1.3', 'tls-exporter']])('on-demand.js over %s', async (protocol, type) => {
  const port = await start('on-demand.js');
  for (const [name, content] of [['ada.pem', ada.cert], ['ada-key.pem', ada.key]]) fs.writeFileSync(path.join(folder, name), content);
  const version = protocol === 'TLSv1.2' ? ['--tlsv1.2', '--tls-max', '1.2'] : ['--tlsv1.3'];
  const curl = async (...more) => {
    const asking = spawn('curl', ['-sS', '--http1.1', '--cacert', 'client-ca.pem', ...version, ...more], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    for await (const chunk of asking.stdout.setEncoding('utf8')) said += chunk;
    return said;
  };
  const site = `https://localhost:${port}`;
  expect(await curl(`${site}/`)).toBe('welcome');
  expect(await curl('--cert', 'ada.pem', '--key', 'ada-key.pem', `${site}/files`)).toBe(JSON.stringify({ hello: ['Ada'], secStatusName: 'SEC_E_OK', protocol, type }));
  expect(await curl(`${site}/files`)).toBe('{"error":"certificate_required"}');
});

test('client.js', async () => {
  const port = await start('express.js');
  fs.mkdirSync(path.join(folder, 'credentials'));
  for (const [name, content] of [['ada.pem', ada.cert], ['ada.key', ada.key], ['stranger.pem', stranger.cert + stranger.key]]) fs.writeFileSync(path.join(folder, 'credentials', name), content);
  fs.writeFileSync(path.join(folder, 'server-ca.pem'), authority.pem);
  fs.writeFileSync(path.join(folder, 'client.js'), examples.get('client.js'));
  const client = spawn(process.execPath, ['client.js'], { cwd: folder, env: { ...process.env, URL: `https://localhost:${port}/` }, stdio: ['ignore', 'pipe', 'inherit'] });
  expect(await text(client.stdout)).toMatch(/^{"hello":\["Ada"\]/);
});

describeAsRoot('with accounts', () => {
  describeWithKerberos('and tickets', () => {
    test('negotiate.js', async () => {
      const network = new Network();
      try {
        const kdc = new Kdc(folder);
        await kdc.start(network);
        const { name } = ACCOUNTS.alice;
        kdc.addUser(name, 'secret');
        kdc.addService('HTTP/localhost', 'http.keytab');
        const port = await start('negotiate.js', kdc.env());
        const curl = (...more) => JSON.parse(kdc.run('curl', ['-sS', '--http1.1', '--cacert', path.join(folder, 'client-ca.pem'), ...more, `https://localhost:${port}/`], { cache: kdc.login(name, 'secret') }));
        const byTicket = curl('--negotiate', '-u', ':');
        expect(byTicket).toEqual({ account: name, uid: expect.any(Number), packageName: 'Kerberos' });
        expect(JSON.parse((await visit(port, authority.issue({ subject: { CN: name } }), '/')).body)).toEqual({ ...byTicket, packageName: 'TLS' });
        expect(await visit(port, {}, '/')).toMatchObject({ status: 401, body: JSON.stringify({ error: 'authentication_required' }) });
      } finally {
        await network.end();
      }
    });
  });

  test('mapper.js', async () => {
    fs.chmodSync(folder, 0o755);
    const port = await start('mapper.js');
    const write = (who, owner) => {
      const file = path.join(folder, `notes-of-${who}.txt`);
      fs.writeFileSync(file, `notes of ${who}`, { mode: 0o600 });
      const { status } = spawnSync('chown', [owner, file]);
      expect(status).toBe(0);
    };
    write(ACCOUNTS.alice.name, ACCOUNTS.alice.name);
    write(ACCOUNTS.bob.name, 'root');
    const as = (name) => visit(port, authority.issue({ subject: { CN: name } }), '/');
    expect(await as(ACCOUNTS.alice.name)).toMatchObject({ status: 200, body: `notes of ${ACCOUNTS.alice.name}` });
    // A file that the user may not read, though the server might.
    expect(await as(ACCOUNTS.bob.name)).toMatchObject({ status: 500 });
    expect(await as('nobody-has-this-name')).toMatchObject({ status: 403, body: JSON.stringify({ error: 'account_denied' }) });
    expect(await as('root')).toMatchObject({ status: 403, body: JSON.stringify({ error: 'account_denied' }) });
  });
});
