// @ts-check
'use strict';
// A certificate or a ticket: who a request comes from, whichever way it says so. Knows HTTP, no framework.

const { answerOf, checkedOptions, decide, errorOf, isAdmittedAtOnce } = require('./decision.js');
const { giveClientCert } = require('./context/admitted.js');
const { giveAuthInfo } = require('./context/lazy-auth-info.js');
const { NegotiateAuthenticator, answerOfAuthentication, bringsCredentials, identify } = require('./negotiate/authenticator.js');
const { ownOptions } = require('./options.js');

/**
 * @typedef {'certificate' | 'negotiate'} Way
 * @typedef {{ status: number, headers: Record<string, string | string[]>, body: string }} Answer
 * @typedef {{ admitted: true, headers: Record<string, string[]> } | { admitted: false, answer: Answer }} Decision headers: for the application's answer
 *
 * @typedef {object} Checked
 * @property {import('./decision.js').CheckedOptions | null} certificate
 * @property {NegotiateAuthenticator | null} authenticator
 * @property {readonly Way[]} order
 * @property {((authInfo: any, request: any) => unknown) | undefined} allow
 * @property {((authInfo: any, request: any, reason: string) => unknown) | undefined} onRejected
 */

const WHERE = 'authenticate';
/** @type {readonly Way[]} */
const WAYS = Object.freeze(['certificate', 'negotiate']);

/** @param {readonly Way[]} there @param {unknown} value @returns {readonly Way[]} */
function checkedOrder(there, value = there) {
  if (!Array.isArray(value) || value.length !== there.length || there.some((way) => !value.includes(way))) {
    throw new TypeError(`${WHERE}: order must have the ways that are there, each once: ${there.join(', ')}`);
  }
  return Object.freeze([...value]);
}

/** @param {string} name @param {unknown} value */
function checkedFunction(name, value) {
  if (value !== undefined && typeof value !== 'function') throw new TypeError(`${WHERE}: ${name} must be a function`);
  return /** @type {any} */ (value);
}

/** @param {unknown} value @returns {NegotiateAuthenticator | null} */
function checkedAuthenticator(value) {
  if (value === undefined) return null;
  return value instanceof NegotiateAuthenticator ? value : new NegotiateAuthenticator(value);
}

/** @param {unknown} options @returns {Checked} @throws {TypeError | RangeError} */
function checkedAuthentication(options) {
  const own = ownOptions(WHERE, options, ['certificate', 'negotiate', 'order', 'allow', 'onRejected']);
  const there = WAYS.filter((way) => own[way] !== undefined);
  if (there.length === 0) throw new TypeError(`${WHERE}: certificate or negotiate is needed`);
  const certificate = own.certificate === undefined ? null : checkedOptions(own.certificate);
  if (certificate && !certificate.required) throw new TypeError(`${WHERE}: certificate.required makes no sense here: somebody has to be known`);
  if (certificate?.allowInvalid && !certificate.allow) throw new TypeError(`${WHERE}: certificate.allowInvalid makes no sense here without certificate.allow: somebody has to be known`);
  const order = checkedOrder(there, own.order);
  const [allow, onRejected] = [checkedFunction('allow', own.allow), checkedFunction('onRejected', own.onRejected)];
  const authenticator = checkedAuthenticator(own.negotiate);
  return Object.freeze({ certificate: certificate && Object.assign(certificate, { isAlternative: authenticator !== null }), authenticator, order, allow, onRejected });
}

/** @typedef {{ reason: string | null, answer: Answer | null, headers: Record<string, string[]> }} Outcome reason null: it is known who it is */

/**
 * @param {any} request
 * @param {{ request: any, response: any }} raw
 * @param {NegotiateAuthenticator} authenticator
 * @returns {Promise<Outcome>}
 */
async function byNegotiate(request, raw, authenticator) {
  // Also where other middleware has found one before: nobody is two.
  giveClientCert(request, null);
  const identified = await identify(authenticator, raw.request, raw.response);
  giveAuthInfo(request, () => /** @type {any} */ (identified.authInfo));
  if (identified.reason !== null) return { reason: identified.reason, answer: answerOfAuthentication(identified), headers: {} };
  const { mapping, account } = identified.authInfo;
  if (mapping !== null && account === null) return { reason: 'account_required', answer: answerOf('account_required', 403), headers: {} };
  return { reason: null, answer: null, headers: identified.challenges.length > 0 ? { 'www-authenticate': identified.challenges } : {} };
}

/**
 * @param {any} request
 * @param {{ request: any, response: any }} raw
 * @param {import('./decision.js').CheckedOptions} options
 * @returns {Promise<Outcome | null>} null: there is no certificate, and another way
 */
async function byCertificate(request, raw, options) {
  const decision = await decide(request, raw, options);
  if (decision.admitted) return { reason: null, answer: null, headers: {} };
  if (decision.reason === 'certificate_required' && options.isAlternative) return null;
  return { reason: decision.reason, answer: decision.answer, headers: {} };
}

/** What a request brings counts: the first way of the order by which it says who it is. @param {any} request @param {{ request: any, response: any }} raw @param {Checked} options @returns {Promise<Outcome>} */
async function outcomeOf(request, raw, { certificate, authenticator, order }) {
  for (const way of order) {
    if (way === 'certificate' && certificate) {
      const outcome = await byCertificate(request, raw, certificate);
      if (outcome !== null) return outcome;
    }
    if (way === 'negotiate' && authenticator && bringsCredentials(authenticator, raw.request)) return byNegotiate(request, raw, authenticator);
  }
  // Without an authenticator a certificate is no alternative, and has decided above.
  return byNegotiate(request, raw, /** @type {NegotiateAuthenticator} */ (authenticator));
}

/**
 * @param {any} request what the framework hands to its users
 * @param {{ request: any, response: any }} raw of node:http or node:http2
 * @param {Checked} options
 * @returns {Promise<Decision>}
 * @throws {object} never anything else
 */
async function decideAuthentication(request, raw, options) {
  try {
    const outcome = await outcomeOf(request, raw, options);
    let { reason, answer } = outcome;
    if (reason === null && options.allow && (await options.allow(request.authInfo, request)) !== true) {
      reason = 'not_allowed';
      answer = answerOf('not_allowed', 403);
    }
    if (reason === null) return { admitted: true, headers: outcome.headers };
    await options.onRejected?.(request.authInfo, request, reason);
    return { admitted: false, answer: /** @type {Answer} */ (answer) };
  } catch (thrown) {
    throw errorOf(thrown, WHERE);
  }
}

/** As decideAuthentication, where nobody has to be waited for. @param {any} request @param {{ request: any, response: any }} raw @param {Checked} options @param {import('./context/admitted.js').Make} make */
const isAuthenticatedAtOnce = (request, raw, { certificate, order, allow }, make) =>
  order[0] === 'certificate' && certificate !== null && allow === undefined && isAdmittedAtOnce(request, raw, certificate, make);

module.exports = { checkedAuthentication, decideAuthentication, isAuthenticatedAtOnce };
