'use strict';
// What is particular to one framework.

const { once } = require('node:events');
const http2 = require('node:http2');
const https = require('node:https');
const tls = require('node:tls');

const { AuthStatus } = require('client-cert-info');
const { clientCertificate } = require('client-cert-info/express');
const clientCertPlugin = require('client-cert-info/fastify');
const { deferred } = require('../support/http.js');
const { Network } = require('../support/tls.js');
const { ask } = require('../support/web.js');
const { credentialOf, serverOptions } = require('./credentials.js');

const network = new Network();
afterEach(() => network.end());

const tlsOptions = { ...serverOptions, requestCert: true, rejectUnauthorized: false };

describe.each([['Express 5', 'express'], ['Express 4', 'express4']])('%s', (_name, module) => {
  const express = require(module);

  /** @param {(app: any) => void} route */
  async function serve(route) {
    const app = express();
    route(app);
    return network.listen(https.createServer(tlsOptions, app));
  }

  test('protects what it is mounted on, and nothing else', async () => {
    const port = await serve((app) => {
      app.use('/private', clientCertificate());
      app.get('/single', clientCertificate({ status: 401 }), (_request, response) => response.json({}));
      app.use((request, response) => response.json({ clientCert: request.clientCert === undefined ? 'unset' : 'set' }));
    });
    const status = async (client, path) => (await ask('h1', port, credentialOf(client), { path })).status;
    expect([await status('none', '/private/a'), await status('valid', '/private/a')]).toEqual([403, 200]);
    expect([await status('none', '/single'), await status('valid', '/single')]).toEqual([401, 200]);
    expect((await ask('h1', port, credentialOf('valid'), { path: '/public' })).json).toEqual({ clientCert: 'unset' });
  });

  test('several in a row decide each for itself', async () => {
    const port = await serve((app) => {
      app.use(clientCertificate({ required: false }));
      app.use('/private', clientCertificate());
      app.use((request, response) => response.json({ valid: request.clientCert?.valid ?? null }));
    });
    expect((await ask('h1', port, credentialOf('none'), { path: '/' })).json).toEqual({ valid: null });
    expect((await ask('h1', port, credentialOf('none'), { path: '/private' })).status).toBe(403);
    expect((await ask('h1', port, credentialOf('valid'), { path: '/private' })).json).toEqual({ valid: true });
  });

  test('onRejected may answer in its own way', async () => {
    const port = await serve((app) => {
      app.use(clientCertificate({ onRejected: (_info, request) => request.res.status(418).json({ own: true }) }));
      app.use((_request, response) => response.json({ passed: true }));
    });
    const { status, json } = await ask('h1', port, credentialOf('none'));
    expect([status, json]).toEqual([418, { own: true }]);
  });

  test('headers that were set before stay, but for those of the answer', async () => {
    const port = await serve((app) => {
      app.use((_request, response, next) => {
        response.set({ 'x-before': 'kept', 'cache-control': 'public, max-age=60', 'content-type': 'text/html' });
        next();
      });
      app.use(clientCertificate());
    });
    const { headers } = await ask('h1', port, {});
    expect(headers).toMatchObject({ 'x-before': 'kept', 'cache-control': 'no-store', 'content-type': 'application/json; charset=utf-8' });
  });

  test('what the application throws goes to its error handling', async () => {
    const port = await serve((app) => {
      app.use(clientCertificate());
      app.get('/', () => {
        throw new RangeError('of the application');
      });
      app.use((error, _request, response, _next) => response.status(500).json({ message: error.message }));
    });
    expect((await ask('h1', port, credentialOf('valid'))).json).toEqual({ message: 'of the application' });
  });
});

describe.each([['Fastify 5', 'fastify'], ['Fastify 4', 'fastify4']])('%s', (_name, module) => {
  const fastify = require(module);

  /** @param {(app: any) => void} route @param {object} [options] */
  async function serve(route, options) {
    const app = fastify({ https: tlsOptions, forceCloseConnections: true, ...options });
    route(app);
    await app.ready();
    const port = await network.listen(app.server);
    network.atEnd(() => app.close());
    return port;
  }
  const statusOf = async (port, client, path) => (await ask('h1', port, credentialOf(client), { path })).status;
  const ok = async () => ({ ok: true });

  test('covers the instance that registers it and its children, whatever was declared first', async () => {
    const port = await serve((app) => {
      app.get('/before', ok);
      app.register(clientCertPlugin);
      app.get('/after', ok);
      app.register(async (child) => {
        child.get('/child', ok);
      });
    });
    for (const path of ['/before', '/after', '/child', '/nowhere']) {
      expect([path, await statusOf(port, 'none', path)]).toEqual([path, 403]);
    }
    expect([await statusOf(port, 'valid', '/child'), await statusOf(port, 'valid', '/nowhere')]).toEqual([200, 404]);
  });

  test('leaves siblings alone', async () => {
    const port = await serve((app) => {
      app.register(async (child) => {
        child.register(clientCertPlugin);
        child.get('/private', ok);
      });
      app.get('/public', ok);
    });
    expect([await statusOf(port, 'none', '/private'), await statusOf(port, 'none', '/public')]).toEqual([403, 200]);
  });

  test('a child may ask for more', async () => {
    const port = await serve((app) => {
      app.register(clientCertPlugin, { required: false });
      app.get('/', ok);
      app.register(async (child) => {
        child.register(clientCertPlugin, { status: 401 });
        child.get('/private', ok);
      });
    });
    expect([await statusOf(port, 'none', '/'), await statusOf(port, 'none', '/private')]).toEqual([200, 401]);
    expect(await statusOf(port, 'valid', '/private')).toBe(200);
  });

  describe('a client that is refused and leaves while hooks work on the answer', () => {
    const ways = [
      ['the plugin', (app, handler) => app.register(clientCertPlugin).after(() => app.get('/', handler))],
      ['the hook of a route', (app, handler) => app.get('/', { onRequest: clientCertPlugin.clientCertificate() }, handler)],
      ['authenticate', (app, handler) => app.get('/', { onRequest: clientCertPlugin.authenticate({ certificate: {} }) }, handler)],
    ];

    /** Sends a request, and can leave. */
    const clients = {
      h1(port) {
        const client = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
        client.on('error', () => {});
        client.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
        return () => client.destroy();
      },
      h2(port) {
        const session = http2.connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
        network.atEnd(() => session.destroy());
        const stream = session.request({ ':path': '/' }).on('error', () => {});
        return () => stream.close(http2.constants.NGHTTP2_CANCEL);
      },
    };

    test.each(ways.flatMap(([way, route]) => Object.keys(clients).map((protocol) => [way, protocol, route])))('%s, %s: gets no further', async (_way, protocol, route) => {
      const seen = [];
      const [sending, left, goOn] = [deferred(), deferred(), deferred()];
      const port = await serve((app) => {
        app.addHook('onSend', async (request, _reply, payload) => {
          (protocol === 'h2' ? request.raw.stream : request.raw.socket).once('close', left.resolve);
          sending.resolve();
          await goOn.promise;
          return payload;
        });
        app.addHook('onResponse', async () => void seen.push('response'));
        app.addHook('preHandler', async () => void seen.push('preHandler'));
        route(app, async () => void seen.push('handler'));
      }, { http2: protocol === 'h2' });
      const leave = clients[protocol](port);
      await sending.promise;
      leave();
      await left.promise;
      for (let i = 0; i < 20; i += 1) await new Promise(setImmediate);
      goOn.resolve();
      for (let i = 0; i < 20; i += 1) await new Promise(setImmediate);
      expect(seen.filter((what) => what !== 'response')).toEqual([]);
    });
  });

  test('a hook for a single route', async () => {
    const port = await serve((app) => {
      app.get('/private', { onRequest: clientCertPlugin.clientCertificate() }, async (request) => ({ valid: request.clientCert.valid }));
      app.get('/public', ok);
    });
    expect([await statusOf(port, 'none', '/private'), await statusOf(port, 'none', '/public')]).toEqual([403, 200]);
    expect((await ask('h1', port, credentialOf('valid'), { path: '/private' })).json).toEqual({ valid: true });
  });

  describe.each(['authInfo', 'clientCert'])('%s', (property) => {
    const statusOfInfo = (request) => ({
      isGiven: property === 'authInfo' ? request.authInfo?.authStatus === AuthStatus.HttpAuthStatusSuccess : request.clientCert?.valid === true,
      own: request[property]?.own ?? null,
    });
    const infoOf = async (port, path = '/') => (await ask('h1', port, credentialOf('valid'), { path })).json;
    const ours = { isGiven: true, own: null };

    test('belongs to all requests, is made once when asked for, and is found by what stands in for a request', async () => {
      const seen = [];
      const port = await serve((app) => {
        app.addHook('onRequest', async (request) => void seen.push(request[property]));
        app.register(clientCertPlugin);
        app.get('/', async (request) => {
          const heir = Object.create(request);
          const isOwn = Object.hasOwn(request, property);
          seen.push(heir[property]);
          return { isOwn, same: request[property] === heir[property] && heir[property] === seen.at(-1), decorated: app.hasRequestDecorator(property) };
        });
      });
      expect(await infoOf(port)).toEqual({ isOwn: false, same: true, decorated: true });
      expect(await infoOf(port)).toEqual({ isOwn: false, same: true, decorated: true });
      const [before, one, beforeOther, other] = seen;
      expect([before, beforeOther]).toEqual([undefined, undefined]);
      // What is known of a connection is the same for all of its requests.
      if (property === 'authInfo') expect(one).not.toBe(other);
      expect(statusOfInfo({ [property]: one })).toEqual(ours);
    });

    test('is what was decided last, whatever was there before', async () => {
      const port = await serve((app) => {
        app.addHook('onRequest', async (request) => {
          request[property] = { own: true };
        });
        app.register(clientCertPlugin);
        app.get('/', statusOfInfo);
        app.register(async (child) => {
          child.register(clientCertPlugin);
          child.get('/child', statusOfInfo);
        });
      });
      expect([await infoOf(port), await infoOf(port, '/child')]).toEqual([ours, ours]);
    });

    test('may be replaced afterwards', async () => {
      const port = await serve((app) => {
        app.register(clientCertPlugin);
        app.get('/', (request) => {
          const first = statusOfInfo(request);
          request[property] = { own: 'again' };
          return [first, statusOfInfo(request), statusOfInfo(Object.create(request))];
        });
      });
      expect(await infoOf(port)).toEqual([ours, { isGiven: false, own: 'again' }, { isGiven: false, own: 'again' }]);
    });

    test.each([
      ['a value', () => [null]],
      ['a getter', () => [{ getter: () => ({ own: true }) }]],
    ])('is ours where another plugin has decorated requests with %s', async (_kind, decorator) => {
      const port = await serve((app) => {
        app.decorateRequest(property, ...decorator());
        app.register(clientCertPlugin);
        app.get('/', statusOfInfo);
      });
      expect([await infoOf(port), await infoOf(port)]).toEqual([ours, ours]);
    });

    test.each([
      ['a value', () => [null]],
      ['a getter', () => [{ getter: () => ({ own: true }) }]],
    ])('is ours where a child has decorated its requests with %s', async (_kind, decorator) => {
      const port = await serve((app) => {
        app.register(clientCertPlugin);
        app.get('/', statusOfInfo);
        app.register(async (child) => {
          child.decorateRequest(property, ...decorator());
          child.get('/child', statusOfInfo);
        });
      });
      for (const path of ['/child', '/', '/child']) expect([path, await infoOf(port, path)]).toEqual([path, ours]);
    });

    test('of a single route with a hook', async () => {
      const port = await serve((app) => {
        app.get('/', { onRequest: clientCertPlugin.clientCertificate() }, statusOfInfo);
        app.get('/public', statusOfInfo);
      });
      expect([await infoOf(port), await infoOf(port, '/public')]).toEqual([ours, { isGiven: false, own: null }]);
    });
  });

  test("a route's own schema and serializer do not change the answer", async () => {
    const port = await serve((app) => {
      app.register(clientCertPlugin);
      const nothing = { type: 'object', properties: {}, additionalProperties: false };
      app.get('/schema', { schema: { response: { '4xx': nothing, 403: nothing } } }, ok);
      app.get('/serializer', { serializerCompiler: () => () => 'mine' }, ok);
      app.addHook('preSerialization', async () => ({ mine: true }));
    });
    for (const path of ['/schema', '/serializer']) {
      expect((await ask('h1', port, {}, { path })).text).toBe('{"error":"certificate_required"}');
    }
  });
});

// Fastify 5's inject() needs ES modules that jest cannot load.
test('a request that is injected into Fastify has no TLS, and does not pass', async () => {
  const app = require('fastify4')();
  app.register(clientCertPlugin, { required: false });
  app.get('/', async () => ({ passed: true }));
  expect((await app.inject('/')).statusCode).toBe(500);
  await app.close();
});

test('a WebSocket upgrade or any raw use of the server is not covered by middleware, and says so by having no clientCert', async () => {
  const middleware = clientCertificate();
  const server = https.createServer(tlsOptions, (request, response) => middleware(request, response, () => response.end()));
  const upgraded = once(server, 'upgrade');
  const port = await network.listen(server);
  const client = tls.connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
  client.on('error', () => {});
  client.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade\r\nUpgrade: test\r\n\r\n');
  const [request] = await upgraded;
  expect(request.clientCert).toBe(undefined);
  client.destroy();
});
