// @ts-check
'use strict';
// The public surface.

const { AccountMapper } = require('./account/mapper.js');
const { Principal, parsePrincipal } = require('./account/principal.js');
const { allow } = require('./allow.js');
const { Certificate, parseCertificate } = require('./certificate.js');
const { ClientCertAgent, clientCertConnector } = require('./client/agents.js');
const { createCredentialStore } = require('./client/credential-store.js');
const { queryClientCert } = require('./client/query-client-cert.js');
const { ClientCertInfo, getClientCertInfo } = require('./client-cert-info.js');
const { AuthStatus, AuthType, CertFlags, ContextAttribute, SecStatus, TrustStatus } = require('./constants.js');
const { PackedContext } = require('./context/packed-context.js');
const { RequestAuthInfo, getRequestAuthInfo } = require('./context/request-auth-info.js');
const { SecurityContext, getSecurityContext } = require('./context/security-context.js');
const { DistinguishedName } = require('./distinguished-name.js');
const { ClientCertError } = require('./errors.js');
const { NegotiateAuthenticator } = require('./negotiate/authenticator.js');
const { DelegatedCredential } = require('./negotiate/delegated-credential.js');
const { receiveClientCertificate } = require('./on-demand/receive.js');
const { AccessToken } = require('./token/access-token.js');
const { Verdict } = require('./verdict.js');
const { Verifier } = require('./verifier.js');
const { watchClientCert } = require('./watch.js');

module.exports = {
  getClientCertInfo,
  receiveClientCertificate,
  ClientCertInfo,
  watchClientCert,
  getRequestAuthInfo,
  RequestAuthInfo,
  getSecurityContext,
  SecurityContext,
  PackedContext,
  NegotiateAuthenticator,
  DelegatedCredential,
  Principal,
  parsePrincipal,
  Verifier,
  Verdict,
  AccountMapper,
  AccessToken,
  queryClientCert,
  createCredentialStore,
  ClientCertAgent,
  clientCertConnector,
  parseCertificate,
  Certificate,
  DistinguishedName,
  allow,
  CertFlags,
  TrustStatus,
  SecStatus,
  AuthStatus,
  AuthType,
  ContextAttribute,
  ClientCertError,
};
