// @ts-check
'use strict';
// `authInfo` of a request: most requests never ask for it, and others set what they like there. One accessor for all of them: with closures of
// its own each request would get a hidden class of its own, which keeps it alive until old objects are collected, and that cost a sixth of all
// requests.

/** What it is made from. Frameworks may give requests this property when they make them, which is faster; null: nothing yet. */
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

// Found through the request, so that whatever inherits from a request or stands in for it finds the same. A request that has the accessor from its
// prototype may be asked before there is a source.
/** @type {Required<Pick<PropertyDescriptor, 'get' | 'set'>> & { configurable: true } & ThisType<{ [SOURCE]?: AuthInfoSource | null }>} */
const accessor = {
  configurable: true,
  get() {
    return this[SOURCE]?.make();
  },
  set(value) {
    if (this[SOURCE]) this[SOURCE].give(value);
    else Object.defineProperty(this, 'authInfo', { value, configurable: true, enumerable: true, writable: true });
  },
};

/** Whether requests with this prototype have the accessor from it. @type {WeakMap<object, boolean>} */
const preparedPrototypes = new WeakMap();

/** @param {object} prototype */
function isPrepared(prototype) {
  let prepared = preparedPrototypes.get(prototype);
  if (prepared === undefined) {
    // What a request would find: somebody else's, nearer to it, hides ours.
    let owner = prototype;
    while (owner !== null && !Object.hasOwn(owner, 'authInfo')) owner = Object.getPrototypeOf(owner);
    prepared = owner !== null && Object.getOwnPropertyDescriptor(owner, 'authInfo')?.get === accessor.get;
    preparedPrototypes.set(prototype, prepared);
  }
  return prepared;
}

/** @param {object} request @param {() => RequestAuthInfo} make */
function giveAuthInfo(request, make) {
  // Assigned, as Node.js does with its own: defining what cannot be enumerated takes a microsecond of each request.
  /** @type {any} */ (request)[SOURCE] = new AuthInfoSource(request, make);
  const prototype = Object.getPrototypeOf(request);
  if (prototype !== null && isPrepared(prototype) && !Object.hasOwn(request, 'authInfo')) return;
  Object.defineProperty(request, 'authInfo', accessor);
}

module.exports = { SOURCE, accessor, giveAuthInfo };
