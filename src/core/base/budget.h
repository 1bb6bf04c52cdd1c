// Every limit on what an input may make us do, each with where its number came from. Running out of one is an answer,
// not a hang.
#pragma once

#include <cstddef>

namespace client_cert::budget {

// The largest certificate that is read. TLS carries up to 2^24 - 1 octets; the largest certificates seen in public hold
// some hundred kilobytes of alternative names, and OpenSSL's own default for a whole chain (SSL_MAX_CERT_LIST_DEFAULT)
// is 100 KB.
inline constexpr std::size_t kCertificateOctets = std::size_t{1024} * 1024;

// Elements in one certificate. 10,000 alternative names need about as many; a megabyte of empty ones would be half a
// million, and each costs some forty octets once decoded. This holds a decoded certificate to a few megabytes.
inline constexpr std::size_t kCertificateElements = std::size_t{128} * 1024;

// Nesting within values that are kept as they are (parameters, otherName, x400Address). An ORAddress needs about ten;
// OpenSSL's ASN1_MAX_CONSTRUCTED_NEST is 30.
inline constexpr std::size_t kNesting = 30;

// RFC 5280 4.1.2.2 says 20, which is the verifier's business. Longer ones are deployed; none is near this.
inline constexpr std::size_t kSerialNumberOctets = 256;

// Octets of one arc of an OBJECT IDENTIFIER, seven bits each. UUID arcs (2.25.n, X.667) have 128 bits.
inline constexpr std::size_t kArcOctets = 19;

}  // namespace client_cert::budget
