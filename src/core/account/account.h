// FindAccount: an operating-system account, as NSS knows it (files, sssd, LDAP ...). Blocks: for threads that may.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace client_cert {

// What shadow(5) says of an account. kUnknown: there is no entry, or this process may not read it.
enum class AccountStanding : std::uint8_t { kGood, kLocked, kExpired, kUnknown };

struct Account {
  std::string name;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::vector<std::uint32_t> groups;  // all of the user's, the primary one among them
  std::string home;
  std::string shell;
  AccountStanding standing = AccountStanding::kUnknown;
};

// Without an account: `error` is 0 where nobody has that name, else an errno: it is not known whether somebody has.
struct AccountSearch {
  std::optional<Account> account;
  int error = 0;
};

// `now`: seconds since 1970, by which accounts expire.
AccountSearch FindAccount(const std::string& name, std::int64_t now);
AccountSearch FindAccount(std::uint32_t uid, std::int64_t now);

}  // namespace client_cert
