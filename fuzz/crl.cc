// The decoder of CRLs: whatever the octets are, there is a CRL whose parts can be read and whose entries can be looked
// up, or a place within them that is wrong. Against OpenSSL's decoder: crl_openssl.cc.
#include "core/revocation/crl.h"

#include "support/check.h"

namespace {

using namespace client_cert;
using client_cert_fuzz::Check;

void CheckCrl(const Crl& crl, std::size_t size) {
  Check(crl.footprint() > 0, "a CRL takes up memory");
  Check(crl.entry_count() <= size, "an entry has an octet at least");
  Check(crl.issuer() != nullptr && !crl.issuer_der().empty(), "a CRL has an issuer");
  Check(!crl.IsClear() || crl.is_usable(), "what is clear is usable");
  Check(!crl.number() || !crl.number()->empty(), "a number has octets");
  // Of any length, that are likely to be there and not.
  for (std::size_t octets = 1; octets <= 20; ++octets) {
    static_cast<void>(crl.Find(Bytes(octets, 1), crl.issuer()));
  }
  Check(!crl.Find({}, crl.issuer()), "no serial number, no entry");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* first, std::size_t size) {
  const auto crl = Crl::Parse(Bytes(first, first + size));
  if (!crl) {
    Check(crl.error().offset <= size && !crl.error().expected.empty(), "a refusal says where and why");
  } else {
    CheckCrl(*crl.value(), size);
  }
  return 0;
}
