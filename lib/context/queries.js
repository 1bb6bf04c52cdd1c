// @ts-check
'use strict';
// QueryContextAttributes: what a security context answers, by name. Each answer is new, so that nobody changes another's.

const { parseCertificate } = require('../certificate.js');
const { wrapName } = require('../distinguished-name.js');
const { ClientCertError } = require('../errors.js');
const { native } = require('../native.js');
const { signatureSchemeName } = require('./signature-schemes.js');

/** @typedef {import('./facts.js').Facts} Facts */

// sspi.h: SECPKG_FLAG_INTEGRITY, _PRIVACY, _CONNECTION, _MULTI_REQUIRED, _EXTENDED_ERROR, _IMPERSONATION, _STREAM, _MUTUAL_AUTH.
const CAPABILITIES = 0x1 | 0x2 | 0x10 | 0x20 | 0x80 | 0x100 | 0x400 | 0x10000;
// A record of TLS 1.2 with everything that may be around it (RFC 5246 section 6.2.3).
const MAX_TOKEN = 5 + 16384 + 2048;

/** @param {Buffer | null | undefined} der @returns {import('../index.js').Certificate | null} also where our strict decoder refuses it */
function certificateOf(der) {
  if (!der) return null;
  try {
    return /** @type {any} */ (parseCertificate(der));
  } catch (error) {
    if (error instanceof ClientCertError) return null;
    throw error;
  }
}

/** @param {Buffer} der what OpenSSL alone can read is left out */
function nameOf(der) {
  const name = native.parseName(der);
  return name ? [wrapName(name)] : [];
}

const copyOf = (/** @type {Buffer} */ octets) => Buffer.from(octets);
const copyOrNull = (/** @type {Buffer | null} */ octets) => octets && copyOf(octets);
const dateOf = (/** @type {number} */ seconds) => new Date(seconds * 1000);

/** @param {Facts} facts @returns {Buffer | null} of the client, whichever end this is */
const clientCertificateOf = ({ isServer, peerCertificates, ownCertificate }) => (isServer ? (peerCertificates[0] ?? null) : ownCertificate);

/**
 * As GSSAPI and SASL want it (RFC 5929): the type, a colon, the token.
 *
 * @param {string} type
 * @param {Buffer} token
 * @returns {import('../index.js').ChannelBinding}
 */
const bindingOf = (type, token) =>
  Object.freeze({ type: /** @type {import('../index.js').ChannelBinding['type']} */ (type), token: copyOf(token), applicationData: Buffer.concat([Buffer.from(`${type}:`), token]) });

/** @param {Facts['uniqueBinding']} binding */
const uniqueBindingOf = (binding) => binding && bindingOf(binding.type, binding.token);
/** @param {Buffer | null} token */
const endpointBindingOf = (token) => token && bindingOf('tls-server-end-point', token);

/** @type {Record<string, (facts: Facts) => unknown>} */
const QUERIES = {
  lifespan(facts) {
    const certificate = certificateOf(clientCertificateOf(facts));
    return {
      start: certificate?.notBefore ?? null,
      expiry: certificate?.notAfter ?? null,
      session: { start: dateOf(facts.session.start), expiry: dateOf(facts.session.expiry) },
    };
  },
  connectionInfo: ({ connection }) => ({ ...connection }),
  names(facts) {
    const certificate = certificateOf(clientCertificateOf(facts));
    return {
      userName: facts.userName,
      subject: certificate?.subject.toString() ?? null,
      subjectAltNames: certificate?.subjectAltNames ?? [],
      serverName: facts.serverName,
    };
  },
  sizes: ({ sizes }) => ({ ...sizes }),
  packageInfo: ({ openssl }) => ({ name: 'TLS', comment: `TLS by OpenSSL ${openssl}`, version: 1, capabilities: CAPABILITIES, maxToken: MAX_TOKEN }),
  remoteCertificate: ({ peerCertificates }) => certificateOf(peerCertificates[0]),
  remoteCertificateChain: ({ peerCertificates }) => peerCertificates.map(copyOf),
  localCertificate: ({ ownCertificate }) => certificateOf(ownCertificate),
  serverCertificate: ({ serverCertificate }) => certificateOf(serverCertificate),
  issuerList: ({ issuers }) => issuers.flatMap(nameOf),
  sessionInfo: ({ session: { id, resumed, extendedMasterSecret } }) => ({ id: copyOf(id), resumed, extendedMasterSecret }),
  uniqueBindings: ({ uniqueBinding }) => uniqueBindingOf(uniqueBinding),
  endpointBindings: ({ endPointBinding }) => endpointBindingOf(endPointBinding),
  signatureAlgorithms: ({ signatureSchemes, ownSignature, peerSignature }) => ({
    accepted: signatureSchemes.map(signatureSchemeName),
    local: ownSignature === null ? null : signatureSchemeName(ownSignature),
    remote: peerSignature === null ? null : signatureSchemeName(peerSignature),
  }),
  applicationProtocol: ({ applicationProtocol }) => applicationProtocol,
  sessionKey: ({ sessionKey }) => copyOrNull(sessionKey),
};

const NAMES = Object.keys(QUERIES);

/**
 * @param {unknown} name
 * @param {Facts} facts
 * @returns {unknown}
 * @throws {RangeError} for a name that is not known
 */
function answer(name, facts) {
  if (typeof name !== 'string' || !Object.hasOwn(QUERIES, name)) {
    throw new RangeError(`query: ${typeof name === 'string' ? `'${name}'` : typeof name} is none of ${NAMES.join(', ')}`);
  }
  return QUERIES[name](facts);
}

module.exports = { answer, endpointBindingOf, uniqueBindingOf };
