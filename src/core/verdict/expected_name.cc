#include "core/verdict/expected_name.h"

#include <openssl/x509v3.h>

#include <algorithm>
#include <string_view>

#include "core/certificate/oids.h"
#include "core/der/string.h"

namespace client_cert {
namespace {

// Alternative names only: what stands in a common name is no host (RFC 9525 section 2), and no address.
constexpr unsigned kAlternativeNamesOnly = X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS;

std::string_view TextOf(ByteView octets) { return {reinterpret_cast<const char*>(octets.data()), octets.size()}; }

bool HasAlternativeName(const Certificate& certificate, AlternativeName::Type type, std::string_view expected) {
  const auto& names = certificate.extensions().subject_alt_names;
  return names && std::ranges::any_of(*names, [&](const AlternativeName& name) {
           return name.type == type && TextOf(name.value) == expected;
         });
}

// A name that says it twice says nothing: which of the two counts would be a guess.
bool HasCommonName(const Certificate& certificate, const std::string& expected) {
  std::size_t count = 0;
  bool found = false;
  for (const NameAttribute& attribute : certificate.subject().attributes) {
    if (!(attribute.type == oid::kCommonName)) continue;
    ++count;
    found = attribute.string_type != der::StringType::kOther &&
            der::ToUtf8(attribute.string_type, attribute.content) == expected;
  }
  return count == 1 && found;
}

}  // namespace

bool HasExpectedName(const KnownCertificate& certificate, const ExpectedName& expected) {
  X509* x509 = certificate.x509.get();
  const auto& [dns, email, uri, ip, upn, common_name] = expected;
  if (dns && X509_check_host(x509, dns->data(), dns->size(), kAlternativeNamesOnly, nullptr) != 1) return false;
  if (email && X509_check_email(x509, email->data(), email->size(), kAlternativeNamesOnly) != 1) return false;
  if (ip && X509_check_ip_asc(x509, ip->c_str(), 0) != 1) return false;
  if (!uri && !upn && !common_name) return true;
  if (certificate.decoded == nullptr) return false;
  using Type = AlternativeName::Type;
  if (uri && !HasAlternativeName(*certificate.decoded, Type::kUri, *uri)) return false;
  if (upn && !HasAlternativeName(*certificate.decoded, Type::kUserPrincipalName, *upn)) return false;
  return !common_name || HasCommonName(*certificate.decoded, *common_name);
}

}  // namespace client_cert
