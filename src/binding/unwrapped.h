// Handles whose JavaScript object never learned of them.
#pragma once

#include <memory>

#include "binding/addon_data.h"
#include "binding/napi_setup.h"

namespace client_cert_binding {

// Whether JavaScript owns the handle that is being constructed. In a thread that is being terminated Node-API wraps
// nothing and no exception says so: nobody would ever delete it, so the environment does when it ends.
template <typename Binding>
bool IsWrapped(Binding& binding, const Napi::CallbackInfo& info) {
  if (!binding.IsEmpty()) return true;
  // With an exception pending, node-addon-api deletes what it has constructed.
  if (!info.Env().IsExceptionPending())
    AddonData::Of(info.Env()).unwrapped.push_back(std::shared_ptr<Binding>(&binding));
  return false;
}

}  // namespace client_cert_binding
