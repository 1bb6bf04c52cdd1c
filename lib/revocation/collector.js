// @ts-check
'use strict';
// From what a verifier lacks to what it needs: the cache first, then OCSP, then CRLs, until the status of each certificate is determined or time is
// over.

const { FETCH_REASONS } = require('./fetch-failure.js');
const { ocspRequests } = require('./ocsp-http.js');

/**
 * @typedef {import('./evidence-cache.js').EvidenceCache} EvidenceCache
 * @typedef {import('./evidence-cache.js').Kind} Kind
 * @typedef {import('./fetcher.js').Fetcher} Fetcher
 * @typedef {import('./fetcher.js').FetchRequest} FetchRequest
 *
 * @typedef {object} Wish for a certificate of an otherwise verified path whose status is not determined
 * @property {number} depth
 * @property {Array<{ url: string, request: Buffer, nonce?: Buffer }>} ocsp
 * @property {string[]} crls URLs
 * @property {string} key stable name of the OCSP CertID
 *
 * @typedef {object} Judgement what the verifier says of octets
 * @property {boolean} usable authentic, and about what was asked for
 * @property {boolean} settled the status of the wish's certificate is determined now
 * @property {number} [expires] milliseconds since 1970 until when it is worth keeping; without it, it is not kept
 * @property {string} [reason] why it is not usable
 *
 * @typedef {'cache' | 'store' | 'network'} Origin
 * @typedef {{ url: string, from: Origin, nonce?: Buffer, maxAge?: number }} Context nonce: that the request had; maxAge: seconds, of HTTP
 * @typedef {(kind: Kind, octets: Buffer, wish: Wish, context: Context) => Promise<Judgement>} Accept
 *
 * @typedef {object} Attempt
 * @property {Kind} kind
 * @property {string} url
 * @property {Origin} from
 * @property {string} outcome 'used', a FetchReason, or why the verifier could not use it
 * @property {number} ms
 *
 * @typedef {Attempt & { depth: number, octets: number, detail: string, settled: boolean }} FetchEvent
 * @typedef {{ depth: number, settled: boolean, unreachable: boolean, attempts: Attempt[] }} Collected unreachable: not settled, and something that
 *   might have settled it could not be fetched
 */

const DEFAULT_TOTAL_TIMEOUT = 10000;
const DEFAULT_MAX_BYTES = Object.freeze({ ocsp: 64 * 1024, crl: 64 * 1024 * 1024 });
// Of each kind. Certificates that are in use have one to four; what lies beyond is not asked, so the status stays undetermined.
const MAX_URLS = 16;

const CRL_TYPE = 'application/pkix-crl'; // RFC 2585 section 4.2

/** Those that cost no time. */
const NOT_ASKED = new Set(['refused-url', 'refused-host', 'backoff']);

/**
 * @typedef {{ accept: Accept, signal: AbortSignal, deadline: number }} Round what the wishes of one verification share
 *
 * @typedef {object} Means what all verifications share
 * @property {Fetcher} fetcher
 * @property {EvidenceCache} cache
 * @property {{ ocsp: number, crl: number }} maxBytes
 * @property {() => number} now
 * @property {(event: FetchEvent) => void} [onEvent]
 */

/** One wish, and what has come of it. */
class Pursuit {
  settled = false;
  /** @type {Attempt[]} */
  attempts = [];
  #wish;
  #round;
  #means;
  #asked = 0;
  /** @type {FetchRequest[]} whose answers were usable, and determined nothing by themselves */
  #undecided = [];

  /**
   * @param {Wish} wish
   * @param {Round} round
   * @param {Means} means
   */
  constructor(wish, round, means) {
    this.#wish = wish;
    this.#round = round;
    this.#means = means;
  }

  /** @returns {Promise<Collected>} */
  async run() {
    await this.#fromCache();
    await this.#byOcsp();
    await this.#byCrls();
    // Several CRLs may be needed together, so none of them is useless before the end.
    for (const request of this.#undecided) this.#means.fetcher.judge(request, this.settled);
    const unreachable = !this.settled && this.attempts.some(({ from, outcome }) => from === 'network' && FETCH_REASONS.has(outcome));
    return { depth: this.#wish.depth, settled: this.settled, unreachable, attempts: this.attempts };
  }

  get #isOver() {
    return this.settled || this.#round.signal.aborted;
  }

  async #fromCache() {
    const { cache, now } = this.#means;
    const { ocsp, crls, key } = this.#wish;
    // Where a nonce is asked for, the answer to an earlier request is none.
    const isOcspKept = ocsp.length > 0 && !ocsp.some(({ nonce }) => nonce);
    /** @type {Array<{ kind: Kind, name: string, url: string }>} */
    const kept = crls.slice(0, MAX_URLS).map((url) => ({ kind: 'crl', name: url, url }));
    if (isOcspKept) kept.unshift({ kind: 'ocsp', name: key, url: ocsp[0].url });

    const seen = new Map();
    for (const { kind, name, url } of kept) {
      const octets = this.#isOver ? null : cache.inMemory(kind, name);
      if (!octets) continue;
      seen.set(name, octets);
      const judgement = await this.#offer(kind, octets, { url, from: 'cache' }, now());
      if (!judgement.usable) await cache.forget(kind, name);
    }
    for (const { kind, name, url } of kept) {
      const began = now();
      const octets = this.#isOver ? null : await cache.inStore(kind, name, this.#round.deadline - began);
      if (!octets || seen.get(name)?.equals(octets) || this.#isOver) continue;
      const judgement = await this.#offer(kind, octets, { url, from: 'store' }, began);
      if (judgement.usable) cache.keepInMemory(kind, name, octets, judgement.expires);
      else await cache.forget(kind, name);
    }
  }

  async #byOcsp() {
    const { maxBytes } = this.#means;
    const { ocsp, key } = this.#wish;
    for (const question of ocsp.slice(0, MAX_URLS)) {
      const { url, nonce } = question;
      for (const request of ocspRequests(question, { key, maxBytes: maxBytes.ocsp })) {
        if (this.#isOver) return;
        const outcome = await this.#ask('ocsp', request, { url, from: 'network', nonce }, nonce ? null : key);
        // A responder that does not know GET, or a cache between that is of no use.
        if (outcome !== 'http-status' && outcome !== 'backoff') break;
      }
    }
  }

  async #byCrls() {
    const { maxBytes } = this.#means;
    for (const url of this.#wish.crls.slice(0, MAX_URLS)) {
      if (this.#isOver) return;
      await this.#ask('crl', { url, method: 'GET', accept: CRL_TYPE, maxBytes: maxBytes.crl }, { url, from: 'network' }, url);
    }
  }

  /**
   * @param {Kind} kind
   * @param {FetchRequest} request
   * @param {Context} context
   * @param {string | null} name in the cache; null: not to be kept
   * @returns {Promise<string>} the outcome
   */
  async #ask(kind, request, context, name) {
    const { fetcher, cache, now } = this.#means;
    const { signal, deadline } = this.#round;
    const began = now();
    // As CryptoAPI does it: each URL after the first gets half of what is left, so that one is left for the next.
    const left = deadline - began;
    const fetched = await fetcher.fetch({ ...request, signal, deadline: began + (this.#asked === 0 ? left : left / 2) });
    if (fetched.ok || !NOT_ASKED.has(fetched.reason)) this.#asked += 1;
    if (!fetched.ok) return this.#record(kind, context, { outcome: fetched.reason, detail: fetched.detail, began, octets: 0 });
    if (this.#isOver) return this.#record(kind, context, { outcome: 'aborted', detail: 'after it was fetched', began, octets: fetched.body.length });

    const judgement = await this.#offer(kind, fetched.body, { ...context, maxAge: fetched.maxAge }, began);
    if (judgement.settled) fetcher.judge(request, true);
    else if (judgement.usable) this.#undecided.push(request);
    else fetcher.judge(request, false);
    // Not waited for: others may need it later, this verification does not.
    if (judgement.usable && name !== null) void cache.keep(kind, name, fetched.body, judgement.expires);
    return judgement.usable ? 'used' : 'unusable';
  }

  /**
   * @param {Kind} kind
   * @param {Buffer} octets
   * @param {Context} context
   * @param {number} began
   * @returns {Promise<Judgement>}
   */
  async #offer(kind, octets, context, began) {
    const judgement = await this.#round.accept(kind, octets, this.#wish, context);
    // Exactly true, and never by what could not be used.
    const usable = judgement.usable === true;
    if (usable && judgement.settled === true) this.settled = true;
    const outcome = usable ? 'used' : (judgement.reason ?? 'unusable');
    this.#record(kind, context, { outcome, detail: '', began, octets: octets.length });
    return { ...judgement, usable, settled: this.settled };
  }

  /**
   * @param {Kind} kind
   * @param {Context} context
   * @param {{ outcome: string, detail: string, began: number, octets: number }} event
   */
  #record(kind, { url, from }, { outcome, detail, began, octets }) {
    const attempt = { kind, url, from, outcome, ms: this.#means.now() - began };
    this.attempts.push(attempt);
    this.#means.onEvent?.({ ...attempt, depth: this.#wish.depth, octets, detail, settled: this.settled });
    return outcome;
  }
}

class Collector {
  #means;
  #totalTimeout;

  /**
   * @param {object} options
   * @param {Fetcher} options.fetcher
   * @param {EvidenceCache} options.cache
   * @param {number} [options.totalTimeout] milliseconds for all wishes of a verification together
   * @param {{ ocsp: number, crl: number }} [options.maxBytes]
   * @param {() => number} [options.now] the fetcher's clock
   * @param {(event: FetchEvent) => void} [options.onEvent] told of each attempt; must not throw
   */
  constructor({ fetcher, cache, totalTimeout = DEFAULT_TOTAL_TIMEOUT, maxBytes = DEFAULT_MAX_BYTES, now = () => performance.now(), onEvent }) {
    this.#means = { fetcher, cache, maxBytes, now, onEvent };
    this.#totalTimeout = totalTimeout;
  }

  /** Until when a verification that begins now may collect, in several rounds if need be: by the clock `now`. */
  deadline() {
    return this.#means.now() + this.#totalTimeout;
  }

  /**
   * Wishes are pursued side by side. Where `signal` ends it, resolves with what has come until then.
   *
   * @param {Wish[]} wishes of one verification
   * @param {{ accept: Accept, signal?: AbortSignal, deadline?: number }} options deadline: by the clock `now`, where it is earlier than totalTimeout
   * @returns {Promise<Collected[]>} one for each wish, in their order
   * @throws {unknown} what `accept` rejects with; everything that is under way is ended
   */
  async collect(wishes, { accept, signal, deadline = Infinity }) {
    const controller = new AbortController();
    const stop = () => controller.abort();
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop, { once: true });
    const round = { accept, signal: controller.signal, deadline: Math.min(deadline, this.#means.now() + this.#totalTimeout) };
    try {
      return await Promise.all(wishes.map((wish) => new Pursuit(wish, round, this.#means).run()));
    } finally {
      signal?.removeEventListener('abort', stop);
      stop();
    }
  }
}

module.exports = { Collector, DEFAULT_MAX_BYTES, DEFAULT_TOTAL_TIMEOUT };
