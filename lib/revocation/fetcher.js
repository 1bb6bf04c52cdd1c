// @ts-check
'use strict';
// Fetches CRLs and OCSP responses by the URLs that certificates name. The URLs, and what their hosts answer, are somebody else's: everything here is
// bounded in time and size, and only hosts that may be asked are asked. Nothing that is fetched is believed: it is signed, and the verifier checks
// the signature.

const { createHash } = require('node:crypto');
const dns = require('node:dns');

const { Backoff } = require('./backoff.js');
const { checkedAddresses, codeOf, connect } = require('./connection.js');
const { exchange } = require('./exchange.js');
const { FetchFailure } = require('./fetch-failure.js');
const { Flights } = require('./flights.js');
const { HostRules } = require('./host-rules.js');
const { redirectedTarget, targetOf } = require('./target.js');
const { Turns } = require('./turns.js');

/**
 * @typedef {import('./exchange.js').Answer} Answer
 * @typedef {import('./fetch-failure.js').FetchReason} FetchReason
 * @typedef {import('./target.js').Target} Target
 *
 * @typedef {object} FetchRequest
 * @property {string} url
 * @property {'GET' | 'POST'} [method]
 * @property {Buffer} [body]
 * @property {string} [contentType]
 * @property {string} [accept] media type
 * @property {number} [maxBytes]
 * @property {string} [identity] what this asks for, where the body differs each time (a nonce): whether to leave it alone goes by this
 *
 * @typedef {{ ok: true } & Answer} Fetched maxAge: seconds for which HTTP calls it fresh
 * @typedef {{ ok: false, reason: FetchReason, detail: string }} NotFetched
 * @typedef {{ host: string, url: string, request: string, answer: string }} BackoffKeys
 */

const DEFAULT_URL_TIMEOUT = 5000;
const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;
const MAX_REDIRECTS = 3;
// Within less than this a host cannot be said to have failed: it had no time.
const FAIR_TIME = 1000;

/** @param {FetchReason} reason @param {string} detail @returns {NotFetched} */
const notFetched = (reason, detail) => ({ ok: false, reason, detail });

/** @param {Buffer | string} octets */
const sha256 = (octets) => createHash('sha256').update(octets).digest('hex');

/** @param {FetchRequest} request @param {Target} target @returns {BackoffKeys} */
function backoffKeys({ method, body, identity }, { host, port, url }) {
  const request = sha256(JSON.stringify([method, url.href, identity ?? (body ? sha256(body) : '')]));
  return { host: `host:${host}:${port}`, url: `url:${sha256(url.href)}`, request: `request:${request}`, answer: `answer:${request}` };
}

class Fetcher {
  #rules;
  #urlTimeout;
  #lookup;
  #now;
  #backoff;
  #turns = new Turns();
  /** @type {Flights<Fetched | NotFetched>} */
  #flights = new Flights();

  /**
   * @param {object} [options]
   * @param {readonly string[]} [options.hosts] that may be asked; see HostRules
   * @param {string} [options.responder] URL whose host may be asked, too
   * @param {number} [options.urlTimeout] milliseconds for a URL, from its name to the last octet
   * @param {import('./connection.js').Lookup} [options.lookup] as dns.lookup
   * @param {() => number} [options.now] milliseconds of a clock that never goes back
   */
  constructor({ hosts, responder, urlTimeout, lookup, now } = {}) {
    this.#rules = new HostRules(hosts, responder === undefined ? undefined : targetOf(responder));
    this.#urlTimeout = urlTimeout ?? DEFAULT_URL_TIMEOUT;
    this.#lookup = lookup ?? dns.lookup;
    this.#now = now ?? (() => performance.now());
    this.#backoff = new Backoff(this.#now);
  }

  /**
   * Never rejects. Callers that want the same at the same time share one request, and get the same Buffer: it must not be changed.
   *
   * @param {FetchRequest & { signal?: AbortSignal, deadline?: number }} request `deadline`: by the clock `now`
   * @returns {Promise<Fetched | NotFetched>}
   */
  async fetch({ signal, deadline = Infinity, ...request }) {
    if (signal?.aborted) return notFetched('aborted', 'before it began');
    let target;
    try {
      target = targetOf(request.url);
      this.#rules.checkHost(target);
    } catch (error) {
      return this.#failed(error);
    }
    const left = deadline - this.#now();
    if (left <= 0) return notFetched('timeout', 'no time was left');

    const { method = 'GET', body, maxBytes = DEFAULT_MAX_BYTES } = request;
    const wanted = { ...request, method, maxBytes };
    const key = sha256(JSON.stringify([method, target.url.href, maxBytes, request.contentType, request.accept, body ? sha256(body) : '']));
    const keys = backoffKeys(wanted, target);
    if (!this.#flights.has(key)) {
      const pause = Object.values(keys).map((name) => this.#backoff.pauseOf(name)).find((found) => found !== null);
      if (pause) return notFetched('backoff', `${pause.reason}; not asked again for ${Math.ceil(pause.left)} ms`);
    }
    // The time for the URL is the flight's own matter.
    const milliseconds = left < this.#urlTimeout ? left : undefined;
    const outcome = await this.#flights.join(key, () => this.#start(wanted, target, keys), { signal, milliseconds });
    return typeof outcome === 'string' ? notFetched(outcome, 'while it was under way') : outcome;
  }

  /**
   * Tells whether what was fetched was of use. What was not is left alone for a while, like what failed: otherwise a host that answers with
   * yesterday's CRL would be asked for it at each verification.
   *
   * @param {FetchRequest} request that succeeded
   * @param {boolean} wasUseful
   */
  judge(request, wasUseful) {
    const { answer } = backoffKeys({ ...request, method: request.method ?? 'GET' }, targetOf(request.url));
    if (wasUseful) this.#backoff.succeeded(answer);
    else this.#backoff.failed(answer, 'unusable');
  }

  /**
   * @param {FetchRequest & { method: 'GET' | 'POST', maxBytes: number }} request
   * @param {Target} target
   * @param {BackoffKeys} keys
   */
  #start(request, target, keys) {
    const controller = new AbortController();
    const began = this.#now();
    const stop = (/** @type {'timeout' | 'aborted'} */ reason, /** @type {boolean} */ hadItsTime) =>
      controller.abort(new FetchFailure(reason, 'while it was under way', reason === 'timeout' && hadItsTime ? 'url' : null));
    const end = (/** @type {'timeout' | 'aborted'} */ reason) => stop(reason, this.#now() - began >= FAIR_TIME);
    const timer = setTimeout(stop, this.#urlTimeout, 'timeout', true);
    const left = () => this.#urlTimeout - (this.#now() - began);
    const result = this.#follow(request, target, { signal: controller.signal, left }).then(
      (answer) => {
        clearTimeout(timer);
        for (const name of [keys.host, keys.url, keys.request]) this.#backoff.succeeded(name);
        return /** @type {Fetched} */ ({ ok: true, ...answer });
      },
      (error) => {
        clearTimeout(timer);
        return this.#failed(error, keys);
      },
    );
    return { result, end };
  }

  /**
   * @param {FetchRequest & { method: 'GET' | 'POST', maxBytes: number }} request
   * @param {Target} first
   * @param {{ signal: AbortSignal, left: () => number }} time
   * @returns {Promise<Answer>}
   */
  async #follow(request, first, time) {
    const { signal } = time;
    const release = await this.#turns.take(`${first.host}:${first.port}`, signal).catch(({ reason }) => {
      throw new FetchFailure(reason, 'too many others at the same host');
    });
    try {
      const checkAddress = this.#rules.checkAddress.bind(this.#rules);
      const addresses = await checkedAddresses(first, { lookup: this.#lookup, checkAddress, signal });
      let target = first;
      for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
        const socket = await connect(addresses, target.port, time);
        const answer = await exchange(socket, target.url, request, signal);
        if (!('location' in answer)) return answer;
        target = redirectedTarget(target, answer.location);
      }
      throw new FetchFailure('refused-redirect', `more than ${MAX_REDIRECTS}`, 'url');
    } finally {
      release();
    }
  }

  /** @param {unknown} error @param {BackoffKeys} [keys] @returns {NotFetched} */
  #failed(error, keys) {
    const { reason, detail, blamed } = error instanceof FetchFailure ? error : new FetchFailure('network', codeOf(error), 'url');
    if (keys && blamed) this.#backoff.failed(keys[blamed], reason);
    return notFetched(reason, detail);
  }
}

module.exports = { DEFAULT_URL_TIMEOUT, Fetcher };
