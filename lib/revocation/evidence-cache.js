// @ts-check
'use strict';
// What was fetched, kept: in memory, and in a store that several processes may share. What comes out of it is nothing more than octets that somebody
// signed: the verifier checks the signature again, so whoever can write to the store can withhold evidence, not make it up. Evidence that is withheld
// is fetched again.

const { createHash } = require('node:crypto');

const { Backoff } = require('./backoff.js');

/**
 * @typedef {'crl' | 'ocsp'} Kind
 * @typedef {{ octets: Buffer, expires: number }} Item expires: milliseconds since 1970
 *
 * @typedef {object} Store as Keyv, or one of its adapters
 * @property {(key: string) => unknown} get
 * @property {(key: string, value: any, ttl?: number) => unknown} set ttl: milliseconds
 * @property {(key: string) => unknown} delete
 */

const DEFAULT_MAX_BYTES = 32 * 1024 * 1024;
const DEFAULT_STORE_TIMEOUT = 500;
// Of a CRL that is good for a year, a newer one is looked for now and then.
const DEFAULT_MAX_LIFETIME = 7 * 24 * 60 * 60 * 1000;
const NAMESPACE = 'client-cert-info';
const VERSION = 1;
// What an item of the store has beside the octets.
const ENVELOPE = 256;
const STORE = 'store';

/** @param {Kind} kind @param {string} name the URL of a CRL, or the key of an OCSP CertID */
function keyOf(kind, name) {
  return `${NAMESPACE}:${kind}:${kind === 'crl' ? createHash('sha256').update(name).digest('hex') : name}`;
}

/** @param {Item} item */
const encode = ({ octets, expires }) => JSON.stringify({ v: VERSION, expires, der: octets.toString('base64') });

/**
 * @param {unknown} value whatever the store says
 * @param {number} maxBytes
 * @returns {Item | null} null where it is not what encode() gives
 */
function decode(value, maxBytes) {
  if (typeof value !== 'string' || value.length > Math.ceil(maxBytes / 3) * 4 + ENVELOPE) return null;
  let item;
  try {
    item = JSON.parse(value);
  } catch {
    return null;
  }
  if (typeof item !== 'object' || item === null || item.v !== VERSION || typeof item.der !== 'string' || !Number.isFinite(item.expires)) return null;
  const octets = Buffer.from(item.der, 'base64');
  if (octets.length === 0 || octets.length > maxBytes || octets.toString('base64') !== item.der) return null;
  return { octets, expires: item.expires };
}

class EvidenceCache {
  /** @type {Map<string, Item>} the one that was used longest ago first */
  #items = new Map();
  #size = 0;
  #maxBytes;
  #maxLifetime;
  #store;
  #storeTimeout;
  #storeBackoff;
  #onStoreError;
  #now;
  /** @type {Map<string, Promise<Item | null>>} many verifications begin with the same CRL: one reads it */
  #reading = new Map();

  /**
   * @param {object} [options]
   * @param {Store} [options.store]
   * @param {number} [options.maxBytes] in memory, and of one item
   * @param {number} [options.storeTimeout] milliseconds that the store may take to answer
   * @param {number} [options.maxLifetime] milliseconds
   * @param {(error: unknown) => void} [options.onStoreError] what the store does wrong is told here, and nowhere else
   * @param {() => number} [options.now] milliseconds since 1970
   */
  constructor(options = {}) {
    this.#store = options.store;
    this.#maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
    this.#storeTimeout = options.storeTimeout ?? DEFAULT_STORE_TIMEOUT;
    this.#maxLifetime = options.maxLifetime ?? DEFAULT_MAX_LIFETIME;
    this.#onStoreError = options.onStoreError;
    this.#now = options.now ?? Date.now;
    this.#storeBackoff = new Backoff(() => performance.now());
  }

  /** @param {Kind} kind @param {string} name @returns {Buffer | null} */
  inMemory(kind, name) {
    const key = keyOf(kind, name);
    const item = this.#items.get(key);
    if (!item) return null;
    this.#drop(key);
    if (item.expires <= this.#now()) return null;
    this.#put(key, item);
    return item.octets;
  }

  /**
   * @param {Kind} kind
   * @param {string} name
   * @param {number} [patience] milliseconds, where it is less than what the store may take
   * @returns {Promise<Buffer | null>} never rejects; null also where the store fails or takes too long
   */
  async inStore(kind, name, patience = Infinity) {
    // A store that hangs is left alone for a while: otherwise each verification would wait for it.
    if (!this.#store || this.#storeBackoff.pauseOf(STORE)) return null;
    const key = keyOf(kind, name);
    const reading = this.#reading.get(key) ?? this.#read(key);
    const item = await this.#withinTime(reading, Math.min(patience, this.#storeTimeout), null);
    return item && item.expires > this.#now() ? item.octets : null;
  }

  /**
   * @param {Kind} kind
   * @param {string} name
   * @param {Buffer} octets that the verifier found authentic
   * @param {number} [expires] milliseconds since 1970; what is without it is not kept
   * @returns {Promise<void>} of the store, for those who want to wait; never rejects
   */
  async keep(kind, name, octets, expires) {
    const key = keyOf(kind, name);
    const item = this.#itemOf(octets, expires);
    if (!item) return;
    this.#drop(key);
    this.#put(key, item);
    if (!this.#store || this.#storeBackoff.pauseOf(STORE)) return;
    await this.#ask((store) => store.set(key, encode(item), Math.ceil(item.expires - this.#now())));
  }

  /**
   * As keep, for what came out of the store.
   *
   * @param {Kind} kind
   * @param {string} name
   * @param {Buffer} octets
   * @param {number} [expires]
   */
  keepInMemory(kind, name, octets, expires) {
    const key = keyOf(kind, name);
    const item = this.#itemOf(octets, expires);
    if (!item) return;
    this.#drop(key);
    this.#put(key, item);
  }

  /**
   * What the verifier could not use.
   *
   * @param {Kind} kind
   * @param {string} name
   * @returns {Promise<void>} as keep
   */
  async forget(kind, name) {
    const key = keyOf(kind, name);
    this.#drop(key);
    if (!this.#store || this.#storeBackoff.pauseOf(STORE)) return;
    await this.#ask((store) => store.delete(key));
  }

  /** Octets in memory. */
  get size() {
    return this.#size;
  }

  /** @param {Buffer} octets @param {number} [expires] @returns {Item | null} */
  #itemOf(octets, expires) {
    const now = this.#now();
    if (expires === undefined || !(expires > now) || octets.length > this.#maxBytes) return null;
    return { octets, expires: Math.min(expires, now + this.#maxLifetime) };
  }

  /** @param {string} key @param {Item} item */
  #put(key, item) {
    this.#items.set(key, item);
    this.#size += item.octets.length;
    for (const oldest of this.#items.keys()) {
      if (this.#size <= this.#maxBytes) break;
      this.#drop(oldest);
    }
  }

  /** @param {string} key */
  #drop(key) {
    this.#size -= this.#items.get(key)?.octets.length ?? 0;
    this.#items.delete(key);
  }

  /** @param {string} key @returns {Promise<Item | null>} */
  #read(key) {
    const reading = this.#ask((store) => store.get(key)).then((value) => {
      this.#reading.delete(key);
      return decode(value, this.#maxBytes);
    });
    this.#reading.set(key, reading);
    return reading;
  }

  /** @param {(store: Store) => unknown} operation @returns {Promise<unknown>} undefined where it fails or takes too long */
  async #ask(operation) {
    const late = Symbol('late');
    const answer = await this.#withinTime(this.#attempt(operation), this.#storeTimeout, late);
    if (answer !== late) {
      this.#storeBackoff.succeeded(STORE);
      return answer;
    }
    this.#storeBackoff.failed(STORE, 'timeout');
    this.#report(new Error(`the store did not answer within ${this.#storeTimeout} ms`));
    return undefined;
  }

  /** @param {(store: Store) => unknown} operation @returns {Promise<unknown>} */
  async #attempt(operation) {
    try {
      return await operation(/** @type {Store} */ (this.#store));
    } catch (error) {
      this.#report(error);
      return undefined;
    }
  }

  /** @param {unknown} error */
  #report(error) {
    try {
      this.#onStoreError?.(error);
    } catch {
      // Whoever listens does not end what he listens to.
    }
  }

  /**
   * @template T, L
   * @param {Promise<T>} promise that never rejects
   * @param {number} milliseconds
   * @param {L} late
   * @returns {Promise<T | L>}
   */
  #withinTime(promise, milliseconds, late) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds, late);
      promise.then((value) => {
        clearTimeout(timer);
        resolve(value);
      });
    });
  }
}

module.exports = { EvidenceCache };
