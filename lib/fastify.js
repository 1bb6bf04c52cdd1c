// @ts-check
'use strict';

const { allow } = require('./allow.js');
const { checkedAuthentication, decideAuthentication, isAuthenticatedAtOnce } = require('./authentication.js');
const { checkedOptions, decide, isAdmittedAtOnce, isAnswered } = require('./decision.js');

const ADMITTED = Promise.resolve();

/**
 * @param {import('./index.js').ClientCertificateOptions} [options]
 * @returns {(request: any, reply: any) => Promise<any>}
 */
function clientCertificate(options) {
  const checked = checkedOptions(options);
  /** @param {any} request @param {any} reply */
  const decideLater = async (request, reply) => {
    const decision = await decide(request, { request: request.raw, response: reply.raw }, checked);
    return decision.admitted ? undefined : answerWith(reply, decision.answer);
  };
  return (request, reply) =>
    isAdmittedAtOnce(request, { request: request.raw, response: reply.raw }, checked) ? ADMITTED : decideLater(request, reply);
}

/** @param {any} reply @param {{ status: number, headers: object, body: string }} answer @returns {unknown} */
function answerWith(reply, { status, headers, body }) {
  if (reply.sent) return reply;
  if (isAnswered(reply.raw)) return reply.hijack();
  // Text, not an object: a route's own serializer and response schema know nothing of this answer.
  return reply.code(status).headers(headers).send(body);
}

/**
 * @param {import('./index.js').AuthenticationOptions} options
 * @returns {(request: any, reply: any) => Promise<any>}
 */
function authenticate(options) {
  const checked = checkedAuthentication(options);
  /** @param {any} request @param {any} reply @param {{ request: any, response: any }} raw */
  const decideLater = async (request, reply, raw) => {
    const decision = await decideAuthentication(request, raw, checked);
    if (!decision.admitted) return answerWith(reply, decision.answer);
    reply.headers(decision.headers);
    return undefined;
  };
  return (request, reply) => {
    const raw = { request: request.raw, response: reply.raw };
    return isAuthenticatedAtOnce(request, raw, checked) ? ADMITTED : decideLater(request, reply, raw);
  };
}

/** @param {any} fastify @param {import('./index.js').ClientCertificateOptions} options */
async function clientCertInfo(fastify, options) {
  if (!fastify.hasRequestDecorator('clientCert')) fastify.decorateRequest('clientCert', null);
  fastify.addHook('onRequest', clientCertificate(options));
}

// What fastify-plugin would set: the hook applies to the instance that registers the plugin, not to a child of it.
module.exports = Object.assign(clientCertInfo, {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: 'client-cert-info',
  [Symbol.for('plugin-meta')]: { name: 'client-cert-info', fastify: '>=4.0.0' },
  default: clientCertInfo,
  clientCertInfo,
  clientCertificate,
  authenticate,
  allow,
});
