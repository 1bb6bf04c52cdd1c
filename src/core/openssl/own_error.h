// Errors of this package in OpenSSL's queue: what is found there first when OpenSSL has failed is what Node tells of.
// It makes the code of the socket's 'error' from the text: ERR_SSL_CLIENT_CERTIFICATE_CHANGED.
#pragma once

#include <cstdint>

namespace client_cert {

enum class OwnError : std::uint8_t {
  kClientCertificateChanged = 1,
  kClientCertificateUnusable,
};

void RaiseOwnError(OwnError error) noexcept;

}  // namespace client_cert
