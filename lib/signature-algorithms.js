// @ts-check
'use strict';
// Signature algorithms by the names that Certificate.signatureAlgorithm gives them (a test compares the two), or as OIDs.

const { isOid } = require('./oid.js');

/** @type {ReadonlyMap<string, string>} */
const SIGNATURE_ALGORITHMS = new Map([
  ['sha256WithRSAEncryption', '1.2.840.113549.1.1.11'],
  ['sha384WithRSAEncryption', '1.2.840.113549.1.1.12'],
  ['sha512WithRSAEncryption', '1.2.840.113549.1.1.13'],
  ['sha224WithRSAEncryption', '1.2.840.113549.1.1.14'],
  ['sha1WithRSAEncryption', '1.2.840.113549.1.1.5'],
  ['md5WithRSAEncryption', '1.2.840.113549.1.1.4'],
  ['md2WithRSAEncryption', '1.2.840.113549.1.1.2'],
  ['RSASSA-PSS', '1.2.840.113549.1.1.10'],
  ['rsassa-pkcs1-v1_5-with-sha3-256', '2.16.840.1.101.3.4.3.14'],
  ['rsassa-pkcs1-v1_5-with-sha3-384', '2.16.840.1.101.3.4.3.15'],
  ['rsassa-pkcs1-v1_5-with-sha3-512', '2.16.840.1.101.3.4.3.16'],
  ['ecdsa-with-SHA1', '1.2.840.10045.4.1'],
  ['ecdsa-with-SHA224', '1.2.840.10045.4.3.1'],
  ['ecdsa-with-SHA256', '1.2.840.10045.4.3.2'],
  ['ecdsa-with-SHA384', '1.2.840.10045.4.3.3'],
  ['ecdsa-with-SHA512', '1.2.840.10045.4.3.4'],
  ['ecdsa-with-SHA3-256', '2.16.840.1.101.3.4.3.10'],
  ['ecdsa-with-SHA3-384', '2.16.840.1.101.3.4.3.11'],
  ['ecdsa-with-SHA3-512', '2.16.840.1.101.3.4.3.12'],
  ['Ed25519', '1.3.101.112'],
  ['Ed448', '1.3.101.113'],
  ['dsa-with-sha1', '1.2.840.10040.4.3'],
  ['dsa-with-sha224', '2.16.840.1.101.3.4.3.1'],
  ['dsa-with-sha256', '2.16.840.1.101.3.4.3.2'],
]);

/** @param {string} where @param {unknown} algorithm @returns {string} OID */
function signatureAlgorithmOid(where, algorithm) {
  const oid = SIGNATURE_ALGORITHMS.get(/** @type {string} */ (algorithm)) ?? algorithm;
  if (isOid(oid)) return oid;
  throw new TypeError(`${where}: a signature algorithm is one of ${[...SIGNATURE_ALGORITHMS.keys()].join(', ')}, or an OID in dotted form`);
}

/** @param {string} where @param {unknown} value @returns {readonly string[]} OIDs, frozen */
function checkedSignatureAlgorithms(where, value) {
  if (!Array.isArray(value)) throw new TypeError(`${where} must be an array of names or OIDs`);
  if (value.length === 0) throw new TypeError(`${where}: an empty array would accept no signature, or every one`);
  return Object.freeze([...new Set(Array.from(value, (algorithm) => signatureAlgorithmOid(where, algorithm)))]);
}

module.exports = { SIGNATURE_ALGORITHMS, checkedSignatureAlgorithms };
