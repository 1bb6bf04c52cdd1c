// PathSearch: every path that certificates could form, the likeliest first, within a budget. What a path is worth is
// decided elsewhere: a visitor is shown one after the other until it is content.
//
// First the graph of all certificates that the leaf could lead to is laid out, with each one's distance to a trust
// anchor; so nobody walks into a mesh of cross-certificates from which no anchor can be reached. Then two rounds: paths
// of certificates that nothing speaks against, and, where none of those was good, the others, since a refused
// certificate is told why by its best path.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "core/base/budget.h"
#include "core/path/known_certificate.h"
#include "core/path/trust_store.h"

namespace client_cert {

// Verifications of signatures that one verification may still make, those of CRLs and OCSP responses included.
class SignatureBudget {
 public:
  // False where there are not as many left; then there are none from then on.
  bool Spend(std::size_t count);
  void SpendAll() { exhausted_ = true; }
  bool exhausted() const { return exhausted_; }

 private:
  std::size_t left_ = budget::kSignatures;
  bool exhausted_ = false;
};

enum class Visit : std::uint8_t { kGoOn, kStop };

struct PathQuestion {
  const std::vector<CertificatePtr>& presented;  // the leaf, and what came with it in any order
  const TrustStore& trust;
  std::int64_t at;  // seconds since 1970
  std::size_t max_intermediates;
  const KnownCertificate* only_anchor = nullptr;  // where not null: no path to another anchor
  std::function<bool(const KnownCertificate&)> is_distrusted;
};

class PathSearch {
 public:
  PathSearch(PathQuestion question, SignatureBudget& signatures);

  using Visitor = std::function<Visit(const CertificatePath&)>;

  // Shows `visit` the paths that end in a trust anchor. Where there is none at all, one that ends where no issuer was
  // found.
  void Run(const Visitor& visit);
  // The first round only: what nothing speaks against.
  void RunUnsuspicious(const Visitor& visit);

  // After Run. Whether paths were left out because the budget ran out, or because they would have been too long.
  bool exhausted() const { return steps_ >= budget::kPathSteps || nodes_full_ || signatures_.exhausted(); }
  bool too_long() const { return too_long_; }
  // Whether the path without an anchor ends because its certificates issued each other.
  bool cyclic() const { return cyclic_; }

 private:
  enum class Round : std::uint8_t { kUnsuspicious, kAll };

  struct Node {
    CertificatePtr certificate;
    bool is_anchor = false;
    bool is_unsuspicious = false;
    std::vector<std::size_t> issuers;
    std::size_t distance[2] = {kUnreachable, kUnreachable};  // to an anchor, by round
  };
  static constexpr std::size_t kUnreachable = static_cast<std::size_t>(-1);

  std::size_t IndexOf(const CertificatePtr& certificate);
  void LayOut();
  void FindIssuers(std::size_t node);
  void MeasureDistances(Round round);
  void SortIssuers();
  bool IsUnsuspicious(const KnownCertificate& certificate, bool is_anchor) const;
  bool IsIn(const std::vector<std::size_t>& path, std::size_t node) const;
  bool Verifies(std::size_t subject, std::size_t issuer);
  CertificatePath PathOf(const std::vector<std::size_t>& nodes) const;
  Visit Show(const std::vector<std::size_t>& path, Round round, const Visitor& visit);
  bool MayFollow(const std::vector<std::size_t>& path, std::size_t issuer, Round round);
  void Walk(Round round, const Visitor& visit);
  void ShowDeadEnd(const Visitor& visit);

  PathQuestion question_;
  SignatureBudget& signatures_;
  std::vector<Node> nodes_;
  std::map<Sha256, std::size_t> index_;
  std::map<std::pair<std::size_t, std::size_t>, bool> verified_;
  CertificatePool presented_;
  std::size_t steps_ = 0;
  std::size_t shown_ = 0;
  std::size_t shown_suspicious_ = 0;
  bool nodes_full_ = false;
  bool too_long_ = false;
  bool cyclic_ = false;
};

}  // namespace client_cert
