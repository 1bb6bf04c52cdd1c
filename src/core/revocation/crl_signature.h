// CrlSignature: what is needed to tell whose key signed a CRL, without the CRL. Any thread may use it.
#pragma once

#include <openssl/evp.h>

#include <mutex>
#include <optional>
#include <vector>

#include "core/base/bytes.h"
#include "core/certificate/algorithm.h"
#include "core/path/known_certificate.h"

namespace client_cert {

class CrlSignature {
 public:
  CrlSignature() = default;
  CrlSignature(const CrlSignature&) = delete;
  CrlSignature& operator=(const CrlSignature&) = delete;

  // Hashes `tbs_cert_list`, so that neither a second signer nor a second verification needs those octets again. They
  // are kept only where the algorithm signs them whole and no digest of them (EdDSA), or has its digest in its
  // parameters (RSASSA-PSS).
  void SetSigned(ByteView tbs_cert_list, const AlgorithmIdentifier& algorithm);
  void SetSignature(ByteView signature) { signature_.assign(signature.begin(), signature.end()); }

  // What an earlier Verify found out about this key, where it has signed.
  std::optional<bool> Remembered(const Sha256& spki, int security_level) const;

  // Whether it was made with the key of `signer`, with a digest of the strength that `security_level` asks for
  // (SSL_CTX_set_security_level), as for the signature of a certificate: SHA-1 (63 bits) needs level 0. OpenSSL looks
  // at no level here. It matters because a key that signs certificates with SHA-1 could be made to sign a CRL by a
  // collision. Weaker digests than SHA-1 never do.
  bool Verify(const KnownCertificate& signer, int security_level) const;

  std::size_t footprint() const;  // octets of memory

 private:
  struct Outcome {
    Sha256 spki{};
    bool verified = false;
    int digest_bits = 0;
  };

  // Whether it could be done.
  bool Hash(ByteView tbs_cert_list, const AlgorithmIdentifier& algorithm);
  static bool IsStrong(const Outcome& outcome, int security_level);
  Outcome VerifyDigest(EVP_PKEY* key) const;
  Outcome VerifyMessage(EVP_PKEY* key) const;

  Bytes algorithm_;  // AlgorithmIdentifier
  Bytes signature_;
  // The algorithm's digest and kind of key as OpenSSL numbers them; 0 where there is none, or OpenSSL knows none.
  int digest_nid_ = 0;
  int key_nid_ = 0;
  Bytes digest_;   // of the TBSCertList; empty where message_ is not, or nobody can verify it
  Bytes message_;  // the TBSCertList

  mutable std::mutex mutex_;
  mutable std::vector<Outcome> outcomes_;
};

}  // namespace client_cert
