// @ts-check
'use strict';
// A request's body while its client is asked for a certificate. The answer comes behind the body on the connection: were the body not read, the answer
// would never be. So it goes on into the request's own buffer, where whoever reads the request finds it.

const http = require('node:http');

const { ClientCertError } = require('../errors.js');

const tooLarge = (/** @type {number} */ limit) =>
  new ClientCertError('ERR_CLIENT_CERT_BODY_TOO_LARGE', `the request has a body of more than ${limit} octets that would have to be kept while its client is asked`);

/**
 * @param {unknown} connection
 * @param {number} limit octets
 * @param {(error: ClientCertError) => void} onTooLarge
 * @returns {() => void} to be called at the end
 * @throws {ClientCertError} ERR_CLIENT_CERT_BODY_TOO_LARGE where the request says so itself
 */
function keepBody(connection, limit, onTooLarge) {
  if (!(connection instanceof http.IncomingMessage) || connection.complete) return () => {};
  if (Number(connection.headers['content-length'] ?? 0) > limit) throw tooLarge(limit);
  const request = /** @type {any} */ (connection);
  const { push } = request;
  const hadOwn = Object.hasOwn(request, 'push');
  request.push = (/** @type {Buffer | null} */ chunk, /** @type {BufferEncoding} */ encoding) => {
    const isWanted = push.call(request, chunk, encoding);
    if (request.readableLength <= limit) return true;
    onTooLarge(tooLarge(limit));
    return isWanted;
  };
  // It may have been paused, for more than a stream takes by itself.
  if (request.readableLength > limit) onTooLarge(tooLarge(limit));
  else request.socket.resume();
  return () => {
    if (hadOwn) request.push = push;
    else delete request.push;
  };
}

module.exports = { keepBody };
