// @ts-check
'use strict';
// Patterns of rules. RE2 takes time in proportion to the value, whatever the pattern: the value comes from a certificate, so from outside.

const { RE2JS } = require('re2js');

/**
 * @typedef {boolean | null} Answer null: not known; no reason to allow, and a reason to deny
 *
 * @typedef {object} Pattern frozen
 * @property {(value: string) => Answer} test whether it matches the whole value
 * @property {(value: string) => Answer} touches whether it does, in whatever case: hosts, addresses and names of users are the same in any, and to deny one is enough
 */

const MAX_PATTERN = 1024;
// What a repetition expands to counts as well: each instruction may be looked at for each character of a value.
const MAX_INSTRUCTIONS = 1000;
const MAX_VALUE = 8192;

/**
 * Of the whole value, where SSSD looks for any part of it: 'CN=admin' is not to match 'CN=admin2', nor 'OU=CN=admin'.
 *
 * @param {string} source RE2 syntax; '.' is any character, line ends included
 * @param {string} where for messages
 * @returns {Pattern}
 * @throws {TypeError}
 */
function compilePattern(source, where) {
  if (source.length > MAX_PATTERN) throw new TypeError(`${where}: the pattern has more than ${MAX_PATTERN} characters`);
  let compiled;
  try {
    compiled = RE2JS.compile(source, RE2JS.DOTALL);
  } catch (cause) {
    throw new TypeError(`${where}: not a pattern: ${/** @type {Error} */ (cause).message}`, { cause });
  }
  if (compiled.programSize() > MAX_INSTRUCTIONS) throw new TypeError(`${where}: the pattern expands to more than ${MAX_INSTRUCTIONS} instructions`);
  const folded = RE2JS.compile(source, RE2JS.DOTALL | RE2JS.CASE_INSENSITIVE);
  const test = (/** @type {string} */ value) => (value.length > MAX_VALUE ? null : compiled.testExact(value));
  // Both: what a pattern excludes it excludes in any case, too.
  const touches = (/** @type {string} */ value) => (value.length > MAX_VALUE ? null : compiled.testExact(value) || folded.testExact(value));
  return Object.freeze({ test, touches });
}

/** @param {readonly Answer[]} answers @returns {Answer} null unless one of them says no */
function allOf(answers) {
  if (answers.includes(false)) return false;
  return answers.includes(null) ? null : true;
}

/** @param {readonly Answer[]} answers @returns {Answer} null unless one of them says yes */
function anyOf(answers) {
  if (answers.includes(true)) return true;
  return answers.includes(null) ? null : false;
}

module.exports = { allOf, anyOf, compilePattern };
