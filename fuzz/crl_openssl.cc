// Our decoder of CRLs and its index against OpenSSL's d2i_X509_CRL and X509_CRL_get0_by_cert: what both accept
// revokes the same certificates, and what only one accepts is listed in support/differences.def.
#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "core/openssl/encode.h"
#include "core/revocation/crl.h"
#include "support/check.h"
#include "support/differences.h"
#include "support/theirs.h"

namespace {

using namespace client_cert;
using client_cert_fuzz::Check;
using client_cert_fuzz::CheckAccepted;
using client_cert_fuzz::CheckListed;
using client_cert_fuzz::ContentOf;
using client_cert_fuzz::IsEncodedAs;
using client_cert_fuzz::IsTime;
using OwnedCrl = Owned<X509_CRL, X509_CRL_free>;
using OwnedInteger = Owned<ASN1_INTEGER, ASN1_INTEGER_free>;

// Entries whose serial numbers are looked up; each with one that differs in a bit.
constexpr std::size_t kLookedUp = 64;
// And issuers of certificates with each serial number: the CRL's own, and others that an indirect CRL names.
constexpr std::size_t kIssuers = 4;

OwnedCrl Decode(ByteView der) {
  const unsigned char* end = der.data();
  OwnedCrl crl(d2i_X509_CRL(nullptr, &end, static_cast<long>(der.size())));
  if (crl && end != der.data() + der.size()) return nullptr;
  return crl;
}

OwnedInteger IntegerOf(ByteView content) {
  Bytes der{V_ASN1_INTEGER};
  if (content.size() >= 0x80) der.push_back(0x81);
  der.push_back(static_cast<std::uint8_t>(content.size()));
  der.insert(der.end(), content.begin(), content.end());
  const unsigned char* at = der.data();
  return OwnedInteger(d2i_ASN1_INTEGER(nullptr, &at, static_cast<long>(der.size())));
}

// As our index keeps it: one that RFC 5280 5.3.1 defines, or none.
std::optional<std::uint32_t> ReasonOf(const X509_REVOKED* theirs) {
  const Owned<ASN1_ENUMERATED, ASN1_ENUMERATED_free> reason(
      static_cast<ASN1_ENUMERATED*>(X509_REVOKED_get_ext_d2i(theirs, NID_crl_reason, nullptr, nullptr)));
  std::int64_t number = 0;
  if (!reason || ASN1_ENUMERATED_get_int64(&number, reason.get()) != 1) return std::nullopt;
  const bool is_defined = number >= 0 && number <= 10 && number != 7;
  if (!is_defined) return std::nullopt;
  return static_cast<std::uint32_t>(number);
}

bool IsEntry(const CrlEntry& ours, const X509_REVOKED* theirs) {
  return IsTime(ours.revoked_at, X509_REVOKED_get0_revocationDate(theirs)) && ours.reason == ReasonOf(theirs);
}

// Of several entries with one number OpenSSL gives any, we the gravest; in an indirect CRL some of them may be of
// certificates of others.
bool IsAnEntry(const CrlEntry& ours, X509_CRL* theirs, const ASN1_INTEGER* serial) {
  const STACK_OF(X509_REVOKED)* entries = X509_CRL_get_REVOKED(theirs);
  for (int i = 0; i < sk_X509_REVOKED_num(entries); ++i) {
    const X509_REVOKED* entry = sk_X509_REVOKED_value(entries, i);
    if (ASN1_INTEGER_cmp(X509_REVOKED_get0_serialNumber(entry), serial) == 0 && IsEntry(ours, entry)) return true;
  }
  return false;
}

// X509_CRL_get0_by_cert: 0 not found, 1 revoked, 2 removeFromCRL.
void CompareLookUp(const Crl& ours, X509_CRL* theirs, ByteView serial, X509* certificate) {
  const OwnedInteger integer = IntegerOf(serial);
  if (!integer) return;
  Check(X509_set_serialNumber(certificate, integer.get()) == 1, "memory for a serial number");
  X509_REVOKED* revoked = nullptr;
  const int found = X509_CRL_get0_by_cert(theirs, &revoked, certificate);
  const std::optional<CrlEntry> entry = ours.Find(serial, X509_get_issuer_name(certificate));
  Check(entry.has_value() == (found != 0), "an entry is found by both or by none");
  if (!entry) return;
  const bool is_removed = entry->reason == crl_reason::kRemoveFromCrl;
  Check(!is_removed || found == 2, "what has been removed by us has been by OpenSSL");
  Check(IsAnEntry(*entry, theirs, integer.get()), "the date and the reason of an entry");
}

// Whose certificates are looked up, each in a certificate that has nothing else: the CRL's own issuer, and those that
// an indirect CRL names.
struct Issuers {
  std::vector<OwnedX509> certificates;
  // Not where OpenSSL refuses to read one: it then does not know whose the entries are that follow.
  bool are_known = true;

  void Add(const X509_NAME* name) {
    if (certificates.size() == kIssuers) return;
    OwnedX509 certificate(X509_new());
    Check(certificate && X509_set_issuer_name(certificate.get(), name) == 1, "memory for a certificate");
    certificates.push_back(std::move(certificate));
  }

  void AddThoseOf(const X509_REVOKED* entry) {
    int critical = 0;
    ERR_clear_error();
    const Owned<GENERAL_NAMES, GENERAL_NAMES_free> names(
        static_cast<GENERAL_NAMES*>(X509_REVOKED_get_ext_d2i(entry, NID_certificate_issuer, &critical, nullptr)));
    if (!names && critical != -1) {
      CheckAccepted();
      are_known = false;
    }
    for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
      const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
      if (name->type == GEN_DIRNAME) Add(name->d.directoryName);
    }
  }
};

void CompareEntries(const Crl& ours, X509_CRL* theirs) {
  const STACK_OF(X509_REVOKED)* entries = X509_CRL_get_REVOKED(theirs);
  const int count = std::max(0, sk_X509_REVOKED_num(entries));
  Check(ours.entry_count() == static_cast<std::size_t>(count), "how many entries");
  Issuers issuers;
  issuers.Add(X509_CRL_get_issuer(theirs));
  // Before any is looked up, for which OpenSSL sorts them.
  std::vector<Bytes> serials;
  for (int i = 0; i < count; ++i) {
    const X509_REVOKED* entry = sk_X509_REVOKED_value(entries, i);
    issuers.AddThoseOf(entry);
    if (serials.size() < kLookedUp) serials.push_back(ContentOf(X509_REVOKED_get0_serialNumber(entry)));
  }
  if (!issuers.are_known) return;
  for (Bytes& serial : serials) {
    if (serial.empty() || serial.size() > 0xFF) continue;
    for (const OwnedX509& certificate : issuers.certificates) CompareLookUp(ours, theirs, serial, certificate.get());
    serial.back() ^= 1;
    for (const OwnedX509& certificate : issuers.certificates) CompareLookUp(ours, theirs, serial, certificate.get());
  }
}

void CompareIssuingDistributionPoint(const std::optional<IssuingDistributionPoint>& ours, const X509_CRL* crl) {
  ERR_clear_error();
  const Owned<ISSUING_DIST_POINT, ISSUING_DIST_POINT_free> theirs(
      static_cast<ISSUING_DIST_POINT*>(X509_CRL_get_ext_d2i(crl, NID_issuing_distribution_point, nullptr, nullptr)));
  Check(ours || !theirs, "issuingDistributionPoint");
  if (ours && !theirs) CheckAccepted();
  if (!ours || !theirs) return;
  Check(ours->only_user_certificates == (theirs->onlyuser > 0), "onlyContainsUserCerts");
  Check(ours->only_ca_certificates == (theirs->onlyCA > 0), "onlyContainsCACerts");
  Check(ours->only_attribute_certificates == (theirs->onlyattr > 0), "onlyContainsAttributeCerts");
  Check(ours->indirect == (theirs->indirectCRL > 0), "indirectCRL");
  Check(ours->only_some_reasons.has_value() == (theirs->onlysomereasons != nullptr), "onlySomeReasons");
  for (int bit = 0; ours->only_some_reasons && bit < 32; ++bit) {
    const bool is_set = ASN1_BIT_STRING_get_bit(theirs->onlysomereasons, bit) != 0;
    Check((*ours->only_some_reasons >> bit & 1) == (is_set ? 1u : 0u), "onlySomeReasons: its bits");
  }
}

void Compare(const Crl& ours, X509_CRL* theirs) {
  Check(X509_NAME_cmp(ours.issuer(), X509_CRL_get_issuer(theirs)) == 0, "issuer");
  Check(IsEncodedAs(ours.issuer_der(), X509_CRL_get_issuer(theirs)), "issuer: its octets");
  Check(IsTime(ours.this_update(), X509_CRL_get0_lastUpdate(theirs)), "thisUpdate");
  const ASN1_TIME* next = X509_CRL_get0_nextUpdate(theirs);
  Check((next != nullptr) == ours.next_update().has_value(), "nextUpdate");
  Check(next == nullptr || IsTime(*ours.next_update(), next), "nextUpdate: when");
  CompareIssuingDistributionPoint(ours.issuing_distribution_point(), theirs);
  CompareEntries(ours, theirs);
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
