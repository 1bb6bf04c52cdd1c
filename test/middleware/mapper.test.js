'use strict';
// The `mapper` option of the middleware: a certificate becomes an account, and the account's token lives as long as the request.

const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const http2 = require('node:http2');
const https = require('node:https');
const os = require('node:os');
const path = require('node:path');
const consumers = require('node:stream/consumers');
const tls = require('node:tls');

const express = require('express');
const fastify = require('fastify');

const { altName, extensions } = require('../support/certificate-builder.js');
const { ACCOUNTS, describeAsRoot } = require('../support/accounts.js');
const { Authority, daysFromNow } = require('../support/pki.js');
const { Network } = require('../support/tls.js');
const { AccessToken, AccountMapper, getClientCertInfo } = require('../..');
const { authenticate, clientCertificate } = require('../../lib/express.js');
const clientCertInfo = require('../../lib/fastify.js');

const root = new Authority('root');
const server = root.issueServer(['localhost']);
const tlsOptions = { key: server.key, cert: server.cert, ca: root.pem, requestCert: true, rejectUnauthorized: false };

/** Three people by three sources; each `account` is of the system. */
const people = {
  alice: { ...root.issue({ subject: { CN: 'alice' }, more: [extensions.subjectAltName([altName.email(`${ACCOUNTS.alice.name}@example.org`)])] }) },
  bob: { ...root.issue({ subject: { O: 'Example', CN: 'Bob' } }) },
  carol: { ...root.issue({ subject: { CN: 'carol' } }) },
};
const stranger = root.issue({ subject: { CN: 'stranger' } });
const locked = root.issue({ subject: { CN: 'locked' } });
const expired = root.issue({ subject: { CN: 'carol' }, notBefore: daysFromNow(-9), notAfter: daysFromNow(-1) });

const mapperOptions = () => ({
  rules: [{ matchrule: '<SAN:rfc822Name>.*@example\\.org', maprule: '{subject_rfc822_name.short_name}', name: 'mail' }],
  gridmap: { text: `"/O=Example/CN=Bob" ${ACCOUNTS.bob.name}\n` },
  resolve: async ({ certificate }) => ({ carol: ACCOUNTS.carol.name, locked: ACCOUNTS.locked.name })[certificate.subject.get('CN')[0]] ?? null,
});

let network;
beforeEach(() => {
  network = new Network();
});
afterEach(() => network.end());

/** @param {number} port @param {{ key: string, cert: string }} person @param {string} url @returns {Promise<{ status: number, body: any }>} */
function get(port, { key, cert }, url) {
  return new Promise((resolve, reject) => {
    const request = https.get({ port, host: '127.0.0.1', path: url, key, cert, rejectUnauthorized: false, agent: false }, async (response) => {
      let text = '';
      for await (const chunk of response.setEncoding('utf8')) text += chunk;
      resolve({ status: response.statusCode, body: JSON.parse(text) });
    });
    request.on('error', reject);
  });
}

/** What the application does: reads a file as whoever asks. */
async function readAs(info, file) {
  const { name, impersonationLevel } = info.token;
  const result = await info.token.fs.readFile(file, 'utf8').catch(({ code }) => code);
  return { name, level: impersonationLevel, rule: info.mapping.rule, result };
}

const frameworks = {
  async express(options, folder, seen) {
    const app = express();
    app.use(clientCertificate(options));
    app.get('/:file', async (request, response) => {
      seen?.push(request.clientCert);
      response.json(request.clientCert.token && (await readAs(request.clientCert, path.join(folder, request.params.file))));
    });
    return network.listen(https.createServer(tlsOptions, app));
  },
  async fastify(options, folder, seen) {
    const app = fastify({ https: tlsOptions });
    await app.register(clientCertInfo, options);
    app.get('/:file', async (request) => {
      seen?.push(request.clientCert);
      return request.clientCert.token && readAs(request.clientCert, path.join(folder, request.params.file));
    });
    await app.listen({ port: 0, host: '127.0.0.1' });
    network.atEnd(() => app.close());
    return app.server.address().port;
  },
};

describeAsRoot('mapper', () => {
  let folder;

  beforeAll(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'client-cert-info-mapper-'));
    fs.chmodSync(folder, 0o755);
    const team = (await AccessToken.forAccount(ACCOUNTS.carol.name)).groups.at(-1);
    for (const who of Object.keys(people)) {
      const { uid, gid } = await AccessToken.forAccount(ACCOUNTS[who].name);
      fs.writeFileSync(path.join(folder, who), `of ${who}`, { mode: 0o600 });
      fs.chownSync(path.join(folder, who), uid, gid);
    }
    const { uid } = await AccessToken.forAccount(ACCOUNTS.alice.name);
    fs.writeFileSync(path.join(folder, 'team'), 'of the team', { mode: 0o640 });
    fs.chownSync(path.join(folder, 'team'), uid, team);
  });

  afterAll(() => fs.rmSync(folder, { recursive: true }));

  const identities = () => new Set(fs.readdirSync('/proc/self/task').map((task) => /^Uid:.*\nGid:.*$/m.exec(fs.readFileSync(`/proc/self/task/${task}/status`, 'latin1'))[0]));

  test.each(Object.keys(frameworks))('%s: three people by three sources, each reads what is theirs', async (name) => {
    const before = identities();
    const mapper = new AccountMapper(mapperOptions());
    network.atEnd(() => mapper.close());
    const port = await frameworks[name]({ mapper }, folder);
    const rules = { alice: 'mail', bob: 'gridmap line 1', carol: 'resolve' };
    const visits = Object.keys(people).flatMap((who) => [...Object.keys(people), 'team'].map((file) => [who, file]));
    const answers = await Promise.all(visits.map(([who, file]) => get(port, people[who], `/${file}`)));
    for (const [i, [who, file]] of visits.entries()) {
      const mine = file === 'team' ? who !== 'bob' : file === who;
      const result = mine ? `of ${file === 'team' ? 'the team' : file}` : 'EACCES';
      expect(answers[i]).toEqual({ status: 200, body: { name: ACCOUNTS[who].name, level: 'impersonation', rule: rules[who], result } });
    }
    expect(identities()).toEqual(before);
  });

  test.each(Object.keys(frameworks))('%s: whoever is nobody is refused', async (name) => {
    const mapper = new AccountMapper(mapperOptions());
    network.atEnd(() => mapper.close());
    const rejected = [];
    const port = await frameworks[name]({ mapper, onRejected: (info, _, reason) => void rejected.push([reason, info?.mapping?.reason, info?.certDeniedByMapper, info?.certFlags]) }, folder);
    expect(await get(port, stranger, '/alice')).toEqual({ status: 403, body: { error: 'account_required' } });
    expect(await get(port, locked, '/alice')).toEqual({ status: 403, body: { error: 'account_denied' } });
    expect(await get(port, expired, '/alice')).toEqual({ status: 403, body: { error: 'certificate_invalid' } });
    expect(await get(port, {}, '/alice')).toEqual({ status: 403, body: { error: 'certificate_required' } });
    expect(rejected).toEqual([
      ['account_required', 'no_rule_matches', false, 0],
      ['account_denied', 'account_locked', true, 0],
      ['certificate_invalid', undefined, false, 0x800b0101],
      ['certificate_required', undefined, undefined, undefined],
    ]);
  });

  test('required: false lets pass whom the mapper does not know, and not whom it denies', async () => {
    const mapper = new AccountMapper(mapperOptions());
    network.atEnd(() => mapper.close());
    const port = await frameworks.express({ mapper, required: false }, folder);
    expect(await get(port, stranger, '/alice')).toEqual({ status: 200, body: null });
    expect(await get(port, locked, '/alice')).toMatchObject({ status: 403 });
  });

  test.each(Object.keys(frameworks))('%s: each request has its own object, whose token is closed with the response', async (name) => {
    const mapper = new AccountMapper(mapperOptions());
    network.atEnd(() => mapper.close());
    const seen = [];
    let duplicate;
    const options = { mapper, onAuthenticated: (info, request) => {
      duplicate = info.getMappedAccessToken();
      const shared = getClientCertInfo(request.raw ?? request);
      expect([shared.token, shared.account, shared.mapping, shared.certFlags]).toEqual([null, null, null, info.certFlags]);
      expect(shared.certificate).toBe(info.certificate);
    } };
    const port = await frameworks[name](options, folder, seen);
    await get(port, people.alice, '/alice');
    await get(port, people.alice, '/alice');
    const [first, second] = seen;
    expect(first).not.toBe(second);
    while (!second.token.closed) await new Promise(setImmediate);
    expect([first.token.closed, first.account.name, first.valid]).toEqual([true, ACCOUNTS.alice.name, true]);
    expect(() => first.getMappedAccessToken()).toThrow(expect.objectContaining({ code: 'ERR_CLIENT_CERT_CLOSED' }));
    // The duplicate is the caller's.
    expect(duplicate.closed).toBe(false);
    expect(await duplicate.fs.readFile(path.join(folder, 'alice'), 'utf8')).toBe('of alice');
    duplicate.close();
    expect(JSON.parse(JSON.stringify(first))).toMatchObject({ account: { name: ACCOUNTS.alice.name }, certDeniedByMapper: false });
  });

  test('many requests at once on one HTTP/2 connection, some of which the client gives up', async () => {
    const mapper = new AccountMapper(mapperOptions());
    network.atEnd(() => mapper.close());
    const infos = [];
    const middleware = clientCertificate({ mapper });
    const listener = (request, response) =>
      middleware(request, response, async (error) => {
        if (error) throw error;
        infos.push(request.clientCert);
        if (request.url === '/never') return;
        const body = JSON.stringify(await readAs(request.clientCert, path.join(folder, 'carol')));
        if (!response.stream.destroyed) response.end(body);
      });
    const port = await network.listen(http2.createSecureServer(tlsOptions, listener));
    const { key, cert } = people.carol;
    const session = http2.connect(`https://127.0.0.1:${port}`, { key, cert, rejectUnauthorized: false });
    network.atEnd(() => session.destroy());
    const one = async (url) => {
      const stream = session.request({ ':path': url });
      stream.on('error', () => {});
      if (url === '/never') {
        stream.end();
        while (!infos.length) await new Promise(setImmediate);
        stream.close(http2.constants.NGHTTP2_CANCEL);
        return null;
      }
      let text = '';
      for await (const chunk of stream.setEncoding('utf8')) text += chunk;
      return JSON.parse(text).result;
    };
    const results = await Promise.all(Array.from({ length: 100 }, (_, i) => one(i % 10 ? `/${i}` : '/never')));
    expect(results.filter((result) => result === 'of carol')).toHaveLength(90);
    while (infos.length < 100 || !infos.every(({ token }) => token.closed)) await new Promise(setImmediate);
    expect(new Set(infos.map(({ token }) => token)).size).toBe(100);
  });

  test('a response that waits for its turn on a connection that is gone', async () => {
    const mapper = new AccountMapper(mapperOptions());
    network.atEnd(() => mapper.close());
    const infos = [];
    const middleware = clientCertificate({ mapper });
    const port = await network.listen(https.createServer(tlsOptions, (request, response) => middleware(request, response, () => infos.push(request.clientCert))));
    const { key, cert } = people.carol;
    const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false, key, cert });
    await once(socket, 'secureConnect');
    socket.write('GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n');
    while (infos.length < 2) await new Promise(setImmediate);
    expect(infos.map(({ token }) => token.closed)).toEqual([false, false]);
    socket.destroy();
    while (!infos.every(({ token }) => token.closed)) await new Promise(setImmediate);
  });

  test('the same server without privileges identifies, and refuses to act', async () => {
    const pem = path.join(folder, 'server.json');
    fs.writeFileSync(pem, JSON.stringify(tlsOptions));
    const program = path.join(__dirname, '../support/mapping-server.js');
    const child = spawn('setpriv', ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, program, pem, ACCOUNTS.carol.name, folder], { stdio: ['pipe', 'pipe', 'inherit'] });
    network.atEnd(() => child.kill());
    const [port] = await once(child.stdout.setEncoding('utf8'), 'data');
    expect(await get(Number(port), people.carol, '/carol')).toEqual({
      status: 200,
      body: { name: ACCOUNTS.carol.name, level: 'identification', rule: 'resolve', result: 'ERR_CLIENT_CERT_BAD_IMPERSONATION_LEVEL' },
    });
    child.stdin.end();
    await once(child, 'exit');
  });

  test.each([[{}], [{ map() {} }], [null], ['mapper']])('%j is no mapper', (mapper) => {
    expect(() => clientCertificate({ mapper })).toThrow(TypeError);
  });
});

describeAsRoot('a ticket, after other middleware has found a certificate', () => {
  test('nobody is two', async () => {
    const mapper = new AccountMapper({ ...mapperOptions(), rules: [...mapperOptions().rules, { principal: '{name}', mechanism: 'Basic', account: '{name}' }] });
    const application = express();
    application.use(clientCertificate({ mapper, required: false }), authenticate({ negotiate: { mechanisms: [], basic: { realm: 'r', verifyPassword: () => true }, mapper } }));
    application.use((request, response) => response.json({ authInfo: request.authInfo.account.name, clientCert: request.clientCert }));
    const port = await network.listen(https.createServer(tlsOptions, application));
    const { cert, key } = people.alice;
    const authorization = `Basic ${Buffer.from(`${ACCOUNTS.bob.name}:x`).toString('base64')}`;
    const [response] = await once(https.get({ port, host: '127.0.0.1', rejectUnauthorized: false, agent: false, cert, key, headers: { authorization } }), 'response');
    expect(JSON.parse(await consumers.text(response))).toEqual({ authInfo: ACCOUNTS.bob.name, clientCert: null });
  });
});
