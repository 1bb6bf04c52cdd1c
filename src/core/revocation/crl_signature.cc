#include "core/revocation/crl_signature.h"

#include <openssl/asn1t.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>

#include "core/base/budget.h"
#include "core/openssl/error_queue.h"
#include "core/openssl/owned.h"

namespace client_cert {
namespace {

using OwnedAlgorithm = Owned<X509_ALGOR, X509_ALGOR_free>;
using OwnedKeyContext = Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using OwnedString = Owned<ASN1_STRING, ASN1_STRING_free>;

// As OpenSSL counts the strength of a signature's digest (X509_get_signature_info): half of its size, but for those
// that are broken.
constexpr int kSha1Bits = 63;
// Where an algorithm has no digest of its own (EdDSA), the key says how strong it is, and path verification asks for
// that.
constexpr int kNoDigestBits = 256;

int SecurityBits(const EVP_MD* digest) {
  if (digest == nullptr) return kNoDigestBits;
  switch (EVP_MD_get_type(digest)) {
    case NID_sha1:
      return kSha1Bits;
    case NID_md2:
    case NID_md4:
    case NID_md5:
    case NID_md5_sha1:
    case NID_mdc2:
      return 0;
    default:
      return EVP_MD_get_size(digest) * 4;
  }
}

// SSL_CTX_set_security_level
int BitsOfLevel(int level) {
  constexpr std::array kBits{0, 80, 112, 128, 192, 256};
  return kBits[static_cast<std::size_t>(std::clamp(level, 0, static_cast<int>(kBits.size()) - 1))];
}

OwnedAlgorithm DecodeAlgorithm(ByteView der) {
  const unsigned char* at = der.data();
  return OwnedAlgorithm(d2i_X509_ALGOR(nullptr, &at, static_cast<long>(der.size())));
}

OwnedString MakeString(int type, ByteView octets) {
  OwnedString string(ASN1_STRING_type_new(type));
  if (!string || ASN1_STRING_set(string.get(), octets.data(), static_cast<int>(octets.size())) != 1) return nullptr;
  return string;
}

Bytes Copy(ByteView octets) { return {octets.begin(), octets.end()}; }

}  // namespace

void CrlSignature::SetSigned(ByteView tbs_cert_list, const AlgorithmIdentifier& algorithm) {
  const ErrorQueueGuard guard;
  algorithm_ = Copy(algorithm.der);
  // Once more: there may have been no memory.
  if (!Hash(tbs_cert_list, algorithm)) Hash(tbs_cert_list, algorithm);
}

bool CrlSignature::Hash(ByteView tbs_cert_list, const AlgorithmIdentifier& algorithm) {
  const OwnedAlgorithm decoded = DecodeAlgorithm(algorithm.der);
  const ASN1_OBJECT* oid = nullptr;
  if (decoded) X509_ALGOR_get0(&oid, nullptr, nullptr, decoded.get());
  // Nobody can verify what OpenSSL does not know.
  if (oid == nullptr || OBJ_find_sigid_algs(OBJ_obj2nid(oid), &digest_nid_, &key_nid_) != 1) {
    return false;
  }
  if (digest_nid_ == NID_undef) {
    message_ = Copy(tbs_cert_list);
    return true;
  }
  const EVP_MD* digest = EVP_get_digestbynid(digest_nid_);
  unsigned size = 0;
  digest_.resize(EVP_MAX_MD_SIZE);
  const bool is_hashed = digest != nullptr && EVP_Digest(tbs_cert_list.data(), tbs_cert_list.size(), digest_.data(),
                                                         &size, digest, nullptr) == 1;
  digest_.resize(is_hashed ? size : 0);
  return is_hashed;
}

std::optional<bool> CrlSignature::Remembered(const Sha256& spki, int security_level) const {
  const std::lock_guard lock(mutex_);
  const auto known = std::ranges::find(outcomes_, spki, &Outcome::spki);
  if (known == outcomes_.end()) return std::nullopt;
  return IsStrong(*known, security_level);
}

bool CrlSignature::Verify(const KnownCertificate& signer, int security_level) const {
  const ErrorQueueGuard guard;
  EVP_PKEY* key = X509_get0_pubkey(signer.x509.get());
  if (key == nullptr || signature_.empty()) return false;
  // Not under the lock: another thread would wait for a signature that it may not need.
  Outcome outcome = message_.empty() ? VerifyDigest(key) : VerifyMessage(key);
  outcome.spki = signer.spki;
  const bool is_strong = IsStrong(outcome, security_level);
  // That it was not may be for lack of memory, and a CRL stays for long.
  if (!outcome.verified) return false;
  const std::lock_guard lock(mutex_);
  if (std::ranges::find(outcomes_, outcome.spki, &Outcome::spki) == outcomes_.end()) {
    if (outcomes_.size() == budget::kRememberedCrlSigners) outcomes_.erase(outcomes_.begin());
    outcomes_.push_back(outcome);
  }
  return is_strong;
}

bool CrlSignature::IsStrong(const Outcome& outcome, int security_level) {
  return outcome.verified && outcome.digest_bits >= std::max(BitsOfLevel(security_level), kSha1Bits);
}

CrlSignature::Outcome CrlSignature::VerifyDigest(EVP_PKEY* key) const {
  Outcome outcome;
  const EVP_MD* digest = digest_nid_ == NID_undef ? nullptr : EVP_get_digestbynid(digest_nid_);
  // As ASN1_item_verify: the key is of the algorithm's kind.
  if (digest == nullptr || digest_.empty() || EVP_PKEY_get_base_id(key) != EVP_PKEY_type(key_nid_)) return outcome;
  const OwnedKeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  if (!context || EVP_PKEY_verify_init(context.get()) != 1 ||
      EVP_PKEY_CTX_set_signature_md(context.get(), digest) != 1) {
    return outcome;
  }
  outcome.verified =
      EVP_PKEY_verify(context.get(), signature_.data(), signature_.size(), digest_.data(), digest_.size()) == 1;
  outcome.digest_bits = SecurityBits(digest);
  return outcome;
}

CrlSignature::Outcome CrlSignature::VerifyMessage(EVP_PKEY* key) const {
  Outcome outcome;
  const OwnedAlgorithm algorithm = DecodeAlgorithm(algorithm_);
  const OwnedString signature = MakeString(V_ASN1_BIT_STRING, signature_);
  // To ASN1_SEQUENCE the octets of a SEQUENCE are itself: what is verified is what was decoded.
  const OwnedString content = MakeString(V_ASN1_SEQUENCE, message_);
  const OwnedKeyContext key_context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  const Owned<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
  if (!algorithm || !signature || !content || !key_context || !context) return outcome;
  EVP_MD_CTX_set_pkey_ctx(context.get(), key_context.get());
  outcome.verified = ASN1_item_verify_ctx(ASN1_ITEM_rptr(ASN1_SEQUENCE), algorithm.get(), signature.get(),
                                          content.get(), context.get()) == 1;
  // Known only now that OpenSSL has read the parameters.
  if (outcome.verified) outcome.digest_bits = SecurityBits(EVP_MD_CTX_get0_md(context.get()));
  return outcome;
}

std::size_t CrlSignature::footprint() const {
  return algorithm_.capacity() + signature_.capacity() + digest_.capacity() + message_.capacity();
}

}  // namespace client_cert
