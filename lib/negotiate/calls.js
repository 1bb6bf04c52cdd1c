// @ts-check
'use strict';
// Calls of GSSAPI take turns on libuv's threads: each may wait for a service of the system, and none can be interrupted. Whoever would wait too
// long is told so; a call that is still under way keeps its place until it ends.

class Busy extends Error {}

class Calls {
  #atOnce;
  #maxWaiting;
  #timeout;
  #running = 0;
  /** The longest waiting first. @type {Set<() => void>} */
  #waiting = new Set();

  /** @param {{ atOnce: number, maxWaiting: number, timeout: number }} limits timeout: milliseconds, waiting included */
  constructor({ atOnce, maxWaiting, timeout }) {
    this.#atOnce = atOnce;
    this.#maxWaiting = maxWaiting;
    this.#timeout = timeout;
  }

  get running() {
    return this.#running;
  }

  get waiting() {
    return this.#waiting.size;
  }

  /**
   * @template T
   * @param {() => Promise<T>} work
   * @param {(late: T) => void} discard what came after nobody waited for it any more
   * @returns {Promise<T>}
   * @throws {Busy}
   */
  run(work, discard) {
    // So that what throws at once rejects as well: its place is given back.
    const begun = async () => work();
    return new Promise((resolve, reject) => {
      let isGivenUp = false;
      const start = () => {
        this.#running += 1;
        begun()
          .then((value) => (isGivenUp ? discard(value) : resolve(value)), reject)
          .finally(() => {
            clearTimeout(timer);
            this.#running -= 1;
            this.#next();
          });
      };
      const timer = setTimeout(() => {
        isGivenUp = true;
        this.#waiting.delete(start);
        reject(new Busy('GSSAPI takes too long'));
      }, this.#timeout);
      if (this.#running < this.#atOnce) start();
      else if (this.#waiting.size < this.#maxWaiting) this.#waiting.add(start);
      else {
        clearTimeout(timer);
        reject(new Busy('too many calls of GSSAPI wait'));
      }
    });
  }

  #next() {
    const [next] = this.#waiting;
    if (!next) return;
    this.#waiting.delete(next);
    next();
  }
}

module.exports = { Busy, Calls };
