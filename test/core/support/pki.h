// Certification authorities for the core's tests: made on the spot by the system's OpenSSL, never stored. For one
// thread at a time.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/openssl/owned.h"
#include "core/path/certificate_path.h"
#include "core/verifier/verifier.h"

namespace client_cert_test {

using OwnedKey = client_cert::Owned<EVP_PKEY, EVP_PKEY_free>;

struct Credential {
  client_cert::OwnedX509 certificate;
  OwnedKey key;
  client_cert::Bytes der;
};

// Whether each entry of a CRL says who issued the certificate, as those of an indirect one may.
enum class Entries : std::uint8_t { kPlain, kWithIssuer };

class Authority {
 public:
  // A root; or one whose certificate `issuer` signs, with a comment of `padding` octets in it.
  explicit Authority(const std::string& name, const Authority* issuer = nullptr, std::size_t padding = 0);

  std::int64_t serial() const { return serial_; }
  const client_cert::Bytes& der() const { return self_.der; }
  X509* certificate() const { return self_.certificate.get(); }

  // For clients and for servers. `lifetime`: seconds from now; negative: it has expired.
  Credential Issue(const std::string& name, std::int64_t serial, long lifetime = 24 * 3600) const;
  // With an RSA key of so many bits; the others have P-256.
  Credential IssueRsa(const std::string& name, std::int64_t serial, unsigned int bits) const;
  // Its own certificate as OpenSSL's TRUSTED CERTIFICATE, which rejects it for a purpose (an OID).
  client_cert::Bytes RejectedFor(const std::string& purpose) const;
  // Another certificate of the same name and key.
  client_cert::Bytes Renewed() const;
  // A CRL in DER. A higher number is a newer one.
  client_cert::Bytes Revoke(const std::vector<std::int64_t>& serials, std::int64_t number,
                            Entries entries = Entries::kPlain) const;
  // An OCSP response in DER, signed by itself, that says of a certificate of its own that it is revoked.
  client_cert::Bytes RevokeByOcsp(const Credential& credential) const;

 private:
  std::int64_t serial_;
  Credential self_;
};

enum class Fetching : std::uint8_t { kNever, kWished };

// Settings for clients of `roots`, whose CRLs are at hand or are to be fetched. Ends the test where they cannot be
// made.
std::shared_ptr<const client_cert::VerifierSettings> SettingsFor(const std::vector<const Authority*>& roots,
                                                                 const std::vector<client_cert::Bytes>& crls,
                                                                 Fetching fetching = Fetching::kNever);

client_cert::Presented KnownOf(const std::vector<client_cert::Bytes>& chain);

// Seconds since 1970.
std::int64_t Now();

// Whether nothing speaks against it.
bool IsValid(const client_cert::OutcomePtr& outcome);

}  // namespace client_cert_test
