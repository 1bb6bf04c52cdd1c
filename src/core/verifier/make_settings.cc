#include "core/verifier/make_settings.h"

#include <openssl/x509v3.h>

#include <utility>

#include "core/openssl/error_queue.h"
#include "core/path/known_certificate.h"
#include "core/verifier/settings.h"

namespace client_cert {
namespace {

constexpr std::string_view kNoCertificate = "is no certificate that OpenSSL can read";

class Maker {
 public:
  explicit Maker(SettingsInput input) : input_(std::move(input)) {}

  bool Make() {
    settings_->path = std::move(input_.path);
    settings_->requirements = std::move(input_.requirements);
    settings_->revocation = std::move(input_.revocation);
    settings_->revocation.ocsp.security_level = settings_->path.security_level;
    // Before the purposes are handed on: the settings of a CA may speak against one.
    if (!AddCas()) return false;
    SetPurposes();
    return AddIntermediates() && AddAllowedIssuers() && AddDistrusted() && AddCrls() && AddOcsp();
  }

  std::shared_ptr<const VerifierSettings> settings() const { return settings_; }
  const SettingsFault& fault() const { return fault_; }

 private:
  bool Fail(std::string_view input, std::size_t index, std::string_view reason,
            std::optional<Malformed> malformed = std::nullopt) {
    fault_ = {input, index, reason, std::move(malformed)};
    return false;
  }

  // One purpose that OpenSSL knows is left to it; several, and others, are checked by their extended key usages.
  void SetPurposes() {
    std::vector<std::string>& purposes = input_.purposes;
    if (purposes.size() == 1 && purposes.front() == "1.3.6.1.5.5.7.3.2") {
      settings_->path.purpose = X509_PURPOSE_SSL_CLIENT;
    } else if (purposes.size() == 1 && purposes.front() == "1.3.6.1.5.5.7.3.1") {
      settings_->path.purpose = X509_PURPOSE_SSL_SERVER;
    } else {
      settings_->requirements.purposes = std::move(purposes);
    }
  }

  bool AddCas() {
    for (std::size_t i = 0; i < input_.ca.size(); ++i) {
      const CertificatePtr known = Know(input_.ca[i].der, input_.ca[i].auxiliary);
      if (!known) return Fail("ca", i, kNoCertificate);
      if (IsRejectedFor(input_.purposes, *known)) settings_->requirements.rejected.push_back(known);
      settings_->trust.AddCa(known, settings_->path.allow_partial_chain);
    }
    return true;
  }

  bool AddIntermediates() {
    for (std::size_t i = 0; i < input_.intermediates.size(); ++i) {
      CertificatePtr known = Know(input_.intermediates[i]);
      if (!known) return Fail("intermediates", i, kNoCertificate);
      settings_->trust.intermediates.Add(std::move(known));
    }
    return true;
  }

  bool AddAllowedIssuers() {
    for (std::size_t i = 0; i < input_.allowed_issuers.size(); ++i) {
      CertificatePtr known = Know(input_.allowed_issuers[i]);
      if (!known) return Fail("allowedIssuers", i, kNoCertificate);
      settings_->requirements.allowed_issuers.push_back(std::move(known));
    }
    return true;
  }

  // One that nobody can read is distrusted by its fingerprint alone.
  bool AddDistrusted() {
    Requirements& requirements = settings_->requirements;
    for (std::size_t i = 0; i < input_.distrusted.size(); ++i) {
      Sha256 digest{};
      if (!DigestSha256(input_.distrusted[i], digest)) return Fail("distrusted", i, "cannot be taken in");
      requirements.distrusted_certificates.insert(digest);
      const auto decoded = Certificate::Parse(input_.distrusted[i]);
      if (!decoded) continue;
      if (!DigestSha256(decoded.value()->tbs_certificate(), digest)) return Fail("distrusted", i, "cannot be taken in");
      requirements.distrusted_contents.insert(digest);
    }
    return true;
  }

  bool AddCrls() {
    std::vector<CrlPtr> crls;
    for (std::size_t i = 0; i < input_.crls.size(); ++i) {
      auto crl = Crl::Parse(std::move(input_.crls[i]));
      if (!crl) return Fail("crls", i, "is no CRL", crl.error());
      crls.push_back(std::move(crl).value());
    }
    settings_->crls = CrlSet(std::move(crls));
    return true;
  }

  bool AddOcsp() {
    std::vector<OcspResponsePtr> responses;
    for (std::size_t i = 0; i < input_.ocsp_responses.size(); ++i) {
      ParsedOcspResponse parsed = ParseOcspResponse(input_.ocsp_responses[i]);
      const bool is_usable = parsed.state == OcspResponseState::kSuccessful;
      if (!is_usable) return Fail("revocation.ocsp.responses", i, "is no successful OCSP response");
      responses.push_back(std::move(parsed.response));
    }
    settings_->ocsp = OcspSet(std::move(responses));
    if (!input_.responder_certificate) return true;
    settings_->revocation.ocsp.responder = Know(*input_.responder_certificate);
    return settings_->revocation.ocsp.responder != nullptr ||
           Fail("revocation.ocsp.responderCertificate", 0, kNoCertificate);
  }

  SettingsInput input_;
  std::shared_ptr<VerifierSettings> settings_ = std::make_shared<VerifierSettings>();
  SettingsFault fault_;
};

}  // namespace

std::variant<std::shared_ptr<const VerifierSettings>, SettingsFault> MakeSettings(SettingsInput input) {
  const ErrorQueueGuard guard;
  Maker maker(std::move(input));
  if (maker.Make()) return maker.settings();
  return maker.fault();
}

}  // namespace client_cert
