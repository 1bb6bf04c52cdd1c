#include "core/verdict/rfc5280.h"

#include <openssl/x509v3.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "core/base/budget.h"
#include "core/certificate/oids.h"
#include "core/path/known_certificate.h"

namespace client_cert {
namespace {

using Type = AlternativeName::Type;

// Section 4.1.2.2: not zero, 20 octets at most. Negative ones are not refused: the RFC asks that they be handled.
bool IsSerialNumberPermitted(ByteView serial) {
  const bool is_zero = std::ranges::all_of(serial, [](std::uint8_t octet) { return octet == 0; });
  return !is_zero && serial.size() <= 20;
}

// Section 4.2.1.10: "MUST be used only in a CA certificate", "MUST mark this extension as critical".
bool AreNameConstraintsMisplaced(const Extensions& extensions) {
  if (!extensions.name_constraints) return false;
  const Extension* extension = extensions.Find(oid::kNameConstraints);
  const bool is_ca = extensions.basic_constraints && extensions.basic_constraints->ca;
  return !is_ca || extension == nullptr || !extension->critical;
}

std::string LowerCase(ByteView octets) {
  std::string text(octets.begin(), octets.end());
  for (char& character : text) {
    if (character >= 'A' && character <= 'Z') character = static_cast<char>(character - 'A' + 'a');
  }
  return text;
}

bool IsHostCharacter(char character) {
  return (character >= 'a' && character <= 'z') || (character >= '0' && character <= '9') || character == '-' ||
         character == '_';
}

// The "preferred name syntax" of section 4.2.1.6, with underscores, which are deployed, and perhaps a wildcard as (part
// of) the first label.
bool IsDnsName(std::string_view name, bool may_have_wildcard) {
  if (name.empty() || name.size() > 253) return false;
  bool is_first = true;
  while (true) {
    const std::size_t dot = name.find('.');
    const std::string_view label = name.substr(0, dot);
    const bool is_permitted = std::ranges::all_of(label, [&](char character) {
      return IsHostCharacter(character) || (is_first && may_have_wildcard && character == '*');
    });
    if (label.empty() || label.size() > 63 || !is_permitted) return false;
    if (dot == std::string_view::npos) return true;
    name.remove_prefix(dot + 1);
    is_first = false;
  }
}

// Mailbox of RFC 5321 as far as a constraint needs it: one local part, one host.
bool IsMailbox(std::string_view mailbox) {
  const std::size_t at = mailbox.rfind('@');
  if (at == std::string_view::npos || at == 0) return false;
  const std::string_view local = mailbox.substr(0, at);
  const bool is_quoted = local.size() >= 2 && local.front() == '"' && local.back() == '"';
  if (!is_quoted && local.find('@') != std::string_view::npos) return false;
  return IsDnsName(mailbox.substr(at + 1), false);
}

// The host of a URI with an authority (RFC 3986 section 3.2); empty where there is none, which section 4.2.1.10 does
// not permit under constraints.
std::string_view HostOf(std::string_view uri) {
  const std::size_t scheme = uri.find("://");
  if (scheme == std::string_view::npos || scheme == 0) return {};
  std::string_view authority = uri.substr(scheme + 3);
  authority = authority.substr(0, authority.find_first_of("/?#"));
  const std::size_t user = authority.rfind('@');
  if (user != std::string_view::npos) authority.remove_prefix(user + 1);
  return authority.substr(0, authority.find(':'));
}

bool IsWellFormed(Type type, const std::string& name) {
  switch (type) {
    case Type::kDns:
      return IsDnsName(name, true);
    case Type::kEmail:
      return IsMailbox(name);
    case Type::kUri:
      return IsDnsName(HostOf(name), false);
    default:
      return true;
  }
}

// A wildcard stands for one label: "*.example.com" reaches into an excluded "host.example.com".
bool ReachesInto(std::string_view wildcard, std::string_view excluded) {
  if (excluded.starts_with('.')) excluded.remove_prefix(1);
  const std::size_t dot = wildcard.find('.');
  if (dot == std::string_view::npos || wildcard.substr(0, dot).find('*') == std::string_view::npos) return false;
  const std::size_t label = excluded.find('.');
  return label != std::string_view::npos && excluded.substr(label) == wildcard.substr(dot);
}

bool IsExcluded(const AlternativeName& name, const std::string& text, const NameSubtree& subtree) {
  if (subtree.base.type != name.type) return false;
  // Without a host every host is meant.
  if (subtree.base.value.empty()) return name.type == Type::kEmail || name.type == Type::kUri;
  const bool may_reach = name.type == Type::kDns && text.find('*') != std::string::npos;
  return may_reach && ReachesInto(text, LowerCase(subtree.base.value));
}

// Counts what is compared: both sides come from outside.
class Comparisons {
 public:
  bool Spend(std::size_t count) {
    if (count > left_) return false;
    left_ -= count;
    return true;
  }

 private:
  std::size_t left_ = budget::kNameComparisons;
};

void CheckNames(const Extensions& extensions, const NameConstraints& constraints, std::size_t depth,
                Comparisons& comparisons, std::vector<Problem>& problems) {
  if (!extensions.subject_alt_names) return;
  const auto constrains = [&](Type type) {
    const auto is_of_type = [&](const NameSubtree& subtree) { return subtree.base.type == type; };
    return std::ranges::any_of(constraints.permitted, is_of_type) ||
           std::ranges::any_of(constraints.excluded, is_of_type);
  };
  for (const AlternativeName& name : *extensions.subject_alt_names) {
    if (!comparisons.Spend(constraints.permitted.size() + 2 * constraints.excluded.size())) {
      problems.push_back({ProblemCode::NAME_CONSTRAINT_UNSUPPORTED, depth});
      return;
    }
    if (name.type != Type::kDns && name.type != Type::kEmail && name.type != Type::kUri) continue;
    if (!constrains(name.type)) continue;
    const std::string text = LowerCase(name.value);
    if (!IsWellFormed(name.type, text)) problems.push_back({ProblemCode::NAME_CONSTRAINT_UNSUPPORTED, depth});
    const auto is_excluded = [&](const NameSubtree& subtree) { return IsExcluded(name, text, subtree); };
    if (std::ranges::any_of(constraints.excluded, is_excluded)) {
      problems.push_back({ProblemCode::NAME_EXCLUDED, depth});
    }
  }
}

bool IsSelfIssued(const KnownCertificate& certificate) {
  return (X509_get_extension_flags(certificate.x509.get()) & EXFLAG_SI) != 0;
}

void CheckNameConstraints(const CertificatePath& path, std::vector<Problem>& problems) {
  Comparisons comparisons;
  for (std::size_t issuer = 1; issuer < path.size(); ++issuer) {
    if (path[issuer]->decoded == nullptr) continue;
    const auto& constraints = path[issuer]->decoded->extensions().name_constraints;
    if (!constraints) continue;
    for (std::size_t depth = 0; depth < issuer; ++depth) {
      // Section 6.1.3 (b): those of a self-issued certificate are not checked, unless it is the last one.
      if (path[depth]->decoded == nullptr || (depth > 0 && IsSelfIssued(*path[depth]))) continue;
      CheckNames(path[depth]->decoded->extensions(), *constraints, depth, comparisons, problems);
    }
  }
}

}  // namespace

std::vector<Problem> ProblemsOfRfc5280(const CertificatePath& path) {
  std::vector<Problem> problems;
  for (std::size_t depth = 0; depth < path.size(); ++depth) {
    const bool is_anchor = depth > 0 && depth + 1 == path.size();
    if (is_anchor || path[depth]->decoded == nullptr) continue;
    const Certificate& certificate = *path[depth]->decoded;
    if (!IsSerialNumberPermitted(certificate.serial())) problems.push_back({ProblemCode::CERT_MALFORMED, depth});
    if (AreNameConstraintsMisplaced(certificate.extensions())) {
      problems.push_back({ProblemCode::EXTENSION_INVALID, depth});
    }
  }
  CheckNameConstraints(path, problems);
  return problems;
}

}  // namespace client_cert
