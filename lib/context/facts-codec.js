// @ts-check
'use strict';
// Facts as JSON and back. Going back, everything is looked at: what has another shape than it should have is refused as a whole.

/**
 * @typedef {object} Codec
 * @property {(value: any) => unknown} write
 * @property {(json: any) => any} read throws a TypeError
 */

/** @param {(value: unknown) => boolean} isOne @returns {Codec} */
const plain = (isOne) => ({
  write: (value) => value,
  read(json) {
    if (!isOne(json)) throw new TypeError('another type was expected');
    return json;
  },
});

const text = plain((value) => typeof value === 'string');
const flag = plain((value) => typeof value === 'boolean');
const count = plain((value) => Number.isInteger(value) && /** @type {number} */ (value) >= 0 && /** @type {number} */ (value) <= 0xffffffff);
// Dates of JavaScript reach that far: 8.64e15 ms.
const seconds = plain((value) => Number.isInteger(value) && Math.abs(/** @type {number} */ (value)) <= 8.64e12);

/** @type {Codec} */
const octets = {
  write: (value) => value.toString('base64'),
  read(json) {
    const decoded = Buffer.from(text.read(json), 'base64');
    if (decoded.toString('base64') !== json) throw new TypeError('base64 was expected');
    return decoded;
  },
};

/** @param {Codec} codec @returns {Codec} */
const orNull = (codec) => ({
  write: (value) => (value === null ? null : codec.write(value)),
  read: (json) => (json === null ? null : codec.read(json)),
});

/** @param {Codec} codec @returns {Codec} */
const listOf = (codec) => ({
  write: (value) => value.map(codec.write),
  read(json) {
    if (!Array.isArray(json)) throw new TypeError('an array was expected');
    return json.map(codec.read);
  },
});

/** @param {Record<string, Codec>} members @returns {Codec} */
const objectOf = (members) => ({
  write: (value) => Object.fromEntries(Object.entries(members).map(([name, codec]) => [name, codec.write(value[name])])),
  read(json) {
    if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new TypeError('an object was expected');
    const unknown = Object.keys(json).find((name) => !Object.hasOwn(members, name));
    if (unknown !== undefined) throw new TypeError('a member is unknown');
    return Object.freeze(
      Object.fromEntries(
        Object.entries(members).map(([name, codec]) => {
          if (!Object.hasOwn(json, name)) throw new TypeError(`${name} is missing`);
          return [name, codec.read(json[name])];
        }),
      ),
    );
  },
});

/** Of TLS: all but the key material, which is kept apart. */
const tlsFacts = objectOf({
  isServer: flag,
  attributes: count,
  connection: objectOf({
    protocol: text,
    cipherSuite: orNull(text),
    cipherSuiteNumber: count,
    cipher: orNull(text),
    cipherStrength: count,
    hash: orNull(text),
    hashStrength: count,
    keyExchange: orNull(text),
    keyExchangeGroup: orNull(text),
    keyExchangeStrength: orNull(count),
  }),
  sizes: objectOf({ header: count, trailer: count, maximumMessage: count, blockSize: count }),
  session: objectOf({ id: octets, resumed: flag, extendedMasterSecret: flag, start: seconds, expiry: seconds }),
  serverName: orNull(text),
  applicationProtocol: orNull(text),
  issuers: listOf(octets),
  signatureSchemes: listOf(count),
  ownSignature: orNull(count),
  peerSignature: orNull(count),
  serverCertificate: orNull(octets),
  ownCertificate: orNull(octets),
  peerCertificates: listOf(octets),
  uniqueBinding: orNull(objectOf({ type: text, token: octets })),
  endPointBinding: orNull(octets),
  userName: orNull(text),
  openssl: text,
});

/** Of a context of GSSAPI, likewise. */
const gssFacts = objectOf({
  attributes: count,
  packageName: text,
  scheme: text,
  principal: text,
  flags: count,
  start: seconds,
  expiry: orNull(seconds),
  userName: orNull(text),
  endPointBinding: orNull(octets),
});

/** @typedef {'tls' | 'gss'} Kind */

/** @type {Record<Kind, Codec>} */
const CODECS = { tls: tlsFacts, gss: gssFacts };

/** @param {Kind} kind @param {object} value @returns {Buffer} */
const writeFacts = (kind, value) => Buffer.from(JSON.stringify(CODECS[kind].write(value)));

/**
 * @param {Kind} kind
 * @param {Buffer} octetsOfJson
 * @returns {any} without the key material
 * @throws {TypeError | SyntaxError}
 */
const readFactsJson = (kind, octetsOfJson) => CODECS[kind].read(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(octetsOfJson)));

module.exports = { readFactsJson, writeFacts };
