// @ts-check
'use strict';
// What is known of a connection's client, by the handshake that was observed, else by what Node.js can say of it.

const { clientChanged } = require('./changed-client.js');
const { clientEnd, handshakePending } = require('./connection.js');
const { problemKinds } = require('./constants.js');
const { ClientCertError } = require('./errors.js');
const { native } = require('./native.js');
const { withTexts } = require('./octet-text.js');
const { inspectUnobserved } = require('./unobserved.js');

/**
 * @typedef {object} Inspection
 * @property {boolean} watched whether connectionChanges() tells when this is no longer so
 * @property {boolean} resumed
 * @property {string[]} presented DER as Latin-1, which is smaller than a Buffer; leaf first
 * @property {number} decodable how many of those there are up to the first that the strict decoder refused
 * @property {import('../binding.js').NativeVerdict<string>} verdict
 * @property {import('../binding.js').NativeEvidence | null} evidence of the verifier, where one decided
 * @property {boolean} ofConnection whether the verdict has a problem that only the connection knows of
 */

const [WATCHED, RESUMED, OF_CONNECTION] = [1, 2, 4];
const NOT_DECODED = 0xffffffff;
const kinds = Object.freeze([...problemKinds.values()]);

/** Reads what binding.d.ts says of it. */
class Message {
  #octets;
  #at = 0;

  /** @param {Buffer} octets */
  constructor(octets) {
    this.#octets = octets;
  }

  number() {
    const number = this.#octets.readUInt32LE(this.#at);
    this.#at += 4;
    return number;
  }

  signed() {
    return this.number() | 0;
  }

  /** @template T @param {() => T} one @returns {T[]} as many as the next number says */
  several(one) {
    const all = [];
    for (let left = this.number(); left > 0; left -= 1) all.push(one());
    return all;
  }

  /** @returns {(place: number) => string} after all else: the certificates, as Latin-1 */
  certificates() {
    const ends = this.several(() => this.number());
    const texts = ends.map((end, place) => this.#octets.toString('latin1', this.#at + (ends[place - 1] ?? 0), this.#at + end));
    return (place) => texts[place];
  }
}

/** @param {Message} message @returns {import('../binding.js').NativeVerdict<number>} encoded: a place */
function verdictIn(message) {
  const [certFlags, errorStatus] = [message.number(), message.number()];
  const validUntil = message.number() + message.signed() * 2 ** 32;
  const problems = message.several(() => ({ code: kinds[message.number()].code, depth: message.number() }));
  const elements = message.several(() => ({ encoded: message.number(), errorStatus: message.number(), infoStatus: message.number() }));
  // The gravest is the first.
  const certFlagsName = problems.length === 0 ? 'SEC_E_OK' : /** @type {import('../binding.js').ProblemKind} */ (problemKinds.get(problems[0].code)).flagName;
  return { problems, elements, certFlags, certFlagsName, errorStatus, validUntil };
}

/** @param {import('../binding.js').Inspection} inspection @returns {Inspection} */
function unpacked({ message: octets, evidence }) {
  const message = new Message(octets);
  const bits = message.number();
  const decodable = message.number();
  const verdict = verdictIn(message);
  const presented = message.several(() => message.number());
  const textOf = message.certificates();
  return {
    watched: (bits & WATCHED) !== 0,
    resumed: (bits & RESUMED) !== 0,
    ofConnection: (bits & OF_CONNECTION) !== 0,
    presented: presented.map(textOf),
    decodable,
    verdict: withTexts(verdict, (place) => (place === NOT_DECODED ? null : textOf(place))),
    evidence,
  };
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
