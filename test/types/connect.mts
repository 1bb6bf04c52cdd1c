// client-cert-info/express without Express: plain node:https and node:http2. Needs no types of any framework.

import * as http from 'node:http';
import * as http2 from 'node:http2';
import * as https from 'node:https';

import { allow, clientCertificate, type ClientCertificateMiddleware, type ClientCertificateOptions, type RejectionReason } from 'client-cert-info/express';

const middleware: ClientCertificateMiddleware = clientCertificate();
https.createServer({}, (request, response) => middleware(request, response, (error) => {
  const valid: boolean | undefined = request.clientCert?.valid;
  response.end(String(error ?? valid));
}));
http2.createSecureServer({}, (request, response) => middleware(request, response, () => response.end(String(request.clientCert?.valid))));

clientCertificate({ allow: (info, request) => info.valid && request.headers['x-name'] === 'Ada' });
clientCertificate({ allow: async (_info, request: http.IncomingMessage) => request.method === 'GET' });
clientCertificate({ allow: (_info, request: http2.Http2ServerRequest) => request.authority === 'a.test' });
clientCertificate({ allow: allow.all(allow.subject({ CN: 'Ada' }), allow.issuer({ CN: 'Root' })) });
clientCertificate({
  onRejected(info, request, reason) {
    const code: RejectionReason = reason;
    void [info?.problems, request.clientCert?.problems, code];
  },
});
const options: ClientCertificateOptions = { status: 401 };
clientCertificate(options);

declare const request: http.IncomingMessage;
// @ts-expect-error undefined where the middleware did not run, null where there is no certificate
request.clientCert.valid;
// @ts-expect-error unknown option
clientCertificate({ requird: true });
// @ts-expect-error only true admits
clientCertificate({ allow: () => 1 });
// @ts-expect-error only true admits
clientCertificate({ allow: async () => 'true' });
// @ts-expect-error what a request is not
clientCertificate({ allow: (_info, wrong: Date) => wrong.getTime() > 0 });
// @ts-expect-error an object
clientCertificate(null);
// @ts-expect-error a request over HTTP/2 has no function for requests over HTTP/1
http2.createSecureServer({}, (q, r) => clientCertificate({ allow: (_info, one: http.IncomingMessage) => one.complete })(q, r, () => {}));
