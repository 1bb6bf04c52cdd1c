#include "support/pki.h"

#include <openssl/asn1.h>
#include <openssl/ec.h>
#include <openssl/ocsp.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <utility>
#include <variant>

#include "core/openssl/encode.h"
#include "core/verifier/make_settings.h"
#include "core/verifier/settings.h"

namespace client_cert_test {
namespace {

using namespace client_cert;

constexpr long kHour = 3600;
constexpr const char* kClientAuthentication = "1.3.6.1.5.5.7.3.2";

// What OpenSSL refuses to make has no test.
template <class T>
T Made(T made) {
  if (made) return made;
  std::cerr << "the test's certificates cannot be made\n";
  std::abort();
}

void SetName(X509_NAME* name, const std::string& common_name) {
  const auto* text = reinterpret_cast<const unsigned char*>(common_name.c_str());
  Made(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, text, -1, -1, 0) == 1);
}

void AddExtension(X509* certificate, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const Owned<X509_EXTENSION, X509_EXTENSION_free> extension(
      Made(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str())));
  Made(X509_add_ext(certificate, extension.get(), -1) == 1);
}

OwnedKey NewKey() { return OwnedKey(Made(EVP_EC_gen("P-256"))); }

// Without extensions and signature.
Credential NewCredential(const std::string& name, std::int64_t serial, OwnedKey key, long lifetime = 24 * kHour) {
  Credential credential;
  credential.key = std::move(key);
  credential.certificate.reset(Made(X509_new()));
  X509* certificate = credential.certificate.get();
  Made(X509_set_version(certificate, X509_VERSION_3) == 1);
  Made(ASN1_INTEGER_set_int64(X509_get_serialNumber(certificate), serial) == 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -kHour);
  X509_gmtime_adj(X509_getm_notAfter(certificate), lifetime);
  SetName(X509_get_subject_name(certificate), name);
  Made(X509_set_pubkey(certificate, credential.key.get()) == 1);
  return credential;
}

void Sign(Credential& credential, const Credential& issuer) {
  X509* certificate = credential.certificate.get();
  Made(X509_set_issuer_name(certificate, X509_get_subject_name(issuer.certificate.get())) == 1);
  Made(X509_sign(certificate, issuer.key.get(), EVP_sha256()) > 0);
  credential.der = Encode<i2d_X509>(static_cast<const X509*>(certificate));
}

void AddExtensionsOfCa(X509* certificate) {
  AddExtension(certificate, NID_basic_constraints, "critical,CA:TRUE");
  AddExtension(certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
  AddExtension(certificate, NID_subject_key_identifier, "hash");
}

// As a client and a server has it.
Credential Finish(Credential credential, const Credential& issuer) {
  AddExtension(credential.certificate.get(), NID_key_usage, "critical,digitalSignature");
  AddExtension(credential.certificate.get(), NID_ext_key_usage, "clientAuth,serverAuth");
  Sign(credential, issuer);
  return credential;
}

void SetCertificateIssuer(X509_REVOKED* revoked, const X509* issuer) {
  GENERAL_NAME* name = Made(GENERAL_NAME_new());
  GENERAL_NAME_set0_value(name, GEN_DIRNAME, Made(X509_NAME_dup(X509_get_subject_name(issuer))));
  const Owned<GENERAL_NAMES, GENERAL_NAMES_free> names(Made(GENERAL_NAMES_new()));
  Made(sk_GENERAL_NAME_push(names.get(), name) > 0);
  Made(X509_REVOKED_add1_ext_i2d(revoked, NID_certificate_issuer, names.get(), 1, 0) == 1);
}

void SetIndirect(X509_CRL* crl) {
  const Owned<ISSUING_DIST_POINT, ISSUING_DIST_POINT_free> point(Made(ISSUING_DIST_POINT_new()));
  point->indirectCRL = 0xff;
  Made(X509_CRL_add1_ext_i2d(crl, NID_issuing_distribution_point, point.get(), 1, 0) == 1);
}

std::int64_t NextSerial() {
  static std::int64_t last = 0;
  return ++last;
}

}  // namespace

Authority::Authority(const std::string& name, const Authority* issuer, std::size_t padding)
    : serial_(NextSerial()), self_(NewCredential(name, serial_, NewKey())) {
  AddExtensionsOfCa(self_.certificate.get());
  if (padding > 0) AddExtension(self_.certificate.get(), NID_netscape_comment, std::string(padding, 'x'));
  Sign(self_, issuer != nullptr ? issuer->self_ : self_);
}

Credential Authority::Issue(const std::string& name, std::int64_t serial, long lifetime) const {
  return Finish(NewCredential(name, serial, NewKey(), lifetime), self_);
}

Credential Authority::IssueRsa(const std::string& name, std::int64_t serial, unsigned int bits) const {
  return Finish(NewCredential(name, serial, OwnedKey(Made(EVP_RSA_gen(bits)))), self_);
}

Bytes Authority::RejectedFor(const std::string& purpose) const {
  const OwnedX509 trusted(Made(X509_dup(self_.certificate.get())));
  const Owned<ASN1_OBJECT, ASN1_OBJECT_free> object(Made(OBJ_txt2obj(purpose.c_str(), 1)));
  Made(X509_add1_reject_object(trusted.get(), object.get()) == 1);
  return Encode<i2d_X509_AUX>(static_cast<const X509*>(trusted.get()));
}

Bytes Authority::Renewed() const {
  EVP_PKEY_up_ref(self_.key.get());
  Credential renewed = NewCredential("renewed", NextSerial(), OwnedKey(self_.key.get()));
  X509_set_subject_name(renewed.certificate.get(), X509_get_subject_name(certificate()));
  AddExtensionsOfCa(renewed.certificate.get());
  Sign(renewed, self_);
  return renewed.der;
}

Bytes Authority::Revoke(const std::vector<std::int64_t>& serials, std::int64_t number, Entries entries) const {
  const Owned<X509_CRL, X509_CRL_free> crl(Made(X509_CRL_new()));
  Made(X509_CRL_set_version(crl.get(), X509_CRL_VERSION_2) == 1);
  Made(X509_CRL_set_issuer_name(crl.get(), X509_get_subject_name(certificate())) == 1);
  const Owned<ASN1_TIME, ASN1_TIME_free> begin(Made(X509_gmtime_adj(nullptr, -kHour)));
  const Owned<ASN1_TIME, ASN1_TIME_free> end(Made(X509_gmtime_adj(nullptr, kHour)));
  Made(X509_CRL_set1_lastUpdate(crl.get(), begin.get()) == 1 && X509_CRL_set1_nextUpdate(crl.get(), end.get()) == 1);
  const Owned<ASN1_INTEGER, ASN1_INTEGER_free> integer(Made(ASN1_INTEGER_new()));
  for (const std::int64_t serial : serials) {
    Owned<X509_REVOKED, X509_REVOKED_free> revoked(Made(X509_REVOKED_new()));
    Made(ASN1_INTEGER_set_int64(integer.get(), serial) == 1);
    Made(X509_REVOKED_set_serialNumber(revoked.get(), integer.get()) == 1);
    Made(X509_REVOKED_set_revocationDate(revoked.get(), begin.get()) == 1);
    if (entries == Entries::kWithIssuer) SetCertificateIssuer(revoked.get(), certificate());
    Made(X509_CRL_add0_revoked(crl.get(), revoked.release()) == 1);
  }
  Made(ASN1_INTEGER_set_int64(integer.get(), number) == 1);
  Made(X509_CRL_add1_ext_i2d(crl.get(), NID_crl_number, integer.get(), 0, 0) == 1);
  if (entries == Entries::kWithIssuer) SetIndirect(crl.get());
  Made(X509_CRL_sign(crl.get(), self_.key.get(), EVP_sha256()) > 0);
  return Encode<i2d_X509_CRL>(static_cast<const X509_CRL*>(crl.get()));
}

Bytes Authority::RevokeByOcsp(const Credential& credential) const {
  const Owned<OCSP_BASICRESP, OCSP_BASICRESP_free> basic(Made(OCSP_BASICRESP_new()));
  const Owned<OCSP_CERTID, OCSP_CERTID_free> id(
      Made(OCSP_cert_to_id(EVP_sha1(), credential.certificate.get(), certificate())));
  const Owned<ASN1_TIME, ASN1_TIME_free> begin(Made(X509_gmtime_adj(nullptr, -kHour)));
  const Owned<ASN1_TIME, ASN1_TIME_free> end(Made(X509_gmtime_adj(nullptr, kHour)));
  Made(OCSP_basic_add1_status(basic.get(), id.get(), V_OCSP_CERTSTATUS_REVOKED, OCSP_REVOKED_STATUS_KEYCOMPROMISE,
                              begin.get(), begin.get(), end.get()) != nullptr);
  Made(OCSP_basic_sign(basic.get(), certificate(), self_.key.get(), EVP_sha256(), nullptr, OCSP_NOCERTS) == 1);
  const Owned<OCSP_RESPONSE, OCSP_RESPONSE_free> response(
      Made(OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic.get())));
  return Encode<i2d_OCSP_RESPONSE>(response.get());
}

std::shared_ptr<const VerifierSettings> SettingsFor(const std::vector<const Authority*>& roots,
                                                    const std::vector<Bytes>& crls, Fetching fetching) {
  SettingsInput input;
  for (const Authority* root : roots) input.ca.push_back({root->der()});
  input.crls = crls;
  input.purposes = {kClientAuthentication};
  input.path.max_intermediates = 8;
  input.revocation.mode = fetching == Fetching::kWished ? RevocationMode::kOnline
                          : crls.empty()                ? RevocationMode::kNone
                                                        : RevocationMode::kCached;
  input.revocation.scope = RevocationScope::kLeaf;
  auto made = MakeSettings(std::move(input));
  auto* settings = std::get_if<std::shared_ptr<const VerifierSettings>>(&made);
  return Made(settings == nullptr ? nullptr : std::move(*settings));
}

Presented KnownOf(const std::vector<Bytes>& chain) {
  Presented presented;
  for (const Bytes& der : chain) presented.push_back(Made(Know(der)));
  return presented;
}

std::int64_t Now() { return std::time(nullptr); }

bool IsValid(const OutcomePtr& outcome) { return outcome != nullptr && outcome->verdict.problems.empty(); }

}  // namespace client_cert_test
