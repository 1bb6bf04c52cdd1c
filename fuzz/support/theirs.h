// What OpenSSL decoded, in the form in which our decoders say the same.
#pragma once

#include <openssl/asn1.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>

#include "core/base/bytes.h"
#include "core/certificate/distinguished_name.h"
#include "core/openssl/encode.h"
#include "support/check.h"

namespace client_cert_fuzz {

inline bool IsSame(client_cert::ByteView a, client_cert::ByteView b) { return std::ranges::equal(a, b); }

inline client_cert::ByteView OctetsOf(const ASN1_STRING* theirs) {
  return {ASN1_STRING_get0_data(theirs), static_cast<std::size_t>(ASN1_STRING_length(theirs))};
}

inline client_cert::ByteView OctetsOf(const ASN1_OBJECT* theirs) { return {OBJ_get0_data(theirs), OBJ_length(theirs)}; }

// In two's complement, as it is in DER.
inline client_cert::Bytes ContentOf(const ASN1_INTEGER* theirs) {
  client_cert::Bytes der = client_cert::Encode<i2d_ASN1_INTEGER>(theirs);
  const std::size_t header = der.size() > 1 && der[1] >= 0x80 ? 2 + (der[1] & 0x7Fu) : 2;
  der.erase(der.begin(), der.begin() + static_cast<std::ptrdiff_t>(std::min(header, der.size())));
  return der;
}

// False where OpenSSL has none, too.
inline bool IsTime(std::int64_t ours, const ASN1_TIME* theirs) {
  std::tm parts{};
  return theirs != nullptr && ASN1_TIME_to_tm(theirs, &parts) == 1 && static_cast<std::int64_t>(timegm(&parts)) == ours;
}

inline std::string TextOf(const ASN1_STRING* theirs) {
  unsigned char* text = nullptr;
  const int size = ASN1_STRING_to_UTF8(&text, theirs);
  std::string copy = size > 0 ? std::string(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size)) : "";
  if (size >= 0) OPENSSL_free(text);
  return copy;
}

inline void CheckAttribute(const client_cert::NameAttribute& ours, const X509_NAME_ENTRY* theirs) {
  Check(IsSame(ours.type.octets, OctetsOf(X509_NAME_ENTRY_get_object(theirs))), "the type of an attribute");
  Check(ours.rdn == static_cast<std::uint32_t>(X509_NAME_ENTRY_set(theirs)), "which RDN an attribute is in");
  if (ours.string_type == client_cert::der::StringType::kOther) return;
  const ASN1_STRING* value = X509_NAME_ENTRY_get_data(theirs);
  Check(client_cert::der::ToUtf8(ours.string_type, ours.content) == TextOf(value), "the text of an attribute");
}

// OpenSSL keeps the octets of a name that it has read; it encodes one anew only once somebody has changed it.
inline bool IsEncodedAs(client_cert::ByteView ours, const X509_NAME* theirs) {
  const unsigned char* der = nullptr;
  std::size_t size = 0;
  return X509_NAME_get0_der(theirs, &der, &size) == 1 && IsSame(ours, {der, size});
}

inline void CheckName(const client_cert::DistinguishedName& ours, const X509_NAME* theirs, std::string_view what) {
  Check(IsEncodedAs(ours.der, theirs), what);
  Check(ours.attributes.size() == static_cast<std::size_t>(X509_NAME_entry_count(theirs)), "how many attributes");
  int at = 0;
  for (const client_cert::NameAttribute& attribute : ours.attributes) {
    CheckAttribute(attribute, X509_NAME_get_entry(theirs, at++));
  }
}

}  // namespace client_cert_fuzz
