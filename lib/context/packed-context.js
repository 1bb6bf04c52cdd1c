// @ts-check
'use strict';
// A security context as octets, for another process: what FreeContextBuffer frees. Numbers are big-endian.
//
//    0  'CCSC'
//    4  version: 1
//    5  flags: 1: authenticated with a key (HMAC-SHA-256), else a SHA-256, which only tells of accidents; 2: has key material
//    6  0: TLS; 1: GSSAPI
//    7  0
//    8  length of the facts, 4 octets
//   12  length of the key material, 4 octets
//   16  the facts, JSON; the key material; the 32 octets of the HMAC or digest of all that comes before

const { createHash, createHmac, KeyObject, timingSafeEqual } = require('node:crypto');
const { inspect, types } = require('node:util');

const { ClientCertError } = require('../errors.js');
const { native } = require('../native.js');
const { readFactsJson, writeFacts } = require('./facts-codec.js');
const { importedOnce } = require('./gss-context.js');

/** @typedef {import('./facts.js').Facts | import('./gss-context.js').GssFacts} AnyFacts */

const MAGIC = Buffer.from('CCSC');
const VERSION = 1;
const AUTHENTICATED = 1;
const HAS_KEY_MATERIAL = 2;
/** @type {readonly ('tls' | 'gss')[]} */
const KINDS = ['tls', 'gss'];
const HEADER = 16;
const SEAL = 32;
const MAX_LENGTH = 16 * 1024 * 1024;
const MIN_KEY = 32;

const unreadable = (/** @type {string} */ reason, /** @type {unknown} */ cause = undefined) =>
  new ClientCertError('ERR_CLIENT_CERT_UNREADABLE', `the packed context cannot be read: ${reason}`, { cause });

/**
 * @param {string} where
 * @param {unknown} key
 * @returns {KeyObject | Buffer | null} null where there is none
 */
function checkedKey(where, key) {
  if (key === undefined) return null;
  const isSecret = key instanceof KeyObject && key.type === 'secret';
  if (!isSecret && !types.isUint8Array(key)) throw new TypeError(`${where}: key must be a Uint8Array or a secret KeyObject`);
  const length = isSecret ? key.symmetricKeySize ?? 0 : /** @type {Uint8Array} */ (key).length;
  if (length < MIN_KEY) throw new RangeError(`${where}: key must have ${MIN_KEY} octets or more`);
  return /** @type {any} */ (key);
}

/** @param {Buffer} octets @param {KeyObject | Buffer | null} key */
const sealOf = (octets, key) => (key ? createHmac('sha256', key) : createHash('sha256')).update(octets).digest();

/**
 * @param {AnyFacts} facts
 * @param {Buffer | null} keyMaterial
 * @param {KeyObject | Buffer | null} key
 * @returns {Buffer} wiped when it is collected
 */
function packedOctets(facts, keyMaterial, key) {
  const kind = isGss(facts) ? 'gss' : 'tls';
  const json = writeFacts(kind, facts);
  const secret = keyMaterial ?? Buffer.alloc(0);
  const octets = native.wipedWhenCollected(HEADER + json.length + secret.length + SEAL);
  MAGIC.copy(octets);
  octets[4] = VERSION;
  octets[5] = (key ? AUTHENTICATED : 0) | (keyMaterial ? HAS_KEY_MATERIAL : 0);
  octets[6] = KINDS.indexOf(kind);
  octets.writeUInt32BE(json.length, 8);
  octets.writeUInt32BE(secret.length, 12);
  json.copy(octets, HEADER);
  secret.copy(octets, HEADER + json.length);
  sealOf(octets.subarray(0, -SEAL), key).copy(octets, octets.length - SEAL);
  return octets;
}

/** What is in the header, once all of it makes sense together. @param {Buffer} octets @param {boolean} hasKey */
function headerOf(octets, hasKey) {
  if (!octets.subarray(0, 4).equals(MAGIC)) throw unreadable('it is none');
  if (octets[4] !== VERSION) throw unreadable(`its version is ${octets[4]}, and ${VERSION} is known`);
  const flags = octets[5];
  if (flags > (AUTHENTICATED | HAS_KEY_MATERIAL) || octets[6] >= KINDS.length || octets[7] !== 0) throw unreadable('its header is malformed');
  const [factsLength, secretLength] = [octets.readUInt32BE(8), octets.readUInt32BE(12)];
  if (HEADER + factsLength + secretLength + SEAL !== octets.length) throw unreadable('its length is wrong');
  const hasSecret = (flags & HAS_KEY_MATERIAL) !== 0;
  if (!hasSecret && secretLength > 0) throw unreadable('its header is malformed');
  const isAuthenticated = (flags & AUTHENTICATED) !== 0;
  if (hasKey && !isAuthenticated) throw unreadable('it was packed without a key');
  if (!hasKey && isAuthenticated) throw unreadable('it was packed with a key');
  return { kind: KINDS[octets[6]], factsLength, hasSecret };
}

/**
 * @param {Uint8Array} packed
 * @param {KeyObject | Buffer | null} key
 * @returns {Readonly<AnyFacts>}
 * @throws {ClientCertError} ERR_CLIENT_CERT_UNREADABLE; ERR_CLIENT_CERT_GSSAPI_UNAVAILABLE: key material of GSSAPI, which is not installed
 */
function unpackedFacts(packed, key) {
  if (packed.length < HEADER + SEAL) throw unreadable('it is none');
  if (packed.length > MAX_LENGTH) throw unreadable('it is too long');
  // Looked at only after it was copied: another thread may write to shared memory.
  const octets = native.wipedWhenCollected(packed.length);
  octets.set(packed);
  const { kind, factsLength, hasSecret } = headerOf(octets, key !== null);
  const end = octets.length - SEAL;
  if (!timingSafeEqual(sealOf(octets.subarray(0, end), key), octets.subarray(end))) throw unreadable('it has been changed');
  let facts;
  try {
    facts = readFactsJson(kind, octets.subarray(HEADER, HEADER + factsLength));
  } catch (error) {
    throw unreadable('it does not hold what it should', error);
  }
  const secret = hasSecret ? octets.subarray(HEADER + factsLength, end) : null;
  if (kind === 'tls' || secret === null) return Object.freeze({ ...facts, sessionKey: secret });
  const { sessionKey, problem } = importedOnce(secret, facts, octets.subarray(end));
  octets.fill(0);
  if (problem !== null) throw unreadable(problem);
  return Object.freeze({ ...facts, sessionKey });
}

/** @param {Readonly<AnyFacts>} facts @returns {facts is Readonly<import('./gss-context.js').GssFacts>} */
const isGss = (facts) => 'principal' in facts;

const CONSTRUCT = Symbol('construct');

class PackedContext {
  /** @type {Buffer | null} */ #octets;

  /** @param {symbol} construct @param {Buffer} octets its own from now on */
  constructor(construct, octets) {
    if (construct !== CONSTRUCT) throw new TypeError('Illegal constructor');
    this.#octets = octets;
    Object.freeze(this);
  }

  get buffer() {
    if (this.#octets === null) throw new ClientCertError('ERR_CLIENT_CERT_CLOSED', 'this packed context was freed');
    return this.#octets;
  }

  get length() {
    return this.buffer.length;
  }

  get type() {
    return this.buffer[4];
  }

  free() {
    this.#octets?.fill(0);
    this.#octets = null;
  }

  [Symbol.dispose]() {
    this.free();
  }

  /** Octets that were packed are nothing for a log. */
  [inspect.custom]() {
    return this.#octets === null ? 'PackedContext { freed }' : `PackedContext { ${this.#octets.length} octets }`;
  }
}

/** @param {AnyFacts} facts @param {Buffer | null} keyMaterial @param {KeyObject | Buffer | null} [key] */
const packFacts = (facts, keyMaterial, key = null) => new PackedContext(CONSTRUCT, packedOctets(facts, keyMaterial, key));

module.exports = { PackedContext, checkedKey, isGss, packFacts, unpackedFacts };
