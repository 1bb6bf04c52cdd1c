// @ts-check
'use strict';
// The Authorization field of a request (RFC 9110 section 11.4): which scheme, and its token.

const { AuthType } = require('../constants.js');

/**
 * @typedef {object} Credentials
 * @property {string | null} scheme as this package writes it; null: one that it does not know
 * @property {number} authType
 * @property {Buffer | null} token null: none, or none that could be read
 * @property {boolean} isMalformed
 */

/** @type {ReadonlyMap<string, [name: string, authType: number]>} */
const SCHEMES = new Map([
  ['negotiate', ['Negotiate', AuthType.HttpRequestAuthTypeNegotiate]],
  ['kerberos', ['Kerberos', AuthType.HttpRequestAuthTypeKerberos]],
  ['ntlm', ['NTLM', AuthType.HttpRequestAuthTypeNTLM]],
  ['basic', ['Basic', AuthType.HttpRequestAuthTypeBasic]],
  ['digest', ['Digest', AuthType.HttpRequestAuthTypeDigest]],
]);

/** @param {any} request of node:http or node:http2 @returns {string[]} each Authorization field: Node.js gives the first one only */
function fieldsOf({ rawHeaders }) {
  const fields = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) if (rawHeaders[i].toLowerCase() === 'authorization') fields.push(rawHeaders[i + 1]);
  return fields;
}

/** One spelling for each token, and no other character. @param {string} text @returns {Buffer | null} */
function base64Of(text) {
  const octets = Buffer.from(text, 'base64');
  return octets.toString('base64') === text || octets.toString('base64').replace(/=+$/, '') === text ? octets : null;
}

/**
 * @param {any} request of node:http or node:http2
 * @param {number} maxToken octets
 * @returns {Credentials | null} null: the request has none
 */
function credentialsOf(request, maxToken) {
  const fields = fieldsOf(request);
  if (fields.length === 0) return null;
  const [field] = fields;
  const end = field.search(/[ \t]/);
  const name = (end === -1 ? field : field.slice(0, end)).toLowerCase();
  const [scheme, authType] = SCHEMES.get(name) ?? [null, AuthType.HttpRequestAuthTypeNone];
  // Which of two would count is a guess.
  if (fields.length > 1) return { scheme, authType, token: null, isMalformed: true };
  const text = end === -1 ? '' : field.slice(end).trim();
  if (scheme === null || scheme === 'Digest') return { scheme, authType, token: null, isMalformed: false };
  // Four characters are three octets: what is too long is not even decoded.
  const token = text.length <= Math.ceil(maxToken / 3) * 4 ? base64Of(text) : null;
  const isMalformed = token === null || token.length > maxToken;
  return { scheme, authType, token: isMalformed || token.length === 0 ? null : token, isMalformed };
}

module.exports = { credentialsOf };
