#include "core/verdict/rfc5280.h"

#include <algorithm>

#include "core/certificate/oids.h"
#include "core/path/known_certificate.h"
#include "core/verdict/name_constraints.h"

namespace client_cert {
namespace {

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
