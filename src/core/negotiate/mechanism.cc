#include "core/negotiate/mechanism.h"

#include <algorithm>
#include <array>
#include <span>

namespace client_cert {
namespace {

template <std::size_t kLength>
gss::Oid OidOver(std::array<std::uint8_t, kLength>& octets) {
  return {static_cast<std::uint32_t>(octets.size()), octets.data()};
}

std::span<const std::uint8_t> OctetsOf(const gss::Oid& oid) {
  return {static_cast<const std::uint8_t*>(oid.elements), oid.length};
}

bool IsSame(const gss::Oid& one, const gss::Oid& other) { return std::ranges::equal(OctetsOf(one), OctetsOf(other)); }

}  // namespace

gss::Oid& OidOf(Mechanism mechanism) {
  static std::array<std::uint8_t, 9> kerberos{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02};     // RFC 4121
  static std::array<std::uint8_t, 10> ntlm{0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x0a};  // [MS-NLMP]
  static std::array<std::uint8_t, 6> spnego{0x2b, 0x06, 0x01, 0x05, 0x05, 0x02};                         // RFC 4178
  static gss::Oid kerberos_oid = OidOver(kerberos);
  static gss::Oid ntlm_oid = OidOver(ntlm);
  static gss::Oid spnego_oid = OidOver(spnego);
  switch (mechanism) {
    case Mechanism::kNtlm:
      return ntlm_oid;
    case Mechanism::kSpnego:
      return spnego_oid;
    default:
      return kerberos_oid;
  }
}

std::optional<Mechanism> MechanismOf(const gss::Oid* oid) {
  if (oid == nullptr) return std::nullopt;
  for (const Mechanism one : {Mechanism::kKerberos, Mechanism::kNtlm, Mechanism::kSpnego}) {
    if (IsSame(*oid, OidOf(one))) return one;
  }
  return std::nullopt;
}

std::string_view NameOf(Mechanism mechanism) {
  switch (mechanism) {
    case Mechanism::kNtlm:
      return "NTLM";
    case Mechanism::kSpnego:
      return "Negotiate";
    default:
      return "Kerberos";
  }
}

gss::Oid& HostBasedService() {
  static std::array<std::uint8_t, 10> octets{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x01, 0x04};
  static gss::Oid oid = OidOver(octets);
  return oid;
}

gss::Oid& SessionKeyQuery() {
  static std::array<std::uint8_t, 11> octets{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02, 0x05, 0x05};
  static gss::Oid oid = OidOver(octets);
  return oid;
}

}  // namespace client_cert
