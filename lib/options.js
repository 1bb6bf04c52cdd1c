// @ts-check
'use strict';
// An option that nobody knows is a mistake of the caller, never ignored: a misspelt one would leave a door open.

const sorted = (/** @type {string} */ text) => [...text].sort().join('');

/** @param {string} a @param {string} b @returns {number} edit distance, 1 where the letters are the same; both are short names */
function distance(a, b) {
  if (a !== b && sorted(a) === sorted(b)) return 1;
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(previous[j] + 1, current[j - 1] + 1, change));
    }
    previous = current;
  }
  return previous[b.length];
}

/**
 * What an object inherits would be seen by some readers of it and not by others.
 *
 * @param {unknown} value
 * @returns {value is object}
 */
function isPlainObject(value) {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  // Not compared with Object.prototype: each realm has its own.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

// More names than these are no help in a message.
const LISTED = 12;

/**
 * @param {string} unknown
 * @param {readonly string[]} known
 * @param {Readonly<Record<string, string>>} meant
 * @returns {string}
 */
function hintAt(unknown, known, meant) {
  if (Object.hasOwn(meant, unknown)) return `; did you mean '${meant[unknown]}'?`;
  const short = unknown.slice(0, 64).toLowerCase();
  const [near] = known.map((name) => ({ name, far: distance(short, name.toLowerCase()) })).sort((a, b) => a.far - b.far);
  // Of a short name hardly anything is left beyond one mistake.
  if (near && near.far <= Math.min(3, Math.ceil(near.name.length / 3))) return `; did you mean '${near.name}'?`;
  return known.length <= LISTED ? `; known are ${known.join(', ')}` : '';
}

/**
 * @param {string} where what takes the options, for the message
 * @param {unknown} options
 * @param {readonly string[]} known
 * @param {Readonly<Record<string, string>>} [meant] what is meant by names that are unlike it
 * @returns {asserts options is Record<string, unknown>}
 * @throws {TypeError} that names the option that was probably meant
 */
function onlyKnownOptions(where, options, known, meant = {}) {
  if (!isPlainObject(options)) throw new TypeError(`${where}: options must be a plain object`);
  const unknown = Object.getOwnPropertyNames(options).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new TypeError(`${where}: unknown option '${unknown}'${hintAt(unknown, known, meant)}`);
}

/**
 * The known options that an object has itself, in one that inherits nothing: whatever somebody adds to Object.prototype is no option.
 *
 * @param {string} where
 * @param {unknown} options
 * @param {readonly string[]} known
 * @param {Readonly<Record<string, string>>} [meant]
 * @returns {Record<string, unknown>}
 * @throws {TypeError} as onlyKnownOptions
 */
function ownOptions(where, options, known, meant) {
  onlyKnownOptions(where, options, known, meant);
  const own = Object.create(null);
  for (const name of Object.getOwnPropertyNames(options)) own[name] = options[name];
  return own;
}

module.exports = { isPlainObject, onlyKnownOptions, ownOptions };
