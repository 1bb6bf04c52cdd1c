// AlgorithmIdentifier (RFC 5280 4.1.1.2).
#pragma once

#include <string_view>

#include "core/der/oid.h"

namespace client_cert {

struct AlgorithmIdentifier {
  ByteView der;
  der::ObjectIdentifier oid;
  ByteView parameters;  // a whole element; empty where absent
};

bool ReadAlgorithmIdentifier(der::Reader& in, std::string_view field, AlgorithmIdentifier& out);

// The name that the algorithm's standard gives it ('ecdsa-with-SHA256'); empty for algorithms that we do not know.
std::string_view SignatureAlgorithmName(const der::ObjectIdentifier& oid);

}  // namespace client_cert
