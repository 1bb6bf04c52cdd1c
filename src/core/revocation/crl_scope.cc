#include "core/revocation/crl_scope.h"

#include <openssl/x509.h>

#include <algorithm>

#include "core/openssl/encode.h"

namespace client_cert {
namespace {

using Type = AlternativeName::Type;
using OwnedName = Owned<X509_NAME, X509_NAME_free>;

OwnedName NameOf(ByteView der) {
  const unsigned char* at = der.data();
  return OwnedName(d2i_X509_NAME(nullptr, &at, static_cast<long>(der.size())));
}

bool IsSameName(ByteView a, ByteView b) {
  const OwnedName left = NameOf(a);
  const OwnedName right = NameOf(b);
  return left && right && X509_NAME_cmp(left.get(), right.get()) == 0;
}

bool IsSameGeneralName(const AlternativeName& a, const AlternativeName& b) {
  if (a.type != b.type) return false;
  if (a.type == Type::kDirectoryName) return IsSameName(a.value, b.value);
  return a.oid == b.oid && std::ranges::equal(a.value, b.value) && std::ranges::equal(a.der, b.der);
}

bool HasCommonName(const AlternativeNames& a, const AlternativeNames& b) {
  return std::ranges::any_of(a, [&](const AlternativeName& name) {
    return std::ranges::any_of(b, [&](const AlternativeName& other) { return IsSameGeneralName(name, other); });
  });
}

bool NamesIssuer(const AlternativeNames& names, const X509_NAME* issuer) {
  return std::ranges::any_of(names, [&](const AlternativeName& name) {
    if (name.type != Type::kDirectoryName) return false;
    const OwnedName known = NameOf(name.value);
    return known && X509_NAME_cmp(known.get(), issuer) == 0;
  });
}

// nameRelativeToCRLIssuer: the issuer's name with one more relative name. Null where there is none.
OwnedName FullName(const X509_NAME* issuer, const std::vector<NameAttribute>& relative) {
  if (relative.empty()) return nullptr;
  OwnedName name(X509_NAME_dup(issuer));
  bool is_first = true;
  for (const NameAttribute& attribute : relative) {
    const std::string type = attribute.type.Text();
    const Owned<ASN1_OBJECT, ASN1_OBJECT_free> object(OBJ_txt2obj(type.c_str(), 1));
    const unsigned char* at = attribute.der.data();
    const Owned<ASN1_TYPE, ASN1_TYPE_free> value(d2i_ASN1_TYPE(nullptr, &at, static_cast<long>(attribute.der.size())));
    if (!name || !object || !value) return nullptr;
    // -1: of the same relative name as the one before.
    if (X509_NAME_add_entry_by_OBJ(name.get(), object.get(), value->type, attribute.content.data(),
                                   static_cast<int>(attribute.content.size()), -1, is_first ? 0 : -1) != 1) {
      return nullptr;
    }
    is_first = false;
  }
  // Has OpenSSL make the canonical form that names are compared in.
  const Bytes der = Encode<i2d_X509_NAME>(name.get());
  return NameOf(der);
}

bool HasDirectoryName(const AlternativeNames& names, const X509_NAME* wanted) { return NamesIssuer(names, wanted); }

// Whether the name in the CRL's issuingDistributionPoint is among those of the certificate's distribution point; where
// that one has none, among those of its cRLIssuer (6.3.3 (b) (2) (i)).
bool IsSamePoint(const Crl& crl, const DistributionPoint& point, const KnownCertificate& certificate) {
  const DistributionPoint& named = crl.scope().name;
  const X509_NAME* point_issuer = point.crl_issuer.empty() ? certificate.issuer() : crl.issuer_name();
  const OwnedName named_full = FullName(crl.issuer_name(), named.relative_name);
  const OwnedName point_full = FullName(point_issuer, point.relative_name);
  const bool has_point_name = !point.full_name.empty() || point_full;
  if (!has_point_name) {
    return named_full ? HasDirectoryName(point.crl_issuer, named_full.get())
                      : HasCommonName(named.full_name, point.crl_issuer);
  }
  if (named_full && point_full) return X509_NAME_cmp(named_full.get(), point_full.get()) == 0;
  if (named_full) return HasDirectoryName(point.full_name, named_full.get());
  if (point_full) return HasDirectoryName(named.full_name, point_full.get());
  return HasCommonName(named.full_name, point.full_name);
}

// 6.3.3 (b) (1)
bool IsIssuedFor(const Crl& crl, const DistributionPoint& point, bool is_of_issuer) {
  if (point.crl_issuer.empty()) return is_of_issuer;
  return crl.scope().is_indirect && NamesIssuer(point.crl_issuer, crl.issuer_name());
}

ReasonMask MaskOf(const std::optional<std::uint32_t>& reasons) { return reasons.value_or(kAllReasons) & kAllReasons; }

}  // namespace

ReasonMask ReasonsCovered(const Crl& crl, const KnownCertificate& certificate) {
  const CrlScope& scope = crl.scope();
  const Extensions& extensions = certificate.decoded->extensions();
  const bool is_ca = extensions.basic_constraints && extensions.basic_constraints->ca;
  if (scope.only_attribute_certificates) return 0;
  if (is_ca ? scope.only_user_certificates : scope.only_ca_certificates) return 0;
  const bool is_of_issuer = X509_NAME_cmp(crl.issuer_name(), certificate.issuer()) == 0;
  const ReasonMask reasons = MaskOf(scope.reasons);

  ReasonMask covered = 0;
  if (extensions.crl_distribution_points) {
    for (const DistributionPoint& point : *extensions.crl_distribution_points) {
      if (!IsIssuedFor(crl, point, is_of_issuer)) continue;
      if (scope.HasName() && !IsSamePoint(crl, point, certificate)) continue;
      covered |= reasons & MaskOf(point.reasons);
    }
  }
  // The distribution point that every certificate has: the CRL of its issuer, where that is not for certain points
  // only.
  if (is_of_issuer && !scope.HasName()) covered |= reasons;
  return covered;
}

}  // namespace client_cert
