// @ts-check
'use strict';

const { allow } = require('./allow.js');
const { checkedAuthentication, decideAuthentication, isAuthenticatedAtOnce } = require('./authentication.js');
const { ACCESSORS } = require('./context/admitted.js');
const { authInfoHere, checkedOptions, decide, isAdmittedAtOnce, isAnswered } = require('./decision.js');

const ADMITTED = Promise.resolve();

/** @type {import('./context/admitted.js').Make} */
const authInfoOfRequest = (request, info, verifier) => authInfoHere(request.raw, info, verifier);

/** @typedef {{ isAtOnce: (request: any, reply: any) => boolean, later: (request: any, reply: any) => Promise<void> }} Way isAtOnce: whether the request is admitted, with nothing left to decide */

/** @param {import('./index.js').ClientCertificateOptions} [options] @returns {Way} */
function byCertificate(options) {
  const checked = checkedOptions(options);
  return {
    isAtOnce: (request, reply) => isAdmittedAtOnce(request, { request: request.raw, response: reply.raw }, checked, authInfoOfRequest),
    async later(request, reply) {
      const decision = await decide(request, { request: request.raw, response: reply.raw }, checked);
      if (!decision.admitted) await refuse(reply, decision.answer);
    },
  };
}

/** @param {import('./index.js').AuthenticationOptions} options @returns {Way} */
function byEither(options) {
  const checked = checkedAuthentication(options);
  return {
    isAtOnce: (request, reply) => isAuthenticatedAtOnce(request, { request: request.raw, response: reply.raw }, checked, authInfoOfRequest),
    async later(request, reply) {
      const decision = await decideAuthentication(request, { request: request.raw, response: reply.raw }, checked);
      if (decision.admitted) reply.headers(decision.headers);
      else await refuse(reply, decision.answer);
    },
  };
}

/** @param {any} reply @param {{ status: number, headers: object, body: string }} answer @returns {unknown} */
function answerWith(reply, { status, headers, body }) {
  if (reply.sent) return reply;
  if (isAnswered(reply.raw)) return reply.hijack();
  // Text, not an object: a route's own serializer and response schema know nothing of this answer.
  return reply.code(status).headers(headers).send(body);
}

/**
 * Until the answer is sent, or the client has left. For the latter Fastify goes on to the route as long as hooks work on the answer: it must not.
 *
 * @param {any} reply
 * @param {{ status: number, headers: object, body: string }} answer
 */
async function refuse(reply, answer) {
  await answerWith(reply, answer);
  if (!reply.sent) reply.hijack();
}

/** @param {Way} way @returns {(request: any, reply: any) => Promise<any>} */
const hookOf = ({ isAtOnce, later }) => (request, reply) => (isAtOnce(request, reply) ? ADMITTED : later(request, reply));

/** @param {import('./index.js').ClientCertificateOptions} [options] */
const clientCertificate = (options) => hookOf(byCertificate(options));

/** @param {import('./index.js').AuthenticationOptions} options */
const authenticate = (options) => hookOf(byEither(options));

/** @param {any} fastify @param {import('./index.js').ClientCertificateOptions} options */
async function clientCertInfo(fastify, options) {
  for (const [name, { get, set }] of Object.entries(ACCESSORS)) {
    if (!fastify.hasRequestDecorator(name)) fastify.decorateRequest(name, { getter: get, setter: set });
  }
  const { isAtOnce, later } = byCertificate(options);
  // With a callback: a promise takes as long as all the rest.
  fastify.addHook('onRequest', (/** @type {any} */ request, /** @type {any} */ reply, /** @type {(error?: unknown) => void} */ done) => {
    if (isAtOnce(request, reply)) done();
    else later(request, reply).then(() => done(), done);
  });
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
