// @ts-check
'use strict';
// A connection that was made before this package was loaded: its handshake was not seen, and its SSL cannot be reached. What Node's public
// interfaces say has to do, and what they do not say is not assumed.

const { problemKinds, problemsOfOpenSsl } = require('./constants.js');
const { ClientCertError } = require('./errors.js');
const { native } = require('./native.js');

const MAX_CHAIN = 100;

/** @param {import('node:tls').TLSSocket} socket @returns {Buffer[]} leaf first, as far as Node still has them */
function chainOf(socket) {
  /** @type {Buffer[]} */
  const chain = [];
  // Not getPeerX509Certificate(): on some Node lines its first call takes the chain away from everybody else.
  let certificate = /** @type {any} */ (socket.getPeerCertificate(true));
  while (certificate?.raw && chain.length < MAX_CHAIN && !chain.some((der) => der.equals(certificate.raw))) {
    chain.push(certificate.raw);
    certificate = certificate.issuerCertificate;
  }
  return chain;
}

/**
 * @param {import('node:tls').TLSSocket} socket
 * @param {import('../binding.js').Certificate | null} leaf
 * @returns {string[]} problem codes
 */
function problemsOf(socket, leaf) {
  const codes = new Set();
  if (socket.authorized !== true) {
    const error = String(socket.authorizationError ?? '');
    codes.add(problemsOfOpenSsl.get(error) ?? 'VERIFICATION_INCOMPLETE');
  } else if (socket.isSessionReused()) {
    // TLS verifies nothing when a session resumes, and Node says authorized all the same.
    codes.add('VERIFICATION_INCOMPLETE');
  }
  if (!leaf) {
    codes.add('CERT_MALFORMED');
  } else {
    const { notBefore, notAfter } = leaf.header();
    if (Date.now() < notBefore) codes.add('CERT_NOT_YET_VALID');
    if (Date.now() >= notAfter) codes.add('CERT_EXPIRED');
  }
  /** @param {string} code */
  const precedence = (code) => problemKinds.get(code)?.precedence ?? 0;
  return [...codes].sort((a, b) => precedence(a) - precedence(b));
}

/** @param {import('../binding.js').Certificate | null} leaf @returns {number} ms; now, where nothing is known */
function nextChange(leaf) {
  if (!leaf) return Date.now();
  const { notBefore, notAfter } = leaf.header();
  return Date.now() < notBefore ? notBefore : notAfter;
}

/**
 * @param {import('node:tls').TLSSocket} socket
 * @returns {import('../binding.js').Inspection | null}
 */
function inspectUnobserved(socket) {
  if (socket.getEphemeralKeyInfo() !== null) {
    throw new ClientCertError(
      'ERR_CLIENT_CERT_NOT_SUPPORTED',
      "this is the client's end of the connection, where the peer is the server; ask at the server's end",
    );
  }
  const presentedEncoded = chainOf(socket);
  if (presentedEncoded.length === 0) return null;
  const presented = [];
  for (const der of presentedEncoded) {
    const certificate = native.Certificate.parse(der);
    if (!(certificate instanceof native.Certificate)) break;
    presented.push(certificate);
  }
  const leaf = presented[0] ?? null;
  const codes = problemsOf(socket, leaf);
  const kinds = codes.map((code) => /** @type {import('../binding.js').ProblemKind} */ (problemKinds.get(code)));
  const errorStatus = kinds.reduce((bits, kind) => bits | kind.errorStatus, 0) >>> 0;
  return {
    resumed: socket.isSessionReused(),
    presentedEncoded,
    presented,
    verdict: {
      problems: codes.map((code) => ({ code, depth: 0 })),
      elements: [{ certificate: leaf, errorStatus, infoStatus: 0 }],
      certFlags: kinds[0]?.flag ?? 0,
      certFlagsName: kinds[0]?.flagName ?? 'SEC_E_OK',
      errorStatus,
      validUntil: Math.floor(nextChange(leaf) / 1000),
    },
  };
}

module.exports = { inspectUnobserved };
