// @ts-check
'use strict';
// Whether a server would take a certificate, as far as it has said what it takes.

const CLIENT_AUTH = new Set(['1.3.6.1.5.5.7.3.2', '2.5.29.37.0']);

/** @typedef {import('../index.js').Certificate} Certificate */
/** @typedef {import('../index.js').DistinguishedName} DistinguishedName */

/** TLS 1.2 does not tie a curve to a digest. @type {Record<string, RegExp>} */
const ECDSA_13 = { 'P-256': /^ecdsa_secp256r1_/, 'P-384': /^ecdsa_secp384r1_/, 'P-521': /^ecdsa_secp521r1_/ };
const NONE = /^(?!)/;
const PLAIN_KEYS = /** @type {Record<string, RegExp>} */ ({
  ed25519: /^ed25519$/,
  ed448: /^ed448$/,
  'rsa-pss': /^rsa_pss_pss_/,
});

/** @param {Certificate} leaf @param {string} protocol @returns {RegExp | null} the signature schemes that its key can make; null: not known here */
function schemesOf({ publicKey }, protocol) {
  const isTls13 = protocol === 'TLSv1.3';
  if (publicKey.type === 'rsa') return isTls13 ? /^rsa_pss_rsae_/ : /^rsa_(?:pss_rsae|pkcs1)_/;
  if (publicKey.type === 'ec') return isTls13 ? (ECDSA_13[publicKey.curve ?? ''] ?? NONE) : /^ecdsa_/;
  return PLAIN_KEYS[publicKey.type] ?? null;
}

/**
 * Whether its key can sign one of these. Where it is not known here, true: OpenSSL will tell.
 *
 * @param {Certificate} leaf
 * @param {string} protocol
 * @param {readonly string[]} signatureAlgorithms
 */
function canSign(leaf, protocol, signatureAlgorithms) {
  const schemes = schemesOf(leaf, protocol);
  return schemes === null || signatureAlgorithms.some((name) => schemes.test(name));
}

/**
 * @param {readonly Certificate[]} chain leaf first
 * @param {{ protocol: string, trustedCAs: readonly DistinguishedName[], signatureAlgorithms: readonly string[] }} wanted
 * @param {number} now ms
 * @returns {true | string}
 */
function supports(chain, { protocol, trustedCAs, signatureAlgorithms }, now) {
  const [leaf] = chain;
  if (now < leaf.notBefore.getTime()) return `not valid before ${leaf.notBefore.toISOString()}`;
  if (now >= leaf.notAfter.getTime()) return `expired at ${leaf.notAfter.toISOString()}`;
  const { extendedKeyUsage, keyUsage } = leaf;
  if (extendedKeyUsage.length > 0 && !extendedKeyUsage.some((oid) => CLIENT_AUTH.has(oid))) return 'its extended key usage does not permit client authentication';
  if (keyUsage.length > 0 && !keyUsage.includes('digitalSignature')) return 'its key usage does not permit to sign a handshake';
  // RFC 8446 section 4.2.4: none means any.
  if (trustedCAs.length > 0 && !chain.some(({ issuer }) => trustedCAs.some((name) => name.equals(issuer)))) {
    return 'the server names no issuer of it, nor of a certificate that comes with it';
  }
  if (!canSign(leaf, protocol, signatureAlgorithms)) return 'the server accepts no signature algorithm of its key';
  return true;
}

module.exports = { canSign, supports };
