// @ts-check
'use strict';
// A URL of a certificate, read strictly: what is asked for is what is written, with nothing that another reader would understand differently.

const { isIPv6 } = require('node:net');

const { FetchFailure } = require('./fetch-failure.js');

/** @typedef {{ url: URL, host: string, port: number }} Target host: lower case, without brackets and without a trailing dot */

// Longer than any that is in use; requests of more than 16 KiB are refused by servers anyway.
const MAX_URL = 4096;
// Printable ASCII without spaces, quotation marks, angle brackets and the backslash, which URL takes for a slash.
const PLAIN = /^[!#-;=?-[\]^-~]*$/;
const AUTHORITY = /^http:\/\/(\[[0-9a-f:.]+\]|[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?)(?::[0-9]{1,5})?(?=[/?#]|$)/i;
// RFC 1035 section 2.3.4
const MAX_NAME = 253;

/**
 * @param {unknown} text
 * @returns {Target}
 * @throws {FetchFailure} refused-url
 */
function targetOf(text) {
  const refused = (/** @type {string} */ why) => new FetchFailure('refused-url', why);
  if (typeof text !== 'string' || text.length > MAX_URL || !PLAIN.test(text)) throw refused('not a plain URL');
  const [, written] = AUTHORITY.exec(text) ?? [];
  // Also where there is a user name, an empty one included, a percent-encoded host, or another scheme.
  if (written === undefined || !URL.canParse(text)) throw refused('not an http: URL with nothing but a host before its path');
  const url = new URL(text);
  url.hash = '';
  const host = written.startsWith('[') ? written.slice(1, -1) : written.toLowerCase();
  // URL makes 127.0.0.1 of 0177.1, 2130706433 and more.
  const isUsual = written.startsWith('[') ? isIPv6(host) : url.hostname === host;
  if (!isUsual || host.length > MAX_NAME || url.port === '0') throw refused('not a usual host and port');
  return { url, host: host.replace(/\.$/, ''), port: Number(url.port || 80) };
}

/**
 * Where a redirect leads: elsewhere on the same host only, since nobody has vouched for another one.
 *
 * @param {Target} from
 * @param {string} location
 * @returns {Target}
 * @throws {FetchFailure} refused-redirect
 */
function redirectedTarget(from, location) {
  const refused = (/** @type {string} */ why) => new FetchFailure('refused-redirect', why, 'url');
  if (!PLAIN.test(location) || !URL.canParse(location, from.url.href)) throw refused('not a plain URL');
  const { href, origin, username, password } = new URL(location, from.url.href);
  if (origin !== from.url.origin || username !== '' || password !== '') throw refused('to another host');
  try {
    return targetOf(href);
  } catch {
    throw refused('not a plain URL');
  }
}

module.exports = { redirectedTarget, targetOf };
