// @ts-check
'use strict';
// NegotiateAuthenticator: who a request comes from by the schemes of HTTP that GSSAPI speaks, as RequestAuthInfo. `#identify` finds out, without
// a word to the client; `authenticate` answers.

const { AccountMapper } = require('../account/mapper.js');
const { principalOf } = require('../account/principal.js');
const { finishedOf, isGone, tlsConnectionOf } = require('../connection.js');
const { AuthStatus, AuthType, SecStatus } = require('../constants.js');
const { GssFlag, attributesOf, inWipedMemory, unavailable, utf8Of } = require('../context/gss-context.js');
const { authInfoOfScheme } = require('../context/request-auth-info.js');
const { contextOfGss } = require('../context/security-context.js');
const { endpointBindingOf } = require('../context/queries.js');
const { ClientCertError } = require('../errors.js');
const { native } = require('../native.js');
const { tokenOf } = require('../token/access-token.js');
const { closeTokenWith } = require('../token/request-tokens.js');
const { Busy, Calls } = require('./calls.js');
const { credentialsOf } = require('./credentials.js');
const { delegatedOf } = require('./delegated-credential.js');
const { HalfOpen } = require('./half-open.js');
const { checkedNegotiateOptions } = require('./options.js');

/**
 * @typedef {import('../account/principal.js').Principal} Principal
 * @typedef {import('../context/gss-context.js').GssFacts} GssFacts
 * @typedef {import('../context/request-auth-info.js').RequestAuthInfo} RequestAuthInfo
 * @typedef {import('./credentials.js').Credentials} Credentials
 * @typedef {import('node:tls').TLSSocket} TLSSocket
 *
 * @typedef {'authentication_required' | 'authentication_failed' | 'account_denied' | 'too_busy'} AuthenticationRejection
 *
 * @typedef {object} Identified
 * @property {RequestAuthInfo} authInfo
 * @property {AuthenticationRejection | null} reason null: it is known who it is
 * @property {string[]} challenges WWW-Authenticate fields of the answer
 *
 * @typedef {object} Kept an identity that its connection has
 * @property {Principal} principal
 * @property {Omit<GssFacts, 'userName'>} facts
 * @property {string | null} localName
 * @property {number} authType
 *
 * @typedef {object} Turn of one request among those of its connection
 * @property {() => boolean} isLast whether nothing has come after it, so that what comes of it may be kept for its connection
 */

const { HttpAuthStatusSuccess, HttpAuthStatusNotAuthenticated, HttpAuthStatusFailure } = AuthStatus;
// HTTP_REQUEST_AUTH_FLAG_TOKEN_FOR_CACHED_CRED
const TOKEN_FOR_CACHED_CRED = 0x1;
// One thread of libuv's four stays for everything else, and one for names and accounts.
const AT_ONCE = 2;
const NTLM_SIGNATURE = Buffer.from('NTLMSSP\0');
const PROXY_FIELDS = ['via', 'forwarded', 'x-forwarded-for'];

/** @type {Record<AuthenticationRejection, number>} */
const STATUS = { authentication_required: 401, authentication_failed: 401, account_denied: 403, too_busy: 503 };

const secondsOf = (/** @type {number} */ milliseconds) => Math.floor(milliseconds / 1000);

/** @param {any} request */
const isHttp2 = (request) => request.stream !== undefined;

/** What the middleware asks, beside what everybody may. @type {(authenticator: NegotiateAuthenticator, request: any, response: any) => Promise<Identified>} */
let identify;
/** Whether the request itself says by one of the schemes who it comes from. @type {(authenticator: NegotiateAuthenticator, request: any) => boolean} */
let bringsCredentials;

/** RFC 2743 section 3.1, [MS-NLMP] 2.2.1.1: the first token of a context, with which a client begins anew. @param {Buffer} token */
const isInitial = (token) => token[0] === 0x60 || (token.length >= 12 && token.subarray(0, 8).equals(NTLM_SIGNATURE) && token.readUInt32LE(8) === 1);

class NegotiateAuthenticator {
  static {
    identify = (authenticator, request, response) => authenticator.#identify(request, response);
    bringsCredentials = (authenticator, request) => authenticator.#brings(request);
  }

  #options;
  #calls;
  #halfOpen;
  /** @type {WeakMap<TLSSocket, Kept>} */ #kept = new WeakMap();
  /** @type {WeakSet<TLSSocket>} of proxies: what one request says of its connection holds for the others */ #shared = new WeakSet();
  /** @type {WeakMap<TLSSocket, Turn>} of the last request of each connection */ #turns = new WeakMap();
  /** @type {WeakMap<Principal, string>} what GSSAPI calls their accounts */ #localNames = new WeakMap();
  #byLocalName;
  /** @type {Promise<import('../../binding.js').GssCredential> | null} */ #acceptor = null;
  #closed = false;

  /** @param {unknown} [options] @throws {TypeError | RangeError} */
  constructor(options) {
    this.#options = checkedNegotiateOptions(options);
    const { maxHalfOpen, exchangeTimeout, maxWaiting, callTimeout, localName } = this.#options;
    this.#calls = new Calls({ atOnce: AT_ONCE, maxWaiting, timeout: callTimeout });
    this.#halfOpen = new HalfOpen({ max: maxHalfOpen, timeout: exchangeTimeout });
    this.#byLocalName = localName ? new AccountMapper({ resolve: (/** @type {any} */ { principal }) => this.#localNames.get(principal) ?? null }) : null;
  }

  /**
   * Whether everything is there: the library, its mechanisms, the keytab. Requests ask for it by themselves; a server that asks before it listens
   * fails early.
   */
  async ready() {
    this.#open();
    if (this.#options.acceptor !== null) await this.#acquired();
  }

  /**
   * @param {any} request
   * @param {any} response
   * @returns {Promise<RequestAuthInfo>} where its status is not success, the request has been answered
   */
  async authenticate(request, response) {
    const raw = request?.raw ?? request;
    const rawResponse = response?.raw ?? response;
    if (typeof rawResponse?.setHeader !== 'function') throw new TypeError('authenticate: takes a request and its response');
    const identified = await this.#identify(raw, rawResponse);
    const { authInfo, reason, challenges } = identified;
    if (rawResponse.headersSent || rawResponse.destroyed) return authInfo;
    if (reason === null) {
      if (challenges.length > 0) rawResponse.setHeader('www-authenticate', challenges);
      return authInfo;
    }
    const { status, headers, body } = answerOfAuthentication(identified);
    rawResponse.writeHead(status, headers);
    rawResponse.end(body);
    return authInfo;
  }

  stats() {
    return Object.freeze({ halfOpen: this.#halfOpen.size, running: this.#calls.running, waiting: this.#calls.waiting });
  }

  close() {
    this.#closed = true;
    this.#halfOpen.close();
    this.#byLocalName?.close();
    this.#kept = new WeakMap();
    this.#acceptor?.then((credential) => credential.release(), () => {});
    this.#acceptor = null;
  }

  [Symbol.dispose]() {
    this.close();
  }

  #open() {
    if (this.#closed) throw new ClientCertError('ERR_CLIENT_CERT_CLOSED', 'the authenticator was closed');
  }

  /** @returns {Promise<import('../../binding.js').GssCredential>} @throws {ClientCertError} ERR_CLIENT_CERT_GSSAPI_UNAVAILABLE, ERR_CLIENT_CERT_GSSAPI_FAILED */
  #acquired() {
    // What failed is tried again: a keytab may come later.
    this.#acceptor ??= this.#acquire().catch((error) => {
      this.#acceptor = null;
      throw error;
    });
    return this.#acceptor;
  }

  async #acquire() {
    const { acceptor } = this.#options;
    const acquired = await this.#calls.run(() => native.GssCredential.acquire(/** @type {any} */ (acceptor)), (late) => 'release' in late && late.release());
    if ('missing' in acquired) throw unavailable(acquired);
    if ('major' in acquired) {
      throw new ClientCertError('ERR_CLIENT_CERT_GSSAPI_FAILED', `the server has no credential to accept with: ${acquired.message}`, { secStatus: acquired.status });
    }
    return acquired;
  }

  /** @param {any} request */
  #brings(request) {
    const credentials = credentialsOf(request, this.#options.maxToken);
    const { socket } = tlsConnectionOf(request);
    if (credentials !== null && credentials.scheme !== null && this.#options.schemes.has(credentials.scheme)) return true;
    if (socket === undefined) return false;
    if (credentials === null && this.#keptFor(request, socket) !== null) return true;
    // Whoever is known by another way has come, too.
    this.#begin(request, socket, credentials).halfOpen?.exchange.close();
    return false;
  }

  /**
   * What a request does to its connection: an exchange goes on with the next request or not at all, and a new Authorization field ends an identity.
   *
   * @param {any} request
   * @param {TLSSocket} socket
   * @param {Credentials | null} credentials
   * @returns {{ turn: Turn, halfOpen: import('./half-open.js').HalfOpenExchange | null }} halfOpen: the caller's from now on
   */
  #begin(request, socket, credentials) {
    // Its streams come in no order, and nothing is kept for them.
    if (isHttp2(request)) return { turn: { isLast: () => false }, halfOpen: null };
    /** @type {Turn} */
    const turn = { isLast: () => this.#turns.get(socket) === turn };
    this.#turns.set(socket, turn);
    if (PROXY_FIELDS.some((name) => request.headers[name] !== undefined)) this.#shared.add(socket);
    if (credentials !== null || this.#shared.has(socket)) this.#kept.delete(socket);
    return { turn, halfOpen: this.#halfOpen.take(socket) };
  }

  /** @param {any} request @param {any} response @returns {Promise<Identified>} */
  async #identify(request, response) {
    this.#open();
    const { socket } = tlsConnectionOf(request);
    if (isGone(socket)) throw new ClientCertError('ERR_CLIENT_CERT_CONNECTION_CLOSED', 'the connection is closed');
    const credentials = credentialsOf(request, this.#options.maxToken);
    const { turn, halfOpen } = this.#begin(request, socket, credentials);
    const isLeg = credentials !== null && credentials.token !== null && halfOpen !== null && halfOpen.scheme === credentials.scheme && !isInitial(credentials.token);
    if (!isLeg) halfOpen?.exchange.close();
    if (credentials === null) {
      const kept = this.#keptFor(request, socket);
      if (kept !== null) return this.#succeed(request, response, kept, { flags: TOKEN_FOR_CACHED_CRED, mutual: null, exported: null, delegated: null });
      return this.#challenged(AuthType.HttpRequestAuthTypeNone, SecStatus.SEC_E_NO_CREDENTIALS);
    }
    const { scheme, authType, token, isMalformed } = credentials;
    if (scheme === null || !this.#options.schemes.has(scheme)) return this.#challenged(authType, SecStatus.SEC_E_UNSUPPORTED_FUNCTION);
    if (isMalformed) return this.#failed(authType, SecStatus.SEC_E_INVALID_TOKEN);
    if (token === null) return this.#challenged(authType, SecStatus.SEC_E_NO_CREDENTIALS);
    if (scheme === 'Basic') return this.#basic(request, response, token);
    return this.#negotiate(request, response, socket, { scheme, authType, token, turn, exchange: isLeg ? halfOpen.exchange : null });
  }

  /** @param {any} request @param {TLSSocket} socket @returns {Kept | null} */
  #keptFor(request, socket) {
    // Whoever comes through a proxy shares its connection with others.
    if (isHttp2(request) || this.#shared.has(socket) || PROXY_FIELDS.some((name) => request.headers[name] !== undefined)) return null;
    const kept = this.#kept.get(socket);
    if (kept === undefined) return null;
    if (kept.facts.expiry === null || Date.now() < kept.facts.expiry * 1000) return kept;
    this.#kept.delete(socket);
    return null;
  }

  /**
   * @param {any} request
   * @param {any} response
   * @param {TLSSocket} socket
   * @param {{ scheme: string, authType: number, token: Buffer, turn: Turn, exchange: import('../../binding.js').GssExchange | null }} credentials exchange: that it goes on with
   * @returns {Promise<Identified>}
   */
  async #negotiate(request, response, socket, { scheme, authType, token, turn, exchange: begun }) {
    const fail = (/** @type {number} */ secStatus, /** @type {unknown} */ cause = undefined) => this.#failed(authType, secStatus, cause);
    const isNtlm = scheme === 'NTLM' || token.subarray(0, NTLM_SIGNATURE.length).equals(NTLM_SIGNATURE);
    // Streams of one connection may be of several clients.
    if (isHttp2(request) && isNtlm) return fail(SecStatus.SEC_E_UNSUPPORTED_FUNCTION);
    const bound = this.#bindingOf(socket);
    if (bound === undefined) {
      begun?.close();
      return fail(SecStatus.SEC_E_BAD_BINDINGS);
    }

    const acceptor = begun ? null : await this.#acceptorOrBusy();
    if (acceptor === 'busy') return this.#busy(authType);
    // What it accepts with is released by close().
    if (acceptor !== null) this.#open();
    const exchange = begun ?? native.GssExchange.create(/** @type {any} */ (acceptor));
    const { allowDelegation, localName, receiveContextHandle } = this.#options;
    const wants = { delegated: allowDelegation, localName, export: receiveContextHandle };
    let step;
    try {
      step = await this.#calls.run(() => exchange.accept(token, bound && bound.applicationData, wants), discardStep);
    } catch (error) {
      exchange.close();
      if (error instanceof Busy) return this.#busy(authType);
      throw error;
    }
    if (step.failure !== null) {
      exchange.close();
      return step.failure.status === SecStatus.SEC_E_CONTEXT_EXPIRED ? this.#challenged(authType, step.failure.status, step.failure) : fail(step.failure.status, step.failure);
    }
    const field = `${scheme} ${step.output.toString('base64')}`;
    if (step.established === null) {
      if (isHttp2(request)) {
        exchange.close();
        return fail(SecStatus.SEC_E_UNSUPPORTED_FUNCTION);
      }
      if (!turn.isLast()) {
        exchange.close();
        return fail(SecStatus.SEC_E_INVALID_TOKEN);
      }
      if (!this.#closed && this.#halfOpen.put(socket, { exchange, scheme })) return this.#goesOn(authType, field);
      exchange.close();
      return this.#busy(authType);
    }
    exchange.close();
    const mutual = step.output.length > 0 ? field : null;
    return this.#established(request, response, step.established, { scheme, authType, mutual, bound, socket, turn });
  }

  /** @returns {Promise<import('../../binding.js').GssCredential | 'busy'>} */
  async #acceptorOrBusy() {
    try {
      return await this.#acquired();
    } catch (error) {
      if (error instanceof Busy) return 'busy';
      throw error;
    }
  }

  /** @param {TLSSocket} socket @returns {import('../index.js').ChannelBinding | null | undefined} null: none are looked at; undefined: nobody knows them */
  #bindingOf(socket) {
    if (this.#options.channelBinding === 'legacy') return null;
    const endPoint = native.readChannelBindings(finishedOf(socket))?.endPoint;
    return endPoint ? endpointBindingOf(endPoint) : undefined;
  }

  /**
   * @param {any} request
   * @param {any} response
   * @param {import('../../binding.js').NativeGssEstablished} established
   * @param {{ scheme: string, authType: number, mutual: string | null, bound: import('../index.js').ChannelBinding | null, socket: TLSSocket, turn: Turn }} how
   * @returns {Promise<Identified>}
   */
  async #established(request, response, established, { scheme, authType, mutual, bound, socket, turn }) {
    const { mechanism, flags, lifetime } = established;
    const now = Date.now();
    const exported = established.exported && inWipedMemory(established.exported);
    const delegated = established.delegated && delegatedOf(established.delegated, now);
    const fail = (/** @type {number} */ secStatus) => {
      exported?.fill(0);
      delegated?.close();
      return this.#failed(authType, secStatus);
    };
    if (mechanism === 'Negotiate' || !this.#isAllowed(scheme, mechanism)) return fail(SecStatus.SEC_E_SECPKG_NOT_FOUND);
    if (isHttp2(request) && mechanism === 'NTLM') return fail(SecStatus.SEC_E_UNSUPPORTED_FUNCTION);
    const isBound = bound !== null && (flags & GssFlag.CHANNEL_BOUND) !== 0;
    if (this.#options.channelBinding === 'strict' && !isBound) return fail(SecStatus.SEC_E_BAD_BINDINGS);
    const name = utf8Of(established.name);
    const principal = name === null ? null : principalOf(name, mechanism);
    // A null session of NTLM, an anonymous ticket: nobody has shown anything.
    if (principal === null || principal.isAnonymous || (flags & GssFlag.ANONYMOUS) !== 0) return fail(SecStatus.SEC_E_LOGON_DENIED);
    const kept = {
      principal,
      authType,
      localName: localNameOf(principal, established.localName),
      facts: {
        attributes: attributesOf(flags),
        packageName: mechanism,
        scheme,
        principal: principal.name,
        flags,
        start: secondsOf(now),
        expiry: lifetime === null ? null : secondsOf(now) + lifetime,
        endPointBinding: isBound ? bound.token : null,
      },
    };
    const isKept = this.#options.persistent && mechanism === 'NTLM' && turn.isLast() && !this.#shared.has(socket);
    if (isKept && !socket.destroyed && !this.#closed) this.#kept.set(socket, kept);
    return this.#succeed(request, response, kept, { flags: 0, mutual, exported, delegated });
  }

  /** @param {string} scheme @param {string} mechanism of the context */
  #isAllowed(scheme, mechanism) {
    if (scheme !== 'Negotiate') return mechanism === scheme;
    return mechanism === 'Kerberos' || this.#options.schemes.has(mechanism);
  }

  /**
   * @param {any} request
   * @param {any} response
   * @param {Kept} kept
   * @param {{ flags: number, mutual: string | null, exported: Buffer | null, delegated: import('./delegated-credential.js').DelegatedCredential | null }} more
   * @returns {Promise<Identified>}
   */
  async #succeed(request, response, { principal, facts, localName, authType }, { flags, mutual, exported, delegated }) {
    let mapping;
    try {
      mapping = await this.#mapped(principal, localName);
    } catch (error) {
      exported?.fill(0);
      delegated?.close();
      throw error;
    }
    if (mapping?.outcome === 'denied' || mapping?.outcome === 'ambiguous') {
      exported?.fill(0);
      delegated?.close();
      return this.#denied(authType, principal, mapping);
    }
    const context = contextOfGss(Object.freeze({ ...facts, userName: mapping?.account?.name ?? null }), exported);
    const accessToken = this.#tokenFor(request, response, mapping);
    if (delegated) closeTokenWith(/** @type {any} */ (delegated), request, response);
    const status = { authStatus: HttpAuthStatusSuccess, secStatus: SecStatus.SEC_E_OK, authType };
    const authInfo = authInfoOfScheme(status, { context, flags, accessToken, mapping, mutualAuthData: mutual, principal, delegatedCredential: delegated });
    return { authInfo, reason: null, challenges: mutual !== null && !this.#options.receiveMutualAuth ? [mutual] : [] };
  }

  /** @param {any} request @param {any} response @param {Buffer} token @returns {Promise<Identified>} */
  async #basic(request, response, token) {
    const { basic } = this.#options;
    const authType = AuthType.HttpRequestAuthTypeBasic;
    const text = utf8Of(token);
    token.fill(0);
    const at = text?.indexOf(':') ?? -1;
    const principal = text !== null && at > 0 ? principalOf(text.slice(0, at), 'Basic') : null;
    // RFC 7617: neither user nor password has control characters.
    // eslint-disable-next-line no-control-regex
    if (basic === null || text === null || principal === null || /[\0-\x1f\x7f]/.test(text)) return this.#failed(authType, SecStatus.SEC_E_INVALID_TOKEN);
    // Exactly true: an object, a number or a string is nobody.
    if ((await basic.verifyPassword(principal.name, text.slice(at + 1), request)) !== true) return this.#failed(authType, SecStatus.SEC_E_LOGON_DENIED);
    const mapping = await this.#mapped(principal, null);
    if (mapping?.outcome === 'denied' || mapping?.outcome === 'ambiguous') return this.#denied(authType, principal, mapping);
    const accessToken = this.#tokenFor(request, response, mapping);
    const status = { authStatus: HttpAuthStatusSuccess, secStatus: SecStatus.SEC_E_OK, authType };
    return { authInfo: authInfoOfScheme(status, { accessToken, mapping, packageName: 'Basic', principal }), reason: null, challenges: [] };
  }

  /** @param {Principal} principal @param {string | null} localName @returns {Promise<import('../index.js').MapOutcome | null>} */
  async #mapped(principal, localName) {
    const input = /** @type {any} */ ({ principal, verified: true });
    const mapping = /** @type {any} */ ((await this.#options.mapper?.map(input)) ?? null);
    if (this.#byLocalName === null || (mapping !== null && mapping.outcome !== 'noMatch')) return mapping;
    // Who has no local name has been looked for as well: that is 'noMatch', not null.
    if (localName !== null) this.#localNames.set(principal, localName);
    return /** @type {any} */ (await this.#byLocalName.map(input));
  }

  /** @param {any} request @param {any} response @param {import('../index.js').MapOutcome | null} mapping */
  #tokenFor(request, response, mapping) {
    if (mapping?.outcome !== 'mapped') return null;
    const token = /** @type {any} */ (tokenOf(mapping.account));
    closeTokenWith(token, request, response);
    return token;
  }

  /** Each scheme, bare: nothing is said but what is offered. */
  #offers() {
    const { schemes, basic } = this.#options;
    return [...schemes].map((scheme) => (scheme === 'Basic' ? `Basic realm="${basic?.realm}", charset="UTF-8"` : scheme));
  }

  /** @param {number} authType @param {number} secStatus @param {unknown} [cause] @returns {Identified} */
  #challenged(authType, secStatus, cause) {
    const authInfo = authInfoOfScheme({ authStatus: HttpAuthStatusNotAuthenticated, secStatus, authType }, { failure: failureOf(cause) });
    return { authInfo, reason: 'authentication_required', challenges: this.#offers() };
  }

  /** @param {number} authType @param {string} field @returns {Identified} */
  #goesOn(authType, field) {
    const authInfo = authInfoOfScheme({ authStatus: HttpAuthStatusNotAuthenticated, secStatus: SecStatus.SEC_I_CONTINUE_NEEDED, authType });
    return { authInfo, reason: 'authentication_required', challenges: [field] };
  }

  /** @param {number} authType @param {number} secStatus @param {unknown} [cause] @returns {Identified} */
  #failed(authType, secStatus, cause) {
    const authInfo = authInfoOfScheme({ authStatus: HttpAuthStatusFailure, secStatus, authType }, { failure: failureOf(cause) });
    return { authInfo, reason: 'authentication_failed', challenges: this.#offers() };
  }

  /** @param {number} authType @param {Principal} principal @param {import('../index.js').MapOutcome} mapping @returns {Identified} */
  #denied(authType, principal, mapping) {
    const status = { authStatus: HttpAuthStatusFailure, secStatus: SecStatus.SEC_E_LOGON_DENIED, authType };
    return { authInfo: authInfoOfScheme(status, { principal, mapping }), reason: 'account_denied', challenges: [] };
  }

  /** @param {number} authType @returns {Identified} */
  #busy(authType) {
    const status = { authStatus: HttpAuthStatusFailure, secStatus: SecStatus.SEC_E_INSUFFICIENT_MEMORY, authType };
    return { authInfo: authInfoOfScheme(status), reason: 'too_busy', challenges: [] };
  }
}

/** @param {any} cause @returns {ClientCertError | null} what GSSAPI said, for whoever runs the server */
function failureOf(cause) {
  if (cause === undefined) return null;
  const { message, major, minor, status } = cause;
  return new ClientCertError('ERR_CLIENT_CERT_GSSAPI_FAILED', message, { major, minor, secStatus: status });
}

/**
 * What krb5.conf calls the account.
 *
 * @param {Principal} principal
 * @param {Buffer | null} localName of GSSAPI
 * @returns {string | null}
 */
function localNameOf(principal, localName) {
  // krb5.conf knows nothing of NTLM: gss-ntlmssp gives the local user of that name, whatever the domain.
  if (localName === null || principal.mechanism !== 'Kerberos') return null;
  // gss_localname cuts what it gives at a NUL: then it is somebody else's. Whatever has to be escaped is easily taken for something else.
  if (principal.name.includes('\\')) return null;
  return utf8Of(localName);
}

/** What came too late. @param {import('../../binding.js').NativeGssStep} step */
function discardStep({ established }) {
  established?.exported?.fill(0);
  established?.delegated?.credential.release();
}

/** @param {Identified} identified that has a reason @returns {{ status: number, headers: Record<string, string | string[]>, body: string }} */
function answerOfAuthentication({ reason, challenges }) {
  const body = JSON.stringify({ error: reason });
  /** @type {Record<string, string | string[]>} */
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    'cache-control': 'no-store',
  };
  if (challenges.length > 0) headers['www-authenticate'] = challenges;
  return { status: STATUS[/** @type {AuthenticationRejection} */ (reason)], headers, body };
}

module.exports = { NegotiateAuthenticator, answerOfAuthentication, bringsCredentials, identify };
