'use strict';
// @ts-check
// Textual encodings (RFC 7468), strictly: the lines of a block hold base64 and nothing else. Text outside of blocks is skipped, as
// `openssl x509 -text` and s_client write it. Linear in the length of the text.

const { ClientCertError } = require('./errors.js');

// RFC 7468 section 5.1 and appendix A.
const CERTIFICATE_LABELS = new Set(['CERTIFICATE', 'X509 CERTIFICATE']);

const BOUNDARY = /^-----(BEGIN|END) ([!-,.-~]+(?:[ -][!-,.-~]+)*)-----[ \t]*$/;
const BASE64_LINE = /^[A-Za-z0-9+/]*={0,2}[ \t]*$/;

/** @param {string} expected @param {number} line from 0 */
function malformed(expected, line) {
  return new ClientCertError('ERR_CLIENT_CERT_MALFORMED', `malformed PEM at line ${line + 1}: expected ${expected}`, {
    offset: 0,
    expected,
  });
}

/** @param {string} base64 @param {number} line */
function decode(base64, line) {
  const der = Buffer.from(base64, 'base64');
  // One encoding for each value: the right padding, no stray bits in the last character.
  if (base64 === '' || der.toString('base64') !== base64) throw malformed('base64', line);
  return der;
}

/**
 * The DER of each block whose label is one of `labels`, in order. Blocks with other labels (a private key) are skipped.
 *
 * @param {string} text
 * @param {Set<string>} [labels] default: those of a certificate
 * @returns {Buffer[]}
 * @throws {ClientCertError} ERR_CLIENT_CERT_MALFORMED where a block does not end, or holds something else than base64
 */
function decodePem(text, labels = CERTIFICATE_LABELS) {
  const found = [];
  const lines = text.split(/\r\n|\n|\r/);
  for (let begin = 0; begin < lines.length; begin += 1) {
    const [, boundary, label] = boundaryOf(lines[begin]);
    if (boundary !== 'BEGIN') continue;
    let end = begin + 1;
    while (end < lines.length && !lines[end].startsWith('-----')) end += 1;
    const [, closing, closingLabel] = boundaryOf(lines[end] ?? '');
    if (labels.has(label)) {
      if (closing !== 'END' || closingLabel !== label) throw malformed(`-----END ${label}-----`, end);
      const wrong = lines.slice(begin + 1, end).findIndex((line) => !BASE64_LINE.test(line));
      if (wrong >= 0) throw malformed('base64', begin + 1 + wrong);
      found.push(decode(lines.slice(begin + 1, end).map((line) => line.trimEnd()).join(''), begin + 1));
    }
    // A BEGIN in place of an END opens the next block.
    begin = closing === 'BEGIN' ? end - 1 : end;
  }
  return found;
}

/** @param {string} line @returns {string[]} whole match, BEGIN or END, label; empty where the line is no boundary */
function boundaryOf(line) {
  // Labels are short; longer lines are text.
  return (line.length <= 200 && line.startsWith('-----') && line.match(BOUNDARY)) || [];
}

/** Whether octets are text with a PEM block rather than DER. @param {Uint8Array} octets */
function isPem(octets) {
  // A certificate is a SEQUENCE of 128 octets or more: no text begins like that.
  const isDer = octets.length > 1 && octets[0] === 0x30 && octets[1] >= 0x80;
  return !isDer && Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).includes('-----BEGIN ');
}

/** @param {Uint8Array} der @param {string} [label] */
function encodePem(der, label = 'CERTIFICATE') {
  const base64 = Buffer.from(der).toString('base64');
  const lines = [];
  for (let at = 0; at < base64.length; at += 64) lines.push(base64.slice(at, at + 64));
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

module.exports = { decodePem, encodePem, isPem };
