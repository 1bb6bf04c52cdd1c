// @ts-check
'use strict';
// What the kernel refused, as the errors that users of node:fs know; and what only acting as somebody else can fail at.

const { getSystemErrorMap } = require('node:util');

const { ClientCertError } = require('../errors.js');

/** @typedef {import('../../binding.js').NativeFileFailure} NativeFileFailure */

/** @param {number} errno positive @returns {[string, string]} its name, and what it means */
const describe = (errno) => getSystemErrorMap().get(-errno) ?? [`E${errno}`, 'unknown error'];

/**
 * As node:fs makes them: `code`, `errno`, `syscall`, `path`, `dest`.
 *
 * @param {number} errno positive
 * @param {string} syscall
 * @param {{ path?: string, dest?: string }} [about]
 * @returns {NodeJS.ErrnoException}
 */
function systemError(errno, syscall, { path, dest } = {}) {
  const [code, text] = describe(errno);
  const where = (path === undefined ? '' : ` '${path}'`) + (dest === undefined ? '' : ` -> '${dest}'`);
  const error = /** @type {any} */ (new Error(`${code}: ${text}, ${syscall}${where}`));
  error.errno = -errno;
  error.code = code;
  error.syscall = syscall;
  if (path !== undefined) error.path = path;
  if (dest !== undefined) error.dest = dest;
  return error;
}

/** @param {NativeFileFailure} failure @param {{ path: string, dest?: string }} about */
function fileError({ stage, errno, syscall }, about) {
  if (stage === 'operation') return systemError(errno, syscall, about);
  const [code, text] = describe(errno);
  const isDone = stage === 'restore';
  return new ClientCertError(
    'ERR_CLIENT_CERT_IMPERSONATION_FAILED',
    isDone
      ? `it was done as the user, but its thread could not return to the identity of the process and was given up: ${code}, ${text}, ${syscall}`
      : `a thread could not take the identity of the user, and nothing was done: ${code}, ${text}, ${syscall}`,
    { performed: isDone, cause: systemError(errno, syscall) },
  );
}

module.exports = { fileError, systemError };
