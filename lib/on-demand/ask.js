// @ts-check
'use strict';
// Asking a client for a certificate after the handshake: TLS 1.3 by post-handshake authentication (RFC 8446 section 4.6.2), TLS 1.2 by renegotiation.

const { clientChanged, isOfChangedClient } = require('../changed-client.js');
const { finishedOf, handshakePending, isGone } = require('../connection.js');
const { channels, publish } = require('../diagnostics.js');
const { ClientCertError } = require('../errors.js');
const { native } = require('../native.js');

/** @typedef {import('node:tls').TLSSocket} TLSSocket */

const notSupported = (/** @type {string} */ message, /** @type {unknown} */ cause = undefined) => new ClientCertError('ERR_CLIENT_CERT_NOT_SUPPORTED', message, { cause });

const REFUSALS = /** @type {Record<string, () => ClientCertError>} */ ({
  handshakePending,
  unknown: () => notSupported('nothing is known of the handshake of this connection: load the package before the server is made'),
  clientEnd: () => notSupported("this is the client's end of the connection, where the peer is the server"),
  notOffered: () => notSupported('the client did not offer post-handshake authentication'),
  insecureRenegotiation: () => notSupported('the client does not support secure renegotiation (RFC 5746)'),
  notSupported: () => notSupported('the protocol of this connection has no way to ask later'),
  underWay: () => new ClientCertError('ERR_CLIENT_CERT_REQUEST_PENDING', 'the client was asked before and has not answered yet'),
  failed: () => notSupported('OpenSSL refused to ask'),
});

/** @param {TLSSocket} socket @returns {ClientCertError | null} */
function obstacle(socket) {
  // RFC 8740.
  if (socket.alpnProtocol === 'h2') return notSupported('HTTP/2 forbids to ask a client later: ask in the handshake, or for HTTP/1.1 (ALPNProtocols)');
  return null;
}

/** @param {any} error */
const isOfLimit = (error) => error?.code === 'ERR_TLS_SESSION_ATTACK';

/** @param {unknown} error @returns {ClientCertError} */
function endedBy(error) {
  if (isOfChangedClient(error)) return clientChanged(error);
  if (isOfLimit(error)) {
    return new ClientCertError('ERR_CLIENT_CERT_RENEGOTIATION_LIMIT', 'Node.js allows no more renegotiations of this connection (tls.CLIENT_RENEG_LIMIT)', { cause: error });
  }
  return new ClientCertError('ERR_CLIENT_CERT_CONNECTION_CLOSED', 'the connection was closed before its client answered', error === undefined ? {} : { cause: error });
}

/**
 * Resolves when the client has answered, with a certificate or without.
 *
 * @param {TLSSocket} socket
 * @param {{ authorities: Buffer[] | null, timeout: number }} options timeout: ms
 * @returns {Promise<void>}
 */
function ask(socket, { authorities, timeout }) {
  return new Promise((resolve, reject) => {
    const asked = native.askForCertificate(finishedOf(socket), authorities, () => setImmediate(settle));
    if (!('cancel' in asked)) {
      const refusal = REFUSALS[asked.state]();
      publish(channels.request, () => ({ type: 'refused', connection: socket, error: refusal }));
      reject(refusal);
      return;
    }
    publish(channels.request, () => ({ type: 'asked', connection: socket }));
    const onError = (/** @type {unknown} */ error) => {
      settle(endedBy(error));
      // Node.js leaves it open: for an answer that would still be read, where its limit is reached.
      socket.destroy();
    };
    const onClose = () => settle(endedBy(undefined));
    const timer = setTimeout(() => {
      publish(channels.request, () => ({ type: 'timedOut', connection: socket }));
      settle(new ClientCertError('ERR_CLIENT_CERT_TIMEOUT', `the client has not answered within ${timeout} ms`));
    }, timeout);
    /** @param {Error} [error] */
    function settle(error) {
      clearTimeout(timer);
      socket.removeListener('error', onError);
      socket.removeListener('close', onClose);
      // Puts the verify mode back; after an answer that has been done.
      /** @type {any} */ (asked).cancel();
      if (error) reject(error);
      else if (isGone(socket)) reject(endedBy(/** @type {TLSSocket} */ (socket).errored));
      else resolve();
    }
    socket.on('error', onError);
    socket.on('close', onClose);
    if (asked.state === 'asked') {
      // Sends what OpenSSL has ready.
      socket.write(Buffer.alloc(0));
      return;
    }
    const begun = socket.renegotiate({ requestCert: true, rejectUnauthorized: false }, (error) => {
      if (error) settle(notSupported('the connection cannot be renegotiated', error));
    });
    // `false`, and the callback gets the reason.
    if (begun === undefined) settle(endedBy(socket.errored));
  });
}

module.exports = { ask, obstacle };
