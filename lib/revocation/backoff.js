// @ts-check
'use strict';
// What failed is left alone for a while, longer each time. A table of moments: no timers.

const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 5 * 60 * 1000;
// What was not asked for so long after its pause is as good as new.
const FORGOTTEN_AFTER = 2 * LONGEST_PAUSE;
// Hosts and URLs of the certificates of one PKI are few. With OCSP each certificate has a request of its own: the oldest go first.
const MAX_ENTRIES = 4096;

/** @typedef {{ failures: number, until: number, reason: string }} Pause */

class Backoff {
  /** @type {Map<string, Pause>} in the order of their latest failures */
  #pauses = new Map();
  #now;

  /** @param {() => number} now milliseconds, never going back */
  constructor(now) {
    this.#now = now;
  }

  /**
   * @param {string} key
   * @returns {{ left: number, reason: string } | null} how long it is to be left alone, and why
   */
  pauseOf(key) {
    const pause = this.#pauses.get(key);
    const left = pause ? pause.until - this.#now() : 0;
    return pause && left > 0 ? { left, reason: pause.reason } : null;
  }

  /** @param {string} key @param {string} reason */
  failed(key, reason) {
    const now = this.#now();
    const before = this.#pauses.get(key);
    // Several that were under way together are one failure.
    if (before && now < before.until) return;
    const failures = before && now < before.until + FORGOTTEN_AFTER ? before.failures + 1 : 1;
    this.#pauses.delete(key);
    this.#pauses.set(key, { failures, until: now + Math.min(FIRST_PAUSE * 2 ** (failures - 1), LONGEST_PAUSE), reason });
    if (this.#pauses.size > MAX_ENTRIES) this.#pauses.delete(/** @type {string} */ (this.#pauses.keys().next().value));
  }

  /** @param {string} key */
  succeeded(key) {
    this.#pauses.delete(key);
  }

  get size() {
    return this.#pauses.size;
  }
}

module.exports = { Backoff };
