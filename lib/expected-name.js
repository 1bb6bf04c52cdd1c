// @ts-check
'use strict';
// The names that a certificate has to have. What no certificate can have, or what is compared in another way than it looks, is refused here: it
// would only show when a client that should be let in is not.

const { isIP } = require('node:net');

const { ownOptions } = require('./options.js');

/** @typedef {'dns' | 'email' | 'uri' | 'ip' | 'upn' | 'commonName'} NameType */
/** @typedef {Readonly<Partial<Record<NameType, string>>>} ExpectedName */

// RFC 1035 section 2.3.4: a name without its trailing dot.
const MAX_DNS_NAME = 253;
// What is in certificates is shorter; whatever is longer is no name.
const MAX_NAME = 4096;

// RFC 1123 section 2.1, and the underscore that hosts have nevertheless. No leading dot: OpenSSL takes '.example.com' for every name below it.
const DNS_NAME = /^(?!-)[a-z0-9_-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9_-]{1,63}(?<!-))*$/i;
const LAST_LABEL_IS_A_NUMBER = /(?:^|\.)[0-9]+$/;
// RFC 3986 section 3.1, and only characters that a URI may have (section 2).
const URI = /^[a-z][a-z0-9+.-]*:[!#$%&'()*+,./0-9:;=?@A-Z[\]_a-z~-]+$/i;
// Control characters, and halves of surrogate pairs: those would become another character in UTF-8.
const NO_TEXT = /[\p{Cc}\p{Cs}]/u;

/** @param {string} value */
const isDnsName = (value) => value.length <= MAX_DNS_NAME && DNS_NAME.test(value) && !LAST_LABEL_IS_A_NUMBER.test(value);

/** A user at a realm or a domain, in two parts. @param {string} value */
function isAtSomething(value) {
  const parts = value.split('@');
  return parts.length === 2 && parts.every((part) => part !== '' && !/\s/.test(part));
}

/** @type {Record<NameType, { what: string, test: (value: string) => boolean }>} */
const TYPES = {
  dns: {
    what: 'a host name in ASCII (A-labels), without wildcard, without a dot at either end, and no IP address',
    test: isDnsName,
  },
  email: {
    what: 'an address, local-part@domain',
    test: (value) => isAtSomething(value) && isDnsName(value.slice(value.indexOf('@') + 1)),
  },
  uri: { what: 'an absolute URI in ASCII', test: (value) => URI.test(value) },
  // A zone (fe80::1%eth0) is known to one host only, and no certificate has it.
  ip: { what: 'an IPv4 or IPv6 address', test: (value) => isIP(value) !== 0 && !value.includes('%') },
  upn: { what: 'a user principal name, user@realm', test: isAtSomething },
  commonName: { what: 'a name', test: () => true },
};
const NAME_TYPES = /** @type {NameType[]} */ (Object.keys(TYPES));

/** @param {string} where @param {unknown} value @param {NameType} type */
function checkedName(where, value, type) {
  if (typeof value !== 'string') throw new TypeError(`${where}: ${type} must be a string`);
  const isText = value !== '' && value.length <= MAX_NAME && !NO_TEXT.test(value);
  if (!isText || !TYPES[type].test(value)) throw new TypeError(`${where}: ${type} must be ${TYPES[type].what}`);
  return value;
}

/** @param {string} where @param {unknown} value @returns {ExpectedName} frozen, only what was given */
function checkedExpectedName(where, value) {
  const own = ownOptions(where, value, NAME_TYPES, { cn: 'commonName', CN: 'commonName' });
  const given = NAME_TYPES.filter((type) => own[type] !== undefined);
  if (given.length === 0) throw new TypeError(`${where}: one of ${NAME_TYPES.join(', ')} is needed`);
  return Object.freeze(Object.fromEntries(given.map((type) => [type, checkedName(where, own[type], type)])));
}

module.exports = { checkedExpectedName };
