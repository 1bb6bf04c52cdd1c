// FetchedEvidence: CRLs and OCSP responses that were fetched, beside those that were configured. Bounded by octets, the
// oldest go first. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/revocation/crl_check.h"
#include "core/revocation/ocsp.h"

namespace client_cert {

class FetchedEvidence {
 public:
  explicit FetchedEvidence(std::size_t max_octets) : max_octets_(max_octets) {}

  // Only what has proved to be authentic. One that is under the same name already is replaced, unless that is newer: an
  // old one that somebody sends again must not hide what a newer one said. False where it was not taken.
  bool KeepCrl(const std::string& url, CrlPtr crl);
  // Of OCSP what is said for good, that a certificate is revoked, is kept beside what is said after it.
  enum class Says : std::uint8_t { kForNow, kForGood };
  bool KeepOcsp(const std::string& key, OcspResponsePtr response, Says says, std::int64_t this_update,
                std::size_t octets);

  std::shared_ptr<const CrlSet> crls() const;
  // At most one of each.
  std::vector<OcspResponsePtr> OcspOf(const std::string& key) const;

  std::size_t octets() const;
  std::size_t crl_count() const;
  std::size_t ocsp_count() const;

 private:
  struct Item {
    CrlPtr crl;
    OcspResponsePtr ocsp;
    std::int64_t this_update = 0;
    std::size_t octets = 0;
    std::list<std::string>::iterator place = {};
  };

  bool Keep(const std::string& name, Item item);
  void Drop(std::map<std::string, Item>::iterator item);
  void RebuildCrls();

  const std::size_t max_octets_;
  mutable std::mutex mutex_;
  std::size_t octets_ = 0;
  std::map<std::string, Item> items_;
  std::size_t crl_items_ = 0;
  std::list<std::string> oldest_first_;
  std::shared_ptr<const CrlSet> crls_ = std::make_shared<const CrlSet>();
};

}  // namespace client_cert
