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

const SecStatus = Object.freeze(native.secStatus());

const AuthStatus = Object.freeze({ HttpAuthStatusSuccess: 0, HttpAuthStatusNotAuthenticated: 1, HttpAuthStatusFailure: 2 });

// The last one is ours: HTTP.sys reports certificates elsewhere. Far from what http.h may number next.
const AuthType = Object.freeze({
  HttpRequestAuthTypeNone: 0,
  HttpRequestAuthTypeBasic: 1,
  HttpRequestAuthTypeDigest: 2,
  HttpRequestAuthTypeNTLM: 3,
  HttpRequestAuthTypeNegotiate: 4,
  HttpRequestAuthTypeKerberos: 5,
  HttpRequestAuthTypeClientCertificate: 0x10000,
});

// sspi.h
const ContextAttribute = Object.freeze({
  ASC_RET_DELEGATE: 0x1,
  ASC_RET_MUTUAL_AUTH: 0x2,
  ASC_RET_REPLAY_DETECT: 0x4,
  ASC_RET_SEQUENCE_DETECT: 0x8,
  ASC_RET_CONFIDENTIALITY: 0x10,
  ASC_RET_USE_SESSION_KEY: 0x20,
  ASC_RET_SESSION_TICKET: 0x40,
  ASC_RET_ALLOCATED_MEMORY: 0x100,
  ASC_RET_USED_DCE_STYLE: 0x200,
  ASC_RET_DATAGRAM: 0x400,
  ASC_RET_CONNECTION: 0x800,
  ASC_RET_CALL_LEVEL: 0x2000,
  ASC_RET_THIRD_LEG_FAILED: 0x4000,
  ASC_RET_EXTENDED_ERROR: 0x8000,
  ASC_RET_STREAM: 0x10000,
  ASC_RET_INTEGRITY: 0x20000,
  ASC_RET_LICENSING: 0x40000,
  ASC_RET_IDENTIFY: 0x80000,
  ASC_RET_NULL_SESSION: 0x100000,
  ASC_RET_ALLOW_NON_USER_LOGONS: 0x200000,
  ASC_RET_ALLOW_CONTEXT_REPLAY: 0x400000,
  ASC_RET_FRAGMENT_ONLY: 0x800000,
  ASC_RET_NO_TOKEN: 0x1000000,
  ASC_RET_NO_ADDITIONAL_TOKEN: 0x2000000,
});

/** @type {Map<string, string>} from the name of an OpenSSL error as Node gives it ('CERT_HAS_EXPIRED') to a problem code */
const problemsOfOpenSsl = new Map(Object.entries(native.openSslErrors()));

module.exports = { AuthStatus, AuthType, CertFlags, ContextAttribute, SecStatus, TrustStatus, problemKinds, problemsOfOpenSsl };
