// @ts-check
'use strict';
// Patterns for URIs: 'spiffe://example.org/ns/*/sa/{name}'. '*' stands for one segment of the path, '{name}' for one that is remembered. No
// regular expressions.

/**
 * @typedef {import('../index.js').Certificate} Certificate
 *
 * @typedef {object} UriPattern frozen
 * @property {ReadonlySet<string>} names that it remembers
 * @property {(certificate: Certificate) => { matched: Record<string, string>[], doubtful: boolean }} match what was remembered, for each URI that
 *   matches. `doubtful`: there is a URI of that scheme that cannot be told apart
 */

// SPIFFE-ID section 2.3: longer ones need not be supported. Section 2.1: a trust domain has 255 octets at most.
const MAX_OCTETS = 2048;
const MAX_TRUST_DOMAIN = 255;

const SEGMENT = /^[A-Za-z0-9._-]+$/;
const TRUST_DOMAIN = /^[a-z0-9._-]+$/;
// Of other URIs: what RFC 3986 lets stand in a segment, but for percent-encoding, by which one path has many spellings.
const OTHER_SEGMENT = /^[A-Za-z0-9._~!$&'()*+,;=:@-]+$/;

/** @typedef {{ scheme: string, authority: string, segments: string[] }} Parts */

/** @param {string} uri @returns {Parts | null} null: not what a pattern may stand for */
function partsOf(uri) {
  if (uri.length > MAX_OCTETS) return null;
  const match = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]+)((?:\/[^/?#]*)*)$/.exec(uri);
  if (match === null) return null;
  const [, scheme, authority, path] = match;
  const isSpiffe = scheme === 'spiffe';
  if (isSpiffe && !(TRUST_DOMAIN.test(authority) && authority.length <= MAX_TRUST_DOMAIN)) return null;
  const segments = path === '' ? [] : path.slice(1).split('/');
  const isSegment = (/** @type {string} */ segment) =>
    (isSpiffe ? SEGMENT : OTHER_SEGMENT).test(segment) && segment !== '.' && segment !== '..';
  return segments.every(isSegment) ? { scheme, authority, segments } : null;
}

/** @param {string} uri */
const schemeOf = (uri) => uri.slice(0, Math.max(0, uri.indexOf(':'))).toLowerCase();

/** @param {string} pattern @param {string} where @returns {Parts} */
function patternParts(pattern, where) {
  // A placeholder may stand where a segment may; with all of them filled in, it is a URI like any other.
  const filled = pattern.replace(/(?<!\/)\/(?:\*|\{[A-Za-z][A-Za-z0-9_]*\})(?=\/|$)/g, '/x');
  const parts = partsOf(filled);
  if (parts === null || /[*{}]/.test(filled)) {
    throw new TypeError(`${where} must be a URI without query, fragment and percent-encoding, whose path may have * and {name} as segments`);
  }
  const path = pattern.slice(`${parts.scheme}://${parts.authority}`.length);
  return { ...parts, segments: path === '' ? [] : path.slice(1).split('/') };
}

/** @param {Parts} pattern @param {Parts | null} uri @returns {Record<string, string> | null} null: it does not match */
function remembered(pattern, uri) {
  if (uri?.scheme !== pattern.scheme || uri.authority !== pattern.authority || uri.segments.length !== pattern.segments.length) return null;
  const found = Object.create(null);
  for (const [index, wanted] of pattern.segments.entries()) {
    const segment = uri.segments[index];
    if (wanted.startsWith('{')) {
      if (!SEGMENT.test(segment)) return null;
      found[wanted.slice(1, -1)] = segment;
    } else if (wanted !== '*' && wanted !== segment) return null;
  }
  return found;
}

// One host can be written in several ways: with capitals, a port, a user, a dot at its end.
const PLAIN = /^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/;

/** Whether it may be what the pattern means, written otherwise. @param {Parts} pattern @param {Parts | null} uri */
const isDoubtful = (pattern, uri) => uri === null || (uri.authority !== pattern.authority && !PLAIN.test(uri.authority));

/** @param {unknown} value @param {string} where for messages @returns {UriPattern} @throws {TypeError} */
function parseUriPattern(value, where) {
  if (typeof value !== 'string') throw new TypeError(`${where} must be a string`);
  const pattern = patternParts(value, where);
  const names = pattern.segments.filter((segment) => segment.startsWith('{')).map((segment) => segment.slice(1, -1));
  if (new Set(names).size !== names.length) throw new TypeError(`${where}: a {name} stands in it twice`);
  return Object.freeze({
    names: new Set(names),
    match: (/** @type {Certificate} */ { subjectAltNames }) => {
      const uris = subjectAltNames.flatMap((name) => (name.type === 'uri' ? [name.value] : []));
      const parsed = uris.map(partsOf);
      // X509-SVID section 2: exactly one URI, or it is none.
      const isTooMany = pattern.scheme === 'spiffe' && uris.length > 1;
      const found = isTooMany ? [] : parsed.map((uri) => remembered(pattern, uri));
      const matched = found.filter((one) => one !== null);
      const doubtful = uris.some((uri, index) => schemeOf(uri) === pattern.scheme && (isTooMany || isDoubtful(pattern, parsed[index])));
      return { matched, doubtful };
    },
  });
}

module.exports = { parseUriPattern };
