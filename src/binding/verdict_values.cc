#include "binding/verdict_values.h"

#include <optional>
#include <string_view>

#include "binding/certificate_values.h"
#include "binding/js_values.h"

namespace client_cert_binding {
namespace {

using client_cert::ChainElement;
using client_cert::FetchWish;
using client_cert::Outcome;
using client_cert::Problem;
using client_cert::RevocationEvidence;
using client_cert::RevocationReport;
using client_cert::RevocationStatus;
using client_cert::Verdict;

Napi::Value ProblemValue(Napi::Env env, const Problem& problem) {
  const Napi::Object value = Napi::Object::New(env);
  value.Set("code", Text(env, client_cert::KindOf(problem.code).name));
  value.Set("depth", Napi::Number::New(env, static_cast<double>(problem.depth)));
  return value;
}

Napi::Value ElementValue(Napi::Env env, const ChainElement& element) {
  const Napi::Object value = Napi::Object::New(env);
  value.Set("encoded", element.certificate ? Octets(env, element.certificate->der()) : env.Null());
  value.Set("errorStatus", Napi::Number::New(env, element.error_status));
  value.Set("infoStatus", Napi::Number::New(env, element.info_status));
  return value;
}

Napi::Value Moment(Napi::Env env, std::int64_t seconds) { return Napi::Number::New(env, static_cast<double>(seconds)); }

Napi::Value MomentOrNull(Napi::Env env, const std::optional<std::int64_t>& seconds) {
  return seconds ? Moment(env, *seconds) : env.Null();
}

std::string_view NameOf(RevocationStatus status) {
  switch (status) {
    case RevocationStatus::kGood:
      return "good";
    case RevocationStatus::kRevoked:
      return "revoked";
    case RevocationStatus::kStale:
      return "stale";
    default:
      return "unknown";
  }
}

std::string_view NameOf(RevocationEvidence::Kind kind) {
  switch (kind) {
    case RevocationEvidence::Kind::kCrl:
      return "crl";
    case RevocationEvidence::Kind::kDeltaCrl:
      return "deltaCrl";
    default:
      return "ocsp";
  }
}

Napi::Value NameOrNull(Napi::Env env, const client_cert::Bytes& octets) {
  const std::optional<client_cert::DistinguishedName> name = client_cert::ParseDistinguishedName(octets);
  return name ? NameValue(env, *name) : env.Null();
}

Napi::Value EvidenceItemValue(Napi::Env env, const RevocationEvidence& evidence) {
  const Napi::Object value = Napi::Object::New(env);
  value.Set("kind", Text(env, NameOf(evidence.kind)));
  value.Set("says", Text(env, NameOf(evidence.says)));
  value.Set("issuer", NameOrNull(env, evidence.issuer));
  value.Set("thisUpdate", Moment(env, evidence.this_update));
  value.Set("nextUpdate", MomentOrNull(env, evidence.next_update));
  value.Set("revokedAt", MomentOrNull(env, evidence.revoked_at));
  value.Set("reason", NumberOrNull(env, evidence.reason));
  value.Set("number", evidence.number.empty() ? env.Null() : Octets(env, evidence.number));
  return value;
}

Napi::Value ReportValue(Napi::Env env, const RevocationReport& report) {
  const Napi::Object value = Napi::Object::New(env);
  value.Set("depth", Napi::Number::New(env, static_cast<double>(report.depth)));
  value.Set("key", Text(env, report.key));
  value.Set("status", Text(env, NameOf(report.finding.status)));
  value.Set("forgiven", Napi::Boolean::New(env, report.is_forgiven));
  value.Set("evidence", ArrayOf(env, report.finding.evidence, EvidenceItemValue));
  return value;
}

Napi::Value TextValue(Napi::Env env, const std::string& text) { return Text(env, text); }

Napi::Value WishValue(Napi::Env env, const FetchWish& wish) {
  const Napi::Object value = Napi::Object::New(env);
  value.Set("depth", Napi::Number::New(env, static_cast<double>(wish.depth)));
  value.Set("key", Text(env, wish.key));
  value.Set("ocspUrls", ArrayOf(env, wish.ocsp_urls, TextValue));
  value.Set("ocspRequest", Octets(env, wish.ocsp_request));
  value.Set("ocspNonce", wish.ocsp_nonce.empty() ? env.Null() : Octets(env, wish.ocsp_nonce));
  value.Set("crlUrls", ArrayOf(env, wish.crl_urls, TextValue));
  return value;
}

}  // namespace

Napi::Value VerdictValue(Napi::Env env, const Verdict& verdict) {
  const Napi::Object value = Napi::Object::New(env);
  value.Set("problems", ArrayOf(env, verdict.problems, ProblemValue));
  value.Set("elements", ArrayOf(env, verdict.elements, ElementValue));
  value.Set("certFlags", Napi::Number::New(env, verdict.cert_flags));
  value.Set("certFlagsName", Text(env, verdict.cert_flags_name));
  value.Set("errorStatus", Napi::Number::New(env, verdict.error_status));
  value.Set("validUntil", Moment(env, verdict.valid_until));
  return value;
}

Napi::Object EvidenceValue(Napi::Env env, const Outcome& outcome) {
  const Napi::Object value = Napi::Object::New(env);
  value.Set("policies", ArrayOf(env, outcome.policies, TextValue));
  value.Set("revocation", ArrayOf(env, outcome.revocation, ReportValue));
  value.Set("wishes", ArrayOf(env, outcome.wishes, WishValue));
  return value;
}

Napi::Value OutcomeValue(Napi::Env env, const Outcome& outcome) {
  // Octets, not handles: nearly nobody asks for more of them, and each handle is something that the collector has to
  // come back to.
  const Napi::Object value = EvidenceValue(env, outcome);
  value.Set("verdict", VerdictValue(env, outcome.verdict));
  value.Set("id", Napi::Number::New(env, static_cast<double>(outcome.id)));
  value.Set("verifiedAt", Moment(env, outcome.verified_at));
  return value;
}

}  // namespace client_cert_binding
