// UTCTime and GeneralizedTime in the one form each that RFC 5280 4.1.2.5 permits.
#pragma once

#include <cstdint>
#include <optional>

#include "core/der/reader.h"

namespace client_cert::der {

// YYMMDDHHMMSSZ, where 50 to 99 are 1950 to 1999, or YYYYMMDDHHMMSSZ. `out`: seconds since 1970-01-01T00:00:00Z,
// without leap seconds. The RFC wants UTCTime through 2049; a GeneralizedTime before 2050 is accepted, because there
// are such certificates (NIST's PKITS among them) and it has one meaning only.
bool ReadTime(Reader& in, What what, std::int64_t& out);

// The content of a UTCTime; nullopt where ReadTime would fail.
std::optional<std::int64_t> ParseUtcTime(ByteView text);

}  // namespace client_cert::der
