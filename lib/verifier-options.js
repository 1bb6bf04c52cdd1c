// @ts-check
'use strict';
// The options of a Verifier, checked and with their defaults, all but `revocation`. An option that is undefined is an option that is absent.

const { types } = require('node:util');

const { checkedExpectedName } = require('./expected-name.js');
const { isOid } = require('./oid.js');
const { ownOptions } = require('./options.js');
const { checkedPurposes } = require('./purposes.js');
const { OCSP_OPTIONS, REVOCATION_OPTIONS } = require('./revocation/options.js');
const { checkedSignatureAlgorithms } = require('./signature-algorithms.js');
const { MATERIAL_OPTIONS, readMaterialOptions, readMaterialOptionsAsync } = require('./verifier-material.js');

/**
 * @typedef {import('./verifier-material.js').VerifierMaterial} VerifierMaterial
 *
 * @typedef {object} Policies frozen; RFC 5280 section 6.1.1
 * @property {readonly string[] | undefined} initial OIDs, one or more; undefined: any
 * @property {boolean} requireExplicit
 * @property {boolean} inhibitMapping
 * @property {boolean} inhibitAny
 *
 * @typedef {object} CheckedVerifierOptions frozen, throughout
 * @property {VerifierMaterial} material
 * @property {import('./purposes.js').Purposes} purpose
 * @property {import('./expected-name.js').ExpectedName | undefined} expectedName
 * @property {Policies} policies
 * @property {number} maxDepth number of intermediates
 * @property {number} minimumSecurityLevel
 * @property {number | undefined} minimumRsaBits
 * @property {readonly string[] | undefined} signatureAlgorithms OIDs, one or more; undefined: any
 * @property {boolean} allowPartialChain
 * @property {boolean} strict
 * @property {unknown} revocation as it was given
 * @property {() => number} clock milliseconds since 1970
 */

const WHERE = 'Verifier';
const OPTIONS = [
  ...MATERIAL_OPTIONS, 'purpose', 'expectedName', 'policies', 'maxDepth', 'minimumSecurityLevel', 'minimumRsaBits', 'signatureAlgorithms',
  'allowPartialChain', 'strict', 'revocation', 'clock',
];
/** Whose place is within another one. */
const MEANT = Object.fromEntries([
  ...REVOCATION_OPTIONS.map((name) => [name, `revocation.${name}`]),
  ...OCSP_OPTIONS.map((name) => [name, `revocation.ocsp.${name}`]),
]);
const POLICY_OPTIONS = ['initial', 'requireExplicit', 'inhibitMapping', 'inhibitAny'];

// OpenSSL's own limit where nobody sets one.
const MAX_DEPTH = 100;
// OpenSSL's OPENSSL_RSA_MAX_MODULUS_BITS: there are no longer keys. Shorter ones than 512 bits are broken in minutes.
const RSA_BITS = { from: 512, to: 16384 };

/** @template T @param {unknown} value @param {(value: unknown) => T} check @returns {T | undefined} */
const ifGiven = (value, check) => (value === undefined ? undefined : check(value));

/** @param {string} name @param {unknown} value @param {boolean} otherwise where it is undefined */
function checkedBoolean(name, value, otherwise) {
  if (value === undefined) return otherwise;
  if (typeof value !== 'boolean') throw new TypeError(`${WHERE}: ${name} must be a boolean`);
  return value;
}

/**
 * @template D
 * @param {string} name
 * @param {unknown} value
 * @param {{ from: number, to: number }} range
 * @param {D} otherwise where it is undefined
 * @returns {number | D}
 */
function checkedInteger(name, value, { from, to }, otherwise) {
  if (value === undefined) return otherwise;
  if (typeof value !== 'number') throw new TypeError(`${WHERE}: ${name} must be a number`);
  if (!Number.isInteger(value) || value < from || value > to) {
    throw new RangeError(`${WHERE}: ${name} must be an integer from ${from} to ${to}`);
  }
  return value;
}

/** @param {unknown} value */
function checkedInitialPolicies(value) {
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || !Array.from(value).every(isOid)) {
    throw new TypeError(`${WHERE}: policies.initial must be an array of OIDs in dotted form`);
  }
  if (value.length === 0) throw new TypeError(`${WHERE}: policies.initial: an empty array would accept no policy, or every one`);
  return Object.freeze([...new Set(value)]);
}

/** @param {unknown} [value] @returns {Policies} */
function checkedPolicies(value = {}) {
  const { initial, requireExplicit, inhibitMapping, inhibitAny } = ownOptions(`${WHERE}: policies`, value, POLICY_OPTIONS);
  return Object.freeze({
    initial: checkedInitialPolicies(initial),
    requireExplicit: checkedBoolean('policies.requireExplicit', requireExplicit, false),
    inhibitMapping: checkedBoolean('policies.inhibitMapping', inhibitMapping, false),
    inhibitAny: checkedBoolean('policies.inhibitAny', inhibitAny, false),
  });
}

/**
 * @param {unknown} date what was given as a time
 * @param {string} where for messages
 * @returns {number} milliseconds since 1970
 * @throws {TypeError} where it is no valid Date: no time is one at which nothing can be judged
 */
function timeOf(date, where) {
  const time = types.isDate(date) ? Date.prototype.getTime.call(date) : NaN;
  if (Number.isNaN(time)) throw new TypeError(`${where} must be a valid Date`);
  return time;
}

/** @param {unknown} clock @returns {() => number} throws a TypeError whenever the clock that was given does not give a valid Date */
function checkedClock(clock) {
  if (clock === undefined) return Date.now;
  if (typeof clock !== 'function') throw new TypeError(`${WHERE}: clock must be a function`);
  return () => timeOf(clock(), `${WHERE}: what clock() returns`);
}

/**
 * Reads the material, too: the last thing that is done, so that a mistake elsewhere costs nothing.
 *
 * @param {unknown} options
 * @returns {CheckedVerifierOptions}
 * @throws {TypeError | RangeError}
 * @throws {import('./errors.js').ClientCertError} as readMaterial
 */
function checkedVerifierOptions(options) {
  const own = ownOptions(WHERE, options, OPTIONS, MEANT);
  const checked = {
    purpose: checkedPurposes(`${WHERE}: purpose`, own.purpose === undefined ? 'clientAuth' : own.purpose),
    expectedName: ifGiven(own.expectedName, (name) => checkedExpectedName(`${WHERE}: expectedName`, name)),
    policies: checkedPolicies(own.policies),
    maxDepth: checkedInteger('maxDepth', own.maxDepth, { from: 0, to: MAX_DEPTH }, MAX_DEPTH),
    minimumSecurityLevel: checkedInteger('minimumSecurityLevel', own.minimumSecurityLevel, { from: 0, to: 5 }, 1),
    minimumRsaBits: checkedInteger('minimumRsaBits', own.minimumRsaBits, RSA_BITS, undefined),
    signatureAlgorithms: ifGiven(own.signatureAlgorithms, (names) => checkedSignatureAlgorithms(`${WHERE}: signatureAlgorithms`, names)),
    allowPartialChain: checkedBoolean('allowPartialChain', own.allowPartialChain, false),
    strict: checkedBoolean('strict', own.strict, false),
    revocation: own.revocation,
    clock: checkedClock(own.clock),
  };
  if (own.ca === undefined) throw new TypeError(`${WHERE}: ca is needed: whose certificates are to be trusted?`);
  return Object.freeze({ material: readMaterialOptions(own), ...checked });
}

/** @param {unknown} [value] @returns {unknown} what was given as revocation.ocsp.responses */
function changedResponses(value = {}) {
  const { ocsp = {} } = ownOptions(`${WHERE}.reload: revocation`, value, ['ocsp']);
  return ownOptions(`${WHERE}.reload: revocation.ocsp`, ocsp, ['responses']).responses;
}

/**
 * What Verifier.reload() was given. What is absent stays as it is.
 *
 * @param {unknown} changes
 * @param {AbortSignal} [signal]
 * @returns {Promise<{ material: Partial<VerifierMaterial>, responses: unknown }>} responses: as they were given
 * @throws what checkedVerifierOptions throws
 */
async function checkedChanges(changes, signal) {
  const own = ownOptions(`${WHERE}.reload`, changes, [...MATERIAL_OPTIONS, 'revocation']);
  const responses = changedResponses(own.revocation);
  return Object.freeze({ material: await readMaterialOptionsAsync(own, signal), responses });
}

module.exports = { checkedChanges, checkedVerifierOptions, timeOf };
