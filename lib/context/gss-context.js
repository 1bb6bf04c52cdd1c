// @ts-check
'use strict';
// What a context of GSSAPI is once it is established: its facts, what it answers, and its import in another process.

const { ContextAttribute } = require('../constants.js');
const { ClientCertError } = require('../errors.js');
const { native } = require('../native.js');
const { endpointBindingOf } = require('./queries.js');

/**
 * @typedef {object} GssFacts
 * @property {number} attributes ASC_RET_*
 * @property {string} packageName 'Kerberos' or 'NTLM', within SPNEGO, too
 * @property {string} scheme of HTTP: 'Negotiate', 'Kerberos' or 'NTLM'
 * @property {string} principal
 * @property {number} flags GSS_C_*_FLAG
 * @property {number} start seconds since 1970
 * @property {number | null} expiry null: never
 * @property {string | null} userName of the account
 * @property {Buffer | null} endPointBinding that client and server agreed on
 * @property {Buffer | null} [sessionKey] of a context that was imported
 */

const { ASC_RET_DELEGATE, ASC_RET_MUTUAL_AUTH, ASC_RET_REPLAY_DETECT, ASC_RET_SEQUENCE_DETECT, ASC_RET_CONFIDENTIALITY, ASC_RET_INTEGRITY, ASC_RET_NULL_SESSION, ASC_RET_USED_DCE_STYLE, ASC_RET_IDENTIFY, ASC_RET_EXTENDED_ERROR } =
  ContextAttribute;

/** GSS_C_*_FLAG that this package asks for. */
const GssFlag = Object.freeze({ ANONYMOUS: 0x40, CHANNEL_BOUND: 0x800 });

// By GSS_C_*_FLAG. Those that are not here have no bit in Windows.
const ATTRIBUTES = /** @type {const} */ ([
  [0x1, ASC_RET_DELEGATE],
  [0x2, ASC_RET_MUTUAL_AUTH],
  [0x4, ASC_RET_REPLAY_DETECT],
  [0x8, ASC_RET_SEQUENCE_DETECT],
  [0x10, ASC_RET_CONFIDENTIALITY],
  [0x20, ASC_RET_INTEGRITY],
  [GssFlag.ANONYMOUS, ASC_RET_NULL_SESSION],
  [0x1000, ASC_RET_USED_DCE_STYLE],
  [0x2000, ASC_RET_IDENTIFY],
  [0x4000, ASC_RET_EXTENDED_ERROR],
]);

/** @param {number} flags GSS_C_*_FLAG @returns {number} ASC_RET_* */
const attributesOf = (flags) => ATTRIBUTES.reduce((bits, [flag, attribute]) => ((flags & flag) === 0 ? bits : bits | attribute), 0);

// sspi.h: SECPKG_FLAG_INTEGRITY, _PRIVACY, _CONNECTION, _MULTI_REQUIRED, _IMPERSONATION, _MUTUAL_AUTH (not NTLM), _DELEGATION (not NTLM).
const CAPABILITIES = 0x1 | 0x2 | 0x10 | 0x20 | 0x100;
const OF_KERBEROS = 0x10000 | 0x20000;
// What Windows takes for a ticket with many groups (MaxTokenSize).
const MAX_TOKEN = 48_000;

const dateOf = (/** @type {number} */ seconds) => new Date(seconds * 1000);

/** @type {Record<string, (facts: GssFacts) => unknown>} */
const QUERIES = {
  lifespan({ start, expiry }) {
    const span = () => ({ start: dateOf(start), expiry: expiry === null ? null : dateOf(expiry) });
    return { ...span(), session: span() };
  },
  names: ({ userName, principal }) => ({ userName, subject: principal, subjectAltNames: [], serverName: null }),
  packageInfo: ({ packageName }) => ({
    name: packageName,
    comment: `${packageName} by GSSAPI`,
    version: 1,
    capabilities: CAPABILITIES | (packageName === 'Kerberos' ? OF_KERBEROS : 0),
    maxToken: MAX_TOKEN,
  }),
  negotiationInfo: ({ scheme, packageName, flags }) => ({ scheme, packageName, flags }),
  endpointBindings: ({ endPointBinding }) => endpointBindingOf(endPointBinding),
  sessionKey: ({ sessionKey }) => (sessionKey ? Buffer.from(sessionKey) : null),
};

const NAMES = Object.keys(QUERIES);

/** @param {unknown} name @param {GssFacts} facts @throws {RangeError} for a name that is not known */
function answerGss(name, facts) {
  if (typeof name !== 'string' || !Object.hasOwn(QUERIES, name)) {
    throw new RangeError(`query: ${typeof name === 'string' ? `'${name}'` : typeof name} is none of ${NAMES.join(', ')}`);
  }
  return QUERIES[name](facts);
}

// A context has counters: two copies of it would each use them. Only this process is known here.
const MAX_IMPORTED = 10_000;
/** @type {Set<string>} seals, the oldest one first */
const imported = new Set();

/** @param {Buffer} octets @returns {string | null} each character of it; null: not UTF-8 */
function utf8Of(octets) {
  try {
    // Without ignoreBOM a first U+FEFF would vanish, and one name become another.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets);
  } catch {
    return null;
  }
}

/** @param {Buffer} secret wiped @returns {Buffer} memory that is wiped when it is collected */
function inWipedMemory(secret) {
  const copy = native.wipedWhenCollected(secret.length);
  secret.copy(copy);
  secret.fill(0);
  return copy;
}

/** @param {{ missing: string }} what */
const unavailable = ({ missing }) =>
  new ClientCertError('ERR_CLIENT_CERT_GSSAPI_UNAVAILABLE', `GSSAPI is not complete on this system: ${missing} is missing; MIT Kerberos brings it (libgssapi-krb5-2, krb5-libs)`, { missing });

/**
 * @param {Buffer} exported
 * @param {GssFacts} facts that it has to be of
 * @param {Buffer} seal of what it was packed in
 * @returns {{ sessionKey: Buffer | null, problem: string | null }}
 * @throws {ClientCertError} ERR_CLIENT_CERT_GSSAPI_UNAVAILABLE
 */
function importedOnce(exported, { principal, packageName }, seal) {
  const name = seal.toString('base64');
  if (imported.has(name)) return { sessionKey: null, problem: 'its context was imported before' };
  imported.add(name);
  if (imported.size > MAX_IMPORTED) imported.delete(/** @type {string} */ (imported.values().next().value));
  const context = native.importGssContext(exported);
  if ('missing' in context) throw unavailable(context);
  if ('major' in context) return { sessionKey: null, problem: 'GSSAPI does not take its context' };
  const sessionKey = context.sessionKey && inWipedMemory(context.sessionKey);
  const isTheSame = utf8Of(context.name) === principal && context.mechanism === packageName;
  return isTheSame ? { sessionKey, problem: null } : { sessionKey: null, problem: 'its context is of somebody else' };
}

module.exports = { GssFlag, answerGss, attributesOf, importedOnce, inWipedMemory, unavailable, utf8Of };
