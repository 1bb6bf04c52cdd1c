// @ts-check
'use strict';
// Exchanges that go on with the next request of their connection: NTLM always, SPNEGO where the client's first choice is not the server's. One for
// each connection; it ends with it, and after a time.

/**
 * @typedef {object} HalfOpenExchange
 * @property {import('../../binding.js').GssExchange} exchange
 * @property {string} scheme
 */

class HalfOpen {
  #max;
  #timeout;
  /** @type {Map<import('node:tls').TLSSocket, HalfOpenExchange & { timer: NodeJS.Timeout, onClose: () => void }>} */
  #bySocket = new Map();

  /** @param {{ max: number, timeout: number }} limits timeout: milliseconds */
  constructor({ max, timeout }) {
    this.#max = max;
    this.#timeout = timeout;
  }

  get size() {
    return this.#bySocket.size;
  }

  /** Whose it is from now on: nobody else finds it there. @param {import('node:tls').TLSSocket} socket @returns {HalfOpenExchange | null} */
  take(socket) {
    const found = this.#bySocket.get(socket);
    if (found === undefined) return null;
    this.#bySocket.delete(socket);
    clearTimeout(found.timer);
    socket.off('close', found.onClose);
    return { exchange: found.exchange, scheme: found.scheme };
  }

  /** @param {import('node:tls').TLSSocket} socket @param {HalfOpenExchange} halfOpen @returns {boolean} false: there are too many, and it was closed */
  put(socket, { exchange, scheme }) {
    this.drop(socket);
    if (socket.destroyed || this.#bySocket.size >= this.#max) {
      exchange.close();
      return false;
    }
    const onClose = () => this.drop(socket);
    const timer = setTimeout(onClose, this.#timeout).unref();
    socket.once('close', onClose);
    this.#bySocket.set(socket, { exchange, scheme, timer, onClose });
    return true;
  }

  /** @param {import('node:tls').TLSSocket} socket */
  drop(socket) {
    this.take(socket)?.exchange.close();
  }

  close() {
    for (const socket of [...this.#bySocket.keys()]) this.drop(socket);
  }
}

module.exports = { HalfOpen };
