'use strict';
// What a request meets beside the outcome itself: who is told, in which order, on which connections, with which bodies.

const { once } = require('node:events');
const https = require('node:https');
const tls = require('node:tls');

const { ClientCertInfo } = require('client-cert-info');
const { Network } = require('../support/tls.js');
const { Client, ask, frameworks, plainFrameworks, serve } = require('../support/web.js');
const { credentialOf, serverOptions } = require('./credentials.js');

const network = new Network();
afterEach(() => network.end());

/** @param {import('node:net').Server} server @returns {() => number} */
function countConnections(server) {
  let connections = 0;
  server.on('secureConnection', () => {
    connections += 1;
  });
  return () => connections;
}

describe.each(frameworks)('$name', (framework) => {
  const { protocol } = framework;

  /** @param {object} options @param {string} client @param {object} [request] */
  async function outcome(options, client, request) {
    const { port } = await serve(network, framework, options, serverOptions);
    return ask(protocol, port, credentialOf(client), request);
  }

  test('the functions are asked in their order, with the certificate and the request', async () => {
    const told = [];
    const tell = (name, answer) => async (info, request, ...rest) => {
      await new Promise(setImmediate);
      told.push([name, info instanceof ClientCertInfo, request.clientCert === info, request.headers['x-name'], ...rest]);
      return answer;
    };
    const options = { allow: tell('allow', true), onAuthenticated: tell('onAuthenticated'), onRejected: tell('onRejected') };
    const { status } = await outcome(options, 'valid', { headers: { 'x-name': 'Ada' } });
    expect(status).toBe(200);
    expect(told).toEqual([
      ['allow', true, true, 'Ada'],
      ['onAuthenticated', true, true, 'Ada'],
    ]);
  });

  test.each([
    ['none', null, 'certificate_required'],
    ['expired', { valid: false }, 'certificate_invalid'],
    ['valid', { valid: true }, 'certificate_not_allowed'],
  ])('onRejected is told before the answer is sent (%s)', async (client, clientCert, reason) => {
    const told = [];
    const options = {
      allow: () => false,
      onAuthenticated: () => told.push('onAuthenticated'),
      onRejected: async (info, request, ...rest) => {
        await new Promise(setImmediate);
        told.push([info && { valid: info.valid }, request.clientCert === info, ...rest]);
      },
    };
    const { status, json } = await outcome(options, client);
    expect([status, json]).toEqual([403, { error: reason }]);
    expect(told).toEqual([[clientCert, true, reason]]);
  });

  test('a connection serves several requests, each with its own decision', async () => {
    const infos = new Set();
    const allow = (info, { headers }) => {
      infos.add(info);
      return headers['x-let'] === 'in';
    };
    const { port, server } = await serve(network, framework, { allow }, serverOptions);
    const connections = countConnections(server);
    const client = new Client(protocol, port, credentialOf('valid'));
    network.atEnd(() => client.close());
    const statuses = [];
    for (const headers of [{}, { 'x-let': 'in' }, {}, { 'x-let': 'in' }]) statuses.push((await client.request({ headers })).status);
    expect(statuses).toEqual([403, 200, 403, 200]);
    expect(connections()).toBe(1);
    expect(infos.size).toBe(1);
  });

  test.each([['valid', 200], ['none', 403], ['expired', 403]])('HEAD (%s)', async (client, expected) => {
    const { status, headers, text } = await outcome(undefined, client, { method: 'HEAD' });
    expect([status, text]).toEqual([expected, '']);
    if (expected === 403) expect(Number(headers['content-length'])).toBeGreaterThan(0);
  });

  test.each([['valid', 200], ['none', 403], ['expired', 403]])('a request with a body, and the next one on its connection (%s)', async (client, expected) => {
    const { port, server } = await serve(network, framework, undefined, serverOptions);
    const connections = countConnections(server);
    const visitor = new Client(protocol, port, credentialOf(client));
    network.atEnd(() => visitor.close());
    const body = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify('x'.repeat(20_000)) };
    expect((await visitor.request(body)).status).toBe(expected);
    expect((await visitor.request(body)).status).toBe(expected);
    expect((await visitor.request()).status).toBe(expected);
    expect(connections()).toBe(1);
  });

  test('a client that leaves while it is decided about harms nobody', async () => {
    let asked;
    const allowAsked = new Promise((resolve) => {
      asked = resolve;
    });
    let told;
    const rejectionTold = new Promise((resolve) => {
      told = resolve;
    });
    const allow = async (_info, { headers }) => {
      if (headers['x-stay'] !== undefined) return true;
      asked();
      await gone;
      return false;
    };
    const { port, server } = await serve(network, framework, { allow, onRejected: told }, serverOptions);
    const gone = new Promise((resolve) => {
      server.once('secureConnection', (socket) => socket.once('close', resolve));
    });
    const client = new Client(protocol, port, credentialOf('valid'));
    const answer = client.request();
    await allowAsked;
    client.close();
    await rejectionTold;
    await expect(answer).rejects.toThrow();
    expect((await ask(protocol, port, credentialOf('valid'), { headers: { 'x-stay': '' } })).status).toBe(200);
  });
});

describe.each(plainFrameworks)('$name without TLS', (framework) => {
  test.each([[undefined], [{ required: false, allowInvalid: true, allow: () => true }]])('nobody passes (%p)', async (options) => {
    const { port } = await serve(network, framework, options);
    const { status, json } = await ask(framework.protocol, port, null);
    expect(status).toBe(500);
    expect(json).toMatchObject({ failed: 'TypeError', message: expect.stringContaining('not over TLS') });
    expect(json.clientCert ?? 'unset').toBe('unset');
  });
});

describe.each(frameworks.filter(({ protocol }) => protocol === 'h1'))('$name', (framework) => {
  test('a body that never ends does not hold the answer back', async () => {
    const { port } = await serve(network, framework, undefined, serverOptions);
    const request = https.request({ host: '127.0.0.1', port, method: 'POST', rejectUnauthorized: false, agent: false, headers: { 'content-length': '1000' } });
    request.on('error', () => {});
    request.write('{');
    const [response] = await once(request, 'response');
    expect(response.statusCode).toBe(403);
    request.destroy();
  });

  test('requests that come at once are answered in their order', async () => {
    let first = true;
    const allow = async () => {
      if (!first) return true;
      first = false;
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
      return false;
    };
    const { port } = await serve(network, framework, { allow }, serverOptions);
    const socket = tls.connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'], ...credentialOf('valid') });
    socket.on('error', () => {});
    const request = (connection) => `GET / HTTP/1.1\r\nHost: localhost\r\nConnection: ${connection}\r\n\r\n`;
    socket.write(request('keep-alive') + request('close'));
    let text = '';
    for await (const chunk of socket) text += chunk;
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 403', 'HTTP/1.1 200']);
  });
});
