// @ts-check
'use strict';

const { allow } = require('./allow.js');
const { checkedOptions, decide, isAdmittedAtOnce, isAnswered } = require('./decision.js');

/**
 * @param {import('./index.js').ClientCertificateOptions} [options]
 * @returns {import('./express.js').ClientCertificateMiddleware}
 */
function clientCertificate(options) {
  const checked = checkedOptions(options);
  return (request, response, next) => {
    if (isAdmittedAtOnce(request, { request, response }, checked)) {
      next();
      return;
    }
    decide(request, { request, response }, checked).then((decision) => {
      if (decision.admitted) return next();
      if (isAnswered(response)) return undefined;
      const { status, headers, body } = decision.answer;
      try {
        response.writeHead(status, headers);
        return response.end(body);
      } catch (error) {
        // Other middleware may have wrapped the response.
        return next(error);
      }
    }, next);
  };
}

module.exports = { clientCertificate, allow };
