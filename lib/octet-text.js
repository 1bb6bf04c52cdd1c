// @ts-check
'use strict';
// Octets that are kept for as long as a connection is open, as text in Latin-1: V8 has them in half a kilobyte less than a Buffer of their own, and
// without one piece of memory after the other that is not its own.

/** @param {Buffer} octets */
const textOf = (octets) => octets.toString('latin1');

/** @param {string} text */
const octetsOf = (text) => Buffer.from(text, 'latin1');

/**
 * @template Encoded
 * @param {import('../binding.js').NativeVerdict<Encoded>} verdict
 * @param {(encoded: Encoded) => string | null} toText
 * @returns {import('../binding.js').NativeVerdict<string>}
 */
function withTexts(verdict, toText) {
  const elements = verdict.elements.map(({ encoded, errorStatus, infoStatus }) => ({
    encoded: encoded === null ? null : toText(encoded), errorStatus, infoStatus,
  }));
  return { ...verdict, elements };
}

module.exports = { octetsOf, textOf, withTexts };
