#include "binding/identity_binding.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "binding/addon_data.h"
#include "binding/js_values.h"
#include "binding/settings_values.h"
#include "binding/unwrapped.h"
#include "core/token/file_work.h"
#include "core/token/thread_credentials.h"

namespace client_cert_binding {
namespace {

using client_cert::FileOperation;
using client_cert::FileRequest;
using client_cert::Identity;
using client_cert::IdentityPtr;

// Drawn at random once, as that of certificates.
constexpr napi_type_tag kTypeTag = {0x3d9a1f6b80c24e57, 0xb5e20c7714f98da3};

constexpr std::array<std::pair<const char*, FileOperation>, 11> kOperations{{
    {"open", FileOperation::kOpen},
    {"readFile", FileOperation::kReadFile},
    {"writeFile", FileOperation::kWriteFile},
    {"stat", FileOperation::kStat},
    {"lstat", FileOperation::kLstat},
    {"access", FileOperation::kAccess},
    {"readdir", FileOperation::kReaddir},
    {"mkdir", FileOperation::kMkdir},
    {"rmdir", FileOperation::kRmdir},
    {"unlink", FileOperation::kUnlink},
    {"rename", FileOperation::kRename},
}};

Napi::Value Refuse(Napi::Env env, const char* what) {
  if (!env.IsExceptionPending()) Napi::TypeError::New(env, what).ThrowAsJavaScriptException();
  return env.Undefined();
}

// A path's octets; nothing for those that a C string cannot hold whole.
std::optional<std::string> PathOf(const Napi::Value& value) {
  if (value.IsEmpty()) return std::nullopt;
  const auto octets = OctetsOf(value, "path");
  if (!octets || octets->empty() || std::ranges::find(*octets, std::uint8_t{0}) != octets->end()) return std::nullopt;
  return std::string(octets->begin(), octets->end());
}

// 0 for what is undefined. Empty values, which a thread that is being terminated gives, are not to be asked anything.
std::optional<std::uint32_t> UnsignedOf(const Napi::Value& value) {
  if (value.IsEmpty()) return std::nullopt;
  if (value.IsUndefined()) return 0;
  return value.IsNumber() ? std::optional(value.As<Napi::Number>().Uint32Value()) : std::nullopt;
}

bool IsTrue(const Napi::Value& value) {
  return !value.IsEmpty() && value.IsBoolean() && value.As<Napi::Boolean>().Value();
}

std::optional<FileRequest> RequestOf(const Napi::Value& operation, const Napi::Value& value) {
  if (!operation.IsString() || !value.IsObject()) return std::nullopt;
  const std::string name = operation.As<Napi::String>().Utf8Value();
  const auto* const known = std::ranges::find_if(kOperations, [&](const auto& entry) { return name == entry.first; });
  if (known == kOperations.end()) return std::nullopt;
  const auto object = value.As<Napi::Object>();
  FileRequest request;
  request.operation = known->second;
  auto path = PathOf(Member(object, "path"));
  if (!path) return std::nullopt;
  request.path = *std::move(path);
  if (request.operation == FileOperation::kRename) {
    auto to = PathOf(Member(object, "to"));
    if (!to) return std::nullopt;
    request.to = *std::move(to);
  }
  if (request.operation == FileOperation::kWriteFile) {
    const Napi::Value given = Member(object, "octets");
    auto octets = given.IsEmpty() ? std::nullopt : OctetsOf(given, "octets");
    if (!octets) return std::nullopt;
    request.octets = *std::move(octets);
  }
  const auto flags = UnsignedOf(Member(object, "flags"));
  const auto mode = UnsignedOf(Member(object, "mode"));
  const auto umask = UnsignedOf(Member(object, "umask"));
  if (!flags || !mode || !umask) return std::nullopt;
  request.flags = static_cast<int>(*flags);
  request.mode = *mode;
  request.umask = *umask;
  const Napi::Value recursive = Member(object, "recursive");
  const Napi::Value flush = Member(object, "flush");
  request.recursive = IsTrue(recursive);
  request.flush = IsTrue(flush);
  return request;
}

std::optional<std::uint32_t> IdOf(const Napi::Value& value) {
  constexpr double kLimit = 0xffffffff;  // means "unchanged" in system calls, and is nobody
  if (!value.IsNumber()) return std::nullopt;
  const double number = value.As<Napi::Number>().DoubleValue();
  if (!(number >= 0 && number < kLimit)) return std::nullopt;
  const auto id = static_cast<std::uint32_t>(number);
  return static_cast<double>(id) == number ? std::optional(id) : std::nullopt;
}

IdentityPtr ReadIdentity(const Napi::CallbackInfo& info) {
  const auto uid = IdOf(info[0]);
  const auto gid = IdOf(info[1]);
  if (!uid || !gid || !info[2].IsArray()) return nullptr;
  auto identity = std::make_shared<Identity>();
  identity->uid = *uid;
  identity->gid = *gid;
  const auto groups = info[2].As<Napi::Array>();
  for (std::uint32_t i = 0; i < groups.Length(); ++i) {
    const Napi::Value value = Member(groups, i);
    const auto group = value.IsEmpty() ? std::nullopt : IdOf(value);
    if (!group) return nullptr;
    identity->groups.push_back(*group);
  }
  std::ranges::sort(identity->groups);
  return identity;
}

Napi::Value Perform(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const IdentityPtr identity = IdentityBinding::IdentityOf(info.This());
  if (!identity) return Refuse(env, "Illegal invocation");
  auto request = RequestOf(info[0], info[1]);
  if (!request || !info[2].IsFunction()) return Refuse(env, "perform: not a request");
  AddonData& addon = AddonData::Of(env);
  if (!addon.file_replies) addon.file_replies = std::make_unique<FileReplies>(env);
  auto reply = addon.file_replies->Await(info[2].As<Napi::Function>(), request->operation);
  const bool is_accepted = SubmitFileWork(identity, *std::move(request), std::move(reply));
  if (!is_accepted) addon.file_replies->Forget();
  return Napi::Boolean::New(env, is_accepted);
}

Napi::Value MayImpersonate(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), client_cert::MayImpersonate());
}

}  // namespace

void IdentityBinding::Register(Napi::Env env, Napi::Object exports) {
  const Napi::Function constructor = DefineClass(env, "Identity", {StaticMethod<&IdentityBinding::Create>("create")});
  const auto prototype = Member(constructor, "prototype").As<Napi::Object>();
  Napi::Object(env, prototype)
      .DefineProperty(Napi::PropertyDescriptor::Value("perform", Napi::Function::New<Perform>(env, "perform"),
                                                      napi_default_method));
  AddonData::Of(env).identity_class = Napi::Persistent(constructor);
  exports.Set("Identity", constructor);
  exports.Set("mayImpersonate", Napi::Function::New<MayImpersonate>(env, "mayImpersonate"));
}

IdentityBinding::IdentityBinding(const Napi::CallbackInfo& info)
    : ObjectWrap(info), identity_(std::move(AddonData::Of(info.Env()).identity_to_wrap)) {
  if (!IsWrapped(*this, info)) return;
  if (!identity_) {
    Napi::TypeError::New(info.Env(), "Illegal constructor").ThrowAsJavaScriptException();
    return;
  }
  napi_type_tag_object(info.Env(), info.This(), &kTypeTag);
}

void IdentityBinding::Finalize(Napi::BasicEnv) {}

IdentityPtr IdentityBinding::IdentityOf(Napi::Value value) {
  bool ours = false;
  if (!value.IsObject() || napi_check_object_type_tag(value.Env(), value, &kTypeTag, &ours) != napi_ok || !ours) {
    return nullptr;
  }
  // Fails in a thread that is being terminated, however good the handle is.
  const IdentityBinding* const binding = ObjectWrap::Unwrap(value.As<Napi::Object>());
  return binding != nullptr ? binding->identity_ : nullptr;
}

Napi::Value IdentityBinding::Create(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  IdentityPtr identity = ReadIdentity(info);
  if (!identity) return Refuse(env, "Identity.create: not an identity");
  AddonData& addon = AddonData::Of(env);
  addon.identity_to_wrap = std::move(identity);
  const Napi::Value handle = addon.identity_class.Value().New({});
  addon.identity_to_wrap.reset();
  return handle.IsEmpty() ? env.Undefined() : handle;
}

}  // namespace client_cert_binding
