// @ts-check
'use strict';
// The templates of sss-certmap(5), here for the name of a local user: '{subject_rfc822_name.short_name}'.

const { createHash } = require('node:crypto');

const { altNamesOf, textOf } = require('./alt-names.js');
const { attributeName, oidOfAttribute } = require('./attribute-names.js');
const { checkedUserName } = require('./user-name.js');

/**
 * @typedef {import('../index.js').Certificate} Certificate
 * @typedef {import('../index.js').DistinguishedName} DistinguishedName
 * @typedef {import('../index.js').NameAttribute} NameAttribute
 *
 * @typedef {(certificate: Certificate) => string[]} Placeholder every value that it may stand for
 * @typedef {{ name: string, selector: string | undefined, conversion: string | undefined, where: string }} Parsed
 */

const MAX_LENGTH = 1024;
const MAX_PLACEHOLDERS = 16;
// Two are too many already; the rest is not worth the work.
const MAX_CANDIDATES = 16;

const DIGESTS = new Set(['sha1', 'sha256', 'sha384', 'sha512']);

/** By placeholder: the keyword of lib/account/alt-names.js, and the character that a short name ends before. @type {Map<string, [string, string | null]>} */
const ALT_NAMES = new Map([
  ['subject_principal', ['principal', '@']],
  ['subject_pkinit_principal', ['pkinit', '@']],
  ['subject_nt_principal', ['ntprincipalname', '@']],
  ['subject_rfc822_name', ['rfc822name', '@']],
  ['subject_dns_name', ['dnsname', '.']],
  ['subject_uri', ['uniformresourceidentifier', null]],
  ['subject_ip_address', ['ipaddress', null]],
  ['subject_registered_id', ['registeredid', null]],
]);

/** @type {Map<string | undefined, { style: 'nss' | 'ad', reversed: boolean }>} `reversed`: the order of RFC 4514, not that of the certificate */
const NAME_CONVERSIONS = new Map([
  [undefined, { style: 'nss', reversed: true }],
  ['nss', { style: 'nss', reversed: true }],
  ['nss_ldap', { style: 'nss', reversed: true }],
  ['nss_x500', { style: 'nss', reversed: false }],
  ['ad', { style: 'ad', reversed: false }],
  ['ad_x500', { style: 'ad', reversed: false }],
  ['ad_ldap', { style: 'ad', reversed: true }],
]);

/** @param {Parsed} parsed @param {string} reason */
const wrong = ({ where }, reason) => new TypeError(`${where}: ${reason}`);

/** RFC 4514 section 2.4; what is already '#' and hexadecimal stays. @param {NameAttribute} attribute */
function attributeValue({ value, stringType }) {
  if (stringType === 'other') return value;
  return value.replace(/["+,;<>\\]|^[ #]|(?!^) $/g, '\\$&').replaceAll('\0', '\\00');
}

/** @param {DistinguishedName} name @param {{ style: 'nss' | 'ad', reversed: boolean }} conversion */
function nameText({ rdns }, { style, reversed }) {
  const texts = rdns.map((rdn) => rdn.map((one) => `${attributeName(one.type, style)}=${attributeValue(one)}`).join('+'));
  return (reversed ? texts.reverse() : texts).join(',');
}

/** @param {Parsed} parsed @returns {(name: DistinguishedName) => string} */
function nameConversion(parsed) {
  const conversion = NAME_CONVERSIONS.get(parsed.conversion);
  if (conversion === undefined) throw wrong(parsed, `unknown conversion '${parsed.conversion}'`);
  return (name) => nameText(name, conversion);
}

/**
 * @param {string | undefined} conversion 'hex', 'hex_u' (upper case), 'hex_c' (colons), 'hex_r' (reversed), or several of these letters
 * @param {string} base what has to stand before '_'
 * @returns {((octets: Buffer) => string) | null} null: it is another conversion
 */
function hexConversion(conversion, base) {
  const match = /^([a-z0-9]+)(?:_([ucr]*))?$/i.exec(conversion ?? base);
  if (match === null || match[1].toLowerCase() !== base) return null;
  const flags = (match[2] ?? '').toLowerCase();
  return (octets) => {
    const digits = [...octets].map((octet) => octet.toString(16).padStart(2, '0'));
    const text = (flags.includes('r') ? digits.reverse() : digits).join(flags.includes('c') ? ':' : '');
    return flags.includes('u') ? text.toUpperCase() : text;
  };
}

/** @param {Parsed} parsed @returns {Placeholder} */
function serialNumber(parsed) {
  if (parsed.conversion?.toLowerCase() === 'dec') return ({ serialNumber: serial }) => (serial.startsWith('-') ? [] : [BigInt(`0x${serial}`).toString()]);
  const convert = hexConversion(parsed.conversion, 'hex');
  if (convert === null) throw wrong(parsed, `unknown conversion '${parsed.conversion}'`);
  return ({ serialNumber: serial }) => (serial.startsWith('-') ? [] : [convert(Buffer.from(serial, 'hex'))]);
}

/** @param {Parsed} parsed @returns {Placeholder} */
function subjectKeyId(parsed) {
  const convert = hexConversion(parsed.conversion, 'hex');
  if (convert === null) throw wrong(parsed, `unknown conversion '${parsed.conversion}'`);
  return ({ subjectKeyIdentifier: identifier }) => (identifier ? [convert(Buffer.from(identifier, 'hex'))] : []);
}

/** @param {Parsed} parsed @returns {Placeholder} */
function certificateDigest(parsed) {
  const digest = (parsed.conversion ?? '').split('_')[0].toLowerCase();
  const convert = hexConversion(parsed.conversion, digest);
  if (!DIGESTS.has(digest) || convert === null) {
    throw wrong(parsed, `a digest is needed, one of ${[...DIGESTS].map((name) => `!${name}`).join(', ')}: the certificate is no name of a user`);
  }
  return ({ der }) => [convert(createHash(digest).update(der).digest())];
}

/** @param {string | undefined} selector 'uid', '[2]', 'uid[2]' @param {Parsed} parsed @returns {{ type: string | null, position: number | null }} */
function componentSelector(selector, parsed) {
  const match = /^([A-Za-z][A-Za-z0-9-]*)?(?:\[(-?[1-9][0-9]{0,3})\])?$/.exec(selector ?? '');
  if (match === null) throw wrong(parsed, 'expected the name of an attribute, a [position] that is not 0, or both');
  const [, name, position] = match;
  const type = name === undefined ? null : oidOfAttribute(name);
  if (type === undefined) throw wrong(parsed, `unknown attribute '${name}'`);
  return { type, position: position === undefined ? null : Number(position) };
}

/** @param {Parsed} parsed @param {(certificate: Certificate) => DistinguishedName} pick @returns {Placeholder} */
function nameComponent(parsed, pick) {
  const { type, position } = componentSelector(parsed.selector, parsed);
  return (certificate) => {
    // Positions count from the most specific one, which is the last.
    const rdns = [...pick(certificate).rdns].reverse();
    const at = rdns.at(position === null ? 0 : position > 0 ? position - 1 : position);
    const chosen = type !== null && position === null ? rdns.flat() : (at ?? []);
    const found = chosen.filter((one) => type === null || one.type === type);
    return allOrNone(found.map(({ stringType, value }) => (stringType === 'other' ? null : value)));
  };
}

/** Beside a value that cannot be used the others are in doubt: whoever reads it names somebody else. @param {(string | null)[]} values @returns {string[]} */
const allOrNone = (values) => (values.some((value) => value === null || value === '') ? [] : /** @type {string[]} */ (values));

/** The part before the mark. A second '@' leaves open which of them counts. @param {string} value @param {string} mark @returns {string | null} */
function shortName(value, mark) {
  const parts = value.split(mark);
  return mark === '@' && parts.length > 2 ? null : parts[0];
}

/** @param {Parsed} parsed @param {[keyword: string, mark: string | null]} kind @returns {Placeholder} */
function altNameValue(parsed, [keyword, mark]) {
  if (parsed.selector !== undefined && (parsed.selector !== 'short_name' || mark === null)) throw wrong(parsed, `unknown part '${parsed.selector}'`);
  return (certificate) => {
    const values = altNamesOf(certificate, keyword).map(textOf);
    const isWhole = parsed.selector === undefined || mark === null;
    return allOrNone(isWhole ? values : values.map((value) => value && shortName(value, mark)));
  };
}

/** @param {Parsed} parsed @returns {Placeholder} */
function directoryName(parsed) {
  const convert = nameConversion(parsed);
  return ({ subjectAltNames }) => subjectAltNames.flatMap((name) => (name.type === 'dirName' ? [convert(name.value)] : []));
}

/** @param {Parsed} parsed @returns {Placeholder} */
function securityIdentifier(parsed) {
  if (parsed.selector !== undefined && parsed.selector !== 'rid') throw wrong(parsed, `unknown part '${parsed.selector}'`);
  return ({ sid }) => (sid === null ? [] : [parsed.selector === 'rid' ? sid.slice(sid.lastIndexOf('-') + 1) : sid]);
}

/** @typedef {{ make: (parsed: Parsed) => Placeholder, takes: 'selector' | 'conversion' }} Known */

/** @type {Map<string, Known>} */
const PLACEHOLDERS = new Map(/** @type {[string, Known][]} */ ([
  ['subject_directory_name', { make: directoryName, takes: 'conversion' }],
  ['subject_dn', { make: (parsed) => ofName(parsed, ({ subject }) => subject), takes: 'conversion' }],
  ['issuer_dn', { make: (parsed) => ofName(parsed, ({ issuer }) => issuer), takes: 'conversion' }],
  ['subject_dn_component', { make: (parsed) => nameComponent(parsed, ({ subject }) => subject), takes: 'selector' }],
  ['issuer_dn_component', { make: (parsed) => nameComponent(parsed, ({ issuer }) => issuer), takes: 'selector' }],
  ['serial_number', { make: serialNumber, takes: 'conversion' }],
  ['subject_key_id', { make: subjectKeyId, takes: 'conversion' }],
  ['cert', { make: certificateDigest, takes: 'conversion' }],
  ['sid', { make: securityIdentifier, takes: 'selector' }],
]));
for (const [name, kind] of ALT_NAMES) PLACEHOLDERS.set(name, { make: (parsed) => altNameValue(parsed, kind), takes: 'selector' });

/** @param {Parsed} parsed @param {(certificate: Certificate) => DistinguishedName} pick @returns {Placeholder} */
function ofName(parsed, pick) {
  const convert = nameConversion(parsed);
  return (certificate) => [convert(pick(certificate))];
}

/** @param {string} text between braces @param {string} where @returns {Placeholder} */
function placeholder(text, where) {
  const match = /^([a-z0-9_]+)(?:\.([^.!]+))?(?:!([^.!]+))?$/.exec(text);
  const parsed = { name: match?.[1] ?? text, selector: match?.[2], conversion: match?.[3], where: `${where}: {${text}}` };
  const known = match && PLACEHOLDERS.get(parsed.name);
  if (!known) throw wrong(parsed, 'unknown placeholder');
  const excess = known.takes === 'selector' ? parsed.conversion : parsed.selector;
  if (excess !== undefined) throw wrong(parsed, `'${excess}' is not possible here`);
  return known.make(parsed);
}

/** @param {string} template @param {string} where @returns {(string | Placeholder)[]} '{{' and '}}' stand for braces */
function partsOf(template, where) {
  const parts = [];
  for (const [text, inside] of template.matchAll(/\{\{|\}\}|\{([^{}]*)\}|[{}]|[^{}]+/g)) {
    if (inside !== undefined) parts.push(placeholder(inside, where));
    else if (text === '{' || text === '}') throw new TypeError(`${where}: a '${text}' that belongs to no placeholder; '${text}${text}' stands for one`);
    else parts.push(text === '{{' ? '{' : text === '}}' ? '}' : text);
  }
  return parts;
}

/** Also those that overlap. @param {string} text @param {string} part */
function occurrences(text, part) {
  let count = 0;
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) count += 1;
  return count;
}

/**
 * Two certificates would give one name where what stands between two values can be found in more places than one: 'a-b' and 'c' as 'a' and 'b-c', or 'a-' and 'b' as 'a' and '-b'.
 *
 * @param {(string | Function)[]} parts placeholders are functions
 * @param {string} where
 * @returns {(name: string) => boolean} whether such a name can have come about in one way only
 * @throws {TypeError} where nothing stands between two of them
 */
function onlyOneWay(parts, where) {
  const texts = parts.reduce((/** @type {string[]} */ joined, part) => {
    if (typeof part === 'string') joined.push((joined.pop() ?? '') + part);
    else joined.push('');
    return joined;
  }, ['']);
  const between = texts.slice(1, -1);
  if (between.includes('')) throw new TypeError(`${where}: between two placeholders something has to stand that tells where the first one ends`);
  const [first, last] = [texts[0].length, texts.length > 1 ? texts[texts.length - 1].length : 0];
  return (name) => {
    const inside = name.slice(first, name.length - last);
    return between.every((separator) => occurrences(inside, separator) === between.filter((other) => other === separator).length);
  };
}

/** @param {unknown} rule @param {string} where @returns {string} the template without the type of rule */
function templateIn(rule, where) {
  if (typeof rule !== 'string' || rule === '' || rule.length > MAX_LENGTH) throw new TypeError(`${where} must be a string of 1 to ${MAX_LENGTH} characters`);
  const type = /^([A-Z0-9]*):/.exec(rule)?.[1];
  const template = type === 'LDAPU1' ? rule.slice('LDAPU1:'.length) : rule;
  if (type === 'LDAP' || template.startsWith('(')) throw new TypeError(`${where}: a template for the name of a local user is needed, not an LDAP filter`);
  if (type !== undefined && type !== 'LDAPU1') throw new TypeError(`${where}: unknown type of mapping rule '${type}'`);
  return template;
}

/**
 * @param {unknown} rule
 * @param {string} where for messages
 * @returns {Placeholder} each name that it may give, none twice; none where a placeholder has no value. They are not checked as names of users
 * @throws {TypeError}
 */
function parseMapTemplate(rule, where) {
  const parts = partsOf(templateIn(rule, where), where);
  const placeholders = parts.filter((part) => typeof part === 'function').length;
  if (placeholders > MAX_PLACEHOLDERS) throw new TypeError(`${where}: more than ${MAX_PLACEHOLDERS} placeholders`);
  if (placeholders === 0) checkedUserName(parts.join(''), where);
  const isPlain = onlyOneWay(parts, where);
  return (certificate) => {
    let candidates = [''];
    for (const part of parts) {
      const values = typeof part === 'string' ? [part] : [...new Set(part(certificate).filter((value) => value !== ''))].slice(0, MAX_CANDIDATES);
      const longer = candidates.flatMap((candidate) => values.map((value) => candidate + value));
      candidates = [...new Set(longer)].slice(0, MAX_CANDIDATES);
    }
    return candidates.every(isPlain) ? candidates : [];
  };
}

module.exports = { onlyOneWay, parseMapTemplate };
