// @ts-check
'use strict';

const { inspect } = require('node:util');

const { wrapCertificate } = require('./certificate.js');
const { clientEnd, finishedOf, handshakePending, isGone, tlsConnectionOf } = require('./connection.js');
const { problemKinds } = require('./constants.js');
const { ClientCertError } = require('./errors.js');
const { native } = require('./native.js');
const { onlyKnownOptions } = require('./options.js');
const { inspectUnobserved } = require('./unobserved.js');

/** @typedef {import('../binding.js').Inspection} Inspection */
/** @typedef {import('./index.js').Certificate} Certificate */
/** @typedef {import('./index.js').Problem} Problem */

const CONSTRUCT = Symbol('construct');

/**
 * @param {{ code: string, depth: number }} problem
 * @param {readonly import('./index.js').ChainElement[]} elements
 * @returns {Problem}
 */
function describe({ code, depth }, elements) {
  const { flag, flagName, errorStatus, text } = /** @type {import('../binding.js').ProblemKind} */ (problemKinds.get(code));
  const subject = elements[depth]?.certificate?.subject.toString();
  const whose = depth === 0 ? "the client's certificate" : `the certificate at depth ${depth}`;
  const known = /** @type {import('./index.js').ProblemCode} */ (code);
  return Object.freeze({ code: known, depth, flag, flagName, errorStatus, message: `${whose}: ${text}`, subject });
}

class ClientCertInfo {
  #presentedEncoded;
  #validUntil;
  /** @type {null} */
  account = null;

  /** @param {symbol} key @param {Inspection} inspection */
  constructor(key, inspection) {
    if (key !== CONSTRUCT) throw new TypeError('Illegal constructor');
    const { verdict } = inspection;
    // One object for one native certificate, wherever it stands.
    const certificates = new Map();
    /** @param {import('../binding.js').Certificate} handle @returns {Certificate} */
    const wrap = (handle) => {
      if (!certificates.has(handle)) certificates.set(handle, wrapCertificate(handle));
      return certificates.get(handle);
    };
    this.#presentedEncoded = inspection.presentedEncoded;
    this.#validUntil = verdict.validUntil * 1000;
    this.certFlags = verdict.certFlags;
    this.certFlagsName = verdict.certFlagsName;
    this.valid = verdict.certFlags === 0;
    this.presentedChain = Object.freeze(inspection.presented.map(wrap));
    this.certificate = this.presentedChain[0] ?? null;
    this.elements = Object.freeze(
      verdict.elements.map(({ certificate, errorStatus, infoStatus }) =>
        Object.freeze({ certificate: certificate && wrap(certificate), errorStatus, infoStatus }),
      ),
    );
    this.problems = Object.freeze(verdict.problems.map((problem) => describe(problem, this.elements)));
    this.errorStatus = verdict.errorStatus;
    this.resumed = inspection.resumed;
    this.token = null;
    this.certDeniedByMapper = false;
    Object.freeze(this);
  }

  // What could be changed in place is given as a copy: the object is shared by every request of its connection.
  get certEncoded() {
    return Buffer.from(this.#presentedEncoded[0]);
  }

  get certEncodedSize() {
    return this.#presentedEncoded[0].length;
  }

  get presentedChainEncoded() {
    return this.#presentedEncoded.map((der) => Buffer.from(der));
  }

  get validUntil() {
    return new Date(this.#validUntil);
  }

  getMappedAccessToken() {
    return null;
  }

  toJSON() {
    return {
      valid: this.valid,
      certFlags: this.certFlags,
      certFlagsName: this.certFlagsName,
      problems: this.problems,
      errorStatus: this.errorStatus,
      elements: this.elements.map(({ certificate, errorStatus, infoStatus }) => ({
        subject: certificate && certificate.subject.toString(),
        serialNumber: certificate && certificate.serialNumber,
        errorStatus,
        infoStatus,
      })),
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
    const { valid, certFlagsName, problems, certificate, presentedChain, resumed, validUntil } = this;
    return `ClientCertInfo ${inspect({ valid, certFlagsName, problems, certificate, presentedChain, resumed, validUntil }, options)}`;
  }
}

/**
 * @typedef {object} Known what was found out about a connection, and what says that it is still so
 * @property {ClientCertInfo | null} info
 * @property {number} changes as native.connectionChanges() said
 * @property {Buffer | null} finished its name; null where `changes` tells when it has another
 * @property {number} since ms
 * @property {number} until ms
 */

/** @type {WeakMap<object, Known>} */
const knownConnections = new WeakMap();

/**
 * @param {import('node:tls').TLSSocket} socket
 * @param {Buffer} finished
 * @returns {Inspection | null} null: no certificate was sent
 */
function inspectConnection(socket, finished) {
  const inspection = native.inspectConnection(finished, Math.floor(Date.now() / 1000));
  if (typeof inspection !== 'string') return inspection;
  switch (inspection) {
    case 'noCertificate':
      return null;
    case 'handshakePending':
      throw handshakePending();
    case 'ambiguous':
      throw new ClientCertError(
        'ERR_CLIENT_CERT_AMBIGUOUS',
        'two connections of this thread have the same Finished message; nothing is said of either',
      );
    case 'clientEnd':
      throw clientEnd();
    default:
      return inspectUnobserved(socket);
  }
}

/** @param {Known} known @param {import('node:tls').TLSSocket} socket */
function isCurrent({ changes, finished, since, until }, socket) {
  const now = Date.now();
  if (changes !== native.connectionChanges() || now < since || now >= until) return false;
  return finished === null || finished.equals(finishedOf(socket));
}

/**
 * @param {import('./index.js').Connection} connection
 * @param {object} [options]
 * @returns {ClientCertInfo | null}
 */
function getClientCertInfo(connection, options) {
  if (options !== undefined) onlyKnownOptions('getClientCertInfo', options, []);
  const { identity, socket } = tlsConnectionOf(connection);
  const known = knownConnections.get(identity);
  if (known && (isGone(socket) || isCurrent(known, socket))) return known.info;
  const changes = native.connectionChanges();
  const since = Date.now();
  const finished = finishedOf(socket);
  const inspection = inspectConnection(/** @type {import('node:tls').TLSSocket} */ (socket), finished);
  const info = inspection && new ClientCertInfo(CONSTRUCT, inspection);
  knownConnections.set(identity, {
    info,
    changes,
    finished: inspection?.watched ? null : finished,
    since,
    until: info ? info.validUntil.getTime() : Infinity,
  });
  return info;
}

module.exports = { ClientCertInfo, getClientCertInfo };
