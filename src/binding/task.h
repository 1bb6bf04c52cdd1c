// Work off the event loop, on libuv's threads, as a promise. What is worked on is shared, never borrowed from
// JavaScript.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "binding/napi_setup.h"

namespace client_cert_binding {

// `work` runs on another thread and gives what `convert` makes a JavaScript value of, back on this one. Where the
// environment ends first, the work still does; nobody is told.
template <class Work, class Convert>
class Task final : public Napi::AsyncWorker {
 public:
  static Napi::Value Run(Napi::Env env, Work work, Convert convert) {
    std::unique_ptr<Task> task(new Task(env, std::move(work), std::move(convert)));
    const Napi::Value promise = task->deferred_.Promise();
    task->Queue();
    // From here on it owns itself: AsyncWorker deletes it when it is done.
    static_cast<void>(task.release());
    return promise;
  }

 private:
  using Outcome = decltype(std::declval<Work&>()());

  Task(Napi::Env env, Work work, Convert convert)
      : AsyncWorker(env, "client-cert-info"), deferred_(env), work_(std::move(work)), convert_(std::move(convert)) {}

  void Execute() override { outcome_.emplace(work_()); }

  void OnOK() override { deferred_.Resolve(convert_(Env(), *outcome_)); }

  void OnError(const Napi::Error& error) override { deferred_.Reject(error.Value()); }

  Napi::Promise::Deferred deferred_;
  Work work_;
  Convert convert_;
  std::optional<Outcome> outcome_;
};

template <class Work, class Convert>
Napi::Value RunOffThread(Napi::Env env, Work work, Convert convert) {
  return Task<Work, Convert>::Run(env, std::move(work), std::move(convert));
}

}  // namespace client_cert_binding
