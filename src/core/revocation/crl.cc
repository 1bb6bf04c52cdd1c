#include "core/revocation/crl.h"

#include <algorithm>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/budget.h"
#include "core/certificate/oids.h"
#include "core/der/time.h"
#include "core/openssl/error_queue.h"
#include "core/revocation/crl_entry_reader.h"

namespace client_cert {

using der::ContextConstructed;
using der::ContextPrimitive;
using der::Element;
using der::Reader;

namespace {

// BOOLEAN DEFAULT FALSE under a tag of its own. An explicit FALSE has one meaning only, as in certificates.
bool ReadFlag(Reader& in, unsigned number, std::string_view part, bool& out) {
  out = false;
  if (!in.Next(ContextPrimitive(number))) return true;
  Element element;
  if (!in.Read(ContextPrimitive(number), {"issuingDistributionPoint", part}, element)) return false;
  const ByteView content = element.content;
  if (content.size() != 1 || (content[0] != 0x00 && content[0] != 0xff)) {
    return in.Fail(content.data(), "00 or FF", {"issuingDistributionPoint", part});
  }
  out = content[0] != 0;
  return true;
}

bool ReadIssuingDistributionPoint(Reader& in, IssuingDistributionPoint& out) {
  constexpr std::string_view kField = "issuingDistributionPoint";
  Reader inside;
  Reader name;
  if (!in.Enter(der::kSequence, kField, inside)) return false;
  if (inside.Next(ContextConstructed(0)) &&
      !(inside.Enter(ContextConstructed(0), {kField, "distributionPoint"}, name) &&
        ReadDistributionPointName(name, kField, out.name))) {
    return false;
  }
  if (!ReadFlag(inside, 1, "onlyContainsUserCerts", out.only_user_certificates) ||
      !ReadFlag(inside, 2, "onlyContainsCACerts", out.only_ca_certificates)) {
    return false;
  }
  if (inside.Next(ContextPrimitive(3)) &&
      !inside.ReadNamedBits(ContextPrimitive(3), {kField, "onlySomeReasons"}, out.only_some_reasons.emplace())) {
    return false;
  }
  return ReadFlag(inside, 4, "indirectCRL", out.indirect) &&
         ReadFlag(inside, 5, "onlyContainsAttributeCerts", out.only_attribute_certificates) && inside.End(kField);
}

bool IsContradictory(const IssuingDistributionPoint& point) {
  const bool two = point.only_user_certificates && point.only_ca_certificates;
  return two || ((point.only_user_certificates || point.only_ca_certificates) && point.only_attribute_certificates);
}

// CRLNumber ::= INTEGER (0..MAX)
bool ReadCrlNumber(Reader& in, std::string_view field, std::optional<ByteView>& out) {
  ByteView number;
  if (!in.ReadInteger(der::kInteger, field, number)) return false;
  if (number[0] >= 0x80) return in.Fail(number.data(), "an INTEGER that is not negative", field);
  out = number;
  return true;
}

bool NextIsTime(const Reader& in) { return in.Next(der::kUtcTime) || in.Next(der::kGeneralizedTime); }

}  // namespace

class CrlDecoder {
 public:
  CrlDecoder(Crl& crl, std::span<std::uint8_t> der, der::Decoding& decoding, der::Decoding& head)
      : crl_(crl), der_(der), decoding_(decoding), head_(head) {}

  // The octets of the entries are no longer there afterwards.
  bool Read();

 private:
  // What is kept as it is, element by element, within its own budget.
  Reader Head(ByteView part) { return {head_, part}; }

  bool ReadTbs(Reader& in);
  bool ReadVersion(Reader& in);
  bool ReadIssuer(Reader& in);
  bool ReadEntries(Reader& in);
  bool SetCertificateIssuer(ByteView names);
  bool ReadCertificateIssuer(ByteView names, std::uint32_t number);
  bool ReadCrlExtensions(Reader& in);
  bool Keep();
  bool DecodeExtensions(Reader in, Extensions& extensions);
  bool DecodeExtension(const Reader& in, const Extension& extension);

  Crl& crl_;
  std::span<std::uint8_t> der_;
  der::Decoding& decoding_;
  der::Decoding& head_;
  int version_ = 1;
  AlgorithmIdentifier algorithm_;
  ByteView issuer_;
  ByteView crl_extensions_;                       // Extensions, tag included; empty where absent
  std::uint32_t certificate_issuer_ = 0;          // that an entry without the extension inherits (5.3.3)
  std::map<std::string, std::uint32_t> numbers_;  // of certificateIssuers, by their octets
};

bool CrlDecoder::Read() {
  Reader in(decoding_, der_);
  if (der_.size() > budget::kCrlOctets) return in.Fail(in.position(), "up to 268435456 octets", "the CRL");
  Reader inside;
  AlgorithmIdentifier outer;
  der::BitString signature;
  if (!in.Enter(der::kSequence, "the CRL", inside) || !ReadTbs(inside)) return false;
  const std::uint8_t* const outer_at = inside.position();
  if (!ReadAlgorithmIdentifier(inside, "signatureAlgorithm", outer)) return false;
  // 5.1.1.2: the same as in what is signed, or an attacker could choose it.
  if (!std::ranges::equal(outer.der, algorithm_.der)) {
    return inside.Fail(outer_at, "the algorithm of tbsCertList", "signatureAlgorithm");
  }
  // Any BIT STRING, as with certificates; but what is not of whole octets is nobody's signature.
  if (!inside.ReadBitString(der::kBitString, "signatureValue", signature) || !inside.End("the CRL") ||
      !in.End("the CRL")) {
    return false;
  }
  crl_.signature_.SetSignature(signature.unused == 0 ? signature.octets : ByteView());
  return Keep();
}

bool CrlDecoder::ReadTbs(Reader& in) {
  Element element;
  if (!in.Read(der::kSequence, "tbsCertList", element)) return false;
  Reader tbs = in.Inside(element);
  if (!ReadVersion(tbs) || !ReadAlgorithmIdentifier(tbs, "signature", algorithm_)) return false;
  // Now, because what is signed is no longer whole once its entries are packed.
  crl_.signature_.SetSigned(element.whole, algorithm_);
  if (!ReadIssuer(tbs) || !der::ReadTime(tbs, "thisUpdate", crl_.this_update_)) {
    return false;
  }
  if (NextIsTime(tbs) && !der::ReadTime(tbs, "nextUpdate", crl_.next_update_.emplace())) return false;
  if (tbs.Next(der::kSequence) && !ReadEntries(tbs)) return false;
  if (tbs.Next(ContextConstructed(0)) && !ReadCrlExtensions(tbs)) return false;
  return tbs.End("tbsCertList");
}

// Version OPTIONAL: where it is written, it is v2.
bool CrlDecoder::ReadVersion(Reader& in) {
  if (!in.Next(der::kInteger)) return true;
  const std::uint8_t* const start = in.position();
  std::uint32_t version = 0;
  if (!in.ReadUnsigned(der::kInteger, "version", version)) return false;
  if (version != 1) return in.Fail(start, "v2", "version");
  version_ = 2;
  return true;
}

bool CrlDecoder::ReadIssuer(Reader& in) {
  Element element;
  const std::uint8_t* const start = in.position();
  if (!in.Read(der::kSequence, "issuer", element)) return false;
  issuer_ = element.whole;
  DistinguishedName name;
  Reader inside = Head(issuer_);
  if (!ReadDistinguishedName(inside, "issuer", name)) return false;
  // 5.1.2.3: whose it is has to be said.
  if (name.attributes.empty()) return head_.Fail(start, "a name that is not empty", "issuer");
  crl_.issuer_ = DecodeName(issuer_);
  if (!crl_.issuer_) return head_.Fail(start, "a Name that OpenSSL can read", "issuer");
  const std::optional<std::uint32_t> hash = NameHash(crl_.issuer_.get());
  if (!hash) return head_.Fail(start, "a Name that OpenSSL can make a digest of", "issuer");
  crl_.issuer_hash_ = *hash;
  return true;
}

// 5.1.2.6: absent where nothing is revoked. Some issuers write an empty list instead, which has one meaning only.
bool CrlDecoder::ReadEntries(Reader& in) {
  Reader list;
  if (!in.Enter(der::kSequence, "revokedCertificates", list)) return false;
  using Allowed = CrlEntryReader::ExtensionsAllowed;
  CrlEntryReader reader(version_ == 1 ? Allowed::kNo : Allowed::kYes);
  CrlEntries::Builder entries(
      der_.subspan(static_cast<std::size_t>(list.position() - der_.data()), list.Rest().size()));
  while (!list.AtEnd()) {
    if (!reader.Read(list)) return false;
    if (!reader.certificate_issuer.empty() && !SetCertificateIssuer(reader.certificate_issuer)) return false;
    entries.Add(reader.serial, certificate_issuer_, reader.entry);
  }
  if (reader.has_unknown_critical) crl_.is_usable_ = false;
  crl_.entries_ = entries.Build();
  return true;
}

bool CrlDecoder::SetCertificateIssuer(ByteView names) {
  const auto next = static_cast<std::uint32_t>(numbers_.size() + 1);
  const auto [known, is_new] = numbers_.try_emplace({reinterpret_cast<const char*>(names.data()), names.size()}, next);
  certificate_issuer_ = known->second;
  return !is_new || ReadCertificateIssuer(names, next);
}

// GeneralNames, of which those that are directory names say who issued the certificate.
bool CrlDecoder::ReadCertificateIssuer(ByteView names, std::uint32_t number) {
  constexpr std::string_view kField = "certificateIssuer";
  Reader in = Head(names);
  Reader inside;
  AlternativeNames decoded;
  if (!in.Enter(der::kSequence, kField, inside) || !ReadAlternativeNames(inside, kField, decoded) || !in.End(kField)) {
    return false;
  }
  bool is_named = false;
  for (const AlternativeName& name : decoded) {
    if (name.type != AlternativeName::Type::kDirectoryName) continue;
    OwnedName issuer = DecodeName(name.value);
    if (!issuer) return head_.Fail(name.value.data(), "a Name that OpenSSL can read", kField);
    if (crl_.certificate_issuers_.size() == budget::kCrlCertificateIssuers) {
      return head_.Fail(names.data(), "up to 4096 names", kField);
    }
    const std::optional<std::uint32_t> hash = NameHash(issuer.get());
    if (!hash) return head_.Fail(name.value.data(), "a Name that OpenSSL can make a digest of", kField);
    crl_.certificate_issuers_.emplace(*hash, Crl::CertificateIssuer{std::move(issuer), number});
    is_named = true;
  }
  return is_named || head_.Fail(names.data(), "a directoryName", kField);
}

bool CrlDecoder::ReadCrlExtensions(Reader& in) {
  if (version_ == 1) return in.Fail(in.position(), "no extensions in version 1", "crlExtensions");
  Element element;
  if (!in.Read(ContextConstructed(0), "crlExtensions", element)) return false;
  crl_extensions_ = element.content;
  // Decoded twice: here, so that a failure says where in the CRL it is, and as it is kept.
  Extensions extensions;
  return DecodeExtensions(Head(crl_extensions_), extensions);
}

bool CrlDecoder::Keep() {
  crl_.kept_.reserve(issuer_.size() + crl_extensions_.size());
  crl_.kept_.insert(crl_.kept_.end(), issuer_.begin(), issuer_.end());
  crl_.kept_.insert(crl_.kept_.end(), crl_extensions_.begin(), crl_extensions_.end());
  crl_.issuer_der_ = ByteView(crl_.kept_).first(issuer_.size());
  const ByteView extensions = ByteView(crl_.kept_).subspan(issuer_.size());
  der::Decoding decoding(extensions, budget::kCertificateElements);
  if (!extensions.empty() && !DecodeExtensions(Reader(decoding, extensions), crl_.extensions_)) {
    return decoding_.Fail(crl_extensions_.data(), "what can be read again", "crlExtensions");
  }
  if (crl_.point_ && IsContradictory(*crl_.point_)) crl_.is_consistent_ = false;
  // 5.3.3: entries of other issuers are what an indirect CRL is.
  const bool is_indirect = crl_.point_ && crl_.point_->indirect;
  if (!crl_.certificate_issuers_.empty() && !is_indirect) crl_.is_consistent_ = false;
  return true;
}

bool CrlDecoder::DecodeExtensions(Reader in, Extensions& extensions) {
  if (!ReadExtensions(in, extensions) || !in.End("crlExtensions")) return false;
  return std::ranges::all_of(extensions.all,
                             [&](const Extension& extension) { return DecodeExtension(in, extension); });
}

bool CrlDecoder::DecodeExtension(const Reader& in, const Extension& extension) {
  Reader value = in.Within(extension.value);
  if (extension.oid == oid::kIssuingDistributionPoint) {
    return ReadIssuingDistributionPoint(value, crl_.point_.emplace()) && value.End("issuingDistributionPoint");
  }
  if (extension.oid == oid::kDeltaCrlIndicator) {
    return ReadCrlNumber(value, "deltaCRLIndicator", crl_.base_number_) && value.End("deltaCRLIndicator");
  }
  if (extension.oid == oid::kAuthorityKeyIdentifier) return true;
  // Those above may be critical. OpenSSL takes any other critical one for unknown, and nothing is valid that it
  // refuses.
  if (extension.critical) crl_.is_usable_ = false;
  if (extension.oid == oid::kCrlNumber) {
    return ReadCrlNumber(value, "cRLNumber", crl_.number_) && value.End("cRLNumber");
  }
  if (extension.oid == oid::kFreshestCrl) {
    std::vector<DistributionPoint> points;
    crl_.has_freshest_crl_ = true;
    return ReadDistributionPoints(value, "freshestCRL", points) && value.End("freshestCRL");
  }
  return true;
}

Result<std::shared_ptr<const Crl>> Crl::Parse(Bytes der) {
  const ErrorQueueGuard guard;
  const auto crl = std::make_shared<Crl>(Token{});
  // Whatever is read element by element and kept so has the budget of a certificate. All the rest is read once and
  // packed: there are less elements than octets.
  der::Decoding decoding(der, der.size());
  der::Decoding head(der, budget::kCertificateElements);
  CrlDecoder decoder(*crl, der, decoding, head);
  if (!decoder.Read()) return head.has_failed() ? head.failure() : decoding.failure();
  return std::shared_ptr<const Crl>(crl);
}

std::optional<ByteView> Crl::Value(const der::ObjectIdentifier& oid) const {
  const Extension* extension = extensions_.Find(oid);
  if (extension == nullptr) return std::nullopt;
  return extension->value;
}

// Without an ErrorQueueGuard, whose cost shows in a look-up: names that are in canonical form already are only
// compared.
std::optional<CrlEntry> Crl::Find(ByteView serial, const X509_NAME* certificate_issuer) const {
  std::optional<CrlEntry> gravest;
  if (IsSameName(issuer_.get(), certificate_issuer)) gravest = entries_.Find(serial, 0);
  if (certificate_issuers_.empty()) return gravest;
  // Without it, each of them could be meant.
  const std::optional<std::uint32_t> hash = NameHash(certificate_issuer);
  const auto [first, last] = hash ? certificate_issuers_.equal_range(*hash)
                                  : std::pair(certificate_issuers_.begin(), certificate_issuers_.end());
  for (auto named = first; named != last; ++named) {
    if (!IsSameName(named->second.name.get(), certificate_issuer)) continue;
    const std::optional<CrlEntry> entry = entries_.Find(serial, named->second.number);
    const bool is_graver = entry && (!gravest || gravest->reason == crl_reason::kRemoveFromCrl);
    if (is_graver) gravest = entry;
  }
  return gravest;
}

std::size_t Crl::footprint() const {
  constexpr std::size_t kNameOctets = 2048;  // of an X509_NAME, about
  return sizeof(Crl) + kept_.capacity() + entries_.footprint() + signature_.footprint() +
         kNameOctets * (1 + certificate_issuers_.size());
}

}  // namespace client_cert
