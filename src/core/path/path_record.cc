#include "core/path/path_record.h"

#include <atomic>

#include "core/openssl/kept.h"

namespace client_cert {
namespace {

// Receives each error of one verification. Lives on the stack of Observe; OpenSSL keeps the pointer in the context
// meanwhile.
struct Recorder {
  PathRecord* record;
  X509_STORE_CTX_verify_cb original;
};

int RecorderIndex() noexcept {
  static std::atomic<int> index = -1;
  return KeepIndex(index, [] { return X509_STORE_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr); });
}

int OnVerified(int ok, X509_STORE_CTX* context) noexcept {
  auto* recorder = static_cast<Recorder*>(X509_STORE_CTX_get_ex_data(context, RecorderIndex()));
  // The context in which OpenSSL verifies the issuer of a CRL has this callback and not its data: as without a
  // callback.
  if (recorder == nullptr) return ok;
  const int error = X509_STORE_CTX_get_error(context);
  if (ok == 0) {
    const int depth = X509_STORE_CTX_get_error_depth(context);
    recorder->record->faults.push_back({error, depth < 0 ? 0 : static_cast<std::size_t>(depth)});
  }
  return recorder->original(ok, context);
}

std::vector<OwnedX509> ShareAll(const STACK_OF(X509) * certificates) {
  std::vector<OwnedX509> shared;
  const int count = certificates == nullptr ? 0 : sk_X509_num(certificates);
  shared.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) shared.push_back(Share(sk_X509_value(certificates, i)));
  return shared;
}

}  // namespace

int Observe(X509_STORE_CTX* context, std::int64_t now, PathRecord& record) noexcept {
  Recorder recorder{&record, X509_STORE_CTX_get_verify_cb(context)};
  if (X509_STORE_CTX_set_ex_data(context, RecorderIndex(), &recorder) != 1) {
    X509_STORE_CTX_set_error(context, X509_V_ERR_OUT_OF_MEM);
    return 0;
  }
  X509_STORE_CTX_set_verify_cb(context, OnVerified);
  int result = X509_verify_cert(context);
  X509_STORE_CTX_set_verify_cb(context, recorder.original);
  X509_STORE_CTX_set_ex_data(context, RecorderIndex(), nullptr);

  // OpenSSL says less than 0 where it could not verify at all, possibly without an error; a caller that only looks at
  // the error would take that for success.
  if (result <= 0) {
    result = 0;
    if (X509_STORE_CTX_get_error(context) == X509_V_OK) X509_STORE_CTX_set_error(context, X509_V_ERR_UNSPECIFIED);
    if (record.faults.empty()) record.faults.push_back({X509_STORE_CTX_get_error(context), 0});
  }
  record.verified_at = now;
  record.presented = ShareAll(X509_STORE_CTX_get0_untrusted(context));
  record.path = ShareAll(X509_STORE_CTX_get0_chain(context));
  record.accepted = result == 1 && record.faults.empty();
  return result;
}

}  // namespace client_cert
