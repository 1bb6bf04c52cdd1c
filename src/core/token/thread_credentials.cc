#include "core/token/thread_credentials.h"

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>

namespace client_cert {
namespace {

// Where ids once had 16 bits, the calls of today have another name.
#ifdef SYS_setresuid32
constexpr long kSetresuid = SYS_setresuid32;
constexpr long kSetresgid = SYS_setresgid32;
constexpr long kSetgroups = SYS_setgroups32;
constexpr long kGetresuid = SYS_getresuid32;
constexpr long kGetresgid = SYS_getresgid32;
constexpr long kGetgroups = SYS_getgroups32;
#else
constexpr long kSetresuid = SYS_setresuid;
constexpr long kSetresgid = SYS_setresgid;
constexpr long kSetgroups = SYS_setgroups;
constexpr long kGetresuid = SYS_getresuid;
constexpr long kGetresgid = SYS_getresgid;
constexpr long kGetgroups = SYS_getgroups;
#endif

constexpr std::uint32_t kUnchanged = 0xffffffff;
constexpr std::array<std::uint32_t, 2> kNone{};

std::optional<Failure> Outcome(Stage stage, const char* syscall, long result) {
  if (result >= 0) return std::nullopt;
  return Failure{stage, errno, syscall};
}

// The kernel said yes, and it is not so.
Failure NotSo(Stage stage, const char* syscall) { return {stage, EPERM, syscall}; }

std::optional<Failure> SetUser(Stage stage, std::uint32_t effective) {
  return Outcome(stage, "setresuid", syscall(kSetresuid, kUnchanged, effective, kUnchanged));
}

std::optional<Failure> SetGroup(Stage stage, std::uint32_t effective) {
  return Outcome(stage, "setresgid", syscall(kSetresgid, kUnchanged, effective, kUnchanged));
}

std::optional<Failure> SetGroups(Stage stage, const std::vector<std::uint32_t>& groups) {
  return Outcome(stage, "setgroups", syscall(kSetgroups, groups.size(), groups.data()));
}

bool HasBit(const std::array<std::uint32_t, 2>& set, unsigned capability) {
  return (set[CAP_TO_INDEX(capability)] & CAP_TO_MASK(capability)) != 0;
}

}  // namespace

bool MayImpersonate() {
  ThreadCredentials::Capabilities capabilities;
  if (ThreadCredentials::ReadCapabilities(Stage::kSwitch, capabilities)) return false;
  return HasBit(capabilities.effective, CAP_SETUID) && HasBit(capabilities.effective, CAP_SETGID);
}

std::optional<Failure> ThreadCredentials::ReadCapabilities(Stage stage, Capabilities& out) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> sets{};
  if (const auto failure = Outcome(stage, "capget", syscall(SYS_capget, &header, sets.data()))) return failure;
  for (std::size_t i = 0; i < sets.size(); ++i) {
    out.effective[i] = sets[i].effective;
    out.permitted[i] = sets[i].permitted;
    out.inheritable[i] = sets[i].inheritable;
  }
  return std::nullopt;
}

std::optional<Failure> ThreadCredentials::SetEffective(Stage stage, const Capabilities& capabilities,
                                                       const std::array<std::uint32_t, 2>& effective) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> sets{};
  for (std::size_t i = 0; i < sets.size(); ++i) {
    sets[i] = {effective[i], capabilities.permitted[i], capabilities.inheritable[i]};
  }
  return Outcome(stage, "capset", syscall(SYS_capset, &header, sets.data()));
}

std::optional<Failure> ThreadCredentials::Read(Stage stage, State& out) {
  Ids& users = out.users;
  Ids& groups = out.groups_ids;
  if (const auto failure =
          Outcome(stage, "getresuid", syscall(kGetresuid, &users.real, &users.effective, &users.saved)))
    return failure;
  if (const auto failure =
          Outcome(stage, "getresgid", syscall(kGetresgid, &groups.real, &groups.effective, &groups.saved)))
    return failure;
  long count = syscall(kGetgroups, 0, nullptr);
  if (const auto failure = Outcome(stage, "getgroups", count)) return failure;
  out.groups.resize(static_cast<std::size_t>(count));
  count = syscall(kGetgroups, count, out.groups.data());
  if (const auto failure = Outcome(stage, "getgroups", count)) return failure;
  out.groups.resize(static_cast<std::size_t>(count));
  std::ranges::sort(out.groups);
  return ReadCapabilities(stage, out.capabilities);
}

std::optional<Failure> ThreadCredentials::Switch(const Identity& identity) {
  constexpr Stage kStage = Stage::kSwitch;
  // Read each time: the process may have changed its identity, and with it that of all its threads, since.
  is_known_ = false;
  if (const auto failure = Read(kStage, before_)) return failure;
  is_known_ = true;
  // The user last: it takes the right to change the groups away.
  if (const auto failure = SetGroups(kStage, identity.groups)) return failure;
  if (const auto failure = SetGroup(kStage, identity.gid)) return failure;
  if (const auto failure = SetUser(kStage, identity.uid)) return failure;
  State now;
  if (const auto failure = Read(kStage, now)) return failure;
  // The kernel takes them away where root becomes somebody else; not from a service user that was given some.
  if (now.capabilities.effective != kNone) {
    if (const auto failure = SetEffective(kStage, now.capabilities, kNone)) return failure;
    if (const auto failure = ReadCapabilities(kStage, now.capabilities)) return failure;
  }
  if (now.capabilities.effective != kNone) return NotSo(kStage, "capset");
  if (now.users != Ids{before_.users.real, identity.uid, before_.users.saved}) return NotSo(kStage, "setresuid");
  if (now.groups_ids != Ids{before_.groups_ids.real, identity.gid, before_.groups_ids.saved})
    return NotSo(kStage, "setresgid");
  if (now.groups != identity.groups) return NotSo(kStage, "setgroups");
  return std::nullopt;
}

std::optional<Failure> ThreadCredentials::Restore() {
  constexpr Stage kStage = Stage::kRestore;
  // Nothing was changed.
  if (!is_known_) return std::nullopt;
  // Capabilities first, they are what the rest needs; and again afterwards, since the kernel changes them with the
  // user.
  Capabilities now;
  if (const auto failure = ReadCapabilities(kStage, now)) return failure;
  if (const auto failure = SetEffective(kStage, now, before_.capabilities.effective)) return failure;
  // The saved id, not 0: a service that is not root would become root.
  if (const auto failure = SetUser(kStage, before_.users.effective)) return failure;
  if (const auto failure = SetGroup(kStage, before_.groups_ids.effective)) return failure;
  if (const auto failure = SetGroups(kStage, before_.groups)) return failure;
  if (const auto failure = SetEffective(kStage, before_.capabilities, before_.capabilities.effective)) return failure;
  State after;
  if (const auto failure = Read(kStage, after)) return failure;
  if (after != before_) return NotSo(kStage, "setresuid");
  is_known_ = false;
  return std::nullopt;
}

}  // namespace client_cert
