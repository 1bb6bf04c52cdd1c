// Fuzzing the decoder: whatever the octets are, there is a certificate whose every part can be read, or an offset
// within them.
//
//   clang++ -std=c++20 -g -O1 -fsanitize=fuzzer,address,undefined -Isrc fuzz/certificate_fuzz.cc src/core/der/*.cc
//     $(ls src/core/certificate/*.cc | grep -v fingerprint) -o certificate_fuzz
//
// With -DSTANDALONE and without "fuzzer" it reads the files that it is given, for compilers that have no libFuzzer.
#include <cstdlib>
#include <string>

#include "core/certificate/certificate.h"

namespace {

using namespace client_cert;

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
    if (directory.der.size() != name.value.size()) std::abort();
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
    if (certificate.error().offset > size || certificate.error().expected.empty()) std::abort();
  } else if (Touch(*certificate.value()) == 0) {
    std::abort();  // there is a serial number at least
  }
  return 0;
}

#ifdef STANDALONE
#include <fstream>
#include <iterator>

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    std::ifstream file(argv[i], std::ios::binary);
    const Bytes octets{std::istreambuf_iterator<char>(file), {}};
    LLVMFuzzerTestOneInput(octets.data(), octets.size());
  }
}
#endif
