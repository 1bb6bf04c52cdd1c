// What a middleware adds to a request by itself: Express without sockets and TLS, on the connection of a client that is valid. By processor time, with what is
// left to the garbage collector.

import { once } from 'node:events';
import { IncomingMessage, ServerResponse } from 'node:http';
import tls from 'node:tls';

import express from 'express';

import { clientCertificate } from '../../lib/express.mjs';
import { client, intermediate, root } from '../support/inputs.mjs';
import { measured } from '../support/measure.mjs';

const KINDS = {
  'express': null,
  'with a middleware that does nothing': (_request, _response, next) => next(),
  'with one that gives the request a property': (request, _response, next) => {
    request.property = 1;
    next();
  },
  'with the middleware': clientCertificate(),
};
const ROUNDS = 35;
const REQUESTS = 4000;

/** @param {tls.TLSSocket} socket @param {import('express').Express} app */
async function costOf(socket, app) {
  const began = process.cpuUsage();
  for (let i = 0; i < REQUESTS; i += 1) {
    const request = Object.assign(new IncomingMessage(socket), { method: 'GET', url: '/', httpVersion: '1.1', headers: { host: 'localhost' } });
    app(request, new ServerResponse(request), (error) => {
      throw error ?? new Error('there is no such route');
    });
    if (i % 50 === 0) await null;
  }
  const { user, system } = process.cpuUsage(began);
  return ((user + system) / REQUESTS) * 1000;
}

/** @param {import('../support/measure.mjs').Report} report */
export default async function middleware(report) {
  const server = tls.createServer({ ...root.issueServer(['localhost']), ca: [root.pem, intermediate.pem], requestCert: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = tls.connect({ port: server.address().port, host: '127.0.0.1', rejectUnauthorized: false, ...client });
  const [connection] = await once(server, 'secureConnection');

  let served = 0;
  const apps = Object.values(KINDS).map((kind) => {
    const app = express();
    if (kind) app.use(kind);
    return app.get('/', () => (served += 1));
  });
  const costs = apps.map(() => []);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [i, app] of apps.entries()) costs[i].push(await costOf(connection, app));
  }
  if (served !== ROUNDS * REQUESTS * apps.length) throw new Error('not all were admitted');
  // The first ones are of code that is not optimized yet.
  report.table('a request within Express', Object.keys(KINDS).map((name, i) => ({ name, ...measured(costs[i].slice(5)) })));
  socket.destroy();
  server.close();
}
