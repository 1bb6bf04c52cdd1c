'use strict';
// @ts-check

const { inspect } = require('node:util');

const { isOid } = require('./oid.js');

/** @typedef {Buffer | (() => Buffer)} Octets hardly anybody asks for: a function gets them then */
/** @typedef {{ readonly der: Octets, readonly rdns: readonly (readonly NativeNameAttribute[])[] }} Name */
/** @typedef {import('../binding.js').NativeNameAttribute} NativeNameAttribute */
/** @typedef {import('./index.js').NameAttribute} NameAttribute */

/**
 * Attribute types by OID: the short name that RFC 4514 or common use gives them, then the long name, then further ones. Short names
 * are OpenSSL's, with the exception noted at onelineNames.
 *
 * Without a prototype: an OID of a certificate is looked up in it.
 *
 * @type {Record<string, string[]>}
 */
const attributeTypes = Object.assign(Object.create(null), {
  '2.5.4.3': ['CN', 'commonName'],
  '2.5.4.4': ['SN', 'surname'],
  '2.5.4.5': ['serialNumber'],
  '2.5.4.6': ['C', 'countryName'],
  '2.5.4.7': ['L', 'localityName'],
  '2.5.4.8': ['ST', 'stateOrProvinceName', 'S'],
  '2.5.4.9': ['STREET', 'streetAddress'],
  '2.5.4.10': ['O', 'organizationName'],
  '2.5.4.11': ['OU', 'organizationalUnitName'],
  '2.5.4.12': ['title', 'title', 'T'],
  '2.5.4.13': ['description'],
  '2.5.4.15': ['businessCategory'],
  '2.5.4.16': ['postalAddress'],
  '2.5.4.17': ['postalCode'],
  '2.5.4.20': ['telephoneNumber'],
  '2.5.4.41': ['name'],
  '2.5.4.42': ['GN', 'givenName', 'G'],
  '2.5.4.43': ['initials'],
  '2.5.4.44': ['generationQualifier'],
  '2.5.4.45': ['x500UniqueIdentifier'],
  '2.5.4.46': ['dnQualifier'],
  '2.5.4.65': ['pseudonym'],
  '2.5.4.97': ['organizationIdentifier'],
  '0.9.2342.19200300.100.1.1': ['UID', 'userId'],
  '0.9.2342.19200300.100.1.3': ['mail', 'rfc822Mailbox'],
  '0.9.2342.19200300.100.1.25': ['DC', 'domainComponent'],
  '1.2.840.113549.1.9.1': ['emailAddress', 'emailAddress', 'E'],
  '1.2.840.113549.1.9.2': ['unstructuredName'],
  '1.2.840.113549.1.9.8': ['unstructuredAddress'],
  '1.3.6.1.4.1.311.60.2.1.1': ['jurisdictionL', 'jurisdictionLocalityName'],
  '1.3.6.1.4.1.311.60.2.1.2': ['jurisdictionST', 'jurisdictionStateOrProvinceName'],
  '1.3.6.1.4.1.311.60.2.1.3': ['jurisdictionC', 'jurisdictionCountryName'],
});

/** OpenSSL writes this one in lower case. @type {Record<string, string>} */
const onelineNames = Object.assign(Object.create(null), { '2.5.4.9': 'street' });

/** @type {Map<string, string>} any name of an attribute type, in lower case, to its OID */
const oidsByName = new Map(
  Object.entries(attributeTypes).flatMap(([oid, names]) => names.map((name) => [name.toLowerCase(), oid])),
);

// Controls (NUL among them), format characters (bidirectional controls, zero-width ones, the BOM, tags), line and paragraph
// separators, noncharacters: what changes how the rest is shown, or is not shown at all.
const MISLEADING = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]/gu;

// Of the characters that are never escaped, and no space at either end.
const PLAIN = /^[\w.@:/()'*=?!&%$~^{}|[\]-]+(?: +[\w.@:/()'*=?!&%$~^{}|[\]-]+)*$/;

/** @param {string} character @param {string} prefix before the two digits of each octet of its UTF-8 */
function hexEscaped(character, prefix) {
  return [...Buffer.from(character)].map((octet) => prefix + octet.toString(16).toUpperCase().padStart(2, '0')).join('');
}

/** RFC 4514 section 2.4. @param {string} value */
function escape4514(value) {
  // Nearly all: nothing in it needs to be escaped wherever it stands.
  if (PLAIN.test(value)) return value;
  const escaped = value
    .replace(/["+,;<>\\]/g, '\\$&')
    .replace(/^[ #]/, '\\$&')
    .replace(MISLEADING, (character) => hexEscaped(character, '\\'));
  return value.length > 1 && value.endsWith(' ') ? escaped.slice(0, -1) + '\\ ' : escaped;
}

/** RFC 5280 section 7.1 by way of RFC 4518: compatibility forms, case and white space do not count. @param {string} value */
function normalized(value) {
  return value.normalize('NFKC').toUpperCase().toLowerCase().trim().replace(/\s+/g, ' ');
}

/** @param {NativeNameAttribute} attribute @param {Octets} der of the name or RDN that it stands in @returns {NameAttribute} */
function publicAttribute({ type, value, stringType, start, end }, der) {
  return Object.freeze({
    type,
    shortName: attributeTypes[type]?.[0] ?? type,
    value: value ?? hexOf(der, start, end),
    stringType,
  });
}

/** RFC 4514 section 2.4: '#' and the value's DER. @param {Octets} der @param {number} start @param {number} end */
function hexOf(der, start, end) {
  return '#' + octetsOf(der).toString('hex', start, end);
}

/** @param {Octets} der */
const octetsOf = (der) => (typeof der === 'function' ? der() : der);

const INTERNAL = Symbol('internal');

class DistinguishedName {
  /** @type {Name} */ #native;
  /** @type {readonly (readonly NameAttribute[])[] | undefined} */ #rdns;
  /** @type {string[] | undefined} */ #comparable;
  /** @type {string | undefined} */ #text;

  /** @param {symbol} token @param {Name} native */
  constructor(token, native) {
    if (token !== INTERNAL) throw new TypeError('Illegal constructor');
    this.#native = native;
    Object.freeze(this);
  }

  get rdns() {
    const { rdns, der } = this.#native;
    return (this.#rdns ??= Object.freeze(
      rdns.map((rdn) => Object.freeze(rdn.map((attribute) => publicAttribute(attribute, der)))),
    ));
  }

  get der() {
    return Buffer.from(octetsOf(this.#native.der));
  }

  /** @param {string} type */
  get(type) {
    if (typeof type !== 'string') throw new TypeError('type must be a string: a short name, a long name or an OID');
    const oid = oidsByName.get(type.toLowerCase()) ?? type;
    return this.rdns.flat().flatMap((attribute) => (attribute.type === oid ? [attribute.value] : []));
  }

  toString() {
    return (this.#text ??= this.#rfc4514());
  }

  #rfc4514() {
    const { rdns, der } = this.#native;
    let text = '';
    for (let i = rdns.length - 1; i >= 0; i -= 1) {
      let separator = i < rdns.length - 1 ? ',' : '';
      for (const { type, value, start, end } of rdns[i]) {
        const known = attributeTypes[type]?.[0];
        text += `${separator}${known ?? type}=${known === undefined || value === null ? hexOf(der, start, end) : escape4514(value)}`;
        separator = '+';
      }
    }
    return text;
  }

  toOneline() {
    // OpenSSL leaves '/' and '\' as they are, so that a value can look like further attributes, or like an escaped octet.
    /** @param {string} value */
    const escaped = (value) => value.replace(/[^ -~]|[\\/]/gu, (character) => hexEscaped(character, '\\x'));
    return this.rdns
      .flat()
      .map(({ type, shortName, value }) => `/${onelineNames[type] ?? shortName}=${escaped(value)}`)
      .join('');
  }

  /** @param {DistinguishedName} other */
  equals(other) {
    if (typeof other !== 'object' || other === null || !(#native in other)) throw new TypeError('other must be a DistinguishedName');
    const mine = this.#comparableRdns();
    const theirs = other.#comparableRdns();
    return mine.length === theirs.length && mine.every((rdn, index) => rdn === theirs[index]);
  }

  /** One text for each RDN, the same for RDNs that are equal as sets. */
  #comparableRdns() {
    return (this.#comparable ??= this.rdns.map((rdn) =>
      JSON.stringify(
        rdn
          .map(({ type, value, stringType }) =>
            JSON.stringify(stringType === 'other' ? [type, 'der', value] : [type, 'text', normalized(value)]),
          )
          .sort(),
      ),
    ));
  }

  toJSON() {
    return { rfc4514: this.toString(), rdns: this.rdns };
  }

  /** @param {number} depth @param {import('node:util').InspectOptions} options */
  [inspect.custom](depth, options) {
    return `DistinguishedName ${inspect(this.toString(), options)}`;
  }

}

/** @param {Name} native */
function wrapName(native) {
  return new DistinguishedName(INTERNAL, native);
}

/** @param {string} type @returns {boolean} whether there may be such an attribute: a name that is known here, or an OID */
const isAttributeType = (type) => oidsByName.has(type.toLowerCase()) || isOid(type);

module.exports = { DistinguishedName, isAttributeType, wrapName, publicAttribute };
