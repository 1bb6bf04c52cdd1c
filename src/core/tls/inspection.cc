#include "core/tls/inspection.h"

#include <openssl/ssl.h>

#include <algorithm>
#include <utility>

#include "core/base/hex.h"
#include "core/openssl/encode.h"
#include "core/openssl/error_queue.h"
#include "core/path/path_verifier.h"
#include "core/tls/carried_session.h"
#include "core/tls/connection_registry.h"
#include "core/tls/judgement.h"
#include "core/tls/observer.h"
#include "core/tls/resumption.h"
#include "core/tls/trust.h"
#include "core/verdict/judge.h"

namespace client_cert {
namespace {

void Refuse(PathRecord& record) {
  const auto is_refusal = [](const PathFault& fault) { return fault.error == X509_V_ERR_APPLICATION_VERIFICATION; };
  if (std::ranges::any_of(record.faults, is_refusal)) return;
  record.accepted = false;
  record.faults.push_back({X509_V_ERR_APPLICATION_VERIFICATION, 0});
}

// The handshake's own verification, where it was of this certificate.
bool IsVerificationOf(const Connection& connection, const X509* leaf) {
  return connection.verification && !connection.verification->presented.empty() &&
         X509_cmp(connection.verification->presented.front().get(), leaf) == 0;
}

std::optional<CarriedSession> CarriedTo(const Connection& connection) {
  if (SSL_session_reused(connection.ssl) == 0) return std::nullopt;
  return CarriedBy(SSL_get_session(connection.ssl));
}

PathRecord VerifyConnectionAgain(Connection& connection, X509* leaf, std::int64_t now) {
  const PathTrust trust = TrustOf(connection.ssl);
  if (IsVerificationOf(connection, leaf)) {
    return VerifyAgain(trust, std::move(connection.verification->presented), now);
  }
  return VerifyAgain(trust, PresentedOn(connection, leaf), now);
}

// The client's certificate was verified by what one host trusts, and the connection is for another. RFC 8446 section
// 4.1.2 forbids to change the name within a handshake, OpenSSL does not look, and Node chose the context by the first
// one. And a session that the application keeps cannot be refused as a ticket is.
bool IsOfAnotherHost(const Connection& connection) {
  if (connection.server_name_changed) return true;
  const std::optional<CarriedSession> carried = CarriedTo(connection);
  return carried && !MayResume(connection, *carried);
}

// Until when what was verified says what verifying would say; nothing where it no longer does. A clock that was set
// back makes it doubtful, too.
std::optional<std::int64_t> HoldsUntil(const Connection& connection, const X509* leaf, const PathTrust& trust,
                                       std::int64_t now) {
  if (!IsVerificationOf(connection, leaf) || connection.verification->verified_at > now) return std::nullopt;
  const std::int64_t until = NextChange(*connection.verification, trust);
  if (now >= until) return std::nullopt;
  return until;
}

// Elements of a path were decoded to be judged.
bool IsDecodable(const Bytes& der, const Verdict& verdict) {
  const auto is_this = [&](const ChainElement& element) {
    return element.certificate && std::ranges::equal(element.certificate->der(), der);
  };
  return std::ranges::any_of(verdict.elements, is_this) || static_cast<bool>(Certificate::Parse(der));
}

void InspectBy(const std::shared_ptr<Verifier>& judge, Connection& connection, X509* leaf, std::int64_t now,
               Inspection& inspection) {
  const std::vector<CertificatePtr> presented = IsVerificationOf(connection, leaf)
                                                    ? KnownOf(connection.verification->presented, *judge)
                                                    : KnownOf(PresentedOn(connection, leaf), *judge);
  if (presented.empty()) return;
  const bool is_known = judge == connection.judge && connection.outcome && judge->Holds(*connection.outcome, now);
  const OutcomePtr outcome = is_known ? connection.outcome : judge->Verify(presented, now);
  if (judge == connection.judge) connection.outcome = outcome;
  inspection.outcome = outcome;
  inspection.verdict = outcome->verdict;
  if (connection.server_name_changed) AddProblem(inspection.verdict, {ProblemCode::VERIFICATION_INCOMPLETE, 0});
  bool decodable = true;
  for (const CertificatePtr& certificate : presented) {
    inspection.presented.push_back(certificate->der);
    decodable = decodable && certificate->decoded != nullptr;
    if (decodable) ++inspection.decodable;
  }
}

ConnectionState StateOf(const ConnectionRegistry::Found& found) {
  using Outcome = ConnectionRegistry::Outcome;
  if (found.outcome == Outcome::kUnknown) return ConnectionState::kUnknown;
  if (found.outcome == Outcome::kPending) return ConnectionState::kHandshakePending;
  if (found.outcome == Outcome::kChanged) return ConnectionState::kChanged;
  if (found.outcome == Outcome::kAmbiguous) return ConnectionState::kAmbiguous;
  const SSL* ssl = found.connection->ssl;
  if (SSL_is_server(ssl) == 0) return ConnectionState::kClientEnd;
  return SSL_get0_peer_certificate(ssl) == nullptr ? ConnectionState::kNoCertificate : ConnectionState::kInspected;
}

std::optional<std::string> TrustIdentityIn(const Connection* connection, WhichTrust which) {
  if (connection == nullptr) return std::nullopt;
  SSL* ssl = connection->ssl;
  X509_STORE* store = which == WhichTrust::kInitial ? InitialStoreOf(ssl) : TrustOf(ssl).store;
  const std::optional<TrustIdentity> identity = TrustIdentityOf(store);
  if (!identity) return std::nullopt;
  return Hex(*identity);
}

}  // namespace

Inspection InspectConnection(ByteView finished, std::int64_t now, const std::shared_ptr<Verifier>& verifier) {
  const ErrorQueueGuard guard;
  Inspection inspection;
  const ConnectionRegistry::Found found = ConnectionRegistry::OfThisThread()->Find(finished);
  inspection.state = StateOf(found);
  if (inspection.state != ConnectionState::kInspected) return inspection;

  Connection& connection = *found.connection;
  if (!connection.watched) Adopt(connection.ssl);
  SSL* ssl = connection.ssl;
  X509* leaf = SSL_get0_peer_certificate(ssl);
  inspection.watched = connection.watched;
  inspection.resumed = SSL_session_reused(ssl) != 0;
  const std::shared_ptr<Verifier>& judge = verifier ? verifier : connection.judge;
  if (judge) {
    InspectBy(judge, connection, leaf, now, inspection);
    // A leaf that OpenSSL itself has read and nobody can read again: fails closed.
    if (!inspection.outcome) AddProblem(inspection.verdict, {ProblemCode::VERIFICATION_INCOMPLETE, 0});
    return inspection;
  }
  const PathTrust trust = TrustOf(ssl);
  std::optional<std::int64_t> until = HoldsUntil(connection, leaf, trust, now);
  if (!until) {
    connection.verification = VerifyConnectionAgain(connection, leaf, now);
    until = NextChange(*connection.verification, trust);
  }
  if (IsOfAnotherHost(connection)) Refuse(*connection.verification);

  const PathRecord& record = *connection.verification;
  inspection.verdict = JudgePath(record, *until);
  bool decodable = true;
  for (const OwnedX509& certificate : record.presented) {
    inspection.presented.push_back(Encode<i2d_X509>(certificate.get()));
    decodable = decodable && IsDecodable(inspection.presented.back(), inspection.verdict);
    if (decodable) ++inspection.decodable;
  }
  return inspection;
}

bool SentNoCertificate(ByteView finished) {
  return StateOf(ConnectionRegistry::OfThisThread()->Find(finished)) == ConnectionState::kNoCertificate;
}

std::uint64_t ConnectionsCreated() { return ConnectionRegistry::OfThisThread()->Created(); }

void ProtectConnectionsSince(std::uint64_t created, const std::shared_ptr<Verifier>& verifier,
                             std::int64_t now_in_milliseconds) {
  for (Connection* connection : ConnectionRegistry::OfThisThread()->Since(created)) {
    if (SSL_is_server(connection->ssl) == 0 || connection->judge || connection->verification) continue;
    connection->judge = verifier;
    SetClock(*connection, now_in_milliseconds);
    ObserveFromNow(connection->ssl);
  }
}

bool IsProtectedBy(ByteView finished, const std::shared_ptr<Verifier>& verifier) {
  const ConnectionRegistry::Found found = ConnectionRegistry::OfThisThread()->Find(finished);
  if (found.connection == nullptr || found.connection->judge != verifier) return false;
  // Whose client has shown a certificate that was not judged, slipped through.
  return SSL_get0_peer_certificate(found.connection->ssl) == nullptr || found.connection->outcome != nullptr;
}

std::shared_ptr<const std::atomic<std::uint32_t>> ConnectionChanges() {
  const std::shared_ptr<ConnectionRegistry>& registry = ConnectionRegistry::OfThisThread();
  return {registry, &registry->Changes()};
}

std::optional<std::string> TrustIdentityOfConnection(ByteView finished, WhichTrust which) {
  return TrustIdentityIn(ConnectionRegistry::OfThisThread()->Find(finished).connection, which);
}

std::optional<std::string> TrustIdentityOfNewestConnection() {
  return TrustIdentityIn(ConnectionRegistry::OfThisThread()->Newest(), WhichTrust::kCurrent);
}

}  // namespace client_cert
