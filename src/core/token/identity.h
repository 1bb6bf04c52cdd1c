// Identity: as whom to act. Immutable; any thread may read it.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace client_cert {

struct Identity {
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::vector<std::uint32_t> groups;  // all of them; sorted
};

using IdentityPtr = std::shared_ptr<const Identity>;

}  // namespace client_cert
