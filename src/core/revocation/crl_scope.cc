#include "core/revocation/crl_scope.h"

#include <openssl/x509.h>

#include <algorithm>
#include <span>

#include "core/base/budget.h"
#include "core/openssl/error_queue.h"

namespace client_cert {
namespace {

using Type = AlternativeName::Type;

template <class T>
std::span<const T> FirstOf(const std::vector<T>& all, std::size_t count) {
  return std::span(all).first(std::min(all.size(), count));
}

std::span<const AlternativeName> Considered(const AlternativeNames& names) {
  return FirstOf(names, budget::kDistributionPointNames);
}

std::span<const DistributionPoint> DistributionPointsOf(const KnownCertificate& subject) {
  const auto& points = subject.decoded->extensions().crl_distribution_points;
  if (!points) return {};
  return FirstOf(*points, budget::kDistributionPoints);
}

bool IsSameGeneralName(const AlternativeName& a, const AlternativeName& b) {
  if (a.type != b.type) return false;
  if (a.type == Type::kDirectoryName) return IsSameName(DecodeName(a.value).get(), DecodeName(b.value).get());
  // Octet by octet, also where letters of a URI's host might fold: a name of a file is not a host.
  return a.oid == b.oid && std::ranges::equal(a.der, b.der);
}

bool HasDirectoryName(std::span<const AlternativeName> names, const X509_NAME* wanted) {
  return std::ranges::any_of(names, [&](const AlternativeName& name) {
    return name.type == Type::kDirectoryName && IsSameName(DecodeName(name.value).get(), wanted);
  });
}

bool HaveOneInCommon(std::span<const AlternativeName> a, std::span<const AlternativeName> b) {
  return std::ranges::any_of(a, [&](const AlternativeName& one) {
    return std::ranges::any_of(b, [&](const AlternativeName& other) { return IsSameGeneralName(one, other); });
  });
}

void AppendHeader(Bytes& out, der::Tag tag, std::size_t length) {
  out.push_back(tag);
  if (length < 0x80) {
    out.push_back(static_cast<std::uint8_t>(length));
    return;
  }
  unsigned octets = 1;
  while ((length >> (8 * octets)) != 0) ++octets;
  out.push_back(static_cast<std::uint8_t>(0x80 | octets));
  while (octets-- > 0) out.push_back(static_cast<std::uint8_t>(length >> (8 * octets)));
}

// `base` with one RelativeDistinguishedName more, whose content is `relative`.
OwnedName NameBelow(const X509_NAME* base, ByteView relative) {
  const std::uint8_t* base_der = nullptr;
  std::size_t base_size = 0;
  if (X509_NAME_get0_der(base, &base_der, &base_size) != 1) return nullptr;
  der::Decoding decoding({base_der, base_size}, 1);
  der::Reader in(decoding, {base_der, base_size});
  der::Element element;
  if (!in.Read(der::kSequence, "the name", element)) return nullptr;
  Bytes last;
  AppendHeader(last, der::kSet, relative.size());
  last.insert(last.end(), relative.begin(), relative.end());
  Bytes name;
  AppendHeader(name, der::kSequence, element.content.size() + last.size());
  name.insert(name.end(), element.content.begin(), element.content.end());
  name.insert(name.end(), last.begin(), last.end());
  return DecodeName(name);
}

bool HasName(const DistributionPointName& name) { return !name.full_name.empty() || !name.relative_der.empty(); }

// Whether two names of distribution points have one in common. A relative one is relative to the name of its CRL
// issuer.
bool IsSamePoint(const DistributionPointName& a, const X509_NAME* a_issuer, const DistributionPointName& b,
                 const X509_NAME* b_issuer) {
  if (a.relative_der.empty() && b.relative_der.empty()) {
    return HaveOneInCommon(Considered(a.full_name), Considered(b.full_name));
  }
  const OwnedName a_name = a.relative_der.empty() ? nullptr : NameBelow(a_issuer, a.relative_der);
  const OwnedName b_name = b.relative_der.empty() ? nullptr : NameBelow(b_issuer, b.relative_der);
  if (a_name && b_name) return IsSameName(a_name.get(), b_name.get());
  if (a_name) return HasDirectoryName(Considered(b.full_name), a_name.get());
  return b_name && HasDirectoryName(Considered(a.full_name), b_name.get());
}

// 6.3.3 (b) (1) and (b) (2) (i), for one distribution point of the certificate.
bool Matches(const DistributionPoint& point, const Crl& crl) {
  const auto& scope = crl.issuing_distribution_point();
  // Whoever else publishes the CRL says so in it.
  if (!point.crl_issuer.empty() && !(scope && scope->indirect)) return false;
  if (!scope || !HasName(scope->name)) return true;
  if (HasName(point)) return IsSamePoint(scope->name, crl.issuer(), point, crl.issuer());
  return HaveOneInCommon(Considered(scope->name.full_name), Considered(point.crl_issuer));
}

// What OpenSSL takes for a match: less than the above. There the first point that matches decides about the reasons,
// though another one may have more of them; and nothing is good that OpenSSL refuses.
bool MatchesForOpenSsl(const DistributionPoint& point, const Crl& crl, bool is_by_certificate_issuer) {
  const bool is_issuer_meant = point.crl_issuer.empty() ? is_by_certificate_issuer
                                                        : HasDirectoryName(Considered(point.crl_issuer), crl.issuer());
  if (!is_issuer_meant) return false;
  const auto& scope = crl.issuing_distribution_point();
  return !scope || !HasName(scope->name) || !HasName(point) ||
         IsSamePoint(scope->name, crl.issuer(), point, crl.issuer());
}

}  // namespace

CrlScope ScopeFor(const Crl& crl, const KnownCertificate& subject) {
  const ErrorQueueGuard guard;
  const bool is_by_certificate_issuer = IsSameName(subject.issuer(), crl.issuer());
  const auto& scope = crl.issuing_distribution_point();
  ReasonBits reasons = kAllReasons;
  if (scope) {
    const auto& constraints = subject.decoded->extensions().basic_constraints;
    const bool is_ca = constraints && constraints->ca;
    if (scope->only_attribute_certificates) return {};
    if (is_ca ? scope->only_user_certificates : scope->only_ca_certificates) return {};
    reasons &= scope->only_some_reasons.value_or(kAllReasons);
  }
  // At the end of 6.3.3: whatever the issuer publishes for all of its certificates. There the RFC would also have a CRL
  // whose distribution point is named like its issuer; OpenSSL refuses it, and nothing is good that OpenSSL refuses.
  const bool is_for_all = is_by_certificate_issuer && !(scope && HasName(scope->name));
  for (const DistributionPoint& point : DistributionPointsOf(subject)) {
    if (!MatchesForOpenSsl(point, crl, is_by_certificate_issuer)) continue;
    reasons &= point.reasons.value_or(kAllReasons);
    return {Matches(point, crl) || is_for_all ? reasons : 0, reasons};
  }
  if (!is_for_all) reasons = 0;
  return {reasons, reasons};
}

std::optional<std::vector<OwnedName>> CrlIssuersOf(const KnownCertificate& subject) {
  const ErrorQueueGuard guard;
  std::vector<OwnedName> issuers;
  issuers.emplace_back(X509_NAME_dup(subject.issuer()));
  if (!issuers.front()) return std::nullopt;
  for (const DistributionPoint& point : DistributionPointsOf(subject)) {
    for (const AlternativeName& name : Considered(point.crl_issuer)) {
      if (name.type != Type::kDirectoryName) continue;
      OwnedName issuer = DecodeName(name.value);
      if (!issuer) return std::nullopt;
      const bool is_known =
          std::ranges::any_of(issuers, [&](const OwnedName& other) { return IsSameName(issuer.get(), other.get()); });
      if (!is_known) issuers.push_back(std::move(issuer));
    }
  }
  return issuers;
}

}  // namespace client_cert
