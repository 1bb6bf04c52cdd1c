// @ts-check
'use strict';
// The matching rules of sss-certmap(5): '<ISSUER>CN=My-CA,DC=example<EKU>clientAuth'.

const { isOid } = require('../oid.js');
const { altNamesOf, isAltNameKeyword, otherNamesOf, textOf } = require('./alt-names.js');
const { allOf, anyOf, compilePattern } = require('./pattern.js');

/**
 * @typedef {import('./pattern.js').Answer} Answer
 * @typedef {import('../index.js').Certificate} Certificate
 * @typedef {import('../index.js').AltName} AltName
 *
 * @typedef {'allow' | 'deny'} Purpose
 * @typedef {(certificate: Certificate, purpose: Purpose) => Answer} Component
 */

// SSSD's.
const DEFAULT_MATCH_RULE = 'KRB5:<KU>digitalSignature<EKU>clientAuth';

const MAX_COMPONENTS = 64;
const MAX_LENGTH = 65536;

const KEY_USAGES = new Map(
  [
    'digitalSignature', 'nonRepudiation', 'keyEncipherment', 'dataEncipherment', 'keyAgreement', 'keyCertSign', 'cRLSign', 'encipherOnly',
    'decipherOnly',
  ].map((name) => [name.toLowerCase(), name]),
);

const EXTENDED_KEY_USAGES = new Map([
  ['serverauth', '1.3.6.1.5.5.7.3.1'],
  ['clientauth', '1.3.6.1.5.5.7.3.2'],
  ['codesigning', '1.3.6.1.5.5.7.3.3'],
  ['emailprotection', '1.3.6.1.5.5.7.3.4'],
  ['timestamping', '1.3.6.1.5.5.7.3.8'],
  ['ocspsigning', '1.3.6.1.5.5.7.3.9'],
  ['kpclientauth', '1.3.6.1.5.2.3.4'],
  ['pkinit', '1.3.6.1.5.2.3.4'],
  ['mssclogin', '1.3.6.1.4.1.311.20.2.2'],
]);

/** @type {Record<string, 'otherName' | 'x400Address' | 'ediPartyName'>} */
const BINARY = Object.assign(Object.create(null), { othername: 'otherName', x400address: 'x400Address', edipartyname: 'ediPartyName' });

/** @param {string} list @param {string} where @param {(name: string) => string | undefined} known @returns {string[]} */
function namesIn(list, where, known) {
  return list.split(',').map((text) => {
    const name = text.trim();
    const found = known(name);
    if (found === undefined) throw new TypeError(`${where}: '${name}' is not known`);
    return found;
  });
}

/**
 * As SSSD has it, an allowing rule wants every name of a kind to match: one more name must not bring more. To deny, one is enough.
 *
 * @param {(certificate: Certificate) => AltName[]} namesOf
 * @param {(name: AltName, purpose: Purpose) => Answer} test
 * @returns {Component}
 */
function altNameComponent(namesOf, test) {
  return (certificate, purpose) => {
    const answers = namesOf(certificate).map((name) => test(name, purpose));
    if (answers.length === 0) return false;
    return purpose === 'deny' ? anyOf(answers) : allOf(answers);
  };
}

/** @param {string} value @param {string} where */
function patternTest(value, where) {
  const pattern = compilePattern(value, where);
  return (/** @type {AltName} */ name, /** @type {Purpose} */ purpose) => {
    const text = textOf(name);
    if (text === null) return null;
    return purpose === 'deny' ? pattern.touches(text) : pattern.test(text);
  };
}

/** The value of a DER element. @param {Buffer} der */
const contentOf = (der) => der.subarray(der[1] < 0x80 ? 2 : 2 + (der[1] & 0x7f));

/** @param {'otherName' | 'x400Address' | 'ediPartyName'} type @param {string} value @param {string} where @returns {Component} */
function binaryComponent(type, value, where) {
  const octets = Buffer.from(value, 'base64');
  if (octets.length === 0 || octets.toString('base64') !== value) throw new TypeError(`${where}: the value must be base64`);
  const isOfType = (/** @type {AltName} */ name) => name.type === type || (type === 'otherName' && name.type === 'upn');
  return altNameComponent(
    (certificate) => certificate.subjectAltNames.filter(isOfType),
    (name, purpose) => {
      if (!('der' in name)) return null;
      // SSSD looks for the octets anywhere in the value: enough to deny, too little to allow.
      return purpose === 'deny' ? name.der.includes(octets) : name.der.equals(octets) || contentOf(name.der).equals(octets);
    },
  );
}

/** @param {string} keyword after 'SAN:' @param {string} value @param {string} where @returns {Component} */
function altNameRule(keyword, value, where) {
  const binary = BINARY[keyword.toLowerCase()];
  if (binary !== undefined) return binaryComponent(binary, value, where);
  if (isOid(keyword)) return altNameComponent((certificate) => otherNamesOf(certificate, keyword), patternTest(value, where));
  if (!isAltNameKeyword(keyword)) throw new TypeError(`${where}: unknown component`);
  return altNameComponent((certificate) => altNamesOf(certificate, keyword), patternTest(value, where));
}

/** Without the extension every usage is permitted, to SSSD as to RFC 5280 section 4.2.1.3. @param {Certificate} certificate */
const hasKeyUsage = ({ extensions }) => extensions.some(({ oid }) => oid === '2.5.29.15');

/** @param {Certificate} certificate @returns {readonly string[]} */
const keyUsagesOf = ({ keyUsage }) => keyUsage;

/** @param {import('../index.js').DistinguishedName} name */
const isText = ({ rdns }) => rdns.flat().every(({ stringType }) => stringType !== 'other');

/** @param {string} keyword @param {string} value @param {string} where @returns {Component[]} */
function componentsOf(keyword, value, where) {
  switch (keyword) {
    case 'SUBJECT':
    case 'ISSUER': {
      const pattern = compilePattern(value, where);
      return [({ subject, issuer }, purpose) => {
        const name = keyword === 'SUBJECT' ? subject : issuer;
        if (purpose === 'allow') return pattern.test(name.toString());
        const answer = pattern.touches(name.toString());
        // A value that is no text may be read as one elsewhere.
        return answer === false && !isText(name) ? null : answer;
      }];
    }
    case 'KU': {
      const wanted = namesIn(value, where, (name) => KEY_USAGES.get(name.toLowerCase()));
      return [(certificate) => !hasKeyUsage(certificate) || wanted.every((name) => keyUsagesOf(certificate).includes(name))];
    }
    case 'EKU':
      // One component for each, as SSSD has it: '||' asks for any of them.
      return namesIn(value, where, (name) => EXTENDED_KEY_USAGES.get(name.toLowerCase()) ?? (isOid(name) ? name : undefined)).map(
        (oid) => ({ extendedKeyUsage }) => extendedKeyUsage.includes(oid),
      );
    case 'SAN':
      return [altNameRule('Principal', value, where)];
    default:
      if (!keyword.startsWith('SAN:')) throw new TypeError(`${where}: unknown component`);
      return [altNameRule(keyword.slice(4), value, where)];
  }
}

/** @param {string} text @param {string} where @returns {string} without the type of rule */
function withoutPrefix(text, where) {
  const type = /^([A-Z0-9]*):/.exec(text);
  if (type && type[1] !== 'KRB5') throw new TypeError(`${where}: unknown type of matching rule '${type[1]}'`);
  return type ? text.slice(type[0].length) : text;
}

/** @param {string} text '<KEYWORD>value<KEYWORD>value' @param {string} where @returns {Component[]} */
function parsedComponents(text, where) {
  /** @type {Component[]} */
  const components = [];
  let at = 0;
  while (at < text.length) {
    const close = text.indexOf('>', at);
    if (text[at] !== '<' || close < 0) throw new TypeError(`${where}: a component such as <SUBJECT> is expected at character ${at + 1}`);
    const next = text.indexOf('<', close);
    const end = next < 0 ? text.length : next;
    const keyword = text.slice(at + 1, close);
    const value = text.slice(close + 1, end);
    const component = `${where}: <${keyword}> at character ${at + 1}`;
    if (value === '') throw new TypeError(`${component}: a value is needed`);
    components.push(...componentsOf(keyword, value, component));
    if (components.length > MAX_COMPONENTS) throw new TypeError(`${where}: more than ${MAX_COMPONENTS} components`);
    at = end;
  }
  if (components.length === 0) throw new TypeError(`${where}: at least one component is needed`);
  return components;
}

/**
 * @param {unknown} rule undefined: SSSD's default
 * @param {string} where for messages
 * @returns {Component}
 * @throws {TypeError}
 */
function parseMatchRule(rule = DEFAULT_MATCH_RULE, where) {
  if (typeof rule !== 'string' || rule.length > MAX_LENGTH) throw new TypeError(`${where} must be a string`);
  const text = withoutPrefix(rule, where);
  const relation = /^(?:&&|\|\|)/.exec(text)?.[0] ?? '';
  const components = parsedComponents(text.slice(relation.length), where);
  const combine = relation === '||' ? anyOf : allOf;
  return (certificate, purpose) => combine(components.map((component) => component(certificate, purpose)));
}

module.exports = { parseMatchRule };
