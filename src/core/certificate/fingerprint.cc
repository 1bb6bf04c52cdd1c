#include "core/certificate/fingerprint.h"

#include <openssl/evp.h>

#include "core/openssl/error_queue.h"

namespace client_cert {
namespace {

const EVP_MD* Algorithm(Digest digest) {
  switch (digest) {
    case Digest::kSha1:
      return EVP_sha1();
    case Digest::kSha256:
      return EVP_sha256();
    case Digest::kSha512:
      return EVP_sha512();
  }
  return nullptr;
}

}  // namespace

std::optional<Bytes> Fingerprint(Digest digest, ByteView octets) {
  const ErrorQueueGuard guard;
  Bytes out(EVP_MAX_MD_SIZE);
  unsigned size = 0;
  if (EVP_Digest(octets.data(), octets.size(), out.data(), &size, Algorithm(digest), nullptr) != 1) return std::nullopt;
  out.resize(size);
  return out;
}

}  // namespace client_cert
