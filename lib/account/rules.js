// @ts-check
'use strict';
// The rules of a mapper: each of one kind, each with an account or with `deny: true`.

const { isCertificate, parseCertificate } = require('../certificate.js');
const { ownOptions } = require('../options.js');
const { parseAltSecurityIdentity } = require('./alt-security-identities.js');
const { onlyOneWay, parseMapTemplate } = require('./map-template.js');
const { parseMatchRule } = require('./match-rule.js');
const { parseUriPattern } = require('./uri-pattern.js');
const { parsePrincipalPattern } = require('./principal-pattern.js');
const { checkedUserName } = require('./user-name.js');

/**
 * @typedef {import('../index.js').Certificate} Certificate
 * @typedef {'strong' | 'weak' | undefined} Strength
 *
 * @typedef {object} Found
 * @property {string[]} names of users, not checked yet
 * @property {Strength} strength
 *
 * @typedef {'certificate' | 'principal'} About
 *
 * @typedef {object} Rule frozen
 * @property {string} name
 * @property {About} about
 * @property {number} priority 0 is looked at first
 * @property {(subject: any) => Found} find no names: the rule says nothing of the certificate or principal
 *
 * @typedef {object} DenyRule frozen
 * @property {string} name
 * @property {About} about
 * @property {(subject: any) => boolean} denies also where it cannot be known
 *
 * @typedef {{ about?: About, denies: (subject: any) => boolean, find: ((subject: any) => Found) | null }} Kind
 * @typedef {{ own: Record<string, unknown>, where: string, account: string | null }} Context account: null where the rule denies
 */

const MAX_RULES = 10_000;
const MAX_VALUES = 10_000;
// As SSSD: an unsigned number of 32 bits, and the last one where there is none.
const LAST_PRIORITY = 2 ** 32 - 1;
const OPTIONS = ['matchrule', 'maprule', 'altSecurityIdentities', 'certificate', 'spkiPin', 'uri', 'principal', 'mechanism', 'account', 'deny', 'priority', 'name'];

/** @param {unknown} value @param {string} where @returns {{ value: unknown, where: string }[]} one or more */
function listOf(value, where) {
  const list = Array.isArray(value) ? Array.from(value) : [value];
  if (list.length === 0 || list.length > MAX_VALUES) throw new TypeError(`${where}: from 1 to ${MAX_VALUES} values are needed`);
  return list.map((one, index) => ({ value: one, where: Array.isArray(value) ? `${where}[${index}]` : where }));
}

/** @param {(certificate: Certificate) => boolean} matches @param {string | null} account @param {Strength} strength @returns {Kind} */
function fixedKind(matches, account, strength) {
  const find = account === null ? null : (/** @type {Certificate} */ certificate) => ({ names: matches(certificate) ? [account] : [], strength });
  return { denies: matches, find };
}

/** @param {Context} context @returns {Kind} */
function sssdKind({ own, where, account }) {
  const matches = parseMatchRule(own.matchrule, `${where}.matchrule`);
  const denies = (/** @type {Certificate} */ certificate) => matches(certificate, 'deny') !== false;
  if (account !== null) throw new TypeError(`${where}: a matchrule goes with a maprule, not with an account`);
  if (own.deny === true) {
    if (own.maprule !== undefined) throw new TypeError(`${where}: either a maprule or deny, not both`);
    return { denies, find: null };
  }
  const expand = parseMapTemplate(own.maprule, `${where}.maprule`);
  return {
    denies,
    find: (certificate) => ({ names: matches(certificate, 'allow') === true ? expand(certificate) : [], strength: undefined }),
  };
}

/** @param {Context} context @returns {Kind} */
function altSecurityKind({ own, where, account }) {
  const place = `${where}.altSecurityIdentities`;
  const identities = listOf(own.altSecurityIdentities, place).map((one) => parseAltSecurityIdentity(one.value, one.where));
  const matching = (/** @type {Certificate} */ certificate) => identities.filter(({ matches }) => matches(certificate));
  return {
    denies: (certificate) => matching(certificate).length > 0,
    find: account === null ? null : (certificate) => {
      const found = matching(certificate);
      const strength = found.some((one) => one.strength === 'strong') ? 'strong' : 'weak';
      return { names: found.length > 0 ? [account] : [], strength };
    },
  };
}

/** @param {unknown} value @param {string} where @returns {string} SHA-256 of the DER, upper-case hexadecimal */
function fingerprintOf(value, where) {
  if (typeof value === 'string' && !value.includes('-----BEGIN')) {
    const hex = /^(?:[0-9a-f]{2}:){31}[0-9a-f]{2}$/i.test(value) ? value.replaceAll(':', '') : value;
    if (!/^[0-9a-f]{64}$/i.test(hex)) throw new TypeError(`${where}: a fingerprint is the SHA-256 of the DER, 64 hexadecimal digits`);
    return hex.toUpperCase();
  }
  if (isCertificate(value)) return value.fingerprints.sha256;
  if (typeof value === 'string' || value instanceof Uint8Array) return parseCertificate(value).fingerprints.sha256;
  throw new TypeError(`${where} must be a Certificate, PEM, DER, or the SHA-256 of the DER`);
}

/**
 * By issuer and serial number: whoever has a certificate with an ECDSA signature can write that in a second way, and has another fingerprint.
 *
 * @param {unknown} values
 * @param {string} where
 * @returns {Kind}
 */
function deniedCertificates(values, where) {
  const keyOf = (/** @type {Certificate} */ { issuer, serialNumber }) => `${serialNumber} ${issuer.der.toString('hex')}`;
  const denied = new Set(
    listOf(values, where).map(({ value, where: place }) => {
      if (isCertificate(value)) return keyOf(/** @type {any} */ (value));
      if (value instanceof Uint8Array || (typeof value === 'string' && value.includes('-----BEGIN'))) return keyOf(/** @type {any} */ (parseCertificate(/** @type {any} */ (value))));
      throw new TypeError(`${place}: to deny, the certificate itself is needed, or its spkiPin: a client can change the fingerprint of its certificate`);
    }),
  );
  return { denies: (certificate) => denied.has(keyOf(certificate)), find: null };
}

/** @param {Context} context @returns {Kind} */
function certificateKind({ own, where, account }) {
  if (account === null) return deniedCertificates(own.certificate, `${where}.certificate`);
  const wanted = new Set(listOf(own.certificate, `${where}.certificate`).map((one) => fingerprintOf(one.value, one.where)));
  return fixedKind(({ fingerprints }) => wanted.has(fingerprints.sha256), account, 'strong');
}

/** @param {Context} context @returns {Kind} */
function pinKind({ own, where, account }) {
  const pins = listOf(own.spkiPin, `${where}.spkiPin`).map(({ value, where: place }) => {
    const octets = typeof value === 'string' ? Buffer.from(value, 'base64') : Buffer.alloc(0);
    if (octets.length !== 32 || octets.toString('base64') !== value) {
      throw new TypeError(`${place}: a pin is the SHA-256 of the SubjectPublicKeyInfo, base64`);
    }
    return value;
  });
  const wanted = new Set(pins);
  return fixedKind(({ publicKey }) => wanted.has(publicKey.pinSha256), account, 'strong');
}

/** @param {string} account 'svc-{name}' @param {ReadonlySet<string>} names @param {string} source of the names @param {string} where @returns {(found: Record<string, string>[]) => string[]} none where one of them would be somebody else's, too: beside it the others are in doubt */
function accountTemplate(account, names, source, where) {
  const rest = account.replace(/\{([^{}]*)\}/g, (_, name) => {
    if (!names.has(name)) throw new TypeError(`${where}: {${name}} does not stand in the ${source}`);
    return 'x';
  });
  if (/[{}]/.test(rest)) throw new TypeError(`${where}: a brace that belongs to no {name}`);
  checkedUserName(rest, where);
  const parts = account.split(/(\{[^{}]*\})/).filter((part) => part !== '').map((part) => (part.startsWith('{') ? () => part : part));
  const isPlain = onlyOneWay(parts, where);
  return (found) => {
    const accounts = found.map((values) => account.replace(/\{([^{}]*)\}/g, (_, name) => values[name]));
    return accounts.every(isPlain) ? accounts : [];
  };
}

/** @param {Context} context @returns {Kind} */
function uriKind({ own, where, account }) {
  const pattern = parseUriPattern(own.uri, `${where}.uri`);
  const expand = account === null ? null : accountTemplate(account, pattern.names, 'uri', `${where}.account`);
  return {
    denies: (certificate) => {
      const { matched, doubtful } = pattern.match(certificate);
      return doubtful || matched.length > 0;
    },
    find: expand && ((certificate) => ({ names: expand(pattern.match(certificate).matched), strength: undefined })),
  };
}

/** @param {Context} context @returns {Kind} */
function principalKind({ own, where, account }) {
  const patterns = listOf(own.principal, where).map(({ value }) => parsePrincipalPattern(value, own.mechanism, where));
  const expansions = account === null ? [] : patterns.map(({ names }) => accountTemplate(account, names, 'principal', `${where}.account`));
  return {
    about: 'principal',
    denies: (principal) => patterns.some(({ touches }) => touches(principal)),
    find: account === null ? null : (principal) => {
      const expanded = patterns.flatMap(({ match }, index) => {
        const found = match(principal);
        return found === null ? [] : [expansions[index]([found])];
      });
      const isDoubtful = expanded.some((names) => names.length === 0);
      return { names: isDoubtful ? [] : expanded.flat(), strength: 'strong' };
    },
  };
}

/** @type {[option: string, make: (context: Context) => Kind][]} */
const KINDS = [
  ['altSecurityIdentities', altSecurityKind],
  ['certificate', certificateKind],
  ['spkiPin', pinKind],
  ['uri', uriKind],
  ['principal', principalKind],
];

/** @param {Record<string, unknown>} own @param {string} where @returns {(context: Context) => Kind} */
function kindIn(own, where) {
  const kinds = KINDS.filter(([option]) => own[option] !== undefined);
  const isSssd = own.matchrule !== undefined || own.maprule !== undefined;
  if (kinds.length + (isSssd ? 1 : 0) !== 1) {
    throw new TypeError(`${where} needs exactly one of matchrule with maprule, ${KINDS.map(([option]) => option).join(', ')}`);
  }
  return isSssd ? sssdKind : kinds[0][1];
}

/** @param {Record<string, unknown>} own @param {string} where @returns {string | null} null: the rule denies */
function accountIn({ account, deny, uri, principal, matchrule, maprule }, where) {
  if (deny !== undefined && deny !== true) throw new TypeError(`${where}.deny must be true, where it is given`);
  const isSssd = matchrule !== undefined || maprule !== undefined;
  if (account === undefined) {
    if (deny === undefined && !isSssd) throw new TypeError(`${where} needs an account, or deny: true`);
    return null;
  }
  if (deny === true) throw new TypeError(`${where}: either an account or deny, not both`);
  if (uri === undefined && principal === undefined) return checkedUserName(account, `${where}.account`);
  if (typeof account !== 'string' || account.length > 1024) throw new TypeError(`${where}.account must be a string of 1024 characters at most`);
  return account;
}

/** @param {Record<string, unknown>} own @param {string} where @returns {number} */
function priorityIn({ priority, deny }, where) {
  if (priority === undefined) return LAST_PRIORITY;
  if (deny === true) throw new TypeError(`${where}: a rule that denies has no priority: it is looked at before all others`);
  if (typeof priority !== 'number') throw new TypeError(`${where}.priority must be a number`);
  if (!Number.isInteger(priority) || priority < 0 || priority > LAST_PRIORITY) {
    throw new RangeError(`${where}.priority must be an integer from 0 to ${LAST_PRIORITY}`);
  }
  return priority;
}

/** @param {unknown} rule @param {string} where @returns {Rule | DenyRule} */
function parseRule(rule, where) {
  const own = ownOptions(where, rule, OPTIONS);
  const { name = where } = own;
  if (typeof name !== 'string' || name === '') throw new TypeError(`${where}.name must be a non-empty string`);
  const kind = kindIn(own, where);
  if (own.mechanism !== undefined && own.principal === undefined) throw new TypeError(`${where}: a mechanism goes with a principal`);
  const priority = priorityIn(own, where);
  const { about = 'certificate', denies, find } = kind({ own, where, account: accountIn(own, where) });
  return find === null ? Object.freeze({ name, about, denies }) : Object.freeze({ name, about, priority, find });
}

/**
 * @param {unknown} rules
 * @returns {{ deny: readonly DenyRule[], ranks: readonly (readonly Rule[])[] }} ranks: by priority, the first one first
 * @throws {TypeError | RangeError} that names the rule
 * @throws {import('../errors.js').ClientCertError} ERR_CLIENT_CERT_MALFORMED for a certificate that cannot be read
 */
function parseRules(rules = []) {
  if (!Array.isArray(rules) || rules.length > MAX_RULES) throw new TypeError(`AccountMapper: rules must be an array of ${MAX_RULES} rules at most`);
  const parsed = Array.from(rules, (rule, index) => parseRule(rule, `rules[${index}]`));
  /** @type {Map<number, Rule[]>} */
  const byPriority = new Map();
  for (const rule of parsed) {
    if (!('find' in rule)) continue;
    const rank = byPriority.get(rule.priority);
    if (rank) rank.push(rule);
    else byPriority.set(rule.priority, [rule]);
  }
  const ranks = [...byPriority].sort(([a], [b]) => a - b).map(([, rank]) => Object.freeze(rank));
  return Object.freeze({
    deny: Object.freeze(parsed.flatMap((rule) => ('denies' in rule ? [rule] : []))),
    ranks: Object.freeze(ranks),
  });
}

module.exports = { parseRules };
