// @ts-check
'use strict';
// From checked options to the settings of the native verifier, and from what it cannot read back to where that came from.

const { encodedOf } = require('./certificate.js');
const { ClientCertError } = require('./errors.js');

/**
 * @typedef {import('../binding.js').NativeVerifierSettings} NativeVerifierSettings
 * @typedef {import('./verifier-options.js').CheckedVerifierOptions} CheckedVerifierOptions
 * @typedef {import('./verifier-material.js').VerifierMaterial} VerifierMaterial
 * @typedef {import('./material/read.js').Material} Material
 */

const NAMES = /** @type {const} */ (['dns', 'email', 'uri', 'ip', 'upn', 'commonName']);

/** @param {Material | undefined} material */
const dersOf = (material) => (material?.ders ?? []).map(({ der }) => der);

/** @param {VerifierMaterial['distrusted']} distrusted */
function distrustedOf(distrusted) {
  return {
    distrusted: dersOf(distrusted?.certificates),
    distrustedCertificates: [...(distrusted?.fingerprints ?? [])],
    distrustedKeys: [...(distrusted?.keys ?? [])],
  };
}

/**
 * @param {CheckedVerifierOptions} options
 * @param {VerifierMaterial} material
 * @param {import('./revocation/options.js').CheckedRevocationOptions} revocation
 * @param {{ mode: 'none' | 'cached' | 'online', responses: readonly Buffer[] }} inForce
 * @returns {NativeVerifierSettings}
 */
function nativeSettings(options, material, revocation, { mode, responses }) {
  const expected = options.expectedName ?? {};
  const { responderCertificate } = revocation.ocsp;
  return {
    ca: material.ca.ders.map(({ der, auxiliary }) => ({ der, auxiliary })),
    intermediates: dersOf(material.intermediates),
    crls: dersOf(material.crls),
    allowedIssuers: dersOf(material.allowedIssuers),
    ...distrustedOf(material.distrusted),
    purposes: [...options.purpose.purposes],
    expectedName: /** @type {NativeVerifierSettings['expectedName']} */ (
      Object.fromEntries(NAMES.map((name) => [name, expected[name] ?? null]))
    ),
    policies: {
      initial: [...(options.policies.initial ?? [])],
      requireExplicit: options.policies.requireExplicit,
      inhibitMapping: options.policies.inhibitMapping,
      inhibitAny: options.policies.inhibitAny,
    },
    maxIntermediates: options.maxDepth,
    securityLevel: options.minimumSecurityLevel,
    minimumRsaBits: options.minimumRsaBits ?? 0,
    signatureAlgorithms: [...(options.signatureAlgorithms ?? [])],
    allowPartialChain: options.allowPartialChain,
    strict: options.strict,
    revocation: {
      mode,
      check: revocation.check,
      onUnknownLeaf: revocation.onUnknown.leaf,
      onUnknownCa: revocation.onUnknown.ca,
      freshness: revocation.freshness ?? null,
      nonce: revocation.ocsp.nonce,
      responder: revocation.ocsp.responder ?? null,
      skew: revocation.ocsp.skew,
      ocspResponses: [...responses],
      responderCertificate: responderCertificate ? encodedOf(responderCertificate) : null,
    },
  };
}

/**
 * @param {import('../binding.js').NativeSettingsFault} fault
 * @param {VerifierMaterial} material
 */
function settingsError({ input, index, reason, offset, expected }, material) {
  const list = /** @type {Material | undefined} */ (/** @type {any} */ (material)[input]);
  const origin = list?.ders?.[index]?.origin ?? `${input}[${index}]`;
  const detail = expected === null ? '' : `: expected ${expected} at octet ${offset}`;
  return new ClientCertError('ERR_CLIENT_CERT_MALFORMED', `${origin} ${reason}${detail}`, {
    offset: offset ?? 0,
    expected: expected ?? 'what OpenSSL can read',
  });
}

module.exports = { nativeSettings, settingsError };
