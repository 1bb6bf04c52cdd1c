// refuse-syscall: runs a program for which one system call with one value of one argument fails with EPERM.
//
//   refuse-syscall setresuid 1 0 node script.js
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

int main(int argc, char** argv) {
  if (argc < 5) return 2;
  std::uint32_t number = 0;
  if (std::strcmp(argv[1], "setresuid") == 0) number = SYS_setresuid;
  if (std::strcmp(argv[1], "setresgid") == 0) number = SYS_setresgid;
  if (std::strcmp(argv[1], "setgroups") == 0) number = SYS_setgroups;
  if (std::strcmp(argv[1], "capset") == 0) number = SYS_capset;
  if (std::strcmp(argv[1], "unshare") == 0) number = SYS_unshare;
  if (number == 0) return 2;
  const auto index = static_cast<std::uint32_t>(std::strtoul(argv[2], nullptr, 10));
  const auto value = static_cast<std::uint32_t>(std::strtoul(argv[3], nullptr, 10));
  // The lower half of the argument; "-" as index: whatever the arguments are.
  const std::uint32_t argument = offsetof(seccomp_data, args) + index * 8;
  const bool any = std::strcmp(argv[2], "-") == 0;
  sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, any ? offsetof(seccomp_data, nr) : argument),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, any ? number : value, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog filter{sizeof(program) / sizeof(program[0]), program};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) {
    std::perror("seccomp");
    return 2;
  }
  execvp(argv[4], argv + 4);
  std::perror("execvp");
  return 2;
}
