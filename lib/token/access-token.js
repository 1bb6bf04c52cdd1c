// @ts-check
'use strict';
// AccessToken: the identity of an account, to be looked at, and to be acted with where the process may.

const { inspect } = require('node:util');

const { findAccount } = require('../account/accounts.js');
const { ClientCertError } = require('../errors.js');
const { native } = require('../native.js');
const { ownOptions } = require('../options.js');
const { processUmask } = require('./file-arguments.js');
const { ImpersonatedFs } = require('./impersonated-fs.js');
const { notPermitted, spawnAs } = require('./spawn.js');

/** @typedef {import('../index.js').Account} Account */

const CONSTRUCT = Symbol('construct');

/** Shared by a token and its duplicates. @typedef {{ account: Account, identity: import('../../binding.js').Identity }} Held */

class AccessToken {
  /** @type {Held | null} null: closed */ #held;
  /** @type {ImpersonatedFs} */ #fs;
  /** @type {number | undefined} */ #umask;
  #account;

  /** @param {symbol} key @param {Held} held */
  constructor(key, held) {
    if (key !== CONSTRUCT) throw new TypeError('Illegal constructor');
    this.#held = held;
    this.#account = held.account;
    this.#fs = new ImpersonatedFs(() => ({ identity: this.#mayAct('fs').identity, umask: this.umask }));
    Object.freeze(this);
  }

  /**
   * @param {string | number} nameOrUid
   * @param {{ allowRoot?: boolean }} [options]
   * @returns {Promise<AccessToken>}
   */
  static async forAccount(nameOrUid, options = {}) {
    const { allowRoot = false } = /** @type {any} */ (ownOptions('forAccount', options, ['allowRoot']));
    if (typeof allowRoot !== 'boolean') throw new TypeError('forAccount: allowRoot must be a boolean');
    if (typeof nameOrUid !== 'string' && typeof nameOrUid !== 'number') throw new TypeError('forAccount: a name or a uid is needed');
    const found = await findAccount(nameOrUid);
    if (found === null) throw new ClientCertError('ERR_CLIENT_CERT_NO_SUCH_ACCOUNT', 'there is no such account', { account: nameOrUid });
    const { account, standing } = found;
    const refuse = (/** @type {string} */ reason) =>
      new ClientCertError('ERR_CLIENT_CERT_ACCOUNT_DENIED', `account ${account.name}: ${reason}`, { account: nameOrUid });
    // NSS may fold case; whoever asked for another name gets nobody.
    if (typeof nameOrUid === 'string' && account.name !== nameOrUid) throw refuse('it has another name');
    if (account.uid === 0 && !allowRoot) throw refuse('it is root, and allowRoot is not given');
    if (standing === 'locked' || standing === 'expired') throw refuse(`it is ${standing}`);
    return tokenOf(account);
  }

  get name() {
    return this.#account.name;
  }

  get uid() {
    return this.#account.uid;
  }

  get gid() {
    return this.#account.gid;
  }

  get groups() {
    return this.#account.groups;
  }

  get closed() {
    return this.#held === null;
  }

  /** As of now: a process may give its privileges up. */
  get impersonationLevel() {
    return process.platform === 'linux' && native.mayImpersonate() ? 'impersonation' : 'identification';
  }

  get fs() {
    return this.#fs;
  }

  get umask() {
    return this.#umask ?? processUmask();
  }

  set umask(mask) {
    if (!Number.isInteger(mask) || mask < 0 || mask > 0o777) throw new RangeError('umask must be a number from 0 to 0o777');
    this.#umask = mask;
  }

  /** @param {string} what */
  #open(what) {
    if (this.#held) return this.#held;
    throw new ClientCertError('ERR_CLIENT_CERT_CLOSED', `${what}: the token is closed`);
  }

  /** @param {string} what */
  #mayAct(what) {
    const held = this.#open(what);
    if (process.platform !== 'linux') {
      throw new ClientCertError('ERR_CLIENT_CERT_UNSUPPORTED_PLATFORM', `${what}: acting as a user is only there on Linux`);
    }
    if (!native.mayImpersonate()) throw notPermitted(what);
    return held;
  }

  duplicate() {
    const token = new AccessToken(CONSTRUCT, this.#open('duplicate'));
    if (this.#umask !== undefined) token.umask = this.#umask;
    return token;
  }

  /** @param {string} command @param {any} [args] @param {any} [options] */
  spawn(command, args = [], options = {}) {
    const { account } = this.#mayAct('spawn');
    return Array.isArray(args) ? spawnAs(account, command, args, options) : spawnAs(account, command, [], args);
  }

  /** What is under way goes on. */
  close() {
    this.#held = null;
  }

  [Symbol.dispose]() {
    this.close();
  }

  toJSON() {
    const { name, uid, gid, groups, impersonationLevel, closed } = this;
    return { name, uid, gid, groups, impersonationLevel, closed };
  }

  /** @param {number} depth @param {import('node:util').InspectOptions} options */
  [inspect.custom](depth, options) {
    return `AccessToken ${inspect(this.toJSON(), options)}`;
  }
}

/** @param {Account} account @returns {AccessToken} */
function tokenOf(account) {
  const identity = native.Identity.create(account.uid, account.gid, [...account.groups]);
  return new AccessToken(CONSTRUCT, { account, identity });
}

module.exports = { AccessToken, tokenOf };
