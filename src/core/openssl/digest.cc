#include "core/openssl/digest.h"

#include <openssl/evp.h>

#include "core/openssl/error_queue.h"
#include "core/openssl/owned.h"

namespace client_cert {
namespace {

using OwnedDigestContext = Owned<EVP_MD_CTX, EVP_MD_CTX_free>;

// EVP_sha256() is looked for among the providers each time that it is used, which takes longer than the digest of a
// certificate. This one was found already. Kept for good: threads may use it while the process ends.
const EVP_MD* FetchedSha256() noexcept {
  static const EVP_MD* const digest = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return digest;
}

}  // namespace

bool DigestSha256(ByteView octets, Sha256& digest) noexcept {
  const ErrorQueueGuard guard;
  thread_local const OwnedDigestContext context(EVP_MD_CTX_new());
  const EVP_MD* sha256 = FetchedSha256();
  return sha256 != nullptr && context && EVP_DigestInit_ex2(context.get(), sha256, nullptr) == 1 &&
         EVP_DigestUpdate(context.get(), octets.data(), octets.size()) == 1 &&
         EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) == 1;
}

}  // namespace client_cert
