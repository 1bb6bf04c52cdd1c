#include "support/failing_allocations.h"

#include <openssl/crypto.h>

#include <cstdlib>
#include <new>

namespace client_cert_test {
namespace {

// Allocations up to the one that fails; 0: none does.
long left = 0;
Allocator failing_allocator = Allocator::kNew;
Failing failing_as = Failing::kOne;
bool has_failed = false;
long openssl_blocks = 0;

bool Fails(Allocator allocator) {
  if (left == 0 || allocator != failing_allocator) return false;
  if (left > 1) {
    --left;
    return false;
  }
  has_failed = true;
  if (failing_as == Failing::kOne) left = 0;
  return true;
}

void* Allocate(std::size_t size, const char* /*file*/, int /*line*/) {
  if (size == 0 || Fails(Allocator::kOpenSsl)) return nullptr;
  void* block = std::malloc(size);
  if (block != nullptr) ++openssl_blocks;
  return block;
}

void Free(void* block, const char* /*file*/, int /*line*/) {
  if (block != nullptr) --openssl_blocks;
  std::free(block);
}

void* Reallocate(void* block, std::size_t size, const char* file, int line) {
  if (block == nullptr) return Allocate(size, file, line);
  if (size == 0) {
    Free(block, file, line);
    return nullptr;
  }
  return Fails(Allocator::kOpenSsl) ? nullptr : std::realloc(block, size);
}

// Before anybody calls OpenSSL: it takes them as long as it has allocated nothing.
const bool is_counted = CRYPTO_set_mem_functions(Allocate, Reallocate, Free) == 1;

}  // namespace

void FailAllocations(Allocator allocator, Failing failing, long n) {
  failing_allocator = allocator;
  failing_as = failing;
  has_failed = false;
  left = n;
}

bool StopFailing() {
  left = 0;
  return has_failed;
}

long OpenSslBlocks() { return is_counted ? openssl_blocks : -1; }

}  // namespace client_cert_test

// Each of them, but for those that align: AddressSanitizer has all of its own, and looks whether they belong together.
void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  using namespace client_cert_test;
  return Fails(Allocator::kNew) ? nullptr : std::malloc(size == 0 ? 1 : size);
}
void* operator new(std::size_t size) {
  void* block = operator new(size, std::nothrow);
  if (block == nullptr) throw std::bad_alloc();
  return block;
}
void* operator new[](std::size_t size) { return operator new(size); }
void* operator new[](std::size_t size, const std::nothrow_t& tag) noexcept { return operator new(size, tag); }
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, std::size_t /*size*/) noexcept { std::free(block); }
void operator delete(void* block, const std::nothrow_t& /*tag*/) noexcept { std::free(block); }
void operator delete[](void* block) noexcept { std::free(block); }
void operator delete[](void* block, std::size_t /*size*/) noexcept { std::free(block); }
void operator delete[](void* block, const std::nothrow_t& /*tag*/) noexcept { std::free(block); }
