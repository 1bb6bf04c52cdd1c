// @ts-check
'use strict';
// One request under way for all who want the same. Whoever leaves does not take it from the others; with the last one it is ended.

/**
 * @typedef {'timeout' | 'aborted'} Leaving why somebody leaves
 */

/**
 * @template T
 * @typedef {{ result: Promise<T>, waiting: number, end: (reason: Leaving) => void }} Flight
 */

/** @template T */
class Flights {
  /** @type {Map<string, Flight<T>>} */
  #flights = new Map();

  /** @param {string} key */
  has(key) {
    return this.#flights.has(key);
  }

  /**
   * @param {string} key
   * @param {() => { result: Promise<T>, end: (reason: Leaving) => void }} start called where none is under way; `result` never rejects
   * @param {{ signal?: AbortSignal, milliseconds?: number }} patience of this one caller; without a number, as long as the flight itself takes
   * @returns {Promise<T | Leaving>}
   */
  join(key, start, { signal, milliseconds }) {
    const flight = this.#flights.get(key) ?? this.#begin(key, start());
    flight.waiting += 1;
    return new Promise((resolve) => {
      /** @param {T | Leaving} outcome */
      const settle = (outcome) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        resolve(outcome);
      };
      /** @param {Leaving} reason */
      const leave = (reason) => {
        settle(reason);
        flight.waiting -= 1;
        if (flight.waiting > 0) return;
        // Whoever comes now wants one that is not about to end.
        this.#forget(key, flight);
        flight.end(reason);
      };
      const onAbort = () => leave('aborted');
      const timer = milliseconds === undefined ? undefined : setTimeout(leave, milliseconds, 'timeout');
      signal?.addEventListener('abort', onAbort, { once: true });
      flight.result.then(settle);
    });
  }

  /** @param {string} key @param {{ result: Promise<T>, end: (reason: Leaving) => void }} started @returns {Flight<T>} */
  #begin(key, started) {
    const flight = { ...started, waiting: 0 };
    this.#flights.set(key, flight);
    started.result.then(() => this.#forget(key, flight));
    return flight;
  }

  /** @param {string} key @param {Flight<T>} flight */
  #forget(key, flight) {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }
}

module.exports = { Flights };
