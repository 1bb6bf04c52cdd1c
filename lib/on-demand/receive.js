// @ts-check
'use strict';
// receiveClientCertificate: the certificate that is there, else asking for one now.

const { isCertificate } = require('../certificate.js');
const { AccountMapper } = require('../account/mapper.js');
const { getClientCertInfo, getClientCertInfoOnline, withAccount } = require('../client-cert-info.js');
const { isGone, tlsConnectionOf } = require('../connection.js');
const { channels, publish } = require('../diagnostics.js');
const { DistinguishedName } = require('../distinguished-name.js');
const { ClientCertError } = require('../errors.js');
const { native } = require('../native.js');
const { ownOptions } = require('../options.js');
const { protectorOf } = require('../protection.js');
const { authoritiesOf, checkedVerifier } = require('../verifier.js');
const { ask, obstacle } = require('./ask.js');
const { keepBody } = require('./body.js');

/**
 * @typedef {import('../index.js').ClientCertInfo} ClientCertInfo
 * @typedef {import('../index.js').Verifier} Verifier
 * @typedef {{ retry: boolean, maxBufferedBody: number, timeout: number, trustedCAs: Buffer[] | null }} OnDemand
 */

const ON_DEMAND = ['retry', 'maxBufferedBody', 'timeout', 'trustedCAs'];
// As Apache's SSLRenegBufferSize.
const MAX_BODY = 128 * 1024;
const TIMEOUT = 15_000;
// The extension has 16 bits for its length (RFC 8446 section 4.2.4); beyond that no CA is named, which means any.
const MAX_AUTHORITIES = 60_000;

/** @param {string} where @param {string} name @param {unknown} value @param {number} byDefault @param {number} max */
function numberOf(where, name, value, byDefault, max) {
  if (value === undefined) return byDefault;
  if (typeof value !== 'number') throw new TypeError(`${where}: ${name} must be a number`);
  if (!Number.isInteger(value) || value < 0 || value > max) throw new RangeError(`${where}: ${name} must be an integer from 0 to ${max}`);
  return value;
}

/** @param {string} where @param {unknown} list @returns {Buffer[] | null} */
function namesOf(where, list) {
  if (list === undefined) return null;
  if (!Array.isArray(list)) throw new TypeError(`${where}: trustedCAs must be an array of Certificates or DistinguishedNames`);
  return list.map((one) => {
    if (one instanceof DistinguishedName) return one.der;
    if (isCertificate(one)) return /** @type {any} */ (one).subject.der;
    throw new TypeError(`${where}: trustedCAs must be an array of Certificates or DistinguishedNames`);
  });
}

/** @param {string} where @param {any} own @returns {OnDemand} */
function onDemandIn(where, { retry = false, maxBufferedBody, timeout, trustedCAs }) {
  if (typeof retry !== 'boolean') throw new TypeError(`${where}: retry must be a boolean`);
  return Object.freeze({
    retry,
    maxBufferedBody: numberOf(where, 'maxBufferedBody', maxBufferedBody, MAX_BODY, 2 ** 31 - 1),
    timeout: numberOf(where, 'timeout', timeout, TIMEOUT, 2 ** 31 - 1),
    trustedCAs: namesOf(where, trustedCAs),
  });
}

/** @param {string} where @param {unknown} options @returns {OnDemand} */
const checkedOnDemand = (where, options) => onDemandIn(where, ownOptions(where, options, ON_DEMAND));

/** @param {Verifier | undefined} judge @param {Buffer[] | null} given @returns {Buffer[] | null} null: those of the TLS context */
function authoritiesFor(judge, given) {
  const names = given ?? (judge ? subjectsOf(authoritiesOf(judge)) : null);
  if (names === null) return null;
  return names.reduce((sum, { length }) => sum + length + 2, 0) > MAX_AUTHORITIES ? [] : names;
}

/** @param {readonly Buffer[]} ders of certificates */
const subjectsOf = (ders) =>
  ders.flatMap((der) => {
    const parsed = native.Certificate.parse(der);
    return parsed instanceof native.Certificate ? [parsed.names().subject.der] : [];
  });

/** @type {WeakMap<object, Promise<void>>} connections whose client is being asked: whoever asks meanwhile waits for the same answer */
const asking = new WeakMap();
/** @type {WeakSet<object>} connections whose client had nothing to show */
const declined = new WeakSet();

/**
 * @param {any} connection
 * @param {Verifier | undefined} verifier
 * @param {OnDemand} options
 */
async function askOnce(connection, verifier, options) {
  const { identity, socket } = tlsConnectionOf(connection);
  // Whoever has ended its side cannot ask any more.
  if (isGone(socket) || !socket.writable) throw new ClientCertError('ERR_CLIENT_CERT_CONNECTION_CLOSED', 'the connection is closed');
  const refusal = obstacle(socket);
  if (refusal) {
    publish(channels.request, () => ({ type: 'refused', connection: socket, error: refusal }));
    throw refusal;
  }
  // Within a read of the connection, where handlers of requests run, asking would corrupt the stream.
  await new Promise(setImmediate);
  // The answer to an earlier request may have come just now.
  if (getClientCertInfo(connection) !== null) return;
  const authorities = authoritiesFor(verifier ?? protectorOf(socket), options.trustedCAs);
  await ask(socket, { authorities, timeout: options.timeout });
  const isDeclined = getClientCertInfo(connection) === null;
  if (isDeclined) declined.add(identity);
  publish(channels.request, () => ({ type: isDeclined ? 'declined' : 'received', connection: socket }));
}

/**
 * Whoever gives up, since too much of its own body would have to be kept, leaves the request to the others.
 *
 * @param {any} connection
 * @param {Verifier | undefined} verifier
 * @param {OnDemand} options
 * @returns {Promise<void>}
 */
async function waitForAnswer(connection, verifier, options) {
  const { identity } = tlsConnectionOf(connection);
  /** @type {(error: Error) => void} */
  let giveUp = () => {};
  const givenUp = new Promise((_, reject) => {
    giveUp = reject;
  });
  givenUp.catch(() => {});
  const release = keepBody(connection, options.maxBufferedBody, giveUp);
  try {
    let answered = asking.get(identity);
    if (!answered) {
      answered = askOnce(connection, verifier, options).finally(() => asking.delete(identity));
      asking.set(identity, answered);
    }
    await Promise.race([answered, givenUp]);
  } finally {
    release();
  }
}

/**
 * @param {any} connection
 * @param {Verifier | undefined} verifier
 * @param {OnDemand} options
 * @returns {Promise<ClientCertInfo | null>}
 */
async function receiveInfo(connection, verifier, options) {
  const { identity } = tlsConnectionOf(connection);
  // While an answer is being read, nothing can be said of the connection.
  if (asking.has(identity)) {
    await waitForAnswer(connection, verifier, options);
  } else if (getClientCertInfo(connection, { verifier }) === null) {
    if (declined.has(identity) && !options.retry) return null;
    await waitForAnswer(connection, verifier, options);
  }
  const info = await getClientCertInfoOnline(connection, verifier);
  // Stay readable after the connection.
  if (info && !isGone(tlsConnectionOf(connection).socket)) void info.channelBindings;
  return info;
}

// Whoever cannot be asked, or did not answer, has shown no certificate.
const UNANSWERED = new Set(['ERR_CLIENT_CERT_NOT_SUPPORTED', 'ERR_CLIENT_CERT_TIMEOUT', 'ERR_CLIENT_CERT_REQUEST_PENDING', 'ERR_CLIENT_CERT_HANDSHAKE_PENDING', 'ERR_CLIENT_CERT_CONNECTION_CLOSED']);

/** @param {any} request @param {Verifier | undefined} verifier @param {OnDemand} options @returns {Promise<ClientCertInfo | null>} */
async function receiveInfoOrNull(request, verifier, options) {
  try {
    return await receiveInfo(request, verifier, options);
  } catch (error) {
    if (error instanceof ClientCertError && UNANSWERED.has(error.code)) return null;
    throw error;
  }
}

/** @template T @param {Promise<T>} promise @param {AbortSignal | undefined} signal @returns {Promise<T>} */
function abortable(promise, signal) {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/**
 * @param {import('../index.js').Connection} connection
 * @param {object} [options]
 * @returns {Promise<ClientCertInfo | null>}
 */
async function receiveClientCertificate(connection, options = {}) {
  const where = 'receiveClientCertificate';
  const own = /** @type {any} */ (ownOptions(where, options, [...ON_DEMAND, 'verifier', 'mapper', 'negotiate', 'signal']));
  const verifier = checkedVerifier(where, own.verifier);
  const { mapper, negotiate = true, signal } = own;
  if (mapper !== undefined && !(mapper instanceof AccountMapper)) throw new TypeError(`${where}: mapper must be an AccountMapper`);
  if (typeof negotiate !== 'boolean') throw new TypeError(`${where}: negotiate must be a boolean`);
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw new TypeError(`${where}: signal must be an AbortSignal`);
  const onDemand = onDemandIn(where, own);
  signal?.throwIfAborted();
  /** @type {Promise<ClientCertInfo | null>} */
  const received = negotiate ? receiveInfo(connection, verifier, onDemand) : getClientCertInfoOnline(connection, verifier);
  const info = await abortable(received, signal);
  return info && mapper ? withAccount(info, mapper) : info;
}

module.exports = { checkedOnDemand, receiveClientCertificate, receiveInfoOrNull };
