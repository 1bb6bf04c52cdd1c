#include "core/certificate/certificate.h"

#include <algorithm>

#include "core/base/budget.h"
#include "core/base/hex.h"
#include "core/der/time.h"

namespace client_cert {
namespace {

using der::ContextConstructed;
using der::ContextPrimitive;
using der::Reader;

// Version ::= INTEGER { v1(0), v2(1), v3(2) } DEFAULT v1: where it is written, it is v2 or v3.
bool ReadVersion(Reader& in, int& out) {
  if (!in.Next(ContextConstructed(0))) return true;
  Reader inside;
  ByteView value;
  if (!in.Enter(ContextConstructed(0), "version", inside)) return false;
  const std::uint8_t* const start = inside.position();
  if (!inside.ReadInteger(der::kInteger, "version", value) || !inside.End("version")) return false;
  if (value.size() != 1 || (value[0] != 1 && value[0] != 2)) return in.Fail(start, "v2 or v3", "version");
  out = value[0] + 1;
  return true;
}

bool ReadSerial(Reader& in, ByteView& out) {
  if (!in.ReadInteger(der::kInteger, "serialNumber", out)) return false;
  return out.size() <= budget::kSerialNumberOctets ||
         in.Fail(out.data(), "an INTEGER of up to 256 octets", "serialNumber");
}

bool ReadValidity(Reader& in, Validity& out) {
  Reader inside;
  return in.Enter(der::kSequence, "validity", inside) && der::ReadTime(inside, "notBefore", out.not_before) &&
         der::ReadTime(inside, "notAfter", out.not_after) && inside.End("validity");
}

// issuerUniqueID and subjectUniqueID: nobody uses them, and RFC 5280 4.1.2.8 keeps them out of version 1.
bool SkipUniqueId(Reader& in, unsigned number, int version, der::What what) {
  if (!in.Next(ContextPrimitive(number))) return true;
  if (version < 2) return in.Fail(in.position(), "no unique identifier in version 1", what);
  der::BitString ignored;
  return in.ReadBitString(ContextPrimitive(number), what, ignored);
}

}  // namespace

bool Certificate::ReadTbs(Reader& in) {
  der::Element element;
  if (!in.Read(der::kSequence, "tbsCertificate", element)) return false;
  tbs_certificate_ = element.whole;
  Reader tbs = in.Inside(element);
  if (!ReadVersion(tbs, version_) || !ReadSerial(tbs, serial_) ||
      !ReadAlgorithmIdentifier(tbs, "signature", signature_algorithm_) ||
      !ReadDistinguishedName(tbs, "issuer", issuer_) || !ReadValidity(tbs, validity_) ||
      !ReadDistinguishedName(tbs, "subject", subject_) || !ReadPublicKey(tbs, public_key_) ||
      !SkipUniqueId(tbs, 1, version_, "issuerUniqueID") || !SkipUniqueId(tbs, 2, version_, "subjectUniqueID")) {
    return false;
  }
  if (tbs.Next(ContextConstructed(3))) {
    if (version_ != 3) return tbs.Fail(tbs.position(), "no extensions before version 3", "tbsCertificate");
    Reader inside;
    if (!tbs.Enter(ContextConstructed(3), "extensions", inside) || !ReadExtensions(inside, extensions_) ||
        !inside.End("extensions")) {
      return false;
    }
  }
  return tbs.End("tbsCertificate");
}

bool Certificate::Read(der::Decoding& decoding) {
  Reader in(decoding, der_);
  if (der_.size() > budget::kCertificateOctets)
    return in.Fail(in.position(), "up to 1048576 octets", "the certificate");
  Reader inside;
  AlgorithmIdentifier outer;
  if (!in.Enter(der::kSequence, "the certificate", inside) || !ReadTbs(inside)) return false;
  const std::uint8_t* const outer_at = inside.position();
  if (!ReadAlgorithmIdentifier(inside, "signatureAlgorithm", outer)) return false;
  // 4.1.1.2: the same as in what is signed, or an attacker could choose it.
  if (!std::ranges::equal(outer.der, signature_algorithm_.der)) {
    return inside.Fail(outer_at, "the algorithm of tbsCertificate", "signatureAlgorithm");
  }
  // Any BIT STRING: what is not a signature is refused where signatures are verified.
  return inside.ReadBitString(der::kBitString, "signatureValue", signature_) && inside.End("the certificate") &&
         in.End("the certificate");
}

Result<std::shared_ptr<const Certificate>> Certificate::Parse(Bytes der) {
  const auto certificate = std::make_shared<Certificate>(Token{}, std::move(der));
  der::Decoding decoding(certificate->der_, budget::kCertificateElements);
  if (!certificate->Read(decoding)) return decoding.failure();
  return std::shared_ptr<const Certificate>(certificate);
}

std::string SerialText(ByteView twos_complement) {
  Bytes magnitude(twos_complement.begin(), twos_complement.end());
  const bool negative = !magnitude.empty() && magnitude[0] >= 0x80;
  if (negative) {
    unsigned carry = 1;
    std::for_each(magnitude.rbegin(), magnitude.rend(), [&](std::uint8_t& octet) {
      carry += static_cast<std::uint8_t>(~octet);
      octet = static_cast<std::uint8_t>(carry);
      carry >>= 8;
    });
  }
  // The octet that only says that the number is positive.
  const bool sign_octet = magnitude.size() > 1 && magnitude[0] == 0;
  std::string text = negative ? "-" : "";
  return text.append(Hex(ByteView(magnitude).subspan(sign_octet ? 1 : 0)));
}

}  // namespace client_cert
