'use strict';
// Every example of the README, and those of the documentation of servers, are run as they stand there, as a user would: from a folder of its own.

const { spawn, spawnSync } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { text } = require('node:stream/consumers');
const tls = require('node:tls');

const WebSocket = require('ws');

const { visit } = require('../../demo/clients.js');
const { ACCOUNTS, describeAsRoot } = require('../support/accounts.js');
const { Kdc } = require('../support/kdc.js');
const { describeWithKerberos } = require('../support/negotiate.js');
const { Authority } = require('../support/pki.js');
const { Network } = require('../support/tls.js');
const { testWith } = require('../support/tools.js');

const root = path.join(__dirname, '../..');
const readText = (file) => fs.readFileSync(path.join(root, file), 'utf8');
const readme = readText('README.md');
const middleware = readText('docs/middleware.md');

/** @param {string} document @returns {Map<string, string>} */
const examplesOf = (document) =>
  new Map(
    document.split('<!-- example: ').slice(1).map((part) => {
      const [head, code] = part.split('```', 2);
      return [head.split(' ', 1)[0], code.replace(/^[jt]s\n/, '')];
    }),
  );
const inReadme = examplesOf(readme);
const examples = new Map([readme, readText('docs/connections.md'), middleware].flatMap((document) => [...examplesOf(document)]));
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
  for (const name of ['express', 'fastify', 'ws', '@types']) {
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
  expect([...inReadme.keys()]).toEqual(['express.js', 'fastify.mjs', 'tls.js', 'verifier.js', 'mapper.js', 'on-demand.js', 'client.js', 'negotiate.js']);
  expect(readme.split('```js').length - 1).toBe(inReadme.size);
  expect([...examples.keys()].slice(inReadme.size)).toEqual(['upgrade.js', 'proxy.js', 'express.ts', 'routes.test.js']);
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

test('upgrade.js', async () => {
  const grace = authority.issue({ subject: { O: 'Example', CN: 'Grace' } });
  const port = await start('upgrade.js');
  const open = ({ cert, key }) => new WebSocket(`wss://127.0.0.1:${port}`, { rejectUnauthorized: false, cert, key });
  for (const refused of [{}, stranger, elsewhere]) {
    const [, response] = await once(open(refused), 'unexpected-response');
    expect(response.statusCode).toBe(403);
    response.destroy();
  }
  const socket = open(grace);
  const closed = once(socket, 'close');
  const [greeting] = await once(socket, 'message');
  expect(String(greeting)).toBe('hello CN=Grace,O=Example');
  const crl = path.join(folder, 'crls', 'client-ca.crl');
  fs.writeFileSync(`${crl}.new`, authority.crl([elsewhere, grace]));
  fs.renameSync(`${crl}.new`, crl);
  await closed;
  expect(child.exitCode).toBeNull();
});

test('proxy.js', async () => {
  const port = await start('proxy.js');
  const ask = async (headers) => {
    const response = await fetch(`http://127.0.0.1:${port}/`, { headers });
    return `${response.status} ${await response.text()}`;
  };
  const field = ({ der }) => `:${der.toString('base64')}:`;
  const refused = '403 who are you?\n';
  expect(await ask({ 'client-cert': field(ada) })).toBe('200 hello CN=Ada,O=Example\n');
  for (const wrong of [field(elsewhere), field(stranger), `${field(ada)}, ${field(ada)}`, ':AAAA:', '']) expect(await ask({ 'client-cert': wrong })).toBe(refused);
  expect(await ask({})).toBe(refused);
});

test('express.ts', () => {
  fs.writeFileSync(path.join(folder, 'express.ts'), examples.get('express.ts'));
  const compilerOptions = { target: 'es2022', module: 'node16', moduleResolution: 'node16', types: ['node'], strict: true, esModuleInterop: true, noEmit: true };
  fs.writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['express.ts'] }));
  const { status, stdout } = spawnSync(process.execPath, [path.join(root, 'node_modules/typescript/bin/tsc'), '-p', folder], { encoding: 'utf8' });
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
}, 60_000);

testWith('openssl')('routes.test.js', () => {
  const own = path.join(folder, 'routes');
  fs.mkdirSync(own);
  fs.writeFileSync(path.join(own, 'routes.test.js'), examples.get('routes.test.js'));
  const commands = middleware.split('## Testing routes')[1].split('```', 1)[0].match(/^ {4}.+$/gm).join('\n');
  const run = (program, ...args) => {
    const { status, stdout, stderr } = spawnSync(program, args, { cwd: own, encoding: 'utf8' });
    return { status, said: stdout + stderr };
  };
  expect(run('sh', '-ec', commands)).toMatchObject({ status: 0 });
  expect(run(process.execPath, '--test', 'routes.test.js')).toEqual({ status: 0, said: expect.stringMatching(/\bpass 1\b/) });
}, 60_000);

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
