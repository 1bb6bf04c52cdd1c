#include <openssl/x509.h>

#include <optional>
#include <utility>

#include "core/openssl/error_queue.h"
#include "core/revocation/crl_check.h"

namespace client_cert {

CrlSet::CrlSet(std::vector<CrlPtr> crls) : all_(std::move(crls)) {
  for (const CrlPtr& crl : all_) by_issuer_.emplace(crl->issuer_hash(), crl);
}

std::vector<CrlPtr> CrlSet::WithIssuer(const X509_NAME* issuer) const {
  const ErrorQueueGuard guard;
  std::vector<CrlPtr> found;
  // Without it, each of them could be meant.
  const std::optional<std::uint32_t> hash = NameHash(issuer);
  const auto [first, last] = hash ? by_issuer_.equal_range(*hash) : std::pair(by_issuer_.begin(), by_issuer_.end());
  for (auto named = first; named != last; ++named) {
    if (IsSameName(named->second->issuer(), issuer)) found.push_back(named->second);
  }
  return found;
}

}  // namespace client_cert
