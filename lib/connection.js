// @ts-check
'use strict';
// From whatever has a TLS connection beneath it to that connection.

const { IncomingMessage } = require('node:http');
const http2 = require('node:http2');
const tls = require('node:tls');

const { ClientCertError } = require('./errors.js');

/**
 * @typedef {object} TlsConnection
 * @property {object} identity the object that stands for the connection as long as it lives
 * @property {tls.TLSSocket | undefined} socket the socket, or the proxy of it that an HTTP/2 session gives as long as it lives
 */

/** @param {any} value @returns {value is http2.Http2Session} */
function isHttp2Session(value) {
  return typeof value.goaway === 'function' && typeof value.settings === 'function' && 'encrypted' in value;
}

const closed = (why = 'and was not asked about before') =>
  new ClientCertError('ERR_CLIENT_CERT_CONNECTION_CLOSED', `the connection is closed, ${why}`);

/** @param {tls.TLSSocket} socket @returns {TlsConnection} */
const ofSocket = (socket) => ({ identity: socket, socket });

/** @param {http2.Http2Session} session @returns {TlsConnection} */
function ofSession(session) {
  if (session.destroyed || !session.socket) return { identity: session, socket: undefined };
  if (!session.encrypted) throw new TypeError('connection: this HTTP/2 session is not over TLS');
  return { identity: session, socket: /** @type {tls.TLSSocket} */ (session.socket) };
}

/** @type {WeakMap<object, http2.Http2Session>} a stream forgets its session when it is closed, and those that log ask then */
const sessionsOfStreams = new WeakMap();

/** @param {http2.Http2Stream} stream @returns {TlsConnection} @throws {ClientCertError} ERR_CLIENT_CERT_CONNECTION_CLOSED */
function ofStream(stream) {
  const session = stream.session ?? sessionsOfStreams.get(stream);
  if (!session) throw closed();
  sessionsOfStreams.set(stream, session);
  return ofSession(session);
}

/**
 * @param {any} connection
 * @returns {TlsConnection}
 * @throws {TypeError} where it is none, {ClientCertError} ERR_CLIENT_CERT_CONNECTION_CLOSED
 */
function tlsConnectionOf(connection) {
  // Most are of this kind.
  if (connection instanceof IncomingMessage && connection.socket instanceof tls.TLSSocket) return ofSocket(connection.socket);
  if (connection instanceof tls.TLSSocket) return ofSocket(connection);
  if (connection === null || typeof connection !== 'object') throw notAConnection(connection);
  if (connection instanceof http2.Http2ServerRequest) return ofStream(connection.stream);
  if (isHttp2Session(connection)) return ofSession(connection);
  if ('session' in connection && 'pushAllowed' in connection) return ofStream(connection);
  const { socket } = connection;
  if (socket instanceof tls.TLSSocket) return ofSocket(socket);
  if (socket && typeof socket === 'object') throw new TypeError('connection: this connection is not over TLS');
  throw notAConnection(connection);
}

/** @param {unknown} value */
function notAConnection(value) {
  const kind = value === null ? 'null' : typeof value === 'object' ? 'an object of another kind' : typeof value;
  return new TypeError(
    `connection must be a tls.TLSSocket, an HTTP request, or an HTTP/2 request, stream or session, and is ${kind}`,
  );
}

/** @param {tls.TLSSocket | undefined} socket @returns {socket is undefined} or destroyed: nothing can be asked of it */
function isGone(socket) {
  try {
    return socket === undefined || socket.destroyed;
  } catch {
    return true; // the proxy of an HTTP/2 session that has ended
  }
}

/**
 * The Finished message of this end, which names the connection.
 *
 * @param {tls.TLSSocket | undefined} socket
 * @returns {Buffer}
 * @throws {ClientCertError} ERR_CLIENT_CERT_CONNECTION_CLOSED, ERR_CLIENT_CERT_HANDSHAKE_PENDING
 */
function finishedOf(socket) {
  if (isGone(socket)) throw closed();
  const finished = socket.getFinished();
  if (finished && finished.length > 0) return finished;
  throw handshakePending();
}

const handshakePending = () =>
  new ClientCertError('ERR_CLIENT_CERT_HANDSHAKE_PENDING', "the handshake has not ended yet; wait for 'secureConnection', at a client's end for 'secureConnect'");

const clientEnd = () =>
  new ClientCertError(
    'ERR_CLIENT_CERT_NOT_SUPPORTED',
    "this is the client's end of the connection, where the peer is the server; ask at the server's end",
  );

module.exports = { closed, tlsConnectionOf, isGone, finishedOf, handshakePending, clientEnd };
