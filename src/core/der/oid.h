// OBJECT IDENTIFIER: kept as its content octets, compared as octets, turned into text when somebody asks.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "core/der/reader.h"

namespace client_cert::der {

struct ObjectIdentifier {
  ByteView octets;

  // '1.2.840.113549'. Arcs of any size that was accepted print right.
  std::string Text() const;

  friend bool operator==(const ObjectIdentifier& a, const ObjectIdentifier& b) {
    return std::ranges::equal(a.octets, b.octets);
  }
};

// One arc or more, each minimal (no leading 0x80: X.690 8.19.2), complete and within budget::kArcOctets.
bool CheckOid(const Reader& in, ByteView content, What what);
bool ReadOid(Reader& in, What what, ObjectIdentifier& out);

// The index of the first OID that equals an earlier one, in O(n log n).
std::optional<std::size_t> FirstRepeated(std::span<const ObjectIdentifier> oids);

}  // namespace client_cert::der
