#include "core/negotiate/gss_failure.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "core/negotiate/gss_owned.h"
#include "core/negotiate/mechanism.h"

namespace client_cert {
namespace {

// Messages of one status: a library that never says it was the last one must not keep us here.
constexpr int kMessages = 8;

constexpr gss::Status Krb5(std::uint32_t offset) { return gss::kKrb5Base + offset; }

constexpr gss::Status Asn1(std::uint32_t offset) { return gss::kAsn1Base + offset; }

// KRB5KRB_AP_ERR_* and others of krb5_err.et, ASN1_* of asn1_err.et, G_* of gssapi_err_generic.et.
constexpr std::array<std::pair<gss::Status, SecStatus>, 26> kOfKerberos{{
    {Krb5(31), SecStatus::kMessageAltered},              // BAD_INTEGRITY
    {Krb5(32), SecStatus::kContextExpired},              // TKT_EXPIRED
    {Krb5(33), SecStatus::kTimeSkew},                    // TKT_NYV
    {Krb5(34), SecStatus::kLogonDenied},                 // REPEAT: a replay
    {Krb5(35), SecStatus::kWrongPrincipal},              // NOT_US
    {Krb5(36), SecStatus::kMessageAltered},              // BADMATCH
    {Krb5(37), SecStatus::kTimeSkew},                    // SKEW
    {Krb5(41), SecStatus::kMessageAltered},              // MODIFIED
    {Krb5(44), SecStatus::kWrongPrincipal},              // BADKEYVER
    {Krb5(45), SecStatus::kWrongPrincipal},              // NOKEY
    {Krb5(144), SecStatus::kWrongPrincipal},             // KRB5KRB_AP_WRONG_PRINC
    {Krb5(163), SecStatus::kLogonDenied},                // KRB5_RC_REPLAY
    {Krb5(181), SecStatus::kWrongPrincipal},             // KRB5_KT_NOTFOUND
    {Krb5(230), SecStatus::kWrongPrincipal},             // KRB5_KT_KVNONOTFOUND
    {Krb5(39), SecStatus::kInvalidToken},                // BADVERSION
    {Krb5(40), SecStatus::kInvalidToken},                // MSG_TYPE
    {Asn1(1), SecStatus::kInvalidToken},                 // MISSING_FIELD
    {Asn1(2), SecStatus::kInvalidToken},                 // MISPLACED_FIELD
    {Asn1(3), SecStatus::kInvalidToken},                 // TYPE_MISMATCH
    {Asn1(4), SecStatus::kInvalidToken},                 // OVERFLOW
    {Asn1(5), SecStatus::kInvalidToken},                 // OVERRUN
    {Asn1(6), SecStatus::kInvalidToken},                 // BAD_ID
    {Asn1(7), SecStatus::kInvalidToken},                 // BAD_LENGTH
    {Asn1(8), SecStatus::kInvalidToken},                 // BAD_FORMAT
    {Asn1(9), SecStatus::kInvalidToken},                 // PARSE_ERROR
    {gss::kGenericBase + 12, SecStatus::kInvalidToken},  // G_BAD_TOK_HEADER
}};

constexpr std::array<std::pair<gss::Status, SecStatus>, 11> kOfRoutines{{
    {gss::kBadMech, SecStatus::kSecpkgNotFound},
    {gss::kBadName, SecStatus::kWrongPrincipal},
    {gss::kBadBindings, SecStatus::kBadBindings},
    {gss::kBadSignature, SecStatus::kMessageAltered},
    {gss::kNoCredential, SecStatus::kSecpkgNotFound},  // there is one, though not for this mechanism
    {gss::kDefectiveToken, SecStatus::kInvalidToken},
    {gss::kDefectiveCredential, SecStatus::kLogonDenied},
    {gss::kCredentialsExpired, SecStatus::kContextExpired},
    {gss::kContextExpired, SecStatus::kContextExpired},
    {gss::kUnauthorized, SecStatus::kLogonDenied},
    {gss::kUnavailable, SecStatus::kUnsupportedFunction},
}};

std::optional<SecStatus> Find(const auto& table, gss::Status wanted) {
  const auto* const found = std::ranges::find(table, wanted, [](const auto& row) { return row.first; });
  return found == table.end() ? std::nullopt : std::optional(found->second);
}

std::string MessagesOf(const GssapiLibrary& library, gss::Status status, int kind, gss::Oid* mechanism) {
  std::string messages;
  std::uint32_t more = 0;
  for (int i = 0; i < kMessages; ++i) {
    OwnedBuffer text(library);
    gss::Status minor = 0;
    if (gss::IsError(library.display_status(&minor, status, kind, mechanism, &more, text.Put()))) break;
    if (!messages.empty()) messages += "; ";
    messages += text.Text();
    if (more == 0) break;
  }
  return messages;
}

// The library numbers the minor statuses of a mechanism within SPNEGO anew, and has no way back. What it calls them
// stays the same.
std::optional<SecStatus> FindByMessage(const GssapiLibrary& library, const std::string& message) {
  if (message.empty()) return std::nullopt;
  const auto* const found = std::ranges::find_if(kOfKerberos, [&](const auto& row) {
    return MessagesOf(library, row.first, gss::kMinorCode, &OidOf(Mechanism::kKerberos)) == message;
  });
  return found == kOfKerberos.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace

GssFailure FailureOf(const GssapiLibrary& library, gss::Status major, gss::Status minor, gss::Oid* mechanism) {
  const std::string reason = minor == 0 ? "" : MessagesOf(library, minor, gss::kMinorCode, mechanism);
  GssFailure failure{SecStatus::kLogonDenied, major, minor, MessagesOf(library, major, gss::kMajorCode, nullptr)};
  if (!reason.empty()) failure.message += "; " + reason;
  if ((major & (gss::kDuplicateToken | gss::kOldToken)) != 0) return failure;
  // The reason of Kerberos is more exact than the class that it falls into.
  auto status = Find(kOfKerberos, minor);
  if (!status) status = FindByMessage(library, reason);
  if (!status) status = Find(kOfRoutines, major & gss::kRoutineMask);
  failure.status = status.value_or(SecStatus::kLogonDenied);
  return failure;
}

}  // namespace client_cert
