// @ts-check
'use strict';
// The numbers of the Windows headers, and what the table of problems says of each code. All of it comes from the core's tables.

const { native } = require('./native.js');

/** @type {Map<string, import('../binding.js').ProblemKind>} */
const problemKinds = new Map(native.problemKinds().map((kind) => [kind.code, kind]));

const CertFlags = Object.freeze({
  SEC_E_OK: 0,
  ...Object.fromEntries([...problemKinds.values()].map((kind) => [kind.flagName, kind.flag])),
});

const TrustStatus = Object.freeze({ CERT_TRUST_NO_ERROR: 0, ...native.trustStatus() });

/** @type {Map<string, string>} from the name of an OpenSSL error as Node gives it ('CERT_HAS_EXPIRED') to a problem code */
const problemsOfOpenSsl = new Map(Object.entries(native.openSslErrors()));

module.exports = { CertFlags, TrustStatus, problemKinds, problemsOfOpenSsl };
