// Name (RFC 5280 4.1.2.4).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/der/oid.h"
#include "core/der/string.h"

namespace client_cert {

struct NameAttribute {
  der::ObjectIdentifier type;
  ByteView der;      // the value, tag included
  ByteView content;  // the value, without
  der::StringType string_type = der::StringType::kOther;
  std::uint32_t rdn = 0;  // which RelativeDistinguishedName it belongs to, from 0
};

// A name in the order of the certificate; attributes of one multi-valued RDN have the same `rdn`.
struct DistinguishedName {
  ByteView der;
  std::vector<NameAttribute> attributes;
};

bool ReadDistinguishedName(der::Reader& in, std::string_view field, DistinguishedName& out);

// A Name that stands alone. The result looks into `octets`. Nothing where they are not one.
std::optional<DistinguishedName> ParseDistinguishedName(ByteView octets);

// The content of one RelativeDistinguishedName: one attribute or more, appended to `out`. Their order is not checked:
// DER sorts a SET OF, some CAs do not, and nothing depends on it, because multi-valued RDNs are compared as sets.
bool ReadAttributes(der::Reader inside, std::string_view field, std::uint32_t rdn, std::vector<NameAttribute>& out);

}  // namespace client_cert
