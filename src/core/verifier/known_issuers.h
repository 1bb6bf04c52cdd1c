// KnownIssuers: intermediates that were part of valid paths, so that those which every client presents are decoded
// once. Only what a valid path vouched for comes in, and the least recently used goes: a client without a valid
// certificate can neither fill it nor empty it. Any thread.
#pragma once

#include <cstddef>
#include <list>
#include <map>
#include <mutex>

#include "core/path/trust_store.h"

namespace client_cert {

class KnownIssuers {
 public:
  // Those above the leaf of a valid path, but for the anchor, which is the last, and what `trust` has anyway.
  void Remember(const CertificatePath& issuers, const TrustStore& trust);
  // Null where it is not known.
  CertificatePtr Find(const Sha256& fingerprint);
  std::size_t size() const;

 private:
  struct Known {
    CertificatePtr certificate;
    std::list<Sha256>::iterator place;
  };

  mutable std::mutex mutex_;
  std::map<Sha256, Known> known_;
  std::list<Sha256> least_recent_first_;
};

}  // namespace client_cert
