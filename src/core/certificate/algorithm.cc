#include "core/certificate/algorithm.h"

#include "core/certificate/oids.h"

namespace client_cert {
namespace {

using oid::kLiteral;

struct NamedAlgorithm {
  der::ObjectIdentifier oid;
  std::string_view name;
};

constexpr NamedAlgorithm kSignatureAlgorithms[] = {
    {kLiteral<0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11>, "sha256WithRSAEncryption"},
    {kLiteral<0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2>, "ecdsa-with-SHA256"},
    {kLiteral<0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3>, "ecdsa-with-SHA384"},
    {kLiteral<0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 4>, "ecdsa-with-SHA512"},
    {kLiteral<0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 12>, "sha384WithRSAEncryption"},
    {kLiteral<0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 13>, "sha512WithRSAEncryption"},
    {kLiteral<0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10>, "RSASSA-PSS"},
    {kLiteral<0x2b, 0x65, 112>, "Ed25519"},
    {kLiteral<0x2b, 0x65, 113>, "Ed448"},
    {kLiteral<0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 5>, "sha1WithRSAEncryption"},
    {kLiteral<0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 14>, "sha224WithRSAEncryption"},
    {kLiteral<0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 4>, "md5WithRSAEncryption"},
    {kLiteral<0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 2>, "md2WithRSAEncryption"},
    {kLiteral<0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1>, "ecdsa-with-SHA1"},
    {kLiteral<0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 1>, "ecdsa-with-SHA224"},
    {kLiteral<0x2a, 0x86, 0x48, 0xce, 0x38, 4, 3>, "dsa-with-sha1"},
    {kLiteral<0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 1>, "dsa-with-sha224"},
    {kLiteral<0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 2>, "dsa-with-sha256"},
    {kLiteral<0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 10>, "ecdsa-with-SHA3-256"},
    {kLiteral<0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 11>, "ecdsa-with-SHA3-384"},
    {kLiteral<0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 12>, "ecdsa-with-SHA3-512"},
    {kLiteral<0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 14>, "rsassa-pkcs1-v1_5-with-sha3-256"},
    {kLiteral<0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 15>, "rsassa-pkcs1-v1_5-with-sha3-384"},
    {kLiteral<0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 16>, "rsassa-pkcs1-v1_5-with-sha3-512"},
};

}  // namespace

bool ReadAlgorithmIdentifier(der::Reader& in, std::string_view field, AlgorithmIdentifier& out) {
  der::Element element;
  if (!in.Read(der::kSequence, field, element)) return false;
  out.der = element.whole;
  der::Reader algorithm = in.Inside(element);
  if (!der::ReadOid(algorithm, {field, "algorithm"}, out.oid)) return false;
  out.parameters = ByteView(algorithm.position(), 0);
  if (algorithm.AtEnd()) return true;
  der::Element parameters;
  if (!algorithm.ReadValue({field, "parameters"}, parameters)) return false;
  out.parameters = parameters.whole;
  return algorithm.End(field);
}

std::string_view SignatureAlgorithmName(const der::ObjectIdentifier& oid) {
  for (const NamedAlgorithm& known : kSignatureAlgorithms) {
    if (known.oid == oid) return known.name;
  }
  return {};
}

}  // namespace client_cert
