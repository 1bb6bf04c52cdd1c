// Allocations that fail: OpenSSL's, and those of operator new. For programs that are linked with this file, and one
// thread.
#pragma once

#include <cstdint>

namespace client_cert_test {

enum class Allocator : std::uint8_t { kOpenSsl, kNew };
enum class Failing : std::uint8_t { kOne, kAllFromThere };

// From now on the n-th allocation fails; the next is the first.
void FailAllocations(Allocator allocator, Failing failing, long n);
// Whether any has failed.
bool StopFailing();

// That OpenSSL has and has not freed; negative where it could not be told to count them.
long OpenSslBlocks();

}  // namespace client_cert_test
