#include "core/account/account.h"

#include <grp.h>
#include <pwd.h>
#include <shadow.h>

#include <cerrno>
#include <cstddef>
#include <string_view>

#include "core/base/budget.h"

namespace client_cert {
namespace {

constexpr std::size_t kFirstBuffer = 4096;
constexpr std::int64_t kSecondsOfDay = 86400;

// Calls a function of the getpwnam_r family with a buffer that grows. Its errno, or 0; `found` is null where nobody has
// that name.
template <class Entry, class Call>
int Ask(std::vector<char>& buffer, Entry& entry, Entry*& found, Call call) {
  buffer.resize(kFirstBuffer);
  for (;;) {
    const int error = call(&entry, buffer.data(), buffer.size(), &found);
    if (error == EINTR) continue;
    if (error != ERANGE || buffer.size() >= budget::kAccountOctets) return found != nullptr ? 0 : error;
    buffer.resize(buffer.size() * 4);
  }
}

std::string TextOf(const char* text) { return text == nullptr ? std::string() : std::string(text); }

// A password that is there and was locked (usermod -L, passwd -l). Without one the field is "!", "!!" or "*", as
// useradd leaves it: an account that nobody enters by a password, which is what certificates are for.
bool IsLocked(const char* password) {
  const std::string_view field = password == nullptr ? std::string_view() : std::string_view(password);
  if (!field.starts_with('!')) return false;
  return field.find_first_not_of("!*") != std::string_view::npos;
}

// shadow(5): days since 1970. A password that was not changed in time closes the account sp_inact days later.
bool IsExpired(const spwd& entry, std::int64_t today) {
  if (entry.sp_expire >= 0 && today >= entry.sp_expire) return true;
  const bool may_lapse = entry.sp_lstchg > 0 && entry.sp_max >= 0 && entry.sp_inact >= 0;
  return may_lapse && today > std::int64_t{entry.sp_lstchg} + entry.sp_max + entry.sp_inact;
}

// Nothing where it is not known whether there is an entry. `error` then says why.
std::optional<AccountStanding> StandingOf(const std::string& name, std::int64_t now, int& error) {
  std::vector<char> buffer;
  spwd entry{};
  spwd* found = nullptr;
  error = Ask(buffer, entry, found, [&](spwd* out, char* octets, std::size_t size, spwd** result) {
    return getspnam_r(name.c_str(), out, octets, size, result);
  });
  const bool is_absent = error == 0 || error == ENOENT || error == ESRCH || error == EACCES || error == EPERM;
  if (found == nullptr) return is_absent ? std::optional(AccountStanding::kUnknown) : std::nullopt;
  if (IsExpired(entry, now / kSecondsOfDay)) return AccountStanding::kExpired;
  return IsLocked(entry.sp_pwdp) ? AccountStanding::kLocked : AccountStanding::kGood;
}

// False where the user has more groups than the kernel allows a process.
bool FindGroups(const std::string& name, gid_t gid, std::vector<std::uint32_t>& groups) {
  static_assert(sizeof(gid_t) == sizeof(std::uint32_t));
  int count = 64;
  for (;;) {
    groups.resize(static_cast<std::size_t>(count));
    if (getgrouplist(name.c_str(), gid, groups.data(), &count) >= 0) break;
    const auto needed = static_cast<std::size_t>(count);
    if (needed > budget::kAccountGroups) return false;
    if (needed <= groups.size()) count = static_cast<int>(groups.size() * 2);
  }
  groups.resize(static_cast<std::size_t>(count));
  return true;
}

template <class Call>
AccountSearch Find(std::int64_t now, Call call) {
  std::vector<char> buffer;
  passwd entry{};
  passwd* found = nullptr;
  const int error = Ask(buffer, entry, found, call);
  // Some modules of NSS say by these that nobody has that name (getpwnam(3)).
  const bool is_absent = error == 0 || error == ENOENT || error == ESRCH;
  if (found == nullptr) return {std::nullopt, is_absent ? 0 : error};
  Account account;
  account.name = TextOf(entry.pw_name);
  account.uid = entry.pw_uid;
  account.gid = entry.pw_gid;
  account.home = TextOf(entry.pw_dir);
  account.shell = TextOf(entry.pw_shell);
  if (!FindGroups(account.name, entry.pw_gid, account.groups)) return {std::nullopt, E2BIG};
  int unknown = 0;
  const std::optional<AccountStanding> standing = StandingOf(account.name, now, unknown);
  if (!standing) return {std::nullopt, unknown};
  account.standing = *standing;
  return {std::move(account), 0};
}

}  // namespace

AccountSearch FindAccount(const std::string& name, std::int64_t now) {
  return Find(now, [&](passwd* out, char* octets, std::size_t size, passwd** result) {
    return getpwnam_r(name.c_str(), out, octets, size, result);
  });
}

AccountSearch FindAccount(std::uint32_t uid, std::int64_t now) {
  return Find(now, [&](passwd* out, char* octets, std::size_t size, passwd** result) {
    return getpwuid_r(uid, out, octets, size, result);
  });
}

}  // namespace client_cert
