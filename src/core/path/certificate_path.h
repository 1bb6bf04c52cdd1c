// CertificatePath: certificates that vouch for each other. No header of OpenSSL here: the binding names paths, too.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/base/bytes.h"
#include "core/openssl/digest.h"

namespace client_cert {

struct KnownCertificate;
using CertificatePtr = std::shared_ptr<const KnownCertificate>;

// The certificate in question first, the trust anchor last.
using CertificatePath = std::vector<CertificatePtr>;

// Whether what OpenSSL keeps beside a certificate (TRUSTED CERTIFICATE: for what it is trusted, for what rejected) may
// follow its DER.
enum class AuxiliaryTrust : std::uint8_t { kRefused, kAllowed };

// Null where OpenSSL cannot read the octets as one certificate, to their end.
CertificatePtr Know(ByteView der, AuxiliaryTrust auxiliary = AuxiliaryTrust::kRefused);

}  // namespace client_cert
