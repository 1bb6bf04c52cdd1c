// Servers in a process of their own: argv[2] says which, in JSON. Sends their ports, and whenever it is asked its resident memory, the processor
// time that it has used, and how many it has served.

import { once } from 'node:events';
import https from 'node:https';
import tls from 'node:tls';

import express from 'express';
import fastify from 'fastify';

const which = JSON.parse(process.argv[2]);
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

let served = 0;

/** @param {string} kind @returns {Promise<number>} its port */
async function listen(kind) {
  const server = await kinds[kind]();
  server.on(kind.startsWith('tls') ? 'secureConnection' : 'request', () => (served += 1));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server.address().port;
}

process.on('message', (what) => {
  if (what === 'rss') {
    globalThis.gc?.();
    globalThis.gc?.();
  }
  const { user, system } = process.cpuUsage();
  process.send({ rss: process.memoryUsage().rss, cpu: user + system, served });
});
process.once('disconnect', () => process.exit());
process.send({ ports: await Promise.all(which.map(listen)) });
