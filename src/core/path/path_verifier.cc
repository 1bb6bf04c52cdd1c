#include "core/path/path_verifier.h"

#include <openssl/asn1.h>
#include <openssl/x509.h>

#include <ctime>
#include <utility>

#include "core/base/moment.h"
#include "core/openssl/error_queue.h"

namespace client_cert {
namespace {

PathRecord NotVerified(std::vector<OwnedX509> presented, std::int64_t at) {
  PathRecord record;
  record.faults.push_back({X509_V_ERR_UNSPECIFIED, 0});
  record.presented = std::move(presented);
  record.verified_at = at;
  return record;
}

// Node lets every error pass in the handshake, and so do we: the answer is in the record.
int GoOn(int, X509_STORE_CTX*) noexcept { return 1; }

OwnedX509Stack StackOf(const std::vector<OwnedX509>& certificates) {
  OwnedX509Stack stack(sk_X509_new_null());
  for (const OwnedX509& certificate : certificates) {
    OwnedX509 shared = Share(certificate.get());
    if (!stack || sk_X509_push(stack.get(), shared.get()) == 0) return nullptr;
    static_cast<void>(shared.release());
  }
  return stack;
}

// As SSL prepares it for the certificate of a peer.
bool Prepare(X509_STORE_CTX* context, const PathTrust& trust, X509* leaf, STACK_OF(X509) * untrusted, std::int64_t at) {
  if (X509_STORE_CTX_init(context, trust.store, leaf, untrusted) != 1) return false;
  X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context);
  X509_VERIFY_PARAM_set_auth_level(parameters, trust.security_level);
  if (X509_STORE_CTX_set_default(context, trust.purpose) != 1) return false;
  if (trust.parameters != nullptr && X509_VERIFY_PARAM_set1(parameters, trust.parameters) != 1) return false;
  X509_VERIFY_PARAM_set_time(parameters, static_cast<std::time_t>(at));
  X509_STORE_CTX_set_verify_cb(context, GoOn);
  return true;
}

void Consider(EarliestAfter& next, const ASN1_TIME* time) {
  std::tm parts{};
  if (time != nullptr && ASN1_TIME_to_tm(time, &parts) == 1) next.Consider(timegm(&parts));
}

}  // namespace

PathRecord VerifyAgain(const PathTrust& trust, std::vector<OwnedX509> presented, std::int64_t at) noexcept {
  const ErrorQueueGuard guard;
  if (trust.store == nullptr || presented.empty()) return NotVerified(std::move(presented), at);
  const OwnedX509Stack untrusted = StackOf(presented);
  const OwnedX509StoreContext context(X509_STORE_CTX_new());
  if (!untrusted || !context || !Prepare(context.get(), trust, presented.front().get(), untrusted.get(), at)) {
    return NotVerified(std::move(presented), at);
  }
  PathRecord record;
  Observe(context.get(), at, record);
  record.presented = std::move(presented);
  return record;
}

std::int64_t NextChange(const PathRecord& record, const PathTrust& trust) noexcept {
  const ErrorQueueGuard guard;
  EarliestAfter next(record.verified_at);
  for (const OwnedX509& certificate : record.path) {
    Consider(next, X509_get0_notBefore(certificate.get()));
    Consider(next, X509_get0_notAfter(certificate.get()));
  }
  if (trust.store == nullptr) return next.Value();
  const unsigned long flags = X509_VERIFY_PARAM_get_flags(X509_STORE_get0_param(trust.store));
  if ((flags & (X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL)) == 0) return next.Value();
  X509_STORE_lock(trust.store);
  const STACK_OF(X509_OBJECT)* objects = X509_STORE_get0_objects(trust.store);
  for (int i = 0; i < sk_X509_OBJECT_num(objects); ++i) {
    const X509_CRL* crl = X509_OBJECT_get0_X509_CRL(sk_X509_OBJECT_value(objects, i));
    if (crl == nullptr) continue;
    Consider(next, X509_CRL_get0_lastUpdate(crl));
    Consider(next, X509_CRL_get0_nextUpdate(crl));
  }
  X509_STORE_unlock(trust.store);
  return next.Value();
}

}  // namespace client_cert
