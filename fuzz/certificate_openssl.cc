// Our decoder of certificates against OpenSSL's d2i_X509: what both accept means the same to both, and what only one
// accepts is listed in support/differences.def.
#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstdint>
#include <ctime>

#include "core/certificate/certificate.h"
#include "core/openssl/encode.h"
#include "support/check.h"
#include "support/differences.h"

namespace {

using namespace client_cert;
using client_cert_fuzz::Check;
using client_cert_fuzz::CheckAccepted;
using client_cert_fuzz::CheckListed;

bool IsSame(ByteView a, ByteView b) { return std::ranges::equal(a, b); }

// Of the content: without tag and length, which are two octets for numbers this short.
bool IsSerial(ByteView ours, const ASN1_INTEGER* theirs) {
  const Bytes der = Encode<i2d_ASN1_INTEGER>(theirs);
  const std::size_t header = ours.size() < 0x80 ? 2 : ours.size() < 0x100 ? 3 : 4;
  return der.size() == header + ours.size() && IsSame(ByteView(der).subspan(header), ours);
}

// A name of OpenSSL's is encoded anew, in the order of DER.
bool IsName(const DistinguishedName& ours, const X509_NAME* theirs) {
  if (ours.attributes.size() != static_cast<std::size_t>(X509_NAME_entry_count(theirs))) return false;
  const unsigned char* der = nullptr;
  std::size_t size = 0;
  return X509_NAME_get0_der(theirs, &der, &size) == 1 && size == ours.der.size();
}

bool IsTime(std::int64_t ours, const ASN1_TIME* theirs) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(theirs, &parts) != 1) return false;
  return static_cast<std::int64_t>(timegm(&parts)) == ours;
}

void CheckExtensions(const Extensions& ours, const X509* theirs) {
  Check(ours.all.size() == static_cast<std::size_t>(std::max(0, X509_get_ext_count(theirs))), "extensions: how many");
  for (std::size_t i = 0; i < ours.all.size(); ++i) {
    X509_EXTENSION* extension = X509_get_ext(theirs, static_cast<int>(i));
    const ASN1_OCTET_STRING* value = X509_EXTENSION_get_data(extension);
    const ByteView octets(ASN1_STRING_get0_data(value), static_cast<std::size_t>(ASN1_STRING_length(value)));
    Check(IsSame(ours.all[i].value, octets), "extensions: the value");
    Check(ours.all[i].critical == (X509_EXTENSION_get_critical(extension) > 0), "extensions: whether critical");
    const ASN1_OBJECT* oid = X509_EXTENSION_get_object(extension);
    Check(IsSame(ours.all[i].oid.octets, ByteView(OBJ_get0_data(oid), OBJ_length(oid))), "extensions: the type");
  }
}

// Where OpenSSL decodes them as well: all extensions that it knows, or it has none.
void CheckUsages(const Extensions& ours, X509* theirs) {
  const std::uint32_t flags = X509_get_extension_flags(theirs);
  if ((flags & EXFLAG_INVALID) != 0) return;
  if (ours.key_usage) {
    const std::uint32_t usage = X509_get_key_usage(theirs);
    // OpenSSL's first octet has bit 0 as its highest, and decipherOnly (bit 8) follows.
    std::uint32_t bits = (usage & 0x8000) != 0 ? 1u << 8 : 0;
    for (unsigned bit = 0; bit < 8; ++bit) bits |= (usage >> (7 - bit) & 1) << bit;
    Check((*ours.key_usage & 0x1FF) == bits, "keyUsage");
  }
  if (ours.basic_constraints) Check(ours.basic_constraints->ca == ((flags & EXFLAG_CA) != 0), "cA");
}

void Compare(const Certificate& ours, X509* theirs) {
  Check(ours.version() == X509_get_version(theirs) + 1, "version");
  Check(IsSerial(ours.serial(), X509_get0_serialNumber(theirs)), "serialNumber");
  Check(IsName(ours.subject(), X509_get_subject_name(theirs)), "subject");
  Check(IsName(ours.issuer(), X509_get_issuer_name(theirs)), "issuer");
  Check(IsTime(ours.validity().not_before, X509_get0_notBefore(theirs)), "notBefore");
  Check(IsTime(ours.validity().not_after, X509_get0_notAfter(theirs)), "notAfter");
  const ASN1_BIT_STRING* signature = nullptr;
  X509_get0_signature(&signature, nullptr, theirs);
  Check(IsSame(ours.signature().octets,
               ByteView(ASN1_STRING_get0_data(signature), static_cast<std::size_t>(ASN1_STRING_length(signature)))),
        "signatureValue");
  Check(IsSame(Encode<i2d_X509>(static_cast<const X509*>(theirs)), ours.der()), "one encoding");
  CheckExtensions(ours.extensions(), theirs);
  CheckUsages(ours.extensions(), theirs);
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
