#include "binding/account_functions.h"

#include <string>
#include <utility>

#include "binding/js_values.h"
#include "binding/task.h"
#include "core/account/account.h"

namespace client_cert_binding {
namespace {

using client_cert::Account;
using client_cert::AccountSearch;
using client_cert::AccountStanding;

std::string_view NameOf(AccountStanding standing) {
  switch (standing) {
    case AccountStanding::kGood:
      return "good";
    case AccountStanding::kLocked:
      return "locked";
    case AccountStanding::kExpired:
      return "expired";
    default:
      return "unknown";
  }
}

Napi::Value SearchValue(Napi::Env env, const AccountSearch& search) {
  if (!search.account) return search.error == 0 ? env.Null() : Napi::Value(Napi::Number::New(env, search.error));
  const Account& account = *search.account;
  const Napi::Object value = Napi::Object::New(env);
  value.Set("name", Text(env, account.name));
  value.Set("uid", Napi::Number::New(env, account.uid));
  value.Set("gid", Napi::Number::New(env, account.gid));
  value.Set("groups",
            ArrayOf(env, account.groups, [](Napi::Env e, std::uint32_t group) { return Napi::Number::New(e, group); }));
  value.Set("home", Text(env, account.home));
  value.Set("shell", Text(env, account.shell));
  value.Set("standing", Text(env, NameOf(account.standing)));
  return value;
}

Napi::Value FindAccount(const Napi::CallbackInfo& info) {
  const std::int64_t now = IntegerOf(info[1]);
  if (info[0].IsNumber()) {
    const std::uint32_t uid = info[0].As<Napi::Number>().Uint32Value();
    return RunOffThread(
        info.Env(), [uid, now] { return client_cert::FindAccount(uid, now); }, SearchValue);
  }
  if (!info[0].IsString()) {
    Napi::TypeError::New(info.Env(), "findAccount: a name or a uid is needed").ThrowAsJavaScriptException();
    return info.Env().Undefined();
  }
  std::string name = info[0].As<Napi::String>().Utf8Value();
  return RunOffThread(
      info.Env(), [name = std::move(name), now] { return client_cert::FindAccount(name, now); }, SearchValue);
}

}  // namespace

void RegisterAccountFunctions(Napi::Env env, Napi::Object exports) {
  exports.Set("findAccount", Napi::Function::New<FindAccount>(env, "findAccount"));
}

}  // namespace client_cert_binding
