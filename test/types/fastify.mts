// client-cert-info/fastify, as an ES module.

import fastify, { type FastifyRequest } from 'fastify';

import clientCertInfo, { allow, clientCertificate, clientCertInfo as named } from 'client-cert-info/fastify';
import { type ClientCertInfo } from 'client-cert-info';

const plain = fastify();
await plain.register(clientCertInfo);
await plain.register(named, { required: false, status: 401 });

const app = fastify({ https: {} });
await app.register(clientCertInfo, { allow: allow.subject({ CN: 'Ada' }) });
await app.register(clientCertInfo, { allow: (info, request) => info.valid && request.url === '/' });
await app.register(clientCertInfo, { allow: (info, request: FastifyRequest) => info.valid && request.hostname === 'a.test' });
app.get('/', { onRequest: clientCertificate({ onRejected: (info, request, reason) => request.log.warn({ info, reason }) }) }, async (request) => {
  const info: ClientCertInfo | null | undefined = request.clientCert;
  // @ts-expect-error may be null
  request.clientCert.valid;
  return { subject: info?.certificate?.subject.toString() };
});
app.addHook('onRequest', clientCertificate());

const http2 = fastify({ https: {}, http2: true });
await http2.register(clientCertInfo, { required: false });
http2.get('/', { onRequest: clientCertificate() }, async (request) => request.clientCert?.valid);

// @ts-expect-error unknown option
await app.register(clientCertInfo, { requird: true });
// @ts-expect-error only true admits
await app.register(clientCertInfo, { allow: () => 1 });
// @ts-expect-error only true admits
clientCertificate({ allow: async () => ({}) });
