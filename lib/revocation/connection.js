// @ts-check
'use strict';
// From a host's name to a connection with an address that was checked. The name is resolved once: a name server that answers differently the second
// time (DNS rebinding) is not asked a second time.

const net = require('node:net');

const { comparableAddress } = require('./addresses.js');
const { FetchFailure } = require('./fetch-failure.js');

/**
 * @typedef {import('./target.js').Target} Target
 * @typedef {(host: string, options: { all: true }, done: (error: Error | null, addresses: Array<{ address: string }>) => void) => void} Lookup
 */

// Who has more gets his first ones tried.
const MAX_TRIED = 4;

/** @param {unknown} error @returns {string} */
const codeOf = (error) => String(/** @type {any} */ (error)?.code ?? /** @type {any} */ (error)?.message ?? error);

/**
 * Whoever ends a fetch knows that time is over, and only here is known that it was the host that took it.
 *
 * @param {AbortSignal} signal
 */
function endedBefore({ reason }) {
  return new FetchFailure(reason.reason, 'no connection', reason.blamed && 'host');
}

/**
 * @param {Lookup} lookup cannot be ended; libuv lets these have half of its threads at most
 * @param {string} host
 * @param {AbortSignal} signal
 * @returns {Promise<string[]>} addresses in their comparable form, as the resolver sorted them
 */
function resolve(lookup, host, signal) {
  return new Promise((fulfil, reject) => {
    const onAbort = () => reject(endedBefore(signal));
    signal.addEventListener('abort', onAbort, { once: true });
    lookup(host, { all: true }, (error, found) => {
      signal.removeEventListener('abort', onAbort);
      if (error) return reject(new FetchFailure('network', codeOf(error), 'host'));
      const addresses = found.map(({ address }) => comparableAddress(address));
      if (addresses.includes(null)) return reject(new FetchFailure('refused-address', 'an address with a zone, or none at all', 'host'));
      return fulfil(/** @type {string[]} */ (addresses));
    });
  });
}

/** Families by turns, the preferred one first (RFC 8305 section 4): one of them may lead nowhere. @param {string[]} addresses */
function byTurns(addresses) {
  const isFirst = (/** @type {string} */ address) => net.isIPv4(address) === net.isIPv4(addresses[0]);
  const first = addresses.filter(isFirst);
  const second = addresses.filter((address) => !isFirst(address));
  return first.flatMap((address, i) => (second[i] === undefined ? [address] : [address, second[i]])).concat(second.slice(first.length));
}

/**
 * Every address is checked, also those that would not be tried: a name that has one which is refused is not to be trusted with the others.
 *
 * @param {Target} target
 * @param {{ lookup: Lookup, checkAddress: (target: Target, address: string) => void, signal: AbortSignal }} means
 * @returns {Promise<string[]>} to be tried in this order
 */
async function checkedAddresses(target, { lookup, checkAddress, signal }) {
  const literal = comparableAddress(target.host);
  const addresses = literal === null ? await resolve(lookup, target.host, signal) : [literal];
  if (addresses.length === 0) throw new FetchFailure('network', 'the host has no address', 'host');
  for (const address of addresses) checkAddress(target, address);
  return byTurns([...new Set(addresses)]).slice(0, MAX_TRIED);
}

/**
 * @param {string} address
 * @param {number} port
 * @param {number} milliseconds
 * @param {AbortSignal} signal
 * @returns {Promise<net.Socket>}
 */
function connectTo(address, port, milliseconds, signal) {
  return new Promise((fulfil, reject) => {
    const socket = net.connect({ host: address, port });
    const stop = (/** @type {unknown} */ reason) => {
      end();
      socket.destroy();
      reject(reason);
    };
    const onAbort = () => stop(endedBefore(signal));
    const timer = setTimeout(() => stop(new FetchFailure('timeout', 'no connection', 'host')), milliseconds);
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    // Stays: a socket without a listener for its errors would end the process.
    socket.on('error', (error) => stop(new FetchFailure('network', codeOf(error), 'host')));
    socket.once('connect', () => {
      if (comparableAddress(socket.remoteAddress) === address) {
        end();
        fulfil(socket);
      } else {
        stop(new FetchFailure('refused-address', 'connected with another address', 'host'));
      }
    });
  });
}

/**
 * @param {string[]} addresses of checkedAddresses
 * @param {number} port
 * @param {{ left: () => number, signal: AbortSignal }} time
 * @returns {Promise<net.Socket>} with the first address that answers
 */
async function connect(addresses, port, { left, signal }) {
  for (const [index, address] of addresses.entries()) {
    const isLast = index === addresses.length - 1;
    try {
      // Half of what is left: an address that leads nowhere must not use it up.
      return await connectTo(address, port, isLast ? left() : left() / 2, signal);
    } catch (failure) {
      if (isLast || signal.aborted) throw failure;
    }
  }
  throw new FetchFailure('network', 'no address', 'host');
}

module.exports = { checkedAddresses, codeOf, connect };
