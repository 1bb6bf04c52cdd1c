// @ts-check
'use strict';
// A connection that was made before this package was loaded: its handshake was not seen, and its SSL cannot be reached. What Node's public
// interfaces say has to do, and what they do not say is not assumed.

const { clientEnd, handshakePending } = require('./connection.js');
const { problemKinds, problemsOfOpenSsl } = require('./constants.js');
const { native } = require('./native.js');
const { textOf, withTexts } = require('./octet-text.js');

/** @typedef {import('../binding.js').Certificate} Handle */
/** @typedef {{ code: string, depth: number }} Problem */

const MAX_CHAIN = 100;

// Node 20 and 22: the first getPeerX509Certificate() takes the chain away from everybody else. Node 24: getPeerCertificate() crashes on a
// certificate whose public key OpenSSL cannot read.
const [NODE_LINE] = process.versions.node.split('.').map(Number);

/** @param {import('node:tls').TLSSocket} socket @returns {any} with `raw` and `issuerCertificate`; what Node still has */
const certificateOf = (socket) => (NODE_LINE < 23 ? socket.getPeerCertificate(true) : socket.getPeerX509Certificate());

/** @param {import('node:tls').TLSSocket} socket @returns {Buffer[]} leaf first, as far as Node still has them */
function chainOf(socket) {
  /** @type {Buffer[]} */
  const chain = [];
  let certificate = certificateOf(socket);
  while (certificate?.raw && chain.length < MAX_CHAIN && !chain.some((der) => der.equals(certificate.raw))) {
    chain.push(certificate.raw);
    certificate = certificate.issuerCertificate;
  }
  return chain;
}

/**
 * What Node says of the connection: one error at most, without a depth.
 *
 * @param {import('node:tls').TLSSocket} socket
 * @returns {Problem[]}
 */
function problemsOfNode(socket) {
  // TLS verifies nothing when a session resumes, and Node says authorized all the same.
  if (socket.authorized === true) return socket.isSessionReused() ? [{ code: 'VERIFICATION_INCOMPLETE', depth: 0 }] : [];
  return [{ code: problemsOfOpenSsl.get(String(socket.authorizationError)) ?? 'VERIFICATION_INCOMPLETE', depth: 0 }];
}

/**
 * What has changed since Node looked, and what it does not look at. The last certificate of a path is configured, and exempt from decoding.
 *
 * @param {Array<Handle | null>} path
 * @param {number} now ms
 * @returns {Problem[]}
 */
function problemsOfPath(path, now) {
  return path.flatMap((certificate, depth) => {
    if (!certificate) return depth === 0 || depth < path.length - 1 ? [{ code: 'CERT_MALFORMED', depth }] : [];
    const { notBefore, notAfter } = certificate.header();
    if (now < notBefore) return [{ code: 'CERT_NOT_YET_VALID', depth }];
    return now >= notAfter ? [{ code: 'CERT_EXPIRED', depth }] : [];
  });
}

/** @param {string} code */
const kindOf = (code) => /** @type {import('../binding.js').ProblemKind} */ (problemKinds.get(code));

/** @param {Problem[]} problems @returns {Problem[]} each once, in the order in which the core gives them */
function inOrder(problems) {
  const once = new Map(problems.map((problem) => [`${problem.code}@${problem.depth}`, problem]));
  return [...once.values()].sort((a, b) => kindOf(a.code).precedence - kindOf(b.code).precedence || b.depth - a.depth);
}

/** @param {Problem[]} problems */
const errorStatusOf = (problems) => problems.reduce((bits, { code }) => bits | kindOf(code).errorStatus, 0) >>> 0;

/** @param {Array<Handle | null>} path @param {number} now ms @returns {number} ms; now, where nothing is known */
function nextChange(path, now) {
  const moments = path.flatMap((certificate) => {
    const header = certificate?.header();
    return header ? [header.notBefore, header.notAfter] : [];
  });
  const next = Math.min(...moments.filter((moment) => moment > now));
  return Number.isFinite(next) ? next : now;
}

/** @param {Buffer} der @returns {Handle | null} */
function decode(der) {
  const decoded = native.Certificate.parse(der);
  return decoded instanceof native.Certificate ? decoded : null;
}

/** @param {Array<Handle | null>} path how many there are up to the first that is not decoded */
const decodableOf = (path) => (path.includes(null) ? path.indexOf(null) : path.length);

/**
 * @param {import('node:tls').TLSSocket} socket
 * @param {{ native: import('../binding.js').Verifier, seconds: number }} [verifier] decides, by what Node still has of the chain
 * @returns {import('./inspection.js').Inspection | null}
 */
function inspectUnobserved(socket, verifier) {
  if (socket.getEphemeralKeyInfo() !== null) throw clientEnd();
  // Of Node; true until 'secure'. In TLS 1.3 the client's certificate comes after the server's Finished message.
  if (/** @type {any} */ (socket).secureConnecting) throw handshakePending();
  const presentedEncoded = chainOf(socket);
  if (presentedEncoded.length === 0) return null;
  const now = Date.now();
  const path = presentedEncoded.map(decode);
  const outcome = verifier?.native.verify(presentedEncoded, verifier.seconds);
  const known = {
    watched: false, resumed: socket.isSessionReused(), presented: presentedEncoded.map(textOf), decodable: decodableOf(path), ofConnection: false,
  };
  // Before TLS 1.3 a client may be in the midst of a renegotiation, where its certificate is there and its proof is not: nobody tells.
  const isProven = socket.getProtocol() === 'TLSv1.3';
  if (typeof outcome === 'object' && isProven) return { ...known, verdict: withTexts(outcome.verdict, textOf), evidence: outcome };
  // What a verifier cannot read nobody else may judge in its place.
  /** @type {Problem[]} */
  const unread = verifier || !isProven ? [{ code: 'VERIFICATION_INCOMPLETE', depth: 0 }] : [];
  const problems = inOrder([...unread, ...problemsOfNode(socket), ...problemsOfPath(path, now)]);
  const gravest = problems.length > 0 ? kindOf(problems[0].code) : undefined;
  return {
    ...known,
    evidence: null,
    verdict: {
      problems,
      elements: path.map((certificate, depth) => ({
        encoded: certificate && known.presented[depth],
        errorStatus: errorStatusOf(problems.filter((problem) => problem.depth === depth)),
        infoStatus: 0,
      })),
      certFlags: gravest?.flag ?? 0,
      certFlagsName: gravest?.flagName ?? 'SEC_E_OK',
      errorStatus: errorStatusOf(problems),
      validUntil: Math.floor(nextChange(path, now) / 1000),
    },
  };
}

module.exports = { inspectUnobserved };
