// @ts-check
'use strict';
// Principal: who somebody is by a scheme of HTTP, which an account is then looked for. Names of one mechanism are never those of another.

const { inspect } = require('node:util');

/** @typedef {'Kerberos' | 'NTLM' | 'Basic'} PrincipalMechanism */

// A name that is longer is nobody's: KDCs stop far below, Windows at 256.
const MAX_LENGTH = 1024;
const MAX_COMPONENTS = 16;
const CONTROL = /[\p{Cc}\p{Cs}]/u;
/** @type {Record<string, string>} of krb5_unparse_name */
const ESCAPED = { n: '\n', t: '\t', b: '\b', 0: '\0' };

/**
 * @param {string} name as krb5_unparse_name writes it: 'alice@REALM', 'HTTP/host@REALM', with '\' before what else would mean something
 * @returns {{ components: string[], realm: string } | null} null: it is none
 */
function kerberosParts(name) {
  const parts = [''];
  let realmAt = -1;
  for (let i = 0; i < name.length; i++) {
    const character = name[i];
    if (character === '\\') {
      i += 1;
      if (i === name.length) return null;
      parts[parts.length - 1] += ESCAPED[name[i]] ?? name[i];
    } else if (character === '@') {
      if (realmAt !== -1) return null;
      realmAt = parts.length;
      parts.push('');
    } else if (character === '/' && realmAt === -1) {
      parts.push('');
    } else {
      parts[parts.length - 1] += character;
    }
  }
  if (realmAt === -1 || parts.length > MAX_COMPONENTS + 1 || parts.some((part) => part === '')) return null;
  return { components: parts.slice(0, realmAt), realm: parts[realmAt] };
}

/** @param {string} name 'DOMAIN\user', or 'user' */
function ntlmParts(name) {
  const at = name.indexOf('\\');
  const [realm, user] = at === -1 ? ['', name] : [name.slice(0, at), name.slice(at + 1)];
  return user === '' || user.includes('\\') ? null : { components: [user], realm };
}

/** @param {string} name */
const basicParts = (name) => ({ components: [name], realm: '' });

/** @type {Record<PrincipalMechanism, (name: string) => { components: string[], realm: string } | null>} */
const PARTS = { Kerberos: kerberosParts, NTLM: ntlmParts, Basic: basicParts };

const MECHANISMS = Object.freeze(Object.keys(PARTS));

/** @param {string} name @param {PrincipalMechanism} mechanism */
function partsOf(name, mechanism) {
  if (typeof name !== 'string' || name === '' || name.length > MAX_LENGTH) return null;
  // Kerberos writes those with a backslash.
  if (CONTROL.test(name)) return null;
  return PARTS[mechanism](name);
}

const CONSTRUCT = Symbol('construct');

class Principal {
  #isOne = true;

  /** @param {symbol} construct @param {string} name @param {PrincipalMechanism} mechanism @param {{ components: string[], realm: string }} parts */
  constructor(construct, name, mechanism, { components, realm }) {
    if (construct !== CONSTRUCT) throw new TypeError('Illegal constructor');
    this.name = name;
    this.mechanism = mechanism;
    this.components = Object.freeze(components);
    this.realm = realm === '' ? null : realm;
    Object.freeze(this);
  }

  /** @param {unknown} value @returns {value is Principal} */
  static isPrincipal(value) {
    return typeof value === 'object' && value !== null && #isOne in value && value.#isOne;
  }

  /** RFC 8062: whoever has such a ticket has shown nothing. */
  get isAnonymous() {
    return this.mechanism === 'Kerberos' && (this.realm === 'WELLKNOWN:ANONYMOUS' || (this.components[0] === 'WELLKNOWN' && this.components[1] === 'ANONYMOUS'));
  }

  toString() {
    return this.name;
  }

  toJSON() {
    const { name, mechanism, realm } = this;
    return { name, mechanism, realm };
  }

  /** @param {number} depth @param {import('node:util').InspectOptions} options */
  [inspect.custom](depth, options) {
    return `Principal ${inspect(this.toJSON(), options)}`;
  }
}

/** @param {string} name @param {PrincipalMechanism} mechanism @returns {Principal | null} null: it is no name of that mechanism */
function principalOf(name, mechanism) {
  const parts = partsOf(name, mechanism);
  return parts && new Principal(CONSTRUCT, name, mechanism, parts);
}

/**
 * @param {unknown} name
 * @param {unknown} [mechanism]
 * @returns {Principal}
 * @throws {TypeError}
 */
function parsePrincipal(name, mechanism = 'Kerberos') {
  if (typeof mechanism !== 'string' || !MECHANISMS.includes(mechanism)) throw new TypeError(`parsePrincipal: mechanism must be one of ${MECHANISMS.join(', ')}`);
  const principal = typeof name === 'string' ? principalOf(name, /** @type {PrincipalMechanism} */ (mechanism)) : null;
  if (principal === null) throw new TypeError(`parsePrincipal: that is no name of ${mechanism}`);
  return principal;
}

module.exports = { MECHANISMS, Principal, parsePrincipal, partsOf, principalOf };
