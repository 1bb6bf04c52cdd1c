// What a fuzz target demands. libFuzzer keeps the octets for which it does not hold.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "core/base/bytes.h"

namespace client_cert_fuzz {

inline void Check(bool holds, std::string_view what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %.*s\n", static_cast<int>(what.size()), what.data());
  std::abort();
}

// Whether a part lies within the whole, or is empty.
inline bool IsWithin(client_cert::ByteView part, client_cert::ByteView whole) {
  return part.empty() || (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

}  // namespace client_cert_fuzz

// Declared, so that its definition in each target is not one that nobody knows.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* first, std::size_t size);
