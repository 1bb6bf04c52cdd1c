#include "core/certificate/alternative_name.h"

#include <array>
#include <charconv>

#include "core/base/budget.h"
#include "core/certificate/oids.h"

namespace client_cert {
namespace {

using Type = AlternativeName::Type;

bool ReadOtherName(der::Reader inside, std::string_view field, AlternativeName& out) {
  der::Reader explicit_value;
  der::Element value;
  if (!der::ReadOid(inside, {field, "an otherName type"}, out.oid) ||
      !inside.Enter(der::ContextConstructed(0), {field, "an otherName value"}, explicit_value) ||
      !explicit_value.ReadValue({field, "an otherName value"}, value) ||
      !explicit_value.End({field, "an otherName value"}) || !inside.End({field, "an otherName"})) {
    return false;
  }
  out.der = value.whole;
  out.string_type = der::StringTypeOf(value.tag);
  if (out.string_type == der::StringType::kOther) return true;
  out.value = value.content;
  if (out.string_type == der::StringType::kUtf8 && out.oid == oid::kUserPrincipalName)
    out.type = Type::kUserPrincipalName;
  return der::CheckString(inside, out.string_type, out.value, {field, "an otherName value"});
}

bool ReadCharacters(const der::Reader& in, Type type, const der::Element& element, der::What what,
                    AlternativeName& out) {
  out.type = type;
  out.value = element.content;
  return der::CheckString(in, der::StringType::kIa5, element.content, what);
}

bool ReadDirectoryName(der::Reader inside, std::string_view field, AlternativeName& out) {
  DistinguishedName name;
  if (!ReadDistinguishedName(inside, field, name) || !inside.End({field, "a directoryName"})) return false;
  out.type = Type::kDirectoryName;
  out.value = name.der;
  return true;
}

bool ReadIp(const der::Reader& in, std::string_view field, IpForm form, const der::Element& element,
            AlternativeName& out) {
  out.type = Type::kIp;
  out.value = element.content;
  const std::size_t size = element.content.size();
  if (form == IpForm::kAddress) {
    return size == 4 || size == 16 || in.Fail(element.content.data(), "4 or 16 octets", {field, "an iPAddress"});
  }
  return size == 8 || size == 32 || in.Fail(element.content.data(), "8 or 32 octets", {field, "an iPAddress"});
}

// Kept as they are, but well-formed.
bool ReadOpaque(const der::Reader& in, Type type, const der::Element& element, der::What what, AlternativeName& out) {
  out.type = type;
  der::Reader inside = in.Inside(element);
  while (!inside.AtEnd()) {
    der::Element ignored;
    if (!inside.ReadValue(what, ignored)) return false;
  }
  return true;
}

std::string Ipv4Text(ByteView octets) {
  std::string text;
  for (const std::uint8_t octet : octets) (text += text.empty() ? "" : ".") += std::to_string(octet);
  return text;
}

// RFC 5952: lower case, no leading zeros, the longest run of two zero groups or more as '::', the first of equals; the
// tail of an IPv4-mapped address in dotted form (section 5).
std::string Ipv6Text(ByteView octets) {
  constexpr std::size_t kGroups = 8;
  std::array<unsigned, kGroups> groups{};
  for (std::size_t i = 0; i < kGroups; ++i) groups[i] = (unsigned{octets[2 * i]} << 8) | octets[2 * i + 1];
  std::size_t run_start = kGroups;
  std::size_t run_length = 1;
  for (std::size_t i = 0; i < kGroups; ++i) {
    std::size_t end = i;
    while (end < kGroups && groups[end] == 0) ++end;
    if (end - i > run_length) {
      run_start = i;
      run_length = end - i;
    }
    i = end;
  }
  if (run_start == 0 && run_length == 5 && groups[5] == 0xffff) return "::ffff:" + Ipv4Text(octets.subspan(12));
  std::string text;
  for (std::size_t i = 0; i < kGroups; ++i) {
    if (i == run_start) {
      text += "::";
      i += run_length - 1;
      continue;
    }
    if (!text.empty() && text.back() != ':') text += ':';
    std::array<char, 4> digits{};
    const char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), groups[i], 16).ptr;
    text.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
  }
  return text;
}

std::string AddressText(ByteView octets) { return octets.size() == 4 ? Ipv4Text(octets) : Ipv6Text(octets); }

// The number of leading ones where only zeros follow them, else -1.
int PrefixLength(ByteView mask) {
  int ones = 0;
  bool ended = false;
  for (const std::uint8_t octet : mask) {
    for (unsigned bit = 0x80; bit > 0; bit >>= 1) {
      const bool one = (octet & bit) != 0;
      if (one && ended) return -1;
      if (one) ++ones;
      ended = ended || !one;
    }
  }
  return ones;
}

}  // namespace

bool ReadAlternativeName(der::Reader& in, std::string_view field, IpForm form, AlternativeName& out) {
  der::Element element;
  const std::uint8_t* const start = in.position();
  if (!in.ReadAny({field, "a name"}, element)) return false;
  out.der = element.whole;
  const der::Reader inside = in.Inside(element);
  switch (element.tag) {
    case der::ContextConstructed(0):
      return ReadOtherName(inside, field, out);
    case der::ContextPrimitive(1):
      return ReadCharacters(in, Type::kEmail, element, {field, "an rfc822Name"}, out);
    case der::ContextPrimitive(2):
      return ReadCharacters(in, Type::kDns, element, {field, "a dNSName"}, out);
    case der::ContextConstructed(3):
      return ReadOpaque(in, Type::kX400Address, element, {field, "an x400Address"}, out);
    case der::ContextConstructed(4):
      return ReadDirectoryName(inside, field, out);
    case der::ContextConstructed(5):
      return ReadOpaque(in, Type::kEdiPartyName, element, {field, "an ediPartyName"}, out);
    case der::ContextPrimitive(6):
      return ReadCharacters(in, Type::kUri, element, {field, "a uniformResourceIdentifier"}, out);
    case der::ContextPrimitive(7):
      return ReadIp(in, field, form, element, out);
    case der::ContextPrimitive(8):
      out.type = Type::kRegisteredId;
      out.value = element.content;
      return der::CheckOid(in, element.content, {field, "a registeredID"});
    default:
      return in.Fail(start, "a GeneralName", {field, "a name"});
  }
}

bool ReadAlternativeNames(der::Reader inside, std::string_view field, AlternativeNames& out) {
  if (inside.AtEnd()) return inside.Fail(inside.position(), "one name or more", field);
  while (!inside.AtEnd()) {
    if (!ReadAlternativeName(inside, field, IpForm::kAddress, out.emplace_back())) return false;
  }
  return true;
}

DistinguishedName DirectoryNameOf(const AlternativeName& name) {
  der::Decoding decoding(name.value, budget::kCertificateElements);
  der::Reader in(decoding, name.value);
  DistinguishedName out;
  static_cast<void>(ReadDistinguishedName(in, "directoryName", out));
  return out;
}

std::string IpText(ByteView octets) {
  if (octets.size() == 4 || octets.size() == 16) return AddressText(octets);
  const ByteView address = octets.first(octets.size() / 2);
  const ByteView mask = octets.last(octets.size() / 2);
  const int prefix = PrefixLength(mask);
  return AddressText(address) + '/' + (prefix >= 0 ? std::to_string(prefix) : AddressText(mask));
}

}  // namespace client_cert
