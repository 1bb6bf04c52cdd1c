// @ts-check
'use strict';
// What a security context knows: read from the connection at once, plain values and octets from then on.

const { clientChanged } = require('../changed-client.js');
const { getClientCertInfo } = require('../client-cert-info.js');
const { finishedOf, handshakePending, tlsConnectionOf } = require('../connection.js');
const { ContextAttribute } = require('../constants.js');
const { ClientCertError } = require('../errors.js');
const { native } = require('../native.js');

/**
 * @typedef {import('../../binding.js').NativeSecurityContext & {
 *   attributes: number, userName: string | null, openssl: string, sessionKey: Buffer | null
 * }} Facts
 */

const { ASC_RET_REPLAY_DETECT, ASC_RET_SEQUENCE_DETECT, ASC_RET_CONFIDENTIALITY, ASC_RET_CONNECTION, ASC_RET_STREAM, ASC_RET_INTEGRITY, ASC_RET_MUTUAL_AUTH } =
  ContextAttribute;
// Every record has a number that its authentication covers (RFC 8446 section 5.3, RFC 5246 section 6.2.3).
const OF_ALL = ASC_RET_REPLAY_DETECT | ASC_RET_SEQUENCE_DETECT | ASC_RET_CONNECTION | ASC_RET_STREAM | ASC_RET_INTEGRITY;

/** @param {import('node:tls').TLSSocket} socket */
function readNative(socket) {
  const read = native.readSecurityContext(finishedOf(socket));
  if (typeof read !== 'string') return read;
  if (read === 'handshakePending') throw handshakePending();
  if (read === 'changed') throw clientChanged();
  if (read === 'ambiguous') {
    throw new ClientCertError('ERR_CLIENT_CERT_AMBIGUOUS', 'two connections of this thread have the same Finished message; nothing is said of either');
  }
  throw new ClientCertError('ERR_CLIENT_CERT_NOT_SUPPORTED', 'nothing is known of the handshake of this connection: load the package before it is made');
}

/**
 * @param {import('../index.js').Connection} connection
 * @param {{ verifier?: import('../index.js').Verifier, info?: import('../index.js').ClientCertInfo | null }} known info: what was found out about the client
 * @returns {Readonly<Facts>}
 * @throws {TypeError | ClientCertError} as getClientCertInfo
 */
function readFacts(connection, { verifier, info }) {
  const { socket } = tlsConnectionOf(connection);
  const read = readNative(/** @type {import('node:tls').TLSSocket} */ (socket));
  const client = read.isServer ? (info ?? getClientCertInfo(connection, { verifier })) : null;
  // At the client's end: the server was verified, and this end has shown who it is.
  const isMutual = read.isServer ? client?.valid === true : socket?.authorized === true && read.ownCertificate !== null;
  return Object.freeze({
    ...read,
    // A session that was resumed brings the leaf alone; we know the others.
    peerCertificates: client ? [...client.presentedChainEncoded] : read.peerCertificates,
    attributes: OF_ALL | (read.connection.cipher === null ? 0 : ASC_RET_CONFIDENTIALITY) | (isMutual ? ASC_RET_MUTUAL_AUTH : 0),
    userName: info?.account?.name ?? null,
    openssl: process.versions.openssl,
    sessionKey: null,
  });
}

module.exports = { readFacts };
