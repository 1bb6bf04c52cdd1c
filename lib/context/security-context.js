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
const { PackedContext, checkedKey, packFacts, unpackedFacts } = require('./packed-context.js');
const { answer } = require('./queries.js');

/** @typedef {import('./facts.js').Facts} Facts */
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

class SecurityContext {
  /** @type {Readonly<Facts> | null} */ #facts;
  /** @type {WeakRef<object> | null} what the connection is got from, as long as it is there */ #connection;

  /** @param {symbol} construct @param {Readonly<Facts>} facts @param {object | null} connection */
  constructor(construct, facts, connection) {
    if (construct !== CONSTRUCT) throw new TypeError('Illegal constructor');
    this.#facts = facts;
    this.#connection = connection && new WeakRef(connection);
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
    this.#open();
    return 'TLS';
  }

  get closed() {
    return this.#facts === null;
  }

  /** @param {string} name */
  query(name) {
    const facts = this.#open();
    return answer(name, name === 'sessionKey' ? { ...facts, sessionKey: this.#sessionKey() } : facts);
  }

  /** @param {{ includeKeyMaterial?: boolean, key?: import('node:crypto').KeyObject | Uint8Array }} [options] */
  pack(options = {}) {
    const own = ownOptions('pack', options, ['includeKeyMaterial', 'key']);
    const { includeKeyMaterial = false } = own;
    if (typeof includeKeyMaterial !== 'boolean') throw new TypeError('pack: includeKeyMaterial must be a boolean');
    const key = checkedKey('pack', own.key);
    const facts = this.#open();
    if (!includeKeyMaterial) return packFacts({ ...facts, sessionKey: null }, key);
    const sessionKey = this.#sessionKey();
    if (!sessionKey) throw new ClientCertError('ERR_CLIENT_CERT_CONNECTION_CLOSED', 'the key material went with the connection');
    return packFacts({ ...facts, sessionKey }, key);
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
  }

  [Symbol.dispose]() {
    this.close();
  }

  /** @param {number} depth @param {import('node:util').InspectOptions} options */
  [inspect.custom](depth, options) {
    if (this.#facts === null) return 'SecurityContext { closed }';
    const { isServer, connection, attributes, serverName } = this.#facts;
    return `SecurityContext ${inspect({ isServer, attributes, serverName, ...connection }, options)}`;
  }
}

/**
 * @param {import('../index.js').Connection} connection
 * @param {{ verifier?: import('../index.js').Verifier, info?: import('../index.js').ClientCertInfo | null }} known
 */
const contextOf = (connection, known) => new SecurityContext(CONSTRUCT, readFacts(connection, known), connection);

/** @param {import('../index.js').Connection} connection @param {{ verifier?: import('../index.js').Verifier }} [options] */
function getSecurityContext(connection, options = {}) {
  const { verifier } = ownOptions('getSecurityContext', options, ['verifier']);
  return contextOf(connection, { verifier: checkedVerifier('getSecurityContext', verifier) });
}

module.exports = { SecurityContext, contextOf, getSecurityContext };
