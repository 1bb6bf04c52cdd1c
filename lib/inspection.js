// @ts-check
'use strict';
// What is known of a connection's client, by the handshake that was observed, else by what Node.js can say of it.

const { clientChanged } = require('./changed-client.js');
const { clientEnd, handshakePending } = require('./connection.js');
const { ClientCertError } = require('./errors.js');
const { native } = require('./native.js');
const { withTexts } = require('./octet-text.js');
const { inspectUnobserved } = require('./unobserved.js');

/**
 * @typedef {object} Inspection
 * @property {boolean} watched whether native.connectionChanges() tells when this is no longer so
 * @property {boolean} resumed
 * @property {string[]} presented DER as Latin-1, which is smaller than a Buffer; leaf first
 * @property {number} decodable how many of those there are up to the first that the strict decoder refused
 * @property {import('../binding.js').NativeVerdict<string>} verdict
 * @property {import('../binding.js').NativeEvidence | null} evidence of the verifier, where one decided
 * @property {boolean} ofConnection whether the verdict has a problem that only the connection knows of
 */

/** @param {import('../binding.js').Inspection} inspection @returns {Inspection} */
function unpacked({ certificates, ends, presented, verdict, ...rest }) {
  const texts = ends.map((end, place) => certificates.toString('latin1', ends[place - 1] ?? 0, end));
  const textOf = (/** @type {number} */ place) => texts[place];
  return { ...rest, presented: presented.map(textOf), verdict: withTexts(verdict, textOf) };
}

/**
 * @param {import('node:tls').TLSSocket} socket
 * @param {Buffer} finished
 * @param {number} now ms
 * @param {import('../binding.js').Verifier | undefined} verifier
 * @returns {Inspection | null} null: no certificate was sent
 */
function inspectConnection(socket, finished, now, verifier) {
  const seconds = Math.floor(now / 1000);
  const inspection = native.inspectConnection(finished, seconds, verifier);
  if (typeof inspection !== 'string') return unpacked(inspection);
  switch (inspection) {
    case 'noCertificate':
      return null;
    case 'handshakePending':
      throw handshakePending();
    case 'changed':
      throw clientChanged();
    case 'ambiguous':
      throw new ClientCertError(
        'ERR_CLIENT_CERT_AMBIGUOUS',
        'two connections of this thread have the same Finished message; nothing is said of either',
      );
    case 'clientEnd':
      throw clientEnd();
    default:
      return inspectUnobserved(socket, verifier && { native: verifier, seconds });
  }
}

module.exports = { inspectConnection };
