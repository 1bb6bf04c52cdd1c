// Verifier: the settings that are in force, what was fetched, and the verdicts that still hold. Any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/bytes.h"
#include "core/path/certificate_path.h"
#include "core/verifier/outcome.h"

namespace client_cert {

struct VerifierSettings;
class FetchedEvidence;
class KnownIssuers;

using OutcomePtr = std::shared_ptr<const Outcome>;

// The leaf first.
using Presented = std::vector<CertificatePtr>;

struct VerifierCounts {
  std::uint64_t verifications = 0;  // answered, from what was known or anew
  std::uint64_t known = 0;          // of those: without verifying anything
  std::uint64_t refused = 0;        // of those: with a problem
  std::size_t anchors = 0;
  std::size_t intermediates = 0;
  std::size_t crls = 0;  // configured
  std::size_t crl_entries = 0;
  std::size_t fetched_crls = 0;
  std::size_t fetched_ocsp_responses = 0;
  std::size_t fetched_octets = 0;
  std::size_t known_verdicts = 0;  // at hand, and the octets of their paths
  std::size_t known_octets = 0;
  std::size_t known_issuers = 0;  // that clients presented
  std::uint64_t generation = 0;
};

// Something that was fetched, or that another process had fetched: nothing of it is believed yet.
struct OfferedEvidence {
  enum class Kind : std::uint8_t { kCrl, kOcsp };
  Kind kind = Kind::kCrl;
  Bytes octets;
  std::string url;  // a CRL's
  std::string key;  // of the certificate that it is wanted for: FetchWish::key
  Bytes nonce;      // that the OCSP response has to repeat; empty: none was sent
};

enum class OfferState : std::uint8_t {
  kUsed,      // authentic, and it speaks of the certificate
  kUnusable,  // not authentic, not about this certificate, or out of date
  kMalformed,
  kTryLater,    // OCSP: tryLater, internalError
  kRefused,     // OCSP: unauthorized, sigRequired, malformedRequest
  kOtherNonce,  // OCSP: an answer to another request, or to none
};

struct OfferResult {
  OfferState state = OfferState::kMalformed;
  bool is_settled = false;   // whether the certificate's status is known now
  std::int64_t expires = 0;  // of what was used: nextUpdate; 0 where there is none
};

class Verifier {
 public:
  explicit Verifier(std::shared_ptr<const VerifierSettings> settings);
  Verifier(const Verifier&) = delete;
  Verifier& operator=(const Verifier&) = delete;
  ~Verifier();

  // Takes effect for verifications that begin afterwards.
  void Replace(std::shared_ptr<const VerifierSettings> settings);
  std::shared_ptr<const VerifierSettings> settings() const;

  // `presented`: the leaf first; not empty. `unreachable`: keys of certificates whose sources were asked in vain.
  OutcomePtr Verify(const Presented& presented, std::int64_t at, const std::set<std::string>* unreachable = nullptr);

  // The same of octets that were presented, where it was verified before and still holds; null elsewhere. Nothing is
  // decoded, and nothing counted.
  OutcomePtr Recall(std::span<const ByteView> chain, std::int64_t at);

  // Certificates that were presented, or the place of the first that OpenSSL cannot read. Issuers that are known are
  // not decoded again.
  std::variant<Presented, std::size_t> Read(const std::vector<Bytes>& chain);
  // Of the issuers that are known: configured, or part of a valid path. Null where there is none. Never for a leaf,
  // which is taken as it came: what was configured may carry auxiliary trust.
  CertificatePtr FindIssuer(const Sha256& fingerprint);

  // Keeps the evidence if it is authentic and speaks of the certificate that it was fetched for.
  OfferResult Offer(const Presented& presented, std::int64_t at, OfferedEvidence evidence);

  // Whether verifying the same again at `at` would give the same.
  bool Holds(const Outcome& outcome, std::int64_t at) const;

  std::uint64_t generation() const { return generation_.load(); }
  VerifierCounts counts() const;

 private:
  // All that was presented, in its order: how many there were, and the digest of their fingerprints, one after the
  // other. What one certificate is found by is never what several are found by.
  using Key = std::pair<std::size_t, Sha256>;
  struct Known {
    OutcomePtr outcome;
    std::list<Key>::iterator place;
    std::size_t octets;
  };

  static std::optional<Key> KeyOf(std::span<const Sha256> fingerprints);
  OutcomePtr Find(const Key& key, std::int64_t at);
  void Remember(const Key& key, const OutcomePtr& outcome);
  void Forget(std::map<Key, Known>::iterator known);
  mutable std::mutex mutex_;  // of settings_
  std::shared_ptr<const VerifierSettings> settings_;
  // Settings first, then the number: whoever reads them the other way round never takes an old verdict for a new one.
  std::atomic<std::uint64_t> generation_{1};
  std::atomic<std::uint64_t> evidence_{1};
  std::unique_ptr<FetchedEvidence> fetched_;

  mutable std::mutex known_mutex_;
  std::map<Key, Known> known_;
  std::list<Key> least_recent_first_;
  std::size_t known_octets_ = 0;

  std::unique_ptr<KnownIssuers> known_issuers_;

  std::atomic<std::uint64_t> verifications_{0};
  std::atomic<std::uint64_t> known_count_{0};
  std::atomic<std::uint64_t> refused_{0};
};

}  // namespace client_cert
