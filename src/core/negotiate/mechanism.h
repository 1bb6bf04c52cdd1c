// The mechanisms that are spoken, by their object identifiers.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/negotiate/gssapi_abi.h"

namespace client_cert {

enum class Mechanism : std::uint8_t { kKerberos, kNtlm, kSpnego };

// Of static storage; the library takes it without const and does not write to it.
gss::Oid& OidOf(Mechanism mechanism);
// Nothing for one that is none of ours, and for null.
std::optional<Mechanism> MechanismOf(const gss::Oid* oid);
// 'Kerberos', 'NTLM' or 'Negotiate': the names of Windows' packages.
std::string_view NameOf(Mechanism mechanism);

// GSS_C_NT_HOSTBASED_SERVICE (RFC 2744 section 4.1), GSS_C_INQ_SSPI_SESSION_KEY (MIT's gssapi_ext.h).
gss::Oid& HostBasedService();
gss::Oid& SessionKeyQuery();

}  // namespace client_cert
