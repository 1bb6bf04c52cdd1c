// Octets as hexadecimal text.
#pragma once

#include <string>
#include <string_view>

#include "core/base/bytes.h"

namespace client_cert {

// Upper case, two digits for each octet.
inline std::string Hex(ByteView bytes) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::uint8_t octet : bytes) {
    text.push_back(kDigits[octet >> 4]);
    text.push_back(kDigits[octet & 0x0F]);
  }
  return text;
}

}  // namespace client_cert
