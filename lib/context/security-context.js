// @ts-check
'use strict';
// SecurityContext: a handle to what the security of one connection is, independent of the connection from the moment on that it is got.

const { inspect, types } = require('node:util');

const { tlsConnectionOf, isGone } = require('../connection.js');
const { ClientCertError } = require('../errors.js');
const { native } = require('../native.js');
const { ownOptions } = require('../options.js');
const { checkedVerifier } = require('../verifier.js');
const { readFacts } = require('./facts.js');
const { answerGss } = require('./gss-context.js');
const { PackedContext, checkedKey, isGss, packFacts, unpackedFacts } = require('./packed-context.js');
const { answer } = require('./queries.js');

/** @typedef {import('./facts.js').Facts} Facts */
/** @typedef {import('./gss-context.js').GssFacts} GssFacts */
/** @typedef {import('node:tls').TLSSocket} TLSSocket */

const CONSTRUCT = Symbol('construct');

/** The session with its secret, as tls.connect takes it. @param {TLSSocket | undefined} socket @returns {Buffer | null} null: the connection is gone */
function sessionKeyOf(socket) {
  const session = isGone(socket) ? undefined : socket.getSession();
  if (!session) return null;
  const secret = native.wipedWhenCollected(session.length);
  session.copy(secret);
  session.fill(0);
  return secret;
}

/** Whether there is key material of GSSAPI that can be packed. @type {(context: SecurityContext) => boolean} */
let hasExported;

class SecurityContext {
  static {
    hasExported = (context) => context.#exported !== null;
  }

  /** @type {Readonly<Facts | GssFacts> | null} */ #facts;
  /** @type {WeakRef<object> | null} what the connection is got from, as long as it is there */ #connection;
  /** @type {Buffer | null} a context of GSSAPI with its keys, until it is packed */ #exported;

  /** @param {symbol} construct @param {Readonly<Facts | GssFacts>} facts @param {object | null} connection @param {Buffer | null} [exported] its own from now on */
  constructor(construct, facts, connection, exported = null) {
    if (construct !== CONSTRUCT) throw new TypeError('Illegal constructor');
    this.#facts = facts;
    this.#connection = connection && new WeakRef(connection);
    this.#exported = exported;
    Object.freeze(this);
  }

  #open() {
    if (this.#facts === null) throw new ClientCertError('ERR_CLIENT_CERT_CLOSED', 'this security context was closed');
    return this.#facts;
  }

  /** Never kept here for a connection that is alive. @returns {Buffer | null} */
  #sessionKey() {
    const facts = this.#open();
    if (facts.sessionKey) return facts.sessionKey;
    const connection = this.#connection?.deref();
    return connection ? sessionKeyOf(tlsConnectionOf(connection).socket) : null;
  }

  get attributes() {
    return this.#open().attributes;
  }

  get packageName() {
    const facts = this.#open();
    return isGss(facts) ? facts.packageName : 'TLS';
  }

  get closed() {
    return this.#facts === null;
  }

  /** @param {string} name */
  query(name) {
    const facts = this.#open();
    if (isGss(facts)) return answerGss(name, facts);
    return answer(name, name === 'sessionKey' ? { ...facts, sessionKey: this.#sessionKey() } : facts);
  }

  /** @param {{ includeKeyMaterial?: boolean, key?: import('node:crypto').KeyObject | Uint8Array }} [options] */
  pack(options = {}) {
    const own = ownOptions('pack', options, ['includeKeyMaterial', 'key']);
    const { includeKeyMaterial = false } = own;
    if (typeof includeKeyMaterial !== 'boolean') throw new TypeError('pack: includeKeyMaterial must be a boolean');
    const key = checkedKey('pack', own.key);
    const facts = this.#open();
    if (!includeKeyMaterial) return packFacts(facts, null, key);
    if (isGss(facts)) {
      const exported = this.#takeExported();
      try {
        return packFacts(facts, exported, key);
      } finally {
        exported.fill(0);
      }
    }
    const sessionKey = this.#sessionKey();
    if (!sessionKey) throw new ClientCertError('ERR_CLIENT_CERT_CONNECTION_CLOSED', 'the key material went with the connection');
    return packFacts(facts, sessionKey, key);
  }

  #takeExported() {
    const exported = this.#exported;
    if (exported === null) {
      throw new ClientCertError('ERR_CLIENT_CERT_NOT_SUPPORTED', 'key material of GSSAPI can be packed once, and only with the option receiveContextHandle');
    }
    this.#exported = null;
    return exported;
  }

  /** @param {import('../index.js').PackedContext | Uint8Array} packed @param {{ key?: import('node:crypto').KeyObject | Uint8Array }} [options] */
  static unpack(packed, options = {}) {
    const key = checkedKey('unpack', ownOptions('unpack', options, ['key']).key);
    const octets = packed instanceof PackedContext ? packed.buffer : packed;
    if (!types.isUint8Array(octets)) throw new TypeError('unpack: takes a PackedContext or a Buffer');
    return new SecurityContext(CONSTRUCT, unpackedFacts(octets, key), null);
  }

  close() {
    this.#facts?.sessionKey?.fill(0);
    this.#facts = null;
    this.#connection = null;
    this.#exported?.fill(0);
    this.#exported = null;
  }

  [Symbol.dispose]() {
    this.close();
  }

  /** @param {number} depth @param {import('node:util').InspectOptions} options */
  [inspect.custom](depth, options) {
    if (this.#facts === null) return 'SecurityContext { closed }';
    if (isGss(this.#facts)) {
      const { attributes, packageName, principal } = this.#facts;
      return `SecurityContext ${inspect({ attributes, packageName, principal }, options)}`;
    }
    const { isServer, connection, attributes, serverName } = this.#facts;
    return `SecurityContext ${inspect({ isServer, attributes, serverName, ...connection }, options)}`;
  }
}

/**
 * @param {import('../index.js').Connection} connection
 * @param {{ verifier?: import('../index.js').Verifier, info?: import('../index.js').ClientCertInfo | null }} known
 */
const contextOf = (connection, known) => new SecurityContext(CONSTRUCT, readFacts(connection, known), connection);

/** @param {Readonly<GssFacts>} facts @param {Buffer | null} exported its own from now on */
const contextOfGss = (facts, exported) => new SecurityContext(CONSTRUCT, facts, null, exported);

/** @param {import('../index.js').Connection} connection @param {{ verifier?: import('../index.js').Verifier }} [options] */
function getSecurityContext(connection, options = {}) {
  const { verifier } = ownOptions('getSecurityContext', options, ['verifier']);
  return contextOf(connection, { verifier: checkedVerifier('getSecurityContext', verifier) });
}

module.exports = { SecurityContext, contextOf, contextOfGss, getSecurityContext, hasExported };
