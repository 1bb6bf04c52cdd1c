// Two symbols that the compiler's static C++ library takes from a glibc that is newer than 2.28. Linked only into the
// binary that is shipped.
#include <unistd.h>

#include <cstdlib>

extern "C" {

// Since glibc 2.32: whether the process has one thread only, so that counters need not be atomic. Node.js always has
// several.
[[gnu::visibility("hidden")]] extern char __libc_single_threaded;
char __libc_single_threaded = 0;

// Since glibc 2.36, for std::random_device.
[[gnu::visibility("hidden")]] unsigned arc4random() {
  unsigned number = 0;
  if (getentropy(&number, sizeof number) != 0) std::abort();
  return number;
}
}
