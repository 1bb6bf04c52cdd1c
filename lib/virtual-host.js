// @ts-check
'use strict';
// One connection, several virtual hosts: a request names its host itself (Host, :authority), whatever name the handshake was made for.
// Where the TLS context of the requested host trusts something else than the one that judged the client, the request was misdirected
// (RFC 9110 section 15.5.20).

const { isIPv4, isIPv6 } = require('node:net');
const { Duplex } = require('node:stream');
const tls = require('node:tls');

const { connectionChanges } = require('./connection-changes.js');
const { finishedOf, tlsConnectionOf } = require('./connection.js');
const { native } = require('./native.js');

const AUTHORITY = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9_-]+(?:\.[a-z0-9_-]+)*)\.?)(?::[0-9]*)?$/i;
const ABSOLUTE_FORM = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i;
// RFC 1035 section 2.3.4, without the trailing dot. It also bounds what an SNICallback is asked and what is kept of it.
const MAX_NAME = 253;

/**
 * @param {unknown} authority
 * @returns {string | null} lower case, without port; '' where no TLS context can be chosen by it: it is empty, or an IP address, which is
 *   never a server name (RFC 6066 section 3); null where it is no authority at all
 */
function hostOf(authority) {
  if (authority === '') return '';
  const [, bracketed, name] = AUTHORITY.exec(String(authority)) ?? [];
  if (bracketed !== undefined) return isIPv6(bracketed) ? '' : null;
  if (name === undefined || name.length > MAX_NAME) return null;
  return isIPv4(name) ? '' : name.toLowerCase();
}

/**
 * A request may name its host more than once: by Host, by :authority, by a request target in absolute form. Applications and routers differ in
 * which of them they look at, so they have to agree (RFC 9113 section 8.3.1).
 *
 * @param {any} request
 * @returns {string | null} as hostOf; '' where the request names no host; null also where the names differ
 */
function requestedHost(request) {
  const { ':authority': authority, host } = request.headers;
  const [, target] = ABSOLUTE_FORM.exec(request.originalUrl ?? request.url ?? '') ?? [];
  const hosts = new Set([authority, host, target].filter((name) => name !== undefined).map(hostOf));
  if (hosts.size > 1) return null;
  const [only = ''] = hosts;
  return only;
}

/** @type {WeakMap<object, string | undefined>} */
const trustOfContexts = new WeakMap();

/**
 * @param {object} context what an SNICallback gives: a SecureContext or what is within
 * @returns {string | undefined}
 * @throws {TypeError} where it is neither; Node ends a handshake for it
 */
function trustOfContext(context) {
  if (!trustOfContexts.has(context)) {
    // There is no public way from a SecureContext to its SSL_CTX. A connection that is made from it, and that nobody is at the other end
    // of, has it.
    const secureContext = /** @type {any} */ ('context' in context ? context : { context });
    const nowhere = new Duplex({
      read() {},
      write(_chunk, _encoding, done) {
        done();
      },
    });
    const probe = new tls.TLSSocket(nowhere, { isServer: true, secureContext });
    probe.on('error', () => {});
    trustOfContexts.set(context, native.newestTrustIdentity());
    probe.destroy();
    nowhere.destroy();
  }
  return trustOfContexts.get(context);
}

/** What addContext() has given the server, which Node.js keeps as pairs of a pattern and a context. @param {any} socket @returns {readonly [RegExp, object][]} */
const contextsOf = (socket) => socket.server?._contexts ?? [];

/**
 * @param {any} socket
 * @param {string} host
 * @returns {Promise<object | null>} the context that the server would choose by this name; null: none, so the first one
 */
function contextFor(socket, host) {
  // Of a connection that is older than the first of them: as Node.js chooses, the latest that fits.
  if (socket._SNICallback === null) return Promise.resolve([...contextsOf(socket)].reverse().find(([pattern]) => pattern.test(host))?.[1] ?? null);
  return new Promise((resolve, reject) => {
    socket._SNICallback(host, (/** @type {unknown} */ error, /** @type {object | undefined} */ context) =>
      error ? reject(error) : resolve(context || null),
    );
  });
}

/**
 * @template T
 * @param {import('node:events').EventEmitter} emitter
 * @param {() => Promise<T>} ask whose answer may never come: an SNICallback is somebody else's
 * @returns {Promise<T>} rejects where the emitter closes first
 */
async function unlessClosed(emitter, ask) {
  /** @type {() => void} */
  let onClose = () => {};
  const closed = new Promise((_resolve, reject) => {
    onClose = () => reject(new Error('closed'));
  });
  emitter.once('close', onClose);
  try {
    return await Promise.race([ask(), /** @type {Promise<never>} */ (closed)]);
  } finally {
    emitter.removeListener('close', onClose);
  }
}

/**
 * @param {any} connection the socket, or the HTTP/2 session on it
 * @param {any} socket
 * @param {string} host
 * @returns {Promise<boolean>} false also where the server's own callback fails: no handshake would succeed under this name
 */
async function contextsTrustTheSame(connection, socket, host) {
  const finished = finishedOf(socket);
  const judging = native.trustIdentity(finished, 'current');
  try {
    // Node asks for no context where the client names no server.
    const context = host === '' ? null : await unlessClosed(connection, () => contextFor(socket, host));
    const wanted = context ? trustOfContext(context) : native.trustIdentity(finished, 'initial');
    return judging !== undefined && judging === wanted;
  } catch {
    return false;
  }
}

/**
 * Whether the handshake that judged the client chose its context by this very name, octet for octet: some Node lines take the case of a name
 * as part of it. A resumed session chooses none, and neither does a renegotiation, though it may bring another name; TLS 1.3 has none.
 *
 * @param {tls.TLSSocket} socket
 * @param {string} host
 */
function handshakeWasFor(socket, host) {
  const { servername } = /** @type {{ servername?: unknown }} */ (socket);
  return host === (servername || '') && socket.getProtocol() === 'TLSv1.3' && !socket.isSessionReused();
}

/** @typedef {{ host: string, changes: number, contexts: number, sameTrust: boolean }} Answer */
/** @type {WeakMap<object, Answer>} the latest answer for each connection: a client may name as many hosts as it likes */
const answers = new WeakMap();

/**
 * Whether the client was judged by the trust of the host that the request is for.
 *
 * @param {any} request an HTTP/1 or HTTP/2 request
 * @param {import('./connection.js').TlsConnection} connection that it came by
 * @returns {boolean | (() => Promise<boolean>)} a function where another host's context has to be looked at, which may ask the application
 */
function directionOf(request, { identity, socket }) {
  if (socket === undefined) return false;
  // Node's own: null where the server had a single context when the connection was made, and so one trust for all of its hosts, until it gets another.
  const { _SNICallback: chooseContext } = /** @type {any} */ (socket);
  const contexts = contextsOf(socket).length;
  if (chooseContext === null && contexts === 0) return true;
  const host = requestedHost(request);
  if (host === null) return false;
  const changes = connectionChanges();
  const answer = answers.get(identity);
  if (answer?.host === host && answer.changes === changes && answer.contexts === contexts) return answer.sameTrust;
  /** @param {boolean} sameTrust */
  const keep = (sameTrust) => {
    answers.set(identity, { host, changes, contexts, sameTrust });
    return sameTrust;
  };
  if (chooseContext !== null && handshakeWasFor(socket, host)) return keep(true);
  if (chooseContext !== null && typeof chooseContext !== 'function') return keep(false);
  return () => contextsTrustTheSame(identity, socket, host).then(keep);
}

/** @param {any} request an HTTP/1 or HTTP/2 request @returns {boolean | Promise<boolean>} */
function isDirectedHere(request) {
  const direction = directionOf(request, tlsConnectionOf(request));
  return typeof direction === 'function' ? direction() : direction;
}

module.exports = { directionOf, hostOf, isDirectedHere, requestedHost };
