// @ts-check
'use strict';
// A certificate with what is sent along with it, in whatever form somebody has it.

const { X509Certificate } = require('node:crypto');
const { types } = require('node:util');

const { isCertificate, parseCertificate } = require('../certificate.js');
const { ClientCertError } = require('../errors.js');
const { decodePem, isPem } = require('../pem.js');

const MAX_CHAIN = 100;

/** @param {string} where @param {unknown} input @returns {Buffer[]} */
function dersOf(where, input) {
  if (isCertificate(input)) return [/** @type {any} */ (input).der];
  if (input instanceof X509Certificate) return [input.raw];
  if (Array.isArray(input)) return input.flatMap((one) => dersOf(where, one));
  if (typeof input !== 'string' && !types.isUint8Array(input)) {
    throw new TypeError(`${where} must be PEM (string, Buffer), DER (Buffer), a Certificate, a crypto.X509Certificate, or an array of these`);
  }
  if (typeof input === 'string' || isPem(input)) return decodePem(input).map((der) => Buffer.from(der));
  return [Buffer.from(input)];
}

/**
 * @param {string} where
 * @param {unknown} input
 * @returns {{ chain: Buffer[], certificates: import('../index.js').Certificate[] }} leaf first
 * @throws {TypeError | ClientCertError} ERR_CLIENT_CERT_MALFORMED
 */
function chainOf(where, input) {
  const chain = dersOf(where, input);
  if (chain.length === 0) throw new ClientCertError('ERR_CLIENT_CERT_MALFORMED', `${where}: there is no certificate in it; what stands in a file has to be read first`);
  if (chain.length > MAX_CHAIN) {
    throw new ClientCertError('ERR_CLIENT_CERT_MALFORMED', `${where}: ${chain.length} certificates are more than the ${MAX_CHAIN} of a chain`);
  }
  return { chain, certificates: chain.map((der) => /** @type {any} */ (parseCertificate(der))) };
}

module.exports = { chainOf };
