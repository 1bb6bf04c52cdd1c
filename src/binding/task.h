// Work off the event loop, on libuv's threads, as a promise. What is worked on is shared, never borrowed from
// JavaScript.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "binding/napi_setup.h"

namespace client_cert_binding {

// `work` runs on another thread and gives what `convert` makes a JavaScript value of, back on this one. Where the
// environment ends first, the work still does; nobody is told. Where it is ending already, nothing is done.
template <class Work, class Convert>
class Task final : public Napi::AsyncWorker {
 public:
  static Napi::Value Run(Napi::Env env, Work work, Convert convert) {
    // Not Napi::Promise::Deferred: what that gives where there is no promise is anything.
    napi_deferred deferred = nullptr;
    napi_value promise = nullptr;
    if (napi_create_promise(env, &deferred, &promise) != napi_ok) return env.Undefined();
    std::unique_ptr<Task> task(new Task(env, deferred, std::move(work), std::move(convert)));
    // From here on it owns itself: AsyncWorker deletes it when it is done.
    task.release()->Queue();
    return {env, promise};  // NOLINT(clang-analyzer-cplusplus.NewDeleteLeaks): of what AsyncWorker owns
  }

 private:
  using Outcome = decltype(std::declval<Work&>()());

  Task(Napi::Env env, napi_deferred deferred, Work work, Convert convert)
      : AsyncWorker(env, "client-cert-info"),
        deferred_(deferred),
        work_(std::move(work)),
        convert_(std::move(convert)) {}

  void Execute() override { outcome_.emplace(work_()); }

  void OnOK() override {
    const Napi::Value value = convert_(Env(), *outcome_);
    if (Env().IsExceptionPending()) return Reject(Env().GetAndClearPendingException().Value());
    // JavaScript has no room for it (a Buffer may not be of any size), and has not said so by an exception.
    if (value.IsEmpty()) return Reject(Napi::Error::New(Env(), "a result could not be made").Value());
    static_cast<void>(napi_resolve_deferred(Env(), deferred_, value));
  }

  void OnError(const Napi::Error& error) override { Reject(error.Value()); }

  // As with resolving: where it cannot be done the environment is ending, and nobody waits.
  void Reject(napi_value reason) { static_cast<void>(napi_reject_deferred(Env(), deferred_, reason)); }

  napi_deferred deferred_;
  Work work_;
  Convert convert_;
  std::optional<Outcome> outcome_;
};

template <class Work, class Convert>
Napi::Value RunOffThread(Napi::Env env, Work work, Convert convert) {
  return Task<Work, Convert>::Run(env, std::move(work), std::move(convert));
}

}  // namespace client_cert_binding
