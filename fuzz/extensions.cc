// The decoders of extensions, without the certificate around them: each octet of the input is one of an extension.
#include "core/certificate/extensions.h"

#include <openssl/x509v3.h>

#include <array>
#include <vector>

#include "core/base/budget.h"
#include "support/check.h"

namespace {

using namespace client_cert;
using client_cert_fuzz::Check;
using client_cert_fuzz::IsWithin;

void CheckNames(const AlternativeNames& names, ByteView octets) {
  for (const AlternativeName& name : names) {
    Check(IsWithin(name.der, octets) && IsWithin(name.value, octets), "a name is within");
    if (name.type == AlternativeName::Type::kIp) Check(!IpText(name.value).empty(), "an address has a text");
    if (name.type == AlternativeName::Type::kDirectoryName) {
      Check(DirectoryNameOf(name).der.size() == name.value.size(),
            "a directoryName is read the second time as the first");
    }
  }
}

void CheckPoints(const std::vector<DistributionPoint>& points, ByteView octets) {
  for (const DistributionPoint& point : points) {
    Check(point.full_name.empty() || point.relative_name.empty(), "a name is full or relative");
    CheckNames(point.full_name, octets);
    CheckNames(point.crl_issuer, octets);
  }
}

void CheckExtensions(const Extensions& extensions, ByteView octets) {
  for (const Extension& extension : extensions.all) {
    Check(IsWithin(extension.value, octets) && extensions.Find(extension.oid) == &extension, "found by its type");
  }
  for (const auto* names : {&extensions.subject_alt_names, &extensions.issuer_alt_names}) {
    if (*names) CheckNames(**names, octets);
  }
  Check(extensions.key_usage.value_or(1) != 0, "a key has a usage");
  Check(!extensions.extended_key_usage || !extensions.extended_key_usage->empty(), "a list has a usage");
  if (extensions.crl_distribution_points) CheckPoints(*extensions.crl_distribution_points, octets);
  if (extensions.security_identifier) {
    Check(extensions.security_identifier->starts_with("S-1-"), "a security identifier is one");
  }
}

// What stands in the place of an extension where the octets are none.
void ReadAlone(der::Reader in, std::uint8_t which, ByteView octets) {
  std::vector<DistributionPoint> points;
  AlternativeNames names;
  switch (which % 2) {
    case 0:
      if (ReadDistributionPoints(in, "freshestCRL", points)) CheckPoints(points, octets);
      return;
    default:
      if (ReadAlternativeNames(in, "subjectAltName", names)) CheckNames(names, octets);
      return;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* first, std::size_t size) {
  if (size == 0) return 0;
  const ByteView octets(first + 1, size - 1);
  der::Decoding decoding(octets, budget::kCertificateElements);
  Extensions extensions;
  der::Reader in(decoding, octets);
  if (first[0] != 0) {
    ReadAlone(in, first[0], octets);
  } else if (ReadExtensions(in, extensions)) {
    CheckExtensions(extensions, octets);
  } else {
    Check(decoding.has_failed() && decoding.failure().offset <= octets.size(), "a refusal says where");
  }
  return 0;
}
