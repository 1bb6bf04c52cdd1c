// @ts-check
'use strict';
// `authInfo` of a request: most requests never ask for it, and others set what they like there. One accessor for all of them: with closures of
// its own each request would get a hidden class of its own, which keeps it alive until old objects are collected, and that cost a sixth of all
// requests.

/** What it is made from. */
const SOURCE = Symbol('authInfo');

/** @typedef {import('./request-auth-info.js').RequestAuthInfo} RequestAuthInfo */

class AuthInfoSource {
  #request;
  #make;

  /** @param {object} request @param {() => RequestAuthInfo} make */
  constructor(request, make) {
    this.#request = request;
    this.#make = make;
  }

  make() {
    const authInfo = this.#make();
    this.give(authInfo);
    return authInfo;
  }

  /** @param {unknown} value */
  give(value) {
    Object.defineProperty(this.#request, 'authInfo', { value, configurable: true, writable: true });
  }
}

// Found through the request, so that whatever inherits from a request or stands in for it finds the same.
/** @type {PropertyDescriptor & ThisType<{ [SOURCE]: AuthInfoSource }>} */
const accessor = {
  configurable: true,
  get() {
    return this[SOURCE].make();
  },
  set(value) {
    this[SOURCE].give(value);
  },
};

/** @param {object} request @param {() => RequestAuthInfo} make */
function giveAuthInfo(request, make) {
  // Assigned, as Node.js does with its own: defining what cannot be enumerated takes a microsecond of each request.
  /** @type {any} */ (request)[SOURCE] = new AuthInfoSource(request, make);
  Object.defineProperty(request, 'authInfo', accessor);
}

module.exports = { giveAuthInfo };
