#include "core/negotiate/gssapi_library.h"

#include <dlfcn.h>

#include <array>
#include <mutex>
#include <optional>

namespace client_cert {
namespace {

constexpr const char* kLibrary = "libgssapi_krb5.so.2";

template <class Function>
bool Resolve(void* library, const char* name, Function& function) {
  // What dlsym gives is a function: POSIX says so, C++ has no other cast for it.
  function = reinterpret_cast<Function>(dlsym(library, name));  // NOLINT(cppcoreguidelines-pro-type-reinterpret-cast)
  return function != nullptr;
}

// The first symbol that is missing; null where all are there.
const char* ResolveAll(void* from, GssapiLibrary& to) {
  const char* missing = nullptr;
  const auto resolve = [&](const char* name, auto& function) {
    if (!Resolve(from, name, function) && missing == nullptr) missing = name;
  };
  resolve("gss_acquire_cred_from", to.acquire_cred_from);
  resolve("gss_set_neg_mechs", to.set_neg_mechs);
  resolve("gss_release_cred", to.release_cred);
  resolve("gss_inquire_cred", to.inquire_cred);
  resolve("gss_store_cred_into", to.store_cred_into);
  resolve("gss_accept_sec_context", to.accept_sec_context);
  resolve("gss_delete_sec_context", to.delete_sec_context);
  resolve("gss_inquire_context", to.inquire_context);
  resolve("gss_inquire_sec_context_by_oid", to.inquire_sec_context_by_oid);
  resolve("gss_export_sec_context", to.export_sec_context);
  resolve("gss_import_sec_context", to.import_sec_context);
  resolve("gss_import_name", to.import_name);
  resolve("gss_display_name", to.display_name);
  resolve("gss_release_name", to.release_name);
  resolve("gss_localname", to.localname);
  resolve("gss_display_status", to.display_status);
  resolve("gss_indicate_mechs", to.indicate_mechs);
  resolve("gss_release_oid_set", to.release_oid_set);
  resolve("gss_release_buffer", to.release_buffer);
  resolve("gss_release_buffer_set", to.release_buffer_set);
  return missing;
}

}  // namespace

const GssapiLibrary* FindGssapi(std::string& missing) {
  static std::mutex mutex;
  static std::optional<GssapiLibrary> found;
  const std::lock_guard lock(mutex);
  if (found) return &*found;
  // Never closed: its plugins and their threads outlive every context.
  void* const library = dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (library == nullptr) {
    missing = kLibrary;
    return nullptr;
  }
  GssapiLibrary functions{};
  if (const char* const symbol = ResolveAll(library, functions)) {
    missing = std::string(symbol) + " of " + kLibrary;
    return nullptr;
  }
  found = functions;
  return &*found;
}

}  // namespace client_cert
