// @ts-check
'use strict';
// The option `revocation` of a verifier, checked and with its defaults.

const { X509Certificate } = require('node:crypto');

const { isCertificate, parseCertificate } = require('../certificate.js');
const { ownOptions } = require('../options.js');
const { DEFAULT_MAX_BYTES, DEFAULT_TOTAL_TIMEOUT } = require('./collector.js');
const { DEFAULT_URL_TIMEOUT } = require('./fetcher.js');
const { HostRules } = require('./host-rules.js');
const { targetOf } = require('./target.js');

/**
 * @typedef {'deny' | 'allow'} OnUnknown
 *
 * @typedef {object} CheckedRevocationOptions frozen, throughout
 * @property {'none' | 'cached' | 'online' | undefined} mode undefined: not given; the verifier knows whether there are CRLs
 * @property {'leaf' | 'chain'} check
 * @property {{ leaf: OnUnknown, ca: OnUnknown }} onUnknown
 * @property {number | undefined} freshness seconds
 * @property {readonly string[] | undefined} hosts
 * @property {number} urlTimeout milliseconds
 * @property {number} totalTimeout milliseconds
 * @property {{ ocsp: number, crl: number }} maxBytes
 * @property {import('./evidence-cache.js').Store | undefined} cache
 * @property {{ responses: readonly Buffer[], responder: string | undefined, responderCertificate: any, nonce: boolean, skew: number }} ocsp
 *   responderCertificate: a Certificate, or undefined
 */

const WHERE = 'revocation';
const OPTIONS = ['mode', 'check', 'onUnknown', 'freshness', 'hosts', 'urlTimeout', 'totalTimeout', 'maxBytes', 'cache', 'ocsp'];
const OCSP_OPTIONS = ['responses', 'responder', 'responderCertificate', 'nonce', 'skew'];

const ON_UNKNOWN = /** @type {const} */ (['deny', 'allow']);
// What a timer can hold (2^31 - 1 ms) is more than anybody waits for.
const MAX_TIMEOUT = 10 * 60 * 1000;
const MAX_BYTES = 1024 * 1024 * 1024;
const MAX_FRESHNESS = 100 * 365 * 24 * 60 * 60;
const DEFAULT_SKEW = 300;
const MAX_SKEW = 24 * 60 * 60;

/**
 * @template {string} T
 * @template D
 * @param {string} name
 * @param {unknown} value
 * @param {readonly T[]} allowed
 * @param {D} otherwise where it is undefined
 * @returns {T | D}
 */
function oneOf(name, value, allowed, otherwise) {
  if (value === undefined) return otherwise;
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) throw new TypeError(`${WHERE}: ${name} must be one of ${allowed.map((candidate) => `'${candidate}'`).join(', ')}`);
  return found;
}

/**
 * @template D
 * @param {string} name
 * @param {unknown} value
 * @param {{ from: number, to: number }} range
 * @param {D} otherwise where it is undefined
 * @returns {number | D}
 */
function integer(name, value, { from, to }, otherwise) {
  if (value === undefined) return otherwise;
  if (typeof value !== 'number') throw new TypeError(`${WHERE}: ${name} must be a number`);
  if (!Number.isInteger(value) || value < from || value > to) throw new RangeError(`${WHERE}: ${name} must be an integer from ${from} to ${to}`);
  return value;
}

/** @param {unknown} value @returns {{ leaf: OnUnknown, ca: OnUnknown }} */
function onUnknownOf(value) {
  if (value === undefined || typeof value === 'string') {
    const both = oneOf('onUnknown', value, ON_UNKNOWN, 'deny');
    return Object.freeze({ leaf: both, ca: both });
  }
  const { leaf, ca } = ownOptions(`${WHERE}: onUnknown`, value, ['leaf', 'ca']);
  return Object.freeze({ leaf: oneOf('onUnknown.leaf', leaf, ON_UNKNOWN, 'deny'), ca: oneOf('onUnknown.ca', ca, ON_UNKNOWN, 'deny') });
}

/** @param {unknown} value @returns {readonly string[] | undefined} */
function hostsOf(value) {
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) throw new TypeError(`${WHERE}: hosts must be an array of strings`);
  const hosts = Object.freeze([...value]);
  try {
    new HostRules(hosts);
  } catch (error) {
    throw new TypeError(`${WHERE}: ${/** @type {Error} */ (error).message}`, { cause: error });
  }
  return hosts;
}

/** @param {unknown} value @returns {import('./evidence-cache.js').Store | undefined} */
function storeOf(value) {
  if (value === undefined) return undefined;
  const store = /** @type {any} */ (value);
  if (store === null || typeof store !== 'object' || ['get', 'set', 'delete'].some((method) => typeof store[method] !== 'function')) {
    throw new TypeError(`${WHERE}: cache must have the methods get, set and delete, as Keyv has`);
  }
  return store;
}

/** @param {unknown} value @returns {readonly Buffer[]} copies */
function responsesOf(value) {
  if (value === undefined) return Object.freeze([]);
  if (!Array.isArray(value) || value.some((response) => !(response instanceof Uint8Array))) {
    throw new TypeError(`${WHERE}: ocsp.responses must be an array of Buffers, DER`);
  }
  return Object.freeze(value.map((response) => Buffer.from(response)));
}

/** @param {unknown} value @returns {string | undefined} */
function responderOf(value) {
  if (value === undefined) return undefined;
  try {
    return targetOf(value).url.href;
  } catch (error) {
    throw new TypeError(`${WHERE}: ocsp.responder must be an http: URL (${/** @type {any} */ (error).detail})`, { cause: error });
  }
}

/** @param {unknown} value */
function responderCertificateOf(value) {
  if (value === undefined || isCertificate(value)) return value;
  if (typeof value === 'string' || value instanceof Uint8Array || value instanceof X509Certificate) return parseCertificate(value);
  throw new TypeError(`${WHERE}: ocsp.responderCertificate must be a certificate, DER or PEM`);
}

/** @param {unknown} options @returns {CheckedRevocationOptions['ocsp']} */
function ocspOf(options = {}) {
  const { responses, responder, responderCertificate, nonce = false, skew } = ownOptions(`${WHERE}: ocsp`, options, OCSP_OPTIONS);
  if (typeof nonce !== 'boolean') throw new TypeError(`${WHERE}: ocsp.nonce must be a boolean`);
  return Object.freeze({
    responses: responsesOf(responses),
    responder: responderOf(responder),
    responderCertificate: responderCertificateOf(responderCertificate),
    nonce,
    skew: integer('ocsp.skew', skew, { from: 0, to: MAX_SKEW }, DEFAULT_SKEW),
  });
}

/**
 * @param {unknown} [options]
 * @returns {CheckedRevocationOptions}
 * @throws {TypeError | RangeError}
 * @throws {import('../errors.js').ClientCertError} ERR_CLIENT_CERT_MALFORMED for a responder's certificate that cannot be read
 */
function checkedRevocationOptions(options = {}) {
  const own = ownOptions(WHERE, options, OPTIONS);
  const maxBytes = integer('maxBytes', own.maxBytes, { from: 1, to: MAX_BYTES }, undefined);
  return Object.freeze({
    mode: oneOf('mode', own.mode, /** @type {const} */ (['none', 'cached', 'online']), undefined),
    check: oneOf('check', own.check, /** @type {const} */ (['leaf', 'chain']), 'chain'),
    onUnknown: onUnknownOf(own.onUnknown),
    freshness: integer('freshness', own.freshness, { from: 1, to: MAX_FRESHNESS }, undefined),
    hosts: hostsOf(own.hosts),
    urlTimeout: integer('urlTimeout', own.urlTimeout, { from: 1, to: MAX_TIMEOUT }, DEFAULT_URL_TIMEOUT),
    totalTimeout: integer('totalTimeout', own.totalTimeout, { from: 1, to: MAX_TIMEOUT }, DEFAULT_TOTAL_TIMEOUT),
    maxBytes: maxBytes === undefined ? DEFAULT_MAX_BYTES : Object.freeze({ ocsp: maxBytes, crl: maxBytes }),
    cache: storeOf(own.cache),
    ocsp: ocspOf(own.ocsp),
  });
}

module.exports = { OCSP_OPTIONS, REVOCATION_OPTIONS: OPTIONS, checkedRevocationOptions };
