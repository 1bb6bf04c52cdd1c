#include "core/verdict/judge.h"

#include <openssl/x509v3.h>

#include <algorithm>
#include <utility>

#include "core/openssl/encode.h"
#include "core/openssl/error_queue.h"
#include "core/verdict/faults.h"

namespace client_cert {
namespace {

std::shared_ptr<const Certificate> Decode(const X509* certificate) {
  Result<std::shared_ptr<const Certificate>> decoded = Certificate::Parse(Encode<i2d_X509>(certificate));
  return decoded ? std::move(decoded).value() : nullptr;
}

// How the issuer was found, in Windows' terms: by name and serial number, by key identifier, or by name alone.
std::uint32_t IssuerMatch(X509* certificate, X509* issuer) {
  const ASN1_INTEGER* serial = X509_get0_authority_serial(certificate);
  if (serial != nullptr && ASN1_INTEGER_cmp(serial, X509_get0_serialNumber(issuer)) == 0) return kHasExactMatchIssuer;
  const ASN1_OCTET_STRING* wanted = X509_get0_authority_key_id(certificate);
  const ASN1_OCTET_STRING* found = X509_get0_subject_key_id(issuer);
  const bool same_key = wanted != nullptr && found != nullptr && ASN1_OCTET_STRING_cmp(wanted, found) == 0;
  return same_key ? kHasKeyMatchIssuer : kHasNameMatchIssuer;
}

std::uint32_t InfoStatus(const PathRecord& record, std::size_t depth) {
  X509* certificate = record.path[depth].get();
  if ((X509_get_extension_flags(certificate) & EXFLAG_SS) != 0) {
    return kIsSelfSigned | IssuerMatch(certificate, certificate);
  }
  return depth + 1 < record.path.size() ? IssuerMatch(certificate, record.path[depth + 1].get()) : 0;
}

std::vector<ChainElement> Elements(const PathRecord& record, std::span<const CertificatePtr> known) {
  std::vector<ChainElement> elements;
  elements.reserve(record.path.size());
  for (std::size_t depth = 0; depth < record.path.size(); ++depth) {
    const X509* certificate = record.path[depth].get();
    const bool is_known = depth < known.size() && known[depth]->x509.get() == certificate;
    elements.push_back({is_known ? known[depth]->decoded : Decode(certificate), 0, InfoStatus(record, depth)});
  }
  return elements;
}

// The anchor that ends a path is configured, not presented: of it, RFC 5280 section 6.1.1 uses the name and the key
// only. The leaf is never exempt.
bool IsExemptFromDecoding(const std::vector<ChainElement>& elements, std::size_t depth) {
  return depth != 0 && depth + 1 == elements.size();
}

std::vector<Problem> Problems(const PathRecord& record, const std::vector<ChainElement>& elements,
                              std::span<const Problem> further) {
  std::vector<Problem> problems = ProblemsOfFaults(record);
  for (const Problem& problem : further) {
    if (std::find(problems.begin(), problems.end(), problem) == problems.end()) problems.push_back(problem);
  }
  for (std::size_t depth = 0; depth < elements.size(); ++depth) {
    const bool refused = elements[depth].certificate == nullptr && !IsExemptFromDecoding(elements, depth);
    const Problem malformed{ProblemCode::CERT_MALFORMED, depth};
    const bool known = std::find(problems.begin(), problems.end(), malformed) != problems.end();
    if (refused && !known) problems.push_back(malformed);
  }
  if (problems.empty() && (!record.accepted || elements.empty())) {
    problems.push_back({ProblemCode::VERIFICATION_INCOMPLETE, 0});
  }
  return problems;
}

// The order of the problems, and what follows from them.
void Conclude(Verdict& verdict) {
  std::vector<Problem>& problems = verdict.problems;
  std::stable_sort(problems.begin(), problems.end(), [](const Problem& a, const Problem& b) {
    const int left = KindOf(a.code).precedence;
    const int right = KindOf(b.code).precedence;
    return left != right ? left < right : a.depth > b.depth;
  });
  verdict.error_status = 0;
  for (ChainElement& element : verdict.elements) element.error_status = 0;
  for (const Problem& problem : problems) {
    const std::uint32_t bits = KindOf(problem.code).error_status;
    if (problem.depth < verdict.elements.size()) verdict.elements[problem.depth].error_status |= bits;
    verdict.error_status |= bits;
  }
  if (problems.empty()) return;
  const ProblemKind& gravest = KindOf(problems.front().code);
  verdict.cert_flags = gravest.flag;
  verdict.cert_flags_name = gravest.flag_name;
}

}  // namespace

Verdict JudgePath(const PathRecord& record, std::int64_t valid_until, std::span<const Problem> further,
                  std::span<const CertificatePtr> known) {
  const ErrorQueueGuard guard;
  Verdict verdict;
  verdict.valid_until = valid_until;
  verdict.elements = Elements(record, known);
  verdict.problems = Problems(record, verdict.elements, further);
  Conclude(verdict);
  return verdict;
}

void AddProblem(Verdict& verdict, const Problem& problem) {
  verdict.problems.push_back(problem);
  Conclude(verdict);
}

}  // namespace client_cert
