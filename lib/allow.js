// @ts-check
'use strict';
// Ready functions for the `allow` option. Each checks its arguments when it is made and compares whole values, never parts.

const { isIP, isIPv6 } = require('node:net');

const { isAttributeType } = require('./distinguished-name.js');

/** @typedef {import('./index.js').ClientCertInfo} ClientCertInfo */
/** @typedef {import('./index.js').AllowFunction} AllowFunction */

/** @param {string} name @param {unknown[]} values */
function nonEmptyStrings(name, values) {
  if (values.length === 0) throw new TypeError(`${name}: at least one value is needed`);
  for (const value of values) {
    if (typeof value !== 'string' || value === '') throw new TypeError(`${name}: every value must be a non-empty string`);
  }
  return /** @type {string[]} */ (values);
}

/**
 * An attribute that a name has twice matches nothing: which of its values counts would be a guess.
 *
 * @param {string} name
 * @param {(info: ClientCertInfo) => import('./index.js').DistinguishedName | undefined} pick
 */
function nameMatcher(name, pick) {
  /** @param {string | Record<string, string | string[]>} expected @returns {AllowFunction} */
  return (expected) => {
    if (typeof expected === 'string') {
      nonEmptyStrings(name, [expected]);
      return (info) => pick(info)?.toString() === expected;
    }
    if (expected === null || typeof expected !== 'object' || Array.isArray(expected) || Object.keys(expected).length === 0) {
      throw new TypeError(`${name}: expected must be an RFC 4514 string, or an object such as { O: 'Example', CN: ['a', 'b'] }`);
    }
    const unknown = Object.keys(expected).find((type) => !isAttributeType(type));
    if (unknown !== undefined) throw new TypeError(`${name}: no attribute is called '${unknown}': use a short name such as CN, a long one such as commonName, or an OID`);
    const wanted = Object.entries(expected).map(([type, values]) => ({
      type,
      values: new Set(nonEmptyStrings(`${name}: ${type}`, Array.isArray(values) ? values : [values])),
    }));
    return (info) => {
      const actual = pick(info);
      if (!actual) return false;
      return wanted.every(({ type, values }) => {
        const found = actual.get(type);
        return found.length === 1 && values.has(found[0]);
      });
    };
  };
}

// Of ASCII only: U+212A, the Kelvin sign, would become a 'k'.
const lowerCase = (/** @type {string} */ text) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

/**
 * One form for all values that are the same name. Case does not count in a DNS name and in the domain of an address (RFC 5280 section 7); an IPv6
 * address can be written in several ways.
 *
 * @type {Record<string, (value: string) => string>}
 */
const COMPARABLE = {
  dns: lowerCase,
  email: (value) => value.replace(/@[^@]*$/, lowerCase),
  uri: (value) => value,
  ip: (value) => (isIPv6(value) ? new URL(`http://[${value}]`).hostname : value),
  upn: (value) => value,
  registeredId: (value) => value,
};

/** @param {string} type @param {string[]} values @returns {AllowFunction} */
function altName(type, ...values) {
  if (!Object.hasOwn(COMPARABLE, type)) {
    throw new TypeError(`allow.altName: type must be one of ${Object.keys(COMPARABLE).join(', ')}`);
  }
  nonEmptyStrings('allow.altName', values);
  if (type === 'ip' && values.some((value) => !isIP(value) || value.includes('%'))) {
    throw new TypeError('allow.altName: an ip is an IPv4 or IPv6 address');
  }
  const comparable = COMPARABLE[type];
  const wanted = new Set(values.map(comparable));
  return ({ certificate }) =>
    certificate?.subjectAltNames.some(
      (name) => name.type === type && typeof name.value === 'string' && wanted.has(comparable(name.value)),
    ) ?? false;
}

/** @param {string} value @returns {string | null} upper case, without the colons that may stand between octets; null: not hexadecimal */
function hexDigits(value) {
  if (!/^(?:[0-9a-f]+|[0-9a-f]{2}(?::[0-9a-f]{2})+)$/i.test(value)) return null;
  return value.replaceAll(':', '').toUpperCase();
}

/** @param {string[]} fingerprints @returns {AllowFunction} */
function fingerprint(...fingerprints) {
  const wanted = new Set(
    nonEmptyStrings('allow.fingerprint', fingerprints).map((value) => {
      const hex = hexDigits(value);
      if (hex?.length !== 64) {
        throw new TypeError('allow.fingerprint: a fingerprint is the SHA-256 of the DER, 64 hexadecimal digits');
      }
      return hex;
    }),
  );
  return ({ certificate }) => certificate !== null && wanted.has(certificate.fingerprints.sha256);
}

/** @param {string[]} pins @returns {AllowFunction} */
function spkiPin(...pins) {
  const wanted = new Set(nonEmptyStrings('allow.spkiPin', pins));
  for (const pin of wanted) {
    if (Buffer.from(pin, 'base64').length !== 32 || Buffer.from(pin, 'base64').toString('base64') !== pin) {
      throw new TypeError('allow.spkiPin: a pin is the SHA-256 of the SubjectPublicKeyInfo, base64');
    }
  }
  return ({ certificate }) => certificate !== null && wanted.has(certificate.publicKey.pinSha256);
}

/** @param {string[]} serialNumbers @returns {AllowFunction} */
function serialNumber(...serialNumbers) {
  const wanted = new Set(
    nonEmptyStrings('allow.serialNumber', serialNumbers).map((value) => {
      const sign = value.startsWith('-') ? '-' : '';
      const hex = hexDigits(value.slice(sign.length));
      if (hex === null) throw new TypeError('allow.serialNumber: a serial number is hexadecimal');
      const digits = hex.replace(/^0+(?=.)/, '');
      return sign + (digits.length % 2 ? '0' : '') + digits;
    }),
  );
  return ({ certificate }) => certificate !== null && wanted.has(certificate.serialNumber);
}

/** @param {string} name @param {unknown[]} functions */
function functionsOf(name, functions) {
  if (functions.length === 0 || functions.some((allowed) => typeof allowed !== 'function')) {
    throw new TypeError(`${name}: one function or more is needed`);
  }
  return /** @type {AllowFunction[]} */ (functions);
}

/** @param {AllowFunction[]} functions @returns {AllowFunction} */
function all(...functions) {
  functionsOf('allow.all', functions);
  return async (info, request) => {
    for (const allowed of functions) if ((await allowed(info, request)) !== true) return false;
    return true;
  };
}

/** @param {AllowFunction[]} functions @returns {AllowFunction} */
function any(...functions) {
  functionsOf('allow.any', functions);
  return async (info, request) => {
    for (const allowed of functions) if ((await allowed(info, request)) === true) return true;
    return false;
  };
}

const allow = Object.freeze({
  subject: nameMatcher('allow.subject', (info) => info.certificate?.subject),
  issuer: nameMatcher('allow.issuer', (info) => info.certificate?.issuer),
  altName,
  fingerprint,
  spkiPin,
  serialNumber,
  all,
  any,
});

module.exports = { allow };
