// client-cert-info/fastify, as a CommonJS module.

import fastify = require('fastify');
import clientCertInfo = require('client-cert-info/fastify');
import named from 'client-cert-info/fastify';

const app = fastify({ https: {} });
app.register(clientCertInfo, { required: false });
app.register(clientCertInfo.default);
app.register(clientCertInfo.clientCertInfo);
app.register(named);
app.get('/', { onRequest: clientCertInfo.clientCertificate({ allow: clientCertInfo.allow.serialNumber('01') }) }, async (request) =>
  request.clientCert?.valid);
