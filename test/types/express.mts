// client-cert-info/express with the types of Express.

import express, { type Request } from 'express';

import { allow, clientCertificate } from 'client-cert-info/express';
import { type ClientCertInfo } from 'client-cert-info';

const app = express();
app.use(clientCertificate());
app.use('/private', clientCertificate({ status: 401, allow: allow.subject({ CN: 'Ada' }) }));
app.use(clientCertificate({ allow: (info, request: Request) => info.valid && request.path === '/' }));
app.get('/', clientCertificate({ required: false }), (request, response) => {
  const info: ClientCertInfo | null | undefined = request.clientCert;
  // @ts-expect-error undefined where the middleware did not run, null where there is no certificate
  request.clientCert.valid;
  response.json({ subject: info?.certificate?.subject.toString() });
});
