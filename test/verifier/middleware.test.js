'use strict';
// The `verifier` option of the middleware: one connection, and what becomes of its requests when the verifier learns something.

const https = require('node:https');

const express = require('express');
const fastify = require('fastify');

const { extensions } = require('../support/certificate-builder.js');
const { OcspResponder } = require('../support/ocsp.js');
const { Authority } = require('../support/pki.js');
const { Network } = require('../support/tls.js');
const { Verifier } = require('../../lib/index.js');
const { clientCertificate } = require('../../lib/express.js');
const clientCertInfo = require('../../lib/fastify.js');

const root = new Authority('root');
const server = root.issueServer(['localhost']);
const tlsOptions = { key: server.key, cert: server.cert, requestCert: true, rejectUnauthorized: false };

let network;
beforeEach(() => {
  network = new Network();
});
afterEach(() => network.end());

const frameworks = {
  async express(options) {
    const app = express();
    app.use(clientCertificate(options));
    app.get('/', (request, response) => response.json(request.clientCert.revocation.map(({ status }) => status)));
    return network.listen(https.createServer(tlsOptions, app));
  },
  async fastify(options) {
    const app = fastify({ https: tlsOptions });
    await app.register(clientCertInfo, options);
    app.get('/', async (request) => request.clientCert.revocation.map(({ status }) => status));
    await app.listen({ port: 0, host: '127.0.0.1' });
    network.atEnd(() => app.close());
    return app.server.address().port;
  },
};

/** Requests of one client over one connection. */
function clientOf(port, { key, cert }) {
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1, key, cert, rejectUnauthorized: false });
  network.atEnd(() => agent.destroy());
  const ports = new Set();
  const get = (headers = {}) =>
    new Promise((resolve, reject) => {
      https
        .get({ port, host: '127.0.0.1', agent, headers, servername: '' }, async (response) => {
          ports.add(response.socket.localPort);
          let body = '';
          for await (const chunk of response.setEncoding('utf8')) body += chunk;
          resolve([response.statusCode, body]);
        })
        .on('error', reject);
    });
  return { get, ports };
}

describe.each(Object.entries(frameworks))('%s', (_, serve) => {
  test('a client that is revoked between two requests of one connection', async () => {
    const client = root.issue();
    const verifier = new Verifier({ ca: root.pem, crls: root.crl() });
    const { get, ports } = clientOf(await serve({ verifier }), client);
    expect(await get()).toEqual([200, '["good"]']);
    // The server's contexts have no say any more, so neither has the host.
    expect(await get({ host: 'another.example' })).toEqual([200, '["good"]']);
    await verifier.reload({ crls: root.crl([client]) });
    expect(await get()).toEqual([403, '{"error":"certificate_invalid"}']);
    await verifier.reload({ crls: root.crl() });
    expect(await get()).toEqual([200, '["good"]']);
    expect(ports.size).toBe(1);
  });

  test('after close(), with its sources looked at no longer, it admits nobody', async () => {
    const verifier = new Verifier({ ca: root.pem });
    const { get } = clientOf(await serve({ verifier }), root.issue());
    expect((await get())[0]).toBe(200);
    verifier.close();
    expect((await get())[0]).toBe(500);
  });

  test('mode online: what is missing is fetched, once', async () => {
    const responder = await new OcspResponder({ authority: root }).listen();
    network.atEnd(() => responder.close());
    const aia = extensions.authorityInfoAccess({ ocsp: [responder.url] });
    const [good, revoked] = [root.issue({ more: [aia] }), root.issue({ more: [aia] })];
    responder.answers.set(BigInt(good.serial), 'good').set(BigInt(revoked.serial), 'revoked');
    const verifier = new Verifier({ ca: root.pem, revocation: { mode: 'online', hosts: ['127.0.0.1'] } });
    const port = await serve({ verifier });
    const { get } = clientOf(port, good);
    expect(await get()).toEqual([200, '["good"]']);
    expect(await get()).toEqual([200, '["good"]']);
    expect(await clientOf(port, revoked).get()).toEqual([403, '{"error":"certificate_invalid"}']);
    expect(responder.requests).toHaveLength(2);
  });

  test('what cannot be fetched is denied', async () => {
    const verifier = new Verifier({ ca: root.pem, revocation: { mode: 'online' } });
    const told = jest.fn();
    const { get } = clientOf(await serve({ verifier, onRejected: (info) => told(info.problems.map(({ code }) => code)) }), root.issue());
    expect(await get()).toEqual([403, '{"error":"certificate_invalid"}']);
    expect(told).toHaveBeenCalledWith(['REVOCATION_UNKNOWN']);
  });
});

test.each([['an object', {}], ['a string', 'verifier'], ['null', null]])('%s is no verifier', (_, verifier) => {
  expect(() => clientCertificate({ verifier })).toThrow(TypeError);
});

describe('a client that has hung up before the middleware was asked', () => {
  /** A request whose client leaves before the guard is called. @returns what the guard says */
  async function late(options, between, credential) {
    const guard = clientCertificate(options);
    const waiting = [];
    const port = await network.listen(https.createServer({ ...tlsOptions, ca: root.pem }, (request, response) => waiting.push({ request, response })));
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1, ...credential, rejectUnauthorized: false });
    network.atEnd(() => agent.destroy());
    const received = async () => {
      while (waiting.length === 0) await new Promise(setImmediate);
      return waiting.shift();
    };
    const ask = () => https.get({ port, host: '127.0.0.1', agent, servername: '' }).on('error', () => {});
    const say = ({ request, response }) => new Promise((resolve) => guard(request, response, (error) => resolve(error?.code ?? 'admitted')));
    const first = ask();
    const one = await received();
    const before = await say(one);
    one.response.end();
    await new Promise((resolve) => first.on('response', (response) => response.resume().on('end', resolve)));
    const second = ask();
    const two = await received();
    second.destroy();
    while (!two.request.socket.destroyed) await new Promise(setImmediate);
    await between();
    return [before, await say(two)];
  }

  test('and was revoked meanwhile', async () => {
    const client = root.issue();
    const verifier = new Verifier({ ca: root.pem, crls: root.crl([]) });
    expect(await late({ verifier }, () => verifier.reload({ crls: root.crl([client]) }), client)).toEqual(['admitted', 'ERR_CLIENT_CERT_CONNECTION_CLOSED']);
  });

  test('and whose certificate has expired meanwhile', async () => {
    const client = root.issue();
    let now = Date.now();
    const verifier = new Verifier({ ca: root.pem, clock: () => new Date(now) });
    const expires = () => {
      now += 60 * 24 * 3600 * 1000;
    };
    expect(await late({ verifier }, expires, client)).toEqual(['admitted', 'ERR_CLIENT_CERT_CONNECTION_CLOSED']);
  });

  test('and is as good as before', async () => {
    const client = root.issue();
    expect(await late({ verifier: new Verifier({ ca: root.pem }) }, () => {}, client)).toEqual(['admitted', 'admitted']);
    expect(await late({}, () => {}, client)).toEqual(['admitted', 'admitted']);
  });
});
