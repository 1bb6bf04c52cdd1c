// @ts-check
'use strict';
// The one decision that every middleware asks for: may this request pass? Knows HTTP, no framework.

const { AccountMapper } = require('./account/mapper.js');
const { getClientCertInfoNow, getClientCertInfoOnline, withAccount } = require('./client-cert-info.js');
const { tlsConnectionOf } = require('./connection.js');
const { giveAdmitted, giveClientCert } = require('./context/admitted.js');
const { giveAuthInfo } = require('./context/lazy-auth-info.js');
const { authInfoOf, isExpired } = require('./context/request-auth-info.js');
const { ClientCertError } = require('./errors.js');
const { ownOptions } = require('./options.js');
const { checkedOnDemand, receiveInfoOrNull } = require('./on-demand/receive.js');
const { protectorOf } = require('./protection.js');
const { closeTokenWith } = require('./token/request-tokens.js');
const { checkedVerifier } = require('./verifier.js');
const { directionOf, isDirectedHere } = require('./virtual-host.js');

/**
 * @typedef {import('./index.js').ClientCertInfo} ClientCertInfo
 * @typedef {import('./index.js').ClientCertificateOptions} ClientCertificateOptions
 * @typedef {import('./index.js').RejectionReason} RejectionReason
 * @typedef {Omit<ClientCertificateOptions, 'onDemand'> & { required: boolean, allowInvalid: boolean, status: number, onDemand?: import('./on-demand/receive.js').OnDemand, isAlternative?: boolean }} CheckedOptions isAlternative: whoever shows no certificate may be known by another way
 * @typedef {{ status: number, headers: Record<string, string>, body: string }} Answer
 * @typedef {{ admitted: true } | { admitted: false, reason: RejectionReason, answer: Answer }} Decision
 */

/** @type {Record<string, 'boolean' | 'function' | 'number' | 'object'>} */
const OPTIONS = {
  required: 'boolean',
  allow: 'function',
  allowInvalid: 'boolean',
  onAuthenticated: 'function',
  onRejected: 'function',
  status: 'number',
  verifier: 'object',
  mapper: 'object',
  onDemand: 'object',
};

const KINDS = { boolean: 'a boolean', function: 'a function', number: 'a number', object: 'an object' };

/**
 * @param {unknown} [options]
 * @returns {CheckedOptions}
 * @throws {TypeError | RangeError}
 */
function checkedOptions(options = {}) {
  const own = ownOptions('clientCertificate', options, Object.keys(OPTIONS));
  if (typeof own.onDemand === 'boolean') own.onDemand = own.onDemand ? {} : undefined;
  for (const [name, type] of Object.entries(OPTIONS)) {
    if (own[name] !== undefined && typeof own[name] !== type) {
      throw new TypeError(`clientCertificate: ${name} must be ${KINDS[type]}${name === 'onDemand' ? ', true or false' : ''}`);
    }
  }
  checkedVerifier('clientCertificate', own.verifier);
  if (own.mapper !== undefined && !(own.mapper instanceof AccountMapper)) throw new TypeError('clientCertificate: mapper must be an AccountMapper');
  if (own.onDemand !== undefined) own.onDemand = checkedOnDemand('clientCertificate: onDemand', own.onDemand);
  const { required = true, allowInvalid = false, status = 403 } = /** @type {ClientCertificateOptions} */ (own);
  if (!Number.isInteger(status) || status < 400 || status > 499) {
    throw new RangeError('clientCertificate: status must be an HTTP status from 400 to 499');
  }
  return Object.assign(own, { required, allowInvalid, status });
}

/**
 * @param {ClientCertInfo | null} info
 * @param {boolean} isHere
 * @param {any} request
 * @param {CheckedOptions} options
 * @returns {Promise<RejectionReason | null>}
 */
async function rejectionOf(info, isHere, request, options) {
  if (!isHere) return 'misdirected_request';
  if (info === null) return options.required ? 'certificate_required' : null;
  if (!info.valid && !options.allowInvalid) return 'certificate_invalid';
  if (info.certDeniedByMapper) return 'account_denied';
  // A certificate that is let pass though it is not valid is nobody's.
  if (options.mapper && options.required && info.valid && info.account === null) return 'account_required';
  // Exactly true: an object, a number or a string admits nobody.
  if (options.allow && (await options.allow(info, request)) !== true) return 'certificate_not_allowed';
  return null;
}

/** @type {Partial<Record<RejectionReason, number>>} */
const FIXED_STATUS = { misdirected_request: 421, body_too_large: 413 };

/** @param {RejectionReason | 'not_allowed'} reason @param {number} status @returns {Answer} */
function answerOf(reason, status) {
  const body = JSON.stringify({ error: reason });
  return {
    status: FIXED_STATUS[/** @type {RejectionReason} */ (reason)] ?? status,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'content-length': String(Buffer.byteLength(body)),
      'cache-control': 'no-store',
    },
    body,
  };
}

/**
 * @param {any} request
 * @param {{ request: any, response: any }} raw
 * @param {CheckedOptions} options
 * @returns {Promise<ClientCertInfo | null>}
 */
async function infoFor(request, raw, options) {
  const info = await (options.onDemand ? receiveInfoOrNull(raw.request, options.verifier, options.onDemand) : getClientCertInfoOnline(raw.request, options.verifier));
  // What other middleware finds while a mapper is being asked has no account.
  giveClientCert(request, info);
  if (info === null || !options.mapper) return info;
  const own = await withAccount(info, options.mapper);
  if (own.token) closeTokenWith(own.token, raw.request, raw.response);
  giveClientCert(request, own);
  return own;
}

/** So that the client's next request comes with a handshake, in which it can show another certificate. @param {{ request: any, response: any }} raw */
function endConnection({ request, response }) {
  if (request.stream) request.stream.session?.close();
  else response.shouldKeepAlive = false;
}

/**
 * @param {any} request
 * @param {{ request: any, response: any }} raw
 * @param {CheckedOptions} options
 * @returns {Promise<Decision>}
 */
async function decisionOf(request, raw, options) {
  const info = await infoFor(request, raw, options);
  // One verifier decides for all hosts; TLS contexts may each trust something else.
  const isHere = Boolean(options.verifier ?? protectorOf(tlsConnectionOf(raw.request).socket)) || (await isDirectedHere(raw.request));
  giveAuthInfo(request, () => authInfoOf(raw.request, info, { isHere, verifier: options.verifier }));
  const reason = await rejectionOf(info, isHere, request, options);
  if (reason !== null) {
    if (reason === 'certificate_required' && options.isAlternative) return { admitted: false, reason, answer: answerOf(reason, options.status) };
    if (info && isExpired(raw.request, info)) endConnection(raw);
    await options.onRejected?.(info, request, reason);
    return { admitted: false, reason, answer: answerOf(reason, options.status) };
  }
  // An invalid certificate that nobody but allowInvalid vouches for authenticates nobody.
  if (info && (info.valid || options.allow)) await options.onAuthenticated?.(info, request);
  return { admitted: true };
}

/** Of a request that was admitted at once. @param {any} raw @param {ClientCertInfo} info @param {import('./index.js').Verifier | undefined} verifier */
const authInfoHere = (raw, info, verifier) => authInfoOf(raw, info, { isHere: true, verifier });

/**
 * What decide() would come to, for nearly all requests: those of a valid client where nobody else has a say. They need not wait for anything, and
 * waiting costs more than deciding.
 *
 * @param {any} request what the framework hands to its users
 * @param {{ request: any, response: any }} raw of node:http or node:http2
 * @param {CheckedOptions} options
 * @param {import('./context/admitted.js').Make} make its authInfo, the same function for all requests: authInfoHere, where `request` is not another one than that of node:http
 * @returns {boolean} false: nothing is decided
 */
function isAdmittedAtOnce(request, raw, options, make) {
  const { verifier, mapper, onDemand, allow, onAuthenticated } = options;
  if (mapper !== undefined || onDemand !== undefined || allow !== undefined || onAuthenticated !== undefined) return false;
  try {
    const connection = tlsConnectionOf(raw.request);
    const info = getClientCertInfoNow(connection, verifier);
    if (info === undefined || info === null || info.valid !== true) return false;
    const isHere = Boolean(verifier ?? protectorOf(connection.socket)) || directionOf(raw.request, connection);
    if (isHere !== true) return false;
    if (giveAdmitted(request, info, verifier, make)) return true;
    giveClientCert(request, info);
    giveAuthInfo(request, () => make(request, info, verifier));
    return true;
  } catch {
    return false; // decide() says why
  }
}

/**
 * Decides, and tells onAuthenticated or onRejected. Nobody is admitted where it rejects: one of the caller's functions threw, or the request
 * has no TLS connection.
 *
 * @param {any} request what the framework hands to its users
 * @param {{ request: any, response: any }} raw of node:http or node:http2
 * @param {CheckedOptions} options
 * @returns {Promise<Decision>}
 * @throws {object} never anything else: Express takes undefined, 0, 'route' and 'router' for no error at all
 */
async function decide(request, raw, options) {
  try {
    return await decisionOf(request, raw, options).catch((thrown) => decisionByError(thrown, request, options));
  } catch (thrown) {
    throw errorOf(thrown, 'clientCertificate');
  }
}

/** @param {unknown} thrown @param {any} request @param {CheckedOptions} options @returns {Promise<Decision>} @throws what was thrown */
async function decisionByError(thrown, request, options) {
  if (!(thrown instanceof ClientCertError) || thrown.code !== 'ERR_CLIENT_CERT_BODY_TOO_LARGE') throw thrown;
  giveClientCert(request, null);
  await options.onRejected?.(null, request, 'body_too_large');
  return { admitted: false, reason: 'body_too_large', answer: answerOf('body_too_large', options.status) };
}

/** @param {unknown} thrown by somebody's function @param {string} where @returns {object} Express takes undefined, 0, 'route' and 'router' for no error at all */
function errorOf(thrown, where) {
  if (typeof thrown === 'object' && thrown !== null) return thrown;
  return new ClientCertError('ERR_CLIENT_CERT_CALLBACK_FAILED', `a function in the options of ${where} threw something that is no error`, { cause: thrown });
}

/**
 * Whether there is nothing left to answer: onRejected did, or the client has left. Some Node lines throw where an HTTP/2 stream that is gone is
 * written to.
 *
 * @param {any} response of node:http or node:http2
 * @returns {boolean}
 */
function isAnswered(response) {
  const { headersSent, destroyed, stream } = response;
  return headersSent || destroyed === true || stream?.destroyed === true || stream?.closed === true;
}

module.exports = { answerOf, authInfoHere, checkedOptions, decide, errorOf, isAdmittedAtOnce, isAnswered };
