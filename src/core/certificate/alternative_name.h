// GeneralName (RFC 5280 4.2.1.6), as it stands in alternative names, name constraints, distribution points and
// elsewhere.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/certificate/distinguished_name.h"

namespace client_cert {

struct AlternativeName {
  enum class Type : std::uint8_t {
    kOtherName,
    kEmail,
    kDns,
    kX400Address,
    kDirectoryName,
    kEdiPartyName,
    kUri,
    kIp,
    kRegisteredId,
    kUserPrincipalName,  // an otherName: Microsoft's, with a UTF8String
  };

  Type type = Type::kOtherName;
  // Of a user principal name or an otherName that is a character string; kOther where it is none.
  der::StringType string_type = der::StringType::kOther;
  der::ObjectIdentifier oid;  // otherName and user principal name: type-id
  // email, dns, uri: the characters. ip: the octets, network order (with the mask in name constraints). registeredId:
  // the OID's octets. directoryName: the Name, tag included. Others: the characters where there is a string_type, else
  // empty.
  ByteView value;
  // otherName and user principal name: the value within [0], tag included. Others: the whole GeneralName.
  ByteView der;
};

using AlternativeNames = std::vector<AlternativeName>;

// What an iPAddress holds: an address (4 or 16 octets), or in name constraints an address and a mask (8 or 32).
enum class IpForm { kAddress, kRange };

bool ReadAlternativeName(der::Reader& in, std::string_view field, IpForm form, AlternativeName& out);

// The names left in `inside`, at least one.
bool ReadAlternativeNames(der::Reader inside, std::string_view field, AlternativeNames& out);

// The name of a kDirectoryName. It was checked when it was read, so this cannot fail.
DistinguishedName DirectoryNameOf(const AlternativeName& name);

// '192.0.2.1', '2001:db8::1' (RFC 5952); for ranges '10.0.0.0/8', or '10.0.0.1/255.0.0.1' where the mask is no prefix.
std::string IpText(ByteView octets);

}  // namespace client_cert
