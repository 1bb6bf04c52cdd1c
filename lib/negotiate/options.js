// @ts-check
'use strict';
// What an authenticator may be told.

const { AccountMapper } = require('../account/mapper.js');
const { isPlainObject, ownOptions } = require('../options.js');

const WHERE = 'NegotiateAuthenticator';
const MECHANISMS = Object.freeze(['Negotiate', 'Kerberos', 'NTLM']);
const CHANNEL_BINDING = Object.freeze(['legacy', 'medium', 'strict']);
const OPTIONS = [
  'serviceName', 'keytab', 'credentialStore', 'replayCache', 'mechanisms', 'channelBinding', 'mapper', 'localName', 'allowDelegation', 'persistent',
  'receiveMutualAuth', 'receiveContextHandle', 'basic', 'maxToken', 'maxHalfOpen', 'exchangeTimeout', 'maxWaiting', 'callTimeout',
];

/**
 * @typedef {object} Checked
 * @property {{ service: string, store: [string, string][], kerberos: boolean, ntlm: boolean, spnego: boolean } | null} acceptor null: Basic alone
 * @property {ReadonlySet<string>} schemes that are offered
 * @property {'legacy' | 'medium' | 'strict'} channelBinding
 * @property {AccountMapper | null} mapper
 * @property {boolean} localName
 * @property {boolean} allowDelegation
 * @property {boolean} persistent
 * @property {boolean} receiveMutualAuth
 * @property {boolean} receiveContextHandle
 * @property {{ realm: string, verifyPassword: (user: string, password: string, request: any) => unknown } | null} basic
 * @property {number} maxToken
 * @property {number} maxHalfOpen
 * @property {number} exchangeTimeout
 * @property {number} maxWaiting
 * @property {number} callTimeout
 */

/** @param {string} name @param {unknown} value @param {string} [fallback] @returns {string} without NUL, which C would cut it at */
function checkedText(name, value, fallback) {
  const text = value ?? fallback;
  if (typeof text !== 'string' || text === '' || text.includes('\0')) throw new TypeError(`${WHERE}: ${name} must be a non-empty string`);
  return text;
}

/** @param {string} name @param {unknown} value @returns {boolean} */
function checkedBoolean(name, value) {
  if (value !== undefined && typeof value !== 'boolean') throw new TypeError(`${WHERE}: ${name} must be a boolean`);
  return value ?? false;
}

/** @param {string} name @param {unknown} value @param {number} fallback @param {number} most @returns {number} */
function checkedCount(name, value, fallback, most) {
  const count = value ?? fallback;
  if (typeof count !== 'number') throw new TypeError(`${WHERE}: ${name} must be a number`);
  if (!Number.isInteger(count) || count < 1 || count > most) throw new RangeError(`${WHERE}: ${name} must be an integer from 1 to ${most}`);
  return count;
}

/** @param {unknown} value @param {boolean} hasBasic @returns {ReadonlySet<string>} */
function checkedMechanisms(value, hasBasic) {
  if (value === undefined) return new Set(['Negotiate']);
  if (!Array.isArray(value) || value.some((one) => !MECHANISMS.includes(one)) || (value.length === 0 && !hasBasic)) {
    throw new TypeError(`${WHERE}: mechanisms must be an array of ${MECHANISMS.join(', ')}`);
  }
  return new Set(value);
}

/** @param {Record<string, unknown>} own @returns {[string, string][]} */
function storeOf({ keytab, credentialStore, replayCache }) {
  /** @type {[string, string][]} */
  const store = [];
  if (keytab !== undefined) store.push(['keytab', checkedText('keytab', keytab)]);
  if (replayCache !== undefined) store.push(['rcache', checkedText('replayCache', replayCache)]);
  if (credentialStore === undefined) return store;
  if (!isPlainObject(credentialStore)) throw new TypeError(`${WHERE}: credentialStore must be an object of strings`);
  for (const [key, value] of Object.entries(credentialStore)) {
    if (store.some(([known]) => known === key)) throw new TypeError(`${WHERE}: credentialStore.${key} is given twice`);
    store.push([checkedText('a key of credentialStore', key), checkedText(`credentialStore.${key}`, value)]);
  }
  return store;
}

/** @param {unknown} value @returns {Checked['basic']} */
function checkedBasic(value) {
  if (value === undefined) return null;
  const { realm, verifyPassword } = ownOptions(`${WHERE}: basic`, value, ['realm', 'verifyPassword']);
  if (typeof verifyPassword !== 'function') throw new TypeError(`${WHERE}: basic.verifyPassword must be a function`);
  const name = checkedText('basic.realm', realm, 'login');
  // It becomes a quoted string of a header.
  if (!/^[ !#-[\]-~]+$/.test(name)) throw new TypeError(`${WHERE}: basic.realm must be of printable ASCII without quotation marks and backslashes`);
  return { realm: name, verifyPassword: /** @type {any} */ (verifyPassword) };
}

/** @param {unknown} value @returns {Checked['channelBinding']} */
function checkedBinding(value = 'medium') {
  if (typeof value === 'string' && CHANNEL_BINDING.includes(value)) return /** @type {Checked['channelBinding']} */ (value);
  throw new TypeError(`${WHERE}: channelBinding must be one of ${CHANNEL_BINDING.join(', ')}`);
}

/** @param {unknown} value @returns {AccountMapper | null} */
function checkedMapper(value) {
  if (value !== undefined && !(value instanceof AccountMapper)) throw new TypeError(`${WHERE}: mapper must be an AccountMapper`);
  return value ?? null;
}

/** @param {unknown} value @returns {string} '' for whatever there is a key of */
function checkedService(value = 'HTTP') {
  if (value === null) return '';
  return checkedText('serviceName', value);
}

/**
 * @param {unknown} [options]
 * @returns {Checked}
 * @throws {TypeError | RangeError}
 */
function checkedNegotiateOptions(options = {}) {
  const own = ownOptions(WHERE, options, OPTIONS);
  const basic = checkedBasic(own.basic);
  const schemes = checkedMechanisms(own.mechanisms, basic !== null);
  const ntlm = schemes.has('NTLM');
  const kerberos = schemes.has('Negotiate') || schemes.has('Kerberos');
  const persistent = checkedBoolean('persistent', own.persistent);
  if (persistent && !ntlm) throw new TypeError(`${WHERE}: persistent is about NTLM, which is not among the mechanisms`);
  const acceptor = { service: checkedService(own.serviceName), store: storeOf(own), kerberos, ntlm, spnego: schemes.has('Negotiate') };
  return Object.freeze({
    acceptor: schemes.size === 0 ? null : acceptor,
    schemes: new Set(basic ? [...schemes, 'Basic'] : schemes),
    channelBinding: checkedBinding(own.channelBinding),
    mapper: checkedMapper(own.mapper),
    localName: checkedBoolean('localName', own.localName),
    allowDelegation: checkedBoolean('allowDelegation', own.allowDelegation),
    persistent,
    receiveMutualAuth: checkedBoolean('receiveMutualAuth', own.receiveMutualAuth),
    receiveContextHandle: checkedBoolean('receiveContextHandle', own.receiveContextHandle),
    basic,
    maxToken: checkedCount('maxToken', own.maxToken, 65_536, 1024 * 1024),
    maxHalfOpen: checkedCount('maxHalfOpen', own.maxHalfOpen, 1000, 1_000_000),
    exchangeTimeout: checkedCount('exchangeTimeout', own.exchangeTimeout, 30_000, 3_600_000),
    maxWaiting: checkedCount('maxWaiting', own.maxWaiting, 1000, 1_000_000),
    callTimeout: checkedCount('callTimeout', own.callTimeout, 15_000, 3_600_000),
  });
}

module.exports = { checkedNegotiateOptions };
