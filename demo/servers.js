'use strict';
// The demo's servers: an HTTPS server with Express and the middleware, and a public listener beside it that asks nobody for a certificate.

const crypto = require('node:crypto');
const { once } = require('node:events');
const https = require('node:https');

const express = require('express');

const { clientCertificate } = require('../lib/express.js');
const { page } = require('./page.js');

/** @param {ReturnType<typeof import('./world.js').makeWorld>} world */
function options(world, revoked = [world.people.revoked]) {
  return {
    key: world.server.key,
    cert: world.server.cert,
    ca: world.root.pem,
    crl: world.crl(...revoked),
    requestCert: true,
    rejectUnauthorized: false, // the middleware decides, and can say why
  };
}

/** @param {(connection: { authorized: boolean, error: unknown, resumed: boolean, info: any }) => void} watch */
function application(watch) {
  const app = express();
  app.disable('x-powered-by');
  // Whoever comes: what Node says of the connection beside what this package says.
  app.use(clientCertificate({ required: false, allowInvalid: true }), (request, _response, next) => {
    const { socket } = request;
    watch({
      authorized: socket.authorized,
      error: socket.authorizationError,
      resumed: socket.isSessionReused(),
      info: request.clientCert,
    });
    next();
  });
  app.get('/', (request, response) => {
    response.set('vary', 'accept');
    response.format({
      html: () => response.send(page(request.clientCert, request.socket)),
      json: () => response.json(request.clientCert),
    });
  });
  // Only with a valid certificate.
  app.get('/private', clientCertificate(), (request, response) => {
    response.json({ hello: request.clientCert.certificate.subject.get('CN')[0] });
  });
  return app;
}

/**
 * @param {ReturnType<typeof import('./world.js').makeWorld>} world
 * @param {{ port?: number, watch?: (connection: any) => void }} [settings]
 */
async function startServers(world, { port = 0, watch = () => {} } = {}) {
  const shared = { ticketKeys: crypto.randomBytes(48), sessionIdContext: 'demo' };
  const server = https.createServer({ ...options(world), ...shared }, application(watch));
  const open = https.createServer({ key: world.server.key, cert: world.server.cert, ...shared }, (_request, response) => response.end());
  server.listen(port, '127.0.0.1');
  open.listen(0, '127.0.0.1');
  await Promise.all([once(server, 'listening'), once(open, 'listening')]);
  return {
    port: server.address().port,
    openPort: open.address().port,
    /** @param {any[]} credentials */
    revoke: (...credentials) => server.setSecureContext({ ...options(world, credentials), ...shared }),
    close: async () => {
      for (const each of [server, open]) {
        each.close();
        each.closeAllConnections();
        await once(each, 'close');
      }
    },
  };
}

module.exports = { startServers };
