// @ts-check
'use strict';
// What the owner of a verifier may give as material, told apart: octets, certificates, places to read from. Whatever it is none of is a mistake
// of the caller, and named.

const { KeyObject, X509Certificate } = require('node:crypto');
const path = require('node:path');
const { types } = require('node:util');

const { isCertificate } = require('../certificate.js');
const { ClientCertError } = require('../errors.js');
const { isPlainObject, ownOptions } = require('../options.js');

/**
 * @typedef {'certificate' | 'crl'} Kind
 * @typedef {false | number | 'watch'} Refresh false: read once
 *
 * @typedef {object} Place frozen
 * @property {'file' | 'directory'} type
 * @property {string} name as it was given
 * @property {string} path absolute: the process may change its directory
 * @property {Refresh} refresh milliseconds
 *
 * @typedef {{ where: string, octets: Buffer }} GivenOctets PEM or DER
 * @typedef {{ where: string, der: Buffer }} GivenCertificate
 * @typedef {{ where: string, place: Place }} GivenPlace
 * @typedef {GivenOctets | GivenCertificate | GivenPlace} Given `where`: 'ca', 'ca[2]'
 */

// What a timer can hold; a longer interval would be taken for one millisecond.
const MAX_REFRESH = 2 ** 31 - 1;

/** @param {unknown} value @returns {string} what it is, without saying what it holds */
function describe(value) {
  if (value === null || value === undefined || typeof value === 'boolean' || typeof value === 'number') return String(value);
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object') return `a ${typeof value}`;
  if (types.isPromise(value)) return 'a Promise; await it first';
  if (value instanceof KeyObject) return 'a KeyObject: a key is no certificate';
  if (Array.isArray(value)) return 'an array within an array of arrays';
  const { constructor } = /** @type {{ constructor?: { name?: unknown } }} */ (value);
  const name = typeof constructor === 'function' ? constructor.name : undefined;
  return typeof name === 'string' && /^\w{1,64}$/.test(name) && name !== 'Object' ? `an instance of ${name}` : 'another object';
}

/** @param {string} where @param {unknown} value @param {Kind} kind */
function wrongInput(where, value, kind) {
  const certificates = kind === 'certificate' ? ', a Certificate, a crypto.X509Certificate' : '';
  return new TypeError(
    `${where}: expected PEM (string, Buffer), DER (Buffer, Uint8Array)${certificates}, { file }, { directory }, or an array of these, ` +
      `not ${describe(value)}`,
  );
}

/** @param {string} where @param {unknown} refresh @returns {Refresh} */
function refreshOf(where, refresh) {
  if (refresh === undefined || refresh === false || refresh === 0) return false;
  if (refresh === 'watch') return refresh;
  if (typeof refresh !== 'number') throw new TypeError(`${where}: refresh must be a number of milliseconds, 'watch' or false`);
  if (Number.isInteger(refresh) && refresh > 0 && refresh <= MAX_REFRESH) return refresh;
  throw new RangeError(`${where}: refresh must be an integer from 0 to ${MAX_REFRESH}, in milliseconds`);
}

/** @param {string} where @param {object} value @returns {Place} */
function placeOf(where, value) {
  const { file, directory, refresh } = ownOptions(where, value, ['file', 'directory', 'refresh']);
  const type = file === undefined ? 'directory' : 'file';
  const name = file ?? directory;
  if (file !== undefined && directory !== undefined) throw new TypeError(`${where}: either a file or a directory, not both`);
  if (typeof name !== 'string' || name === '' || name.includes('\0')) throw new TypeError(`${where}: ${type} must be a path, a string`);
  return Object.freeze({ type, name, path: path.resolve(name), refresh: refreshOf(where, refresh) });
}

/** @param {string} where @param {string} text */
function textOf(where, text) {
  if (text.includes('-----BEGIN')) return Buffer.from(text);
  throw new ClientCertError('ERR_CLIENT_CERT_MALFORMED', `${where}: no PEM block in the string; a path is given as { file } or { directory }`);
}

/** @param {string} where @param {unknown} value no array @param {Kind} kind @returns {Given} */
function givenOf(where, value, kind) {
  if (typeof value === 'string') return { where, octets: textOf(where, value) };
  // A copy: the caller's octets may change, and they are read more than once.
  if (value instanceof Uint8Array) return { where, octets: Buffer.from(value) };
  if (isCertificate(value) || value instanceof X509Certificate) {
    if (kind !== 'certificate') throw wrongInput(where, value, kind);
    return { where, der: value instanceof X509Certificate ? value.raw : value.der };
  }
  if (isPlainObject(value) && !types.isPromise(value)) return { where, place: placeOf(where, value) };
  throw wrongInput(where, value, kind);
}

/**
 * @param {string} where the name of the option
 * @param {unknown} input
 * @returns {{ where: string, value: unknown }[]} what an array has, that of the arrays in it included
 */
function flattened(where, input) {
  if (!Array.isArray(input)) return [{ where, value: input }];
  return Array.from(input).flatMap((outer, i) => {
    if (!Array.isArray(outer)) return [{ where: `${where}[${i}]`, value: outer }];
    return Array.from(outer, (value, j) => ({ where: `${where}[${i}][${j}]`, value }));
  });
}

/**
 * @param {string} where the name of the option
 * @param {Kind} kind
 * @param {unknown} input
 * @returns {Given[]}
 * @throws {TypeError | RangeError}
 */
function givenMaterial(where, kind, input) {
  return flattened(where, input).map(({ where: place, value }) => givenOf(place, value, kind));
}

module.exports = { flattened, givenMaterial };
