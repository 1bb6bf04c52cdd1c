#include "binding/file_replies.h"

#include <mutex>
#include <utility>
#include <vector>

#include "binding/js_values.h"

namespace client_cert_binding {

using client_cert::FileOperation;
using client_cert::FileResult;

// Shared with the threads that bring results, which may be at work when the environment has long ended.
struct FileReplies::Inbox {
  std::mutex mutex;
  napi_threadsafe_function wake = nullptr;  // null: closed
  std::vector<std::pair<std::uint64_t, FileResult>> results;

  bool IsOpen() {
    const std::lock_guard lock(mutex);
    return wake != nullptr;
  }

  void Put(std::uint64_t number, FileResult result) {
    const std::lock_guard lock(mutex);
    if (wake == nullptr) return;
    results.emplace_back(number, std::move(result));
    napi_call_threadsafe_function(wake, nullptr, napi_tsfn_nonblocking);
  }

  // Before Node.js frees `wake`: environment cleanup hooks run the youngest first, and it has one.
  static void Close(void* inbox) {
    auto& self = *static_cast<Inbox*>(inbox);
    std::vector<std::pair<std::uint64_t, FileResult>> released;
    const std::lock_guard lock(self.mutex);
    self.wake = nullptr;
    released.swap(self.results);
  }
};

namespace {

std::string_view NameOf(client_cert::Stage stage) {
  switch (stage) {
    case client_cert::Stage::kSwitch:
      return "switch";
    case client_cert::Stage::kRestore:
      return "restore";
    default:
      return "operation";
  }
}

Napi::Value Number(Napi::Env env, auto number) { return Napi::Number::New(env, static_cast<double>(number)); }

Napi::Value FailureValue(Napi::Env env, const client_cert::Failure& failure) {
  const Napi::Object value = Napi::Object::New(env);
  value.Set("stage", Text(env, NameOf(failure.stage)));
  value.Set("errno", Number(env, failure.error));
  value.Set("syscall", Text(env, failure.syscall));
  return value;
}

Napi::Value TimeValue(Napi::Env env, const client_cert::FileTime& time) {
  constexpr double kMilliseconds = 1000;
  constexpr double kNanosecondsOfMillisecond = 1e6;
  return Number(env, static_cast<double>(time.seconds) * kMilliseconds + time.nanoseconds / kNanosecondsOfMillisecond);
}

Napi::Value StatusValue(Napi::Env env, const client_cert::FileStatus& status) {
  const Napi::Object value = Napi::Object::New(env);
  value.Set("dev", Number(env, status.device));
  value.Set("mode", Number(env, status.mode));
  value.Set("nlink", Number(env, status.links));
  value.Set("uid", Number(env, status.uid));
  value.Set("gid", Number(env, status.gid));
  value.Set("rdev", Number(env, status.special_device));
  value.Set("blksize", Number(env, status.block_size));
  value.Set("ino", Number(env, status.inode));
  value.Set("size", Number(env, status.size));
  value.Set("blocks", Number(env, status.blocks));
  value.Set("atimeMs", TimeValue(env, status.accessed));
  value.Set("mtimeMs", TimeValue(env, status.modified));
  value.Set("ctimeMs", TimeValue(env, status.changed));
  value.Set("birthtimeMs", TimeValue(env, status.born));
  return value;
}

Napi::Value EntryValue(Napi::Env env, const client_cert::DirectoryEntry& entry) {
  const Napi::Object value = Napi::Object::New(env);
  const auto& name = entry.name;
  value.Set("name", Napi::Buffer<char>::Copy(env, name.data(), name.size()));
  value.Set("type", Number(env, entry.type));
  return value;
}

Napi::Value ResultValue(Napi::Env env, FileOperation operation, FileResult& result) {
  switch (operation) {
    case FileOperation::kOpen:
      return Number(env, result.fd.get());
    case FileOperation::kReadFile:
      return Octets(env, result.octets);
    case FileOperation::kStat:
    case FileOperation::kLstat:
      return StatusValue(env, *result.status);
    case FileOperation::kReaddir:
      return ArrayOf(env, result.entries, EntryValue);
    case FileOperation::kMkdir:
      if (result.created.empty()) return env.Undefined();
      return Napi::Buffer<char>::Copy(env, result.created.data(), result.created.size());
    default:
      return env.Undefined();
  }
}

}  // namespace

FileReplies::FileReplies(Napi::Env env) : env_(env), inbox_(std::make_shared<Inbox>()) {
  napi_threadsafe_function wake = nullptr;
  if (napi_create_threadsafe_function(env, nullptr, nullptr, Napi::String::New(env, "client-cert-info"), 0, 1, nullptr,
                                      nullptr, this, Drain, &wake) != napi_ok) {
    return;
  }
  napi_unref_threadsafe_function(env, wake);
  napi_add_env_cleanup_hook(env, Inbox::Close, inbox_.get());
  inbox_->wake = wake;
}

// With the environment, whose cleanup hooks have run.
FileReplies::~FileReplies() = default;

client_cert::FileReply FileReplies::Await(const Napi::Function& callback, FileOperation operation) {
  if (waiting_.empty() && inbox_->wake != nullptr) napi_ref_threadsafe_function(env_, inbox_->wake);
  const std::uint64_t number = ++last_;
  waiting_.emplace(number, Waiting{Napi::Persistent(callback), operation});
  return {[inbox = inbox_] { return inbox->IsOpen(); },
          [inbox = inbox_, number](FileResult result) { inbox->Put(number, std::move(result)); }};
}

void FileReplies::Forget() {
  waiting_.erase(last_);
  if (waiting_.empty() && inbox_->wake != nullptr) napi_unref_threadsafe_function(env_, inbox_->wake);
}

void FileReplies::Drain(napi_env env, napi_value, void* context, void*) {
  // Null while the environment ends: nothing can be called.
  if (env == nullptr) return;
  auto& self = *static_cast<FileReplies*>(context);
  std::vector<std::pair<std::uint64_t, FileResult>> results;
  {
    const std::lock_guard lock(self.inbox_->mutex);
    results.swap(self.inbox_->results);
  }
  for (auto& [number, result] : results) {
    const auto found = self.waiting_.find(number);
    if (found == self.waiting_.end()) continue;
    Waiting waiting = std::move(found->second);
    self.waiting_.erase(found);
    Reply(env, waiting, result);
  }
  if (!results.empty() && self.waiting_.empty() && self.inbox_->wake != nullptr) {
    napi_unref_threadsafe_function(env, self.inbox_->wake);
  }
}

void FileReplies::Reply(Napi::Env env, Waiting& waiting, FileResult& result) {
  const Napi::HandleScope scope(env);
  const Napi::Value failure = result.failure ? FailureValue(env, *result.failure) : env.Null();
  const Napi::Value value = result.failure ? env.Undefined() : ResultValue(env, waiting.operation, result);
  if (env.IsExceptionPending()) return;
  const Napi::Value returned = waiting.callback.Call({failure, value});
  // JavaScript has it now, and closes it; where it could not be told, it is closed here.
  if (!returned.IsEmpty()) static_cast<void>(result.fd.Release());
}

}  // namespace client_cert_binding
