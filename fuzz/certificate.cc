// Fuzzing the decoder: whatever the octets are, there is a certificate whose every part can be read, or an offset
// within them.
#include "core/certificate/certificate.h"

#include <string>

#include "support/check.h"

namespace {

using namespace client_cert;
using client_cert_fuzz::Check;

std::size_t Touch(const DistinguishedName& name) {
  std::size_t size = 0;
  for (const NameAttribute& attribute : name.attributes) {
    size += attribute.type.Text().size();
    if (attribute.string_type != der::StringType::kOther)
      size += der::ToUtf8(attribute.string_type, attribute.content).size();
  }
  return size;
}

std::size_t Touch(const AlternativeName& name) {
  using Type = AlternativeName::Type;
  if (name.type == Type::kDirectoryName) {
    const DistinguishedName directory = DirectoryNameOf(name);
    Check(directory.der.size() == name.value.size(), "a directoryName is read the second time as the first");
    return Touch(directory);
  }
  if (name.type == Type::kIp) return IpText(name.value).size();
  if (name.type == Type::kRegisteredId) return der::ObjectIdentifier{name.value}.Text().size();
  return name.oid.Text().size() + name.value.size();
}

std::size_t Touch(const Certificate& certificate) {
  std::size_t size =
      SerialText(certificate.serial()).size() + Touch(certificate.subject()) + Touch(certificate.issuer());
  const Extensions& extensions = certificate.extensions();
  for (const auto* names : {&extensions.subject_alt_names, &extensions.issuer_alt_names}) {
    if (!*names) continue;
    for (const AlternativeName& name : **names) size += Touch(name);
  }
  if (extensions.name_constraints) {
    for (const NameSubtree& subtree : extensions.name_constraints->permitted) size += Touch(subtree.base);
    for (const NameSubtree& subtree : extensions.name_constraints->excluded) size += Touch(subtree.base);
  }
  return size;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* first, std::size_t size) {
  const auto certificate = Certificate::Parse(Bytes(first, first + size));
  if (!certificate) {
    Check(certificate.error().offset <= size && !certificate.error().expected.empty(), "a refusal says where and why");
  } else {
    Check(Touch(*certificate.value()) > 0, "there is a serial number at least");
  }
  return 0;
}
