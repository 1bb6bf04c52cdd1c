// Our decoder of certificates against OpenSSL's d2i_X509: what both accept means the same to both, and what only one
// accepts is listed in support/differences.def.
#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/certificate/certificate.h"
#include "core/openssl/encode.h"
#include "support/check.h"
#include "support/differences.h"
#include "support/theirs.h"

namespace {

using namespace client_cert;
using client_cert_fuzz::Check;
using client_cert_fuzz::CheckAccepted;
using client_cert_fuzz::CheckListed;
using client_cert_fuzz::CheckName;
using client_cert_fuzz::ContentOf;
using client_cert_fuzz::IsSame;
using client_cert_fuzz::IsTime;
using client_cert_fuzz::OctetsOf;

void CheckExtensions(const Extensions& ours, const X509* theirs) {
  Check(ours.all.size() == static_cast<std::size_t>(std::max(0, X509_get_ext_count(theirs))), "extensions: how many");
  for (std::size_t i = 0; i < ours.all.size(); ++i) {
    X509_EXTENSION* extension = X509_get_ext(theirs, static_cast<int>(i));
    Check(IsSame(ours.all[i].value, OctetsOf(X509_EXTENSION_get_data(extension))), "extensions: the value");
    Check(ours.all[i].critical == (X509_EXTENSION_get_critical(extension) > 0), "extensions: whether critical");
    Check(IsSame(ours.all[i].oid.octets, OctetsOf(X509_EXTENSION_get_object(extension))), "extensions: the type");
  }
}

// An extension as OpenSSL decodes it, whatever it thinks of the others; null where there is none or it refuses it.
template <class T, auto Free>
Owned<T, Free> Decoded(const X509* theirs, int type) {
  return Owned<T, Free>(static_cast<T*>(X509_get_ext_d2i(theirs, type, nullptr, nullptr)));
}

void CheckKeyUsage(const std::optional<KeyUsageBits>& ours, const X509* certificate) {
  const auto theirs = Decoded<ASN1_BIT_STRING, ASN1_BIT_STRING_free>(certificate, NID_key_usage);
  Check(ours.has_value() == (theirs != nullptr), "keyUsage");
  if (!ours) return;
  KeyUsageBits bits = 0;
  for (int bit = 0; bit <= 8; ++bit) bits |= ASN1_BIT_STRING_get_bit(theirs.get(), bit) != 0 ? 1u << bit : 0;
  Check(*ours == bits, "keyUsage: its bits");
}

void CheckExtendedKeyUsage(const std::optional<std::vector<der::ObjectIdentifier>>& ours, const X509* certificate) {
  const auto theirs = Decoded<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free>(certificate, NID_ext_key_usage);
  Check(ours.has_value() == (theirs != nullptr), "extKeyUsage");
  if (!ours) return;
  Check(ours->size() == static_cast<std::size_t>(sk_ASN1_OBJECT_num(theirs.get())), "extKeyUsage: how many");
  int at = 0;
  for (const der::ObjectIdentifier& usage : *ours) {
    Check(IsSame(usage.octets, OctetsOf(sk_ASN1_OBJECT_value(theirs.get(), at++))), "extKeyUsage: a usage");
  }
}

void CheckBasicConstraints(const std::optional<BasicConstraints>& ours, const X509* certificate) {
  const auto theirs = Decoded<BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free>(certificate, NID_basic_constraints);
  Check(ours.has_value() == (theirs != nullptr), "basicConstraints");
  if (!ours) return;
  Check(ours->ca == (theirs->ca != 0), "cA");
  Check(ours->path_length.has_value() == (theirs->pathlen != nullptr), "pathLenConstraint");
  std::int64_t length = 0;
  Check(!ours->path_length ||
            (ASN1_INTEGER_get_int64(&length, theirs->pathlen) == 1 && length == std::int64_t{*ours->path_length}),
        "pathLenConstraint: how long");
}

// What OpenSSL verifies with: an absent keyUsage is every one to it. It has nothing of the kind where it refuses any of
// the extensions that it knows, of which we keep some as octets.
void CheckSummary(const Extensions& ours, X509* theirs) {
  const std::uint32_t flags = X509_get_extension_flags(theirs);
  if ((flags & EXFLAG_INVALID) != 0) return;
  Check(ours.key_usage.has_value() == ((flags & EXFLAG_KUSAGE) != 0), "whether keyUsage counts");
  Check(ours.extended_key_usage.has_value() == ((flags & EXFLAG_XKUSAGE) != 0), "whether extKeyUsage counts");
  Check(ours.basic_constraints.has_value() == ((flags & EXFLAG_BCONS) != 0), "whether basicConstraints count");
  const BasicConstraints constraints = ours.basic_constraints.value_or(BasicConstraints{});
  Check(constraints.ca == ((flags & EXFLAG_CA) != 0), "whether it is a CA");
  const long length = constraints.path_length ? long{*constraints.path_length} : -1;
  Check(length == X509_get_pathlen(theirs), "the path length that counts");
}

void Compare(const Certificate& ours, X509* theirs) {
  Check(ours.version() == X509_get_version(theirs) + 1, "version");
  Check(IsSame(ours.serial(), ContentOf(X509_get0_serialNumber(theirs))), "serialNumber");
  CheckName(ours.subject(), X509_get_subject_name(theirs), "subject");
  CheckName(ours.issuer(), X509_get_issuer_name(theirs), "issuer");
  Check(IsTime(ours.validity().not_before, X509_get0_notBefore(theirs)), "notBefore");
  Check(IsTime(ours.validity().not_after, X509_get0_notAfter(theirs)), "notAfter");
  const ASN1_BIT_STRING* signature = nullptr;
  X509_get0_signature(&signature, nullptr, theirs);
  Check(IsSame(ours.signature().octets, OctetsOf(signature)), "signatureValue");
  Check(IsSame(Encode<i2d_X509>(static_cast<const X509*>(theirs)), ours.der()), "one encoding");
  CheckExtensions(ours.extensions(), theirs);
  CheckKeyUsage(ours.extensions().key_usage, theirs);
  CheckExtendedKeyUsage(ours.extensions().extended_key_usage, theirs);
  CheckBasicConstraints(ours.extensions().basic_constraints, theirs);
  CheckSummary(ours.extensions(), theirs);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* first, std::size_t size) {
  ERR_clear_error();
  const OwnedX509 theirs = DecodeX509({first, size});
  const auto ours = Certificate::Parse(Bytes(first, first + size));
  if (!ours && theirs) CheckListed(ours.error());
  if (ours && !theirs) CheckAccepted();
  if (ours && theirs) Compare(*ours.value(), theirs.get());
  return 0;
}
