// One server in a process of its own: argv[2] says which. Sends its port, and whenever it is asked its resident memory and the
// processor time that it has used.

import https from 'node:https';
import tls from 'node:tls';

import express from 'express';
import fastify from 'fastify';

const which = process.argv[2];
const { ca, intermediates, key, cert } = await new Promise((resolve) => process.once('message', resolve));
const mutual = { key, cert, ca: [ca, intermediates], requestCert: true, rejectUnauthorized: true };

const library = await import('../../lib/index.mjs');
const verifierOf = () => new library.Verifier({ ca, intermediates });

const kinds = {
  async 'express'() {
    return https.createServer(mutual, express().get('/', (_, response) => response.send('hello')));
  },
  async 'express with a middleware that does nothing'() {
    const app = express().use((_request, _response, next) => next()).get('/', (_, response) => response.send('hello'));
    return https.createServer(mutual, app);
  },
  async 'express with the middleware'() {
    const { clientCertificate } = await import('../../lib/express.mjs');
    const app = express().use(clientCertificate()).get('/', (_, response) => response.send('hello'));
    return https.createServer(mutual, app);
  },
  async 'fastify'() {
    const app = fastify({ https: mutual });
    app.get('/', async () => 'hello');
    await app.ready();
    return app.server;
  },
  async 'fastify with a hook that does nothing'() {
    const app = fastify({ https: mutual });
    app.addHook('onRequest', async () => {});
    app.get('/', async () => 'hello');
    await app.ready();
    return app.server;
  },
  async 'fastify with the middleware'() {
    const { default: plugin } = await import('../../lib/fastify.mjs');
    const app = fastify({ https: mutual });
    await app.register(plugin, {});
    app.get('/', async () => 'hello');
    await app.ready();
    return app.server;
  },
  async 'tls'() {
    return tls.createServer(mutual, (socket) => socket.on('error', () => {}).write('hello'));
  },
  async 'tls with getPeerCertificate'() {
    return tls.createServer(mutual, (socket) => {
      if (!socket.authorized || !socket.getPeerCertificate().raw) throw new Error('not valid');
      socket.on('error', () => {}).write('hello');
    });
  },
  async 'tls with getClientCertInfo'() {
    return tls.createServer(mutual, (socket) => {
      if (!library.getClientCertInfo(socket).valid) throw new Error('not valid');
      socket.on('error', () => {}).write('hello');
    });
  },
  async 'tls with a verifier'() {
    const server = tls.createServer({ ...mutual, ca }, (socket) => {
      if (!library.getClientCertInfo(socket).valid) throw new Error('not valid');
      socket.on('error', () => {}).write('hello');
    });
    verifierOf().protect(server);
    return server;
  },
};

const server = await kinds[which]();
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('message', (what) => {
  if (what === 'rss') {
    globalThis.gc?.();
    globalThis.gc?.();
  }
  const { user, system } = process.cpuUsage();
  process.send({ rss: process.memoryUsage().rss, cpu: user + system });
});
process.once('disconnect', () => process.exit());
