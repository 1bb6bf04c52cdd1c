// Our decoder of CRLs and its index against OpenSSL's d2i_X509_CRL and X509_CRL_get0_by_serial: what both accept
// revokes the same certificates, and what only one accepts is listed in support/differences.def.
#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstdint>
#include <ctime>

#include "core/openssl/encode.h"
#include "core/revocation/crl.h"
#include "support/check.h"
#include "support/differences.h"

namespace {

using namespace client_cert;
using client_cert_fuzz::Check;
using client_cert_fuzz::CheckAccepted;
using client_cert_fuzz::CheckListed;
using OwnedCrl = Owned<X509_CRL, X509_CRL_free>;
using OwnedInteger = Owned<ASN1_INTEGER, ASN1_INTEGER_free>;

// Entries whose serial numbers are looked up; each with one that differs in a bit.
constexpr int kLookedUp = 64;

OwnedCrl Decode(ByteView der) {
  const unsigned char* end = der.data();
  OwnedCrl crl(d2i_X509_CRL(nullptr, &end, static_cast<long>(der.size())));
  if (crl && end != der.data() + der.size()) return nullptr;
  return crl;
}

Bytes ContentOf(const ASN1_INTEGER* serial) {
  const Bytes der = Encode<i2d_ASN1_INTEGER>(serial);
  const std::size_t header = der.size() > 1 && der[1] >= 0x80 ? 2 + (der[1] & 0x7Fu) : 2;
  return der.size() < header ? Bytes() : Bytes(der.begin() + static_cast<std::ptrdiff_t>(header), der.end());
}

OwnedInteger IntegerOf(ByteView content) {
  Bytes der{V_ASN1_INTEGER};
  if (content.size() >= 0x80) der.push_back(0x81);
  der.push_back(static_cast<std::uint8_t>(content.size()));
  der.insert(der.end(), content.begin(), content.end());
  const unsigned char* at = der.data();
  return OwnedInteger(d2i_ASN1_INTEGER(nullptr, &at, static_cast<long>(der.size())));
}

// X509_CRL_get0_by_serial: 0 not found, 1 revoked, 2 removeFromCRL. Of several entries it gives any, we the gravest.
void CompareLookUp(const Crl& ours, X509_CRL* theirs, ByteView serial) {
  const OwnedInteger integer = IntegerOf(serial);
  if (!integer) return;
  X509_REVOKED* revoked = nullptr;
  const int found = X509_CRL_get0_by_serial(theirs, &revoked, integer.get());
  const std::optional<CrlEntry> entry = ours.Find(serial, ours.issuer());
  Check(entry.has_value() == (found != 0), "an entry is found by both or by none");
  if (!entry) return;
  const bool is_removed = entry->reason == crl_reason::kRemoveFromCrl;
  Check(!is_removed || found == 2, "what has been removed by us has been by OpenSSL");
}

// Of a certificate whose issuer is not the CRL's own: entries of an indirect CRL.
bool HasEntriesOfOthers(const X509_CRL* crl, STACK_OF(X509_REVOKED) * entries) {
  if (X509_CRL_get_ext_by_NID(crl, NID_issuing_distribution_point, -1) >= 0) return true;
  for (int i = 0; i < sk_X509_REVOKED_num(entries); ++i) {
    if (X509_REVOKED_get_ext_by_NID(sk_X509_REVOKED_value(entries, i), NID_certificate_issuer, -1) >= 0) return true;
  }
  return false;
}

bool IsTime(std::int64_t ours, const ASN1_TIME* theirs) {
  std::tm parts{};
  return ASN1_TIME_to_tm(theirs, &parts) == 1 && static_cast<std::int64_t>(timegm(&parts)) == ours;
}

void Compare(const Crl& ours, X509_CRL* theirs) {
  Check(X509_NAME_cmp(ours.issuer(), X509_CRL_get_issuer(theirs)) == 0, "issuer");
  Check(IsTime(ours.this_update(), X509_CRL_get0_lastUpdate(theirs)), "thisUpdate");
  const ASN1_TIME* next = X509_CRL_get0_nextUpdate(theirs);
  Check((next != nullptr) == ours.next_update().has_value(), "nextUpdate");
  Check(next == nullptr || IsTime(*ours.next_update(), next), "nextUpdate: when");
  STACK_OF(X509_REVOKED)* entries = X509_CRL_get_REVOKED(theirs);
  const int count = std::max(0, sk_X509_REVOKED_num(entries));
  Check(ours.entry_count() == static_cast<std::size_t>(count), "how many entries");
  if (HasEntriesOfOthers(theirs, entries)) return;
  for (int i = 0; i < std::min(count, kLookedUp); ++i) {
    Bytes serial = ContentOf(X509_REVOKED_get0_serialNumber(sk_X509_REVOKED_value(entries, i)));
    if (serial.empty() || serial.size() > 0xFF) continue;
    CompareLookUp(ours, theirs, serial);
    serial.back() ^= 1;
    CompareLookUp(ours, theirs, serial);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* first, std::size_t size) {
  ERR_clear_error();
  const OwnedCrl theirs = Decode({first, size});
  const auto ours = Crl::Parse(Bytes(first, first + size));
  if (!ours && theirs) CheckListed(ours.error());
  if (ours && !theirs) CheckAccepted();
  if (ours && theirs) Compare(*ours.value(), theirs.get());
  return 0;
}
