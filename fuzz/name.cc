// The decoder of names that stand alone, against OpenSSL's: what we accept is a name of as many attributes to both,
// with the same text.
#include "core/openssl/name.h"

#include <openssl/err.h>
#include <openssl/x509.h>

#include <optional>

#include "core/certificate/distinguished_name.h"
#include "support/check.h"
#include "support/differences.h"
#include "support/theirs.h"

namespace {

using namespace client_cert;
using client_cert_fuzz::Check;
using client_cert_fuzz::CheckAccepted;
using client_cert_fuzz::CheckName;
using client_cert_fuzz::IsWithin;

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
  CheckName(*ours, theirs.get(), "one encoding");
  for (const NameAttribute& attribute : ours->attributes) {
    Check(IsWithin(attribute.der, octets) && IsWithin(attribute.content, attribute.der), "an attribute is within");
  }
  return 0;
}
