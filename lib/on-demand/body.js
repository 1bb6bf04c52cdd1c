// @ts-check
'use strict';
// A request's body while its client is asked for a certificate. The answer comes behind the body on the connection: were the body not read, the answer
// would never be. So it goes on into the request's own buffer, where whoever reads the request finds it.

const http = require('node:http');

const { ClientCertError } = require('../errors.js');

/** @typedef {{ limit: number, onTooLarge: (error: ClientCertError) => void }} Keeper */

const tooLarge = (/** @type {number} */ limit) =>
  new ClientCertError('ERR_CLIENT_CERT_BODY_TOO_LARGE', `the request has a body of more than ${limit} octets that would have to be kept while its client is asked`);

/** @type {WeakMap<object, Set<Keeper>>} by request: several may wait on behalf of one */
const keepersOf = new WeakMap();

/** @param {any} request @returns {Set<Keeper>} whose leaving is to be told by `leave` */
function intercepted(request) {
  const known = keepersOf.get(request);
  if (known) return known;
  /** @type {Set<Keeper>} */
  const keepers = new Set();
  const { push } = request;
  request.push = (/** @type {Buffer | null} */ chunk, /** @type {BufferEncoding} */ encoding) => {
    const isWanted = push.call(request, chunk, encoding);
    const kept = request.readableLength;
    const exceeded = [...keepers].filter(({ limit }) => kept > limit);
    for (const { limit, onTooLarge } of exceeded) onTooLarge(tooLarge(limit));
    return exceeded.length === keepers.size ? isWanted : true;
  };
  keepersOf.set(request, keepers);
  return keepers;
}

/** @param {any} request @param {Set<Keeper>} keepers @param {Keeper} keeper */
function leave(request, keepers, keeper) {
  if (!keepers.delete(keeper) || keepers.size > 0) return;
  keepersOf.delete(request);
  // The prototype's is there again.
  delete request.push;
}

/**
 * @param {unknown} connection
 * @param {number} limit octets
 * @param {(error: ClientCertError) => void} onTooLarge
 * @returns {() => void} to be called at the end
 * @throws {ClientCertError} ERR_CLIENT_CERT_BODY_TOO_LARGE where the request says so itself, or it is known already
 */
function keepBody(connection, limit, onTooLarge) {
  if (!(connection instanceof http.IncomingMessage) || connection.complete) return () => {};
  if (Number(connection.headers['content-length'] ?? 0) > limit) throw tooLarge(limit);
  const request = /** @type {any} */ (connection);
  if (request.readableLength > limit) throw tooLarge(limit);
  const keeper = { limit, onTooLarge };
  const keepers = intercepted(request);
  keepers.add(keeper);
  // It may have been paused, for more than a stream takes by itself.
  request.socket.resume();
  return () => leave(request, keepers, keeper);
}

module.exports = { keepBody };
