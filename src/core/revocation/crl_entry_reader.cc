#include "core/revocation/crl_entry_reader.h"

#include <algorithm>
#include <array>

#include "core/base/budget.h"
#include "core/certificate/oids.h"
#include "core/der/time.h"

namespace client_cert {
namespace {

// SEQUENCE OF SEQUENCE { reasonCode, OCTET STRING { ENUMERATED of one octet } }, without that octet.
constexpr std::array<std::uint8_t, 13> kReasonCodeAlone{0x30, 0x0c, 0x30, 0x0a, 0x06, 0x03, 0x55,
                                                        0x1d, 0x15, 0x04, 0x03, 0x0a, 0x01};
constexpr std::size_t kUtcTimeOctets = 15;

}  // namespace

// What nearly all of a million entries look like, read without asking at each octet what else it could be.
bool CrlEntryReader::ReadCommonForm(der::Reader& in) {
  const ByteView rest = in.Rest();
  // Three octets of header and length for the entry, two for the serial number, and one of it.
  if (rest.size() < 5 || rest[0] != der::kSequence || rest[2] != der::kInteger) return false;
  const std::size_t length = rest[1];
  const std::size_t serial_octets = rest[3];
  const std::size_t without_extensions = 2 + serial_octets + kUtcTimeOctets;
  const bool has_reason = length == without_extensions + kReasonCodeAlone.size() + 1;
  if (length >= 0x80 || rest.size() < 2 + length || serial_octets == 0 ||
      (length != without_extensions && !(has_reason && allowed_ == ExtensionsAllowed::kYes))) {
    return false;
  }
  const ByteView number = rest.subspan(4, serial_octets);
  const ByteView date = rest.subspan(4 + serial_octets, kUtcTimeOctets);
  if (!der::IsMinimalInteger(number) || date[0] != der::kUtcTime || date[1] != kUtcTimeOctets - 2) return false;
  const std::optional<std::int64_t> revoked_at = der::ParseUtcTime(date.subspan(2));
  if (!revoked_at) return false;
  const ByteView extensions = rest.subspan(2 + without_extensions, length - without_extensions);
  if (has_reason &&
      !(std::ranges::equal(extensions.first(kReasonCodeAlone.size()), kReasonCodeAlone) && extensions.back() < 0x80)) {
    return false;
  }
  serial = number;
  entry.revoked_at = *revoked_at;
  if (has_reason) entry.reason = extensions.back();
  in.Skip(2 + length);
  return true;
}

// SEQUENCE { userCertificate CertificateSerialNumber, revocationDate Time, crlEntryExtensions Extensions OPTIONAL }
bool CrlEntryReader::Read(der::Reader& in) {
  der::Reader inside;
  entry.reason.reset();
  certificate_issuer = {};
  if (ReadCommonForm(in)) return true;
  if (!in.Enter(der::kSequence, {"revokedCertificates", "an entry"}, inside) ||
      !inside.ReadInteger(der::kInteger, {"revokedCertificates", "userCertificate"}, serial)) {
    return false;
  }
  if (serial.size() > budget::kSerialNumberOctets) {
    return in.Fail(serial.data(), "an INTEGER of up to 256 octets", {"revokedCertificates", "userCertificate"});
  }
  if (!der::ReadTime(inside, {"revokedCertificates", "revocationDate"}, entry.revoked_at)) return false;
  return inside.AtEnd() || (ReadEntryExtensions(inside) && inside.End({"revokedCertificates", "an entry"}));
}

bool CrlEntryReader::ReadEntryExtensions(der::Reader& in) {
  if (allowed_ == ExtensionsAllowed::kNo) {
    return in.Fail(in.position(), "no extensions in version 1", "crlEntryExtensions");
  }
  extensions_.clear();
  if (!ReadExtensionList(in, extensions_)) return false;
  return std::ranges::all_of(extensions_,
                             [&](const Extension& extension) { return ReadEntryExtension(in, extension); });
}

bool CrlEntryReader::ReadEntryExtension(const der::Reader& in, const Extension& extension) {
  der::Reader value = in.Within(extension.value);
  if (extension.oid == oid::kCertificateIssuer) {
    certificate_issuer = extension.value;
    return true;
  }
  // Section 5.3 makes certificateIssuer the only critical one. OpenSSL takes any other critical one for unknown, too.
  if (extension.critical) has_unknown_critical = true;
  if (extension.oid == oid::kReasonCode) {
    return value.ReadUnsigned(der::kEnumerated, "reasonCode", entry.reason.emplace()) && value.End("reasonCode");
  }
  if (extension.oid == oid::kInvalidityDate) {
    std::int64_t ignored = 0;
    if (!value.Next(der::kGeneralizedTime)) return value.Fail(value.position(), "a GeneralizedTime", "invalidityDate");
    return der::ReadTime(value, "invalidityDate", ignored) && value.End("invalidityDate");
  }
  return true;
}

}  // namespace client_cert
