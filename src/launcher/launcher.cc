// client-cert-info-launcher: becomes a user for good, and then the program that it is told to be.
//
// A program of its own, since credentials can be changed between fork and exec only there: Node.js' own spawn drops all
// supplementary groups. It is nothing that a user could not run as himself: whoever runs it gets no rights by it.
//
// Everything comes through descriptor 3, nothing through arguments or the environment: others could read the one in
// /proc, and a loader would obey the other (LD_PRELOAD) while this is still privileged. Fields are a length of four
// octets, the most significant first, and so many octets: uid, gid, number of groups, groups, working directory, number
// of variables, variables, program, number of arguments, arguments (the first is the program's name). The same
// descriptor takes the report of a failure: "<errno> <system call>". Nothing: the program runs.
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "core/base/budget.h"

namespace {

constexpr int kChannel = 3;
constexpr int kNotLaunched = 127;  // as shells say

[[noreturn]] void Fail(const char* syscall, int error) {
  const std::string report = std::to_string(error) + ' ' + syscall;
  // Where nobody listens any more, the exit status has to do.
  [[maybe_unused]] const ssize_t written = write(kChannel, report.data(), report.size());
  _exit(kNotLaunched);
}

void Check(const char* syscall, long result) {
  if (result < 0) Fail(syscall, errno);
}

std::vector<char> ReadAll() {
  std::vector<char> octets;
  std::array<char, 65536> part{};
  for (;;) {
    const ssize_t count = read(kChannel, part.data(), part.size());
    if (count < 0 && errno == EINTR) continue;
    Check("read", count);
    if (count == 0) return octets;
    octets.insert(octets.end(), part.begin(), part.begin() + count);
    if (octets.size() > client_cert::budget::kLaunchOctets) Fail("read", E2BIG);
  }
}

class Fields {
 public:
  explicit Fields(std::vector<char> octets) : octets_(std::move(octets)) {}

  std::string Text() {
    std::uint32_t length = 0;
    for (int i = 0; i < 4; ++i) length = length << 8 | static_cast<unsigned char>(Next());
    if (length > octets_.size() - at_) Fail("read", EBADMSG);
    std::string text(octets_.data() + at_, length);
    at_ += length;
    if (text.find('\0') != std::string::npos) Fail("read", EINVAL);
    return text;
  }

  std::uint32_t Number() {
    const std::string text = Text();
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) Fail("read", EBADMSG);
    return number;
  }

  std::vector<std::string> List() {
    std::vector<std::string> list;
    for (std::uint32_t left = Number(); left > 0; --left) list.push_back(Text());
    return list;
  }

  bool AtEnd() const { return at_ == octets_.size(); }

 private:
  char Next() {
    if (at_ >= octets_.size()) Fail("read", EBADMSG);
    return octets_[at_++];
  }

  std::vector<char> octets_;
  std::size_t at_ = 0;
};

struct Launch {
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;
  std::string folder;
  std::vector<std::string> variables;
  std::string program;
  std::vector<std::string> arguments;
};

Launch ReadLaunch() {
  Fields fields(ReadAll());
  Launch launch;
  launch.uid = fields.Number();
  launch.gid = fields.Number();
  for (std::uint32_t left = fields.Number(); left > 0; --left) launch.groups.push_back(fields.Number());
  launch.folder = fields.Text();
  launch.variables = fields.List();
  launch.program = fields.Text();
  launch.arguments = fields.List();
  if (!fields.AtEnd() || launch.arguments.empty()) Fail("read", EBADMSG);
  std::ranges::sort(launch.groups);
  return launch;
}

void DropCapabilities() {
  // Ambient ones fall with the permitted ones. A service that is not root keeps all of them through setresuid.
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> sets{};
  Check("capset", syscall(SYS_capset, &header, sets.data()));
  Check("capget", syscall(SYS_capget, &header, sets.data()));
  for (const auto& set : sets) {
    if (set.effective != 0 || set.permitted != 0 || set.inheritable != 0) Fail("capset", EPERM);
  }
}

void Become(const Launch& launch) {
  Check("setgroups", setgroups(launch.groups.size(), launch.groups.data()));
  Check("setresgid", setresgid(launch.gid, launch.gid, launch.gid));
  Check("setresuid", setresuid(launch.uid, launch.uid, launch.uid));
  DropCapabilities();
  std::array<uid_t, 3> users{};
  std::array<gid_t, 3> groups{};
  Check("getresuid", getresuid(users.data(), users.data() + 1, users.data() + 2));
  Check("getresgid", getresgid(groups.data(), groups.data() + 1, groups.data() + 2));
  if (users != std::array{launch.uid, launch.uid, launch.uid}) Fail("setresuid", EPERM);
  if (groups != std::array{launch.gid, launch.gid, launch.gid}) Fail("setresgid", EPERM);
  const int count = getgroups(0, nullptr);
  Check("getgroups", count);
  std::vector<gid_t> set(static_cast<std::size_t>(count));
  Check("getgroups", getgroups(count, set.data()));
  std::ranges::sort(set);
  if (set != launch.groups) Fail("setgroups", EPERM);
  // There is no way back.
  if (launch.uid != 0 && setresuid(static_cast<uid_t>(-1), 0, static_cast<uid_t>(-1)) == 0) Fail("setresuid", EPERM);
}

// Descriptors that were not meant for the user; the report's ends with the exec.
void CloseDescriptors() {
  Check("fcntl", fcntl(kChannel, F_SETFD, FD_CLOEXEC));
#ifdef SYS_close_range
  if (syscall(SYS_close_range, kChannel + 1, ~0U, 0) == 0) return;
#endif
  const long limit = sysconf(_SC_OPEN_MAX);
  for (int fd = kChannel + 1; fd < limit; ++fd) close(fd);
}

// A user could type into the terminal that the server was started from.
void LeaveTerminal() {
  if (setsid() < 0 && getsid(0) != getpid()) Fail("setsid", errno);
}

// Keys of whoever started the server are not the user's. As the user, who answers for the new one. Where there are no
// keyrings, or a filter forbids all of them, there is nothing to leave.
void LeaveKeyring() {
  constexpr int kJoinSessionKeyring = 1;
  if (syscall(SYS_keyctl, kJoinSessionKeyring, nullptr, 0, 0, 0) >= 0) return;
  if (errno != ENOSYS && errno != EPERM) Fail("keyctl", errno);
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// The value of PATH that the program is going to have; without one, what execvp takes.
std::string SearchPath(const std::vector<std::string>& variables) {
  constexpr std::string_view kName = "PATH=";
  for (const std::string& variable : variables) {
    if (variable.starts_with(kName)) return variable.substr(kName.size());
  }
  return "/bin:/usr/bin";
}

// As execvp, without a shell for what is no program.
[[noreturn]] void Execute(Launch& launch) {
  const std::vector<char*> arguments = Pointers(launch.arguments);
  const std::vector<char*> variables = Pointers(launch.variables);
  if (launch.program.find('/') != std::string::npos) {
    execve(launch.program.c_str(), arguments.data(), variables.data());
    Fail("execve", errno);
  }
  int error = ENOENT;
  const std::string path = SearchPath(launch.variables);
  for (std::size_t at = 0; !launch.program.empty() && at < path.size();) {
    const std::size_t end = std::min(path.find(':', at), path.size());
    const std::string folder = path.substr(at, end - at);
    at = end + 1;
    // An empty folder is the working directory, which is not searched.
    if (folder.empty()) continue;
    execve((folder + '/' + launch.program).c_str(), arguments.data(), variables.data());
    if (errno == EACCES) error = EACCES;
    if (errno != ENOENT && errno != ENOTDIR && errno != EACCES) Fail("execve", errno);
  }
  Fail("execve", error);
}

}  // namespace

int main() {
  if (fcntl(kChannel, F_GETFD) < 0) return kNotLaunched;
  Launch launch = ReadLaunch();
  CloseDescriptors();
  LeaveTerminal();
  Become(launch);
  LeaveKeyring();
  Check("chdir", chdir(launch.folder.c_str()));
  Execute(launch);
}
