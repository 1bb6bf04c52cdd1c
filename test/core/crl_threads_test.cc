// One CRL and many threads, and the chains that sessions leave in this process.
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "core/path/known_certificate.h"
#include "core/revocation/crl.h"
#include "core/tls/carried_session.h"
#include "support/pki.h"
#include "support/threads.h"

namespace client_cert_test {
namespace {

using namespace client_cert;

constexpr std::int64_t kEntries = 2000;

// Even numbers, of one or two octets.
std::vector<std::int64_t> EvenSerials() {
  std::vector<std::int64_t> serials;
  for (std::int64_t i = 1; i <= kEntries; ++i) serials.push_back(2 * i);
  return serials;
}

Bytes SerialOf(std::int64_t number) {
  if (number < 0x80) return {static_cast<std::uint8_t>(number)};
  return {static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)};
}

// 0x80 to 0xFF would need a leading zero octet: those are looked up by nobody here.
bool HasPlainSerial(std::int64_t number) { return number < 0x80 || number > 0xFF; }

TEST(CrlThreads, LookUpsAndSignatures) {
  const Authority root("root");
  const Authority other("root");  // of the same name, with another key
  const CertificatePtr signer = Know(root.der());
  const CertificatePtr stranger = Know(other.der());
  const Bytes der = root.Revoke(EvenSerials(), 1);
  for (int round = 0; round < 10; ++round) {
    const auto parsed = Crl::Parse(der);
    ASSERT_TRUE(parsed);
    const CrlPtr& crl = parsed.value();
    OnThreads(kThreads, [&](std::size_t i) {
      EXPECT_TRUE(crl->signature().Verify(*signer, 1));
      EXPECT_FALSE(crl->signature().Verify(*stranger, 1));
      EXPECT_EQ(crl->signature().Remembered(signer->spki, 1), std::optional(true));
      for (auto number = static_cast<std::int64_t>(i + 1); number < 2 * kEntries; number += 3) {
        if (!HasPlainSerial(number)) continue;
        EXPECT_EQ(crl->Find(SerialOf(number), crl->issuer()).has_value(), number % 2 == 0) << number;
      }
    });
  }
}

using OwnedSession = Owned<SSL_SESSION, SSL_SESSION_free>;

TEST(CrlThreads, ChainsThatStayInThisProcess) {
  std::array<Bytes, 6> chains;
  for (std::size_t i = 0; i < chains.size(); ++i) {
    const Authority root("root");
    chains[i] = Authority("intermediate", &root, kMaxCarriedChain + i * kMaxKeptChains / 8).der();
  }
  std::atomic<std::size_t> whole{0};
  OnThreads(kThreads, [&](std::size_t thread) {
    for (std::size_t round = 0; round < 20; ++round) {
      const Bytes& chain = chains[(thread + round) % chains.size()];
      const OwnedSession session(SSL_SESSION_new());
      CarriedSession carried;
      carried.server_name = "a.test";
      carried.intermediates = {chain};
      Carry(session.get(), carried, LongChain::kKeep);
      const std::optional<CarriedSession> read = CarriedBy(session.get());
      ASSERT_TRUE(read);
      // Others may have displaced it by now; but it is never another one.
      if (!read->is_whole) continue;
      EXPECT_EQ(read->intermediates, carried.intermediates);
      ++whole;
    }
  });
  EXPECT_GT(whole.load(), 0u);
}

}  // namespace
}  // namespace client_cert_test
