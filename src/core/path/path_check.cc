#include "core/path/path_check.h"

#include <openssl/objects.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <ctime>
#include <utility>

#include "core/openssl/error_queue.h"
#include "core/openssl/kept.h"

namespace client_cert {
namespace {

// What OpenSSL's callbacks are told of the verification that they are asked for.
struct Check {
  const CertificatePath& path;
  std::int64_t at;
  X509_STORE_CTX_verify_fn verify = nullptr;  // OpenSSL's own: signatures, times
};

int CheckIndex() noexcept {
  static std::atomic<int> index = -1;
  return KeepIndex(index, [] { return X509_STORE_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr); });
}

const Check* CheckOf(const X509_STORE_CTX* context) noexcept {
  return static_cast<const Check*>(X509_STORE_CTX_get_ex_data(context, CheckIndex()));
}

// OpenSSL asks which certificates could have issued which, to build a path. It is told of one path only: who follows
// whom in it, and that the last one ends it.
int OnCheckIssued(X509_STORE_CTX* context, X509* subject, X509* issuer) noexcept {
  const Check* check = CheckOf(context);
  if (check == nullptr) return 0;
  const CertificatePath& path = check->path;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i]->x509.get() != subject) continue;
    const std::size_t next = i + 1 < path.size() ? i + 1 : i;
    if (path[next]->x509.get() != issuer) return 0;
    const int error = X509_check_issued(issuer, subject);
    return error == X509_V_OK || error == X509_V_ERR_KEYUSAGE_NO_CERTSIGN ? 1 : 0;
  }
  return 0;
}

int GoOn(int, X509_STORE_CTX*) noexcept { return 1; }

// As OpenSSL compares them. X509_cmp_time says 0 of a time that it cannot read.
bool IsValidAt(const X509* certificate, std::int64_t at) {
  auto moment = static_cast<std::time_t>(at);
  return X509_cmp_time(X509_get0_notBefore(certificate), &moment) < 0 &&
         X509_cmp_time(X509_get0_notAfter(certificate), &moment) > 0;
}

// Whether OpenSSL's own verification would find nothing above the leaf: the same certificates have signed each other in
// a path that it accepted, and all of them are valid at this time.
bool IsVouchedForAboveLeaf(const Check& check, const STACK_OF(X509) * chain) {
  const CertificatePath& path = check.path;
  if (path.size() < 3 || sk_X509_num(chain) != static_cast<int>(path.size())) return false;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (sk_X509_value(chain, static_cast<int>(i)) != path[i]->x509.get()) return false;
    if (i == 0) continue;
    if (!IsValidAt(path[i]->x509.get(), check.at)) return false;
    if (i + 1 < path.size() && !path[i]->vouched_for.Contains(path[i + 1]->fingerprint)) return false;
  }
  return true;
}

// In place of OpenSSL's own step that verifies signatures and times, from the anchor down. That step is what does it
// here, too; but where all is known to be good above the leaf it is shown the leaf and its issuer only. Everything else
// that X509_verify_cert looks at, it looks at on the whole path.
int OnVerify(X509_STORE_CTX* context) noexcept {
  const Check* check = CheckOf(context);
  STACK_OF(X509)* chain = X509_STORE_CTX_get0_chain(context);
  if (check == nullptr || check->verify == nullptr) {
    X509_STORE_CTX_set_error(context, X509_V_ERR_UNSPECIFIED);
    return 0;
  }
  if (!IsVouchedForAboveLeaf(*check, chain)) return check->verify(context);
  std::vector<OwnedX509> above;
  while (sk_X509_num(chain) > 2) above.emplace_back(sk_X509_pop(chain));
  int result = check->verify(context);
  for (; !above.empty(); above.pop_back()) {
    if (sk_X509_push(chain, above.back().get()) == 0) {
      X509_STORE_CTX_set_error(context, X509_V_ERR_OUT_OF_MEM);
      result = 0;
      continue;
    }
    static_cast<void>(above.back().release());
  }
  return result;
}

// Of a path that OpenSSL accepted. Its own chain may end before the path does: what is trusted by itself needs nobody
// above, and nobody's signature on it was looked at.
void RememberSignatures(const CertificatePath& path, const std::vector<OwnedX509>& chain) {
  if (chain.size() != path.size()) return;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (chain[i].get() != path[i]->x509.get()) return;
  }
  for (std::size_t i = 1; i + 1 < path.size(); ++i) path[i]->vouched_for.Add(path[i + 1]->fingerprint);
}

// Holds no certificate: those of the path are given to each verification.
X509_STORE* EmptyStore() {
  static std::atomic<X509_STORE*> store = nullptr;
  return KeepFirst<X509_STORE_free>(store, [] {
    X509_STORE* made = X509_STORE_new();
    if (made != nullptr) X509_STORE_set_check_issued(made, OnCheckIssued);
    return made;
  });
}

bool Append(STACK_OF(X509) * stack, X509* certificate) {
  OwnedX509 shared = Share(certificate);
  if (sk_X509_push(stack, shared.get()) == 0) return false;
  static_cast<void>(shared.release());
  return true;
}

bool AddPolicy(X509_VERIFY_PARAM* parameters, const std::string& oid) {
  Owned<ASN1_OBJECT, ASN1_OBJECT_free> policy(OBJ_txt2obj(oid.c_str(), 1));
  if (!policy || X509_VERIFY_PARAM_add0_policy(parameters, policy.get()) != 1) return false;
  static_cast<void>(policy.release());
  return true;
}

bool SetPolicies(X509_VERIFY_PARAM* parameters, const PathSettings& settings) {
  if (!settings.check_policies) return true;
  const PolicyInputs& policies = settings.policies;
  unsigned long flags = X509_V_FLAG_POLICY_CHECK;
  if (policies.require_explicit) flags |= X509_V_FLAG_EXPLICIT_POLICY;
  if (policies.inhibit_mapping) flags |= X509_V_FLAG_INHIBIT_MAP;
  if (policies.inhibit_any) flags |= X509_V_FLAG_INHIBIT_ANY;
  if (X509_VERIFY_PARAM_set_flags(parameters, flags) != 1) return false;
  // OpenSSL takes an empty set for none at all, once a policy is required.
  static const std::vector<std::string> any_policy = {"2.5.29.32.0"};
  const std::vector<std::string>& initial = policies.initial.empty() ? any_policy : policies.initial;
  return std::ranges::all_of(initial, [&](const std::string& oid) { return AddPolicy(parameters, oid); });
}

bool Prepare(X509_STORE_CTX* context, Check& check, const PathSettings& settings, STACK_OF(X509) * untrusted,
             STACK_OF(X509) * trusted) {
  if (X509_STORE_CTX_init(context, EmptyStore(), check.path.front()->x509.get(), untrusted) != 1) return false;
  X509_STORE_CTX_set0_trusted_stack(context, trusted);
  if (X509_STORE_CTX_set_ex_data(context, CheckIndex(), &check) != 1) return false;
  check.verify = X509_STORE_CTX_get_verify(context);
  X509_STORE_CTX_set_verify(context, OnVerify);
  X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context);
  X509_VERIFY_PARAM_set_auth_level(parameters, settings.security_level);
  X509_VERIFY_PARAM_set_depth(parameters, settings.max_intermediates);
  X509_VERIFY_PARAM_set_time(parameters, static_cast<std::time_t>(check.at));
  unsigned long flags = X509_V_FLAG_TRUSTED_FIRST;
  if (settings.allow_partial_chain) flags |= X509_V_FLAG_PARTIAL_CHAIN;
  if (settings.strict) flags |= X509_V_FLAG_X509_STRICT;
  if (X509_VERIFY_PARAM_set_flags(parameters, flags) != 1 || !SetPolicies(parameters, settings)) return false;
  if (settings.purpose != 0 && X509_STORE_CTX_set_purpose(context, settings.purpose) != 1) return false;
  X509_STORE_CTX_set_verify_cb(context, GoOn);
  return true;
}

std::string TextOf(const ASN1_OBJECT* oid) {
  std::array<char, 512> text{};
  const int length = OBJ_obj2txt(text.data(), static_cast<int>(text.size()), oid, 1);
  return length > 0 && static_cast<std::size_t>(length) < text.size() ? std::string(text.data()) : std::string();
}

std::vector<std::string> UserPolicies(X509_STORE_CTX* context) {
  std::vector<std::string> policies;
  const X509_POLICY_TREE* tree = X509_STORE_CTX_get0_policy_tree(context);
  const STACK_OF(X509_POLICY_NODE)* nodes = X509_policy_tree_get0_user_policies(tree);
  const int count = tree == nullptr || nodes == nullptr ? 0 : sk_X509_POLICY_NODE_num(nodes);
  for (int i = 0; i < count; ++i) {
    std::string policy = TextOf(X509_policy_node_get0_policy(sk_X509_POLICY_NODE_value(nodes, i)));
    if (!policy.empty()) policies.push_back(std::move(policy));
  }
  std::ranges::sort(policies);
  return policies;
}

PathRecord NotChecked(const CertificatePath& path, std::int64_t at) {
  PathRecord record;
  record.faults.push_back({X509_V_ERR_UNSPECIFIED, 0});
  for (const CertificatePtr& certificate : path) record.path.push_back(Share(certificate->x509.get()));
  record.verified_at = at;
  return record;
}

}  // namespace

PathRecord CheckPath(const CertificatePath& path, const TrustStore& trust, const PathSettings& settings,
                     std::int64_t at, std::vector<std::string>* policies) {
  const ErrorQueueGuard guard;
  const OwnedX509Stack untrusted(sk_X509_new_null());
  const OwnedX509Stack trusted(sk_X509_new_null());
  const OwnedX509StoreContext context(X509_STORE_CTX_new());
  if (path.empty() || !untrusted || !trusted || !context || EmptyStore() == nullptr) return NotChecked(path, at);
  for (const CertificatePtr& certificate : path) {
    STACK_OF(X509)* stack = trust.trusted.Contains(*certificate) ? trusted.get() : untrusted.get();
    if (!Append(stack, certificate->x509.get())) return NotChecked(path, at);
  }
  Check check{path, at};
  if (!Prepare(context.get(), check, settings, untrusted.get(), trusted.get())) return NotChecked(path, at);
  PathRecord record;
  record.purpose = settings.purpose;
  Observe(context.get(), at, record);
  record.presented.clear();
  if (record.accepted) RememberSignatures(path, record.path);
  if (policies != nullptr && record.accepted && settings.check_policies) *policies = UserPolicies(context.get());
  return record;
}

bool IsSignedBy(const KnownCertificate& certificate, const KnownCertificate& issuer) {
  const ErrorQueueGuard guard;
  EVP_PKEY* key = X509_get0_pubkey(issuer.x509.get());
  return key != nullptr && X509_verify(certificate.x509.get(), key) == 1;
}

}  // namespace client_cert
