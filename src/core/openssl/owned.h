// Owned<T, Free> owns an OpenSSL object and is one word wide; a plain pointer borrows.
#pragma once

#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <memory>

namespace client_cert {

template <auto Free>
struct FreeWith {
  template <class T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};

template <class T, auto Free>
using Owned = std::unique_ptr<T, FreeWith<Free>>;

inline void FreeX509Stack(STACK_OF(X509) * stack) noexcept { sk_X509_pop_free(stack, X509_free); }

using OwnedX509 = Owned<X509, X509_free>;
using OwnedX509Stack = Owned<STACK_OF(X509), FreeX509Stack>;
using OwnedX509StoreContext = Owned<X509_STORE_CTX, X509_STORE_CTX_free>;

// Share adds a reference, so that the certificate outlives the object that it was borrowed from.
inline OwnedX509 Share(X509* certificate) noexcept {
  if (certificate != nullptr) X509_up_ref(certificate);
  return OwnedX509(certificate);
}

}  // namespace client_cert
