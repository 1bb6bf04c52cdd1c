// @ts-check
'use strict';
// One object for an issuer of many clients: each open connection would hold its own copies of the same few otherwise. Only for issuers on valid
// paths, which no client can make up.

const { certificateOf } = require('./certificate.js');

/** @typedef {import('./index.js').Certificate} Certificate */

// As many as a server is likely to meet at a time, and a megabyte at most.
const MAX_ISSUERS = 256;
const MAX_OCTETS = 4096;

/** @typedef {{ octets: string, certificate: Certificate }} Issuer octets: its DER as Latin-1, the same text for all of its clients */

/** By their octets, the one that was met last at the end. @type {Map<string, Issuer>} */
const met = new Map();

/** @param {string} octets DER that the strict decoder has accepted, as Latin-1 @returns {Issuer} */
function sharedIssuer(octets) {
  const issuer = met.get(octets) ?? { octets, certificate: certificateOf(octets) };
  if (octets.length > MAX_OCTETS) return issuer;
  met.delete(octets);
  met.set(issuer.octets, issuer);
  if (met.size > MAX_ISSUERS) met.delete(/** @type {string} */ (met.keys().next().value));
  return issuer;
}

module.exports = { sharedIssuer };
