'use strict';
// Who a request comes from: every outcome over real servers, by the function and by the middleware.

const { once } = require('node:events');
const { execFileSync } = require('node:child_process');
const http = require('node:http');
const http2 = require('node:http2');
const https = require('node:https');
const path = require('node:path');
const tls = require('node:tls');

const express = require('express');
const fastify = require('fastify');

const { ACCOUNTS, describeAsRoot } = require('../support/accounts.js');
const { Authority, daysFromNow } = require('../support/pki.js');
const { Network, VERSIONS, only } = require('../support/tls.js');
const { AccountMapper, AuthStatus, AuthType, ContextAttribute, RequestAuthInfo, SecStatus, SecurityContext, Verifier, getRequestAuthInfo } = require('../..');
const { problemKinds } = require('../../lib/constants.js');
const { clientCertificate } = require('../../lib/express.js');
const clientCertInfo = require('../../lib/fastify.js');

const root = new Authority('root');
const other = new Authority('other');
const server = root.issueServer(['localhost', 'other.example']);
const alice = root.issue({ subject: { CN: 'alice' } });
const expired = root.issue({ subject: { CN: 'late' }, notBefore: daysFromNow(-9), notAfter: daysFromNow(-1) });
const stranger = other.issue();
const revoked = root.issue({ subject: { CN: 'revoked' } });
const wrongUsage = root.issueServer(['client']);
const tlsOptions = { key: server.key, cert: server.cert, ca: root.pem, requestCert: true, rejectUnauthorized: false };

const { HttpAuthStatusSuccess, HttpAuthStatusNotAuthenticated, HttpAuthStatusFailure } = AuthStatus;
const { HttpRequestAuthTypeNone, HttpRequestAuthTypeClientCertificate } = AuthType;
const ONLY_ON_SUCCESS = ['flags', 'accessToken', 'contextAttributes', 'packedContext', 'packedContextLength', 'packedContextType', 'mutualAuthData', 'packageName', 'securityContext'];

let network;
beforeEach(() => {
  network = new Network();
});
afterEach(() => network.end());

/** @param {number} port @param {object} [more] @returns {Promise<{ status: number, headers: object, body: any }>} */
function get(port, { key, cert, path: url = '/', ...more } = {}) {
  return new Promise((resolve, reject) => {
    const request = https.get({ port, host: '127.0.0.1', path: url, key, cert, rejectUnauthorized: false, agent: false, ...more }, async (response) => {
      let text = '';
      for await (const chunk of response.setEncoding('utf8')) text += chunk;
      resolve({ status: response.statusCode, headers: response.headers, body: text && JSON.parse(text) });
    });
    request.on('error', reject);
  });
}

/** A server that shows what `look` makes of what getRequestAuthInfo says. */
async function asked(options, look, serverOptions = {}) {
  const listening = https.createServer({ ...tlsOptions, ...serverOptions }, async (request, response) => {
    try {
      response.end(JSON.stringify(await look(await getRequestAuthInfo(request, options), request)));
    } catch (error) {
      response.end(JSON.stringify({ error: error.code ?? error.name, message: error.message }));
    }
  });
  return network.listen(listening);
}

const summary = (info) => [info.authStatus, info.secStatusName, info.authType, ONLY_ON_SUCCESS.filter((name) => info[name] !== null)];
const SUCCESS = ['flags', 'contextAttributes', 'packedContext', 'packedContextLength', 'packedContextType', 'packageName', 'securityContext'];

describe.each(VERSIONS)('%s', (version) => {
  test.each([
    ['a valid certificate', alice, [HttpAuthStatusSuccess, 'SEC_E_OK', HttpRequestAuthTypeClientCertificate, SUCCESS]],
    ['none', {}, [HttpAuthStatusNotAuthenticated, 'SEC_E_NO_CREDENTIALS', HttpRequestAuthTypeNone, []]],
    ['one that was expired already', expired, [HttpAuthStatusFailure, 'SEC_E_CERT_EXPIRED', HttpRequestAuthTypeClientCertificate, []]],
    ['one of a CA that is not trusted', stranger, [HttpAuthStatusFailure, 'SEC_E_UNTRUSTED_ROOT', HttpRequestAuthTypeClientCertificate, []]],
    ['one that is not for clients', wrongUsage, [HttpAuthStatusFailure, 'SEC_E_CERT_WRONG_USAGE', HttpRequestAuthTypeClientCertificate, []]],
    ['a revoked one', revoked, [HttpAuthStatusFailure, 'SEC_E_SMARTCARD_CERT_REVOKED', HttpRequestAuthTypeClientCertificate, []]],
  ])('%s', async (_, { key, cert }, expected) => {
    const port = await asked({}, summary, { ...only(version), crl: root.crl([revoked]) });
    expect((await get(port, { key, cert })).body).toEqual(expected);
  });

  test('success has attributes, a context, and what was packed is answered by another process', async () => {
    const look = (info) => {
      const program = `
        const { SecurityContext } = require(${JSON.stringify(path.join(__dirname, '../..'))});
        const context = SecurityContext.unpack(Buffer.from(require('node:fs').readFileSync(0, 'utf8'), 'base64'));
        console.log(JSON.stringify([context.attributes, context.query('remoteCertificate').subject.toString(), context.query('connectionInfo').protocol]));`;
      const there = JSON.parse(execFileSync(process.execPath, ['-e', program], { input: info.packedContext.buffer.toString('base64'), encoding: 'utf8' }));
      return {
        there,
        flags: info.flags,
        mutualAuthData: info.mutualAuthData,
        packageName: info.packageName,
        isMutual: (info.contextAttributes & ContextAttribute.ASC_RET_MUTUAL_AUTH) !== 0,
        same: [info.contextAttributes === info.securityContext.attributes, info.packedContextLength === info.packedContext.length, info.packedContextType, Object.is(info.packedContext, info.packedContext)],
        lifespan: info.securityContext.query('lifespan').expiry.getTime() === info.clientCert.certificate.notAfter.getTime(),
        json: JSON.parse(JSON.stringify(info)),
      };
    };
    const { body } = await get(await asked({}, look, only(version)), alice);
    expect(body).toMatchObject({
      there: [body.json.contextAttributes, 'CN=alice', version],
      flags: 0,
      mutualAuthData: null,
      packageName: 'TLS',
      isMutual: true,
      same: [true, true, 1, true],
      lifespan: true,
      json: { authStatus: 0, secStatus: 0, secStatusName: 'SEC_E_OK', authType: 0x10000, flags: 0, packageName: 'TLS', account: null },
    });
  });

  test('a context that has expired since the handshake: authentication begins anew', async () => {
    let now = Date.now();
    const verifier = new Verifier({ ca: root.pem, clock: () => new Date(now) });
    const short = root.issue({ subject: { CN: 'short' }, notAfter: new Date(Math.floor(Date.now() / 1000) * 1000 + 3600_000) });
    const port = await asked({ verifier }, summary, only(version));
    const agent = new https.Agent({ keepAlive: true });
    network.atEnd(() => agent.destroy());
    expect((await get(port, { ...short, agent })).body[1]).toBe('SEC_E_OK');
    now += 2 * 3600_000;
    expect((await get(port, { ...short, agent })).body).toEqual([HttpAuthStatusNotAuthenticated, 'SEC_E_CONTEXT_EXPIRED', HttpRequestAuthTypeClientCertificate, []]);
    verifier.close();
  });

  test('the middleware ends the connection of an expired context, and the next one shows a certificate again', async () => {
    let now = Date.now();
    const verifier = new Verifier({ ca: root.pem, clock: () => new Date(now) });
    const short = root.issue({ subject: { CN: 'short' }, notAfter: new Date(Math.floor(Date.now() / 1000) * 1000 + 3600_000) });
    const app = express();
    app.use(clientCertificate({ verifier }));
    app.get('/', (request, response) => response.json([request.clientCert.certificate.subject.toString(), request.socket.isSessionReused()]));
    const listening = https.createServer({ ...tlsOptions, ...only(version) }, app);
    verifier.protect(listening);
    const port = await network.listen(listening);
    const agent = new https.Agent({ keepAlive: true, maxCachedSessions: 10 });
    network.atEnd(() => agent.destroy());
    expect((await get(port, { ...short, agent })).body).toEqual(['CN=short', false]);
    now += 2 * 3600_000;
    const refused = await get(port, { ...short, agent });
    expect([refused.status, refused.headers.connection, refused.body]).toEqual([403, 'close', { error: 'certificate_invalid' }]);
    // Whoever was merely wrong keeps the connection.
    const wrong = await get(port, { ...stranger, agent: new https.Agent({ keepAlive: true }) });
    expect([wrong.status, wrong.headers.connection]).toEqual([403, 'keep-alive']);
    verifier.close();
  });

  test('onDemand asks', async () => {
    const port = await asked({ onDemand: true }, summary, { ...only(version), requestCert: false });
    // A client of TLS 1.3 that Node.js makes does not offer it.
    const expected = version === 'TLSv1.2' ? [HttpAuthStatusSuccess, 'SEC_E_OK', HttpRequestAuthTypeClientCertificate, SUCCESS] : [HttpAuthStatusNotAuthenticated, 'SEC_E_NO_CREDENTIALS', HttpRequestAuthTypeNone, []];
    expect((await get(port, alice)).body).toEqual(expected);
    const without = await asked({}, summary, { ...only(version), requestCert: false });
    expect((await get(without, alice)).body[1]).toBe('SEC_E_NO_CREDENTIALS');
  });
});

test('each problem has its SEC_E_* value, and success is the only zero', () => {
  const values = new Set(Object.values(SecStatus));
  for (const { code, secStatus } of problemKinds.values()) expect([code, secStatus !== 0 && values.has(secStatus)]).toEqual([code, true]);
  // winerror.h
  expect(SecStatus).toMatchObject({
    SEC_E_OK: 0, SEC_E_LOGON_DENIED: 0x8009030c, SEC_E_NO_CREDENTIALS: 0x8009030e, SEC_E_CONTEXT_EXPIRED: 0x80090317, SEC_E_WRONG_PRINCIPAL: 0x80090322,
    SEC_E_UNTRUSTED_ROOT: 0x80090325, SEC_E_CERT_UNKNOWN: 0x80090327, SEC_E_CERT_EXPIRED: 0x80090328, SEC_E_ALGORITHM_MISMATCH: 0x80090331,
    SEC_E_CERT_WRONG_USAGE: 0x80090349, SEC_E_SMARTCARD_CERT_REVOKED: 0x80090351, SEC_E_ISSUING_CA_UNTRUSTED: 0x80090352, SEC_E_REVOCATION_OFFLINE_C: 0x80090353,
  });
});

test('a request to a host whose trust has not judged the client', async () => {
  const listening = https.createServer(tlsOptions, async (request, response) => response.end(JSON.stringify(summary(await getRequestAuthInfo(request)))));
  listening.addContext('other.example', tls.createSecureContext({ key: server.key, cert: server.cert, ca: other.pem }));
  const port = await network.listen(listening);
  const here = await get(port, { ...alice, servername: 'localhost', headers: { host: 'localhost' } });
  const there = await get(port, { ...alice, servername: 'localhost', headers: { host: 'other.example' } });
  expect([here.body[1], there.body]).toEqual(['SEC_E_OK', [HttpAuthStatusFailure, 'SEC_E_WRONG_PRINCIPAL', HttpRequestAuthTypeClientCertificate, []]]);
});

describeAsRoot('accounts', () => {
  const mapper = new AccountMapper({
    resolve: async ({ certificate }) => ({ alice: ACCOUNTS.alice.name, locked: ACCOUNTS.locked.name })[certificate.subject.get('CN')[0]] ?? null,
  });

  test('the token lives until the response has ended, and not a moment longer', async () => {
    const seen = [];
    const listening = https.createServer(tlsOptions, async (request, response) => {
      const info = await getRequestAuthInfo(request, { mapper });
      seen.push(info);
      response.write('[');
      await new Promise(setImmediate);
      response.end(JSON.stringify(`${info.accessToken.name} ${info.accessToken.closed} ${info.securityContext.query('names').userName}`).concat(']'));
    });
    const port = await network.listen(listening);
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
    network.atEnd(() => agent.destroy());
    const name = ACCOUNTS.alice.name;
    for (let i = 0; i < 3; i++) {
      expect((await get(port, { ...alice, agent })).body).toEqual([`${name} false ${name}`]);
      await new Promise(setImmediate);
      expect(seen[i].accessToken.closed).toBe(true);
    }
  });

  test('it ends with the connection, where that ends first', async () => {
    let info;
    const listening = https.createServer(tlsOptions, async (request) => {
      info = await getRequestAuthInfo(request, { mapper });
      listening.emit('asked');
    });
    const request = https.get({ port: await network.listen(listening), host: '127.0.0.1', ...alice, rejectUnauthorized: false, agent: false });
    request.on('error', () => {});
    await once(listening, 'asked');
    expect(info.accessToken.closed).toBe(false);
    request.destroy();
    while (!info.accessToken.closed) await new Promise(setImmediate);
  });

  test('over HTTP/2 it ends with its stream', async () => {
    let info;
    const listening = http2.createSecureServer(tlsOptions, async (request, response) => {
      info = await getRequestAuthInfo(request, { mapper });
      response.end(String(info.accessToken.closed));
    });
    const session = http2.connect(`https://127.0.0.1:${await network.listen(listening)}`, { ...alice, rejectUnauthorized: false });
    network.atEnd(() => session.destroy());
    const stream = session.request({ ':path': '/' });
    let text = '';
    for await (const chunk of stream.setEncoding('utf8')) text += chunk;
    expect(text).toBe('false');
    while (!info.accessToken.closed) await new Promise(setImmediate);
  });

  test('a denied account, and none at all', async () => {
    const port = await asked({ mapper }, summary);
    const { key, cert } = root.issue({ subject: { CN: 'locked' } });
    expect((await get(port, { key, cert })).body).toEqual([HttpAuthStatusFailure, 'SEC_E_LOGON_DENIED', HttpRequestAuthTypeClientCertificate, []]);
    const nobody = root.issue({ subject: { CN: 'nobody knows' } });
    expect((await get(port, nobody)).body).toEqual([HttpAuthStatusSuccess, 'SEC_E_OK', HttpRequestAuthTypeClientCertificate, SUCCESS]);
  });

  test('disposed of, nothing of it is left', async () => {
    const port = await asked({ mapper }, (info) => {
      const { packedContext, accessToken, securityContext } = info;
      info[Symbol.dispose]();
      return [accessToken.closed, securityContext.closed, packedContext.buffer === undefined];
    });
    expect((await get(port, alice)).body).toMatchObject({ error: 'ERR_CLIENT_CERT_CLOSED' });
  });
});

describe('the middleware', () => {
  const frameworks = {
    async express(options, look) {
      const app = express();
      app.use(clientCertificate(options));
      app.get('/', async (request, response) => response.json(await look(request)));
      return network.listen(https.createServer(tlsOptions, app));
    },
    async fastify(options, look) {
      const app = fastify({ https: tlsOptions });
      await app.register(clientCertInfo, options);
      app.get('/', async (request) => look(request));
      await app.ready();
      return network.listen(app.server);
    },
    async http2(options, look) {
      const middleware = clientCertificate(options);
      const listening = http2.createSecureServer({ ...tlsOptions, allowHTTP1: true }, (request, response) => {
        middleware(request, response, async (error) => response.end(JSON.stringify(error ? { error: error.message } : await look(request))));
      });
      return network.listen(listening);
    },
  };

  describe.each(Object.entries(frameworks))('%s', (_, serve) => {
    test('gives request.authInfo, the same each time', async () => {
      const port = await serve({}, (request) => [request.authInfo instanceof RequestAuthInfo, Object.is(request.authInfo, request.authInfo), summary(request.authInfo), request.authInfo.clientCert === request.clientCert]);
      expect((await get(port, alice)).body).toEqual([true, true, [HttpAuthStatusSuccess, 'SEC_E_OK', HttpRequestAuthTypeClientCertificate, SUCCESS], true]);
    });

    test('also without a certificate, and with one that is let pass though it is not valid', async () => {
      const port = await serve({ required: false, allowInvalid: true }, (request) => summary(request.authInfo));
      expect((await get(port)).body).toEqual([HttpAuthStatusNotAuthenticated, 'SEC_E_NO_CREDENTIALS', HttpRequestAuthTypeNone, []]);
      expect((await get(port, expired)).body).toEqual([HttpAuthStatusFailure, 'SEC_E_CERT_EXPIRED', HttpRequestAuthTypeClientCertificate, []]);
    });

    test('others can put something in its place', async () => {
      const port = await serve({}, (request) => {
        request.authInfo = { scope: 'all' };
        return [request.authInfo, Object.keys(request).includes('authInfo')];
      });
      expect((await get(port, alice)).body).toEqual([{ scope: 'all' }, false]);
    });

    test.each([['inherits from', (request) => Object.create(request)], ['stands in for', (request) => new Proxy(request, {})]])('what %s the request finds the same', async (_kind, derived) => {
      const port = await serve({}, (request) => [Object.is(derived(request).authInfo, request.authInfo), request.authInfo instanceof RequestAuthInfo]);
      expect((await get(port, alice)).body).toEqual([true, true]);
      const settable = await serve({}, (request) => {
        derived(request).authInfo = 'mine';
        return [request.authInfo];
      });
      expect((await get(settable, alice)).body).toEqual(['mine']);
    });
  });

  describe('of Express, whose requests share accessors', () => {
    const listen = (build) => {
      const app = express();
      build(app);
      return network.listen(https.createServer(tlsOptions, app));
    };
    const found = ({ clientCert, authInfo }) => [clientCert?.valid ?? null, authInfo instanceof RequestAuthInfo && authInfo.clientCert === clientCert];

    test('what others have put there before is no longer there', async () => {
      const port = await listen((app) => {
        app.use((request, _response, next) => next(void Object.assign(request, { authInfo: 'before', clientCert: 'before' })));
        app.use(clientCertificate());
        app.get('/', (request, response) => response.json(found(request)));
      });
      expect((await get(port, alice)).body).toEqual([true, true]);
      expect((await get(port, alice)).body).toEqual([true, true]);
    });

    test('requests that are told of nobody have neither, and whatever is put there', async () => {
      const port = await listen((app) => {
        app.get('/', clientCertificate(), (request, response) => response.json(found(request)));
        app.get('/other', (request, response) => {
          const before = [request.clientCert ?? null, request.authInfo ?? null];
          Object.assign(request, { clientCert: 1, authInfo: 2 });
          response.json([...before, ...Object.entries(request).filter(([name]) => ['clientCert', 'authInfo'].includes(name))]);
        });
      });
      expect((await get(port, alice)).body).toEqual([true, true]);
      expect((await get(port, { ...alice, path: '/other' })).body).toEqual([null, null, ['clientCert', 1], ['authInfo', 2]]);
    });

    test('admitted twice, by other verifiers: the last one counts', async () => {
      const one = new Verifier({ ca: root.pem });
      const port = await listen((app) => {
        app.use(clientCertificate(), (request, _response, next) => next(void Object.assign(request, { first: request.authInfo })), clientCertificate({ verifier: one }));
        app.get('/', (request, response) => response.json([...found(request), request.first.clientCert !== request.clientCert]));
      });
      expect((await get(port, alice)).body).toEqual([true, true, true]);
      one.close();
    });

    test('found by the application around the one whose middleware it was', async () => {
      const port = await listen((app) => {
        const inner = express();
        inner.use(clientCertificate());
        inner.get('/', () => {
          throw new Error('for the other one');
        });
        app.use('/', inner);
        app.use((_error, request, response, _next) => response.json(found(request)));
      });
      expect((await get(port, alice)).body).toEqual([true, true]);
    });
  });

  test('onRejected sees it, too', async () => {
    const seen = [];
    const port = await frameworks.express({ onRejected: (_info, request, reason) => void seen.push([reason, request.authInfo.secStatusName]) }, () => null);
    expect((await get(port, expired)).status).toBe(403);
    expect((await get(port)).status).toBe(403);
    expect(seen).toEqual([['certificate_invalid', 'SEC_E_CERT_EXPIRED'], ['certificate_required', 'SEC_E_NO_CREDENTIALS']]);
  });
});

describe('what is no request, and options that make no sense', () => {
  test.each([
    ['nothing', undefined, {}, TypeError],
    ['a plain object', {}, {}, TypeError],
    ['a socket', new tls.TLSSocket(new (require('node:net').Socket)()), {}, /takes a request/],
    ['a mapper that is none', {}, { mapper: {} }, /mapper must be an AccountMapper/],
    ['a verifier that is none', {}, { verifier: {} }, TypeError],
    ['onDemand that is no object', {}, { onDemand: 5 }, /onDemand/],
    ['onDemand with an unknown option', {}, { onDemand: { tiemout: 5 } }, /did you mean 'timeout'/],
    ['an unknown option', {}, { maper: 1 }, /did you mean 'mapper'/],
  ])('%s', async (_, request, options, error) => expect(getRequestAuthInfo(request, options)).rejects.toThrow(error));

  test('a request that is not over TLS', async () => {
    const listening = http.createServer((request, response) => getRequestAuthInfo(request).catch((error) => response.end(error.message)));
    const port = await network.listen(listening);
    const [response] = await once(http.get({ port, host: '127.0.0.1', agent: false }), 'response');
    let text = '';
    for await (const chunk of response.setEncoding('utf8')) text += chunk;
    expect(text).toMatch(/not over TLS/);
  });

  test('it cannot be made by hand, and not be changed', async () => {
    expect(() => new RequestAuthInfo()).toThrow(TypeError);
    expect(() => new SecurityContext()).toThrow(TypeError);
    const port = await asked({}, (info) => {
      info.authStatus = 0;
    });
    expect((await get(port, expired)).body).toMatchObject({ error: 'TypeError' });
  });
});
