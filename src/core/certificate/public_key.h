// SubjectPublicKeyInfo (RFC 5280 4.1.2.7; RFC 3279, 5480, 8410 for the algorithms).
#pragma once

#include <optional>
#include <string_view>

#include "core/certificate/algorithm.h"

namespace client_cert {

struct PublicKey {
  ByteView der;
  AlgorithmIdentifier algorithm;
  // 'rsa', 'rsa-pss', 'ec', 'ed25519', 'ed448', 'x25519', 'x448', 'dsa', 'dh'; empty for any other algorithm.
  std::string_view type;
  // Of the modulus or the field; nullopt where the algorithm or the curve is unknown or the parameters are inherited
  // (DSA).
  std::optional<std::uint32_t> bits;
  // Of a named curve; empty octets where there is none, also where the parameters are written out.
  der::ObjectIdentifier curve;
  std::string_view curve_name;  // 'P-256'; empty for curves that we do not know
  ByteView exponent;            // RSA: big-endian, positive, without leading zeros; else empty
  ByteView key;                 // subjectPublicKey's octets
};

bool ReadPublicKey(der::Reader& in, PublicKey& out);

}  // namespace client_cert
