// CheckNameConstraints: RFC 5280 section 4.2.1.10, where X509_verify_cert reads names otherwise than others do, or not
// at all.
#pragma once

#include <vector>

#include "core/path/certificate_path.h"
#include "core/verdict/problem.h"

namespace client_cert {

// DNS names: well-formed, and no wildcard that reaches into an excluded host. URIs by the host of their authority, and
// mailboxes (those of the subject's emailAddress and SmtpUTF8Mailbox, RFC 9598, too) by all that a constraint says of
// them. Certificates that the decoder refuses, which is a problem of its own, are not looked at.
void CheckNameConstraints(const CertificatePath& path, std::vector<Problem>& problems);

}  // namespace client_cert
