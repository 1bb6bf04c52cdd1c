'use strict';
// The web frameworks that the middleware is for, each as a server on loopback with the same small application; and a client for them.

const { once } = require('node:events');
const http2 = require('node:http2');
const http = require('node:http');
const https = require('node:https');

const { clientCertificate } = require('client-cert-info/express');
const clientCertPlugin = require('client-cert-info/fastify');

/** What the application says of a request. @param {any} request of the framework */
const seenBy = ({ clientCert }) => ({
  passed: true,
  clientCert: clientCert && { valid: clientCert.valid, subject: String(clientCert.certificate?.subject ?? '') },
});

/** What the error handling says. @param {any} request @param {unknown} error */
const failureSeenBy = ({ clientCert }, error) => ({
  failed: error instanceof Object ? (error.code ?? error.name) : String(error),
  message: error?.message,
  clientCert: clientCert === undefined ? 'unset' : clientCert && { valid: clientCert.valid },
});

/** @param {import('node:http').ServerResponse} response @param {number} status @param {object} value */
function answer(response, status, value) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}

/** Connect style, without a framework. @param {object | undefined} options of the middleware */
function plainListener(options) {
  const middleware = clientCertificate(options);
  return (request, response) =>
    middleware(request, response, (error) => {
      if (error) return answer(response, 500, failureSeenBy(request, error));
      return answer(response, 200, seenBy(request));
    });
}

/** @param {() => any} express @param {object | undefined} options of the middleware */
function expressListener(express, options) {
  const app = express();
  app.use(clientCertificate(options));
  app.all('/', (request, response) => response.json(seenBy(request)));
  app.use((error, request, response, _next) => response.status(500).json(failureSeenBy(request, error)));
  return app;
}

/** @param {(options: object) => any} fastify @param {object | undefined} options of the plugin @param {object} server */
async function fastifyServer(fastify, options, server) {
  const app = fastify({ ...server, exposeHeadRoutes: true, forceCloseConnections: true });
  app.register(clientCertPlugin, options);
  app.setErrorHandler((error, request, reply) => reply.code(500).send(failureSeenBy(request, error)));
  app.route({ method: ['GET', 'POST'], url: '/', handler: async (request) => seenBy(request) });
  await app.ready();
  return app;
}

const tlsDefaults = { requestCert: true, rejectUnauthorized: false };

/** @param {string} name @param {(options: any, tls: any) => any} make @param {'h1' | 'h2'} protocol */
const framework = (name, protocol, make) => ({ name, protocol, make });

const frameworks = [
  framework('node:https', 'h1', (options, tls) => https.createServer(tls, plainListener(options))),
  framework('node:http2', 'h2', (options, tls) => http2.createSecureServer(tls, plainListener(options))),
  framework('node:http2 with HTTP/1', 'h1', (options, tls) =>
    http2.createSecureServer({ ...tls, allowHTTP1: true }, plainListener(options))),
  framework('Express 5', 'h1', (options, tls) => https.createServer(tls, expressListener(require('express'), options))),
  framework('Express 4', 'h1', (options, tls) => https.createServer(tls, expressListener(require('express4'), options))),
  framework('Fastify 5', 'h1', (options, tls) => fastifyServer(require('fastify'), options, { https: tls })),
  framework('Fastify 5, HTTP/2', 'h2', (options, tls) => fastifyServer(require('fastify'), options, { https: tls, http2: true })),
  framework('Fastify 4', 'h1', (options, tls) => fastifyServer(require('fastify4'), options, { https: tls })),
  framework('Fastify 4, HTTP/2', 'h2', (options, tls) => fastifyServer(require('fastify4'), options, { https: tls, http2: true })),
];

/** The same frameworks without TLS. */
const plainFrameworks = [
  framework('node:http', 'h1', (options) => http.createServer(plainListener(options))),
  framework('node:http2', 'h2', (options) => http2.createServer(plainListener(options))),
  framework('Express 5', 'h1', (options) => http.createServer(expressListener(require('express'), options))),
  framework('Express 4', 'h1', (options) => http.createServer(expressListener(require('express4'), options))),
  framework('Fastify 5', 'h1', (options) => fastifyServer(require('fastify'), options, {})),
  framework('Fastify 4', 'h1', (options) => fastifyServer(require('fastify4'), options, {})),
  framework('Fastify 5, HTTP/2', 'h2', (options) => fastifyServer(require('fastify'), options, { http2: true })),
];

/**
 * Starts one of them.
 *
 * @param {import('./tls.js').Network} network
 * @param {{ make: (options: any, tls: any) => any }} framework
 * @param {object | undefined} options of the middleware
 * @param {import('node:tls').TlsOptions} [tls]
 * @returns {Promise<{ port: number, server: any }>}
 */
async function serve(network, { make }, options, tls) {
  const made = await make(options, tls && { ...tlsDefaults, ...tls });
  const server = made.server ?? made;
  const port = await network.listen(server);
  // Fastify ends what it has started besides its server.
  if (made !== server) network.atEnd(() => made.close());
  return { port, server };
}

/** @param {import('node:stream').Readable} stream */
async function textOf(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/**
 * @typedef {object} Answer
 * @property {number} status
 * @property {Record<string, any>} headers
 * @property {string} text
 * @property {any} [json]
 */

/** @param {string} text @param {Record<string, any>} headers */
const jsonOf = (text, headers) =>
  text && String(headers['content-type']).includes('json') ? JSON.parse(text) : undefined;

/** A client's connection, for one request or more. */
class Client {
  #protocol;
  #origin;
  #agent;
  #session;

  /**
   * @param {'h1' | 'h2'} protocol
   * @param {number} port
   * @param {import('node:tls').ConnectionOptions | null} tls null: no TLS
   */
  constructor(protocol, port, tls) {
    this.#protocol = protocol;
    this.#origin = { host: '127.0.0.1', port };
    const options = { servername: '', rejectUnauthorized: false, ...tls };
    const { Agent } = tls ? https : http;
    if (protocol === 'h1') this.#agent = new Agent({ keepAlive: true, maxSockets: 1, maxCachedSessions: 0, ...(tls && options) });
    else this.#session = http2.connect(`${tls ? 'https' : 'http'}://127.0.0.1:${port}`, tls ? options : {});
    this.#session?.on('error', () => {});
  }

  /**
   * @param {{ method?: string, path?: string, headers?: Record<string, string>, body?: string }} [request] with a body, all of it is written
   *   before the answer is read
   * @returns {Promise<Answer>}
   */
  request({ method = 'GET', path = '/', headers = {}, body } = {}) {
    return this.#protocol === 'h1' ? this.#http1(method, path, headers, body) : this.#http2(method, path, headers, body);
  }

  async #http1(method, path, headers, body) {
    const request = (this.#agent instanceof https.Agent ? https : http).request({
      ...this.#origin,
      agent: this.#agent,
      setHost: headers.host === undefined,
      method,
      path,
      headers,
    });
    request.end(body);
    const [response] = await once(request, 'response');
    const text = await textOf(response);
    return { status: response.statusCode, headers: response.headers, text, json: jsonOf(text, response.headers) };
  }

  async #http2(method, path, headers, body) {
    const stream = this.#session.request({ ':method': method, ':path': path, ...headers }, { endStream: body === undefined });
    if (body !== undefined) stream.end(body);
    const received = await new Promise((resolve, reject) => {
      stream.once('response', resolve);
      stream.once('error', reject);
      stream.once('close', () => reject(new Error('the stream ended without an answer')));
    });
    const text = await textOf(stream);
    return { status: received[':status'], headers: received, text, json: jsonOf(text, received) };
  }

  close() {
    this.#agent?.destroy();
    this.#session?.destroy();
  }
}

/**
 * One request on a connection of its own.
 *
 * @param {'h1' | 'h2'} protocol
 * @param {number} port
 * @param {import('node:tls').ConnectionOptions | null} tls
 * @param {object} [request] as Client.request
 */
async function ask(protocol, port, tls, request) {
  const client = new Client(protocol, port, tls);
  try {
    return await client.request(request);
  } finally {
    client.close();
  }
}

module.exports = { Client, ask, frameworks, plainFrameworks, plainListener, serve };
