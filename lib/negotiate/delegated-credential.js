// @ts-check
'use strict';
// DelegatedCredential: what a client has handed to the server, to act in its name elsewhere. Closed with the response of its request.

const { inspect } = require('node:util');

const { utf8Of } = require('../context/gss-context.js');
const { ClientCertError } = require('../errors.js');
const { ownOptions } = require('../options.js');

/** @typedef {import('../../binding.js').GssCredential} GssCredential */

const CONSTRUCT = Symbol('construct');

class DelegatedCredential {
  /** @type {GssCredential | null} null: closed */ #credential;

  /** @param {symbol} construct @param {GssCredential} credential @param {string} principal @param {Date | null} expiry */
  constructor(construct, credential, principal, expiry) {
    if (construct !== CONSTRUCT) throw new TypeError('Illegal constructor');
    this.#credential = credential;
    this.principal = principal;
    // A date can be changed in place.
    Object.defineProperty(this, 'expiry', { get: () => expiry && new Date(expiry), enumerable: true });
    Object.freeze(this);
  }

  get closed() {
    return this.#credential === null;
  }

  /**
   * Writes it where other programs find it.
   *
   * @param {unknown} options
   * @returns {Promise<void>}
   */
  async store(options) {
    const { ccache } = ownOptions('store', options, ['ccache']);
    if (typeof ccache !== 'string' || ccache === '' || ccache.includes('\0')) throw new TypeError("store: ccache must be the name of a credential cache, such as 'FILE:/run/user/1000/krb5cc'");
    if (this.#credential === null) throw new ClientCertError('ERR_CLIENT_CERT_CLOSED', 'store: the delegated credential is closed');
    const failure = await this.#credential.store([['ccache', ccache]]);
    if (failure) throw new ClientCertError('ERR_CLIENT_CERT_GSSAPI_FAILED', `the delegated credential could not be stored: ${failure.message}`, { secStatus: failure.status });
  }

  close() {
    this.#credential?.release();
    this.#credential = null;
  }

  [Symbol.dispose]() {
    this.close();
  }

  /** @param {number} depth @param {import('node:util').InspectOptions} options */
  [inspect.custom](depth, options) {
    return `DelegatedCredential ${inspect({ principal: this.principal, closed: this.closed }, options)}`;
  }
}

/** @param {NonNullable<import('../../binding.js').NativeGssEstablished['delegated']>} delegated @param {number} now ms @returns {DelegatedCredential | null} */
function delegatedOf({ credential, name, lifetime }, now) {
  const principal = utf8Of(name);
  if (principal === null) {
    credential.release();
    return null;
  }
  return new DelegatedCredential(CONSTRUCT, credential, principal, lifetime === null ? null : new Date(now + lifetime * 1000));
}

module.exports = { DelegatedCredential, delegatedOf };
