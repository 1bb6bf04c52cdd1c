// A verification of what a client presents. The input says what is changed in a chain that is valid: each three octets
// are a place and what is added to the octet there. Whatever comes of it, only the chain as it was issued is valid.
#include "core/verifier/verifier.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "core/path/known_certificate.h"
#include "support/check.h"
#include "support/pki.h"

namespace {

using namespace client_cert;
using namespace client_cert_test;
using client_cert_fuzz::Check;

struct World {
  Authority root{"root"};
  Authority intermediate{"intermediate", &root};
  std::vector<Bytes> chain{intermediate.Issue("leaf", 7).der, intermediate.der()};
  Verifier verifier{SettingsFor({&root}, {})};
};

World& TheWorld() {
  static World world;
  return world;
}

void Change(std::vector<Bytes>& chain, ByteView change) {
  const std::size_t at = std::size_t{change[0]} << 8 | change[1];
  Bytes& certificate = chain[at % chain.size()];
  std::uint8_t& octet = certificate[(at / chain.size()) % certificate.size()];
  octet = static_cast<std::uint8_t>(octet + change[2]);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* first, std::size_t size) {
  World& world = TheWorld();
  std::vector<Bytes> chain = world.chain;
  for (ByteView changes(first, size); changes.size() >= 3; changes = changes.subspan(3))
    Change(chain, changes.first(3));
  const bool is_same = chain == world.chain;
  const auto read = world.verifier.Read(chain);
  if (const auto* presented = std::get_if<Presented>(&read)) {
    Check(IsValid(world.verifier.Verify(*presented, Now())) == is_same, "only what was issued is valid");
  } else {
    Check(!is_same, "what was issued can be read");
  }
  return 0;
}
