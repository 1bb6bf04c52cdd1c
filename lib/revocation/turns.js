// @ts-check
'use strict';
// How many connections a host gets at once. Without this, thousands of clients that connect together, each with a nonce of its own, would become
// thousands of connections to one OCSP responder.

const MAX_AT_ONCE = 16;

class Turns {
  /** @type {Map<string, { taken: number, waiting: Array<() => void> }>} */
  #hosts = new Map();

  /**
   * @param {string} host
   * @param {AbortSignal} signal
   * @returns {Promise<() => void>} to be called once when the turn is over
   * @throws {unknown} the signal's reason
   */
  async take(host, signal) {
    const state = this.#hosts.get(host) ?? { taken: 0, waiting: [] };
    this.#hosts.set(host, state);
    if (state.taken < MAX_AT_ONCE) state.taken += 1;
    else await this.#wait(state, signal);
    return () => {
      const next = state.waiting.shift();
      if (next) next(); // which takes the place over
      else if (--state.taken === 0) this.#hosts.delete(host);
    };
  }

  /** @param {{ waiting: Array<() => void> }} state @param {AbortSignal} signal @returns {Promise<void>} */
  #wait({ waiting }, signal) {
    return new Promise((resolve, reject) => {
      const proceed = () => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = () => {
        waiting.splice(waiting.indexOf(proceed), 1);
        reject(signal.reason);
      };
      waiting.push(proceed);
      signal.addEventListener('abort', leave, { once: true });
    });
  }
}

module.exports = { MAX_AT_ONCE, Turns };
