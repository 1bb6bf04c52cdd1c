'use strict';
// @ts-check

const { X509Certificate } = require('node:crypto');
const { inspect } = require('node:util');

const { withCopied } = require('./copied.js');
const { publicAttribute, wrapName } = require('./distinguished-name.js');
const { ClientCertError } = require('./errors.js');
const { essentialsOfDer } = require('./essentials.js');
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

/** @template T, R @param {readonly T[] | null} list @param {(element: T, index: number) => R} convert */
const frozenList = (list, convert) => Object.freeze((list ?? []).map(convert));

/** @param {NativeAltName} name @returns {AltName} */
function altName(name) {
  if (name.type === 'dirName') return Object.freeze({ type: name.type, value: wrapName(name.value) });
  if (!('der' in name)) return Object.freeze(name);
  const { der, ...rest } = name;
  return /** @type {any} */ (withCopied(rest, { der }));
}

/** @param {import('../binding.js').NativeNameSubtree} subtree */
function nameSubtree({ base, minimum, maximum }) {
  const name = altName(base);
  if (!('der' in name)) return Object.freeze({ ...name, minimum, maximum });
  const { der, ...rest } = name;
  return withCopied({ ...rest, minimum, maximum }, { der });
}

/** @param {import('../binding.js').NativePolicyQualifier} qualifier */
function policyQualifier({ type, oid, value, der }) {
  if (type === 'cps') return Object.freeze({ type, value });
  if (type === 'userNotice') return withCopied({ type, value }, { der });
  return withCopied({ type, oid }, { der });
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

/** @param {() => import('../binding.js').NativeName} whole its octets, for which hardly anybody asks @param {import('./essentials.js').PackedName} name */
function nameOf(whole, { rdns }) {
  return wrapName({ rdns, der: () => whole().der });
}

/** @param {() => NativeAltName[]} others with their octets @param {import('./essentials.js').PackedAltName[]} names @returns {readonly AltName[]} */
function unpackedAltNames(others, names) {
  if (names.some(({ type }) => type === 'dirName' || type === 'x400Address' || type === 'ediPartyName')) return frozenList(others(), altName);
  const altNameOf = (/** @type {import('./essentials.js').PackedAltName} */ { type, oid, value }, /** @type {number} */ index) =>
    oid === ''
      ? Object.freeze({ type, value })
      : withCopied({ type, oid, value }, { der: () => /** @type {{ der: Buffer }} */ (others()[index]).der });
  return /** @type {any} */ (frozenList(names, altNameOf));
}

// By the numbers that the native half has for them.
const [SHA1, SHA256, SHA512] = [0, 1, 2];

const INTERNAL = Symbol('internal');

/** Its octets, which are for the native half only. @type {(certificate: import('./index.js').Certificate) => Buffer} */
let encodedOf;
/** @type {(value: unknown) => value is import('./index.js').Certificate} */
let isCertificate;

// Octets that the strict decoder accepts. What is in them is decoded when it is first asked for, and then kept.
class Certificate {
  /** Nobody else's; a text is Latin-1. @type {Buffer | string} */ #der;
  /** @type {Handle | undefined} made when something is asked for that only it can tell */ #made;
  /** @type {Record<string, any> | undefined} */ #kept;
  /** @type {import('./essentials.js').Essentials | undefined} */ #unpacked;
  /** @type {import('./index.js').DistinguishedName | undefined} */ #subject;
  /** @type {import('./index.js').DistinguishedName | undefined} */ #issuer;

  static {
    encodedOf = (certificate) => {
      if (!isCertificate(certificate)) throw new TypeError('not a Certificate');
      return /** @type {Certificate} */ (/** @type {unknown} */ (certificate)).#octets;
    };
    isCertificate = /** @type {(value: unknown) => value is import('./index.js').Certificate} */ (
      (value) => typeof value === 'object' && value !== null && #der in value
    );
  }

  /** @param {symbol} token @param {Buffer | string} der @param {import('./essentials.js').Essentials} [essentials] */
  constructor(token, der, essentials) {
    if (token !== INTERNAL) throw new TypeError('Illegal constructor');
    this.#der = der;
    this.#unpacked = essentials;
    Object.freeze(this);
  }

  get #octets() {
    return typeof this.#der === 'string' ? Buffer.from(this.#der, 'latin1') : this.#der;
  }

  get #handle() {
    return (this.#made ??= accepted(native.Certificate.parse(this.#octets)));
  }

  /** @template T @param {string} section @param {() => T} make @returns {T} */
  #keep(section, make) {
    // Without a prototype: what somebody added to that of all objects is no section of a certificate.
    const kept = (this.#kept ??= /** @type {Record<string, any>} */ (Object.create(null)));
    if (!(section in kept)) kept[section] = make();
    return kept[section];
  }

  get #essentials() {
    return (this.#unpacked ??= accepted(essentialsOfDer(this.#octets)));
  }

  get #identifiers() {
    return this.#keep('identifiers', () => this.#handle.identifiers());
  }

  get der() {
    return Buffer.from(this.#octets);
  }

  get pem() {
    return encodePem(this.der);
  }

  get version() {
    return this.#essentials.version;
  }

  get serialNumber() {
    return this.#essentials.serialNumber;
  }

  get subject() {
    return (this.#subject ??= nameOf(() => this.#handle.names().subject, this.#essentials.subject));
  }

  get issuer() {
    return (this.#issuer ??= nameOf(() => this.#handle.names().issuer, this.#essentials.issuer));
  }

  get notBefore() {
    return new Date(this.#essentials.notBefore);
  }

  get notAfter() {
    return new Date(this.#essentials.notAfter);
  }

  get subjectAltNames() {
    return this.#keep('subjectAltNames', () => {
      const others = () => /** @type {NativeAltName[]} */ (this.#handle.subjectAltNames());
      return unpackedAltNames(others, this.#essentials.subjectAltNames);
    });
  }

  get issuerAltNames() {
    return this.#keep('issuerAltNames', () => frozenList(this.#handle.issuerAltNames(), altName));
  }

  get keyUsage() {
    return this.#keep('keyUsage', () => namesOfBits(this.#essentials.keyUsage, KEY_USAGES));
  }

  get extendedKeyUsage() {
    return this.#keep('extendedKeyUsage', () => Object.freeze(this.#essentials.extendedKeyUsage));
  }

  get basicConstraints() {
    return this.#keep('basicConstraints', () => Object.freeze(this.#handle.usages().basicConstraints));
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
      return withCopied(
        {
          type: type ?? algorithm,
          algorithm,
          bits,
          curve: curveName ?? curve,
          exponent: exponent && BigInt('0x' + exponent.toString('hex')),
          pinSha256: Buffer.from(native.Certificate.fingerprint(der, SHA256), 'hex').toString('base64'),
        },
        { der },
      );
    });
  }

  get signatureAlgorithm() {
    return this.#keep('signatureAlgorithm', () => {
      const { oid, name, parameters } = this.#handle.header().signatureAlgorithm;
      return withCopied({ oid, name: name ?? oid }, { parameters });
    });
  }

  get extensions() {
    return this.#keep('extensions', () =>
      frozenList(this.#handle.extensions(), ({ oid, critical, value }) => withCopied({ oid, critical }, { value })),
    );
  }

  get fingerprints() {
    return this.#keep('fingerprints', () => {
      /** @type {(string | undefined)[]} */ const made = [undefined, undefined, undefined];
      const fingerprint = (/** @type {number} */ algorithm) => (made[algorithm] ??= native.Certificate.fingerprint(this.#octets, algorithm));
      // Whoever asks for one of them need not wait for the others.
      return withCopied({}, { sha1: () => fingerprint(SHA1), sha256: () => fingerprint(SHA256), sha512: () => fingerprint(SHA512) });
    });
  }

  get x5tS256() {
    return Buffer.from(this.fingerprints.sha256, 'hex').toString('base64url');
  }

  toX509Certificate() {
    return new X509Certificate(this.der);
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

/**
 * @param {Buffer | string} der that the strict decoder has accepted, and that nobody changes. Latin-1 where it is kept for long: nothing that V8 has
 *   for octets is as small.
 */
const certificateOf = (der) => /** @type {import('./index.js').Certificate} */ (/** @type {unknown} */ (new Certificate(INTERNAL, der)));

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

/** @template {object} T @param {T | import('../binding.js').NativeMalformed} decoded @returns {T} */
function accepted(decoded) {
  if (!Object.hasOwn(decoded, 'expected')) return /** @type {T} */ (decoded);
  const { offset, expected } = /** @type {import('../binding.js').NativeMalformed} */ (decoded);
  const message = `malformed certificate at octet ${offset}: expected ${expected}`;
  throw new ClientCertError('ERR_CLIENT_CERT_MALFORMED', message, { offset, expected });
}

/** @param {Buffer | Uint8Array | string | X509Certificate} input */
function parseCertificate(input) {
  // A copy, before it is looked at: the caller may change his.
  const der = Buffer.from(derOf(input));
  return new Certificate(INTERNAL, der, accepted(essentialsOfDer(der)));
}

module.exports = { Certificate, parseCertificate, certificateOf, encodedOf, isCertificate };
