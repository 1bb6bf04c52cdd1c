#include "core/der/oid.h"

#include <cstring>
#include <numeric>
#include <vector>

#include "core/base/budget.h"

namespace client_cert::der {
namespace {

// Decimal digits of base-128 octets, least significant first: arcs of more than 64 bits exist (2.25.UUID).
std::string DecimalOf(ByteView arc) {
  std::string digits = "0";
  for (const std::uint8_t octet : arc) {
    unsigned carry = octet & 0x7fu;
    for (char& digit : digits) {
      carry += static_cast<unsigned>(digit - '0') * 128;
      digit = static_cast<char>('0' + carry % 10);
      carry /= 10;
    }
    for (; carry > 0; carry /= 10) digits += static_cast<char>('0' + carry % 10);
  }
  std::ranges::reverse(digits);
  return digits;
}

// `decimal` - 80, for the first octets of 2.x: at least 80 by construction.
std::string Minus80(std::string decimal) {
  std::size_t tens = decimal.size() - 2;
  if (decimal[tens] >= '8') {
    decimal[tens] = static_cast<char>(decimal[tens] - 8);
  } else {
    decimal[tens] = static_cast<char>(decimal[tens] + 2);
    std::size_t borrow = tens;
    while (decimal[--borrow] == '0') decimal[borrow] = '9';
    --decimal[borrow];
  }
  const std::size_t first = std::min(decimal.find_first_not_of('0'), decimal.size() - 1);
  return decimal.substr(first);
}

}  // namespace

std::string ObjectIdentifier::Text() const {
  std::string text;
  std::size_t start = 0;
  for (std::size_t i = 0; i < octets.size(); ++i) {
    if ((octets[i] & 0x80) != 0) continue;
    const ByteView arc = octets.subspan(start, i + 1 - start);
    // Nine octets are 63 bits.
    std::uint64_t value = 0;
    if (arc.size() <= 9) {
      for (const std::uint8_t octet : arc) value = (value << 7) | (octet & 0x7fu);
    }
    if (start > 0) {
      text += '.';
      text += arc.size() <= 9 ? std::to_string(value) : DecimalOf(arc);
    } else if (arc.size() > 9) {
      text = "2." + Minus80(DecimalOf(arc));
    } else {
      // The first two arcs share their octets: 40 * first + second, where only 2.x may go over 39 (8.19.4).
      const std::uint64_t first = std::min<std::uint64_t>(value / 40, 2);
      text = std::to_string(first) + '.' + std::to_string(value - 40 * first);
    }
    start = i + 1;
  }
  return text;
}

bool CheckOid(const Reader& in, ByteView content, What what) {
  if (content.empty()) return in.Fail(content.data(), "one arc or more", what);
  std::size_t start = 0;
  for (std::size_t i = 0; i < content.size(); ++i) {
    if (i == start && content[i] == 0x80) return in.Fail(&content[i], "a minimal arc", what);
    if (i - start == budget::kArcOctets) return in.Fail(&content[start], "an arc of up to 128 bits", what);
    if ((content[i] & 0x80) == 0) start = i + 1;
  }
  return start == content.size() || in.Fail(&content[start], "a complete arc", what);
}

bool ReadOid(Reader& in, What what, ObjectIdentifier& out) {
  Element element;
  if (!in.Read(kObjectIdentifier, what, element) || !CheckOid(in, element.content, what)) return false;
  out.octets = element.content;
  return true;
}

std::optional<std::size_t> FirstRepeated(std::span<const ObjectIdentifier> oids) {
  // Few are compared faster than sorted; many must not cost their square.
  constexpr std::size_t kFew = 24;
  if (oids.size() <= kFew) {
    for (std::size_t i = 1; i < oids.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (oids[i] == oids[j]) return i;
      }
    }
    return std::nullopt;
  }
  std::vector<std::size_t> order(oids.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    const ByteView one = oids[a].octets;
    const ByteView other = oids[b].octets;
    if (one.size() != other.size()) return one.size() < other.size();
    const int compared = std::memcmp(one.data(), other.data(), one.size());
    return compared == 0 ? a < b : compared < 0;
  });
  std::optional<std::size_t> first;
  for (std::size_t i = 1; i < order.size(); ++i) {
    if (oids[order[i]] == oids[order[i - 1]] && (!first || order[i] < *first)) first = order[i];
  }
  return first;
}

}  // namespace client_cert::der
