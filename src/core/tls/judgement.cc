#include "core/tls/judgement.h"

#include <chrono>
#include <ctime>
#include <optional>
#include <utility>

#include "core/base/budget.h"
#include "core/openssl/encode.h"
#include "core/openssl/error_queue.h"
#include "core/tls/carried_session.h"

namespace client_cert {
namespace {

void AppendAll(std::vector<OwnedX509>& presented, const STACK_OF(X509) * certificates) {
  for (int i = 0; i < sk_X509_num(certificates); ++i) {
    X509* certificate = sk_X509_value(certificates, i);
    if (X509_cmp(certificate, presented.front().get()) != 0) presented.push_back(Share(certificate));
  }
}

int ErrorOf(const Outcome& outcome) {
  const std::vector<Problem>& problems = outcome.verdict.problems;
  return problems.empty() ? X509_V_OK : OpenSslErrorOf(problems.front().code);
}

CertificatePtr IssuerOf(const X509* certificate, Verifier& judge) {
  Sha256 fingerprint{};
  const Bytes der = Encode<i2d_X509>(certificate);
  return !der.empty() && DigestSha256(der, fingerprint) ? judge.FindIssuer(fingerprint) : nullptr;
}

// Null where there is nothing that could be judged: whoever gets it refuses.
OutcomePtr OutcomeOf(Connection& connection, const std::vector<OwnedX509>& presented) {
  const std::vector<CertificatePtr> known = KnownOf(presented, *connection.judge);
  if (known.empty()) return nullptr;
  return connection.judge->Verify(known, TimeOf(connection));
}

// Not time(): that may lag behind by a tick of the kernel, and end in the second before the one that JavaScript sees.
std::int64_t SystemMilliseconds() {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::floor<std::chrono::milliseconds>(since_epoch).count();
}

}  // namespace

void SetClock(Connection& connection, std::int64_t now_in_milliseconds) {
  connection.clock_offset = now_in_milliseconds - SystemMilliseconds();
}

std::int64_t TimeOf(const Connection& connection) {
  const std::chrono::milliseconds now(SystemMilliseconds() + connection.clock_offset);
  return std::chrono::floor<std::chrono::seconds>(now).count();
}

std::vector<OwnedX509> PresentedOn(const Connection& connection, X509* leaf) {
  std::vector<OwnedX509> presented;
  presented.push_back(Share(leaf));
  if (SSL_session_reused(connection.ssl) != 0) {
    const std::optional<CarriedSession> carried = CarriedBy(SSL_get_session(connection.ssl));
    if (carried) {
      for (const Bytes& der : carried->intermediates) {
        OwnedX509 certificate = DecodeX509(der);
        if (certificate) presented.push_back(std::move(certificate));
      }
      return presented;
    }
  }
  // A full handshake of a context that was not observed yet: whichever of these Node has left.
  const STACK_OF(X509)* sent = SSL_get_peer_cert_chain(connection.ssl);
  AppendAll(presented, sk_X509_num(sent) > 0 ? sent : SSL_get0_verified_chain(connection.ssl));
  return presented;
}

std::vector<CertificatePtr> KnownOf(const std::vector<OwnedX509>& presented, Verifier& judge) {
  std::vector<CertificatePtr> known;
  for (const OwnedX509& certificate : presented) {
    if (known.size() > budget::kPresentedCertificates) break;
    CertificatePtr one = known.empty() ? nullptr : IssuerOf(certificate.get(), judge);
    if (!one) one = Know(certificate.get());
    // Without the leaf there is nothing to judge; anything else may be missing.
    if (!one && known.empty()) return known;
    if (one) known.push_back(std::move(one));
  }
  return known;
}

int Judge(Connection& connection, X509_STORE_CTX* context, PathRecord& record) noexcept {
  record.verified_at = std::time(nullptr);
  const STACK_OF(X509)* sent = X509_STORE_CTX_get0_untrusted(context);
  for (int i = 0; i < sk_X509_num(sent); ++i) record.presented.push_back(Share(sk_X509_value(sent, i)));
  connection.outcome = OutcomeOf(connection, record.presented);
  const int error = connection.outcome ? ErrorOf(*connection.outcome) : X509_V_ERR_UNSPECIFIED;
  record.accepted = error == X509_V_OK;
  if (!record.accepted) record.faults.push_back({error, 0});
  OwnedX509Stack chain(sk_X509_new_null());
  if (connection.outcome && chain) {
    record.path.push_back(Share(record.presented.front().get()));
    for (const CertificatePtr& issuer : connection.outcome->issuers) record.path.push_back(Share(issuer->x509.get()));
    for (const OwnedX509& certificate : record.path) {
      OwnedX509 shared = Share(certificate.get());
      if (sk_X509_push(chain.get(), shared.get()) != 0) static_cast<void>(shared.release());
    }
    X509_STORE_CTX_set0_verified_chain(context, chain.release());
  }
  X509_STORE_CTX_set_error(context, error);
  return 1;
}

void JudgeResumed(Connection& connection) noexcept {
  const ErrorQueueGuard guard;
  X509* leaf = SSL_get0_peer_certificate(connection.ssl);
  if (leaf == nullptr) return;
  connection.outcome = OutcomeOf(connection, PresentedOn(connection, leaf));
  const bool is_of_another_host = connection.server_name_changed;
  const int error = connection.outcome ? ErrorOf(*connection.outcome) : X509_V_ERR_UNSPECIFIED;
  SSL_set_verify_result(connection.ssl, is_of_another_host ? X509_V_ERR_APPLICATION_VERIFICATION : error);
}

}  // namespace client_cert
