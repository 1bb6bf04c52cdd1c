#include "core/token/file_system_view.h"

#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

namespace client_cert {
namespace {

thread_local bool has_own_view = false;

}  // namespace

void TakeFileSystemView() {
  // A seccomp filter may forbid it, as that of some containers does.
  has_own_view = unshare(CLONE_FS) == 0;
  // Nothing is relative to it; but a folder that somebody wants to unmount must not be held.
  if (has_own_view && chdir("/") != 0) has_own_view = false;
}

mode_t ApplyUmask(mode_t mask, mode_t mode) {
  if (has_own_view) umask(mask);
  return mode & ~mask;
}

}  // namespace client_cert
