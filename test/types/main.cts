// The main entry, as a CommonJS module.

import clientCert = require('client-cert-info');
import { getClientCertInfo, type ClientCertInfo } from 'client-cert-info';
import https = require('node:https');

https.createServer({}, (request) => {
  const info: ClientCertInfo | null = getClientCertInfo(request);
  const same: clientCert.ClientCertInfo | null = info;
  return same?.valid;
});
clientCert.allow.subject({ CN: 'Ada' });
const certificate: clientCert.Certificate = clientCert.parseCertificate('');
const codes: clientCert.ProblemCode[] = ['CERT_EXPIRED', 'CERT_REVOKED'];
void [certificate, codes, clientCert.CertFlags, clientCert.TrustStatus, clientCert.ClientCertError];
// @ts-expect-error no such export
clientCert.default;
// @ts-expect-error not a part of this entry
clientCert.clientCertificate;
