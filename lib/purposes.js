// @ts-check
'use strict';
// What a certificate has to be good for: extended key usages (RFC 5280 section 4.2.1.12), by their names there or as OIDs.

const { isOid } = require('./oid.js');

/** @typedef {{ readonly purposes: readonly string[], readonly any: boolean }} Purposes OIDs, none where any will do */

/** @type {ReadonlyMap<string, string>} */
const PURPOSES = new Map([
  ['serverAuth', '1.3.6.1.5.5.7.3.1'],
  ['clientAuth', '1.3.6.1.5.5.7.3.2'],
  ['codeSigning', '1.3.6.1.5.5.7.3.3'],
  ['emailProtection', '1.3.6.1.5.5.7.3.4'],
  ['timeStamping', '1.3.6.1.5.5.7.3.8'],
  ['OCSPSigning', '1.3.6.1.5.5.7.3.9'],
]);
const ANY_EXTENDED_KEY_USAGE = '2.5.29.37.0';

/** @param {string} where @param {unknown} purpose @returns {string} OID */
function purposeOid(where, purpose) {
  const oid = PURPOSES.get(/** @type {string} */ (purpose)) ?? purpose;
  // What a CA says with it, it does not mean as the one thing that a certificate is asked for.
  if (oid === ANY_EXTENDED_KEY_USAGE) throw new TypeError(`${where}: anyExtendedKeyUsage is no purpose; 'any' accepts every usage`);
  if (isOid(oid)) return oid;
  throw new TypeError(`${where}: a purpose is 'any', one of ${[...PURPOSES.keys()].join(', ')}, or an OID in dotted form`);
}

/** @param {string} where @param {unknown} value @returns {Purposes} frozen */
function checkedPurposes(where, value) {
  const list = Array.isArray(value) ? Array.from(value) : [value];
  if (list.length === 0) throw new TypeError(`${where}: an empty array would accept no purpose, or every one`);
  if (list.length > 1 && list.includes('any')) throw new TypeError(`${where}: 'any' makes the others pointless; which of them is meant?`);
  const any = list[0] === 'any';
  const oids = any ? [] : list.map((purpose) => purposeOid(where, purpose));
  return Object.freeze({ purposes: Object.freeze([...new Set(oids)]), any });
}

module.exports = { checkedPurposes };
