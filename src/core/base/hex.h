// Octets as hexadecimal text.
#pragma once

#include <string>

#include "core/base/bytes.h"

namespace client_cert {

inline std::string Hex(ByteView bytes, const char (&digits)[17]) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::uint8_t octet : bytes) {
    text.push_back(digits[octet >> 4]);
    text.push_back(digits[octet & 0x0F]);
  }
  return text;
}

inline std::string HexLower(ByteView bytes) { return Hex(bytes, "0123456789abcdef"); }
inline std::string HexUpper(ByteView bytes) { return Hex(bytes, "0123456789ABCDEF"); }

}  // namespace client_cert
