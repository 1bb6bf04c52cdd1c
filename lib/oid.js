// @ts-check
'use strict';
// Object identifiers in dotted form (RFC 4512 section 1.4), each value in one way only: they are compared as text.

// Arcs may be as large as a UUID (ITU-T X.667: 39 digits); nothing that is in use comes near this.
const MAX_LENGTH = 256;
const DOTTED = /^(?:[01]\.[1-3]?[0-9]|2\.(?:0|[1-9][0-9]*))(?:\.(?:0|[1-9][0-9]*))*$/;

/** @param {unknown} value @returns {value is string} */
function isOid(value) {
  return typeof value === 'string' && value.length <= MAX_LENGTH && DOTTED.test(value);
}

module.exports = { isOid };
