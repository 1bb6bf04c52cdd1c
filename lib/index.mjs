export {
  getClientCertInfo,
  ClientCertInfo,
  watchClientCert,
  Verifier,
  Verdict,
  parseCertificate,
  Certificate,
  DistinguishedName,
  allow,
  CertFlags,
  TrustStatus,
  ClientCertError,
} from './index.js';
