#include "core/openssl/own_error.h"

#include <openssl/err.h>

namespace client_cert {
namespace {

int Library() noexcept {
  static const int library = [] {
    static ERR_STRING_DATA strings[] = {
        {0, "client-cert-info"},
        {ERR_PACK(0, 0, static_cast<int>(OwnError::kClientCertificateChanged)), "client certificate changed"},
        {ERR_PACK(0, 0, static_cast<int>(OwnError::kClientCertificateUnusable)), "client certificate unusable"},
        {0, nullptr}};
    const int next = ERR_get_next_error_library();
    // The name of the library would end the list were it not packed already.
    strings[0].error = ERR_PACK(next, 0, 0);
    ERR_load_strings(next, strings);
    return next;
  }();
  return library;
}

}  // namespace

void RaiseOwnError(OwnError error) noexcept {
  ERR_new();
  ERR_set_debug("own_error.cc", 0, "RaiseOwnError");
  ERR_set_error(Library(), static_cast<int>(error), nullptr);
}

}  // namespace client_cert
