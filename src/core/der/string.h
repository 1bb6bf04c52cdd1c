// The character strings of ASN.1 that certificates use, and their text as UTF-8.
#pragma once

#include <string>

#include "core/der/reader.h"

namespace client_cert::der {

enum class StringType : std::uint8_t {
  kUtf8,
  kPrintable,
  kTeletex,
  kBmp,
  kUniversal,
  kIa5,
  kNumeric,
  kVisible,
  kOther,  // not a character string, or one of a kind that nobody uses
};

StringType StringTypeOf(Tag tag);

// Checks the octets of a character string of `type`; kOther has nothing to check. Embedded NULs are characters like
// others.
bool CheckString(const Reader& in, StringType type, ByteView content, What what);

// Whether each octet of a string of this type is the character of that number.
constexpr bool IsSingleOctet(StringType type) {
  return type != StringType::kUtf8 && type != StringType::kBmp && type != StringType::kUniversal;
}

// Only for octets that passed CheckString.
std::string ToUtf8(StringType type, ByteView content);

}  // namespace client_cert::der
