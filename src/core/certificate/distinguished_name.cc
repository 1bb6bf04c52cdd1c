#include "core/certificate/distinguished_name.h"

#include "core/base/budget.h"

namespace client_cert {

bool ReadAttributes(der::Reader inside, std::string_view field, std::uint32_t rdn, std::vector<NameAttribute>& out) {
  do {
    NameAttribute attribute;
    attribute.rdn = rdn;
    der::Reader pair;
    der::Element value;
    if (!inside.Enter(der::kSequence, {field, "an attribute"}, pair) ||
        !der::ReadOid(pair, {field, "an attribute type"}, attribute.type) ||
        !pair.ReadValue({field, "an attribute value"}, value) || !pair.End({field, "an attribute"})) {
      return false;
    }
    attribute.der = value.whole;
    attribute.content = value.content;
    attribute.string_type = der::StringTypeOf(value.tag);
    if (!der::CheckString(inside, attribute.string_type, value.content, {field, "an attribute value"})) return false;
    out.push_back(attribute);
  } while (!inside.AtEnd());
  return true;
}

bool ReadDistinguishedName(der::Reader& in, std::string_view field, DistinguishedName& out) {
  der::Element element;
  if (!in.Read(der::kSequence, field, element)) return false;
  out.der = element.whole;
  out.attributes.reserve(6);
  der::Reader name = in.Inside(element);
  for (std::uint32_t rdn = 0; !name.AtEnd(); ++rdn) {
    der::Reader inside;
    if (!name.EnterNonEmpty(der::kSet, {field, "a relative name"}, inside) ||
        !ReadAttributes(inside, field, rdn, out.attributes)) {
      return false;
    }
  }
  return true;
}

std::optional<DistinguishedName> ParseDistinguishedName(ByteView octets) {
  der::Decoding decoding(octets, budget::kCertificateElements);
  der::Reader in(decoding, octets);
  DistinguishedName name;
  if (!ReadDistinguishedName(in, "the name", name) || !in.End("the name")) return std::nullopt;
  return name;
}

}  // namespace client_cert
