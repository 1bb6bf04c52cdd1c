// @ts-check
'use strict';
// From a certificate that is valid, or a principal that was authenticated, to the account that it is for, or to nobody. Whatever is in doubt is
// nobody.

const { isCertificate } = require('../certificate.js');
const { isClientCertInfo } = require('../client-cert-info.js');
const { ClientCertError } = require('../errors.js');
const { isPlainObject, ownOptions } = require('../options.js');
const { AccountCache } = require('./account-cache.js');
const { findAccount } = require('./accounts.js');
const { GridmapSource } = require('./gridmap-source.js');
const { Principal } = require('./principal.js');
const { parseRules } = require('./rules.js');
const { isUserName } = require('./user-name.js');

/**
 * @typedef {import('../index.js').Certificate} Certificate
 * @typedef {{ name: string, uid: number, gid: number, groups: readonly number[], home: string, shell: string }} MappedAccount frozen
 *
 * @typedef {object} MapOutcome frozen
 * @property {'mapped' | 'denied' | 'noMatch' | 'ambiguous'} outcome
 * @property {MappedAccount} [account]
 * @property {string} [rule] that decided
 * @property {'strong' | 'weak'} [strength]
 * @property {string} [reason] stable
 * @property {string} [message] for people
 * @property {unknown} [cause] not enumerable
 *
 * @typedef {{ about: 'certificate', subject: Certificate } | { about: 'principal', subject: Principal }} Asked
 *
 * @typedef {object} Choice what a source says
 * @property {readonly string[]} names that may be asked for; the first one is the default
 * @property {string} rule
 * @property {'strong' | 'weak' | undefined} [strength]
 */

const WHERE = 'AccountMapper';
const OPTIONS = ['rules', 'gridmap', 'resolve', 'allowWeak', 'allowRoot', 'accountTtl'];
// As long as nscd and SSSD believe less than they could; what is revoked is noticed within that time.
const ACCOUNT_TTL = 60_000;
const MAX_ACCOUNT_TTL = 24 * 60 * 60 * 1000;

const MESSAGES = /** @type {const} */ ({
  certificate_invalid: 'the certificate is not valid',
  principal_anonymous: 'an anonymous principal is nobody',
  denied_by_rule: 'a rule denies this certificate',
  denied_by_resolve: 'resolve() denies this certificate',
  rule_failed: 'a rule could not be applied',
  ambiguous: 'the certificate is for several accounts, and nothing says which of them counts',
  weak_mapping: 'only a weak mapping matches, and weak ones are not allowed',
  no_rule_matches: 'nothing says whom the certificate is for',
  account_not_permitted: 'the account that was asked for is not one that the certificate is for',
  invalid_user_name: 'what the certificate is mapped to is not the name of a user',
  no_such_account: 'there is no account of that name',
  root_not_allowed: 'the account is root, which is not allowed',
  account_locked: 'the account is locked',
  account_expired: 'the account has expired',
  account_unavailable: 'the account cannot be looked up',
  resolve_failed: 'resolve() failed, or gave something else than a name, null or false',
});

/** @typedef {keyof typeof MESSAGES} Reason */

/**
 * @param {'denied' | 'noMatch' | 'ambiguous'} outcome
 * @param {Reason} reason
 * @param {{ about?: 'certificate' | 'principal', rule?: string, strength?: 'strong' | 'weak', cause?: unknown }} [details]
 * @returns {MapOutcome}
 */
function refused(outcome, reason, { about, rule, strength, cause } = {}) {
  const message = about === 'principal' ? MESSAGES[reason].replaceAll('certificate', 'principal') : MESSAGES[reason];
  const refusal = { outcome, ...(rule !== undefined && { rule }), ...(strength && { strength }), reason, message };
  // Not for logs that write whole objects: it may hold anything.
  if (cause !== undefined) Object.defineProperty(refusal, 'cause', { value: cause });
  return Object.freeze(refusal);
}

/** @param {string} name @param {unknown} value @returns {boolean} */
function checkedBoolean(name, value) {
  if (value !== undefined && typeof value !== 'boolean') throw new TypeError(`${WHERE}: ${name} must be a boolean`);
  return value ?? false;
}

/** @param {unknown} value @returns {number} */
function checkedTtl(value = ACCOUNT_TTL) {
  if (typeof value !== 'number') throw new TypeError(`${WHERE}: accountTtl must be a number of milliseconds`);
  if (Number.isInteger(value) && value >= 0 && value <= MAX_ACCOUNT_TTL) return value;
  throw new RangeError(`${WHERE}: accountTtl must be an integer from 0 to ${MAX_ACCOUNT_TTL}, in milliseconds`);
}

/** @param {unknown} value @returns {((input: any) => unknown) | null} */
function checkedResolve(value) {
  if (value === undefined) return null;
  if (typeof value !== 'function') throw new TypeError(`${WHERE}: resolve must be a function`);
  return /** @type {(input: any) => unknown} */ (value);
}

/** @param {unknown} input @returns {Asked | null} null: a certificate that is not valid @throws {TypeError} */
function askedIn(input) {
  // Whatever only looks like one has no such private part; its own properties are frozen.
  if (isClientCertInfo(input)) return input.valid && input.certificate ? { about: 'certificate', subject: input.certificate } : null;
  if (isPlainObject(input)) {
    const { certificate, principal, verified } = ownOptions(`${WHERE}.map`, input, ['certificate', 'principal', 'verified']);
    if (verified === true && principal === undefined && isCertificate(certificate)) return { about: 'certificate', subject: /** @type {any} */ (certificate) };
    if (verified === true && certificate === undefined && Principal.isPrincipal(principal)) return { about: 'principal', subject: principal };
  }
  throw new TypeError(`${WHERE}.map: expected a ClientCertInfo, { certificate: Certificate, verified: true } or { principal: Principal, verified: true }`);
}

/** @param {unknown} options @returns {string | undefined} */
function wantedAccount(options = {}) {
  const { account } = ownOptions(`${WHERE}.map`, options, ['account']);
  if (account !== undefined && !isUserName(account)) throw new TypeError(`${WHERE}.map: account must be the name of a user`);
  return account;
}

/** @param {import('./account-cache.js').FoundAccount} found @returns {MappedAccount} */
function frozenAccount({ account: { name, uid, gid, groups, home, shell } }) {
  return Object.freeze({ name, uid, gid, groups: Object.freeze([...groups]), home, shell });
}

class AccountMapper {
  #rules;
  /** @type {GridmapSource | null} */ #gridmap;
  #resolve;
  #allowWeak;
  #allowRoot;
  #accounts;
  #closed = false;

  /**
   * @param {unknown} options
   * @throws {TypeError | RangeError} for a caller's mistake
   * @throws {ClientCertError} ERR_CLIENT_CERT_MALFORMED, ERR_CLIENT_CERT_UNREADABLE
   */
  constructor(options) {
    const own = ownOptions(WHERE, options, OPTIONS);
    this.#rules = parseRules(own.rules);
    this.#resolve = checkedResolve(own.resolve);
    this.#allowWeak = checkedBoolean('allowWeak', own.allowWeak);
    this.#allowRoot = checkedBoolean('allowRoot', own.allowRoot);
    this.#accounts = new AccountCache({ find: findAccount, ttl: checkedTtl(own.accountTtl) });
    if (own.rules === undefined && own.gridmap === undefined && own.resolve === undefined) {
      throw new TypeError(`${WHERE}: rules, gridmap or resolve is needed`);
    }
    // Last, as it begins to watch.
    this.#gridmap = own.gridmap === undefined ? null : new GridmapSource(own.gridmap);
  }

  /**
   * @param {unknown} input
   * @param {unknown} [options]
   * @returns {Promise<MapOutcome>} rejects only for a caller's mistake, and after close()
   */
  async map(input, options) {
    if (this.#closed) throw new ClientCertError('ERR_CLIENT_CERT_CLOSED', 'the mapper was closed');
    const wanted = wantedAccount(options);
    const asked = askedIn(input);
    if (asked === null) return refused('denied', 'certificate_invalid');
    if (asked.about === 'principal' && asked.subject.isAnonymous) return refused('denied', 'principal_anonymous');
    const decided = await this.#decide(asked, input);
    return 'outcome' in decided ? decided : this.#admit(decided, asked.about, wanted);
  }

  /** Of the gridmap; null where there is none. */
  stats() {
    return Object.freeze({ gridmap: this.#gridmap?.stats() ?? null });
  }

  /** Looks at the file of the gridmap now. @returns {Promise<void>} */
  async reload() {
    await this.#gridmap?.check();
  }

  close() {
    this.#closed = true;
    this.#gridmap?.close();
    this.#accounts.clear();
  }

  [Symbol.dispose]() {
    this.close();
  }

  /** @param {Asked} asked @param {unknown} input @returns {Promise<Choice | MapOutcome>} */
  async #decide(asked, input) {
    const { about } = asked;
    const { found, isWeak } = this.#byRules(asked);
    return (
      found ??
      (asked.about === 'certificate' ? this.#byGridmap(asked.subject) : null) ??
      (await this.#byResolve(input, about)) ??
      (isWeak ? refused('noMatch', 'weak_mapping', { about, strength: 'weak' }) : refused('noMatch', 'no_rule_matches', { about }))
    );
  }

  /** @param {Asked} asked @returns {{ found: Choice | MapOutcome | null, isWeak: boolean }} isWeak: something matched that does not count */
  #byRules({ about, subject }) {
    let at = '';
    try {
      for (const { name, about: ruled, denies } of this.#rules.deny) {
        if (ruled !== about) continue;
        at = name;
        if (denies(subject)) return { found: refused('denied', 'denied_by_rule', { about, rule: name }), isWeak: false };
      }
      let isWeak = false;
      for (const rank of this.#rules.ranks) {
        const matching = [];
        for (const { name, about: ruled, find } of rank) {
          if (ruled !== about) continue;
          at = name;
          const found = find(subject);
          if (found.names.length === 0) continue;
          if (found.strength === 'weak' && !this.#allowWeak) isWeak = true;
          else matching.push({ rule: name, ...found });
        }
        if (matching.length > 0) return { found: chosen(matching, about), isWeak };
      }
      return { found: null, isWeak };
    } catch (cause) {
      return { found: refused('denied', 'rule_failed', { about, rule: at, cause }), isWeak: false };
    }
  }

  /** @param {Certificate} certificate @returns {Choice | null} */
  #byGridmap({ subject }) {
    // Such a form knows nothing of several attributes in one RDN, nor of values that are no text.
    if (subject.rdns.some((rdn) => rdn.length !== 1 || rdn[0].stringType === 'other')) return null;
    const entry = this.#gridmap?.find(subject.toOneline());
    return entry ? { names: entry.users, rule: `gridmap line ${entry.line}` } : null;
  }

  /** @param {unknown} input @param {Asked['about']} about @returns {Promise<Choice | MapOutcome | null>} */
  async #byResolve(input, about) {
    if (this.#resolve === null) return null;
    const rule = 'resolve';
    let name;
    try {
      name = await this.#resolve(input);
    } catch (cause) {
      return refused('denied', 'resolve_failed', { about, rule, cause });
    }
    if (name === null || name === undefined) return null;
    if (name === false) return refused('denied', 'denied_by_resolve', { about, rule });
    return typeof name === 'string' ? { names: [name], rule } : refused('denied', 'resolve_failed', { about, rule });
  }

  /** @param {Choice} choice @param {Asked['about']} about @param {string | undefined} wanted @returns {Promise<MapOutcome>} */
  async #admit({ names, rule, strength }, about, wanted) {
    const details = { rule, ...(strength && { strength }) };
    const deny = (/** @type {Reason} */ reason, /** @type {unknown} */ cause = undefined) => refused('denied', reason, { about, ...details, cause });
    if (wanted !== undefined && !names.includes(wanted)) return deny('account_not_permitted');
    const name = wanted ?? names[0];
    if (!isUserName(name)) return deny('invalid_user_name');
    let found;
    try {
      found = await this.#accounts.find(name);
    } catch (cause) {
      return deny('account_unavailable', cause);
    }
    // A directory may take no notice of case: then it is somebody else's name that was meant.
    if (found === null || found.account.name !== name) return deny('no_such_account');
    if (!Number.isInteger(found.account.uid) || found.account.uid < 0) return deny('account_unavailable');
    if (found.account.uid === 0 && !this.#allowRoot) return deny('root_not_allowed');
    switch (found.standing) {
      case 'good':
      case 'unknown':
        return Object.freeze({ outcome: 'mapped', account: frozenAccount(found), ...details });
      case 'locked':
        return deny('account_locked');
      case 'expired':
        return deny('account_expired');
      default:
        return deny('account_unavailable');
    }
  }
}

/** @param {{ rule: string, names: string[], strength: 'strong' | 'weak' | undefined }[]} matching of one rank, at least one @param {Asked['about']} about @returns {Choice | MapOutcome} */
function chosen(matching, about) {
  const names = [...new Set(matching.flatMap((one) => one.names))];
  const rule = matching.map((one) => one.rule).join(', ');
  if (names.length > 1) return refused('ambiguous', 'ambiguous', { about, rule });
  const strengths = matching.map((one) => one.strength);
  return { names, rule, strength: strengths.includes('strong') ? 'strong' : strengths.find(Boolean) };
}

module.exports = { AccountMapper };
