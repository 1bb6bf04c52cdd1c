// The decoder of names that stand alone, against OpenSSL's: what we accept is a name of as many attributes to both,
// with the same text.
#include "core/openssl/name.h"

#include <openssl/err.h>
#include <openssl/x509.h>

#include <algorithm>
#include <optional>
#include <string>

#include "core/certificate/distinguished_name.h"
#include "support/check.h"
#include "support/differences.h"

namespace {

using namespace client_cert;
using client_cert_fuzz::Check;
using client_cert_fuzz::CheckAccepted;
using client_cert_fuzz::IsWithin;

std::string TheirText(const ASN1_STRING* value) {
  unsigned char* text = nullptr;
  const int size = ASN1_STRING_to_UTF8(&text, value);
  std::string copy = size > 0 ? std::string(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size)) : "";
  if (size >= 0) OPENSSL_free(text);
  return copy;
}

void CompareAttribute(const NameAttribute& ours, X509_NAME_ENTRY* theirs) {
  const ASN1_OBJECT* type = X509_NAME_ENTRY_get_object(theirs);
  Check(std::ranges::equal(ours.type.octets, ByteView(OBJ_get0_data(type), OBJ_length(type))),
        "the type of an attribute");
  Check(ours.rdn == static_cast<std::uint32_t>(X509_NAME_ENTRY_set(theirs)), "which RDN an attribute is in");
  if (ours.string_type == der::StringType::kOther) return;
  Check(der::ToUtf8(ours.string_type, ours.content) == TheirText(X509_NAME_ENTRY_get_data(theirs)), "the text");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* first, std::size_t size) {
  ERR_clear_error();
  const ByteView octets(first, size);
  const std::optional<DistinguishedName> ours = ParseDistinguishedName(octets);
  if (!ours) return 0;
  Check(ours->der.size() == size, "a name is all that there is");
  const OwnedName theirs = DecodeName(octets);
  if (!theirs) {
    CheckAccepted();
    return 0;
  }
  Check(ours->attributes.size() == static_cast<std::size_t>(X509_NAME_entry_count(theirs.get())),
        "how many attributes");
  std::size_t at = 0;
  for (const NameAttribute& attribute : ours->attributes) {
    Check(IsWithin(attribute.der, octets) && IsWithin(attribute.content, attribute.der), "an attribute is within");
    CompareAttribute(attribute, X509_NAME_get_entry(theirs.get(), static_cast<int>(at++)));
  }
  return 0;
}
