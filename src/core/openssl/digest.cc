#include "core/openssl/digest.h"

#include <openssl/evp.h>

#include <atomic>

#include "core/openssl/error_queue.h"
#include "core/openssl/kept.h"
#include "core/openssl/owned.h"

namespace client_cert {
namespace {

using OwnedDigestContext = Owned<EVP_MD_CTX, EVP_MD_CTX_free>;

// Kept for good: threads may use them while the process ends.
const EVP_MD* Fetched(Digest digest) noexcept {
  static std::atomic<EVP_MD*> sha1 = nullptr;
  static std::atomic<EVP_MD*> sha256 = nullptr;
  static std::atomic<EVP_MD*> sha512 = nullptr;
  switch (digest) {
    case Digest::kSha1:
      return KeepFirst<EVP_MD_free>(sha1, [] { return EVP_MD_fetch(nullptr, "SHA1", nullptr); });
    case Digest::kSha256:
      return KeepFirst<EVP_MD_free>(sha256, [] { return EVP_MD_fetch(nullptr, "SHA256", nullptr); });
    case Digest::kSha512:
      return KeepFirst<EVP_MD_free>(sha512, [] { return EVP_MD_fetch(nullptr, "SHA512", nullptr); });
  }
  return nullptr;
}

}  // namespace

bool MakeDigest(Digest digest, ByteView octets, std::span<std::uint8_t> out) noexcept {
  const ErrorQueueGuard guard;
  thread_local OwnedDigestContext context;
  if (!context) context.reset(EVP_MD_CTX_new());
  const EVP_MD* fetched = Fetched(digest);
  return fetched != nullptr && context && out.size() == DigestOctets(digest) &&
         EVP_DigestInit_ex2(context.get(), fetched, nullptr) == 1 &&
         EVP_DigestUpdate(context.get(), octets.data(), octets.size()) == 1 &&
         EVP_DigestFinal_ex(context.get(), out.data(), nullptr) == 1;
}

}  // namespace client_cert
