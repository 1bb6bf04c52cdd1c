#include "core/tls/signature_scheme.h"

#include <openssl/ssl.h>

#include <array>
#include <string_view>

namespace client_cert {
namespace {

struct Known {
  int type;
  int digest;
  std::uint16_t scheme;
};

constexpr std::array kSchemes{
    Known{EVP_PKEY_RSA, NID_sha1, 0x0201},       Known{EVP_PKEY_DSA, NID_sha1, 0x0202},
    Known{EVP_PKEY_EC, NID_sha1, 0x0203},        Known{EVP_PKEY_RSA, NID_sha224, 0x0301},
    Known{EVP_PKEY_DSA, NID_sha224, 0x0302},     Known{EVP_PKEY_EC, NID_sha224, 0x0303},
    Known{EVP_PKEY_RSA, NID_sha256, 0x0401},     Known{EVP_PKEY_DSA, NID_sha256, 0x0402},
    Known{EVP_PKEY_EC, NID_sha256, 0x0403},      Known{EVP_PKEY_RSA, NID_sha384, 0x0501},
    Known{EVP_PKEY_EC, NID_sha384, 0x0503},      Known{EVP_PKEY_RSA, NID_sha512, 0x0601},
    Known{EVP_PKEY_EC, NID_sha512, 0x0603},      Known{EVP_PKEY_RSA_PSS, NID_sha256, 0x0804},
    Known{EVP_PKEY_RSA_PSS, NID_sha384, 0x0805}, Known{EVP_PKEY_RSA_PSS, NID_sha512, 0x0806},
    Known{EVP_PKEY_ED25519, NID_undef, 0x0807},  Known{EVP_PKEY_ED448, NID_undef, 0x0808},
};
constexpr std::uint16_t kFromRsaeToPss = 0x0809 - 0x0804;  // of keys that are for RSASSA-PSS only

// RFC 8734: in TLS 1.3 they have schemes of their own.
struct Brainpool {
  std::string_view group;
  int digest;
  std::uint16_t scheme;
};
constexpr std::array kBrainpool{
    Brainpool{"brainpoolP256r1", NID_sha256, 0x081a},
    Brainpool{"brainpoolP384r1", NID_sha384, 0x081b},
    Brainpool{"brainpoolP512r1", NID_sha512, 0x081c},
};

std::optional<std::uint16_t> BrainpoolSchemeOf(const HandshakeSignature& signature, const EVP_PKEY* key) {
  constexpr std::size_t kLongestName = 64;
  std::array<char, kLongestName> name{};
  std::size_t length = 0;
  if (signature.version != TLS1_3_VERSION || signature.type != EVP_PKEY_EC) return std::nullopt;
  if (EVP_PKEY_get_group_name(key, name.data(), name.size(), &length) != 1) return std::nullopt;
  for (const Brainpool& known : kBrainpool) {
    if (known.group == name.data() && known.digest == signature.digest) return known.scheme;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::uint16_t> SignatureSchemeOf(const HandshakeSignature& signature, const EVP_PKEY* key) {
  if (key == nullptr) return std::nullopt;
  if (const auto scheme = BrainpoolSchemeOf(signature, key)) return scheme;
  for (const Known& known : kSchemes) {
    if (known.type != signature.type || known.digest != signature.digest) continue;
    const bool is_for_pss_only = known.type == EVP_PKEY_RSA_PSS && EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA_PSS;
    return static_cast<std::uint16_t>(is_for_pss_only ? known.scheme + kFromRsaeToPss : known.scheme);
  }
  return std::nullopt;
}

}  // namespace client_cert
