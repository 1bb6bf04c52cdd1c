// Cursor takes octets from the front of a view and remembers when there were too few.
#pragma once

#include "core/base/bytes.h"

namespace client_cert {

class Cursor {
 public:
  explicit Cursor(ByteView bytes) noexcept : rest_(bytes) {}

  // Empty where there are fewer; Ok() is false from then on.
  ByteView Take(std::size_t count) noexcept {
    if (count > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const ByteView taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }

  // A big-endian number of `octets` octets; 0 where there are fewer.
  std::size_t TakeNumber(std::size_t octets) noexcept {
    std::size_t number = 0;
    for (const std::uint8_t octet : Take(octets)) number = number << 8 | octet;
    return number;
  }

  // What follows a length of `octets` octets, as TLS writes vectors.
  ByteView TakeVector(std::size_t octets) noexcept { return Take(TakeNumber(octets)); }

  ByteView Rest() const noexcept { return rest_; }
  bool Ok() const noexcept { return ok_; }

 private:
  ByteView rest_;
  bool ok_ = true;
};

}  // namespace client_cert
