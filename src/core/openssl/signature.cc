#include "core/openssl/signature.h"

#include <openssl/asn1t.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>

#include "core/openssl/error_queue.h"
#include "core/openssl/owned.h"

namespace client_cert {
namespace {

using OwnedString = Owned<ASN1_STRING, ASN1_STRING_free>;

// As OpenSSL counts the strength of a signature's digest (X509_get_signature_info): half of its size, but for those
// that are broken.
constexpr int kSha1Bits = 63;
constexpr int kBroken = 0;

int SecurityBits(const EVP_MD* digest) {
  switch (EVP_MD_get_type(digest)) {
    case NID_sha1:
      return kSha1Bits;
    case NID_md2:
    case NID_md4:
    case NID_md5:
    case NID_md5_sha1:
    case NID_mdc2:
      return kBroken;
    default:
      return EVP_MD_get_size(digest) * 4;
  }
}

// SSL_CTX_set_security_level
int BitsOfLevel(int level) {
  constexpr std::array kBits{0, 80, 112, 128, 192, 256};
  return kBits[static_cast<std::size_t>(std::clamp(level, 0, static_cast<int>(kBits.size()) - 1))];
}

OwnedString MakeString(int type, ByteView octets) {
  OwnedString string(ASN1_STRING_type_new(type));
  if (!string || ASN1_STRING_set(string.get(), octets.data(), static_cast<int>(octets.size())) != 1) return nullptr;
  return string;
}

}  // namespace

std::optional<SignatureStrength> VerifySignature(ByteView algorithm, ByteView signature, ByteView content,
                                                 EVP_PKEY* key) {
  const ErrorQueueGuard guard;
  if (key == nullptr) return std::nullopt;
  const unsigned char* at = algorithm.data();
  const Owned<X509_ALGOR, X509_ALGOR_free> identifier(
      d2i_X509_ALGOR(nullptr, &at, static_cast<long>(algorithm.size())));
  const OwnedString bits = MakeString(V_ASN1_BIT_STRING, signature);
  // To ASN1_SEQUENCE the octets of a SEQUENCE are itself: what is verified is what was decoded, not OpenSSL's encoding
  // of what it would have read.
  const OwnedString sequence = MakeString(V_ASN1_SEQUENCE, content);
  const Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free> key_context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  const Owned<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
  if (!identifier || !bits || !sequence || !key_context || !context) return std::nullopt;
  EVP_MD_CTX_set_pkey_ctx(context.get(), key_context.get());
  if (ASN1_item_verify_ctx(ASN1_ITEM_rptr(ASN1_SEQUENCE), identifier.get(), bits.get(), sequence.get(),
                           context.get()) != 1) {
    return std::nullopt;
  }
  SignatureStrength strength;
  strength.key = EVP_PKEY_get_security_bits(key);
  // Asked afterwards, because only then OpenSSL has read the digest out of any kind of AlgorithmIdentifier (RSASSA-PSS
  // has it in its parameters).
  const EVP_MD* digest = EVP_MD_CTX_get0_md(context.get());
  strength.digest = digest == nullptr ? strength.key : SecurityBits(digest);
  return strength;
}

bool IsStrongEnough(const SignatureStrength& strength, int security_level) {
  const int bits = BitsOfLevel(security_level);
  return strength.key >= bits && strength.digest >= std::max(bits, kSha1Bits);
}

}  // namespace client_cert
