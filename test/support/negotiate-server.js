'use strict';
// A server in a process of its own, since GSSAPI reads the real environment. Configured by the first message; says the port it listens on, and of
// each request who it came from.

const http2 = require('node:http2');
const https = require('node:https');

const { AccountMapper, NegotiateAuthenticator, SecurityContext } = require('../..');

const summaryOf = (authInfo, { pack, store }) => {
  const { authStatus, secStatusName, authType, flags, contextAttributes, packageName, mutualAuthData, principal, account, accessToken, clientCert, mapping, failure } = authInfo;
  const context = authInfo.securityContext;
  const delegated = authInfo.delegatedCredential;
  return {
    authStatus, secStatusName, authType, flags, contextAttributes, packageName, mutualAuthData,
    principal: principal?.name ?? null,
    account: account?.name ?? null,
    token: accessToken && { name: accessToken.name, uid: accessToken.uid, closed: accessToken.closed },
    mapping: mapping && { outcome: mapping.outcome, reason: mapping.reason, rule: mapping.rule },
    certificate: clientCert?.certificate?.subject.toString() ?? null,
    failure: failure?.message ?? null,
    lifespan: context?.query('lifespan') ?? null,
    negotiation: context && context.packageName !== 'TLS' ? context.query('negotiationInfo') : null,
    binding: context?.query('endpointBindings')?.applicationData.toString('base64') ?? null,
    packed: pack && context ? packed(authInfo) : null,
    delegated: delegated && { principal: delegated.principal, expiry: delegated.expiry, closed: delegated.closed },
    json: JSON.stringify(authInfo),
    stored: store && delegated ? delegated.store({ ccache: store }).then(() => true) : null,
  };
};

/** What is packed, and what a second process, or this one a second time, makes of it. */
function packed(authInfo) {
  const octets = Buffer.from(authInfo.packedContext.buffer);
  const attempt = () => {
    try {
      SecurityContext.unpack(octets).close();
      return null;
    } catch ({ code, message }) {
      return `${code} ${message}`;
    }
  };
  return { octets: octets.toString('base64'), first: attempt(), second: attempt() };
}

process.once('message', async ({ authenticator: options, rules, mode = 'authenticate', tls, certificate, order, show = {} }) => {
  const mapper = rules ? new AccountMapper({ rules }) : undefined;
  const verified = options.basicPassword;
  delete options.basicPassword;
  const authenticator = new NegotiateAuthenticator({
    ...options,
    mapper,
    ...(verified && { basic: { verifyPassword: async (user, password) => (password === 'throw' ? Promise.reject(new Error('down')) : password === 'truthy' ? 1 : password === verified) } }),
  });
  let failure = null;
  await authenticator.ready().catch(({ code, message }) => (failure = { code, message }));
  const tell = async (authInfo) => {
    const summary = summaryOf(authInfo, show);
    process.send({ authInfo: { ...summary, stored: await summary.stored, stats: authenticator.stats() } });
  };
  const hello = ({ authInfo }, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ hello: authInfo.account?.name ?? authInfo.principal?.name ?? null, type: authInfo.authType }));
  };
  const both = { certificate: certificate && { ...certificate, mapper }, negotiate: authenticator, order, onRejected: tell };
  const listener = async (request, response) => {
    try {
      const authInfo = await authenticator.authenticate(request, response);
      await tell(authInfo);
      if (authInfo.authStatus === 0) hello({ authInfo }, response);
    } catch ({ code, message }) {
      process.send({ authInfo: { error: code ?? message } });
      response.writeHead(500).end();
    }
  };
  const withExpress = (express) => {
    const app = express();
    app.use(require('../../lib/express.js').authenticate(both));
    app.use(async (request, response) => {
      await tell(request.authInfo);
      hello(request, response);
    });
    return app;
  };
  const withFastify = async (fastify, more) => {
    const app = fastify({ https: tls, ...more });
    app.addHook('onRequest', require('../../lib/fastify.js').authenticate(both));
    app.get('/', async (request, reply) => {
      await tell(request.authInfo);
      reply.type('application/json');
      return JSON.stringify({ hello: request.authInfo.account?.name ?? null, type: request.authInfo.authType });
    });
    await app.ready();
    return app.server;
  };
  const modes = {
    authenticate: () => https.createServer(tls, listener),
    http2: () => http2.createSecureServer({ ...tls, allowHTTP1: true }, listener),
    express: () => https.createServer(tls, withExpress(require('express'))),
    express4: () => https.createServer(tls, withExpress(require('express4'))),
    fastify: () => withFastify(require('fastify')),
    fastify4: () => withFastify(require('fastify4')),
    'fastify, HTTP/2': () => withFastify(require('fastify'), { http2: true }),
  };
  const server = await modes[mode]();
  process.on('message', ({ collect }) => {
    if (!collect) return;
    // What finalizers let go of is collected by the next one.
    global.gc();
    setImmediate(() => {
      global.gc();
      process.send({ memory: process.memoryUsage(), stats: authenticator.stats() });
    });
  });
  server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port, failure }));
});
