export {
  getClientCertInfo,
  ClientCertInfo,
  parseCertificate,
  Certificate,
  DistinguishedName,
  allow,
  CertFlags,
  TrustStatus,
  ClientCertError,
} from './index.js';
