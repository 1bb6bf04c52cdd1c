// Fuzzing the decoder of CRLs: whatever the octets are, there is a CRL that OpenSSL reads as well and whose entries are
// found, each of them, or there is none.
//
//   clang++ -std=c++20 -g -O1 -fsanitize=fuzzer,address,undefined -Isrc fuzz/crl_fuzz.cc src/core/der/*.cc
//     src/core/certificate/*.cc src/core/path/known_certificate.cc src/core/openssl/signature.cc
//     src/core/revocation/crl.cc src/core/revocation/crl_scope.cc -lcrypto -o crl_fuzz
//
// With -DSTANDALONE and without "fuzzer" it reads the files that it is given, for compilers that have no libFuzzer.
#include <openssl/x509.h>

#include <cstdlib>

#include "core/revocation/crl.h"

namespace {

using namespace client_cert;

void Check(bool holds) {
  if (!holds) std::abort();
}

void CheckAgainstOpenSsl(const Crl& crl, ByteView der) {
  const unsigned char* at = der.data();
  const Owned<X509_CRL, X509_CRL_free> other(d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size())));
  if (!other) return;
  Check(X509_NAME_cmp(crl.issuer(), X509_CRL_get_issuer(other.get())) == 0);
  STACK_OF(X509_REVOKED)* entries = X509_CRL_get_REVOKED(other.get());
  const int count = sk_X509_REVOKED_num(entries);
  Check(crl.entry_count() == static_cast<std::size_t>(count < 0 ? 0 : count));
  for (int i = 0; i < count && i < 64; ++i) {
    const ASN1_INTEGER* serial = X509_REVOKED_get0_serialNumber(sk_X509_REVOKED_value(entries, i));
    unsigned char* encoded = nullptr;
    const int length = i2d_ASN1_INTEGER(serial, &encoded);
    const Bytes octets(encoded, encoded + (length > 0 ? length : 0));
    OPENSSL_free(encoded);
    // Of a number under 128 octets; other issuers than the CRL's own have their own entries.
    if (octets.size() < 3 || octets[1] >= 0x80 ||
        (crl.issuing_distribution_point() && crl.issuing_distribution_point()->indirect) || !crl.is_usable())
      continue;
    Check(crl.Find(ByteView(octets).subspan(2), crl.issuer()).has_value());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* first, std::size_t size) {
  const ByteView der(first, size);
  const auto crl = Crl::Parse(Bytes(der.begin(), der.end()));
  if (!crl) {
    Check(crl.error().offset <= size);
    return 0;
  }
  Check(crl.value()->footprint() > 0);
  CheckAgainstOpenSsl(*crl.value(), der);
  return 0;
}

#ifdef STANDALONE
#include <fstream>
#include <iterator>

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    std::ifstream file(argv[i], std::ios::binary);
    const Bytes octets{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    LLVMFuzzerTestOneInput(octets.data(), octets.size());
  }
}
#endif
