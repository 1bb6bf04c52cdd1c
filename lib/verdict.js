// @ts-check
'use strict';
// What the core found out, as the frozen objects of the public surface. The one place that turns a native outcome into them.

const { inspect } = require('node:util');

const { certificateOf } = require('./certificate.js');
const { problemKinds } = require('./constants.js');
const { withCopied } = require('./copied.js');
const { wrapName } = require('./distinguished-name.js');

/**
 * @typedef {import('../binding.js').NativeOutcome} NativeOutcome
 * @typedef {import('../binding.js').NativeVerdict} NativeVerdict
 * @typedef {import('./index.js').Certificate} Certificate
 * @typedef {import('./index.js').ChainElement} ChainElement
 * @typedef {import('./index.js').Problem} Problem
 * @typedef {import('./index.js').RevocationStatus} RevocationStatus
 * @typedef {import('./index.js').FetchAttempt} FetchAttempt
 */

// RFC 5280 section 5.3.1, CRLReason by number.
const CRL_REASONS = [
  'unspecified', 'keyCompromise', 'cACompromise', 'affiliationChanged', 'superseded', 'cessationOfOperation', 'certificateHold',
  undefined, 'removeFromCRL', 'privilegeWithdrawn', 'aACompromise',
];

/**
 * @param {{ code: string, depth: number }} problem
 * @param {readonly ChainElement[]} elements
 * @returns {Problem}
 */
function describe({ code, depth }, elements) {
  const { flag, flagName, errorStatus, text } = /** @type {import('../binding.js').ProblemKind} */ (problemKinds.get(code));
  const subject = elements[depth]?.certificate?.subject.toString();
  const whose = depth === 0 ? "the client's certificate" : `the certificate at depth ${depth}`;
  const known = /** @type {import('./index.js').ProblemCode} */ (code);
  return Object.freeze({ code: known, depth, flag, flagName, errorStatus, message: `${whose}: ${text}`, subject });
}

/** The one for all that have nothing in it: most have no problem. @type {readonly any[]} */
const NONE = Object.freeze([]);

/** @template T @param {readonly T[]} array of nobody else's @returns {readonly T[]} */
const frozenArray = (array) => (array.length === 0 ? NONE : Object.freeze(array));

/**
 * The half that a Verdict and a ClientCertInfo have in common.
 *
 * @template Encoded
 * @param {import('../binding.js').NativeVerdict<Encoded>} verdict
 * @param {(encoded: Encoded) => Certificate} certificateFor one that there is already, or a new one
 */
function verdictHalf(verdict, certificateFor) {
  const elements = Object.freeze(
    verdict.elements.map(({ encoded, errorStatus, infoStatus }) =>
      Object.freeze({ certificate: encoded === null ? null : certificateFor(encoded), errorStatus, infoStatus }),
    ),
  );
  return {
    certFlags: verdict.certFlags,
    certFlagsName: verdict.certFlagsName,
    valid: verdict.certFlags === 0,
    problems: frozenArray(verdict.problems.map((problem) => describe(problem, elements))),
    errorStatus: verdict.errorStatus,
    elements,
  };
}

/** @param {number | null} seconds since 1970 */
const dateOf = (seconds) => (seconds === null ? null : new Date(seconds * 1000));

/** @param {import('../binding.js').NativeRevocationEvidence} evidence @returns {import('./index.js').RevocationEvidence} */
function evidenceOf({ kind, says, issuer, thisUpdate, nextUpdate, revokedAt, reason, number }) {
  const rest = {
    kind,
    says,
    issuer: issuer && wrapName(issuer),
    reason: reason === null ? null : (CRL_REASONS[reason] ?? String(reason)),
    number: number && number.toString('hex').toUpperCase(),
  };
  return withCopied(rest, { thisUpdate: /** @type {Date} */ (dateOf(thisUpdate)), nextUpdate: dateOf(nextUpdate), revokedAt: dateOf(revokedAt) });
}

/**
 * @param {import('../binding.js').NativeEvidence | null} outcome null: no verifier judged
 * @param {ReadonlyMap<string, readonly FetchAttempt[]>} [attempts] by key: what was fetched, or tried to be
 * @returns {readonly RevocationStatus[]}
 */
function revocationOf(outcome, attempts) {
  return frozenArray(
    (outcome?.revocation ?? []).map(({ depth, key, status, forgiven, evidence }) =>
      Object.freeze({
        depth,
        status,
        forgiven,
        evidence: Object.freeze(evidence.map(evidenceOf)),
        attempts: Object.freeze([...(attempts?.get(key) ?? [])]),
      }),
    ),
  );
}

/** What JSON can hold of the common half. @param {ReturnType<typeof verdictHalf> & { revocation: readonly RevocationStatus[] }} verdict */
function verdictJson({ valid, certFlags, certFlagsName, problems, errorStatus, elements, revocation }) {
  return {
    valid,
    certFlags,
    certFlagsName,
    problems,
    errorStatus,
    elements: elements.map((element) => ({
      subject: element.certificate && element.certificate.subject.toString(),
      serialNumber: element.certificate && element.certificate.serialNumber,
      errorStatus: element.errorStatus,
      infoStatus: element.infoStatus,
    })),
    revocation: revocation.map((status) => ({
      ...status,
      evidence: status.evidence.map((evidence) => ({ ...evidence, issuer: evidence.issuer && evidence.issuer.toString() })),
    })),
  };
}

const CONSTRUCT = Symbol('construct');

class Verdict {
  #validUntil;

  /** @param {symbol} key @param {NativeOutcome} outcome @param {ReadonlyMap<string, readonly FetchAttempt[]>} [attempts] */
  constructor(key, outcome, attempts) {
    if (key !== CONSTRUCT) throw new TypeError('Illegal constructor');
    const { certFlags, certFlagsName, valid, problems, errorStatus, elements } = verdictHalf(outcome.verdict, certificateOf);
    this.certFlags = certFlags;
    this.certFlagsName = certFlagsName;
    this.valid = valid;
    this.problems = problems;
    this.errorStatus = errorStatus;
    this.elements = elements;
    this.certificate = elements[0]?.certificate ?? null;
    this.revocation = revocationOf(outcome, attempts);
    this.policies = Object.freeze([...outcome.policies]);
    this.#validUntil = outcome.verdict.validUntil * 1000;
    Object.freeze(this);
  }

  get validUntil() {
    return new Date(this.#validUntil);
  }

  toJSON() {
    return { ...verdictJson(this), policies: this.policies, validUntil: this.validUntil };
  }

  /** @param {number} depth @param {import('node:util').InspectOptions} options */
  [inspect.custom](depth, options) {
    const { valid, certFlagsName, problems, revocation, certificate, validUntil } = this;
    return `Verdict ${inspect({ valid, certFlagsName, problems, revocation, certificate, validUntil }, options)}`;
  }
}

/** @param {NativeOutcome} outcome @param {ReadonlyMap<string, readonly FetchAttempt[]>} [attempts] */
const verdictOf = (outcome, attempts) => new Verdict(CONSTRUCT, outcome, attempts);

module.exports = { Verdict, frozenArray, verdictOf, verdictHalf, verdictJson, revocationOf };
