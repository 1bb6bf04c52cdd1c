// @ts-check
'use strict';
// The public surface.

const { AccountMapper } = require('./account/mapper.js');
const { allow } = require('./allow.js');
const { Certificate, parseCertificate } = require('./certificate.js');
const { ClientCertInfo, getClientCertInfo } = require('./client-cert-info.js');
const { CertFlags, TrustStatus } = require('./constants.js');
const { DistinguishedName } = require('./distinguished-name.js');
const { ClientCertError } = require('./errors.js');
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
  Verifier,
  Verdict,
  AccountMapper,
  AccessToken,
  parseCertificate,
  Certificate,
  DistinguishedName,
  allow,
  CertFlags,
  TrustStatus,
  ClientCertError,
};
