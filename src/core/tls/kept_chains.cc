#include "core/tls/kept_chains.h"

#include <utility>

namespace client_cert {

void KeptChains::Keep(const ChainDigest& digest, Bytes chain) {
  if (chain.size() > max_octets_) return;
  const std::lock_guard lock(mutex_);
  const std::size_t size = chain.size();
  if (!chains_.emplace(digest, std::move(chain)).second) return;
  oldest_first_.push_back(digest);
  octets_ += size;
  while (octets_ > max_octets_) {
    const auto oldest = chains_.find(oldest_first_.front());
    octets_ -= oldest->second.size();
    chains_.erase(oldest);
    oldest_first_.pop_front();
  }
}

std::optional<Bytes> KeptChains::Find(const ChainDigest& digest) {
  const std::lock_guard lock(mutex_);
  const auto found = chains_.find(digest);
  if (found == chains_.end()) return std::nullopt;
  return found->second;
}

}  // namespace client_cert
