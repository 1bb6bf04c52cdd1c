#include "core/openssl/digest.h"

#include <openssl/evp.h>

#include "core/openssl/error_queue.h"
#include "core/openssl/owned.h"

namespace client_cert {
namespace {

using OwnedDigestContext = Owned<EVP_MD_CTX, EVP_MD_CTX_free>;

// Kept for good: threads may use them while the process ends.
const EVP_MD* Fetched(Digest digest) noexcept {
  static const std::array<const EVP_MD*, 3> digests = {
      EVP_MD_fetch(nullptr, "SHA1", nullptr),
      EVP_MD_fetch(nullptr, "SHA256", nullptr),
      EVP_MD_fetch(nullptr, "SHA512", nullptr),
  };
  return digests[static_cast<std::size_t>(digest)];
}

}  // namespace

bool MakeDigest(Digest digest, ByteView octets, std::span<std::uint8_t> out) noexcept {
  const ErrorQueueGuard guard;
  thread_local const OwnedDigestContext context(EVP_MD_CTX_new());
  const EVP_MD* fetched = Fetched(digest);
  return fetched != nullptr && context && out.size() == DigestOctets(digest) &&
         EVP_DigestInit_ex2(context.get(), fetched, nullptr) == 1 &&
         EVP_DigestUpdate(context.get(), octets.data(), octets.size()) == 1 &&
         EVP_DigestFinal_ex(context.get(), out.data(), nullptr) == 1;
}

}  // namespace client_cert
