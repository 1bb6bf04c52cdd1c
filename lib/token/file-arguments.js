// @ts-check
'use strict';
// What callers of node:fs may give, as what the addon takes. Mistakes are TypeErrors and RangeErrors.

const { constants, readFileSync } = require('node:fs');
const path = require('node:path');
const { fileURLToPath } = require('node:url');

const { O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_SYNC, O_TRUNC, O_WRONLY } = constants;

/** fs(5) of Node.js, "File system flags". @type {Record<string, number>} */
const FLAGS = {
  r: O_RDONLY,
  rs: O_RDONLY | O_SYNC,
  'r+': O_RDWR,
  'rs+': O_RDWR | O_SYNC,
  w: O_TRUNC | O_CREAT | O_WRONLY,
  wx: O_TRUNC | O_CREAT | O_WRONLY | O_EXCL,
  'w+': O_TRUNC | O_CREAT | O_RDWR,
  'wx+': O_TRUNC | O_CREAT | O_RDWR | O_EXCL,
  a: O_APPEND | O_CREAT | O_WRONLY,
  ax: O_APPEND | O_CREAT | O_WRONLY | O_EXCL,
  as: O_APPEND | O_CREAT | O_WRONLY | O_SYNC,
  'a+': O_APPEND | O_CREAT | O_RDWR,
  'ax+': O_APPEND | O_CREAT | O_RDWR | O_EXCL,
  'as+': O_APPEND | O_CREAT | O_RDWR | O_SYNC,
};
for (const [flag, value] of Object.entries(FLAGS)) {
  if (flag.length > 1) FLAGS[flag.replace(/^(.)([xs])/, '$2$1')] = value;
}

/** @param {unknown} flags @param {string} byDefault @returns {number} */
function flagsOf(flags, byDefault) {
  const value = flags ?? byDefault;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 0x7fffffff) return value;
  if (typeof value === 'string' && Object.hasOwn(FLAGS, value)) return FLAGS[value];
  throw new TypeError(`flags: ${JSON.stringify(value)} is none of ${Object.keys(FLAGS).join(', ')}`);
}

/** @param {unknown} mode @param {number} byDefault @returns {number} */
function modeOf(mode, byDefault) {
  const value = typeof mode === 'string' && /^[0-7]{1,5}$/.test(mode) ? parseInt(mode, 8) : mode ?? byDefault;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 0o7777) return value;
  throw new RangeError('mode must be a number from 0 to 0o7777, or its octal digits');
}

/** @param {unknown} mode @returns {number} */
function accessModeOf(mode) {
  const value = mode ?? constants.F_OK;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 7) return value;
  throw new RangeError('mode must be made of fs.constants.F_OK, R_OK, W_OK, X_OK');
}

/**
 * @param {unknown} value
 * @param {string} [name]
 * @returns {{ octets: Buffer, text: string }} octets: absolute. Relative ones are so to the process's working directory, and are not normalized: what
 *   '..' means after a symbolic link only the kernel knows.
 */
function pathOf(value, name = 'path') {
  const given = value instanceof URL ? fileURLToPath(value) : value;
  if (typeof given !== 'string' && !(given instanceof Uint8Array)) throw new TypeError(`${name} must be a string, a Buffer or a file: URL`);
  const octets = typeof given === 'string' ? Buffer.from(given) : Buffer.from(given);
  if (octets.length === 0) throw new TypeError(`${name} must not be empty`);
  if (octets.includes(0)) throw new TypeError(`${name} must not have a NUL in it`);
  const text = typeof given === 'string' ? given : octets.toString();
  if (octets[0] === 0x2f) return { octets, text };
  return { octets: Buffer.concat([Buffer.from(process.cwd() + path.sep), octets]), text };
}

/** @param {unknown} data @param {BufferEncoding | null | undefined} encoding @returns {Uint8Array} */
function dataOf(data, encoding) {
  if (typeof data === 'string') return Buffer.from(data, encoding ?? 'utf8');
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  throw new TypeError('data must be a string, a Buffer, a TypedArray or a DataView');
}

/** @param {unknown} encoding @returns {BufferEncoding | 'buffer' | null} */
function encodingOf(encoding) {
  if (encoding === undefined || encoding === null) return null;
  if (encoding === 'buffer' || Buffer.isEncoding(/** @type {string} */ (encoding))) return /** @type {BufferEncoding | 'buffer'} */ (encoding);
  throw new TypeError(`encoding: ${String(encoding)} is not known`);
}

/** @type {number | undefined} */
let umaskAtFirst;

/** That of the process. process.umask() would set it for a moment, for all threads. */
function processUmask() {
  umaskAtFirst ??= parseInt(/^Umask:\s*([0-7]+)$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1] ?? '22', 8);
  return umaskAtFirst;
}

module.exports = { accessModeOf, dataOf, encodingOf, flagsOf, modeOf, pathOf, processUmask };
