// @ts-check
'use strict';

const { inspect } = require('node:util');

const { certificateOf } = require('./certificate.js');
const { clientChanged, endWhenChanged, refuseChanged } = require('./changed-client.js');
const { clientEnd, finishedOf, handshakePending, isGone, tlsConnectionOf } = require('./connection.js');
const { endpointBindingOf, uniqueBindingOf } = require('./context/queries.js');
const { ClientCertError } = require('./errors.js');
const { native } = require('./native.js');
const { ownOptions } = require('./options.js');
const { protectorOf } = require('./protection.js');
const { tokenOf } = require('./token/access-token.js');
const { inspectUnobserved } = require('./unobserved.js');
const { revocationOf, verdictHalf, verdictJson } = require('./verdict.js');
const { checkedVerifier, clockOf, findOnline, isOnline, nativeOf } = require('./verifier.js');

/** @typedef {import('../binding.js').Inspection} Inspection */
/** @typedef {import('./index.js').ClientCertInfo['channelBindings']} ChannelBindings */
/** @typedef {import('./index.js').Verifier} Verifier */
/** @typedef {import('./token/access-token.js').AccessToken} AccessToken */

const CONSTRUCT = Symbol('construct');

/**
 * What is known of a connection's client: shared by all infos of the connection.
 *
 * @param {Inspection} inspection
 * @param {() => ChannelBindings} bindings
 * @param {ReadonlyMap<string, readonly import('./index.js').FetchAttempt[]>} [attempts] what was fetched, or tried to be
 */
function factsOf(inspection, bindings, attempts) {
  const { presentedEncoded, decodable } = inspection;
  const presentedChain = Object.freeze(presentedEncoded.slice(0, decodable).map(certificateOf));
  const presented = (/** @type {Buffer} */ der) => presentedChain[presentedEncoded.findIndex((other) => other.equals(der))];
  return Object.freeze({
    ...verdictHalf(inspection.verdict, (der) => presented(der) ?? certificateOf(der)),
    presentedEncoded,
    presentedChain,
    validUntil: inspection.verdict.validUntil * 1000,
    revocation: revocationOf(inspection.outcome ?? null, attempts),
    policies: Object.freeze([...(inspection.outcome?.policies ?? [])]),
    resumed: inspection.resumed,
    bindings,
  });
}

/** @type {(info: import('./index.js').ClientCertInfo) => ReturnType<typeof factsOf>} */
let factsOfInfo;
/** @type {(value: unknown) => value is import('./index.js').ClientCertInfo} */
let isClientCertInfo;

class ClientCertInfo {
  #facts;

  static {
    isClientCertInfo = /** @type {(value: unknown) => value is import('./index.js').ClientCertInfo} */ (
      (value) => typeof value === 'object' && value !== null && #facts in value
    );
    factsOfInfo = (info) => /** @type {ClientCertInfo} */ (/** @type {unknown} */ (info)).#facts;
  }

  /**
   * @param {symbol} key
   * @param {ReturnType<typeof factsOf>} facts
   * @param {import('./index.js').MapOutcome | null} [mapping]
   * @param {AccessToken | null} [token] its own from now on
   */
  constructor(key, facts, mapping = null, token = null) {
    if (key !== CONSTRUCT) throw new TypeError('Illegal constructor');
    this.#facts = facts;
    this.presentedChain = facts.presentedChain;
    this.certificate = this.presentedChain[0] ?? null;
    this.certFlags = facts.certFlags;
    this.certFlagsName = facts.certFlagsName;
    this.valid = facts.valid;
    this.elements = facts.elements;
    this.problems = facts.problems;
    this.errorStatus = facts.errorStatus;
    this.revocation = facts.revocation;
    this.policies = facts.policies;
    this.resumed = facts.resumed;
    this.mapping = mapping;
    this.account = mapping?.outcome === 'mapped' ? (mapping.account ?? null) : null;
    this.token = token;
    this.certDeniedByMapper = mapping?.outcome === 'denied' || mapping?.outcome === 'ambiguous';
    Object.freeze(this);
  }

  // What could be changed in place is given as a copy: the object is shared by every request of its connection.
  get certEncoded() {
    return Buffer.from(this.#facts.presentedEncoded[0]);
  }

  get certEncodedSize() {
    return this.#facts.presentedEncoded[0].length;
  }

  get presentedChainEncoded() {
    return this.#facts.presentedEncoded.map((der) => Buffer.from(der));
  }

  get validUntil() {
    return new Date(this.#facts.validUntil);
  }

  get channelBindings() {
    return this.#facts.bindings();
  }

  getMappedAccessToken() {
    return this.token?.duplicate() ?? null;
  }

  [Symbol.dispose]() {
    this.token?.close();
  }

  toJSON() {
    return {
      ...verdictJson(this),
      policies: this.policies,
      resumed: this.resumed,
      validUntil: this.validUntil,
      certEncodedSize: this.certEncodedSize,
      certEncoded: this.certEncoded.toString('base64'),
      certificate: this.certificate,
      presentedChain: this.presentedChain.map((certificate) => certificate.subject.toString()),
      account: this.account,
      certDeniedByMapper: this.certDeniedByMapper,
    };
  }

  /** @param {number} depth @param {import('node:util').InspectOptions} options */
  [inspect.custom](depth, options) {
    const { valid, certFlagsName, problems, revocation, certificate, presentedChain, resumed, validUntil } = this;
    const shown = { valid, certFlagsName, problems, revocation, certificate, presentedChain, resumed, validUntil };
    return `ClientCertInfo ${inspect(shown, options)}`;
  }
}

/**
 * @typedef {object} Known what was found out about a connection, and what says that it is still so
 * @property {ClientCertInfo | null} info
 * @property {number} changes as native.connectionChanges() said
 * @property {Buffer | null} finished its name; null where `changes` tells when it has another
 * @property {number} generation of the verifier
 * @property {number} since ms, by the verifier's clock
 * @property {number} until ms
 */

/** @type {WeakMap<object, Map<Verifier | null, Known>>} by connection, and by verifier: null for whatever decides without one */
const knownConnections = new WeakMap();

/** A connection that is asked about by more verifiers than that forgets the first ones. */
const MAX_VERIFIERS = 4;

/**
 * @param {import('node:tls').TLSSocket} socket
 * @param {Buffer} finished
 * @param {number} now ms
 * @param {Verifier | undefined} verifier that was given
 * @returns {Inspection | null} null: no certificate was sent
 */
function inspectConnection(socket, finished, now, verifier) {
  const seconds = Math.floor(now / 1000);
  const inspection = native.inspectConnection(finished, seconds, verifier && nativeOf(verifier));
  if (typeof inspection !== 'string') return inspection;
  switch (inspection) {
    case 'noCertificate':
      return null;
    case 'handshakePending':
      throw handshakePending();
    case 'changed':
      throw clientChanged();
    case 'ambiguous':
      throw new ClientCertError(
        'ERR_CLIENT_CERT_AMBIGUOUS',
        'two connections of this thread have the same Finished message; nothing is said of either',
      );
    case 'clientEnd':
      throw clientEnd();
    default:
      return inspectUnobserved(socket, verifier && { native: nativeOf(verifier), seconds });
  }
}

/** @param {Known} known @param {import('node:tls').TLSSocket} socket @param {number} now @param {Verifier | undefined} judge */
function isCurrent({ changes, finished, generation, since, until }, socket, now, judge) {
  if (changes !== native.connectionChanges() || now < since || now >= until) return false;
  if (judge && nativeOf(judge).generation() !== generation) return false;
  return finished === null || finished.equals(finishedOf(socket));
}

/** @param {object} identity @param {Verifier | null} key @param {Known} known */
function remember(identity, key, known) {
  const byVerifier = knownConnections.get(identity) ?? new Map();
  byVerifier.delete(key);
  byVerifier.set(key, known);
  if (byVerifier.size > MAX_VERIFIERS) byVerifier.delete(byVerifier.keys().next().value);
  knownConnections.set(identity, byVerifier);
}

/**
 * @param {import('./connection.js').TlsConnection} connection
 * @param {Verifier | undefined} verifier
 * @returns {ClientCertInfo | null}
 */
function infoOf({ identity, socket }, verifier) {
  refuseChanged(identity);
  const known = knownConnections.get(identity)?.get(verifier ?? null);
  if (known && isGone(socket)) return known.info;
  const judge = verifier ?? protectorOf(socket);
  const now = judge ? clockOf(judge) : Date.now();
  if (known && isCurrent(known, /** @type {import('node:tls').TLSSocket} */ (socket), now, judge)) return known.info;
  const changes = native.connectionChanges();
  const generation = judge ? nativeOf(judge).generation() : 0;
  const finished = finishedOf(socket);
  const inspection = inspectConnection(/** @type {import('node:tls').TLSSocket} */ (socket), finished, now, judge);
  const info = inspection && new ClientCertInfo(CONSTRUCT, factsOf(inspection, bindingsOf(/** @type {import('node:tls').TLSSocket} */ (socket), finished)));
  if (info) endWhenChanged(identity, /** @type {import('node:tls').TLSSocket} */ (socket));
  remember(identity, verifier ?? null, {
    info,
    changes,
    finished: inspection?.watched ? null : finished,
    generation,
    since: now,
    // What may be known any moment is asked for again.
    until: info ? (hasWishes(inspection) ? now : info.validUntil.getTime()) : Infinity,
  });
  return info;
}

/**
 * Those of the handshake that the info is of, read when they are asked for first.
 *
 * @param {import('node:tls').TLSSocket} socket
 * @param {Buffer} finished
 * @returns {() => ChannelBindings} throws where the connection is gone by then, or has made another handshake
 */
function bindingsOf(socket, finished) {
  /** @type {ReturnType<typeof native.readChannelBindings> | undefined} */
  let read;
  return () => {
    if (read === undefined) {
      if (isGone(socket) || !finished.equals(finishedOf(socket))) {
        throw new ClientCertError('ERR_CLIENT_CERT_CONNECTION_CLOSED', 'the connection is closed or made another handshake, and was not asked about before');
      }
      read = native.readChannelBindings(finished);
    }
    return Object.freeze({ unique: uniqueBindingOf(read?.unique ?? null), endpoint: endpointBindingOf(read?.endPoint ?? null) });
  };
}

/** @param {Inspection | null} inspection */
const hasWishes = (inspection) => (inspection?.outcome?.wishes.length ?? 0) > 0;

/** @param {unknown} options @returns {Verifier | undefined} */
function verifierIn(options) {
  if (options === undefined) return undefined;
  return checkedVerifier('getClientCertInfo', ownOptions('getClientCertInfo', options, ['verifier']).verifier);
}

/**
 * @param {import('./index.js').Connection} connection
 * @param {{ verifier?: import('./index.js').Verifier }} [options]
 * @returns {ClientCertInfo | null}
 */
function getClientCertInfo(connection, options) {
  const verifier = verifierIn(options);
  return infoOf(tlsConnectionOf(connection), verifier);
}

/**
 * As getClientCertInfoOnline, where nothing has to be waited for.
 *
 * @param {import('./connection.js').TlsConnection} connection
 * @param {Verifier | undefined} verifier
 * @returns {ClientCertInfo | null | undefined} undefined: something may have to be fetched
 */
function getClientCertInfoNow(connection, verifier) {
  const judge = verifier ?? protectorOf(connection.socket);
  return judge && isOnline(judge) ? undefined : infoOf(connection, verifier);
}

/**
 * As getClientCertInfo, after what the verifier lacks has been fetched.
 *
 * @param {import('./index.js').Connection} connection
 * @param {Verifier | undefined} verifier
 * @returns {Promise<ClientCertInfo | null>}
 */
async function getClientCertInfoOnline(connection, verifier) {
  const tlsConnection = tlsConnectionOf(connection);
  const { socket, identity } = tlsConnection;
  const info = infoOf(tlsConnection, verifier);
  const judge = verifier ?? protectorOf(socket);
  const known = knownConnections.get(identity)?.get(verifier ?? null);
  // `until` is in the past where something could still be found out.
  if (info === null || known === undefined || !judge || !isOnline(judge) || known.until > known.since) return info;
  const { outcome, attempts } = await findOnline(judge, [...info.presentedChainEncoded]);
  refuseChanged(identity);
  if (isGone(socket)) return info;
  const finished = finishedOf(socket);
  const inspection = inspectConnection(
    /** @type {import('node:tls').TLSSocket} */ (socket),
    finished,
    clockOf(judge),
    judge,
  );
  if (inspection === null) return null;
  // What only this connection knows stays: a problem that the verifier alone would not have found.
  const isOfConnection = inspection.verdict.problems.length > (inspection.outcome?.verdict.problems.length ?? 0);
  const judged = isOfConnection ? inspection : { ...inspection, verdict: outcome.verdict, outcome };
  return new ClientCertInfo(CONSTRUCT, factsOf(judged, bindingsOf(/** @type {import('node:tls').TLSSocket} */ (socket), finished), attempts));
}

/**
 * One of its own for whoever asked for a mapping, with the verdict of the connection.
 *
 * @param {import('./index.js').ClientCertInfo} info
 * @param {import('./index.js').AccountMapper} mapper
 * @returns {Promise<ClientCertInfo>} closing its token is the caller's
 */
async function withAccount(info, mapper) {
  // Nothing is tried for a certificate that is not valid.
  if (!info.valid) return new ClientCertInfo(CONSTRUCT, factsOfInfo(info));
  const mapping = await mapper.map(info);
  const token = mapping.outcome === 'mapped' && mapping.account ? tokenOf(mapping.account) : null;
  return new ClientCertInfo(CONSTRUCT, factsOfInfo(info), mapping, token);
}

module.exports = { ClientCertInfo, getClientCertInfo, getClientCertInfoNow, getClientCertInfoOnline, isClientCertInfo, withAccount };
