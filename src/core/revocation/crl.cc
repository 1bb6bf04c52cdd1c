#include "core/revocation/crl.h"

#include <openssl/x509.h>

#include <algorithm>

#include "core/base/budget.h"
#include "core/certificate/oids.h"
#include "core/der/time.h"
#include "core/openssl/error_queue.h"

namespace client_cert {
namespace {

using der::ContextConstructed;
using der::ContextPrimitive;
using der::Element;
using der::Reader;

// id-ce, 2.5.29.n
constexpr auto kCrlNumber = oid::kLiteral<0x55, 0x1d, 20>;
constexpr auto kReasonCode = oid::kLiteral<0x55, 0x1d, 21>;
constexpr auto kInvalidityDate = oid::kLiteral<0x55, 0x1d, 24>;
constexpr auto kDeltaCrlIndicator = oid::kLiteral<0x55, 0x1d, 27>;
constexpr auto kIssuingDistributionPoint = oid::kLiteral<0x55, 0x1d, 28>;
constexpr auto kCertificateIssuer = oid::kLiteral<0x55, 0x1d, 29>;
constexpr auto kFreshestCrl = oid::kLiteral<0x55, 0x1d, 46>;

constexpr std::uint32_t kRemoveFromCrl = 8;
// CRLReason has 0 to 10 without 7.
constexpr std::uint32_t kUnusedReason = 7;
constexpr std::uint32_t kLastReason = 10;

// A few dozen signers are known of any CRL; who tries more keys verifies again.
constexpr std::size_t kKnownSignatures = 16;

// Spreads serial numbers, whatever CAs make them of; colliding ones are found all the same, only later.
std::uint64_t KeyOf(ByteView serial) {
  std::uint64_t key = 0xcbf29ce484222325u;
  for (const std::uint8_t octet : serial) key = (key ^ octet) * 0x100000001b3u;
  return key ^ (key >> 32);
}

Owned<X509_NAME, X509_NAME_free> NameOf(ByteView der) {
  const unsigned char* at = der.data();
  return Owned<X509_NAME, X509_NAME_free>(d2i_X509_NAME(nullptr, &at, static_cast<long>(der.size())));
}

// BOOLEAN DEFAULT FALSE with an implicit tag; DER writes no default.
bool ReadFlag(Reader& in, unsigned number, std::string_view part, bool& out) {
  if (!in.Next(ContextPrimitive(number))) return true;
  Element element;
  if (!in.Read(ContextPrimitive(number), {"issuingDistributionPoint", part}, element)) return false;
  out = element.content.size() == 1 && element.content.front() == 0xff;
  return out || in.Fail(element.content.data(), "TRUE as DER writes it", {"issuingDistributionPoint", part});
}

bool IsAnInteger(Reader value, std::string_view field, ByteView& out) {
  return value.ReadInteger(der::kInteger, field, out) && value.End(field);
}

}  // namespace

std::size_t Crl::footprint() const { return sizeof(Crl) + der_.size() + entries_.size() * sizeof(Entry); }

bool Crl::ReadScope(Reader& in) {
  constexpr std::string_view kField = "issuingDistributionPoint";
  Reader inside;
  Reader name;
  if (!in.Enter(der::kSequence, kField, inside)) return false;
  if (inside.Next(ContextConstructed(0)) &&
      !(inside.Enter(ContextConstructed(0), {kField, "distributionPoint"}, name) &&
        ReadDistributionPointName(name, scope_.name))) {
    return false;
  }
  if (!ReadFlag(inside, 1, "onlyContainsUserCerts", scope_.only_user_certificates) ||
      !ReadFlag(inside, 2, "onlyContainsCACerts", scope_.only_ca_certificates)) {
    return false;
  }
  if (inside.Next(ContextPrimitive(3)) &&
      !inside.ReadNamedBits(ContextPrimitive(3), {kField, "onlySomeReasons"}, scope_.reasons.emplace())) {
    return false;
  }
  if (!ReadFlag(inside, 4, "indirectCRL", scope_.is_indirect) ||
      !ReadFlag(inside, 5, "onlyContainsAttributeCerts", scope_.only_attribute_certificates) || !inside.End(kField)) {
    return false;
  }
  // 5.2.5: at most one of the three.
  const auto only = {scope_.only_user_certificates, scope_.only_ca_certificates, scope_.only_attribute_certificates};
  return std::ranges::count(only, true) <= 1 || in.Fail(in.position(), "one kind of certificate at most", kField);
}

bool Crl::ReadExtensions(Reader& in) {
  std::vector<Extension> extensions;
  if (!ReadExtensionList(in, extensions)) return false;
  for (const Extension& extension : extensions) {
    Reader value = in.Within(extension.value);
    if (extension.oid == kCrlNumber) {
      if (!IsAnInteger(value, "cRLNumber", number_)) return false;
    } else if (extension.oid == kDeltaCrlIndicator) {
      if (!IsAnInteger(value, "deltaCRLIndicator", base_number_)) return false;
    } else if (extension.oid == kIssuingDistributionPoint) {
      scope_.der = extension.value;
      if (!ReadScope(value) || !value.End("issuingDistributionPoint")) return false;
    } else if (extension.oid == oid::kAuthorityKeyIdentifier) {
      authority_key_identifier_ = extension.value;
      Extensions read;
      if (!ReadAuthorityKeyIdentifier(value, read) || !value.End("authorityKeyIdentifier")) return false;
      key_identifier_ = read.authority_key_identifier->key_identifier;
    } else if (extension.oid == kFreshestCrl) {
      has_freshest_crl_ = true;
    } else if (extension.critical) {
      is_understood_ = false;
    }
  }
  return true;
}

bool Crl::ReadEntryExtensions(Reader& in, std::uint32_t& issuer) {
  std::vector<Extension> extensions;
  if (!ReadExtensionList(in, extensions)) return false;
  for (const Extension& extension : extensions) {
    Reader value = in.Within(extension.value);
    if (extension.oid == kReasonCode) {
      std::uint32_t reason = 0;
      const std::uint8_t* const at = value.position();
      if (!value.ReadUnsigned(der::kEnumerated, "reasonCode", reason) || !value.End("reasonCode")) return false;
      if (reason > kLastReason || reason == kUnusedReason) return value.Fail(at, "a CRLReason", "reasonCode");
    } else if (extension.oid == kCertificateIssuer) {
      Reader inside;
      AlternativeNames names;
      if (!value.EnterNonEmpty(der::kSequence, "certificateIssuer", inside) ||
          !ReadAlternativeNames(inside, "certificateIssuer", names) || !value.End("certificateIssuer")) {
        return false;
      }
      const auto is_directory_name = [](const AlternativeName& name) {
        return name.type == AlternativeName::Type::kDirectoryName;
      };
      const auto name = std::ranges::find_if(names, is_directory_name);
      if (name == names.end()) return value.Fail(extension.value.data(), "a directoryName", "certificateIssuer");
      auto known = NameOf(name->value);
      if (!known) return value.Fail(extension.value.data(), "a name that OpenSSL reads", "certificateIssuer");
      entry_issuers_.push_back(std::move(known));
      issuer = static_cast<std::uint32_t>(entry_issuers_.size());
    } else if (extension.critical && !(extension.oid == kInvalidityDate)) {
      is_understood_ = false;
    }
  }
  return true;
}

bool Crl::ReadEntry(Reader& in, std::uint32_t& issuer) {
  Element element;
  Element serial;
  std::int64_t revoked_at = 0;
  ByteView number;
  if (!in.Read(der::kSequence, "revokedCertificates", element)) return false;
  Reader inside = in.Inside(element);
  if (!inside.ReadInteger(der::kInteger, {"revokedCertificates", "userCertificate"}, number) ||
      !der::ReadTime(inside, {"revokedCertificates", "revocationDate"}, revoked_at)) {
    return false;
  }
  if (!inside.AtEnd()) {
    if (version_ != 2) return inside.Fail(inside.position(), "no extensions in version 1", "crlEntryExtensions");
    if (!ReadEntryExtensions(inside, issuer) || !inside.End("revokedCertificates")) return false;
  }
  const auto offset = static_cast<std::uint32_t>(element.whole.data() - der_.data());
  entries_.push_back({KeyOf(number), offset, issuer});
  return true;
}

bool Crl::ReadEntries(Reader& in) {
  Reader inside;
  // 5.1.2.6: absent where there are none.
  if (!in.EnterNonEmpty(der::kSequence, "revokedCertificates", inside)) return false;
  std::uint32_t issuer = 0;
  while (!inside.AtEnd()) {
    if (!ReadEntry(inside, issuer)) return false;
  }
  std::ranges::sort(entries_, {}, &Entry::key);
  entries_.shrink_to_fit();
  return true;
}

bool Crl::ReadVersion(Reader& in) {
  if (!in.Next(der::kInteger)) return true;
  std::uint32_t version = 0;
  const std::uint8_t* const at = in.position();
  if (!in.ReadUnsigned(der::kInteger, "version", version)) return false;
  version_ = 2;
  return version == 1 || in.Fail(at, "version 2", "tbsCertList");
}

bool Crl::ReadTimes(Reader& in) {
  if (!der::ReadTime(in, "thisUpdate", this_update_)) return false;
  if (!in.Next(der::kUtcTime) && !in.Next(der::kGeneralizedTime)) return true;
  const std::uint8_t* const at = in.position();
  return der::ReadTime(in, "nextUpdate", next_update_.emplace()) &&
         (*next_update_ >= this_update_ || in.Fail(at, "a time after thisUpdate", "nextUpdate"));
}

bool Crl::ReadTbs(Reader& in) {
  Element element;
  if (!in.Read(der::kSequence, "tbsCertList", element)) return false;
  tbs_ = element.whole;
  Reader tbs = in.Inside(element);
  if (!ReadVersion(tbs) || !ReadAlgorithmIdentifier(tbs, "signature", signature_algorithm_) ||
      !ReadDistinguishedName(tbs, "issuer", issuer_) || !ReadTimes(tbs)) {
    return false;
  }
  if (tbs.Next(der::kSequence) && !ReadEntries(tbs)) return false;
  if (tbs.Next(ContextConstructed(0))) {
    if (version_ != 2) return tbs.Fail(tbs.position(), "no extensions in version 1", "tbsCertList");
    Reader inside;
    if (!tbs.Enter(ContextConstructed(0), "crlExtensions", inside) || !ReadExtensions(inside) ||
        !inside.End("crlExtensions")) {
      return false;
    }
  }
  // 5.3.3: only an indirect CRL speaks of certificates of others.
  is_understood_ = is_understood_ && (scope_.is_indirect || entry_issuers_.empty());
  return tbs.End("tbsCertList");
}

bool Crl::Read(der::Decoding& decoding) {
  Reader in(decoding, der_);
  if (der_.size() > budget::kCrlOctets) return in.Fail(in.position(), "up to 268435456 octets", "the CRL");
  Reader inside;
  AlgorithmIdentifier outer;
  if (!in.Enter(der::kSequence, "the CRL", inside) || !ReadTbs(inside)) return false;
  const std::uint8_t* const outer_at = inside.position();
  if (!ReadAlgorithmIdentifier(inside, "signatureAlgorithm", outer)) return false;
  // 5.1.1.2: the same as in what is signed, or an attacker could choose it.
  if (!std::ranges::equal(outer.der, signature_algorithm_.der)) {
    return inside.Fail(outer_at, "the algorithm of tbsCertList", "signatureAlgorithm");
  }
  if (!inside.ReadBitString(der::kBitString, "signatureValue", signature_) || !inside.End("the CRL") ||
      !in.End("the CRL")) {
    return false;
  }
  issuer_name_ = NameOf(issuer_.der);
  issuer_hash_ = issuer_name_ ? NameHash(issuer_name_.get()) : 0;
  return (issuer_name_ && !issuer_.attributes.empty()) || in.Fail(issuer_.der.data(), "a name", "issuer");
}

Result<std::shared_ptr<const Crl>> Crl::Parse(Bytes der) {
  const ErrorQueueGuard guard;
  const auto crl = std::make_shared<Crl>(Token{}, std::move(der));
  // Each element has two octets at least: what is linear in the octets needs no further limit.
  der::Decoding decoding(crl->der_, crl->der_.size());
  if (!crl->Read(decoding)) return decoding.failure();
  return std::shared_ptr<const Crl>(crl);
}

// Nothing where the entry is about another serial number.
std::optional<CrlEntry> Crl::EntryAt(std::uint32_t offset, ByteView serial) const {
  const ByteView rest = ByteView(der_).subspan(offset);
  der::Decoding decoding(rest, budget::kCertificateElements);
  Reader in(decoding, rest);
  Reader inside;
  ByteView number;
  CrlEntry entry;
  if (!in.Enter(der::kSequence, "revokedCertificates", inside) ||
      !inside.ReadInteger(der::kInteger, "userCertificate", number) || !std::ranges::equal(number, serial) ||
      !der::ReadTime(inside, "revocationDate", entry.revoked_at)) {
    return std::nullopt;
  }
  std::vector<Extension> extensions;
  if (!inside.AtEnd()) ReadExtensionList(inside, extensions);
  for (const Extension& extension : extensions) {
    if (!(extension.oid == kReasonCode)) continue;
    Reader value = inside.Within(extension.value);
    value.ReadUnsigned(der::kEnumerated, "reasonCode", entry.reason.emplace());
  }
  return entry;
}

std::optional<CrlEntry> Crl::Find(ByteView serial, const X509_NAME* issuer) const {
  const std::uint64_t key = KeyOf(serial);
  std::optional<CrlEntry> found;
  for (auto at = std::ranges::lower_bound(entries_, key, {}, &Entry::key); at != entries_.end() && at->key == key;
       ++at) {
    const X509_NAME* entry_issuer = at->issuer == 0 ? issuer_name() : entry_issuers_[at->issuer - 1].get();
    if (X509_NAME_cmp(entry_issuer, issuer) != 0) continue;
    const std::optional<CrlEntry> entry = EntryAt(at->offset, serial);
    if (!entry) continue;
    if (!found || found->reason == kRemoveFromCrl) found = entry;
  }
  return found;
}

std::optional<std::optional<SignatureStrength>> Crl::KnownSignatureBy(const KnownCertificate& signer) const {
  const std::lock_guard lock(mutex_);
  const auto known = signatures_.find(signer.spki);
  if (known == signatures_.end()) return std::nullopt;
  return known->second;
}

std::optional<SignatureStrength> Crl::VerifySignatureBy(const KnownCertificate& signer) const {
  EVP_PKEY* key = X509_get0_pubkey(signer.x509.get());
  const bool is_whole = signature_.unused == 0;
  const std::optional<SignatureStrength> strength =
      is_whole ? VerifySignature(signature_algorithm_.der, signature_.octets, tbs_, key) : std::nullopt;
  const std::lock_guard lock(mutex_);
  if (signatures_.size() < kKnownSignatures || strength) signatures_[signer.spki] = strength;
  return strength;
}

}  // namespace client_cert
