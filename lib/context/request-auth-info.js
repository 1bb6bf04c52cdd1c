// @ts-check
'use strict';
// HTTP_REQUEST_AUTH_INFO: who a request comes from, in the form that HTTP.sys gives it, with a certificate as the scheme,
// or a scheme of HTTP (lib/negotiate).

const { inspect } = require('node:util');

const { AccountMapper } = require('../account/mapper.js');
const { getClientCertInfoOnline, withAccount } = require('../client-cert-info.js');
const { finishedOf, isGone, tlsConnectionOf } = require('../connection.js');
const { AuthStatus, AuthType, SecStatus, problemKinds } = require('../constants.js');
const { native } = require('../native.js');
const { closeTokenWith } = require('../token/request-tokens.js');
const { ownOptions } = require('../options.js');
const { checkedOnDemand, receiveInfoOrNull } = require('../on-demand/receive.js');
const { protectorOf } = require('../protection.js');
const { checkedVerifier } = require('../verifier.js');
const { isDirectedHere } = require('../virtual-host.js');
const { contextOf, hasExported } = require('./security-context.js');

/**
 * @typedef {import('../index.js').ClientCertInfo} ClientCertInfo
 * @typedef {import('./security-context.js').SecurityContext} SecurityContext
 * @typedef {{ authStatus: number, secStatus: number, authType: number }} Status
 */

const { HttpAuthStatusSuccess, HttpAuthStatusNotAuthenticated, HttpAuthStatusFailure } = AuthStatus;
const { HttpRequestAuthTypeNone, HttpRequestAuthTypeClientCertificate } = AuthType;

/** @type {ReadonlyMap<number, string>} */
const secStatusNames = new Map(Object.entries(SecStatus).map(([name, value]) => [value, name]));

/**
 * @param {any} request
 * @returns {number} ms; of a session of TLS 1.2 that was resumed, that of the handshake which made it; Infinity where nothing says
 */
function handshakeTimeOf(request) {
  const { socket } = tlsConnectionOf(request);
  const read = isGone(socket) ? 'unknown' : native.readSecurityContext(finishedOf(socket));
  return typeof read === 'string' ? Infinity : read.session.start * 1000;
}

/** Of a client whose certificate is not valid: by its gravest problem. @param {ClientCertInfo} info */
function secStatusOf({ certFlags, problems }) {
  const gravest = problems.find(({ flag }) => flag === certFlags);
  return problemKinds.get(gravest?.code ?? '')?.secStatus ?? SecStatus.SEC_E_CERT_UNKNOWN;
}

/**
 * Whether the certificate was good in the handshake, and has expired since: authentication has to begin anew.
 *
 * @param {any} request
 * @param {ClientCertInfo} info
 */
function isExpired(request, info) {
  // Asked for only where it can matter.
  if (info.valid || info.problems.some(({ code }) => code !== 'CERT_EXPIRED')) return false;
  const handshake = handshakeTimeOf(request);
  return info.problems.every(({ depth }) => Number(info.elements[depth]?.certificate?.notAfter ?? 0) >= handshake);
}

/** @param {ClientCertInfo | null} info @param {boolean} isHere @param {() => boolean} hasExpired since the handshake @returns {Status} */
function statusOf(info, isHere, hasExpired) {
  if (info === null) {
    return { authStatus: HttpAuthStatusNotAuthenticated, secStatus: SecStatus.SEC_E_NO_CREDENTIALS, authType: HttpRequestAuthTypeNone };
  }
  const authType = HttpRequestAuthTypeClientCertificate;
  const failure = (/** @type {number} */ secStatus) => ({ authStatus: HttpAuthStatusFailure, secStatus, authType });
  if (!info.valid && hasExpired()) {
    return { authStatus: HttpAuthStatusNotAuthenticated, secStatus: SecStatus.SEC_E_CONTEXT_EXPIRED, authType };
  }
  if (!info.valid) return failure(secStatusOf(info));
  if (!isHere) return failure(SecStatus.SEC_E_WRONG_PRINCIPAL);
  if (info.certDeniedByMapper) return failure(SecStatus.SEC_E_LOGON_DENIED);
  return { authStatus: HttpAuthStatusSuccess, secStatus: SecStatus.SEC_E_OK, authType };
}

const CONSTRUCT = Symbol('construct');

/**
 * @typedef {object} Found what is known of a request beside its status
 * @property {ClientCertInfo | null} [clientCert]
 * @property {SecurityContext | null} [context] of success only
 * @property {number} [flags] HTTP_REQUEST_AUTH_FLAG_*
 * @property {import('../index.js').AccessToken | null} [accessToken]
 * @property {import('../index.js').MapOutcome | null} [mapping]
 * @property {string | null} [mutualAuthData]
 * @property {string | null} [packageName]
 * @property {import('../account/principal.js').Principal | null} [principal]
 * @property {import('../negotiate/delegated-credential.js').DelegatedCredential | null} [delegatedCredential]
 * @property {import('../errors.js').ClientCertError | null} [failure] nothing for clients
 */

class RequestAuthInfo {
  /** @type {SecurityContext | null} */ #context;
  /** @type {import('./packed-context.js').PackedContext | undefined} made when it is asked for: most requests do without */ #packed;

  /** @param {symbol} construct @param {Status} status @param {Found} found */
  constructor(construct, { authStatus, secStatus, authType }, found) {
    if (construct !== CONSTRUCT) throw new TypeError('Illegal constructor');
    const { clientCert = null, context = null, mapping = clientCert?.mapping ?? null } = found;
    const isSuccess = authStatus === HttpAuthStatusSuccess;
    this.#context = context;
    this.authStatus = authStatus;
    this.secStatus = secStatus;
    this.secStatusName = secStatusNames.get(secStatus);
    this.authType = authType;
    this.flags = isSuccess ? (found.flags ?? 0) : null;
    this.accessToken = isSuccess ? (found.accessToken ?? clientCert?.token ?? null) : null;
    this.contextAttributes = context?.attributes ?? null;
    // A certificate has no header to send back.
    this.mutualAuthData = isSuccess ? (found.mutualAuthData ?? null) : null;
    this.packageName = isSuccess ? (found.packageName ?? context?.packageName ?? null) : null;
    this.securityContext = context;
    this.clientCert = clientCert;
    this.principal = found.principal ?? null;
    this.mapping = mapping;
    this.account = isSuccess && mapping?.outcome === 'mapped' ? (mapping.account ?? null) : null;
    this.delegatedCredential = isSuccess ? (found.delegatedCredential ?? null) : null;
    // Not for logs that write whole objects, nor for what is sent to clients.
    Object.defineProperty(this, 'failure', { value: found.failure ?? null });
    Object.freeze(this);
  }

  get packedContext() {
    if (this.#context === null) return null;
    return (this.#packed ??= this.#context.pack({ includeKeyMaterial: hasExported(this.#context) }));
  }

  get packedContextLength() {
    return this.packedContext?.length ?? null;
  }

  get packedContextType() {
    return this.packedContext?.type ?? null;
  }

  [Symbol.dispose]() {
    this.accessToken?.close();
    this.delegatedCredential?.close();
    this.#packed?.free();
    this.#context?.close();
  }

  toJSON() {
    const { authStatus, secStatus, secStatusName, authType, flags, contextAttributes, packageName, principal, account } = this;
    return { authStatus, secStatus, secStatusName, authType, flags, contextAttributes, packageName, principal, account };
  }

  /** @param {number} depth @param {import('node:util').InspectOptions} options */
  [inspect.custom](depth, options) {
    return `RequestAuthInfo ${inspect(this.toJSON(), options)}`;
  }
}

/**
 * @param {any} request of node:http or node:http2
 * @param {ClientCertInfo | null} info
 * @param {{ isHere: boolean, verifier?: import('../index.js').Verifier }} known isHere: it was judged by the trust of the host that the request is for
 * @returns {RequestAuthInfo}
 */
function authInfoOf(request, info, { isHere, verifier }) {
  const status = statusOf(info, isHere, () => info !== null && isExpired(request, info));
  const isSuccess = status.authStatus === HttpAuthStatusSuccess;
  return new RequestAuthInfo(CONSTRUCT, status, { clientCert: info, context: isSuccess ? contextOf(request, { verifier, info }) : null });
}

/** Of a scheme of HTTP. @param {Status} status @param {Found} [found] */
const authInfoOfScheme = (status, found = {}) => new RequestAuthInfo(CONSTRUCT, status, found);

/**
 * @param {any} request
 * @param {object} [options]
 * @returns {Promise<RequestAuthInfo>}
 */
async function getRequestAuthInfo(request, options = {}) {
  const where = 'getRequestAuthInfo';
  const own = /** @type {any} */ (ownOptions(where, options, ['verifier', 'mapper', 'onDemand']));
  const verifier = checkedVerifier(where, own.verifier);
  const { mapper } = own;
  if (mapper !== undefined && !(mapper instanceof AccountMapper)) throw new TypeError(`${where}: mapper must be an AccountMapper`);
  if (own.onDemand !== undefined && typeof own.onDemand !== 'boolean' && typeof own.onDemand !== 'object') {
    throw new TypeError(`${where}: onDemand must be a boolean or an object`);
  }
  const onDemand = own.onDemand ? checkedOnDemand(`${where}: onDemand`, own.onDemand === true ? {} : own.onDemand) : null;
  const raw = request?.raw ?? request;
  const { socket } = tlsConnectionOf(raw);
  if (raw.headers === undefined) throw new TypeError(`${where}: takes a request`);
  const info = await (onDemand ? receiveInfoOrNull(raw, verifier, onDemand) : getClientCertInfoOnline(raw, verifier));
  const isHere = Boolean(verifier ?? protectorOf(socket)) || (await isDirectedHere(raw));
  const mapped = info && mapper && isHere ? await withAccount(info, mapper) : info;
  if (mapped?.token) closeTokenWith(mapped.token, raw);
  return authInfoOf(raw, mapped, { isHere, verifier });
}

module.exports = { RequestAuthInfo, authInfoOf, authInfoOfScheme, getRequestAuthInfo, isExpired };
