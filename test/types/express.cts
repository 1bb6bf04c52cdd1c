// client-cert-info/express as a CommonJS module.

import express = require('express');
import { clientCertificate } from 'client-cert-info/express';
import middleware = require('client-cert-info/express');

const app = express();
app.use(clientCertificate(), middleware.clientCertificate({ allow: middleware.allow.fingerprint('00') }));
app.get('/', (request) => request.clientCert?.valid);
// @ts-expect-error no such export
middleware.default;
