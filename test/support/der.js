'use strict';
// A small DER encoder. Everything returns a Buffer that holds one whole element; contents are given as Buffers, so that a test
// can put wrong bytes wherever it wants them.

/** @param {number} length of the contents */
function lengthOctets(length) {
  if (length < 0x80) return Buffer.from([length]);
  const octets = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return Buffer.from([0x80 | octets.length, ...octets]);
}

/**
 * @param {number | number[]} tag the identifier octet, or octets where the tag number is over 30
 * @param {...Uint8Array} contents
 */
function tlv(tag, ...contents) {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag].flat()), lengthOctets(content.length), content]);
}

/** @param {...Uint8Array} elements */
const seq = (...elements) => tlv(0x30, ...elements);

/** In the order given; see setOf for DER's order. @param {...Uint8Array} elements */
const set = (...elements) => tlv(0x31, ...elements);

/** Sorted, as DER wants SET OF. @param {...Uint8Array} elements */
const setOf = (...elements) => set(...[...elements].sort(Buffer.compare));

/** [number] constructed: an EXPLICIT tag, or an IMPLICIT one of a constructed type. @param {number} number @param {...Uint8Array} contents */
const ctx = (number, ...contents) => tlv(0xa0 | number, ...contents);

/** [number] primitive: an IMPLICIT tag of a primitive type. @param {number} number @param {Uint8Array | string} content */
const ctxPrimitive = (number, content) => tlv(0x80 | number, Buffer.from(content));

/** Two's complement in the fewest octets. @param {number | bigint} value */
function integerOctets(value) {
  const wanted = BigInt(value);
  let octets = 1;
  while (wanted < -(1n << BigInt(8 * octets - 1)) || wanted >= 1n << BigInt(8 * octets - 1)) octets += 1;
  const hex = BigInt.asUintN(8 * octets, wanted).toString(16);
  return Buffer.from(hex.padStart(2 * octets, '0'), 'hex');
}

/** @param {number | bigint | Uint8Array} value a Uint8Array is taken as the contents, whatever they are */
const int = (value) => tlv(0x02, value instanceof Uint8Array ? value : integerOctets(value));

/** @param {number} value */
const enumerated = (value) => tlv(0x0a, integerOctets(value));

/** @param {boolean | number} value a number is the content octet */
const bool = (value) => tlv(0x01, Buffer.from([typeof value === 'number' ? value : value ? 0xff : 0]));

const nul = () => tlv(0x05);

/** @param {Uint8Array} content */
const octets = (content) => tlv(0x04, content);

/** @param {Uint8Array} content @param {number} [unused] bits of the last octet */
const bitString = (content, unused = 0) => tlv(0x03, Buffer.from([unused]), content);

/** A named bit list: the bits with these numbers, no trailing zeros. @param {...number} bits */
function namedBits(...bits) {
  const highest = Math.max(-1, ...bits);
  const content = Buffer.alloc((highest >> 3) + 1);
  for (const bit of bits) content[bit >> 3] |= 0x80 >> (bit & 7);
  return bitString(content, highest < 0 ? 0 : 7 - (highest & 7));
}

/** @param {string} dotted */
function oidOctets(dotted) {
  const [first, second, ...rest] = dotted.split('.').map(BigInt);
  const out = [];
  for (const arc of [first * 40n + second, ...rest]) {
    const group = [Number(arc & 0x7fn)];
    for (let value = arc >> 7n; value > 0n; value >>= 7n) group.unshift(Number(value & 0x7fn) | 0x80);
    out.push(...group);
  }
  return Buffer.from(out);
}

/** @param {string} dotted */
const oid = (dotted) => tlv(0x06, oidOctets(dotted));

/** @param {string} text */
const utf8 = (text) => tlv(0x0c, Buffer.from(text, 'utf8'));
/** @param {string} text */
const printable = (text) => tlv(0x13, Buffer.from(text, 'latin1'));
/** @param {string} text */
const ia5 = (text) => tlv(0x16, Buffer.from(text, 'latin1'));
/** @param {string} text */
const numeric = (text) => tlv(0x12, Buffer.from(text, 'latin1'));
/** @param {string} text */
const visible = (text) => tlv(0x1a, Buffer.from(text, 'latin1'));
/** Latin-1. @param {string} text */
const teletex = (text) => tlv(0x14, Buffer.from(text, 'latin1'));
/** UCS-2, big endian. @param {string} text */
const bmp = (text) => tlv(0x1e, Buffer.from(text, 'utf16le').swap16());

/** UCS-4, big endian. @param {string} text */
function universal(text) {
  const points = [...text].map((character) => /** @type {number} */ (character.codePointAt(0)));
  const content = Buffer.alloc(4 * points.length);
  points.forEach((point, index) => content.writeUInt32BE(point, 4 * index));
  return tlv(0x1c, content);
}

/** @param {Date} date @returns {string} YYYYMMDDHHMMSSZ */
const digits = (date) => date.toISOString().replace(/[-:T]|\.\d+/g, '');

/** @param {Date | string} value a string is taken as the contents */
const utcTime = (value) => tlv(0x17, Buffer.from(typeof value === 'string' ? value : digits(value).slice(2)));

/** @param {Date | string} value a string is taken as the contents */
const generalizedTime = (value) => tlv(0x18, Buffer.from(typeof value === 'string' ? value : digits(value)));

/** UTCTime through 2049, GeneralizedTime from 2050 on (RFC 5280 4.1.2.5). @param {Date} date */
const time = (date) => (date.getUTCFullYear() < 2050 ? utcTime(date) : generalizedTime(date));

/** @param {string} digitsAndSpaces */
const hex = (digitsAndSpaces) => Buffer.from(digitsAndSpaces.replace(/\s+/g, ''), 'hex');

module.exports = {
  tlv, seq, set, setOf, ctx, ctxPrimitive, int, enumerated, bool, nul, octets, bitString, namedBits, oid, oidOctets,
  utf8, printable, ia5, numeric, visible, teletex, bmp, universal, utcTime, generalizedTime, time, hex,
};
