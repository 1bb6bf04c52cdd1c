// DER in and out of OpenSSL's objects.
#pragma once

#include <openssl/x509.h>

#include "core/base/bytes.h"
#include "core/openssl/owned.h"

namespace client_cert {

// Empty where OpenSSL cannot encode it. Encoder: i2d_X509, i2d_X509_AUX, i2d_X509_CRL ...
template <auto Encoder, class T>
Bytes Encode(const T* object) {
  const int length = object == nullptr ? 0 : Encoder(object, nullptr);
  Bytes der(length > 0 ? static_cast<std::size_t>(length) : 0);
  unsigned char* end = der.data();
  if (der.empty() || Encoder(object, &end) != length) der.clear();
  return der;
}

// Null where OpenSSL cannot decode the whole of it.
inline OwnedX509 DecodeX509(ByteView der) {
  const unsigned char* end = der.data();
  OwnedX509 certificate(d2i_X509(nullptr, &end, static_cast<long>(der.size())));
  if (certificate && end != der.data() + der.size()) return nullptr;
  return certificate;
}

}  // namespace client_cert
