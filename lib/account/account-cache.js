// @ts-check
'use strict';
// Accounts that were looked up a moment ago. A failure is never kept: the next one who asks tries again.

/**
 * @typedef {object} FoundAccount
 * @property {{ name: string, uid: number, gid: number, groups: readonly number[], home: string, shell: string }} account
 * @property {'good' | 'locked' | 'expired' | 'unknown'} standing
 *
 * @typedef {FoundAccount | null} Answer null: there is no such account
 */

const MAX_ENTRIES = 1000;
// Somebody who has just been created is not to wait for long.
const MAX_ABSENT_TTL = 5000;

class AccountCache {
  #find;
  #ttl;
  #now;
  /** @type {Map<string, { answer: Answer, until: number }>} the oldest one first */
  #entries = new Map();
  /** @type {Map<string, Promise<Answer>>} */
  #underWay = new Map();

  /**
   * @param {object} options
   * @param {(name: string) => Promise<Answer>} options.find
   * @param {number} options.ttl milliseconds; 0: nothing is kept
   * @param {() => number} [options.now] milliseconds of a clock that nobody sets
   */
  constructor({ find, ttl, now = () => performance.now() }) {
    this.#find = find;
    this.#ttl = ttl;
    this.#now = now;
  }

  /** @param {string} name @returns {Promise<Answer>} rejects as `find` does */
  async find(name) {
    const entry = this.#entries.get(name);
    if (entry !== undefined && this.#now() < entry.until) return entry.answer;
    const underWay = this.#underWay.get(name);
    if (underWay !== undefined) return underWay;
    // finally() comes after this turn, so after set(), however early it fails.
    const flight = this.#lookUp(name).finally(() => this.#underWay.delete(name));
    this.#underWay.set(name, flight);
    return flight;
  }

  clear() {
    this.#entries.clear();
  }

  /** @param {string} name @returns {Promise<Answer>} */
  async #lookUp(name) {
    // From when it was asked: what is found may have changed since.
    const asked = this.#now();
    const answer = await this.#find(name);
    this.#keep(name, answer, asked);
    return answer;
  }

  /** @param {string} name @param {Answer} answer @param {number} asked */
  #keep(name, answer, asked) {
    this.#entries.delete(name);
    const ttl = answer === null ? Math.min(this.#ttl, MAX_ABSENT_TTL) : this.#ttl;
    if (ttl === 0) return;
    this.#entries.set(name, { answer, until: asked + ttl });
    if (this.#entries.size > MAX_ENTRIES) this.#entries.delete(/** @type {string} */ (this.#entries.keys().next().value));
  }
}

module.exports = { AccountCache };
