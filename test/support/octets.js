'use strict';
// Texts and octets for property tests: made of what a grammar consists of, so that they come near to what is right, and of anything else.

const fc = require('fast-check');

// As many as one wants: CLIENT_CERT_INFO_PROPERTY_RUNS=100000.
const numRuns = Number(process.env.CLIENT_CERT_INFO_PROPERTY_RUNS ?? 2000);

/** Holds for all of them. @type {(...given: any[]) => void} as fc.property */
const check = (...given) => fc.assert(fc.property(...given), { numRuns });

/** Texts of these words, and of what is none of them. @param {...string} words */
const textOf = (...words) =>
  fc
    .array(fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...words) }, fc.string({ unit: 'binary', maxLength: 8 })), { maxLength: 12 })
    .map((parts) => parts.join(''));

/** PEM, nearly, or any octets. */
const nearlyPem = fc.oneof(
  textOf(
    '-----BEGIN CERTIFICATE-----', '-----END CERTIFICATE-----', '-----BEGIN ', '-----END ', 'X509 CRL', '-----', '\n', '\r\n', '\r', 'AAAA', 'QUJD', 'QQ==', 'QR==', '=',
    ' ', '\t', '-', '\ufeff', '\0', 'text',
  ).map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 300 }).map((octets) => Buffer.from(octets)),
);

module.exports = { check, nearlyPem, textOf };
