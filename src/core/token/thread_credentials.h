// ThreadCredentials: makes the calling thread, and no other, act as somebody else, and back.
//
// Linux keeps credentials for each thread; glibc's setresuid and its like change all of them, so these are system calls
// of our own. Only effective ids are changed: a thread whose real id is a user's could be sent signals by that user.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/token/failure.h"
#include "core/token/identity.h"

namespace client_cert {

// Whether the calling thread may take any identity: CAP_SETUID and CAP_SETGID are in force.
bool MayImpersonate();

class ThreadCredentials {
 public:
  // Acts as `identity` from now on, without any capability. Verified. After a failure Restore is due all the same.
  std::optional<Failure> Switch(const Identity& identity);

  // As before Switch. Verified. After a failure nobody knows as whom the thread acts: it must do nothing more.
  std::optional<Failure> Restore();

 private:
  struct Ids {
    std::uint32_t real = 0;
    std::uint32_t effective = 0;
    std::uint32_t saved = 0;

    bool operator==(const Ids&) const = default;
  };

  struct Capabilities {
    std::array<std::uint32_t, 2> effective{};
    std::array<std::uint32_t, 2> permitted{};
    std::array<std::uint32_t, 2> inheritable{};

    bool operator==(const Capabilities&) const = default;
  };

  struct State {
    Ids users;
    Ids groups_ids;
    std::vector<std::uint32_t> groups;  // sorted
    Capabilities capabilities;

    bool operator==(const State&) const = default;
  };

  friend bool MayImpersonate();

  static std::optional<Failure> Read(Stage stage, State& out);
  static std::optional<Failure> ReadCapabilities(Stage stage, Capabilities& out);
  static std::optional<Failure> SetEffective(Stage stage, const Capabilities& capabilities,
                                             const std::array<std::uint32_t, 2>& effective);

  State before_;
  bool is_known_ = false;
};

}  // namespace client_cert
