// A certificate or a ticket.

import express, { type Request } from 'express';
import fastify from 'fastify';

import { AccountMapper, type AuthenticationRejection, type DelegatedCredential, NegotiateAuthenticator, parsePrincipal, Principal, type RequestAuthInfo } from 'client-cert-info';
import { authenticate } from 'client-cert-info/express';
import { authenticate as hook } from 'client-cert-info/fastify';

const mapper = new AccountMapper({
  rules: [{ principal: '{name}@R', account: '{name}' }, { principal: ['a@R', 'b@R'], mechanism: 'Basic', deny: true }],
  // @ts-expect-error an input may be about a principal
  resolve: (input) => input.certificate.subject.toString(),
});
// @ts-expect-error an account, or deny
new AccountMapper({ rules: [{ principal: 'a@R' }] });

const authenticator = new NegotiateAuthenticator({ keytab: '/a', mechanisms: ['Negotiate', 'NTLM'], channelBinding: 'strict', mapper, basic: { verifyPassword: async () => true } });
// @ts-expect-error no such mechanism
new NegotiateAuthenticator({ mechanisms: ['Digest'] });
// @ts-expect-error only true is somebody
new NegotiateAuthenticator({ basic: { verifyPassword: () => 1 } });
authenticator.stats().halfOpen satisfies number;
// @ts-expect-error only parsePrincipal makes them
new Principal();
parsePrincipal('alice@R').realm satisfies string | null;

const app = express();
app.use(authenticate({ certificate: { mapper }, negotiate: authenticator, order: ['negotiate', 'certificate'] }));
app.use(authenticate({ negotiate: { keytab: '/a' }, allow: (info, request: Request) => info.account?.name === request.path }));
app.use(async (request, response) => {
  const info: RequestAuthInfo = await authenticator.authenticate(request, response);
  info.delegatedCredential satisfies DelegatedCredential | null;
  info.securityContext?.query('negotiationInfo').scheme satisfies string | undefined;
});
fastify().addHook('onRequest', hook({ negotiate: authenticator, onRejected: (info, request, reason) => void [info.failure, request.url, reason satisfies AuthenticationRejection] }));
