// @ts-check
'use strict';
// What a credential's sign function is given, and what it gives.

const crypto = require('node:crypto');
const { types } = require('node:util');

const { signatureSchemeName } = require('../context/signature-schemes.js');

const WHERE = 'queryClientCert';

/** @param {string} scheme @returns {'pkcs1' | 'pss' | null} */
const paddingOf = (scheme) => (scheme.startsWith('rsa_pss_') ? 'pss' : scheme.startsWith('rsa_pkcs1_') ? 'pkcs1' : null);

/**
 * @param {number} scheme TLS SignatureScheme
 * @param {Buffer} octets that are signed
 * @param {AbortSignal} signal
 * @returns {import('../index.js').SignatureRequest}
 */
function signatureRequestOf(scheme, octets, signal) {
  const name = signatureSchemeName(scheme);
  const hash = /sha\d+$/.exec(name)?.[0] ?? null;
  const digest = hash === null ? null : crypto.createHash(hash).update(octets).digest();
  return Object.freeze({ name, hash, digest, padding: paddingOf(name), signal });
}

/** @param {unknown} answer @returns {Uint8Array} */
function signatureOf(answer) {
  if (types.isUint8Array(answer)) return answer;
  if (types.isAnyArrayBuffer(answer)) return new Uint8Array(answer);
  throw new TypeError(`${WHERE}: sign must give a signature as octets (Buffer, Uint8Array, ArrayBuffer)`);
}

module.exports = { signatureOf, signatureRequestOf };
