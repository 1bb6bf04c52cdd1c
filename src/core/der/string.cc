#include "core/der/string.h"

namespace client_cert::der {
namespace {

constexpr bool IsSurrogate(std::uint32_t point) { return point >= 0xd800 && point <= 0xdfff; }

// The length of the well-formed UTF-8 sequence at the start of `octets` (Unicode, table 3-7); 0 where there is none.
std::size_t Utf8SequenceLength(ByteView octets) {
  const std::uint8_t first = octets[0];
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const std::size_t length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (octets.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((octets[i] & 0xc0) != 0x80) return 0;
  }
  const std::uint8_t second = octets[1];
  // Overlong forms, surrogates, over U+10FFFF.
  if (first == 0xe0 && second < 0xa0) return 0;
  if (first == 0xed && second > 0x9f) return 0;
  if (first == 0xf0 && second < 0x90) return 0;
  if (first == 0xf4 && second > 0x8f) return 0;
  return length;
}

std::uint32_t BigEndian(ByteView octets) {
  std::uint32_t value = 0;
  for (const std::uint8_t octet : octets) value = (value << 8) | octet;
  return value;
}

void AppendUtf8(std::uint32_t point, std::string& out) {
  const auto continuation = [&](unsigned shift) { out += static_cast<char>(0x80 | ((point >> shift) & 0x3f)); };
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xc0 | (point >> 6));
    continuation(0);
  } else if (point < 0x10000) {
    out += static_cast<char>(0xe0 | (point >> 12));
    continuation(6);
    continuation(0);
  } else {
    out += static_cast<char>(0xf0 | (point >> 18));
    continuation(12);
    continuation(6);
    continuation(0);
  }
}

bool CheckUtf8(const Reader& in, ByteView content, What what) {
  for (std::size_t i = 0; i < content.size();) {
    const std::size_t length = Utf8SequenceLength(content.subspan(i));
    if (length == 0) return in.Fail(&content[i], "well-formed UTF-8", what);
    i += length;
  }
  return true;
}

bool CheckSevenBit(const Reader& in, ByteView content, What what) {
  for (const std::uint8_t& octet : content) {
    if (octet > 0x7f) return in.Fail(&octet, "a 7-bit character", what);
  }
  return true;
}

bool CheckWide(const Reader& in, ByteView content, std::size_t width, What what) {
  if (content.size() % width != 0) return in.Fail(content.data(), "whole characters", what);
  for (std::size_t i = 0; i < content.size(); i += width) {
    const std::uint32_t point = BigEndian(content.subspan(i, width));
    if (point > 0x10ffff || IsSurrogate(point)) return in.Fail(&content[i], "a Unicode character", what);
  }
  return true;
}

}  // namespace

StringType StringTypeOf(Tag tag) {
  switch (tag) {
    case kUtf8String:
      return StringType::kUtf8;
    case kPrintableString:
      return StringType::kPrintable;
    case kTeletexString:
      return StringType::kTeletex;
    case kBmpString:
      return StringType::kBmp;
    case kUniversalString:
      return StringType::kUniversal;
    case kIa5String:
      return StringType::kIa5;
    case kNumericString:
      return StringType::kNumeric;
    case kVisibleString:
      return StringType::kVisible;
    default:
      return StringType::kOther;
  }
}

bool CheckString(const Reader& in, StringType type, ByteView content, What what) {
  switch (type) {
    case StringType::kUtf8:
      return CheckUtf8(in, content, what);
    // '@', '*', '_' and '&' are no PrintableString characters, but deployed certificates have them there: what matters
    // to a reader is that the octets have one meaning.
    case StringType::kPrintable:
    case StringType::kIa5:
    case StringType::kNumeric:
    case StringType::kVisible:
      return CheckSevenBit(in, content, what);
    // BMPString is UCS-2: it has no surrogate pairs.
    case StringType::kBmp:
      return CheckWide(in, content, 2, what);
    case StringType::kUniversal:
      return CheckWide(in, content, 4, what);
    // Nobody implements T.61. Everybody writes and reads Latin-1 there, OpenSSL too.
    case StringType::kTeletex:
    case StringType::kOther:
      return true;
  }
  return true;
}

std::string ToUtf8(StringType type, ByteView content) {
  if (type == StringType::kUtf8) return std::string(content.begin(), content.end());
  const std::size_t width = type == StringType::kBmp ? 2 : type == StringType::kUniversal ? 4 : 1;
  std::string out;
  out.reserve(content.size());
  for (std::size_t i = 0; i < content.size(); i += width) AppendUtf8(BigEndian(content.subspan(i, width)), out);
  return out;
}

}  // namespace client_cert::der
