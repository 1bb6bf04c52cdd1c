// The chains that are too long to travel in a ticket: kept in this process by their digest, the oldest displaced first.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>

#include "core/base/bytes.h"

namespace client_cert {

using ChainDigest = std::array<std::uint8_t, 32>;

class KeptChains {
 public:
  explicit KeptChains(std::size_t max_octets) : max_octets_(max_octets) {}

  // A chain that alone is over the limit is not kept.
  void Keep(const ChainDigest& digest, Bytes chain);
  std::optional<Bytes> Find(const ChainDigest& digest);

 private:
  const std::size_t max_octets_;
  std::mutex mutex_;
  std::size_t octets_ = 0;
  std::map<ChainDigest, Bytes> chains_;
  std::deque<ChainDigest> oldest_first_;
};

}  // namespace client_cert
