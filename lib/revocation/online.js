// @ts-check
'use strict';
// What a verifier in mode 'online' lacks is collected, and offered to it: it alone says what is authentic.

const { channels, publish } = require('../diagnostics.js');
const { Collector } = require('./collector.js');
const { EvidenceCache } = require('./evidence-cache.js');
const { Fetcher } = require('./fetcher.js');

/**
 * @typedef {import('../../binding.js').NativeOutcome} NativeOutcome
 * @typedef {import('../../binding.js').NativeFetchWish} NativeFetchWish
 * @typedef {import('../../binding.js').Verifier} NativeVerifier
 * @typedef {import('../index.js').FetchAttempt} FetchAttempt
 * @typedef {{ chain: Buffer[], at: number, signal?: AbortSignal }} Question at: seconds since 1970
 */

// A path that becomes the best one only once another one's revocation is known has wishes of its own.
const MAX_ROUNDS = 3;
// What says no nextUpdate is worth keeping as long as the verifier takes it: 12 hours, as Windows does.
const DEFAULT_LIFETIME = 12 * 60 * 60 * 1000;

/** @param {NativeFetchWish} wish @returns {import('./collector.js').Wish} */
function wishOf({ depth, key, ocspUrls, ocspRequest, ocspNonce, crlUrls }) {
  return {
    depth,
    key,
    ocsp: ocspUrls.map((url) => ({ url, request: ocspRequest, ...(ocspNonce && { nonce: ocspNonce }) })),
    crls: crlUrls,
  };
}

class OnlineEvidence {
  #native;
  #collector;
  #onEvidence;
  #attempts = 0;
  #failures = 0;
  #storeErrors = 0;

  /**
   * @param {object} verifier whom the events name
   * @param {NativeVerifier} native
   * @param {import('./options.js').CheckedRevocationOptions} options
   * @param {() => void} onEvidence the verifier has learnt something
   */
  constructor(verifier, native, options, onEvidence) {
    this.#native = native;
    this.#onEvidence = onEvidence;
    const cache = new EvidenceCache({
      store: options.cache,
      onStoreError: (error) => {
        this.#storeErrors += 1;
        publish(channels.revocation, () => ({ type: 'storeFailed', verifier, error }));
      },
    });
    this.#collector = new Collector({
      fetcher: new Fetcher({ hosts: options.hosts, responder: options.ocsp.responder, urlTimeout: options.urlTimeout }),
      cache,
      totalTimeout: options.totalTimeout,
      maxBytes: options.maxBytes,
      onEvent: (event) => {
        this.#attempts += 1;
        if (event.outcome !== 'used') this.#failures += 1;
        publish(channels.revocation, () => ({ type: 'fetched', verifier, ...event }));
      },
    });
  }

  /**
   * @param {NativeOutcome} outcome of a verification that had wishes
   * @param {Question} question
   * @returns {Promise<{ outcome: NativeOutcome | number, attempts: Map<string, FetchAttempt[]> }>}
   */
  async settle(outcome, { chain, at, signal }) {
    /** @type {Map<string, FetchAttempt[]>} */
    const attempts = new Map();
    /** @type {Set<string>} */
    const unreachable = new Set();
    const deadline = this.#collector.deadline();
    /** @type {NativeOutcome | number} */
    let latest = outcome;
    for (let round = 0; round < MAX_ROUNDS && typeof latest !== 'number'; round += 1) {
      const wishes = latest.wishes.filter(({ key }) => !attempts.has(key)).map(wishOf);
      if (wishes.length === 0) break;
      const collected = await this.#collector.collect(wishes, {
        signal,
        deadline,
        accept: (kind, octets, wish, context) => this.#offer(kind, octets, wish, context, { chain, at }),
      });
      signal?.throwIfAborted();
      wishes.forEach(({ key }, i) => {
        attempts.set(key, collected[i].attempts.map((attempt) => Object.freeze(attempt)));
        if (collected[i].unreachable) unreachable.add(key);
      });
      this.#onEvidence();
      latest = await this.#native.verifyAsync(chain, at, [...unreachable]);
    }
    return { outcome: latest, attempts };
  }

  /**
   * @param {'crl' | 'ocsp'} kind
   * @param {Buffer} octets
   * @param {import('./collector.js').Wish} wish
   * @param {import('./collector.js').Context} context
   * @param {Question} question
   * @returns {Promise<import('./collector.js').Judgement>}
   */
  async #offer(kind, octets, wish, { url, nonce }, { chain, at }) {
    const { state, settled, expires } = await this.#native.offer(chain, at, { kind, octets, url, key: wish.key, nonce: nonce ?? null });
    if (state !== 'used') return { usable: false, settled: false, reason: state };
    return { usable: true, settled, expires: expires === 0 ? Date.now() + DEFAULT_LIFETIME : expires * 1000 };
  }

  stats() {
    return { attempts: this.#attempts, failures: this.#failures, storeErrors: this.#storeErrors };
  }
}

module.exports = { OnlineEvidence };
