// Where our decoders and OpenSSL's do not accept the same, and why: the rows of differences.def. Whatever is not among
// them is a finding.
#pragma once

#include <openssl/asn1err.h>
#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "support/check.h"

namespace client_cert_fuzz {

struct Difference {
  std::string_view place;
  std::string_view expected;
};

inline constexpr auto kDifferences = std::to_array<Difference>({
#define DIFFERENCE(place, expected, reason) {place, expected},
#define ACCEPTED(theirs, reason)
#define ACCEPTED_WITHIN(part, reason)
#include "support/differences.def"
#undef ACCEPTED_WITHIN
#undef ACCEPTED
#undef DIFFERENCE
});

inline constexpr auto kAccepted = std::to_array<int>({
#define DIFFERENCE(place, expected, reason)
#define ACCEPTED(theirs, reason) theirs,
#define ACCEPTED_WITHIN(part, reason)
#include "support/differences.def"
#undef ACCEPTED_WITHIN
#undef ACCEPTED
#undef DIFFERENCE
});

inline constexpr auto kAcceptedWithin = std::to_array<std::string_view>({
#define DIFFERENCE(place, expected, reason)
#define ACCEPTED(theirs, reason)
#define ACCEPTED_WITHIN(part, reason) part,
#include "support/differences.def"
#undef ACCEPTED_WITHIN
#undef ACCEPTED
#undef DIFFERENCE
});

// The fields that OpenSSL decodes; all others are within something that it keeps as octets.
inline constexpr auto kDecoded = std::to_array<std::string_view>({"the certificate",
                                                                  "tbsCertificate",
                                                                  "version",
                                                                  "serialNumber",
                                                                  "signature",
                                                                  "issuer",
                                                                  "validity",
                                                                  "notBefore",
                                                                  "notAfter",
                                                                  "subject",
                                                                  "subjectPublicKeyInfo",
                                                                  "extensions",
                                                                  "issuerUniqueID",
                                                                  "subjectUniqueID",
                                                                  "signatureAlgorithm",
                                                                  "signatureValue",
                                                                  "the CRL",
                                                                  "tbsCertList",
                                                                  "revokedCertificates",
                                                                  "thisUpdate",
                                                                  "nextUpdate",
                                                                  "crlExtensions"});
// And the parts of those that it does not.
inline constexpr auto kKept =
    std::to_array<std::string_view>({"parameters", "RSAPublicKey", "modulus", "publicExponent", "subjectPublicKey",
                                     "namedCurve", "the prime", "an attribute value"});

template <class Known, class T>
bool Contains(const Known& known, const T& wanted) {
  return std::ranges::find(known, wanted) != known.end();
}

inline bool IsKept(std::string_view place) {
  const std::size_t of = place.rfind(" of ");
  if (of == std::string_view::npos) return !Contains(kDecoded, place);
  return !Contains(kDecoded, place.substr(of + std::string_view(" of ").size())) ||
         Contains(kKept, place.substr(0, of));
}

// What we refuse and OpenSSL accepts. A refusal says: what was expected, " for ", the place.
inline void CheckListed(const client_cert::Malformed& refusal) {
  const std::string_view text = refusal.expected;
  const std::size_t split = text.find(" for ");
  const std::string_view expected = text.substr(0, split);
  const std::string_view place = text.substr(split + std::string_view(" for ").size());
  const bool is_kept = IsKept(place);
  const bool is_listed = std::ranges::any_of(kDifferences, [&](const Difference& known) {
    if (known.place == "*") return is_kept;
    return known.expected == expected && (known.place.empty() || known.place == place);
  });
  Check(is_listed, "that OpenSSL refuses as well where we want " + refusal.expected);
}

// What OpenSSL refuses and we accept; what it said last is the outermost. Where it says in which part, that is the
// text.
inline void CheckAccepted() {
  bool is_listed = false;
  int reason = 0;
  const char* text = nullptr;
  int flags = 0;
  while (const unsigned long error = ERR_get_error_all(nullptr, nullptr, nullptr, &text, &flags)) {
    if (reason == 0) reason = ERR_GET_REASON(error);
    is_listed = is_listed || Contains(kAccepted, ERR_GET_REASON(error)) ||
                ((flags & ERR_TXT_STRING) != 0 && Contains(kAcceptedWithin, std::string_view(text)));
  }
  Check(is_listed, "that we refuse what OpenSSL refuses by reason " + std::to_string(reason));
}

}  // namespace client_cert_fuzz
