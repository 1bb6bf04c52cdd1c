// @ts-check
'use strict';
// The values of Active Directory's attribute altSecurityIdentities ([MS-PKCA] 3.1.5.2.1): 'X509:<I>DC=com,DC=contoso,CN=CA<SR>2b0000000001'.

const { createHash } = require('node:crypto');

const { oidOfAttribute } = require('./attribute-names.js');

/**
 * @typedef {import('../index.js').Certificate} Certificate
 * @typedef {import('../index.js').DistinguishedName} DistinguishedName
 *
 * @typedef {object} Identity frozen
 * @property {'strong' | 'weak'} strength weak: whoever has a certificate issued can choose what is compared
 * @property {(certificate: Certificate) => boolean} matches
 */

const MAX_LENGTH = 8192;
const TAG = /<(I|SR|S|SKI|SHA1-PUKEY|RFC822|SID)>/;

/** @type {Record<string, 'strong' | 'weak'>} by the tags, in order */
const STRENGTHS = Object.assign(Object.create(null), {
  'I S': 'weak', S: 'weak', RFC822: 'weak', 'I SR': 'strong', SKI: 'strong', 'SHA1-PUKEY': 'strong', 'I SID': 'strong',
});

/** @typedef {{ type: string, value: string, encoded: boolean }} Attribute encoded: '#' and hexadecimal */

/** Each octet may be written as '\xx'. @param {string} text @param {string} where @returns {string} */
function unescaped(text, where) {
  return text.replace(/(?:\\[0-9a-f]{2})+|\\([\s\S]?)/gi, (escape, character) => {
    if (character === '') throw new TypeError(`${where}: nothing follows a '\\'`);
    return character ?? Buffer.from(escape.replaceAll('\\', ''), 'hex').toString();
  });
}

/** @param {string} text 'CN=alice' @param {string} where @returns {Attribute} */
function attributeOf(text, where) {
  const match = /^\s*([A-Za-z0-9.-]+)\s*=([\s\S]*)$/.exec(text);
  const type = match && oidOfAttribute(match[1]);
  if (!match || !type) throw new TypeError(`${where}: '${text}' is not an attribute of a name`);
  const value = match[2].replace(/^[ \r\n]+/, '');
  if (value.startsWith('#')) return { type, value: value.trimEnd().toLowerCase(), encoded: true };
  if (value.startsWith('"')) {
    const quoted = /^"((?:[^"\\]|\\[\s\S]|"")*)"\s*$/.exec(value);
    if (!quoted) throw new TypeError(`${where}: '${text}': a quotation mark is missing`);
    return { type, value: unescaped(quoted[1].replaceAll('""', '"'), where), encoded: false };
  }
  if (value.replace(/\\[\s\S]/g, '').includes('"')) throw new TypeError(`${where}: '${text}': a quotation mark within a value is escaped`);
  // A blank at the end counts where it is escaped.
  const end = /(?<!\\)(?:\\\\)*\\ $/.test(value) ? value : value.replace(/[ \r\n]+$/, (blanks, at) => (value[at - 1] === '\\' ? blanks[0] : ''));
  return { type, value: unescaped(end, where), encoded: false };
}

/** Splits at separators that are neither escaped nor quoted. @param {string} text @param {string} where @returns {Attribute[][]} RDNs in Active Directory's order */
function parseName(text, where) {
  const rdns = [[]];
  let quoted = false;
  let start = 0;
  const finish = (/** @type {number} */ end) => {
    if (text.slice(start, end).trim() === '') throw new TypeError(`${where}: an attribute is missing in the name`);
    rdns[rdns.length - 1].push(/** @type {never} */ (attributeOf(text.slice(start, end), where)));
  };
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '\\') at += 1;
    else if (character === '"') quoted = !quoted;
    else if (!quoted && (character === ',' || character === '\r' || character === '\n' || character === '+')) {
      finish(at);
      if (character !== '+') rdns.push([]);
      if (character === '\r' && text[at + 1] === '\n') at += 1;
      start = at + 1;
    }
  }
  finish(text.length);
  return rdns;
}

/** @param {Attribute} attribute */
const comparable = ({ type, value, encoded }) => JSON.stringify([type, encoded, value]);

/** One text for each RDN; the order within one does not count. @param {readonly (readonly Attribute[])[]} rdns */
const comparableRdns = (rdns) => rdns.map((rdn) => rdn.map(comparable).sort().join());

/** @param {string} text @param {string} where @returns {(name: DistinguishedName) => boolean} */
function nameMatcher(text, where) {
  // The order of a certificate: that of Active Directory, the reverse of RFC 4514's.
  const wanted = comparableRdns(parseName(text, where));
  return ({ rdns }) => {
    const actual = comparableRdns(
      rdns.map((rdn) => rdn.map(({ type, value, stringType }) => ({ type, value, encoded: stringType === 'other' }))),
    );
    return actual.length === wanted.length && actual.every((rdn, index) => rdn === wanted[index]);
  };
}

/** @param {string} text @param {string} where @returns {string} lower case */
function hexIn(text, where) {
  if (!/^(?:[0-9a-f]{2})+$/i.test(text)) throw new TypeError(`${where}: hexadecimal is needed, two digits for each octet`);
  return text.toLowerCase();
}

/** @param {string} text octets in reverse order @param {string} where @returns {(certificate: Certificate) => boolean} */
function serialMatcher(text, where) {
  const octets = Buffer.from(hexIn(text, where), 'hex').reverse().toString('hex').toUpperCase();
  const digits = octets.replace(/^(?:00)+(?=..)/, '');
  return ({ serialNumber }) => serialNumber === digits;
}

/** The content of the BIT STRING, which is the last element of a SubjectPublicKeyInfo. @param {Buffer} der of our own reader, so well formed */
function subjectPublicKey(der) {
  const header = (/** @type {number} */ at) => (der[at + 1] < 0x80 ? 2 : 2 + (der[at + 1] & 0x7f));
  const content = (/** @type {number} */ at) => (der[at + 1] < 0x80 ? der[at + 1] : der.readUIntBE(at + 2, der[at + 1] & 0x7f));
  const algorithm = header(0);
  const bits = algorithm + header(algorithm) + content(algorithm);
  // The first octet counts the bits that are not used.
  return der.subarray(bits + header(bits) + 1);
}

/**
 * Named after the public key, and documented as its hash; but Microsoft's own tools write the hash of the certificate there. Nobody can make a
 * certificate to fit either, so both are taken.
 *
 * @param {string} text @param {string} where @returns {(certificate: Certificate) => boolean}
 */
function publicKeyMatcher(text, where) {
  const wanted = hexIn(text, where);
  if (wanted.length !== 40) throw new TypeError(`${where}: a SHA-1 hash has 40 hexadecimal digits`);
  return ({ publicKey, fingerprints }) =>
    createHash('sha1').update(subjectPublicKey(publicKey.der)).digest('hex') === wanted || fingerprints.sha1.toLowerCase() === wanted;
}

/** Case does not count in a domain (RFC 5280 section 7.5). @param {string} address */
const comparableAddress = (address) => address.replace(/@[^@]*$/, (domain) => domain.replace(/[A-Z]/g, (letter) => letter.toLowerCase()));

/** @type {Record<string, (text: string, where: string) => (certificate: Certificate) => boolean>} */
const MATCHERS = Object.assign(Object.create(null), {
  I: (/** @type {string} */ text, /** @type {string} */ where) => {
    const matches = nameMatcher(text, where);
    return (/** @type {Certificate} */ { issuer }) => matches(issuer);
  },
  S: (/** @type {string} */ text, /** @type {string} */ where) => {
    const matches = nameMatcher(text, where);
    return (/** @type {Certificate} */ { subject }) => matches(subject);
  },
  SR: serialMatcher,
  SKI: (/** @type {string} */ text, /** @type {string} */ where) => {
    const wanted = hexIn(text, where).toUpperCase();
    return (/** @type {Certificate} */ { subjectKeyIdentifier }) => subjectKeyIdentifier === wanted;
  },
  'SHA1-PUKEY': publicKeyMatcher,
  RFC822: (/** @type {string} */ text) => {
    const wanted = comparableAddress(text);
    return (/** @type {Certificate} */ { subjectAltNames }) =>
      subjectAltNames.some((name) => name.type === 'email' && comparableAddress(name.value) === wanted);
  },
  SID: (/** @type {string} */ text, /** @type {string} */ where) => {
    if (!/^S-1-[0-9]{1,15}(?:-[0-9]{1,10}){1,15}$/.test(text)) throw new TypeError(`${where}: '${text}' is not a security identifier`);
    return (/** @type {Certificate} */ { sid }) => sid === text;
  },
});

/**
 * @param {unknown} value
 * @param {string} where for messages
 * @returns {Identity}
 * @throws {TypeError}
 */
function parseAltSecurityIdentity(value, where) {
  if (typeof value !== 'string' || !value.startsWith('X509:') || value.length > MAX_LENGTH) {
    throw new TypeError(`${where} must be a string such as 'X509:<I>DC=com,DC=contoso,CN=CA<SR>2b0000000001'`);
  }
  const [before, ...rest] = value.slice('X509:'.length).split(TAG);
  const tags = rest.filter((_, index) => index % 2 === 0);
  const strength = before === '' ? STRENGTHS[tags.join(' ')] : undefined;
  if (strength === undefined) {
    throw new TypeError(`${where}: expected <I>..<SR>.., <SKI>.., <SHA1-PUKEY>.., <I>..<SID>.., <I>..<S>.., <S>.. or <RFC822>..`);
  }
  const matchers = tags.map((tag, index) => {
    const text = rest[2 * index + 1];
    if (text === '') throw new TypeError(`${where}: <${tag}>: a value is needed`);
    return MATCHERS[tag](text, `${where}: <${tag}>`);
  });
  return Object.freeze({ strength, matches: (/** @type {Certificate} */ certificate) => matchers.every((matches) => matches(certificate)) });
}

module.exports = { parseAltSecurityIdentity };
