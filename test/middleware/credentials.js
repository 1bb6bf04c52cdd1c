'use strict';
// Who comes: clients of each kind, and the authority that the servers of these tests trust.

const { extensions } = require('../support/certificate-builder.js');
const { Authority, SERVER_AUTH, daysFromNow } = require('../support/pki.js');

const root = new Authority('Root');
const otherRoot = new Authority('Other Root');
const server = root.issueServer(['localhost']);

/** @type {Record<string, { cert?: string, key?: string }>} */
const clients = {
  valid: root.issue(),
  none: {},
  expired: root.issue({ notBefore: daysFromNow(-20), notAfter: daysFromNow(-10) }),
  'of a wrong usage': root.issue({ extensions: [extensions.extendedKeyUsage([SERVER_AUTH])] }),
  untrusted: otherRoot.issue(),
};

/** What a client gives to tls.connect. @param {string} name */
const credentialOf = (name) => ({ cert: clients[name].cert, key: clients[name].key });

const serverOptions = { key: server.key, cert: server.cert, ca: root.pem };

module.exports = { root, otherRoot, server, serverOptions, clients, credentialOf };
