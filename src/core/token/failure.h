// Failure: what the kernel refused, and at which stage.
#pragma once

#include <cstdint>

namespace client_cert {

// kSwitch: nothing was done. kRestore: it was done, as the user; the thread that did it is gone.
enum class Stage : std::uint8_t { kOperation, kSwitch, kRestore };

struct Failure {
  Stage stage = Stage::kOperation;
  int error = 0;             // an errno
  const char* syscall = "";  // of static storage
};

}  // namespace client_cert
