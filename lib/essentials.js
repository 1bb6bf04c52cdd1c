'use strict';
// @ts-check
// What nearly everybody asks of a certificate, unpacked: the other end of src/binding/essential_values.cc.

const { native } = require('./native.js');

/**
 * @typedef {import('../binding.js').NativeNameAttribute} NativeNameAttribute
 * @typedef {object} PackedName
 * @property {readonly (readonly NativeNameAttribute[])[]} rdns
 * @typedef {object} PackedAltName
 * @property {'otherName' | 'email' | 'dns' | 'x400Address' | 'dirName' | 'ediPartyName' | 'uri' | 'ip' | 'registeredId' | 'upn'} type
 * @property {string | null} value null where it is no text
 * @property {string} oid of upn and otherName, else empty
 * @typedef {object} Essentials
 * @property {1 | 2 | 3} version
 * @property {number} notBefore milliseconds since 1970
 * @property {number} notAfter
 * @property {string} serialNumber
 * @property {PackedName} subject
 * @property {PackedName} issuer
 * @property {number} keyUsage by bit number
 * @property {string[]} extendedKeyUsage
 * @property {PackedAltName[]} subjectAltNames
 */

// By the numbers that the native half gives them.
const stringTypes = /** @type {const} */ (['utf8', 'printable', 'teletex', 'bmp', 'universal', 'ia5', 'numeric', 'visible', 'other']);
const altNameTypes = /** @type {const} */ ([
  'otherName', 'email', 'dns', 'x400Address', 'dirName', 'ediPartyName', 'uri', 'ip', 'registeredId', 'upn',
]);
const OTHER_STRING = stringTypes.indexOf('other');

// Enough for nearly all; nothing is kept in it from one certificate to the next.
const shared = new Float64Array(512);

/** Reads what one certificate was packed as. Nothing else runs meanwhile, so that one is enough. */
const packed = {
  numbers: shared,
  text: '',
  number: 0,
  character: 0,

  next() {
    return packed.numbers[packed.number++];
  },

  string() {
    const begin = packed.character;
    packed.character += packed.next();
    return packed.text.slice(begin, packed.character);
  },
};

/** @returns {PackedName} */
function nextName() {
  const rdns = [];
  let last = -1;
  for (let left = packed.next(); left > 0; left -= 1) {
    const rdn = packed.next();
    const start = packed.next();
    const end = packed.next();
    const type = packed.string();
    const stringType = packed.next();
    const text = packed.string();
    const attribute = { type, stringType: stringTypes[stringType], value: stringType === OTHER_STRING ? null : text, start, end };
    if (rdn === last) rdns[rdns.length - 1].push(attribute);
    else rdns.push([attribute]);
    last = rdn;
  }
  return { rdns };
}

/** @returns {PackedAltName} */
function nextAltName() {
  const type = altNameTypes[packed.next()];
  if (type === 'upn' || type === 'otherName') {
    const oid = packed.string();
    const stringType = packed.next();
    const text = packed.string();
    return { type, oid, value: stringType === OTHER_STRING ? null : text };
  }
  const isText = type !== 'x400Address' && type !== 'dirName' && type !== 'ediPartyName';
  return { type, oid: '', value: isText ? packed.string() : null };
}

/** @template T @param {() => T} next @returns {T[]} */
function nextList(next) {
  const list = [];
  for (let left = packed.next(); left > 0; left -= 1) list.push(next());
  return list;
}

/** @param {Uint8Array} der @returns {Essentials | import('../binding.js').NativeMalformed} */
function essentialsOfDer(der) {
  packed.numbers = shared;
  let text = native.Certificate.essentials(der, shared);
  if (typeof text === 'number') {
    packed.numbers = new Float64Array(text);
    text = native.Certificate.essentials(der, packed.numbers);
  }
  if (typeof text !== 'string') return /** @type {import('../binding.js').NativeMalformed} */ (text);
  packed.text = text;
  packed.number = 0;
  packed.character = 0;
  const essentials = {
    version: /** @type {1 | 2 | 3} */ (packed.next()),
    notBefore: packed.next(),
    notAfter: packed.next(),
    serialNumber: packed.string(),
    subject: nextName(),
    issuer: nextName(),
    keyUsage: packed.next(),
    extendedKeyUsage: nextList(packed.string),
    subjectAltNames: nextList(nextAltName),
  };
  packed.text = '';
  packed.numbers = shared;
  return essentials;
}

module.exports = { essentialsOfDer };
