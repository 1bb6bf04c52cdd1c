// HasExpectedName: whether a certificate has the names that somebody asks for.
#pragma once

#include "core/path/known_certificate.h"
#include "core/verdict/requirements.h"

namespace client_cert {

// True where nothing is expected. Whole values are compared, as RFC 5280 section 7 says for each kind; an alternative
// name that our decoder could not read is none.
bool HasExpectedName(const KnownCertificate& certificate, const ExpectedName& expected);

}  // namespace client_cert
