// A provider with a library context of its own, so that nobody else in the process ever meets it. OpenSSL signs with
// the provider that a key comes from wherever that does not give the key away (provider-keymgmt(7): no export
// function).
#include "core/openssl/remote_key.h"

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/provider.h>

#include <algorithm>
#include <new>
#include <string>
#include <utility>

namespace client_cert {
namespace {

using PreparedPtr = std::shared_ptr<const PreparedSignature>;
using OwnedKeyContext = Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using OwnedDigestContext = Owned<EVP_MD_CTX, EVP_MD_CTX_free>;
using Function = void (*)();

constexpr const char* kProvider = "client-cert-info";
constexpr const char* kProperties = "provider=client-cert-info";
constexpr const char* kPrepared = "client-cert-info-prepared";  // of a key: where its PreparedPtr is

// The public half is OpenSSL's own; all that is asked about the key is asked of that.
struct KeyData {
  std::string algorithm;
  OwnedKey public_key;
  PreparedPtr prepared;
};

template <class T>
Function AsFunction(T* function) noexcept {
  return reinterpret_cast<Function>(function);
}

// ---- keys ----

template <const char* Algorithm>
void* NewKey(void*) noexcept {
  auto* key = new (std::nothrow) KeyData;
  if (key != nullptr) key->algorithm = Algorithm;
  return key;
}

void FreeKey(void* key) noexcept { delete static_cast<KeyData*>(key); }  // NOLINT(cppcoreguidelines-owning-memory)

int HasPart(const void* data, int selection) noexcept {
  const auto* key = static_cast<const KeyData*>(data);
  if (key == nullptr || !key->public_key) return 0;
  return (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) == 0 || key->prepared ? 1 : 0;
}

int MatchKeys(const void* one, const void* other, int) noexcept {
  const auto* a = static_cast<const KeyData*>(one);
  const auto* b = static_cast<const KeyData*>(other);
  return a->public_key && b->public_key && EVP_PKEY_eq(a->public_key.get(), b->public_key.get()) == 1 ? 1 : 0;
}

int ImportKey(void* data, int, const OSSL_PARAM parameters[]) noexcept {
  auto* key = static_cast<KeyData*>(data);
  const OwnedKeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, key->algorithm.c_str(), nullptr));
  EVP_PKEY* public_key = nullptr;
  if (!context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &public_key, EVP_PKEY_PUBLIC_KEY, const_cast<OSSL_PARAM*>(parameters)) != 1) {
    return 0;
  }
  key->public_key.reset(public_key);
  const OSSL_PARAM* prepared = OSSL_PARAM_locate_const(parameters, kPrepared);
  const void* where = nullptr;
  if (prepared != nullptr && OSSL_PARAM_get_octet_ptr(prepared, &where, nullptr) == 1) {
    key->prepared = *static_cast<const PreparedPtr*>(where);
  }
  return 1;
}

// What EVP_PKEY_fromdata would take, which nobody asks for.
const OSSL_PARAM* ImportedParameters(int) noexcept {
  static const OSSL_PARAM kNone[] = {OSSL_PARAM_END};
  return kNone;
}

int GetKeyParameters(void* data, OSSL_PARAM parameters[]) noexcept {
  const auto* key = static_cast<const KeyData*>(data);
  return key->public_key ? EVP_PKEY_get_params(key->public_key.get(), parameters) : 0;
}

const OSSL_PARAM* GettableKeyParameters(void*) noexcept {
  static const OSSL_PARAM kParameters[] = {
      OSSL_PARAM_int(OSSL_PKEY_PARAM_BITS, nullptr),
      OSSL_PARAM_int(OSSL_PKEY_PARAM_SECURITY_BITS, nullptr),
      OSSL_PARAM_int(OSSL_PKEY_PARAM_MAX_SIZE, nullptr),
      OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, nullptr, 0),
      OSSL_PARAM_END,
  };
  return kParameters;
}

const char* SignatureOfCurves(int) noexcept { return "ECDSA"; }
const char* SignatureOfRsa(int) noexcept { return "RSA"; }

// ---- signatures ----

struct SigningData {
  PreparedPtr prepared;
};

void* NewSigning(void*, const char*) noexcept { return new (std::nothrow) SigningData; }

void FreeSigning(void* signing) noexcept {
  delete static_cast<SigningData*>(signing);  // NOLINT(cppcoreguidelines-owning-memory)
}

void* CopySigning(void* signing) noexcept {
  return new (std::nothrow) SigningData(*static_cast<SigningData*>(signing));
}

// RFC 8446 section 4.2.3: no older ones are made for others to sign. Null or empty: EdDSA.
bool IsKnownDigest(const char* name) noexcept {
  if (name == nullptr || *name == '\0') return true;
  const EVP_MD* digest = EVP_get_digestbyname(name);
  const int type = digest == nullptr ? NID_undef : EVP_MD_get_type(digest);
  return type == NID_sha256 || type == NID_sha384 || type == NID_sha512;
}

// Keys for RSASSA-PSS may be for one digest only (RFC 4055 section 3.1).
bool TakesDigest(EVP_PKEY* public_key, const char* name) noexcept {
  const OwnedDigestContext context(EVP_MD_CTX_new());
  return context && EVP_DigestVerifyInit_ex(context.get(), nullptr, name, nullptr, nullptr, public_key, nullptr) == 1;
}

// OpenSSL also asks like this which of the signatures that the other end takes the key can make.
int BeginSigning(void* signing, const char* digest, void* data, const OSSL_PARAM[]) noexcept {
  const auto* key = static_cast<const KeyData*>(data);
  if (key == nullptr || !key->prepared || !IsKnownDigest(digest) || !TakesDigest(key->public_key.get(), digest)) {
    return 0;
  }
  static_cast<SigningData*>(signing)->prepared = key->prepared;
  return 1;
}

int Sign(void* signing, unsigned char* signature, std::size_t* length, std::size_t room, const unsigned char* data,
         std::size_t data_length) noexcept {
  const PreparedPtr& prepared = static_cast<SigningData*>(signing)->prepared;
  if (!prepared || prepared->signature.empty() || !std::ranges::equal(prepared->data, ByteView(data, data_length))) {
    return 0;
  }
  *length = prepared->signature.size();
  if (signature == nullptr) return 1;
  if (room < *length) return 0;
  std::ranges::copy(prepared->signature, signature);
  return 1;
}

// Digest and padding are those that the signature was made with: whoever prepared it has asked OpenSSL for them.
int SetSigningParameters(void*, const OSSL_PARAM[]) noexcept { return 1; }

const OSSL_PARAM* SettableSigningParameters(void*, void*) noexcept {
  static const OSSL_PARAM kParameters[] = {
      OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST, nullptr, 0),
      OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PAD_MODE, nullptr, 0),
      OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, nullptr, 0),
      OSSL_PARAM_END,
  };
  return kParameters;
}

// ---- the provider ----

constexpr char kRsa[] = "RSA";
constexpr char kRsaPss[] = "RSA-PSS";
constexpr char kEc[] = "EC";
constexpr char kEd25519[] = "ED25519";
constexpr char kEd448[] = "ED448";

template <const char* Algorithm>
const OSSL_DISPATCH* KeysOf(const char* (*signature_name)(int)) noexcept {
  static const OSSL_DISPATCH kFunctions[] = {
      {OSSL_FUNC_KEYMGMT_NEW, AsFunction(NewKey<Algorithm>)},
      {OSSL_FUNC_KEYMGMT_FREE, AsFunction(FreeKey)},
      {OSSL_FUNC_KEYMGMT_HAS, AsFunction(HasPart)},
      {OSSL_FUNC_KEYMGMT_MATCH, AsFunction(MatchKeys)},
      {OSSL_FUNC_KEYMGMT_IMPORT, AsFunction(ImportKey)},
      {OSSL_FUNC_KEYMGMT_IMPORT_TYPES, AsFunction(ImportedParameters)},
      {OSSL_FUNC_KEYMGMT_GET_PARAMS, AsFunction(GetKeyParameters)},
      {OSSL_FUNC_KEYMGMT_GETTABLE_PARAMS, AsFunction(GettableKeyParameters)},
      signature_name == nullptr ? OSSL_DISPATCH{0, nullptr}
                                : OSSL_DISPATCH{OSSL_FUNC_KEYMGMT_QUERY_OPERATION_NAME, AsFunction(signature_name)},
      {0, nullptr},
  };
  return kFunctions;
}

const OSSL_ALGORITHM* Algorithms(void*, int operation, int* no_cache) noexcept {
  static const OSSL_ALGORITHM kKeys[] = {
      {"RSA:rsaEncryption", kProperties, KeysOf<kRsa>(SignatureOfRsa), nullptr},
      {"RSA-PSS:RSASSA-PSS", kProperties, KeysOf<kRsaPss>(SignatureOfRsa), nullptr},
      {"EC:id-ecPublicKey", kProperties, KeysOf<kEc>(SignatureOfCurves), nullptr},
      {"ED25519", kProperties, KeysOf<kEd25519>(nullptr), nullptr},
      {"ED448", kProperties, KeysOf<kEd448>(nullptr), nullptr},
      {nullptr, nullptr, nullptr, nullptr},
  };
  static const OSSL_DISPATCH kSigning[] = {
      {OSSL_FUNC_SIGNATURE_NEWCTX, AsFunction(NewSigning)},
      {OSSL_FUNC_SIGNATURE_FREECTX, AsFunction(FreeSigning)},
      {OSSL_FUNC_SIGNATURE_DUPCTX, AsFunction(CopySigning)},
      {OSSL_FUNC_SIGNATURE_DIGEST_SIGN_INIT, AsFunction(BeginSigning)},
      {OSSL_FUNC_SIGNATURE_DIGEST_SIGN, AsFunction(Sign)},
      {OSSL_FUNC_SIGNATURE_SET_CTX_PARAMS, AsFunction(SetSigningParameters)},
      {OSSL_FUNC_SIGNATURE_SETTABLE_CTX_PARAMS, AsFunction(SettableSigningParameters)},
      {0, nullptr},
  };
  static const OSSL_ALGORITHM kSignatures[] = {
      {"RSA:rsaEncryption", kProperties, kSigning, nullptr},
      {"ECDSA", kProperties, kSigning, nullptr},
      {"ED25519", kProperties, kSigning, nullptr},
      {"ED448", kProperties, kSigning, nullptr},
      {nullptr, nullptr, nullptr, nullptr},
  };
  *no_cache = 0;
  if (operation == OSSL_OP_KEYMGMT) return kKeys;
  return operation == OSSL_OP_SIGNATURE ? kSignatures : nullptr;
}

int BeginProvider(const OSSL_CORE_HANDLE* handle, const OSSL_DISPATCH*, const OSSL_DISPATCH** functions,
                  void** context) noexcept {
  static const OSSL_DISPATCH kFunctions[] = {
      {OSSL_FUNC_PROVIDER_QUERY_OPERATION, AsFunction(Algorithms)},
      {0, nullptr},
  };
  *functions = kFunctions;
  *context = const_cast<OSSL_CORE_HANDLE*>(handle);
  return 1;
}

// As long as the process: keys may be held by connections that are closed after everything else.
OSSL_LIB_CTX* LibraryContext() noexcept {
  static OSSL_LIB_CTX* const kContext = []() -> OSSL_LIB_CTX* {
    OSSL_LIB_CTX* context = OSSL_LIB_CTX_new();
    if (context == nullptr) return nullptr;
    if (OSSL_PROVIDER_add_builtin(context, kProvider, BeginProvider) == 1 &&
        OSSL_PROVIDER_load(context, kProvider) != nullptr) {
      return context;
    }
    OSSL_LIB_CTX_free(context);
    return nullptr;
  }();
  return kContext;
}

const char* AlgorithmOf(const EVP_PKEY* key) noexcept {
  for (const char* algorithm : {kRsa, kRsaPss, kEc, kEd25519, kEd448}) {
    if (EVP_PKEY_is_a(key, algorithm) == 1) return algorithm;
  }
  return nullptr;
}

}  // namespace

OwnedKey RemoteKey(EVP_PKEY* public_key, const PreparedPtr& prepared) noexcept {
  const char* algorithm = AlgorithmOf(public_key);
  OSSL_LIB_CTX* library = LibraryContext();
  if (algorithm == nullptr || library == nullptr) return nullptr;
  OSSL_PARAM* exported = nullptr;
  if (EVP_PKEY_todata(public_key, EVP_PKEY_PUBLIC_KEY, &exported) != 1) return nullptr;
  const Owned<OSSL_PARAM, OSSL_PARAM_free> of_public_key(exported);
  const void* where = &prepared;
  const OSSL_PARAM own[] = {
      OSSL_PARAM_construct_octet_ptr(kPrepared, const_cast<void**>(&where), sizeof(PreparedPtr)),
      OSSL_PARAM_construct_end(),
  };
  const Owned<OSSL_PARAM, OSSL_PARAM_free> parameters(OSSL_PARAM_merge(exported, own));
  const OwnedKeyContext context(EVP_PKEY_CTX_new_from_name(library, algorithm, nullptr));
  EVP_PKEY* key = nullptr;
  if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, parameters.get()) != 1) {
    return nullptr;
  }
  return OwnedKey(key);
}

}  // namespace client_cert
