// @ts-check
'use strict';
// The core fails the handshake of a client that shows another certificate than before on its connection, or none. Node.js tells of it by the socket's
// 'error' and leaves it open: here the connection is ended, and nothing is said of its client any more.

const { errorMonitor } = require('node:events');

const { ClientCertError } = require('./errors.js');

// As Node.js makes it from the text that the core leaves in OpenSSL's error queue.
const CHANGED = 'ERR_SSL_CLIENT_CERTIFICATE_CHANGED';

/** Connections that ended so, and the error of each. @type {WeakMap<object, unknown>} */
const ended = new WeakMap();

/** @type {WeakSet<object>} */
const watched = new WeakSet();

/** @param {any} error of a socket @returns {boolean} */
const isOfChangedClient = (error) => error?.code === CHANGED;

/** @param {unknown} [cause] */
const clientChanged = (cause) =>
  new ClientCertError('ERR_CLIENT_CERT_CHANGED', 'the client has shown another certificate than before on this connection, or none: it is ended', { cause });

/** @param {object} identity of the connection @param {import('node:tls').TLSSocket} socket @param {unknown} error of the socket */
function end(identity, socket, error) {
  if (!isOfChangedClient(error)) return;
  ended.set(identity, error);
  socket.destroy();
}

/** For most, which are their own identity: without a function for each. @this {import('node:tls').TLSSocket} @param {unknown} error */
function endSelf(error) {
  end(this, this, error);
}

/** @param {object} identity of the connection @param {import('node:tls').TLSSocket} socket whose client is known from now on */
function endWhenChanged(identity, socket) {
  if (watched.has(identity)) return;
  watched.add(identity);
  // Not a listener of 'error': nothing is taken from whoever has none.
  const event = /** @type {any} */ (errorMonitor);
  socket.on(event, identity === socket ? endSelf : (/** @type {unknown} */ error) => end(identity, socket, error));
}

/** @param {object} identity @throws {ClientCertError} ERR_CLIENT_CERT_CHANGED */
function refuseChanged(identity) {
  const error = ended.get(identity);
  if (error !== undefined) throw clientChanged(error);
}

module.exports = { clientChanged, endWhenChanged, isOfChangedClient, refuseChanged };
