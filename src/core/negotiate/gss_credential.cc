#include "core/negotiate/gss_credential.h"

#include <algorithm>
#include <span>

namespace client_cert {
namespace {

using Store = std::vector<std::pair<std::string, std::string>>;

// Borrows from the store.
std::vector<gss::KeyValue> ElementsOf(const Store& store) {
  std::vector<gss::KeyValue> elements;
  elements.reserve(store.size());
  for (const auto& [key, value] : store) elements.push_back({key.c_str(), value.c_str()});
  return elements;
}

gss::KeyValueSet SetOf(std::vector<gss::KeyValue>& elements) {
  return {static_cast<std::uint32_t>(elements.size()), elements.data()};
}

bool Has(const gss::OidSet* set, Mechanism mechanism) {
  if (set == nullptr) return false;
  return std::ranges::any_of(std::span(set->elements, set->count),
                             [&](const gss::Oid& oid) { return MechanismOf(&oid) == mechanism; });
}

std::vector<Mechanism> InnerMechanisms(const AcceptorSettings& settings) {
  std::vector<Mechanism> inner;
  if (settings.is_kerberos) inner.push_back(Mechanism::kKerberos);
  if (settings.is_ntlm) inner.push_back(Mechanism::kNtlm);
  return inner;
}

std::vector<gss::Oid> OidsOf(const std::vector<Mechanism>& mechanisms) {
  std::vector<gss::Oid> oids;
  oids.reserve(mechanisms.size());
  for (const Mechanism mechanism : mechanisms) oids.push_back(OidOf(mechanism));
  return oids;
}

const char* PackageOf(Mechanism mechanism) {
  return mechanism == Mechanism::kNtlm ? "the NTLM mechanism of GSSAPI (gss-ntlmssp)" : "a mechanism of GSSAPI";
}

std::optional<GssMissing> MissingMechanism(const GssapiLibrary& library, const std::vector<Mechanism>& wanted) {
  OwnedOidSet there(library);
  gss::Status minor = 0;
  library.indicate_mechs(&minor, there.Put());
  const auto missing = std::ranges::find_if(wanted, [&](Mechanism one) { return !Has(there.get(), one); });
  if (missing == wanted.end()) return std::nullopt;
  return GssMissing{PackageOf(*missing)};
}

}  // namespace

std::optional<CredentialFacts> GssCredential::Describe() const {
  OwnedName name(*library_);
  std::uint32_t lifetime = 0;
  gss::Status minor = 0;
  if (gss::IsError(library_->inquire_cred(&minor, get(), name.Put(), &lifetime, nullptr, nullptr))) return std::nullopt;
  OwnedBuffer text(*library_);
  if (gss::IsError(library_->display_name(&minor, name.get(), text.Put(), nullptr))) return std::nullopt;
  return CredentialFacts{text.Text(), lifetime};
}

std::optional<GssFailure> GssCredential::StoreInto(const Store& store) const {
  std::vector<gss::KeyValue> elements = ElementsOf(store);
  const gss::KeyValueSet set = SetOf(elements);
  gss::Status minor = 0;
  gss::Oid& kerberos = OidOf(Mechanism::kKerberos);
  const gss::Status major =
      library_->store_cred_into(&minor, get(), gss::kInitiateOnly, &kerberos, 1, 1, &set, nullptr, nullptr);
  if (gss::IsError(major)) return FailureOf(*library_, major, minor, &kerberos);
  return std::nullopt;
}

std::variant<GssCredentialPtr, GssMissing, GssFailure> AcquireAcceptor(const AcceptorSettings& settings) {
  std::string missing;
  const GssapiLibrary* const library = FindGssapi(missing);
  if (library == nullptr) return GssMissing{missing};

  const std::vector<Mechanism> inner = InnerMechanisms(settings);
  std::vector<Mechanism> all = inner;
  if (settings.is_spnego) all.push_back(Mechanism::kSpnego);
  if (auto absent = MissingMechanism(*library, all)) return *std::move(absent);

  OwnedName name(*library);
  gss::Status minor = 0;
  if (!settings.service.empty()) {
    std::string service = settings.service;
    gss::Buffer text{service.size(), service.data()};
    const gss::Status major = library->import_name(&minor, &text, &HostBasedService(), name.Put());
    if (gss::IsError(major)) return FailureOf(*library, major, minor, nullptr);
  }

  std::vector<gss::KeyValue> elements = ElementsOf(settings.store);
  const gss::KeyValueSet store = SetOf(elements);
  std::vector<gss::Oid> oids = OidsOf(all);
  gss::OidSet wanted{oids.size(), oids.data()};
  OwnedCredential credential(*library);
  OwnedOidSet got(*library);
  gss::Status major =
      library->acquire_cred_from(&minor, name.get(), gss::kIndefinite, &wanted, gss::kAcceptOnly,
                                 elements.empty() ? nullptr : &store, credential.Put(), got.Put(), nullptr);
  if (gss::IsError(major)) return FailureOf(*library, major, minor, &OidOf(all.front()));
  // It succeeds where one of them could be had: the other is asked for by itself, to be told why.
  for (const Mechanism one : all) {
    if (Has(got.get(), one)) continue;
    gss::OidSet alone{1, &OidOf(one)};
    OwnedCredential none(*library);
    major = library->acquire_cred_from(&minor, name.get(), gss::kIndefinite, &alone, gss::kAcceptOnly,
                                       elements.empty() ? nullptr : &store, none.Put(), nullptr, nullptr);
    return FailureOf(*library, gss::IsError(major) ? major : gss::kNoCredential, minor, &OidOf(one));
  }
  if (settings.is_spnego) {
    std::vector<gss::Oid> inner_oids = OidsOf(inner);
    const gss::OidSet allowed{inner_oids.size(), inner_oids.data()};
    major = library->set_neg_mechs(&minor, credential.get(), &allowed);
    if (gss::IsError(major)) return FailureOf(*library, major, minor, nullptr);
  }
  return GssCredentialPtr(std::make_shared<const GssCredential>(*library, std::move(credential)));
}

}  // namespace client_cert
