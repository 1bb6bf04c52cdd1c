#include "core/path/trust_store.h"

#include <openssl/x509v3.h>

namespace client_cert {

CertificatePtr TrustStore::Find(const Sha256& fingerprint) const {
  CertificatePtr certificate = trusted.Find(fingerprint);
  return certificate ? certificate : intermediates.Find(fingerprint);
}

void TrustStore::AddCa(const CertificatePtr& certificate, bool allow_partial_chain) {
  X509* x509 = certificate->x509.get();
  const bool self_signed = (X509_get_extension_flags(x509) & EXFLAG_SS) != 0;
  if (self_signed || allow_partial_chain || X509_trusted(x509) != 0) anchors.Add(certificate);
  trusted.Add(certificate);
}

}  // namespace client_cert
