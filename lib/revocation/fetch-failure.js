// @ts-check
'use strict';
// Why something was not fetched. Reasons are API, details are text for people.

/**
 * - `refused-url`: not a plain http: URL (https: would need a certificate to be checked before a certificate can be checked)
 * - `refused-host`: a host or a port that is not allowed
 * - `refused-address`: the host has an address that is not public and not listed, or another one than was checked
 * - `refused-redirect`: to another scheme, host or port, or too often
 * - `refused-encoding`: a content coding (gzip, ...) that nobody asked for
 * - `too-large`: more octets than are allowed
 * - `http-status`: an answer other than 200
 * - `network`: no address, no connection, or not an HTTP answer
 * - `timeout`: the time for this URL, or for all of them, is over
 * - `backoff`: it failed a short time ago, so it was not asked
 * - `aborted`: whoever asked does not want it any more
 *
 * @typedef {'refused-url' | 'refused-host' | 'refused-address' | 'refused-redirect' | 'refused-encoding' | 'too-large' | 'http-status' | 'network' |
 *   'timeout' | 'backoff' | 'aborted'} FetchReason
 */

/** @type {ReadonlySet<string>} */
const FETCH_REASONS = new Set([
  'refused-url', 'refused-host', 'refused-address', 'refused-redirect', 'refused-encoding', 'too-large', 'http-status', 'network', 'timeout',
  'backoff', 'aborted',
]);

/**
 * What a failure says something about: the host (nothing else there will answer either), the URL (whatever is asked of it), or just this request.
 *
 * @typedef {'host' | 'url' | 'request'} Blamed
 */

/** Thrown within a fetch; whoever asked for it gets a value. */
class FetchFailure extends Error {
  /** @param {FetchReason} reason @param {string} detail @param {Blamed | null} [blamed] null: nothing that asking again later would change */
  constructor(reason, detail, blamed = null) {
    super(`${reason}: ${detail}`);
    this.reason = reason;
    this.detail = detail;
    this.blamed = blamed;
  }
}

module.exports = { FETCH_REASONS, FetchFailure };
