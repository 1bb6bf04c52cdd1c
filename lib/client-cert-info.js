// @ts-check
'use strict';

const { inspect } = require('node:util');

const { certificateOf } = require('./certificate.js');
const { endWhenChanged, refuseChanged } = require('./changed-client.js');
const { connectionChanges } = require('./connection-changes.js');
const { closed, finishedOf, isGone, tlsConnectionOf } = require('./connection.js');
const { endpointBindingOf, uniqueBindingOf } = require('./context/queries.js');
const { ClientCertError } = require('./errors.js');
const { inspectConnection } = require('./inspection.js');
const { native } = require('./native.js');
const { octetsOf, textOf, withTexts } = require('./octet-text.js');
const { ownOptions } = require('./options.js');
const { protectorOf } = require('./protection.js');
const { sharedIssuer } = require('./shared-issuers.js');
const { tokenOf } = require('./token/access-token.js');
const { frozenArray, revocationOf, verdictHalf, verdictJson } = require('./verdict.js');
const { checkOpen, checkedVerifier, clockOf, findOnline, isOnline, nativeOf } = require('./verifier.js');

/** @typedef {import('./inspection.js').Inspection} Inspection */
/** @typedef {import('./index.js').ClientCertInfo['channelBindings']} ChannelBindings */
/** @typedef {import('./index.js').Certificate} Certificate */
/** @typedef {import('./index.js').Verifier} Verifier */
/** @typedef {import('./token/access-token.js').AccessToken} AccessToken */

const CONSTRUCT = Symbol('construct');

// The channel bindings of the handshake that an info is of, read when they are asked for first.
class HandshakeBindings {
  #socket;
  #finished;
  /** @type {ReturnType<typeof native.readChannelBindings> | undefined} */ #read;

  /** @param {import('node:tls').TLSSocket} socket @param {Buffer} finished */
  constructor(socket, finished) {
    this.#socket = socket;
    // A text takes up much less than a Buffer, and every open connection has one.
    this.#finished = finished.toString('latin1');
  }

  /** @returns {ChannelBindings} @throws {ClientCertError} where the connection is gone, or has made another handshake, before they were asked for */
  read() {
    if (this.#read === undefined) {
      const finished = isGone(this.#socket) ? null : finishedOf(this.#socket);
      if (finished?.toString('latin1') !== this.#finished) {
        throw new ClientCertError('ERR_CLIENT_CERT_CONNECTION_CLOSED', 'the connection is closed or made another handshake, and was not asked about before');
      }
      this.#read = native.readChannelBindings(/** @type {Buffer} */ (finished));
    }
    const { unique, endPoint } = this.#read ?? {};
    return Object.freeze({ unique: uniqueBindingOf(unique ?? null), endpoint: endpointBindingOf(endPoint ?? null) });
  }
}

/** One object for each certificate, wherever it stands. @param {Inspection['verdict']} verdict */
function certificatesFor({ certFlags, elements }) {
  /** @type {Map<string, import('./shared-issuers.js').Issuer>} */
  const known = new Map();
  if (certFlags === 0) {
    for (const { encoded } of elements.slice(1)) if (encoded !== null) known.set(encoded, sharedIssuer(encoded));
  }
  /** @param {string} octets @returns {Certificate} */
  const certificateFor = (octets) => {
    const certificate = known.get(octets)?.certificate ?? certificateOf(octets);
    if (!known.has(octets)) known.set(octets, { octets, certificate });
    return certificate;
  };
  /** The same text for each that is the same. @param {string} octets @returns {string} */
  const textFor = (octets) => known.get(octets)?.octets ?? octets;
  return { certificateFor, textFor };
}

// What is known of a connection's client: shared by all infos of the connection. As small as can be, since every open connection has it; a class,
// since V8 gives a literal that holds functions or is spread into a hidden class of its own.
class Facts {
  /**
   * @param {Inspection} inspection
   * @param {HandshakeBindings} bindings
   * @param {ReadonlyMap<string, readonly import('./index.js').FetchAttempt[]>} [attempts] what was fetched, or tried to be
   */
  constructor({ presented, decodable, verdict, evidence, resumed }, bindings, attempts) {
    const { certificateFor, textFor } = certificatesFor(verdict);
    this.presented = presented.map(textFor);
    this.presentedChain = Object.freeze(presented.slice(0, decodable).map(certificateFor));
    this.verdict = verdictHalf(verdict, certificateFor);
    this.validUntil = verdict.validUntil * 1000;
    this.revocation = revocationOf(evidence, attempts);
    this.policies = frozenArray([...(evidence?.policies ?? [])]);
    this.resumed = resumed;
    this.bindings = bindings;
    Object.freeze(this);
  }
}

/** @type {(info: import('./index.js').ClientCertInfo) => Facts} */
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
   * @param {Facts} facts
   * @param {import('./index.js').MapOutcome | null} [mapping]
   * @param {AccessToken | null} [token] its own from now on
   */
  constructor(key, facts, mapping = null, token = null) {
    if (key !== CONSTRUCT) throw new TypeError('Illegal constructor');
    this.#facts = facts;
    this.presentedChain = facts.presentedChain;
    this.certificate = this.presentedChain[0] ?? null;
    const { certFlags, certFlagsName, valid, problems, errorStatus, elements } = facts.verdict;
    this.certFlags = certFlags;
    this.certFlagsName = certFlagsName;
    this.valid = valid;
    this.elements = elements;
    this.problems = problems;
    this.errorStatus = errorStatus;
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
    return octetsOf(this.#facts.presented[0]);
  }

  get certEncodedSize() {
    return this.#facts.presented[0].length;
  }

  get presentedChainEncoded() {
    return this.#facts.presented.map(octetsOf);
  }

  get validUntil() {
    return new Date(this.#facts.validUntil);
  }

  get channelBindings() {
    return this.#facts.bindings.read();
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
 * @property {Verifier | null} verifier null: whatever decides without one
 * @property {ClientCertInfo | null} info
 * @property {number} changes as connectionChanges() said
 * @property {Buffer | null} finished its name; null where `changes` tells when it has another
 * @property {number} generation of the verifier
 * @property {number} since ms, by the verifier's clock
 * @property {number} until ms
 */

/** By connection, one for each verifier. @type {WeakMap<object, Known[]>} */
const knownConnections = new WeakMap();

/** @param {object} identity @param {Verifier | null} verifier */
const knownOf = (identity, verifier) => knownConnections.get(identity)?.find((known) => known.verifier === verifier);

/** A connection that is asked about by more verifiers than that forgets the first ones. */
const MAX_VERIFIERS = 4;

/** @param {Known} known @param {import('node:tls').TLSSocket} socket @param {number} now @param {Verifier | undefined} judge */
function isCurrent({ changes, finished, generation, since, until }, socket, now, judge) {
  if (changes !== connectionChanges() || now < since || now >= until) return false;
  if (judge && nativeOf(judge).generation() !== generation) return false;
  return finished === null || finished.equals(finishedOf(socket));
}

/** @param {object} identity @param {Known} known */
function remember(identity, known) {
  const others = knownConnections.get(identity)?.filter(({ verifier }) => verifier !== known.verifier) ?? [];
  knownConnections.set(identity, [...others.slice(1 - MAX_VERIFIERS), known]);
}

/**
 * @param {import('./connection.js').TlsConnection} connection
 * @param {Verifier | undefined} verifier
 * @returns {ClientCertInfo | null}
 */
function infoOf({ identity, socket }, verifier) {
  refuseChanged(identity);
  const known = knownOf(identity, verifier ?? null);
  if (known && isGone(socket)) return known.info;
  const judge = verifier ?? protectorOf(socket);
  const now = judge ? clockOf(judge) : Date.now();
  if (known && isCurrent(known, /** @type {import('node:tls').TLSSocket} */ (socket), now, judge)) return known.info;
  const changes = connectionChanges();
  const generation = judge ? nativeOf(judge).generation() : 0;
  const finished = finishedOf(socket);
  const inspection = inspectConnection(/** @type {import('node:tls').TLSSocket} */ (socket), finished, now, judge && nativeOf(judge));
  const info = inspection && new ClientCertInfo(CONSTRUCT, new Facts(inspection, new HandshakeBindings(/** @type {import('node:tls').TLSSocket} */ (socket), finished)));
  if (info) endWhenChanged(identity, /** @type {import('node:tls').TLSSocket} */ (socket));
  remember(identity, {
    verifier: verifier ?? null,
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
 * Whoever logs may be told the last verdict on a client that has left. Nobody is admitted by one that has run out, or that a reload has made another of.
 *
 * @param {import('./connection.js').TlsConnection} connection
 * @param {Verifier | undefined} verifier
 * @throws {ClientCertError} ERR_CLIENT_CERT_CONNECTION_CLOSED
 */
function refuseOutdated({ identity, socket }, verifier) {
  const known = knownOf(identity, verifier ?? null);
  if (!known?.info || !isGone(socket)) return;
  const judge = verifier ?? protectorOf(socket);
  const now = judge ? clockOf(judge) : Date.now();
  const isOutdated = now < known.since || now >= known.until || (judge && nativeOf(judge).generation() !== known.generation);
  if (isOutdated) throw closed('and what was known of its client is out of date');
}

/** @param {Inspection | null} inspection */
const hasWishes = (inspection) => (inspection?.evidence?.wishes.length ?? 0) > 0;

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
  checkOpen(verifier);
  return infoOf(tlsConnectionOf(connection), verifier);
}

/**
 * As getClientCertInfo, also by a verifier that has been closed since it was named: by its last state.
 *
 * @param {import('./index.js').Connection} connection
 * @param {Verifier | undefined} verifier
 */
const getClientCertInfoAgain = (connection, verifier) => infoOf(tlsConnectionOf(connection), verifier);

/**
 * As getClientCertInfoOnline, where nothing has to be waited for.
 *
 * @param {import('./connection.js').TlsConnection} connection
 * @param {Verifier | undefined} verifier
 * @returns {ClientCertInfo | null | undefined} undefined: something may have to be fetched
 */
function getClientCertInfoNow(connection, verifier) {
  checkOpen(verifier);
  refuseOutdated(connection, verifier);
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
  checkOpen(verifier);
  const tlsConnection = tlsConnectionOf(connection);
  const { socket, identity } = tlsConnection;
  refuseOutdated(tlsConnection, verifier);
  const info = infoOf(tlsConnection, verifier);
  const judge = verifier ?? protectorOf(socket);
  const known = knownOf(identity, verifier ?? null);
  // `until` is in the past where something could still be found out.
  if (info === null || known === undefined || !judge || !isOnline(judge) || known.until > known.since) return info;
  const { outcome, attempts } = await findOnline(judge, info.presentedChainEncoded);
  refuseChanged(identity);
  const finished = finishedOf(socket);
  const inspection = inspectConnection(
    /** @type {import('node:tls').TLSSocket} */ (socket),
    finished,
    clockOf(judge),
    nativeOf(judge),
  );
  if (inspection === null) return null;
  // What only this connection knows stays: a problem that the verifier alone would not have found.
  const judged = inspection.ofConnection ? inspection : { ...inspection, verdict: withTexts(outcome.verdict, textOf), evidence: outcome };
  return new ClientCertInfo(CONSTRUCT, new Facts(judged, new HandshakeBindings(/** @type {import('node:tls').TLSSocket} */ (socket), finished), attempts));
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

module.exports = { ClientCertInfo, getClientCertInfo, getClientCertInfoAgain, getClientCertInfoNow, getClientCertInfoOnline, isClientCertInfo, withAccount };
