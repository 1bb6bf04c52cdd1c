'use strict';
// @ts-check

const { X509Certificate } = require('node:crypto');
const { inspect } = require('node:util');

const { publicAttribute, wrapName } = require('./distinguished-name.js');
const { ClientCertError } = require('./errors.js');
const { native } = require('./native.js');
const { decodePem, encodePem, isPem } = require('./pem.js');

/** @typedef {import('../binding.js').Certificate} Handle */
/** @typedef {import('../binding.js').NativeAltName} NativeAltName */
/** @typedef {import('./index.js').AltName} AltName */

// RFC 5280 section 4.2.1.3, by bit number.
const KEY_USAGES = [
  'digitalSignature', 'nonRepudiation', 'keyEncipherment', 'dataEncipherment', 'keyAgreement', 'keyCertSign', 'cRLSign',
  'encipherOnly', 'decipherOnly',
];

// RFC 5280 section 4.2.1.13, ReasonFlags by bit number.
const REASONS = [
  'unused', 'keyCompromise', 'cACompromise', 'affiliationChanged', 'superseded', 'cessationOfOperation', 'certificateHold',
  'privilegeWithdrawn', 'aACompromise',
];

/** @param {number} bits @param {string[]} names by bit number */
function namesOfBits(bits, names) {
  return Object.freeze(names.filter((_, bit) => (bits & (1 << bit)) !== 0));
}

/** @param {Buffer} octets */
const upperHex = (octets) => octets.toString('hex').toUpperCase();

/** @template T, R @param {readonly T[] | null} list @param {(element: T) => R} convert */
const frozenList = (list, convert) => Object.freeze((list ?? []).map(convert));

/**
 * An object with octets in it: whoever reads them gets a copy, since the object is everybody's and octets can be changed.
 *
 * @template {object} T @template {string} Field
 * @param {T} rest @param {Field} field @param {Buffer | null} octets
 * @returns {Readonly<T & Record<Field, any>>}
 */
function withOctets(rest, field, octets) {
  const get = () => octets && Buffer.from(octets);
  return /** @type {any} */ (Object.freeze(Object.defineProperty(rest, field, { get, enumerable: true, configurable: true })));
}

/** @param {NativeAltName} name @returns {AltName} */
function altName(name) {
  if (name.type === 'dirName') return Object.freeze({ type: name.type, value: wrapName(name.value) });
  return 'der' in name ? withOctets(name, 'der', name.der) : Object.freeze(name);
}

/** @param {import('../binding.js').NativeNameSubtree} subtree */
function nameSubtree({ base, minimum, maximum }) {
  const name = altName(base);
  if (!('der' in name)) return Object.freeze({ ...name, minimum, maximum });
  const { der, ...rest } = name;
  return withOctets({ ...rest, minimum, maximum }, 'der', der);
}

/** @param {import('../binding.js').NativePolicyQualifier} qualifier */
function policyQualifier({ type, oid, value, der }) {
  if (type === 'cps') return Object.freeze({ type, value });
  if (type === 'userNotice') return withOctets({ type, value }, 'der', der);
  return withOctets({ type, oid }, 'der', der);
}

/** @param {import('../binding.js').NativeDistributionPoint} point */
function distributionPoint({ fullName, relativeName, reasons, crlIssuer }) {
  return Object.freeze({
    fullName: frozenList(fullName, altName),
    relativeName:
      relativeName && frozenList(relativeName.attributes, (attribute) => publicAttribute(attribute, relativeName.der)),
    reasons: reasons === null ? null : namesOfBits(reasons, REASONS),
    crlIssuer: frozenList(crlIssuer, altName),
  });
}

/** What JSON can hold: octets as base64, big integers as decimal text. @param {unknown} value @returns {unknown} */
function plain(value) {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  if ('toJSON' in value && typeof value.toJSON === 'function') return value.toJSON();
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

const JSON_FIELDS = /** @type {const} */ ([
  'version', 'serialNumber', 'subject', 'issuer', 'notBefore', 'notAfter', 'subjectAltNames', 'issuerAltNames', 'keyUsage',
  'extendedKeyUsage', 'basicConstraints', 'policies', 'nameConstraints', 'crlDistributionPoints', 'authorityInfoAccess',
  'subjectKeyIdentifier', 'authorityKeyIdentifier', 'sid', 'publicKey', 'signatureAlgorithm', 'extensions', 'fingerprints',
  'x5tS256', 'der',
]);

const INTERNAL = Symbol('internal');

/** @type {(certificate: Certificate) => Handle} */
let handleOf;
/** @type {(value: unknown) => value is Certificate} */
let isCertificate;

// A handle on the decoded certificate; each section is fetched and converted when it is first asked for, and then kept.
class Certificate {
  /** @type {Handle} */ #handle;
  /** @type {Record<string, any> | undefined} */ #kept;

  static {
    handleOf = (certificate) => {
      if (!isCertificate(certificate)) throw new TypeError('not a Certificate');
      return certificate.#handle;
    };
    isCertificate = /** @type {(value: unknown) => value is Certificate} */ (
      (value) => typeof value === 'object' && value !== null && #handle in value
    );
  }

  /** @param {symbol} token @param {Handle} handle */
  constructor(token, handle) {
    if (token !== INTERNAL) throw new TypeError('Illegal constructor');
    this.#handle = handle;
    Object.freeze(this);
  }

  /** @template T @param {string} section @param {() => T} make @returns {T} */
  #keep(section, make) {
    // Without a prototype: what somebody added to that of all objects is no section of a certificate.
    const kept = (this.#kept ??= /** @type {Record<string, any>} */ (Object.create(null)));
    if (!(section in kept)) kept[section] = make();
    return kept[section];
  }

  get #header() {
    return this.#keep('header', () => this.#handle.header());
  }

  get #usages() {
    return this.#keep('usages', () => this.#handle.usages());
  }

  get #identifiers() {
    return this.#keep('identifiers', () => this.#handle.identifiers());
  }

  get #digests() {
    return this.#keep('digests', () => this.#handle.digests());
  }

  get #names() {
    return this.#keep('names', () => {
      const { subject, issuer } = this.#handle.names();
      return { subject: wrapName(subject), issuer: wrapName(issuer) };
    });
  }

  get der() {
    return this.#handle.der();
  }

  get pem() {
    return encodePem(this.#handle.der());
  }

  get version() {
    return this.#header.version;
  }

  get serialNumber() {
    return this.#header.serialNumber;
  }

  get subject() {
    return this.#names.subject;
  }

  get issuer() {
    return this.#names.issuer;
  }

  get notBefore() {
    return new Date(this.#header.notBefore);
  }

  get notAfter() {
    return new Date(this.#header.notAfter);
  }

  get subjectAltNames() {
    return this.#keep('subjectAltNames', () => frozenList(this.#handle.subjectAltNames(), altName));
  }

  get issuerAltNames() {
    return this.#keep('issuerAltNames', () => frozenList(this.#handle.issuerAltNames(), altName));
  }

  get keyUsage() {
    return this.#keep('keyUsage', () => namesOfBits(this.#usages.keyUsage ?? 0, KEY_USAGES));
  }

  get extendedKeyUsage() {
    return this.#keep('extendedKeyUsage', () => Object.freeze(this.#usages.extendedKeyUsage ?? []));
  }

  get basicConstraints() {
    return this.#keep('basicConstraints', () => Object.freeze(this.#usages.basicConstraints));
  }

  get policies() {
    return this.#keep('policies', () =>
      frozenList(this.#handle.policies(), ({ oid, qualifiers }) =>
        Object.freeze({ oid, qualifiers: frozenList(qualifiers, policyQualifier) }),
      ),
    );
  }

  get nameConstraints() {
    return this.#keep('nameConstraints', () => {
      const constraints = this.#handle.nameConstraints();
      return (
        constraints &&
        Object.freeze({
          permitted: frozenList(constraints.permitted, nameSubtree),
          excluded: frozenList(constraints.excluded, nameSubtree),
        })
      );
    });
  }

  get crlDistributionPoints() {
    return this.#keep('crlDistributionPoints', () => frozenList(this.#handle.crlDistributionPoints(), distributionPoint));
  }

  get authorityInfoAccess() {
    return this.#keep('authorityInfoAccess', () =>
      frozenList(this.#handle.authorityInfoAccess(), ({ method, location }) =>
        Object.freeze({ method, location: altName(location) }),
      ),
    );
  }

  get subjectKeyIdentifier() {
    const { subjectKeyIdentifier } = this.#identifiers;
    return subjectKeyIdentifier && upperHex(subjectKeyIdentifier);
  }

  get authorityKeyIdentifier() {
    return this.#keep('authorityKeyIdentifier', () => {
      const identifier = this.#identifiers.authorityKeyIdentifier;
      return (
        identifier &&
        Object.freeze({
          keyIdentifier: identifier.keyIdentifier && upperHex(identifier.keyIdentifier),
          issuer: frozenList(identifier.issuer, altName),
          serialNumber: identifier.serialNumber,
        })
      );
    });
  }

  get sid() {
    return this.#identifiers.sid;
  }

  get publicKey() {
    return this.#keep('publicKey', () => {
      const { algorithm, type, bits, curve, curveName, exponent, der } = this.#handle.publicKey();
      return withOctets(
        {
          type: type ?? algorithm,
          algorithm,
          bits,
          curve: curveName ?? curve,
          exponent: exponent && BigInt('0x' + exponent.toString('hex')),
          pinSha256: this.#digests.publicKeySha256.toString('base64'),
        },
        'der',
        der,
      );
    });
  }

  get signatureAlgorithm() {
    return this.#keep('signatureAlgorithm', () => {
      const { oid, name, parameters } = this.#header.signatureAlgorithm;
      return withOctets({ oid, name: name ?? oid }, 'parameters', parameters);
    });
  }

  get extensions() {
    return this.#keep('extensions', () => 
      frozenList(this.#handle.extensions(), ({ oid, critical, value }) => withOctets({ oid, critical }, 'value', value)),
    );
  }

  get fingerprints() {
    return this.#keep('fingerprints', () => {
      const { sha1, sha256, sha512 } = this.#digests;
      return Object.freeze({ sha1: upperHex(sha1), sha256: upperHex(sha256), sha512: upperHex(sha512) });
    });
  }

  get x5tS256() {
    return this.#digests.sha256.toString('base64url');
  }

  toX509Certificate() {
    return new X509Certificate(this.#handle.der());
  }

  /** Every field as plain values: octets as base64, dates as ISO 8601, names as { rfc4514, rdns }, exponent as decimal text. */
  toJSON() {
    return Object.fromEntries(JSON_FIELDS.map((field) => [field, plain(this[field])]));
  }

  /** @param {number} depth @param {import('node:util').InspectOptions} options */
  [inspect.custom](depth, options) {
    if (depth < 0) return '[Certificate]';
    const { serialNumber, notBefore, notAfter, subjectAltNames } = this;
    return `Certificate ${inspect(
      {
        subject: this.subject.toString(),
        issuer: this.issuer.toString(),
        serialNumber,
        notBefore,
        notAfter,
        subjectAltNames,
        sha256: this.fingerprints.sha256,
      },
      options,
    )}`;
  }
}

/** @param {Handle} handle */
function wrapCertificate(handle) {
  return new Certificate(INTERNAL, handle);
}

/** @param {unknown} input @returns {Uint8Array} DER, as far as one can tell without decoding it */
function derOf(input) {
  if (input instanceof X509Certificate) return input.raw;
  const text = typeof input === 'string';
  if (!text && !(input instanceof Uint8Array)) {
    throw new TypeError('a certificate is DER (Buffer, Uint8Array), PEM (string, Buffer) or a crypto.X509Certificate');
  }
  if (!text && !isPem(input)) return input;
  const blocks = decodePem(input);
  if (blocks.length === 1) return blocks[0];
  const expected = `exactly one CERTIFICATE block, not ${blocks.length === 0 ? 'none' : blocks.length}`;
  throw new ClientCertError('ERR_CLIENT_CERT_MALFORMED', `malformed PEM: expected ${expected}`, { offset: 0, expected });
}

/** @param {Uint8Array} der @returns {Handle} */
function parseDer(der) {
  const parsed = native.Certificate.parse(der);
  if (parsed instanceof native.Certificate) return parsed;
  const { offset, expected } = parsed;
  const message = `malformed certificate at octet ${offset}: expected ${expected}`;
  throw new ClientCertError('ERR_CLIENT_CERT_MALFORMED', message, { offset, expected });
}

/** @param {Buffer | Uint8Array | string | X509Certificate} input */
function parseCertificate(input) {
  return wrapCertificate(parseDer(derOf(input)));
}

module.exports = { Certificate, parseCertificate, wrapCertificate, handleOf, isCertificate };
