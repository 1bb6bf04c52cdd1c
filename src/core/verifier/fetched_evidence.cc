#include "core/verifier/fetched_evidence.h"

#include <utility>

namespace client_cert {
namespace {

std::string CrlName(const std::string& url) { return std::string("crl:").append(url); }
std::string OcspName(const std::string& key, FetchedEvidence::Says says) {
  return std::string(says == FetchedEvidence::Says::kForGood ? "revoked:" : "ocsp:").append(key);
}

}  // namespace

void FetchedEvidence::Drop(std::map<std::string, Item>::iterator item) {
  octets_ -= item->second.octets;
  if (item->second.crl) --crl_items_;
  oldest_first_.erase(item->second.place);
  items_.erase(item);
}

bool FetchedEvidence::Keep(const std::string& name, Item item) {
  if (item.octets > max_octets_) return false;
  const auto known = items_.find(name);
  if (known != items_.end()) {
    if (known->second.this_update > item.this_update) return false;
    Drop(known);
  }
  octets_ += item.octets;
  if (item.crl) ++crl_items_;
  item.place = oldest_first_.insert(oldest_first_.end(), name);
  items_.emplace(name, std::move(item));
  while (octets_ > max_octets_) Drop(items_.find(oldest_first_.front()));
  return true;
}

void FetchedEvidence::RebuildCrls() {
  std::vector<CrlPtr> crls;
  for (const auto& [name, item] : items_) {
    if (item.crl) crls.push_back(item.crl);
  }
  crls_ = std::make_shared<const CrlSet>(std::move(crls));
}

bool FetchedEvidence::KeepCrl(const std::string& url, CrlPtr crl) {
  const std::lock_guard lock(mutex_);
  Item item;
  item.this_update = crl->this_update();
  item.octets = crl->footprint();
  item.crl = std::move(crl);
  const bool is_kept = Keep(CrlName(url), std::move(item));
  RebuildCrls();
  return is_kept;
}

bool FetchedEvidence::KeepOcsp(const std::string& key, OcspResponsePtr response, Says says, std::int64_t this_update,
                               std::size_t octets) {
  const std::lock_guard lock(mutex_);
  Item item;
  item.ocsp = std::move(response);
  item.this_update = this_update;
  item.octets = octets;
  const bool is_kept = Keep(OcspName(key, says), std::move(item));
  // To make room a CRL may have gone.
  if (crl_items_ != crls_->all().size()) RebuildCrls();
  return is_kept;
}

std::shared_ptr<const CrlSet> FetchedEvidence::crls() const {
  const std::lock_guard lock(mutex_);
  return crls_;
}

std::vector<OcspResponsePtr> FetchedEvidence::OcspOf(const std::string& key) const {
  const std::lock_guard lock(mutex_);
  std::vector<OcspResponsePtr> responses;
  for (const Says says : {Says::kForGood, Says::kForNow}) {
    const auto known = items_.find(OcspName(key, says));
    if (known != items_.end()) responses.push_back(known->second.ocsp);
  }
  return responses;
}

std::size_t FetchedEvidence::octets() const {
  const std::lock_guard lock(mutex_);
  return octets_;
}

std::size_t FetchedEvidence::crl_count() const {
  const std::lock_guard lock(mutex_);
  return crl_items_;
}

std::size_t FetchedEvidence::ocsp_count() const {
  const std::lock_guard lock(mutex_);
  return items_.size() - crl_items_;
}

}  // namespace client_cert
