// No memory, at each moment: the n-th allocation fails, alone and with all that come after it, for n = 1, 2, ... until
// there are not as many. Whatever fails, nobody is found valid who is not; what was there before is there afterwards;
// OpenSSL's error queue is left as it was; and what was half made is freed.
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <new>
#include <string>
#include <vector>

#include "core/path/known_certificate.h"
#include "core/tls/observer.h"
#include "core/verdict/requirements.h"
#include "no_memory/scenario.h"
#include "no_memory/world.h"
#include "support/failing_allocations.h"

namespace client_cert_test {
namespace {

using namespace client_cert;

// Each allocation fails, or some of them do.
bool IsFull() {
  const char* asked = std::getenv("CLIENT_CERT_INFO_LIFETIMES");
  return asked != nullptr && std::atof(asked) >= 1;
}

// Whether any allocation has failed.
bool Disturb(const Scenario& scenario, Allocator allocator, Failing failing, long n) {
  ERR_clear_error();
  FailAllocations(allocator, failing, n);
  scenario.disturbed();
  const bool has_failed = StopFailing();
  ERR_clear_error();
  return has_failed;
}

// Of OpenSSL's, whose functions then say that they have failed. What it has afterwards is what it had before.
void FailInThisProcess(const Scenario& scenario, Failing failing, long step) {
  const auto round = [&](long n) {
    scenario.prepare();
    const bool has_failed = Disturb(scenario, Allocator::kOpenSsl, failing, n);
    scenario.check();
    ERR_clear_error();
    return has_failed;
  };
  for (int warm = 0; warm < 3; ++warm) round(0);
  long before = OpenSslBlocks();
  ASSERT_GT(before, 0);
  long grown = 0;
  long runs = 0;
  for (long n = 1; !testing::Test::HasFailure(); n += step) {
    SCOPED_TRACE(n);
    ++runs;
    const bool has_failed = round(n);
    grown += std::max(0L, OpenSslBlocks() - before);
    before = OpenSslBlocks();
    if (!has_failed) break;
  }
  EXPECT_GT(runs, 5);
  // It keeps texts with the last sixteen errors of a thread; nothing else stays.
  EXPECT_LE(grown, 16);
  testing::Test::RecordProperty(failing == Failing::kOne ? "one" : "all_from_there", std::to_string(runs));
}

enum Ending : int { kSaidNo = 10, kThrew = 11, kOver = 12, kWrong = 13 };

Ending RunChild(const Scenario& scenario, Allocator allocator, Failing failing, long n) {
  // Without a word: it is what most of them end by.
  std::set_terminate([] { std::abort(); });
  bool has_thrown = false;
  bool has_failed = true;
  try {
    has_failed = Disturb(scenario, allocator, failing, n);
  } catch (const std::bad_alloc&) {
    has_thrown = true;
    StopFailing();
  }
  ERR_clear_error();
  scenario.check();
  if (testing::Test::HasFailure()) return kWrong;
  if (has_thrown) return kThrew;
  return has_failed ? kSaidNo : kOver;
}

// In a child each: what may not throw ends its process, as Node.js does where it gets no memory; and what is made once
// was not made yet.
void FailInChildren(const Scenario& scenario, Allocator allocator, Failing failing, long step) {
  scenario.prepare();
  long runs = 0;
  bool is_over = false;
  for (long n = 1; !is_over && !testing::Test::HasFailure(); n += step) {
    ++runs;
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      SCOPED_TRACE(n);
      std::_Exit(RunChild(scenario, allocator, failing, n));
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    is_over = WIFEXITED(status) && WEXITSTATUS(status) == kOver;
    const bool has_ended = WIFEXITED(status) && (WEXITSTATUS(status) == kSaidNo || WEXITSTATUS(status) == kThrew);
    const bool is_aborted = allocator == Allocator::kNew && WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
    EXPECT_TRUE(is_over || has_ended || is_aborted) << "run " << n << " ended with " << status;
  }
  EXPECT_GT(runs, 5);
  testing::Test::RecordProperty(failing == Failing::kOne ? "one" : "all_from_there", std::to_string(runs));
}

bool is_core_used = false;

// Before all others, which would make what it makes.
TEST(NoMemoryAtFirst, WhatIsMadeOnceIsTriedAgain) {
  ASSERT_FALSE(is_core_used);
  for (const Failing failing : {Failing::kOne, Failing::kAllFromThere}) {
    FailInChildren(FirstUse(), Allocator::kOpenSsl, failing, IsFull() ? 1 : 499);
  }
}

struct Case {
  const char* name;
  Scenario (*make)();
  // How far apart those are that fail.
  long openssl_step;
  long openssl_full_step;
  long new_step;
};

class NoMemory : public testing::TestWithParam<Case> {
 protected:
  static void SetUpTestSuite() {
    is_core_used = true;
    ASSERT_EQ(InstallObserver(), ObserverState::kInstalled);
  }
};

TEST_P(NoMemory, OfOpenSsl) {
  const Case& parameters = GetParam();
  const long step = IsFull() ? parameters.openssl_full_step : parameters.openssl_step;
  for (const Failing failing : {Failing::kOne, Failing::kAllFromThere}) {
    FailInThisProcess(parameters.make(), failing, step);
  }
}

TEST_P(NoMemory, OfTheCore) {
  const Case& parameters = GetParam();
  const long step = IsFull() ? 1 : parameters.new_step;
  for (const Failing failing : {Failing::kOne, Failing::kAllFromThere}) {
    FailInChildren(parameters.make(), Allocator::kNew, failing, step);
  }
}

// What speaks against a certificate is found without any.
TEST(NoMemoryAtAll, RejectedCasAreRejected) {
  const CertificatePtr known = Know(TheWorld().rejecting, AuxiliaryTrust::kAllowed);
  ASSERT_NE(known, nullptr);
  const std::vector<std::string> purposes{kClientAuthentication};
  FailAllocations(Allocator::kOpenSsl, Failing::kAllFromThere, 1);
  const bool is_rejected = IsRejectedFor(purposes, *known);
  StopFailing();
  EXPECT_TRUE(is_rejected);
}

TEST(NoMemoryAtAll, WeakKeysAreWeak) {
  const auto weak = std::ranges::find(TheWorld().clients, std::string("of a weak key"), &Client::name);
  const CertificatePath path{Know(weak->chain[0]), Know(weak->chain[1]), Know(TheWorld().root.der())};
  Requirements requirements;
  requirements.minimum_rsa_bits = 2048;
  FailAllocations(Allocator::kOpenSsl, Failing::kAllFromThere, 1);
  const std::vector<Problem> problems = ProblemsOfRequirements(requirements, path);
  StopFailing();
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].code, ProblemCode::CERT_KEY_WEAK);
}

INSTANTIATE_TEST_SUITE_P(
    Scenarios, NoMemory,
    testing::Values(Case{"MakingSettings", MakingSettings, 61, 1, 11}, Case{"Verifying", Verifying, 1999, 1, 97},
                    Case{"Replacing", Replacing, 1999, 1, 97}, Case{"Offering", Offering, 499, 1, 51},
                    Case{"TLSv1_2", [] { return Handshaking(TLS1_2_VERSION); }, 12007, 401, 199},
                    Case{"TLSv1_3", [] { return Handshaking(TLS1_3_VERSION); }, 12007, 401, 199},
                    Case{"AskingLater", AskingLater, 1999, 17, 47},
                    Case{"ChoosingTLSv1_2", [] { return Choosing(TLS1_2_VERSION); }, 3989, 61, 97},
                    Case{"ChoosingTLSv1_3", [] { return Choosing(TLS1_3_VERSION); }, 3989, 61, 97},
                    Case{"SecurityTLSv1_2", [] { return ReadingSecurity(TLS1_2_VERSION); }, 1, 1, 5},
                    Case{"SecurityTLSv1_3", [] { return ReadingSecurity(TLS1_3_VERSION); }, 1, 1, 5}),
    [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace client_cert_test
