// @ts-check
'use strict';
// Patterns for principals: 'alice@EXAMPLE.ORG', '{name}@EXAMPLE.ORG', '{name}/admin@EXAMPLE.ORG', 'CORP\{name}'. A {name} is one whole component.
// The realm is always written out: who may name realms may name anybody.

const { MECHANISMS, partsOf } = require('./principal.js');

/**
 * @typedef {import('./principal.js').Principal} Principal
 * @typedef {import('./principal.js').PrincipalMechanism} PrincipalMechanism
 *
 * @typedef {object} PrincipalPattern frozen
 * @property {ReadonlySet<string>} names that it remembers
 * @property {(principal: Principal) => Record<string, string> | null} match what was remembered; null: another, or one that is not plain
 * @property {(principal: Principal) => boolean} touches whether it matches, plain or not, in whatever case
 */

const PLACEHOLDER = /^\{([A-Za-z][A-Za-z0-9_]*)\}$/;
/** What a {name} stands for. Whatever would have to be escaped is easily taken for something else. @type {Record<PrincipalMechanism, RegExp>} */
const PLAIN = {
  Kerberos: /^[!-.0-?A-[\]-~]+$/,
  NTLM: /^[\p{L}\p{N}._$-]+$/u,
  Basic: /^[\p{L}\p{N}._@-]+$/u,
};

/** What a server may take for the same name. @param {string} text */
const folded = (text) => text.normalize('NFKC').toUpperCase().toLowerCase();
const asIs = (/** @type {string} */ text) => text;
/** What every server takes for the same name: of case beyond ASCII each has its own idea. @param {string} text */
const foldedAscii = (text) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
/** Kerberos has names in one case, KDCs of Windows in any; NTLM takes no notice of it. @type {Record<PrincipalMechanism, (text: string) => string>} */
const COMPARED = { Kerberos: asIs, NTLM: foldedAscii, Basic: asIs };

/** @param {unknown} value @param {string} where @returns {PrincipalMechanism} */
function checkedMechanism(value = 'Kerberos', where) {
  if (typeof value === 'string' && MECHANISMS.includes(value)) return /** @type {PrincipalMechanism} */ (value);
  throw new TypeError(`${where}.mechanism must be one of ${MECHANISMS.join(', ')}`);
}

/**
 * @param {unknown} pattern
 * @param {unknown} mechanismOption
 * @param {string} where of the rule
 * @returns {PrincipalPattern}
 * @throws {TypeError}
 */
function parsePrincipalPattern(pattern, mechanismOption, where) {
  const mechanism = checkedMechanism(mechanismOption, where);
  const parts = typeof pattern === 'string' ? partsOf(pattern, mechanism) : null;
  if (parts === null) throw new TypeError(`${where}.principal must be a name of ${mechanism}, whose components may be {name}`);
  const names = new Set();
  const wanted = parts.components.map((component) => {
    const name = PLACEHOLDER.exec(component)?.[1] ?? null;
    if (name === null && /[{}]/.test(component)) throw new TypeError(`${where}.principal: a {name} is a whole component`);
    if (name !== null && names.has(name)) throw new TypeError(`${where}.principal: {${name}} stands there twice`);
    if (name !== null) names.add(name);
    return { name, literal: component };
  });
  if (/[{}]/.test(parts.realm)) throw new TypeError(`${where}.principal: the realm has to be written out`);

  const isSameName = (/** @type {readonly string[]} */ components, /** @type {(text: string) => string} */ compared) =>
    components.length === wanted.length && wanted.every(({ name, literal }, index) => name !== null || compared(components[index]) === compared(literal));
  const isSame = (/** @type {Principal} */ principal, /** @type {(text: string) => string} */ compared) =>
    principal.mechanism === mechanism && isSameName(principal.components, compared) && compared(principal.realm ?? '') === compared(parts.realm);
  // Of NTLM, whoever names no domain, or names one after an '@', may be of any.
  const isOfAnyDomain = (/** @type {Principal} */ principal) =>
    principal.mechanism === 'NTLM' && mechanism === 'NTLM' && principal.realm === null && isSameName(principal.components.map((one) => one.split('@')[0]), folded);
  const touches = (/** @type {Principal} */ principal) => isSame(principal, folded) || isOfAnyDomain(principal);

  const match = (/** @type {Principal} */ principal) => {
    if (!isSame(principal, COMPARED[mechanism])) return null;
    const found = Object.create(null);
    for (const [index, { name }] of wanted.entries()) {
      if (name === null) continue;
      if (!PLAIN[mechanism].test(principal.components[index])) return null;
      // One user has one name here, however it was typed.
      found[name] = COMPARED[mechanism](principal.components[index]);
    }
    return found;
  };
  return Object.freeze({ names, match, touches });
}

module.exports = { parsePrincipalPattern };
