// @ts-check
'use strict';

const { allow } = require('./allow.js');
const { checkedAuthentication, decideAuthentication, isAuthenticatedAtOnce } = require('./authentication.js');
const { authInfoHere, checkedOptions, decide, isAdmittedAtOnce, isAnswered } = require('./decision.js');

/**
 * @param {import('./index.js').ClientCertificateOptions} [options]
 * @returns {import('./express.js').ClientCertificateMiddleware}
 */
function clientCertificate(options) {
  const checked = checkedOptions(options);
  return (request, response, next) => {
    if (isAdmittedAtOnce(request, { request, response }, checked, authInfoHere)) {
      next();
      return;
    }
    decide(request, { request, response }, checked).then((decision) => (decision.admitted ? next() : answerWith(response, decision.answer, next)), next);
  };
}

/** @param {any} response @param {{ status: number, headers: object, body: string }} answer @param {(error?: unknown) => void} next @returns {unknown} */
function answerWith(response, { status, headers, body }, next) {
  if (isAnswered(response)) return undefined;
  try {
    response.writeHead(status, headers);
    return response.end(body);
  } catch (error) {
    // Other middleware may have wrapped the response.
    return next(error);
  }
}

/**
 * @param {import('./index.js').AuthenticationOptions} options
 * @returns {import('./express.js').ClientCertificateMiddleware}
 */
function authenticate(options) {
  const checked = checkedAuthentication(options);
  return (request, response, next) => {
    const raw = { request, response };
    if (isAuthenticatedAtOnce(request, raw, checked, authInfoHere)) {
      next();
      return;
    }
    decideAuthentication(request, raw, checked).then((decision) => {
      if (!decision.admitted) return answerWith(response, decision.answer, next);
      if (isAnswered(response)) return undefined;
      for (const [name, value] of Object.entries(decision.headers)) response.setHeader(name, value);
      return next();
    }, next);
  };
}

module.exports = { authenticate, clientCertificate, allow };
