// What a thread shares with the process beside its credentials: working directory and umask.
#pragma once

#include <sys/types.h>

namespace client_cert {

// Gives the calling thread a working directory (the root) and a umask of its own, if that is permitted.
void TakeFileSystemView();

// Has what the calling thread creates get at most the permissions that `mask` leaves. Returns those of `mode` to ask
// for: where the umask is that of the process, it is not touched, and the mask is applied here.
mode_t ApplyUmask(mode_t mask, mode_t mode);

}  // namespace client_cert
