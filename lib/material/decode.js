// @ts-check
'use strict';
// From the octets of a file, or of a text, to the DER of what is in it. Whether that is a certificate at all, the core says.
//
// Nothing is passed over: a block that does not belong where it stands is a mistake, and what it was meant to be would be missing without a
// word. Messages have places and labels, never what a file holds: it may be a private key.

const { ClientCertError } = require('../errors.js');
const { decodeBlock, pemBlocks } = require('../pem.js');
const { MAX_FILE_OCTETS, MAX_ITEMS } = require('./budget.js');

/**
 * @typedef {import('./inputs.js').Kind} Kind
 * @typedef {import('../pem.js').PemBlock} PemBlock
 *
 * @typedef {object} Item
 * @property {Buffer} der
 * @property {string} origin for messages: 'ca: ca.pem, block 3'
 * @property {boolean} auxiliary OpenSSL's trust settings may follow the certificate (TRUSTED CERTIFICATE)
 */

/** @type {Record<Kind, { labels: Set<string>, what: string }>} */
const KINDS = {
  certificate: { labels: new Set(['CERTIFICATE', 'X509 CERTIFICATE', 'TRUSTED CERTIFICATE']), what: 'a certificate' },
  crl: { labels: new Set(['X509 CRL', 'CRL']), what: 'a CRL' },
};

// Others may be anything at all, and are not repeated.
const KNOWN_LABELS = new Set([
  ...KINDS.certificate.labels, ...KINDS.crl.labels, 'CERTIFICATE REQUEST', 'NEW CERTIFICATE REQUEST', 'PKCS7', 'CMS', 'PKCS #7 SIGNED DATA',
  'ATTRIBUTE CERTIFICATE', 'PUBLIC KEY', 'RSA PUBLIC KEY', 'PRIVATE KEY', 'ENCRYPTED PRIVATE KEY', 'RSA PRIVATE KEY', 'EC PRIVATE KEY',
  'DSA PRIVATE KEY', 'OPENSSH PRIVATE KEY', 'DH PARAMETERS', 'X9.42 DH PARAMETERS', 'DSA PARAMETERS', 'EC PARAMETERS', 'SSL SESSION PARAMETERS',
]);

/** @param {string} origin @param {string} reason @param {object} [details] */
function malformed(origin, reason, details) {
  return new ClientCertError('ERR_CLIENT_CERT_MALFORMED', `${origin}: ${reason}`, { ...details });
}

/** @param {string} origin @param {number} number from 1 */
const originOfBlock = (origin, number) => `${origin}, block ${number}`;

/** @param {string} origin @param {unknown} error of lib/pem.js */
function malformedPem(origin, error) {
  const { code, expected, line } = /** @type {any} */ (error);
  if (code !== 'ERR_CLIENT_CERT_MALFORMED') throw error;
  return malformed(`${origin}, line ${line}`, `expected ${expected}`, { expected, line });
}

/** @param {Buffer} octets @param {string} origin @returns {PemBlock[]} */
function blocksOf(octets, origin) {
  /** @type {PemBlock[]} */
  const blocks = [];
  try {
    for (const block of pemBlocks(octets)) if (blocks.push(block) > MAX_ITEMS) break;
  } catch (error) {
    throw malformedPem(originOfBlock(origin, blocks.length + 1), error);
  }
  if (blocks.length > MAX_ITEMS) throw malformed(origin, `more than ${MAX_ITEMS} blocks`);
  return blocks;
}

/** @param {string} label @param {Kind} kind */
function wrongLabel(label, kind) {
  // Servers that take one file for certificate and key look for both in it. Who trusts what is in a file has no use for a key, and a key that
  // can be read by everybody who may read the CAs is worth a word.
  if (/\bPRIVATE KEY$/.test(label)) return 'a private key has no place here';
  const what = KNOWN_LABELS.has(label) ? `labelled ${label}` : 'with another label';
  return `expected ${KINDS[kind].what} (${[...KINDS[kind].labels].join(', ')}), not a block ${what}`;
}

/** @param {Buffer} octets @param {PemBlock} block @param {Kind} kind @param {string} origin @returns {Item} */
function itemOf(octets, block, kind, origin) {
  if (!KINDS[kind].labels.has(block.label)) throw malformed(origin, wrongLabel(block.label, kind));
  try {
    return { der: decodeBlock(octets, block), origin, auxiliary: block.label === 'TRUSTED CERTIFICATE' };
  } catch (error) {
    throw malformedPem(origin, error);
  }
}

/**
 * @param {Buffer} octets
 * @returns {number} the length of the SEQUENCE that they begin with; 0 where they do not begin like a certificate or a CRL: no text begins so
 */
function elementLength(octets) {
  if (octets.length < 2 || octets[0] !== 0x30) return 0;
  // A length below 128 is also a letter ('0A' as the beginning of a text), so it has to be right.
  if (octets[1] < 0x80) return octets.length === 2 + octets[1] ? octets.length : 0;
  const lengthOctets = octets[1] & 0x7f;
  if (lengthOctets < 1 || lengthOctets > 4 || octets.length < 2 + lengthOctets) return 0;
  return 2 + lengthOctets + octets.readUIntBE(2, lengthOctets);
}

/** @param {Buffer} octets @param {string} origin */
function mustBeOneElement(octets, origin) {
  const length = elementLength(octets);
  // Which of several counts, and whether the others were seen, nobody could tell.
  if (octets.length > length) {
    throw malformed(origin, `${octets.length - length} octets after the end of the DER; several go into several files, or into PEM`);
  }
  if (octets.length < length) throw malformed(origin, `the DER ends after ${octets.length} of ${length} octets`);
}

/** @param {Buffer} octets @param {string} origin @param {Kind} kind */
function neither(octets, origin, kind) {
  if (octets.length === 0) return malformed(origin, 'empty');
  const [first, second] = octets;
  const hasByteOrderMark = (first === 0xfe && second === 0xff) || (first === 0xff && second === 0xfe);
  // Each character of ASCII leaves one of its two octets empty.
  const isUtf16 = hasByteOrderMark || (first === 0) !== (second === 0);
  if (isUtf16) return malformed(origin, 'PEM is ASCII text; this looks like UTF-16');
  return malformed(origin, `neither PEM nor DER: no block of ${KINDS[kind].what}`);
}

/**
 * @param {Buffer} octets PEM or DER
 * @param {Kind} kind
 * @param {string} origin for messages: 'ca: ca.pem'
 * @returns {Item[]} one or more; of DER without a copy
 * @throws {ClientCertError} ERR_CLIENT_CERT_MALFORMED
 */
function decodeMaterial(octets, kind, origin) {
  if (octets.length > MAX_FILE_OCTETS) throw malformed(origin, `it has ${octets.length} octets, and may have ${MAX_FILE_OCTETS}`);
  if (elementLength(octets) > 0) {
    mustBeOneElement(octets, origin);
    return [{ der: octets, origin, auxiliary: false }];
  }
  const blocks = blocksOf(octets, origin);
  if (blocks.length === 0) throw neither(octets, origin, kind);
  return blocks.map((block, index) => itemOf(octets, block, kind, originOfBlock(origin, index + 1)));
}

/**
 * Whether a file has nothing but blocks of the other kind. Directories often hold the CRLs of their CAs, too.
 *
 * @param {Buffer} octets
 * @param {Kind} kind
 * @param {string} origin
 */
function hasOnlyOtherKind(octets, kind, origin) {
  if (elementLength(octets) > 0) return false;
  const { labels } = KINDS[kind === 'crl' ? 'certificate' : 'crl'];
  const blocks = blocksOf(octets, origin);
  return blocks.length > 0 && blocks.every(({ label }) => labels.has(label));
}

module.exports = { decodeMaterial, hasOnlyOtherKind };
