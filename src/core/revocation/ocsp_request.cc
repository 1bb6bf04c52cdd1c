#include <openssl/ocsp.h>

#include "core/openssl/encode.h"
#include "core/openssl/error_queue.h"
#include "core/revocation/ocsp.h"

namespace client_cert {

Bytes OcspRequest(const KnownCertificate& subject, const KnownCertificate& issuer, ByteView nonce) {
  const ErrorQueueGuard guard;
  const Owned<OCSP_REQUEST, OCSP_REQUEST_free> request(OCSP_REQUEST_new());
  Owned<OCSP_CERTID, OCSP_CERTID_free> cert_id(OCSP_cert_to_id(EVP_sha1(), subject.x509.get(), issuer.x509.get()));
  if (!request || !cert_id || OCSP_request_add0_id(request.get(), cert_id.get()) == nullptr) return {};
  static_cast<void>(cert_id.release());  // the request owns it now
  if (!nonce.empty()) {
    Bytes octets(nonce.begin(), nonce.end());  // OpenSSL wants to be allowed to write
    if (OCSP_request_add1_nonce(request.get(), octets.data(), static_cast<int>(octets.size())) != 1) return {};
  }
  return Encode<i2d_OCSP_REQUEST>(request.get());
}

}  // namespace client_cert
