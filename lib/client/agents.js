// @ts-check
'use strict';
// Connections are kept and sessions resumed without anybody being asked for a certificate again. What is kept here is kept for one identity.

const https = require('node:https');
const { isIP } = require('node:net');
const tls = require('node:tls');

const { ClientCertError } = require('../errors.js');
const { ownOptions } = require('../options.js');
const { OPTIONS, queryClientCert } = require('./query-client-cert.js');

/** @typedef {import('../index.js').ClientCertQuery} ClientCertQuery */

const CONNECT_TIMEOUT = 10_000;

/** @param {string} where @param {unknown} callback */
function checkCallback(where, callback) {
  if (typeof callback !== 'function') throw new TypeError(`${where}: callback must be a function`);
}

/** @param {Record<string, unknown>} options @returns {[Record<string, unknown>, Record<string, unknown>]} those of the TLS context, and the others */
function divided(options) {
  const entries = Object.entries(options);
  const isOfContext = (/** @type {[string, unknown]} */ [name]) => OPTIONS.includes(name);
  return [Object.fromEntries(entries.filter(isOfContext)), Object.fromEntries(entries.filter((entry) => !isOfContext(entry)))];
}

/** @param {unknown} identity @returns {string} */
function identityOf(identity) {
  if (identity === undefined) return '';
  if (typeof identity !== 'string') throw new TypeError('ClientCertAgent: identity must be a string');
  return identity;
}

// Node.js copies the options of a request, and asks for their name again when its socket is gone: it has to be the same one then.
const GENERATION = Symbol('generation');
// The callback would never be asked.
const OWN_CERTIFICATE = ['cert', 'key', 'pfx', 'passphrase', 'secureContext', 'session'];

/** The TLS context is the agent's: trust that a request asks for would be passed over. @param {any} options of a request @param {any} own of the agent */
function refuseOwnContext(options, own) {
  const useless = OPTIONS.find((name) => options[name] !== undefined && options[name] !== own[name] && name !== 'postHandshakeAuth');
  if (useless !== undefined) throw new TypeError(`ClientCertAgent: '${useless}' is an option of the agent, not of a request`);
}

/** @param {any} options */
function refuseOwnCertificate(options) {
  const useless = OWN_CERTIFICATE.find((name) => options[name] !== undefined);
  if (useless !== undefined) throw new TypeError(`ClientCertAgent: with '${useless}' the callback would never be asked; answer with it there`);
}

class ClientCertAgent extends https.Agent {
  #contextOptions;
  #callback;
  /** @type {Map<string, tls.SecureContext>} by identity */
  #contexts = new Map();
  /** @type {Map<string, number>} by identity: how often it was forgotten */
  #generations = new Map();
  /** @type {WeakMap<object, { identity: string, generation: number }>} */
  #sockets = new WeakMap();

  /**
   * @param {any} options
   * @param {(query: ClientCertQuery & { identity: string }) => any} callback
   */
  constructor(options, callback) {
    checkCallback('ClientCertAgent', callback);
    const [contextOptions, agentOptions] = divided(options ?? {});
    refuseOwnCertificate(agentOptions);
    // What Node.js refuses there is refused at once.
    queryClientCert(contextOptions, () => false);
    super(agentOptions);
    this.#contextOptions = contextOptions;
    this.#callback = callback;
  }

  /** @param {string} identity */
  #contextFor(identity) {
    const known = this.#contexts.get(identity);
    if (known) return known;
    const context = queryClientCert(this.#contextOptions, (query) => this.#callback(Object.freeze({ ...query, identity })));
    this.#contexts.set(identity, context);
    return context;
  }

  /** @param {string} identity */
  #generationOf(identity) {
    return this.#generations.get(identity) ?? 0;
  }

  /** What may share a connection, and a TLS session. @override @param {any} [options] of a request */
  getName(options = {}) {
    refuseOwnCertificate(options);
    refuseOwnContext(options, this.#contextOptions);
    const identity = identityOf(options.identity);
    options[GENERATION] ??= this.#generationOf(identity);
    return `${super.getName(options)}:${JSON.stringify([identity, options[GENERATION]])}`;
  }

  /** @override @param {any} options @param {any} [callback] */
  createConnection(options, callback) {
    const identity = identityOf(options.identity);
    const inherited = /** @type {any} */ (https.Agent.prototype).createConnection;
    const socket = inherited.call(this, { ...options, secureContext: this.#contextFor(identity) }, callback);
    if (socket) this.#sockets.set(socket, { identity, generation: options[GENERATION] ?? this.#generationOf(identity) });
    return socket;
  }

  /** @override @param {any} socket whose request has ended @returns {boolean} whether it is kept */
  keepSocketAlive(socket) {
    const { identity, generation } = this.#sockets.get(socket) ?? {};
    if (identity === undefined || generation !== this.#generationOf(identity)) return false;
    return /** @type {any} */ (https.Agent.prototype).keepSocketAlive.call(this, socket);
  }

  /** @param {string} [identity] */
  forget(identity = '') {
    const name = identityOf(identity);
    const end = `:${JSON.stringify([name, this.#generationOf(name)])}`;
    this.#generations.set(name, this.#generationOf(name) + 1);
    for (const [pool, sockets] of Object.entries(this.freeSockets)) {
      if (pool.endsWith(end)) for (const socket of [...(sockets ?? [])]) socket.destroy();
    }
  }
}

/**
 * @param {any} options
 * @param {(query: ClientCertQuery) => any} callback
 */
function clientCertConnector(options, callback) {
  const where = 'clientCertConnector';
  checkCallback(where, callback);
  const { timeout = CONNECT_TIMEOUT, allowH2 = false, ...contextOptions } = /** @type {any} */ (ownOptions(where, options, [...OPTIONS, 'timeout', 'allowH2']));
  if (!Number.isInteger(timeout) || timeout <= 0) throw new TypeError(`${where}: timeout must be a positive number of milliseconds`);
  if (typeof allowH2 !== 'boolean') throw new TypeError(`${where}: allowH2 must be a boolean`);
  const secureContext = queryClientCert(contextOptions, callback);
  const ALPNProtocols = allowH2 ? ['http/1.1', 'h2'] : ['http/1.1'];

  /**
   * No session is kept: a connector may be given to two dispatchers.
   *
   * @param {any} to what undici says of the connection
   * @param {(error: Error | null, socket: tls.TLSSocket | null) => void} done
   */
  return function connect({ protocol, hostname, port, servername, localAddress, httpSocket }, done) {
    if (protocol !== 'https:') {
      queueMicrotask(() => done(new ClientCertError('ERR_CLIENT_CERT_NOT_SUPPORTED', `${where}: a client certificate needs https:, and this is ${protocol}`), null));
      return undefined;
    }
    const name = servername || (isIP(hostname) === 0 ? hostname : '');
    const target = { host: hostname, port: Number(port || 443), servername: name, localAddress, socket: httpSocket };
    const socket = tls.connect(/** @type {any} */ ({ ...target, secureContext, ALPNProtocols, noDelay: true }));
    const timer = setTimeout(() => {
      socket.destroy(new ClientCertError('ERR_CLIENT_CERT_TIMEOUT', `${where}: ${hostname} has not been connected to within ${timeout} ms`));
    }, timeout);
    const settle = (/** @type {Error | null} */ error) => {
      clearTimeout(timer);
      socket.removeListener('secureConnect', settle);
      socket.removeListener('error', settle);
      done(error ?? null, error ? null : socket);
    };
    socket.once('secureConnect', settle);
    socket.once('error', settle);
    return socket;
  };
}

module.exports = { ClientCertAgent, clientCertConnector };
