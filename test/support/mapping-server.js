'use strict';
// mapping-server.js TLS-OPTIONS ACCOUNT FOLDER: an HTTPS server that maps everybody to one account and reads a file as it. Ends with its input.

const fs = require('node:fs');
const https = require('node:https');
const path = require('node:path');

const { AccountMapper } = require('../..');
const { clientCertificate } = require('../../lib/express.js');

const [options, account, folder] = process.argv.slice(2);
const middleware = clientCertificate({ mapper: new AccountMapper({ resolve: () => account }) });
const server = https.createServer(JSON.parse(fs.readFileSync(options, 'utf8')), (request, response) => {
  middleware(request, response, async () => {
    const { token, mapping } = request.clientCert;
    const result = await token.fs.readFile(path.join(folder, request.url), 'utf8').catch(({ code }) => code);
    response.end(JSON.stringify({ name: token.name, level: token.impersonationLevel, rule: mapping.rule, result }));
  });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.resume().on('end', () => process.exit(0));
