// @ts-check
'use strict';
// The options of a Verifier that are material: which kind each takes, what of it may be missing, and all of it read, and read again.

const { ClientCertError } = require('./errors.js');
const { flattened } = require('./material/inputs.js');
const { readMaterial, readMaterialAsync } = require('./material/read.js');

/**
 * @typedef {import('./material/read.js').Material} Material
 * @typedef {import('./material/read.js').Source} Source
 *
 * @typedef {object} Distrusted frozen
 * @property {Material} certificates
 * @property {readonly Buffer[]} keys SHA-256 digests of SubjectPublicKeyInfos
 * @property {readonly Buffer[]} fingerprints SHA-256 digests of certificates
 *
 * @typedef {object} VerifierMaterial frozen
 * @property {Material} ca not empty
 * @property {Material | undefined} intermediates
 * @property {Material | undefined} crls
 * @property {Distrusted | undefined} distrusted
 * @property {Material | undefined} allowedIssuers not empty
 *
 * @typedef {'ca' | 'intermediates' | 'crls' | 'distrusted' | 'allowedIssuers'} MaterialOption
 */

const MATERIAL_OPTIONS = /** @type {const} */ (['ca', 'intermediates', 'crls', 'distrusted', 'allowedIssuers']);

// Without CAs nobody would be let in; an empty list of issuers would mean none to whoever wrote it, and all to whoever reads it.
const NEVER_EMPTY = new Set(['ca', 'allowedIssuers']);

const DIGEST = /^(?:[0-9A-F]{64}|(?:[0-9A-F]{2}:){31}[0-9A-F]{2})$/i;
const PIN = /^sha256\/([A-Za-z0-9+/]{43}=)$/;

/** @param {unknown} value @returns {{ digest: Buffer, isPin: boolean } | null} */
function digestOf(value) {
  if (typeof value !== 'string') return null;
  if (DIGEST.test(value)) return { digest: Buffer.from(value.replaceAll(':', ''), 'hex'), isPin: false };
  const [, base64] = PIN.exec(value) ?? [];
  const digest = Buffer.from(base64 ?? '', 'base64');
  if (base64 !== undefined && digest.toString('base64') === base64) return { digest, isPin: true };
  if (value.startsWith('sha256/')) throw new TypeError("distrusted: a pin is 'sha256/' and the SHA-256 of a SubjectPublicKeyInfo in base64");
  return null;
}

/** The same without its digests, and each thing in its place still: messages name it. @param {unknown} input @returns {unknown} */
function withoutDigests(input) {
  if (!Array.isArray(input)) return digestOf(input) ? [] : input;
  return Array.from(input, (value) => (Array.isArray(value) ? value.filter((inner) => !digestOf(inner)) : withoutDigests(value)));
}

/** @param {unknown} input */
function digestsIn(input) {
  const digests = flattened('distrusted', input).flatMap(({ value }) => digestOf(value) ?? []);
  return {
    keys: Object.freeze(digests.map(({ digest }) => digest)),
    // Hexadecimal digits are what programs print for a certificate, and others for a key: whichever was meant is distrusted.
    fingerprints: Object.freeze(digests.filter(({ isPin }) => !isPin).map(({ digest }) => digest)),
  };
}

/** @param {MaterialOption} option @param {Material} material @returns {Material} */
function checked(option, material) {
  if (NEVER_EMPTY.has(option) && material.ders.length === 0) {
    throw new ClientCertError('ERR_CLIENT_CERT_MALFORMED', `${option}: there is no certificate in it`);
  }
  // Settings for a trust anchor. Whoever puts them elsewhere expects something of them that will not happen.
  const settings = option === 'ca' ? undefined : material.ders.find(({ auxiliary }) => auxiliary);
  if (settings) throw new ClientCertError('ERR_CLIENT_CERT_MALFORMED', `${settings.origin}: a TRUSTED CERTIFICATE has a meaning in ca only`);
  return material;
}

/**
 * @param {Record<string, unknown>} own the options that were given
 * @returns {{ option: MaterialOption, parameters: [string, 'certificate' | 'crl', unknown], finish: (material: Material) => Material | Distrusted }[]}
 */
function readings(own) {
  const given = MATERIAL_OPTIONS.filter((option) => own[option] !== undefined);
  return given.map((option) => {
    const input = own[option];
    if (option !== 'distrusted') {
      return { option, parameters: [option, option === 'crls' ? 'crl' : 'certificate', input], finish: (material) => checked(option, material) };
    }
    const digests = digestsIn(input);
    return {
      option,
      parameters: [option, 'certificate', withoutDigests(input)],
      finish: (material) => Object.freeze({ certificates: checked(option, material), ...digests }),
    };
  });
}

/** @param {Record<string, unknown>} own the options that were given, ca among them @returns {VerifierMaterial} */
function readMaterialOptions(own) {
  const read = readings(own).map(({ option, parameters, finish }) => [option, finish(readMaterial(...parameters))]);
  return Object.freeze(Object.fromEntries(read));
}

/**
 * @param {Record<string, unknown>} own the options that were given
 * @param {AbortSignal} [signal]
 * @returns {Promise<Partial<VerifierMaterial>>} of those
 */
async function readMaterialOptionsAsync(own, signal) {
  /** @type {Record<string, unknown>} */
  const read = {};
  for (const { option, parameters, finish } of readings(own)) read[option] = finish(await readMaterialAsync(...parameters, signal));
  return Object.freeze(read);
}

/**
 * What its sources hold by now, all or nothing.
 *
 * @param {VerifierMaterial} material
 * @param {AbortSignal} [signal]
 * @returns {Promise<VerifierMaterial>} rejects as readMaterialAsync, and where something that may not be empty is empty now
 */
async function rereadMaterial(material, signal) {
  /** @type {Record<string, unknown>} */
  const read = {};
  for (const option of MATERIAL_OPTIONS) {
    const before = material[option];
    if (before === undefined) continue;
    if ('reread' in before) read[option] = checked(option, await before.reread(signal));
    else read[option] = Object.freeze({ ...before, certificates: checked(option, await before.certificates.reread(signal)) });
  }
  return /** @type {VerifierMaterial} */ (Object.freeze(read));
}

/** @param {Partial<VerifierMaterial>} material @returns {Source[]} what is to be kept fresh */
function sourcesOf(material) {
  return MATERIAL_OPTIONS.flatMap((option) => {
    const given = material[option];
    if (given === undefined) return [];
    return 'watched' in given ? given.watched : given.certificates.watched;
  });
}

module.exports = { MATERIAL_OPTIONS, readMaterialOptions, readMaterialOptionsAsync, rereadMaterial, sourcesOf };
