// TrustStore: which certificates are trusted and which are merely known. Immutable once it is in use: a change makes a
// new one.
#pragma once

#include "core/path/certificate_pool.h"

namespace client_cert {

struct TrustStore {
  CertificatePool anchors;  // a path may end in these
  CertificatePool trusted;  // what was configured as `ca`, the anchors included: OpenSSL applies its auxiliary trust
  CertificatePool intermediates;  // known, not trusted

  // Of either; null where there is none.
  CertificatePtr Find(const Sha256& fingerprint) const;

  // What was configured as a CA is an anchor where it is self-signed, and, as in OpenSSL, otherwise where that is asked
  // for (X509_V_FLAG_PARTIAL_CHAIN) or where it brings its own auxiliary trust.
  void AddCa(const CertificatePtr& certificate, bool allow_partial_chain);
};

}  // namespace client_cert
