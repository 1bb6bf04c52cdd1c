// @ts-check
'use strict';
// For connections without requests: being told when the verdict on the client changes.

const { getClientCertInfo, getClientCertInfoAgain } = require('./client-cert-info.js');
const { isGone, tlsConnectionOf } = require('./connection.js');
const { ownOptions } = require('./options.js');
const { protectorOf } = require('./protection.js');
const { checkedVerifier, clockOf, findOnline, isOnline, onChange } = require('./verifier.js');

/** @typedef {import('./index.js').ClientCertInfo} ClientCertInfo */

// Clocks are set, and machines sleep, without a word: a timer knows of neither.
const LONGEST_WAIT = 60_000;
// Where a verdict is over already, whoever could change that needs a while.
const SHORTEST_WAIT = 1000;
// A further handshake takes less.
const LONGEST_HANDSHAKE = 30_000;

/** What a listener would want to know of. @param {ClientCertInfo} info */
const gist = ({ certFlags, problems, revocation }) =>
  JSON.stringify([certFlags, problems.map(({ code, depth }) => [code, depth]), revocation.map(({ status, forgiven }) => [status, forgiven])]);

/**
 * @param {import('./index.js').Connection} connection
 * @param {{ verifier?: import('./index.js').Verifier }} options
 * @param {(info: ClientCertInfo) => void} callback
 * @returns {() => void}
 */
function watchClientCert(connection, options, callback) {
  const own = ownOptions('watchClientCert', options, ['verifier']);
  const given = checkedVerifier('watchClientCert', own.verifier);
  if (typeof callback !== 'function') throw new TypeError('watchClientCert: callback must be a function');
  const { identity, socket } = tlsConnectionOf(connection);
  // Of HTTP/2 the session: the proxy of its socket cannot be asked any more when that is closed.
  const ended = /** @type {import('node:events').EventEmitter} */ (identity);
  const first = getClientCertInfo(connection, { verifier: given });
  if (first === null || socket === undefined) return () => {};
  const verifier = given ?? protectorOf(socket);
  let last = gist(first);
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const stopping = new AbortController();

  const stop = () => {
    stopping.abort();
    clearTimeout(timer);
    unsubscribe();
    ended.removeListener('close', stop);
  };

  /** @param {ClientCertInfo} info */
  const schedule = (info) => {
    const now = verifier ? clockOf(verifier) : Date.now();
    const wait = Math.max(info.validUntil.getTime() - now, SHORTEST_WAIT);
    lookIn(Math.min(wait, LONGEST_WAIT), wait <= LONGEST_WAIT);
  };

  /** @param {number} milliseconds @param {boolean} isDue */
  const lookIn = (milliseconds, isDue) => {
    clearTimeout(timer);
    timer = setTimeout(() => lookNow(isDue), milliseconds);
    timer.unref();
  };

  /** Since when it has been in a further handshake: by a clock that nobody sets. @type {number | null} */
  let pendingSince = null;

  /** @returns {ClientCertInfo | null} null: in a further handshake, or gone */
  const again = () => {
    try {
      const info = getClientCertInfoAgain(connection, given);
      pendingSince = null;
      return info;
    } catch (error) {
      const { code } = /** @type {any} */ (error);
      if (code !== 'ERR_CLIENT_CERT_HANDSHAKE_PENDING' && !isGone(socket)) throw error;
      // A client that stops in the midst of it would never be looked at again.
      pendingSince ??= performance.now();
      if (performance.now() - pendingSince > LONGEST_HANDSHAKE) /** @type {any} */ (identity).destroy();
      return null;
    }
  };

  /** @param {boolean} isDue what was known has run out */
  const look = async (isDue) => {
    if (stopping.signal.aborted || isGone(socket)) return;
    // Whatever fails now, a clock for one, may be there again later.
    lookIn(SHORTEST_WAIT, isDue);
    if (isDue && verifier && isOnline(verifier)) {
      const info = again();
      // What cannot be fetched leaves the status unknown, and that is what will be told.
      if (info) await findOnline(verifier, [...info.presentedChainEncoded], stopping.signal).catch(() => {});
      if (stopping.signal.aborted || isGone(socket)) return;
    }
    const info = again();
    if (info === null) return;
    clearTimeout(timer);
    schedule(info);
    const now = gist(info);
    if (now === last) return;
    last = now;
    callback(info);
  };

  /** Whatever the callback throws is an uncaught exception, as it is in other listeners. @param {boolean} isDue */
  const lookNow = (isDue) => {
    look(isDue).catch((error) => process.nextTick(() => { throw error; }));
  };

  const unsubscribe = verifier ? onChange(verifier, () => lookNow(false)) : () => {};
  ended.once('close', stop);
  schedule(first);
  return stop;
}

module.exports = { watchClientCert };
