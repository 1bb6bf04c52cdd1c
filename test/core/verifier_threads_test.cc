// One Verifier and many threads: those that verify, and those that change what it decides by.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/budget.h"
#include "core/path/known_certificate.h"
#include "core/verifier/verifier.h"
#include "support/epoch.h"
#include "support/pki.h"
#include "support/threads.h"

namespace client_cert_test {
namespace {

using namespace client_cert;

constexpr std::uint64_t kChanges = 60;

struct Seen {
  bool valid = false;
  bool recalled = false;
};

Seen Look(Verifier& verifier, const std::vector<Bytes>& chain, const Presented& presented) {
  const std::vector<ByteView> views(chain.begin(), chain.end());
  const std::int64_t now = Now();
  Seen seen;
  seen.valid = IsValid(verifier.Verify(presented, now));
  // What is recalled is what was verified: it never says more than a verification would.
  const OutcomePtr recalled = verifier.Recall(views, now);
  seen.recalled = recalled != nullptr && IsValid(recalled);
  return seen;
}

TEST(VerifierThreads, WhatBeginsAfterAReloadIsJudgedByIt) {
  const Authority root("root");
  const Authority intermediate("intermediate", &root);
  const Credential leaf = intermediate.Issue("leaf", 7);
  const std::vector<Bytes> chain{leaf.der, intermediate.der()};
  const Presented presented = KnownOf(chain);
  // Odd changes revoke the leaf.
  const std::array settings{SettingsFor({&root}, {intermediate.Revoke({}, 1)}),
                            SettingsFor({&root}, {intermediate.Revoke({7}, 2)})};
  Verifier verifier(settings[0]);
  Epoch epoch(kThreads);
  Working threads(kThreads, [&](std::size_t i) {
    Seen seen;
    const std::optional<std::uint64_t> number = epoch.Watch(i, [&] { seen = Look(verifier, chain, presented); });
    if (!number) return;
    EXPECT_EQ(seen.valid, *number % 2 == 0);
    EXPECT_EQ(seen.recalled, seen.valid);
  });
  for (std::uint64_t i = 0; i < kChanges; ++i) {
    epoch.Next([&](std::uint64_t number) { verifier.Replace(settings[number % 2]); });
  }
  threads.Stop();
  EXPECT_EQ(verifier.generation(), 1 + kChanges);
}

// Nothing is remembered yet of the signatures of certificates and CRLs, and all threads find that out at once.
TEST(VerifierThreads, FirstVerificationsBySettingsThatAreNew) {
  const Authority root("root");
  const Authority intermediate("intermediate", &root);
  const Credential good = intermediate.Issue("good", 8);
  const Credential revoked = intermediate.Issue("revoked", 9);
  const Bytes crl = intermediate.Revoke({9}, 1);
  for (std::uint64_t i = 0; i < kChanges; ++i) {
    Verifier verifier(SettingsFor({&root}, {crl}));
    const Presented good_chain = KnownOf({good.der, intermediate.der()});
    const Presented revoked_chain = KnownOf({revoked.der, intermediate.der()});
    OnThreads(kThreads, [&](std::size_t) {
      EXPECT_TRUE(IsValid(verifier.Verify(good_chain, Now())));
      EXPECT_FALSE(IsValid(verifier.Verify(revoked_chain, Now())));
    });
  }
}

// Nothing but look-ups, so that they meet each other and the one who changes what they look into.
TEST(VerifierThreads, LookUpsWhileWhatIsKnownChanges) {
  const Authority root("root");
  std::vector<std::vector<Bytes>> chains;
  std::vector<Presented> presented;
  for (int i = 0; i < 8; ++i) {
    const Authority intermediate("intermediate " + std::to_string(i), &root);
    chains.push_back({intermediate.Issue("leaf", 1).der, intermediate.der()});
    presented.push_back(KnownOf(chains.back()));
  }
  const auto settings = SettingsFor({&root}, {});
  Verifier verifier(settings);
  std::array<std::atomic<std::size_t>, kThreads> found{};
  Working threads(kThreads, [&](std::size_t i) {
    for (std::size_t k = 0; k < chains.size(); ++k) {
      const CertificatePtr issuer = verifier.FindIssuer(presented[k].back()->fingerprint);
      EXPECT_TRUE(!issuer || issuer->der == chains[k].back());
      const std::vector<ByteView> views(chains[k].begin(), chains[k].end());
      const OutcomePtr outcome = verifier.Recall(views, Now());
      if (issuer && IsValid(outcome)) ++found[i];
      EXPECT_LE(verifier.counts().known_verdicts, chains.size());
    }
  });
  const auto every_one_found = [&] { return std::ranges::all_of(found, [](const auto& count) { return count > 0; }); };
  for (std::uint64_t i = 0; i < kChanges || (i < 1000 * kChanges && !every_one_found()); ++i) {
    verifier.Replace(settings);
    for (const Presented& chain : presented) EXPECT_TRUE(IsValid(verifier.Verify(chain, Now())));
  }
  EXPECT_TRUE(every_one_found());
}

TEST(VerifierThreads, WhatWasFetchedIsSeenByWhatBeginsAfterwards) {
  const Authority root("root");
  const Credential leaf = root.Issue("leaf", 11);
  const std::vector<Bytes> chain{leaf.der};
  const Presented presented = KnownOf(chain);
  Verifier verifier(SettingsFor({&root}, {}, Fetching::kWished));
  const OutcomePtr before = verifier.Verify(presented, Now());
  ASSERT_FALSE(IsValid(before));
  ASSERT_FALSE(before->revocation.empty());
  const std::string key = before->revocation.front().key;
  Epoch epoch(kThreads);
  Working threads(kThreads, [&](std::size_t i) {
    Seen seen;
    const std::optional<std::uint64_t> number = epoch.Watch(i, [&] { seen = Look(verifier, chain, presented); });
    // Before anything is there nothing is known; then it is good, then revoked.
    if (!number) return;
    EXPECT_EQ(seen.valid, *number == 1);
  });
  const auto offer = [&](const std::vector<std::int64_t>& serials, std::int64_t number) {
    OfferedEvidence evidence;
    evidence.octets = root.Revoke(serials, number);
    evidence.url = "http://crl.test/";
    evidence.key = key;
    EXPECT_EQ(verifier.Offer(presented, Now(), std::move(evidence)).state, OfferState::kUsed);
  };
  epoch.Next([&](std::uint64_t) { offer({}, 1); });
  for (std::int64_t number = 2; number < 20; ++number) {
    epoch.Next([&](std::uint64_t) { offer({11}, number); });
  }
}

// More issuers than are remembered, so that some always go.
TEST(VerifierThreads, IssuersThatClientsPresent) {
  const Authority root("root");
  std::vector<std::vector<Bytes>> chains;
  for (std::size_t i = 0; i < budget::kKnownIssuers + 16; ++i) {
    const Authority intermediate("intermediate " + std::to_string(i), &root);
    chains.push_back({intermediate.Issue("leaf", 1).der, intermediate.der()});
  }
  const auto settings = SettingsFor({&root}, {});
  Verifier verifier(settings);
  OnThreads(kThreads, [&](std::size_t i) {
    for (std::size_t round = 0; round < 2 * chains.size(); ++round) {
      const std::vector<Bytes>& chain = chains[(round * (i + 1)) % chains.size()];
      const auto read = verifier.Read(chain);
      ASSERT_TRUE(std::holds_alternative<Presented>(read));
      const auto& presented = std::get<Presented>(read);
      EXPECT_TRUE(IsValid(verifier.Verify(presented, Now())));
      const CertificatePtr issuer = verifier.FindIssuer(presented.back()->fingerprint);
      EXPECT_TRUE(!issuer || issuer->der == chain.back());
      EXPECT_LE(verifier.counts().known_issuers, budget::kKnownIssuers);
      if (round % 50 == 0) verifier.Replace(settings);
    }
  });
  EXPECT_EQ(verifier.counts().refused, 0u);
}

// As a handle that is closed while work is under way: whoever is still at work owns a part.
TEST(VerifierThreads, TheLastOneThatIsAtWorkFreesIt) {
  const Authority root("root");
  const Authority intermediate("intermediate", &root);
  const Presented presented = KnownOf({intermediate.Issue("leaf", 12).der, intermediate.der()});
  for (int round = 0; round < 20; ++round) {
    auto verifier = std::make_shared<Verifier>(SettingsFor({&root}, {intermediate.Revoke({}, 1)}));
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < kThreads; ++i) {
      threads.emplace_back([verifier, &presented] { EXPECT_TRUE(IsValid(verifier->Verify(presented, Now()))); });
    }
    verifier.reset();
    for (std::thread& thread : threads) thread.join();
  }
}

}  // namespace
}  // namespace client_cert_test
