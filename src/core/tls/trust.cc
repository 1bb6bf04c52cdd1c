#include "core/tls/trust.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <vector>

#include "core/openssl/encode.h"
#include "core/openssl/error_queue.h"
#include "core/openssl/kept.h"
#include "core/openssl/owned.h"

namespace client_cert {
namespace {

struct Known {
  int objects;
  TrustIdentity identity;
};

void FreeKnown(void*, void* known, CRYPTO_EX_DATA*, int, long, void*) noexcept {
  const std::unique_ptr<Known> owned(static_cast<Known*>(known));
}

int KnownIndex() noexcept {
  static std::atomic<int> index = -1;
  return KeepIndex(index, [] { return X509_STORE_get_ex_new_index(0, nullptr, nullptr, nullptr, FreeKnown); });
}

// A certificate with what OpenSSL keeps beside it: for what it is trusted, for what it is rejected.
Bytes Encoded(const X509_OBJECT* object) {
  const X509* certificate = X509_OBJECT_get0_X509(object);
  if (certificate != nullptr) return Encode<i2d_X509_AUX>(certificate);
  return Encode<i2d_X509_CRL>(X509_OBJECT_get0_X509_CRL(object));
}

bool DigestOf(const X509_OBJECT* object, TrustIdentity& digest) {
  const Bytes der = Encoded(object);
  return !der.empty() && EVP_Digest(der.data(), der.size(), digest.data(), nullptr, EVP_sha256(), nullptr) == 1;
}

std::optional<TrustIdentity> Compute(X509_STORE* store, const STACK_OF(X509_OBJECT) * objects) {
  std::vector<TrustIdentity> parts(static_cast<std::size_t>(std::max(0, sk_X509_OBJECT_num(objects))));
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!DigestOf(sk_X509_OBJECT_value(objects, static_cast<int>(i)), parts[i])) return std::nullopt;
  }
  std::sort(parts.begin(), parts.end());
  const X509_VERIFY_PARAM* parameters = X509_STORE_get0_param(store);
  const std::uint64_t settings[] = {X509_VERIFY_PARAM_get_flags(parameters),
                                    static_cast<std::uint64_t>(X509_VERIFY_PARAM_get_depth(parameters))};
  const Owned<EVP_MD_CTX, EVP_MD_CTX_free> hash(EVP_MD_CTX_new());
  TrustIdentity identity;
  const bool done = hash && EVP_DigestInit_ex(hash.get(), EVP_sha256(), nullptr) == 1 &&
                    EVP_DigestUpdate(hash.get(), settings, sizeof settings) == 1 &&
                    EVP_DigestUpdate(hash.get(), parts.data(), parts.size() * sizeof(TrustIdentity)) == 1 &&
                    EVP_DigestFinal_ex(hash.get(), identity.data(), nullptr) == 1;
  if (!done) return std::nullopt;
  return identity;
}

}  // namespace

PathTrust TrustOf(SSL* ssl) {
  PathTrust trust;
  SSL_get0_verify_cert_store(ssl, &trust.store);
  if (trust.store == nullptr) trust.store = InitialStoreOf(ssl);
  trust.parameters = SSL_get0_param(ssl);
  trust.security_level = SSL_get_security_level(ssl);
  trust.purpose = "ssl_client";
  return trust;
}

X509_STORE* InitialStoreOf(const SSL* ssl) { return SSL_CTX_get_cert_store(SSL_get_SSL_CTX(ssl)); }

std::optional<TrustIdentity> TrustIdentityOf(X509_STORE* store) {
  const ErrorQueueGuard guard;
  if (store == nullptr) return std::nullopt;
  X509_STORE_lock(store);
  const STACK_OF(X509_OBJECT)* objects = X509_STORE_get0_objects(store);
  const int count = sk_X509_OBJECT_num(objects);
  auto* known = static_cast<Known*>(X509_STORE_get_ex_data(store, KnownIndex()));
  const bool current = known != nullptr && known->objects == count;
  const std::optional<TrustIdentity> identity = current ? known->identity : Compute(store, objects);
  if (known != nullptr && identity) *known = {count, *identity};
  if (known == nullptr && identity) {
    auto fresh = std::make_unique<Known>(Known{count, *identity});
    if (X509_STORE_set_ex_data(store, KnownIndex(), fresh.get()) == 1) static_cast<void>(fresh.release());
  }
  X509_STORE_unlock(store);
  return identity;
}

}  // namespace client_cert
