// @ts-check
'use strict';
// Textual encodings (RFC 7468), strictly: a boundary begins its line, the lines of a block hold base64 and nothing else. Text outside of
// blocks is skipped, as `openssl x509 -text` and s_client write it. Works on octets, linear in their number: a CRL has tens of megabytes,
// of which no string is made.

const { ClientCertError } = require('./errors.js');

/**
 * @typedef {object} PemBlock
 * @property {string} label
 * @property {number} start where its first line begins
 * @property {number} from where what is between its boundaries begins
 * @property {number} to and ends
 *
 * @typedef {object} Boundary
 * @property {'BEGIN' | 'END' | null} kind null: one was meant, but it is none
 * @property {string} label
 * @property {number} start
 * @property {number} end
 */

// RFC 7468 section 5.1 and appendix A.
const CERTIFICATE_LABELS = new Set(['CERTIFICATE', 'X509 CERTIFICATE']);

const BOUNDARY = /^-----(BEGIN|END) ([!-,.-~]+(?:[ -][!-,.-~]+)*)-----[ \t]*$/;
// A line like this was meant to be a boundary. Were it taken for text, a certificate would be missing without a word.
const NEARLY_BOUNDARY = /^-{5,}[ \t]*(?:BEGIN|END)\b/;
// Labels are short.
const MAX_BOUNDARY = 200;

const HYPHEN = 0x2d;
const CR = 0x0d;
const LF = 0x0a;
const BYTE_ORDER_MARK = Buffer.from('\ufeff');

// What an octet is within a block: a value of base64, or one of these.
const PADDING = 64;
const BLANK = 65;
const LINE_END = 66;
const FOREIGN = 67;
const MEANING = new Uint8Array(256).fill(FOREIGN);
Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/').forEach((octet, value) => (MEANING[octet] = value));
for (const [octets, meaning] of /** @type {const} */ ([['=', PADDING], [' \t', BLANK], ['\r\n', LINE_END]])) {
  for (const octet of Buffer.from(octets)) MEANING[octet] = meaning;
}

/** @param {Uint8Array} octets */
const viewOf = (octets) => Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);

/** @param {string} expected @param {Buffer} octets @param {number} at where it was expected */
function malformed(expected, octets, at) {
  let line = 1;
  for (let i = 0; i < at; i++) if (octets[i] === LF || (octets[i] === CR && octets[i + 1] !== LF)) line += 1;
  return new ClientCertError('ERR_CLIENT_CERT_MALFORMED', `malformed PEM at line ${line}: expected ${expected}`, {
    offset: 0,
    expected,
    line,
  });
}

/** Where the blanks before an octet begin. @param {Buffer} octets @param {number} at */
function beforeBlanks(octets, at) {
  let start = at;
  while (start > 0 && MEANING[octets[start - 1]] === BLANK) start -= 1;
  return start;
}

/** @param {Buffer} octets @param {number} at */
function beginsLine(octets, at) {
  if (at === 0 || MEANING[octets[at - 1]] === LINE_END) return true;
  return at === BYTE_ORDER_MARK.length && octets.subarray(0, at).equals(BYTE_ORDER_MARK);
}

/** The rest of a line, as far as it could be a boundary. @param {Buffer} octets @param {number} at */
function lineFrom(octets, at) {
  let end = at;
  while (end < octets.length && end - at <= MAX_BOUNDARY && MEANING[octets[end]] !== LINE_END) end += 1;
  return octets.toString('latin1', at, end);
}

/** @param {Buffer} octets @param {number} from @returns {Boundary | undefined} the next one */
function nextBoundary(octets, from) {
  for (let at = octets.indexOf('-----', from, 'latin1'); at >= 0; at = octets.indexOf('-----', at, 'latin1')) {
    const line = beforeBlanks(octets, at);
    if (beginsLine(octets, line)) {
      const text = lineFrom(octets, at);
      const match = text.length <= MAX_BOUNDARY && text.match(BOUNDARY);
      if (match && line < at) throw malformed('no blanks before a boundary', octets, at);
      if (match) return { kind: match[1] === 'BEGIN' ? 'BEGIN' : 'END', label: match[2], start: at, end: at + text.length };
      if (line === at && NEARLY_BOUNDARY.test(text)) return { kind: null, label: '', start: at, end: at + text.length };
    }
    while (octets[at] === HYPHEN) at += 1;
  }
  return undefined;
}

/**
 * The blocks of a text, in order.
 *
 * @param {Uint8Array} text
 * @returns {Generator<PemBlock, void, void>}
 * @throws {ClientCertError} ERR_CLIENT_CERT_MALFORMED, with the `line`, where a boundary has no counterpart
 */
function* pemBlocks(text) {
  const octets = viewOf(text);
  for (let begin = nextBoundary(octets, 0); begin; ) {
    if (begin.kind !== 'BEGIN') throw malformed('-----BEGIN and a label-----', octets, begin.start);
    const { label, start, end: from } = begin;
    const end = nextBoundary(octets, from);
    if (end?.kind !== 'END' || end.label !== label) throw malformed(`-----END ${label}-----`, octets, end ? end.start : octets.length);
    yield { label, start, from, to: end.start };
    begin = nextBoundary(octets, end.end);
  }
}

/**
 * @param {Uint8Array} text
 * @param {PemBlock} block of that text
 * @returns {Buffer} what it encodes
 * @throws {ClientCertError} ERR_CLIENT_CERT_MALFORMED, with the `line`, where the block holds something else than base64
 */
function decodeBlock(text, { from, to }) {
  const octets = viewOf(text);
  const decoded = Buffer.allocUnsafe(Math.ceil(((to - from) * 3) / 4));
  let length = 0;
  let group = 0;
  let characters = 0; // of the group
  let padding = 0;
  let lineIsOver = true; // that of the boundary
  for (let at = from; at < to; at++) {
    const meaning = MEANING[octets[at]];
    if (meaning === LINE_END || meaning === BLANK) {
      lineIsOver = meaning === BLANK;
      continue;
    }
    if (meaning === FOREIGN || lineIsOver || (padding > 0 && meaning !== PADDING)) throw malformed('base64', octets, at);
    if (meaning === PADDING) padding += 1;
    group = (group << 6) | (meaning & 63);
    characters += 1;
    if (characters < 4) continue;
    // One encoding for each value: the last group may have padding, but no bits that nothing is made of.
    if (padding > 2 || (group & (2 ** (8 * padding) - 1)) !== 0) throw malformed('base64', octets, at);
    decoded[length++] = group >> 16;
    decoded[length++] = group >> 8;
    decoded[length++] = group;
    group = 0;
    characters = 0;
  }
  if (length === 0 || characters > 0) throw malformed('base64', octets, to);
  return decoded.subarray(0, length - padding);
}

/**
 * What is in each block whose label is one of `labels`, in order. Other blocks (a private key) are skipped.
 *
 * @param {string | Uint8Array} text
 * @param {Set<string>} [labels] default: those of a certificate
 * @returns {Buffer[]}
 * @throws {ClientCertError} ERR_CLIENT_CERT_MALFORMED, with the `line`
 */
function decodePem(text, labels = CERTIFICATE_LABELS) {
  const octets = typeof text === 'string' ? Buffer.from(text) : text;
  const found = [];
  for (const block of pemBlocks(octets)) if (labels.has(block.label)) found.push(decodeBlock(octets, block));
  return found;
}

/** Whether octets are text with a PEM block rather than DER. @param {Uint8Array} octets */
function isPem(octets) {
  // A certificate is a SEQUENCE of 128 octets or more: no text begins like that.
  const isDer = octets.length > 1 && octets[0] === 0x30 && octets[1] >= 0x80;
  return !isDer && viewOf(octets).includes('-----BEGIN ');
}

/** @param {Uint8Array} der @param {string} [label] */
function encodePem(der, label = 'CERTIFICATE') {
  const base64 = Buffer.from(der).toString('base64');
  const lines = [];
  for (let at = 0; at < base64.length; at += 64) lines.push(base64.slice(at, at + 64));
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

module.exports = { decodeBlock, decodePem, encodePem, isPem, pemBlocks };
