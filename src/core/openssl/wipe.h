// Wipe: overwrites octets in a way that no compiler leaves out.
#pragma once

#include <cstdint>
#include <span>
#include <utility>

#include "core/base/bytes.h"

namespace client_cert {

void Wipe(std::span<std::uint8_t> octets) noexcept;

// Octets that are wiped when they are no longer needed.
class Secret {
 public:
  explicit Secret(Bytes octets) noexcept : octets_(std::move(octets)) {}
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  Secret(Secret&& other) noexcept : octets_(std::move(other.octets_)) {}
  Secret& operator=(Secret&& other) noexcept {
    octets_.swap(other.octets_);
    return *this;
  }
  ~Secret() { Wipe(octets_); }

  ByteView view() const { return octets_; }

 private:
  Bytes octets_;
};

}  // namespace client_cert
