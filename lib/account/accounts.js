// @ts-check
'use strict';
// Accounts of the operating system, as NSS knows them (files, sssd, LDAP ...): asked off the event loop.

const { getSystemErrorName } = require('node:util');

const { ClientCertError } = require('../errors.js');
const { native } = require('../native.js');

/**
 * @typedef {import('../index.js').Account} Account
 * @typedef {{ account: Account, standing: 'good' | 'locked' | 'expired' | 'unknown' }} FoundAccount
 */

/** uid_t; its greatest value means "unchanged" in system calls and is nobody. @param {unknown} value */
const isUid = (value) => typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 0xffffffff;

/**
 * @param {string | number} nameOrUid
 * @returns {Promise<FoundAccount | null>} null: there is none
 * @throws {ClientCertError} ERR_CLIENT_CERT_ACCOUNT_LOOKUP_FAILED: nobody knows
 */
async function findAccount(nameOrUid) {
  // A name with a NUL would be cut there, and be another one.
  if (typeof nameOrUid === 'string' ? nameOrUid === '' || nameOrUid.includes('\0') : !isUid(nameOrUid)) return null;
  const found = await native.findAccount(nameOrUid, Math.floor(Date.now() / 1000));
  if (found === null) return null;
  if (typeof found === 'number') {
    const errno = getSystemErrorName(-found);
    throw new ClientCertError('ERR_CLIENT_CERT_ACCOUNT_LOOKUP_FAILED', `the account could not be looked up: ${errno}`, { errno });
  }
  const { standing, groups, ...rest } = found;
  return { account: Object.freeze({ ...rest, groups: Object.freeze([...new Set(groups)]) }), standing };
}

module.exports = { findAccount };
