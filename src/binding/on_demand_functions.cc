#include "binding/on_demand_functions.h"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "binding/addon_data.h"
#include "binding/js_values.h"
#include "binding/settings_values.h"
#include "core/tls/on_demand.h"

namespace client_cert_binding {
namespace {

using client_cert::Asked;
using client_cert::AskState;

std::string_view NameOf(AskState state) {
  switch (state) {
    case AskState::kAsked:
      return "asked";
    case AskState::kRenegotiate:
      return "renegotiate";
    case AskState::kHandshakePending:
      return "handshakePending";
    case AskState::kClientEnd:
      return "clientEnd";
    case AskState::kNotOffered:
      return "notOffered";
    case AskState::kInsecureRenegotiation:
      return "insecureRenegotiation";
    case AskState::kUnderWay:
      return "underWay";
    case AskState::kNotSupported:
      return "notSupported";
    case AskState::kFailed:
      return "failed";
    default:
      return "unknown";
  }
}

// Within a read of Node's, which has no scope for values of ours.
void Call(napi_env raw, const std::weak_ptr<OnDemandCallbacks>& callbacks, std::uint64_t number) {
  const std::shared_ptr<OnDemandCallbacks> alive = callbacks.lock();
  if (!alive) return;
  const auto found = alive->waiting.find(number);
  if (found == alive->waiting.end()) return;
  const Napi::FunctionReference callback = std::move(found->second);
  alive->waiting.erase(found);
  const Napi::Env env(raw);
  const Napi::HandleScope scope(env);
  callback.MakeCallback(env.Global(), std::initializer_list<napi_value>{});
}

Napi::Value AskForCertificate(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto finished = OctetsOf(info[0], "finished");
  if (!finished) return env.Undefined();
  std::optional<std::vector<client_cert::Bytes>> authorities;
  if (!info[1].IsNull()) {
    authorities = OctetListOf(info[1], "authorities");
    if (!authorities) return env.Undefined();
  }
  if (!info[2].IsFunction()) {
    Napi::TypeError::New(env, "answered must be a function").ThrowAsJavaScriptException();
    return env.Undefined();
  }
  const std::shared_ptr<OnDemandCallbacks> callbacks = AddonData::Of(env).on_demand;
  const std::uint64_t number = ++callbacks->last;
  const std::weak_ptr<OnDemandCallbacks> weak = callbacks;
  napi_env raw = env;
  const Asked asked =
      client_cert::AskForCertificate(*finished, authorities, [raw, weak, number] { Call(raw, weak, number); });
  const Napi::Object value = Napi::Object::New(env);
  value.Set("state", Text(env, NameOf(asked.state)));
  if (!asked.request) return value;
  callbacks->waiting.emplace(number, Napi::Persistent(info[2].As<Napi::Function>()));
  const auto cancel = [request = asked.request, weak, number](const Napi::CallbackInfo&) {
    request->Restore();
    if (const std::shared_ptr<OnDemandCallbacks> alive = weak.lock()) alive->waiting.erase(number);
  };
  value.Set("cancel", Napi::Function::New(env, cancel, "cancel"));
  return value;
}

}  // namespace

void RegisterOnDemandFunctions(Napi::Env env, Napi::Object exports) {
  exports.Set("askForCertificate", Napi::Function::New<AskForCertificate>(env, "askForCertificate"));
}

}  // namespace client_cert_binding
