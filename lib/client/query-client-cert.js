// @ts-check
'use strict';
// queryClientCert (QUERYCLIENTCERT): a SecureContext whose client certificate is chosen when a server asks for one.

const { AsyncResource } = require('node:async_hooks');
const tls = require('node:tls');

const { parseCertificate } = require('../certificate.js');
const { signatureSchemeName } = require('../context/signature-schemes.js');
const { wrapName } = require('../distinguished-name.js');
const { ClientCertError } = require('../errors.js');
const { native } = require('../native.js');
const { ownOptions } = require('../options.js');
const { chainOf } = require('./chain.js');
const { readCredential } = require('./credential.js');
const { signatureOf, signatureRequestOf } = require('./remote-signature.js');
const { connectionOf, expectConnection } = require('./sockets.js');
const { canSign, supports } = require('./supports.js');

/**
 * @typedef {import('../../binding.js').NativeCertificateQuery} NativeCertificateQuery
 * @typedef {import('../index.js').ClientCertQuery} ClientCertQuery
 * @typedef {(query: ClientCertQuery) => unknown} Callback
 * @typedef {{ callback: Callback, resource: AsyncResource, sign: import('./credential.js').Sign | null }} Connection what is kept of one; resource: where it was made, for whatever AsyncLocalStorage keeps
 */

const WHERE = 'queryClientCert';
// Those of tls.createSecureContext, and our own.
const OPTIONS = [
  'allowPartialTrustChain', 'ca', 'ciphers', 'crl', 'dhparam', 'ecdhCurve', 'honorCipherOrder', 'maxVersion', 'minVersion', 'secureOptions', 'secureProtocol',
  'sessionIdContext', 'sessionTimeout', 'sigalgs', 'ticketKeys', 'postHandshakeAuth',
];
// With any of these OpenSSL would have a certificate, and ask nobody.
const OWN_CERTIFICATE = ['cert', 'key', 'pfx', 'passphrase', 'clientCertEngine', 'privateKeyEngine', 'privateKeyIdentifier'];

/** @param {Buffer} der */
function nameOf(der) {
  const name = native.parseName(der);
  return name ? [wrapName(name)] : [];
}

/** @param {Buffer | null} der */
function certificateOf(der) {
  try {
    return der && parseCertificate(der);
  } catch {
    return null;
  }
}

/** @param {import('node:tls').TLSSocket} connection @param {NativeCertificateQuery} asked @returns {ClientCertQuery} */
function queryOf(connection, { protocol, serverName, authorities, signatureSchemes, serverCertificate }) {
  const trustedCAs = Object.freeze(authorities.flatMap(nameOf));
  const signatureAlgorithms = Object.freeze(signatureSchemes.map(signatureSchemeName));
  return Object.freeze({
    connection,
    servername: serverName,
    protocol,
    trustedCAs,
    signatureAlgorithms,
    serverCertificate: /** @type {any} */ (certificateOf(serverCertificate)),
    supports: (/** @type {unknown} */ certificate) =>
      supports(chainOf('supports: certificate', certificate).certificates, { protocol, trustedCAs, signatureAlgorithms }, Date.now()),
  });
}

/** @param {import('./credential.js').Readable} credential */
function checkValidity({ certificates: [leaf], allowExpired }) {
  const now = Date.now();
  if (now >= leaf.notBefore.getTime() && now < leaf.notAfter.getTime()) return;
  const what = `the client certificate ${leaf.subject} ${now < leaf.notBefore.getTime() ? 'is not valid yet' : 'has expired'} (valid from ${leaf.notBefore.toISOString()} to ${leaf.notAfter.toISOString()})`;
  if (!allowExpired) throw new ClientCertError('ERR_CLIENT_CERT_CREDENTIAL_EXPIRED', `${WHERE}: ${what}, and is only sent with allowExpired`);
  process.emitWarning(what, { code: 'CLIENT_CERT_EXPIRED' });
}

const REFUSED = /** @type {Record<string, () => ClientCertError>} */ ({
  badCertificate: () => new ClientCertError('ERR_CLIENT_CERT_BAD_CREDENTIAL', `${WHERE}: OpenSSL cannot read the certificate`),
  badKey: () => new ClientCertError('ERR_CLIENT_CERT_BAD_CREDENTIAL', `${WHERE}: OpenSSL cannot read the key`),
  refused: () => new ClientCertError('ERR_CLIENT_CERT_BAD_CREDENTIAL', `${WHERE}: OpenSSL refuses the certificate or its key: too weak for its security level`),
  cannotWait: () =>
    new ClientCertError('ERR_CLIENT_CERT_CREDENTIAL_UNSUPPORTED', `${WHERE}: sign is not possible in a renegotiation, nor before TLS 1.2, nor with enableTrace: only a key is`),
  cannotSign: () => new ClientCertError('ERR_CLIENT_CERT_CREDENTIAL_UNSUPPORTED', `${WHERE}: sign is not possible with this kind of key, or on this system: only a key is`),
  mismatch: () => new ClientCertError('ERR_CLIENT_CERT_CREDENTIAL_MISMATCH', `${WHERE}: the key is not that of the certificate`),
});

const unusable = () =>
  new ClientCertError('ERR_CLIENT_CERT_CREDENTIAL_UNSUPPORTED', `${WHERE}: the key makes no signature that the server accepts and this client is configured for`);

/**
 * @param {number} number of the connection
 * @param {NativeCertificateQuery} asked
 * @param {unknown} credential that was answered
 * @param {Connection} connection
 */
function give(number, { protocol, sharedSchemes }, credential, connection) {
  if (credential === false) {
    native.answerQuery(number);
    return;
  }
  const readable = readCredential(credential);
  try {
    checkValidity(readable);
    // OpenSSL would go on anonymously.
    if (!canSign(readable.certificates[0], protocol, sharedSchemes.map(signatureSchemeName))) throw unusable();
    const state = native.answerQuery(number, readable.chain, readable.key);
    if (state in REFUSED) throw REFUSED[state]();
    connection.sign = readable.sign;
  } finally {
    readable.key?.fill(0);
  }
}

/** What was thrown may be no error at all. @param {unknown} thrown @returns {Error} */
const errorOf = (thrown) =>
  thrown instanceof Error || Object.prototype.toString.call(thrown) === '[object Error]'
    ? /** @type {Error} */ (thrown)
    : new ClientCertError('ERR_CLIENT_CERT_CALLBACK_FAILED', `${WHERE}: the callback threw something that is no error`, { cause: thrown });

/** What an application's listener throws is not the connection's fault. @param {() => void} work during which Node.js may call them */
function letListen(work) {
  try {
    work();
  } catch (thrown) {
    process.nextTick(() => {
      throw thrown;
    });
  }
}

/**
 * Whatever goes wrong ends the connection: it must not go on without a certificate, nor with another one.
 *
 * @param {number} number
 * @param {NativeCertificateQuery} asked
 */
async function answer(number, asked) {
  const found = connectionOf(number);
  if (!found) return;
  const { socket, handle, connection } = found;
  const { callback, resource } = connection;
  try {
    // There is no public way to have a handshake go on that waits.
    if (typeof handle.newSessionDone !== 'function') throw new ClientCertError('ERR_CLIENT_CERT_NOT_SUPPORTED', `${WHERE}: this Node.js cannot wait for a certificate`);
    const credential = await resource.runInAsyncScope(callback, undefined, queryOf(socket, asked));
    if (socket.destroyed) return;
    give(number, asked, credential, connection);
    letListen(() => handle.newSessionDone());
    // Said at once, if it is so: Node.js may also go on in its own time.
    if (!socket.destroyed && native.wasDropped(number)) throw unusable();
  } catch (thrown) {
    socket.destroy(errorOf(thrown));
  }
}

/**
 * A signature that the connection's credential makes elsewhere. As answer: whatever goes wrong ends the connection.
 *
 * @param {number} number
 * @param {number} scheme
 * @param {Buffer} octets
 */
async function sign(number, scheme, octets) {
  const found = connectionOf(number);
  if (!found) return;
  const { socket, handle, connection } = found;
  const closing = new AbortController();
  const abort = () => closing.abort(new ClientCertError('ERR_CLIENT_CERT_CLOSED', `${WHERE}: the connection was closed`));
  socket.once('close', abort);
  try {
    const signature = signatureOf(await connection.resource.runInAsyncScope(/** @type {any} */ (connection.sign), undefined, octets, signatureRequestOf(scheme, octets, closing.signal)));
    if (socket.destroyed) return;
    let state;
    letListen(() => {
      state = native.answerSignature(number, signature);
    });
    if (state === 'wrong') {
      throw new ClientCertError('ERR_CLIENT_CERT_BAD_SIGNATURE', `${WHERE}: sign gave no ${signatureSchemeName(scheme)} signature of what it was given by the certificate's key`);
    }
    letListen(() => handle.newSessionDone());
  } catch (thrown) {
    socket.destroy(errorOf(thrown));
  } finally {
    socket.off('close', abort);
  }
}

// In the midst of a read: nothing of the connection may be touched there.
/** @param {number} number @param {NativeCertificateQuery} asked */
const onQuery = (number, asked) => void setImmediate(answer, number, asked);
/** @param {number} number @param {number} scheme @param {Buffer} octets */
const onSignature = (number, scheme, octets) => void setImmediate(sign, number, scheme, octets);
// Whatever has a context of these modules has their functions.
const CHOOSER = Object.freeze({ native: native.createChooser(onQuery, onSignature), onQuery, onSignature });

/**
 * @param {unknown} options
 * @param {Callback} callback
 * @returns {import('node:tls').SecureContext}
 */
function queryClientCert(options, callback) {
  const given = options !== null && typeof options === 'object' ? Object.getOwnPropertyNames(options) : [];
  const useless = OWN_CERTIFICATE.find((name) => given.includes(name));
  if (useless !== undefined) throw new TypeError(`${WHERE}: with '${useless}' the callback would never be asked; answer with it there`);
  const { postHandshakeAuth = false, ...own } = /** @type {any} */ (ownOptions(WHERE, options, OPTIONS));
  if (typeof postHandshakeAuth !== 'boolean') throw new TypeError(`${WHERE}: postHandshakeAuth must be a boolean`);
  if (typeof callback !== 'function') throw new TypeError(`${WHERE}: callback must be a function`);
  const created = native.contextsCreated();
  const secureContext = tls.createSecureContext(own);
  if (!native.selectOnContextSince(created, postHandshakeAuth)) {
    throw new ClientCertError('ERR_CLIENT_CERT_NOT_SUPPORTED', `${WHERE}: what Node.js has created is not one TLS context`);
  }
  const { context } = secureContext;
  Object.defineProperty(secureContext, 'context', {
    configurable: true,
    enumerable: true,
    get() {
      expectConnection(CHOOSER, { callback, resource: new AsyncResource('QUERYCLIENTCERT'), sign: null });
      return context;
    },
  });
  return secureContext;
}

module.exports = { OPTIONS, queryClientCert };
