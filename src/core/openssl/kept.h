// What is made once, when it is needed first, and kept for the process. Where it could not be made, for lack of memory,
// whoever needs it next tries again.
#pragma once

#include <atomic>

#include "core/openssl/owned.h"

namespace client_cert {

// Null where it cannot be made now. `make` gives ownership.
template <auto Free, class T, class Make>
T* KeepFirst(std::atomic<T*>& kept, Make make) noexcept {
  T* known = kept.load();
  if (known != nullptr) return known;
  Owned<T, Free> made(make());
  if (!made) return nullptr;
  return kept.compare_exchange_strong(known, made.get()) ? made.release() : known;
}

// Of an index for ex_data: negative where OpenSSL gives none now.
inline int KeepIndex(std::atomic<int>& kept, int (*make)()) noexcept {
  int known = kept.load();
  if (known >= 0) return known;
  const int made = make();
  if (made < 0) return made;
  return kept.compare_exchange_strong(known, made) ? made : known;
}

}  // namespace client_cert
