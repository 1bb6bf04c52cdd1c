'use strict';
// Whatever has a TLS connection beneath it can be asked; what has none says so.

const { once } = require('node:events');
const http = require('node:http');
const http2 = require('node:http2');
const https = require('node:https');
const net = require('node:net');
const tls = require('node:tls');

const { getClientCertInfo, ClientCertError, ClientCertInfo } = require('../..');
const { Authority } = require('../support/pki.js');
const { Network } = require('../support/tls.js');

const root = new Authority('Root');
const client = root.issue();
const { key, cert } = root.issueServer(['localhost']);
const options = { key, cert, ca: root.pem, requestCert: true, rejectUnauthorized: false };

const network = new Network();
afterEach(() => network.end());

test('an HTTP/1 request, and its socket', async () => {
  let infos;
  const port = await network.listen(
    https.createServer(options, (request, response) => {
      infos = [getClientCertInfo(request), getClientCertInfo(request.socket)];
      response.end();
    }),
  );
  const request = https.get({ port, host: '127.0.0.1', rejectUnauthorized: false, agent: false, ...client });
  const [response] = await once(request, 'response');
  response.resume();
  await once(response, 'end');
  expect(infos[0].valid).toBe(true);
  expect(infos[1]).toBe(infos[0]);
});

test('HTTP/2 requests, streams and sessions', async () => {
  const infos = [];
  const server = http2.createSecureServer(options);
  server.on('request', (request) => infos.push(getClientCertInfo(request)));
  server.on('stream', (stream) => {
    infos.push(getClientCertInfo(stream), getClientCertInfo(stream.session));
    if (!stream.headersSent) stream.respond({ ':status': 200 });
    stream.end();
  });
  const port = await network.listen(server);
  const session = http2.connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false, ...client });
  network.atEnd(() => session.destroy());
  const stream = session.request({ ':path': '/' });
  stream.resume();
  await once(stream, 'close');
  expect(infos.length).toBe(3);
  expect(infos.every((info) => info instanceof ClientCertInfo && info === infos[0] && info.valid)).toBe(true);
});

test('an HTTP/2 session that is gone', async () => {
  const server = http2.createSecureServer(options);
  const closed = new Promise((resolve, reject) => {
    server.on('session', (session) => {
      session.on('close', () => {
        try {
          resolve(getClientCertInfo(session));
        } catch (error) {
          reject(error);
        }
      });
    });
  });
  const port = await network.listen(server);
  const session = http2.connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false, ...client });
  session.on('connect', () => session.destroy());
  await expect(closed).rejects.toMatchObject({ code: 'ERR_CLIENT_CERT_CONNECTION_CLOSED' });
});

test('an HTTP/2 request whose stream is closed', async () => {
  const server = http2.createSecureServer(options);
  const told = new Promise((resolve, reject) => {
    server.on('request', (request, response) => {
      const before = getClientCertInfo(request);
      response.on('close', () => {
        try {
          resolve({ before, after: getClientCertInfo(request) });
        } catch (error) {
          reject(error);
        }
      });
      response.end();
    });
  });
  const port = await network.listen(server);
  const session = http2.connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false, ...client });
  network.atEnd(() => session.destroy());
  session.request({ ':path': '/' }).resume();
  const { before, after } = await told;
  expect(after).toBe(before);
});

test('null where the client sent none', async () => {
  const { connect } = await network.server(options, (socket) => ({
    info: getClientCertInfo(socket),
    again: getClientCertInfo(socket),
    error: socket.authorizationError,
  }));
  const { value } = await connect();
  expect(value).toEqual({ info: null, again: null, error: 'UNABLE_TO_GET_ISSUER_CERT' });
});

test('null where the server asked for none', async () => {
  const { connect } = await network.server({ ...options, requestCert: false }, (socket) => getClientCertInfo(socket));
  expect((await connect(client)).value).toBeNull();
});

test('a socket that is destroyed: what was found before is still told, else it is an error', async () => {
  const { connect } = await network.server(options, async (socket) => {
    const info = getClientCertInfo(socket);
    socket.destroy();
    await once(socket, 'close');
    return { info, after: getClientCertInfo(socket) };
  });
  const { value } = await connect(client);
  expect(value.after).toBe(value.info);

  const { connect: connectAgain } = await network.server(options, (socket) => {
    socket.destroy();
    return getClientCertInfo(socket);
  });
  await expect(connectAgain(client)).rejects.toMatchObject({
    name: 'ClientCertError',
    code: 'ERR_CLIENT_CERT_CONNECTION_CLOSED',
  });
});

test('a socket before its handshake, on either end', async () => {
  const pending = expect.objectContaining({ code: 'ERR_CLIENT_CERT_HANDSHAKE_PENDING' });
  const { port } = await network.server(options, () => {});
  const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  network.atEnd(() => socket.destroy());
  expect(() => getClientCertInfo(socket)).toThrow(pending);

  const plain = net.createServer((raw) => {
    const wrapped = new tls.TLSSocket(raw, { isServer: true, ...options });
    wrapped.on('error', () => {});
    plain.emit('wrapped', wrapped);
  });
  const plainPort = await network.listen(plain);
  const connection = net.connect(plainPort, '127.0.0.1');
  network.atEnd(() => connection.destroy());
  const [wrapped] = await once(plain, 'wrapped');
  expect(() => getClientCertInfo(wrapped)).toThrow(pending);
});

test("the client's end of a connection", async () => {
  const { port } = await network.server(options, () => {});
  const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...client });
  network.atEnd(() => socket.destroy());
  await once(socket, 'secureConnect');
  expect(() => getClientCertInfo(socket)).toThrow(expect.objectContaining({ code: 'ERR_CLIENT_CERT_NOT_SUPPORTED' }));
});

test('an HTTP request without TLS', async () => {
  let caught;
  const port = await network.listen(
    http.createServer((request, response) => {
      try {
        getClientCertInfo(request);
      } catch (error) {
        caught = error;
      }
      response.end();
    }),
  );
  const [response] = await once(http.get({ port, host: '127.0.0.1', agent: false }), 'response');
  response.resume();
  await once(response, 'end');
  expect(caught).toBeInstanceOf(TypeError);
  expect(caught.message).toMatch(/not over TLS/);
});

test.each([
  [undefined, 'undefined'],
  [null, 'null'],
  ['socket', 'string'],
  [42, 'number'],
  [{}, 'an object of another kind'],
  [[], 'an object of another kind'],
  [() => {}, 'function'],
])('%p is no connection', (value, kind) => {
  expect(() => getClientCertInfo(value)).toThrow(new RegExp(`tls\\.TLSSocket.*is ${kind}$`));
  expect(() => getClientCertInfo(value)).toThrow(TypeError);
});

test('an unknown option', () => {
  expect(() => getClientCertInfo({}, { verifyer: 1 })).toThrow("getClientCertInfo: unknown option 'verifyer'");
});

test('nobody else makes a ClientCertInfo', () => {
  expect(() => new ClientCertInfo()).toThrow('Illegal constructor');
  expect(new ClientCertError('ERR_CLIENT_CERT_X', 'x', { offset: 3 })).toMatchObject({ code: 'ERR_CLIENT_CERT_X', offset: 3 });
});
