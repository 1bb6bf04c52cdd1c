// @ts-check
'use strict';
// What a request says of a client that was admitted at once: `clientCert` and `authInfo`. One property is given to it, and the two are found by that: by accessors that its
// framework has on the prototype of all requests. Express makes a hidden class for each request, and another one for each property that is given to it, which takes longer than all the
// rest; in Fastify, too, to give two properties takes as long as deciding.

const { Http2ServerRequest } = require('node:http2');
const { IncomingMessage } = require('node:http');

const ADMITTED = Symbol('admitted');

/** @typedef {import('../index.js').ClientCertInfo} ClientCertInfo */
/** @typedef {import('../index.js').Verifier} Verifier */

/** The same for all requests of a connection. */
class Admitted {
  /** @param {ClientCertInfo} info @param {Verifier | undefined} verifier @param {Make} make */
  constructor(info, verifier, make) {
    this.info = info;
    this.verifier = verifier;
    this.make = make;
    Object.freeze(this);
  }
}

/** @typedef {(request: any, info: ClientCertInfo, verifier: Verifier | undefined) => import('./request-auth-info.js').RequestAuthInfo} Make */

/** @type {WeakMap<ClientCertInfo, Admitted>} by the last verifier that it was admitted by */
const admissions = new WeakMap();

/** @param {ClientCertInfo} info @param {Verifier | undefined} verifier @param {Make} make */
function admissionOf(info, verifier, make) {
  const known = admissions.get(info);
  if (known !== undefined && known.verifier === verifier && known.make === make) return known;
  const admitted = new Admitted(info, verifier, make);
  admissions.set(info, admitted);
  return admitted;
}

/** @param {object} request @param {string} name @param {unknown} value */
const define = (request, name, value) => Object.defineProperty(request, name, { value, configurable: true, enumerable: true, writable: true });

/** @param {any} request that has been admitted, or inherits from one that has */
function ownerOf(request) {
  let owner = request;
  while (!Object.hasOwn(owner, ADMITTED)) owner = Object.getPrototypeOf(owner);
  return owner;
}

/** @type {Record<'clientCert' | 'authInfo', { configurable: true, get: () => any, set: (value: any) => void } & ThisType<any>>} */
const ACCESSORS = {
  clientCert: {
    configurable: true,
    get() {
      return this[ADMITTED]?.info;
    },
    set(value) {
      define(this, 'clientCert', value);
    },
  },
  authInfo: {
    configurable: true,
    get() {
      const admitted = this[ADMITTED];
      if (admitted === undefined) return undefined;
      const authInfo = admitted.make(this, admitted.info, admitted.verifier);
      Object.defineProperty(ownerOf(this), 'authInfo', { value: authInfo, configurable: true, writable: true });
      return authInfo;
    },
    set(value) {
      if (this[ADMITTED] === undefined) define(this, 'authInfo', value);
      else Object.defineProperty(ownerOf(this), 'authInfo', { value, configurable: true, writable: true });
    },
  },
};

/** @type {WeakMap<object, boolean>} */
const prototypes = new WeakMap();

/** @param {object} prototype @returns {boolean} whether what inherits from it finds the accessors, and nobody else's that is nearer */
function findsAccessors(prototype) {
  return Object.entries(ACCESSORS).every(([name, { get }]) => {
    /** @type {object | null} */
    let owner = prototype;
    while (owner !== null && !Object.hasOwn(owner, name)) owner = Object.getPrototypeOf(owner);
    return owner !== null && Object.getOwnPropertyDescriptor(owner, name)?.get === get;
  });
}

/** @param {object} prototype of requests @returns {boolean} whether they have the accessors now */
function prepare(prototype) {
  if (findsAccessors(prototype)) return true;
  let top = prototype;
  for (let next = top; next !== null; next = Object.getPrototypeOf(next)) {
    // Of Node.js itself: everybody's.
    if (next === IncomingMessage.prototype || next === Http2ServerRequest.prototype) break;
    top = next;
  }
  const isNodes = top === IncomingMessage.prototype || top === Http2ServerRequest.prototype;
  const below = Object.getPrototypeOf(top);
  const isFramework = !isNodes && (below === IncomingMessage.prototype || below === Http2ServerRequest.prototype);
  if (!isFramework) return false;
  if ('clientCert' in top || 'authInfo' in top || !Object.isExtensible(top)) return false;
  Object.defineProperties(top, ACCESSORS);
  return findsAccessors(prototype);
}

/**
 * @param {any} request
 * @param {ClientCertInfo} info
 * @param {Verifier | undefined} verifier
 * @param {Make} make
 * @returns {boolean} false: nothing is given, since requests of this kind have to have properties of their own
 */
function giveAdmitted(request, info, verifier, make) {
  const prototype = Object.getPrototypeOf(request);
  let isPrepared = prototypes.get(prototype);
  if (isPrepared === undefined) prototypes.set(prototype, (isPrepared = prepare(prototype)));
  // What was given before would stand before what is found.
  if (!isPrepared || Object.hasOwn(request, 'clientCert') || Object.hasOwn(request, 'authInfo')) return false;
  request[ADMITTED] = admissionOf(info, verifier, make);
  return true;
}

/** @param {any} request @param {ClientCertInfo | null} info */
function giveClientCert(request, info) {
  // What it inherits may be somebody's accessor, which cannot be assigned to.
  if ('clientCert' in request) define(request, 'clientCert', info);
  else request.clientCert = info;
}

module.exports = { ACCESSORS, giveAdmitted, giveClientCert };
