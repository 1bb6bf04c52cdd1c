#include "core/verdict/name_constraints.h"

#include <openssl/x509v3.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/budget.h"
#include "core/certificate/oids.h"
#include "core/path/known_certificate.h"

namespace client_cert {
namespace {

using Type = AlternativeName::Type;

std::string_view TextOf(ByteView octets) { return {reinterpret_cast<const char*>(octets.data()), octets.size()}; }

std::string LowerCase(std::string_view octets) {
  std::string text(octets);
  for (char& character : text) {
    if (character >= 'A' && character <= 'Z') character = static_cast<char>(character - 'A' + 'a');
  }
  return text;
}

// ---- hosts ----

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

// A wildcard stands for one label: "*.example.com" reaches into an excluded "host.example.com".
bool ReachesInto(std::string_view wildcard, std::string_view excluded) {
  if (excluded.starts_with('.')) excluded.remove_prefix(1);
  const std::size_t dot = wildcard.find('.');
  if (dot == std::string_view::npos || wildcard.substr(0, dot).find('*') == std::string_view::npos) return false;
  const std::size_t label = excluded.find('.');
  return label != std::string_view::npos && excluded.substr(label) == wildcard.substr(dot);
}

// Of URIs and mailboxes: with a period in front every host below it is meant, without only that one.
bool IsWithin(std::string_view host, std::string_view base) {
  return base.starts_with('.') ? host.size() > base.size() && host.ends_with(base) : host == base;
}

bool IsHostOrDomain(std::string_view base) {
  if (base.starts_with('.')) base.remove_prefix(1);
  return IsDnsName(base, false);
}

// The host of a URI with an authority (RFC 3986 sections 3.1 and 3.2); empty where there is none, which
// section 4.2.1.10 does not permit under constraints.
std::string_view HostOf(std::string_view uri) {
  const std::size_t scheme = uri.find(':');
  if (scheme == std::string_view::npos || scheme == 0 || !uri.substr(scheme).starts_with("://")) return {};
  std::string_view authority = uri.substr(scheme + 3);
  authority = authority.substr(0, authority.find_first_of("/?#"));
  // A browser takes "\\" for "/", others for a part of the user's name.
  if (authority.find('\\') != std::string_view::npos) return {};
  const std::size_t user = authority.rfind('@');
  if (user != std::string_view::npos) authority.remove_prefix(user + 1);
  return authority.substr(0, authority.find(':'));
}

// ---- what is constrained ----

// A name as constraints see it: of kEmail a mailbox, wherever it stands.
struct Name {
  Type type;
  std::string_view text;
  // A mailbox's; of the others the whole text. In lower case.
  std::string host;
  std::string_view local_part;
  std::string lower_local_part;
  bool is_well_formed = false;
};

// Mailbox of RFC 5321 as far as a constraint needs it: one local part, one host.
Name MailboxOf(std::string_view text) {
  Name name{Type::kEmail, text, {}, {}, {}, false};
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos || at == 0) return name;
  name.local_part = text.substr(0, at);
  name.lower_local_part = LowerCase(name.local_part);
  name.host = LowerCase(text.substr(at + 1));
  const bool is_quoted = name.local_part.size() >= 2 && name.local_part.front() == '"' && name.local_part.back() == '"';
  name.is_well_formed =
      (is_quoted || name.local_part.find('@') == std::string_view::npos) && IsDnsName(name.host, false);
  return name;
}

std::optional<Name> NameOf(const AlternativeName& alternative) {
  const std::string_view text = TextOf(alternative.value);
  switch (alternative.type) {
    case Type::kDns: {
      std::string host = LowerCase(text);
      const bool is_well_formed = IsDnsName(host, true);
      return Name{Type::kDns, text, std::move(host), {}, {}, is_well_formed};
    }
    case Type::kUri: {
      std::string host = LowerCase(HostOf(text));
      const bool is_well_formed = IsDnsName(host, false);
      return Name{Type::kUri, text, std::move(host), {}, {}, is_well_formed};
    }
    case Type::kEmail:
      return MailboxOf(text);
    case Type::kOtherName:
      // One that is no text is not well-formed.
      if (alternative.oid == oid::kSmtpUtf8Mailbox) return MailboxOf(text);
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

// Those of the subject, to which the constraints of mailboxes apply as well.
std::vector<Name> NamesOf(const Certificate& certificate) {
  std::vector<Name> names;
  for (const NameAttribute& attribute : certificate.subject().attributes) {
    if (attribute.type == oid::kEmailAddress) names.push_back(MailboxOf(TextOf(attribute.content)));
  }
  const auto& alternatives = certificate.extensions().subject_alt_names;
  if (!alternatives) return names;
  for (const AlternativeName& alternative : *alternatives) {
    if (auto name = NameOf(alternative)) names.push_back(*std::move(name));
  }
  return names;
}

// ---- matching ----

// A constraint as it is compared, in lower case but for the local part of a mailbox, which counts as it is where it
// permits.
struct Base {
  std::string host;  // of a mailbox that is named whole, and of everything else the whole text
  std::string_view local_part;
  std::string lower_local_part;
  bool is_mailbox = false;
  bool is_any = false;
};

// Those of one certificate for names of one type.
struct Constraints {
  std::vector<Base> permitted;
  std::vector<Base> excluded;
  // Of one of them nobody could say what it means.
  bool is_unsupported = false;
};

Base BaseOf(const NameSubtree& subtree) {
  const std::string_view text = TextOf(subtree.base.value);
  Base base;
  base.is_any = text.empty();
  const std::size_t at = subtree.base.type == Type::kEmail ? text.rfind('@') : std::string_view::npos;
  base.is_mailbox = at != std::string_view::npos;
  base.host = LowerCase(base.is_mailbox ? text.substr(at + 1) : text);
  if (base.is_mailbox) base.local_part = text.substr(0, at);
  base.lower_local_part = LowerCase(base.local_part);
  return base;
}

void Collect(const std::vector<NameSubtree>& subtrees, Type type, std::vector<Base>& out, bool& is_unsupported) {
  for (const NameSubtree& subtree : subtrees) {
    if (subtree.base.type != type) continue;
    out.push_back(BaseOf(subtree));
    const Base& base = out.back();
    is_unsupported = is_unsupported || (type == Type::kUri && !base.is_any && !IsHostOrDomain(base.host));
  }
}

Constraints ConstraintsOf(const NameConstraints& all, Type type) {
  Constraints constraints;
  Collect(all.permitted, type, constraints.permitted, constraints.is_unsupported);
  Collect(all.excluded, type, constraints.excluded, constraints.is_unsupported);
  return constraints;
}

// Whether a local part counts in either case: it does where that refuses.
enum class LocalPart : std::uint8_t { kExact, kAnyCase };

bool IsMailboxWithin(const Name& name, const Base& base, LocalPart local_part) {
  if (!base.is_mailbox) return base.is_any || IsWithin(name.host, base.host);
  if (name.host != base.host) return false;
  if (base.local_part.empty() || base.local_part == name.local_part) return true;
  return local_part == LocalPart::kAnyCase && base.lower_local_part == name.lower_local_part;
}

bool IsExcluded(const Name& name, const Base& base) {
  switch (name.type) {
    case Type::kEmail:
      return IsMailboxWithin(name, base, LocalPart::kAnyCase);
    case Type::kUri:
      // Without a host every host is meant.
      return base.is_any || IsWithin(name.host, base.host);
    default:
      return name.host.find('*') != std::string::npos && ReachesInto(name.host, base.host);
  }
}

bool IsPermitted(const Name& name, const Base& base) {
  switch (name.type) {
    case Type::kEmail:
      return IsMailboxWithin(name, base, LocalPart::kExact);
    case Type::kUri:
      return base.is_any || IsWithin(name.host, base.host);
    default:
      return true;  // as OpenSSL has found
  }
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

// All of one certificate, prepared once: a client chooses how many names there are, and how long each of these is.
struct AllConstraints {
  explicit AllConstraints(const NameConstraints& constraints)
      : dns(ConstraintsOf(constraints, Type::kDns)),
        email(ConstraintsOf(constraints, Type::kEmail)),
        uri(ConstraintsOf(constraints, Type::kUri)) {}

  const Constraints& For(Type type) const { return type == Type::kDns ? dns : type == Type::kEmail ? email : uri; }

  Constraints dns;
  Constraints email;
  Constraints uri;
};

void CheckName(const Name& name, const Constraints& constraints, std::size_t depth, std::vector<Problem>& problems) {
  if (constraints.permitted.empty() && constraints.excluded.empty()) return;
  if (!name.is_well_formed || constraints.is_unsupported) {
    problems.push_back({ProblemCode::NAME_CONSTRAINT_UNSUPPORTED, depth});
  }
  // What is not well-formed has no host that could be compared, and may be of any length.
  if (!name.is_well_formed) return;
  const auto is_excluded = [&](const Base& base) { return IsExcluded(name, base); };
  if (std::ranges::any_of(constraints.excluded, is_excluded)) problems.push_back({ProblemCode::NAME_EXCLUDED, depth});
  const auto is_permitted = [&](const Base& base) { return IsPermitted(name, base); };
  if (!constraints.permitted.empty() && std::ranges::none_of(constraints.permitted, is_permitted)) {
    problems.push_back({ProblemCode::NAME_NOT_PERMITTED, depth});
  }
}

void CheckNames(const Certificate& certificate, const AllConstraints& constraints, std::size_t depth,
                Comparisons& comparisons, std::vector<Problem>& problems) {
  for (const Name& name : NamesOf(certificate)) {
    const Constraints& of_type = constraints.For(name.type);
    if (!comparisons.Spend(of_type.permitted.size() + 2 * of_type.excluded.size())) {
      problems.push_back({ProblemCode::NAME_CONSTRAINT_UNSUPPORTED, depth});
      return;
    }
    CheckName(name, of_type, depth, problems);
  }
}

bool IsSelfIssued(const KnownCertificate& certificate) {
  return (X509_get_extension_flags(certificate.x509.get()) & EXFLAG_SI) != 0;
}

}  // namespace

void CheckNameConstraints(const CertificatePath& path, std::vector<Problem>& problems) {
  Comparisons comparisons;
  for (std::size_t issuer = 1; issuer < path.size(); ++issuer) {
    if (path[issuer]->decoded == nullptr) continue;
    const auto& found = path[issuer]->decoded->extensions().name_constraints;
    if (!found) continue;
    const AllConstraints constraints(*found);
    for (std::size_t depth = 0; depth < issuer; ++depth) {
      // Section 6.1.3 (b): those of a self-issued certificate are not checked, unless it is the last one.
      if (path[depth]->decoded == nullptr || (depth > 0 && IsSelfIssued(*path[depth]))) continue;
      CheckNames(*path[depth]->decoded, constraints, depth, comparisons, problems);
    }
  }
}

}  // namespace client_cert
