// DER in and out of OpenSSL's objects.
#pragma once

#include <openssl/x509.h>

#include "core/base/bytes.h"
#include "core/openssl/owned.h"

namespace client_cert {

// Empty where OpenSSL cannot encode it.
inline Bytes EncodeX509(const X509* certificate) {
  const int length = certificate == nullptr ? 0 : i2d_X509(certificate, nullptr);
  if (length <= 0) return {};
  Bytes der(static_cast<std::size_t>(length));
  unsigned char* end = der.data();
  if (i2d_X509(certificate, &end) != length) return {};
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
