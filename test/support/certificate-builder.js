'use strict';
// Certificates and CRLs for tests, made in plain JavaScript with full control over every octet.

const crypto = require('node:crypto');
const der = require('./der.js');

/** @typedef {Buffer | string | Record<string, string | Buffer> | Array<Record<string, string | Buffer>>} NameLike */

const attributeTypes = {
  CN: '2.5.4.3', SN: '2.5.4.4', serialNumber: '2.5.4.5', C: '2.5.4.6', L: '2.5.4.7', ST: '2.5.4.8', STREET: '2.5.4.9',
  O: '2.5.4.10', OU: '2.5.4.11', title: '2.5.4.12', GN: '2.5.4.42', UID: '0.9.2342.19200300.100.1.1',
  DC: '0.9.2342.19200300.100.1.25', emailAddress: '1.2.840.113549.1.9.1',
};

/** @param {string} type short name or OID @param {string | Buffer} value a Buffer is the value's whole DER */
function attribute(type, value) {
  const content = Buffer.isBuffer(value) ? value : type === 'DC' || type === 'emailAddress' ? der.ia5(value) : der.utf8(value);
  return der.seq(der.oid(attributeTypes[type] ?? type), content);
}

/**
 * A Name. 'Ada' is a common name; `{ O: 'Example', CN: 'Ada' }` has one RDN for each key; an array has one RDN for each of its
 * objects, with several attributes where an object has several keys. Types are short names or OIDs; a Buffer in place of a
 * string is the value's DER. A Buffer in place of all is the name's DER.
 *
 * @param {NameLike} value
 */
function name(value) {
  if (Buffer.isBuffer(value)) return value;
  if (typeof value === 'string') return name([{ CN: value }]);
  if (!Array.isArray(value)) return name(Object.entries(value).map(([type, text]) => ({ [type]: text })));
  return der.seq(...value.map((rdn) => der.setOf(...Object.entries(rdn).map(([type, text]) => attribute(type, text)))));
}

/** A GeneralName of each kind. */
const altName = {
  /** @param {string} oid @param {Buffer} content the value's DER */
  otherName: (oid, content) => der.ctx(0, der.oid(oid), der.ctx(0, content)),
  /** @param {string} value */
  upn: (value) => altName.otherName('1.3.6.1.4.1.311.20.2.3', der.utf8(value)),
  /** @param {string | Uint8Array} value */
  email: (value) => der.ctxPrimitive(1, value),
  /** @param {string | Uint8Array} value */
  dns: (value) => der.ctxPrimitive(2, value),
  /** @param {...Buffer} contents */
  x400Address: (...contents) => der.ctx(3, ...contents),
  /** @param {NameLike} value */
  dirName: (value) => der.ctx(4, name(value)),
  /** @param {...Buffer} contents */
  ediPartyName: (...contents) => der.ctx(5, ...contents),
  /** @param {string | Uint8Array} value */
  uri: (value) => der.ctxPrimitive(6, value),
  /** @param {string | Uint8Array | number[]} value dotted IPv4, or the octets (with the mask, for a name constraint) */
  ip: (value) => der.ctxPrimitive(7, Buffer.from(typeof value === 'string' ? value.split('.').map(Number) : value)),
  /** @param {string} oid */
  registeredId: (oid) => der.ctxPrimitive(8, der.oidOctets(oid)),
};

/** @param {string} oid @param {Buffer} value the content of extnValue @param {boolean} [critical] */
function extension(oid, value, critical = false) {
  return der.seq(der.oid(oid), ...(critical ? [der.bool(true)] : []), der.octets(value));
}

const keyUsageBits = [
  'digitalSignature', 'nonRepudiation', 'keyEncipherment', 'dataEncipherment', 'keyAgreement', 'keyCertSign', 'cRLSign',
  'encipherOnly', 'decipherOnly',
];

/** Extensions for `makeCertificate({ extensions })`. Each has RFC 5280's criticality unless told otherwise. */
const extensions = {
  /** @param {{ ca?: boolean, pathLength?: number, critical?: boolean }} [options] */
  basicConstraints: ({ ca = true, pathLength, critical = true } = {}) =>
    extension('2.5.29.19',
      der.seq(...(ca ? [der.bool(true)] : []), ...(pathLength === undefined ? [] : [der.int(pathLength)])), critical),
  /** @param {string[]} usages names of RFC 5280 @param {boolean} [critical] */
  keyUsage: (usages, critical = true) =>
    extension('2.5.29.15', der.namedBits(...usages.map((usage) => keyUsageBits.indexOf(usage))), critical),
  /** @param {string[]} oids @param {boolean} [critical] */
  extendedKeyUsage: (oids, critical = false) => extension('2.5.29.37', der.seq(...oids.map(der.oid)), critical),
  /** @param {Buffer[]} names of altName @param {boolean} [critical] */
  subjectAltName: (names, critical = false) => extension('2.5.29.17', der.seq(...names), critical),
  /** @param {Buffer[]} names of altName @param {boolean} [critical] */
  issuerAltName: (names, critical = false) => extension('2.5.29.18', der.seq(...names), critical),
  /** @param {{ permitted?: Buffer[], excluded?: Buffer[], critical?: boolean }} options names of altName */
  nameConstraints: ({ permitted = [], excluded = [], critical = true }) =>
    extension('2.5.29.30', der.seq(
      ...(permitted.length > 0 ? [der.ctx(0, ...permitted.map((base) => der.seq(base)))] : []),
      ...(excluded.length > 0 ? [der.ctx(1, ...excluded.map((base) => der.seq(base)))] : [])), critical),
  /** @param {Buffer} identifier */
  subjectKeyIdentifier: (identifier) => extension('2.5.29.14', der.octets(identifier)),
  /** @param {{ keyIdentifier?: Buffer, issuer?: Buffer[], serial?: number | bigint }} options issuer: names of altName */
  authorityKeyIdentifier: ({ keyIdentifier: identifier, issuer, serial }) =>
    extension('2.5.29.35', der.seq(
      ...(identifier ? [der.ctxPrimitive(0, identifier)] : []),
      ...(issuer ? [der.ctx(1, ...issuer)] : []),
      ...(serial === undefined ? [] : [der.ctxPrimitive(2, der.int(serial).subarray(2))]))),
  /** @param {Array<string | { oid: string, cps?: string }>} policies @param {boolean} [critical] */
  policies: (policies, critical = false) =>
    extension('2.5.29.32', der.seq(...policies.map((policy) => {
      const { oid, cps } = typeof policy === 'string' ? { oid: policy, cps: undefined } : policy;
      if (cps === undefined) return der.seq(der.oid(oid));
      return der.seq(der.oid(oid), der.seq(der.seq(der.oid('1.3.6.1.5.5.7.2.1'), der.ia5(cps))));
    })), critical),
  /** @param {string[]} uris one distribution point for each */
  crlDistributionPoints: (uris) =>
    extension('2.5.29.31', der.seq(...uris.map((uri) => der.seq(der.ctx(0, der.ctx(0, altName.uri(uri))))))),
  /** @param {{ ocsp?: string[], caIssuers?: string[] }} options URIs */
  authorityInfoAccess: ({ ocsp = [], caIssuers = [] }) =>
    extension('1.3.6.1.5.5.7.1.1', der.seq(
      ...ocsp.map((uri) => der.seq(der.oid('1.3.6.1.5.5.7.48.1'), altName.uri(uri))),
      ...caIssuers.map((uri) => der.seq(der.oid('1.3.6.1.5.5.7.48.2'), altName.uri(uri))))),
  /** Microsoft's security identifier. @param {string} value 'S-1-5-...' */
  sid: (value) =>
    extension('1.3.6.1.4.1.311.25.2', der.seq(altName.otherName('1.3.6.1.4.1.311.25.2.1', der.octets(Buffer.from(value))))),
};

/** @param {crypto.KeyObject | Buffer} key a public key, a private key (its public half is taken), or the SPKI itself */
function publicKeyInfo(key) {
  if (Buffer.isBuffer(key)) return key;
  const publicKey = key.type === 'private' ? crypto.createPublicKey(key) : key;
  return /** @type {Buffer} */ (publicKey.export({ type: 'spki', format: 'der' }));
}

/** The octets of subjectPublicKey, hashed: RFC 5280 4.2.1.2 method (1). @param {crypto.KeyObject | Buffer} key */
function keyIdentifier(key) {
  const info = publicKeyInfo(key);
  // The BIT STRING is the last element of the SEQUENCE: its header is found by walking over the AlgorithmIdentifier.
  const headerLength = (at) => (info[at + 1] < 0x80 ? 2 : 2 + (info[at + 1] & 0x7f));
  const contentLength = (at) => {
    if (info[at + 1] < 0x80) return info[at + 1];
    return info.readUIntBE(at + 2, info[at + 1] & 0x7f);
  };
  const algorithm = headerLength(0);
  const bits = algorithm + headerLength(algorithm) + contentLength(algorithm);
  return crypto.createHash('sha1').update(info.subarray(bits + headerLength(bits) + 1)).digest();
}

const signatureOids = {
  rsa: {
    md5: '1.2.840.113549.1.1.4', sha1: '1.2.840.113549.1.1.5', sha256: '1.2.840.113549.1.1.11',
    sha384: '1.2.840.113549.1.1.12', sha512: '1.2.840.113549.1.1.13',
  },
  ec: { sha1: '1.2.840.10045.4.1', sha256: '1.2.840.10045.4.3.2', sha384: '1.2.840.10045.4.3.3', sha512: '1.2.840.10045.4.3.4' },
  dsa: { sha1: '1.2.840.10040.4.3', sha256: '2.16.840.1.101.3.4.3.2' },
};

/** @param {crypto.KeyObject} key @param {string} digest @returns {{ identifier: Buffer, digest: string | null }} */
function signatureAlgorithm(key, digest) {
  const type = String(key.asymmetricKeyType);
  if (type === 'ed25519') return { identifier: der.seq(der.oid('1.3.101.112')), digest: null };
  if (type === 'ed448') return { identifier: der.seq(der.oid('1.3.101.113')), digest: null };
  const oid = signatureOids[type]?.[digest];
  if (!oid) throw new TypeError(`no signature algorithm for ${type} with ${digest}`);
  return { identifier: type === 'rsa' ? der.seq(der.oid(oid), der.nul()) : der.seq(der.oid(oid)), digest };
}

/** SEQUENCE { tbs, algorithm, signature } @param {Buffer} tbs @param {crypto.KeyObject} key @param {{ identifier: Buffer, digest: string | null }} algorithm */
function signed(tbs, key, { identifier, digest }) {
  return der.seq(tbs, identifier, der.bitString(crypto.sign(digest, tbs, key)));
}

/**
 * @typedef {object} CertificateOptions
 * @property {NameLike} [subject] default: 'Test'
 * @property {NameLike} [issuer] default: the subject
 * @property {crypto.KeyObject | Buffer} [subjectPublicKey] default: the signing key's
 * @property {crypto.KeyObject} signingKey private: RSA, EC, DSA, Ed25519 or Ed448
 * @property {string} [digest] default: 'sha256'
 * @property {number | bigint} [serial] default: 1
 * @property {Date} [notBefore] default: 2020-01-01
 * @property {Date} [notAfter] default: 2040-01-01
 * @property {Buffer[]} [extensions] default: none; each from `extensions` or `extension()`
 * @property {number} [version] 1, 2 or 3; default: 3 where there are extensions, else 1
 * @property {(tbs: Tbs) => Tbs | void} [tbsPatch] changes fields before they are signed
 * @property {Buffer} [outerAlgorithm] in place of a copy of the inner one
 *
 * @typedef {Record<'version' | 'serial' | 'signature' | 'issuer' | 'validity' | 'subject' | 'publicKey' | 'issuerUniqueId' |
 *   'subjectUniqueId' | 'extensions', Buffer>} Tbs the DER of each field, empty where absent, in this order
 */

/** @param {CertificateOptions} options @returns {Buffer} DER */
function makeCertificate(options) {
  const { signingKey, digest = 'sha256', subject = 'Test', serial = 1, extensions: list = [] } = options;
  const { notBefore = new Date('2020-01-01T00:00:00Z'), notAfter = new Date('2040-01-01T00:00:00Z') } = options;
  const version = options.version ?? (list.length > 0 ? 3 : 1);
  const algorithm = signatureAlgorithm(signingKey, digest);
  const nothing = Buffer.alloc(0);
  /** @type {Tbs} */
  const fields = {
    version: version === 1 ? nothing : der.ctx(0, der.int(version - 1)),
    serial: der.int(serial),
    signature: algorithm.identifier,
    issuer: name(options.issuer ?? subject),
    validity: der.seq(der.time(notBefore), der.time(notAfter)),
    subject: name(subject),
    publicKey: publicKeyInfo(options.subjectPublicKey ?? signingKey),
    issuerUniqueId: nothing,
    subjectUniqueId: nothing,
    extensions: list.length > 0 ? der.ctx(3, der.seq(...list)) : nothing,
  };
  const patched = options.tbsPatch?.(fields) ?? fields;
  const certificate = signed(der.seq(...Object.values(patched)), signingKey, algorithm);
  if (!options.outerAlgorithm) return certificate;
  return der.seq(der.seq(...Object.values(patched)), options.outerAlgorithm, der.bitString(Buffer.alloc(8)));
}

const reasonCodes = {
  unspecified: 0, keyCompromise: 1, cACompromise: 2, affiliationChanged: 3, superseded: 4, cessationOfOperation: 5,
  certificateHold: 6, removeFromCRL: 8, privilegeWithdrawn: 9, aACompromise: 10,
};

/**
 * A version 2 CRL. `number` is the CRL number; `extensions` are further CRL extensions; `reason` is a name of RFC 5280.
 *
 * @param {{ issuer: NameLike, signingKey: crypto.KeyObject, digest?: string, thisUpdate?: Date, nextUpdate?: Date | null,
 *   revoked?: Array<{ serial: number | bigint, date?: Date, reason?: string, extensions?: Buffer[] }>,
 *   number?: number | bigint, extensions?: Buffer[] }} options nextUpdate: null leaves it out
 * @returns {Buffer} DER
 */
function makeCrl({
  issuer, signingKey, digest = 'sha256', thisUpdate = new Date('2020-01-01T00:00:00Z'),
  nextUpdate = new Date('2040-01-01T00:00:00Z'), revoked = [], number = 1, extensions: list = [],
}) {
  const algorithm = signatureAlgorithm(signingKey, digest);
  const entries = revoked.map((entry) => {
    const entryExtensions = [...(entry.extensions ?? [])];
    if (entry.reason) entryExtensions.push(extension('2.5.29.21', der.enumerated(reasonCodes[entry.reason])));
    return der.seq(der.int(entry.serial), der.time(entry.date ?? thisUpdate),
      ...(entryExtensions.length > 0 ? [der.seq(...entryExtensions)] : []));
  });
  const tbs = der.seq(
    der.int(1), algorithm.identifier, name(issuer), der.time(thisUpdate), ...(nextUpdate ? [der.time(nextUpdate)] : []),
    ...(entries.length > 0 ? [der.seq(...entries)] : []),
    der.ctx(0, der.seq(extension('2.5.29.20', der.int(number)), ...list)));
  return signed(tbs, signingKey, algorithm);
}

/** RFC 7468. @param {Uint8Array} bytes @param {string} [label] */
function toPem(bytes, label = 'CERTIFICATE') {
  const lines = Buffer.from(bytes).toString('base64').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

module.exports = {
  makeCertificate, makeCrl, name, attribute, altName, extension, extensions, publicKeyInfo, keyIdentifier, signatureAlgorithm, reasonCodes,
  toPem,
};
