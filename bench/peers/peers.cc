// What the benchmark compares with that only C can call: OpenSSL's own functions, of the OpenSSL that this Node.js
// brings. Not shipped. Beside them our look-up in a CRL, which JavaScript cannot call alone.
//
// Nothing here is for hostile input: the benchmark makes everything itself.
#include <node_api.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/openssl/owned.h"
#include "core/revocation/crl.h"

namespace {

using client_cert::Bytes;
using client_cert::ByteView;
using client_cert::CrlPtr;
using client_cert::Owned;
using client_cert::OwnedX509;
using client_cert::OwnedX509Stack;
using client_cert::OwnedX509StoreContext;
using OwnedStore = Owned<X509_STORE, X509_STORE_free>;
using OwnedCrl = Owned<X509_CRL, X509_CRL_free>;

ByteView OctetsOf(napi_env env, napi_value value) {
  void* data = nullptr;
  std::size_t size = 0;
  if (napi_get_buffer_info(env, value, &data, &size) != napi_ok) return {};
  return {static_cast<const std::uint8_t*>(data), size};
}

std::vector<ByteView> ListOf(napi_env env, napi_value value) {
  std::uint32_t count = 0;
  napi_get_array_length(env, value, &count);
  std::vector<ByteView> list;
  for (std::uint32_t i = 0; i < count; ++i) {
    napi_value element = nullptr;
    napi_get_element(env, value, i, &element);
    list.push_back(OctetsOf(env, element));
  }
  return list;
}

OwnedX509 Read(ByteView der) {
  const unsigned char* at = der.data();
  return OwnedX509(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
}

napi_value Number(napi_env env, double number) {
  napi_value value = nullptr;
  napi_create_double(env, number, &value);
  return value;
}

template <class T>
napi_value Handle(napi_env env, T* object) {
  napi_value value = nullptr;
  const napi_finalize free = [](napi_env, void* pointer, void*) { delete static_cast<T*>(pointer); };
  napi_create_external(env, object, free, nullptr, &value);
  return value;
}

template <class T>
T& Of(napi_env env, napi_value value) {
  void* object = nullptr;
  napi_get_value_external(env, value, &object);
  return *static_cast<T*>(object);
}

template <std::size_t kCount>
struct Arguments {
  Arguments(napi_env env, napi_callback_info info) {
    std::size_t count = kCount;
    napi_get_cb_info(env, info, &count, values, nullptr, nullptr);
  }
  napi_value operator[](std::size_t i) const { return values[i]; }
  napi_value values[kCount] = {};
};

// store(cas): an X509_STORE with each of them, read by d2i_X509.
napi_value Store(napi_env env, napi_callback_info info) {
  const Arguments<1> arguments(env, info);
  OwnedStore store(X509_STORE_new());
  for (const ByteView der : ListOf(env, arguments[0])) {
    const OwnedX509 ca = Read(der);
    X509_STORE_add_cert(store.get(), ca.get());
  }
  return Handle(env, new OwnedStore(std::move(store)));
}

// verify(store, presented): d2i_X509 of each, the leaf first, then X509_verify_cert for a TLS client; its error, 0 for
// none.
napi_value Verify(napi_env env, napi_callback_info info) {
  const Arguments<2> arguments(env, info);
  const OwnedX509Stack untrusted(sk_X509_new_null());
  OwnedX509 leaf;
  for (const ByteView der : ListOf(env, arguments[1])) {
    OwnedX509 certificate = Read(der);
    if (!leaf) {
      leaf = std::move(certificate);
    } else if (sk_X509_push(untrusted.get(), certificate.get()) != 0) {
      static_cast<void>(certificate.release());
    }
  }
  const OwnedX509StoreContext context(X509_STORE_CTX_new());
  X509_STORE_CTX_init(context.get(), Of<OwnedStore>(env, arguments[0]).get(), leaf.get(), untrusted.get());
  X509_STORE_CTX_set_default(context.get(), "ssl_client");
  const bool is_valid = X509_verify_cert(context.get()) == 1;
  return Number(env, is_valid ? 0 : X509_STORE_CTX_get_error(context.get()));
}

// read(der): d2i_X509, and nothing of it kept.
napi_value ReadOne(napi_env env, napi_callback_info info) {
  const Arguments<1> arguments(env, info);
  return Number(env, Read(OctetsOf(env, arguments[0])) ? 1 : 0);
}

struct Signatures {
  std::vector<OwnedX509> path;
};

// signatures(path): certificates that checkSignatures verifies.
napi_value MakeSignatures(napi_env env, napi_callback_info info) {
  const Arguments<1> arguments(env, info);
  auto signatures = std::make_unique<Signatures>();
  for (const ByteView der : ListOf(env, arguments[0])) signatures->path.push_back(Read(der));
  return Handle(env, signatures.release());
}

// checkSignatures(signatures): how many are by the key of the next one; nothing but the bare verifications.
napi_value CheckSignatures(napi_env env, napi_callback_info info) {
  const Arguments<1> arguments(env, info);
  const auto& path = Of<Signatures>(env, arguments[0]).path;
  int good = 0;
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    if (X509_verify(path[i].get(), X509_get0_pubkey(path[i + 1].get())) == 1) ++good;
  }
  return Number(env, good);
}

double RssNow() {
  Owned<std::FILE, std::fclose> file(std::fopen("/proc/self/statm", "r"));
  long total = 0;
  long resident = 0;
  if (!file || std::fscanf(file.get(), "%ld %ld", &total, &resident) != 2) return 0;
  return static_cast<double>(resident) * 4096;
}

class Stopwatch {
 public:
  double Milliseconds() const {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began_).count();
  }

 private:
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

ASN1_INTEGER* IntegerOf(ByteView serial) {
  BIGNUM* number = BN_bin2bn(serial.data(), static_cast<int>(serial.size()), nullptr);
  ASN1_INTEGER* integer = BN_to_ASN1_INTEGER(number, nullptr);
  BN_free(number);
  return integer;
}

napi_value Loaded(napi_env env, napi_value handle, double milliseconds, double octets, bool found) {
  napi_value value = nullptr;
  napi_create_object(env, &value);
  napi_value is_found = nullptr;
  napi_get_boolean(env, found, &is_found);
  napi_set_named_property(env, value, "crl", handle);
  napi_set_named_property(env, value, "milliseconds", Number(env, milliseconds));
  napi_set_named_property(env, value, "octets", Number(env, octets));
  napi_set_named_property(env, value, "found", is_found);
  return value;
}

// loadTheirCrl(der, serial): d2i_X509_CRL and a first look-up, which sorts.
napi_value LoadTheirCrl(napi_env env, napi_callback_info info) {
  const Arguments<2> arguments(env, info);
  const ByteView der = OctetsOf(env, arguments[0]);
  Owned<ASN1_INTEGER, ASN1_INTEGER_free> serial(IntegerOf(OctetsOf(env, arguments[1])));
  const double before = RssNow();
  const Stopwatch watch;
  const unsigned char* at = der.data();
  auto* crl = new OwnedCrl(d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size())));
  X509_REVOKED* revoked = nullptr;
  const bool found = X509_CRL_get0_by_serial(crl->get(), &revoked, serial.get()) == 1;
  const double milliseconds = watch.Milliseconds();
  return Loaded(env, Handle(env, crl), milliseconds, RssNow() - before, found);
}

// loadOurCrl(der, serial): the same of ours. The octets are copied before: whoever loads a CRL gives them up.
napi_value LoadOurCrl(napi_env env, napi_callback_info info) {
  const Arguments<2> arguments(env, info);
  const ByteView der = OctetsOf(env, arguments[0]);
  const ByteView serial = OctetsOf(env, arguments[1]);
  const double before = RssNow();
  Bytes octets(der.begin(), der.end());
  const Stopwatch watch;
  auto parsed = client_cert::Crl::Parse(std::move(octets));
  if (!parsed) return nullptr;
  const CrlPtr& crl = parsed.value();
  const bool found = crl->Find(serial, crl->issuer()).has_value();
  const double milliseconds = watch.Milliseconds();
  return Loaded(env, Handle(env, new CrlPtr(crl)), milliseconds, RssNow() - before, found);
}

template <class Find>
napi_value LookUpEach(napi_env env, std::size_t count, Find find) {
  std::size_t found = 0;
  const Stopwatch watch;
  for (std::size_t i = 0; i < count; ++i) found += find(i) ? 1u : 0u;
  const double nanoseconds = watch.Milliseconds() * 1e6 / static_cast<double>(count);
  return found == 0 ? nullptr : Number(env, nanoseconds);
}

// lookUpTheirs(crl, serials), lookUpOurs(crl, serials): nanoseconds for each look-up, on average.
napi_value LookUpTheirs(napi_env env, napi_callback_info info) {
  const Arguments<2> arguments(env, info);
  X509_CRL* crl = Of<OwnedCrl>(env, arguments[0]).get();
  std::vector<Owned<ASN1_INTEGER, ASN1_INTEGER_free>> serials;
  for (const ByteView serial : ListOf(env, arguments[1])) serials.emplace_back(IntegerOf(serial));
  return LookUpEach(env, serials.size(), [&](std::size_t i) {
    X509_REVOKED* revoked = nullptr;
    return X509_CRL_get0_by_serial(crl, &revoked, serials[i].get()) == 1;
  });
}

napi_value LookUpOurs(napi_env env, napi_callback_info info) {
  const Arguments<2> arguments(env, info);
  const CrlPtr crl = Of<CrlPtr>(env, arguments[0]);
  const std::vector<ByteView> serials = ListOf(env, arguments[1]);
  return LookUpEach(env, serials.size(),
                    [&](std::size_t i) { return crl->Find(serials[i], crl->issuer()).has_value(); });
}

napi_value Rss(napi_env env, napi_callback_info) { return Number(env, RssNow()); }

napi_value Init(napi_env env, napi_value exports) {
  const auto define = [&](const char* name, napi_callback function) {
    napi_value value = nullptr;
    napi_create_function(env, name, NAPI_AUTO_LENGTH, function, nullptr, &value);
    napi_set_named_property(env, exports, name, value);
  };
  define("store", Store);
  define("verify", Verify);
  define("read", ReadOne);
  define("signatures", MakeSignatures);
  define("checkSignatures", CheckSignatures);
  define("loadTheirCrl", LoadTheirCrl);
  define("loadOurCrl", LoadOurCrl);
  define("lookUpTheirs", LookUpTheirs);
  define("lookUpOurs", LookUpOurs);
  define("rss", Rss);
  return exports;
}

}  // namespace

NAPI_MODULE(NODE_GYP_MODULE_NAME, Init)
