// FileReplies: brings what other threads found out back to the environment's own thread, for as long as that lives.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>

#include "binding/napi_setup.h"
#include "core/token/file_work.h"

namespace client_cert_binding {

class FileReplies {
 public:
  explicit FileReplies(Napi::Env env);
  FileReplies(const FileReplies&) = delete;
  FileReplies& operator=(const FileReplies&) = delete;
  ~FileReplies();

  // What to call with a result, on any thread, once. `callback` gets (failure | null, value) on this one. While one is
  // awaited the event loop goes on; where the environment ends first, a result is released and nobody is told.
  client_cert::FileReply Await(const Napi::Function& callback, client_cert::FileOperation operation);
  // Takes back the Await before, whose result will not come.
  void Forget();

 private:
  struct Inbox;
  struct Waiting {
    Napi::FunctionReference callback;
    client_cert::FileOperation operation = client_cert::FileOperation::kStat;
  };

  static void Drain(napi_env env, napi_value unused, void* context, void* data);
  static void Reply(Napi::Env env, Waiting& waiting, client_cert::FileResult& result);

  napi_env env_;
  std::shared_ptr<Inbox> inbox_;
  std::map<std::uint64_t, Waiting> waiting_;
  std::uint64_t last_ = 0;
};

}  // namespace client_cert_binding
