// CheckPath: X509_verify_cert on exactly one path. OpenSSL is the authority: a path that it refuses is never accepted.
#pragma once

#include <openssl/x509_vfy.h>

#include <cstdint>
#include <string>
#include <vector>

#include "core/path/known_certificate.h"
#include "core/path/path_record.h"
#include "core/path/path_settings.h"
#include "core/path/trust_store.h"

namespace client_cert {

// `path`: the certificate in question first. Where the last one is none of `trust`'s anchors, OpenSSL says what is
// missing. The record's `presented` stays empty. `policies`: where not null, gets the user-constrained policy set (RFC
// 5280 section 6.1.6) of an accepted path.
PathRecord CheckPath(const CertificatePath& path, const TrustStore& trust, const PathSettings& settings,
                     std::int64_t at, std::vector<std::string>* policies = nullptr);

// Whether the signature of `certificate` verifies with the issuer's key. Nothing else of either is looked at.
bool IsSignedBy(const KnownCertificate& certificate, const KnownCertificate& issuer);

}  // namespace client_cert
