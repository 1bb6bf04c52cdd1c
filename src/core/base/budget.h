// Every limit on what an input may make us do, each with where its number came from. Running out of one is an answer,
// not a hang.
#pragma once

#include <cstddef>
#include <cstdint>

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

// Signatures that one verification may verify: those of every path that is tried, of CRLs, and of OCSP responses. Go's
// crypto/x509 and rustls-webpki stop at 100, too. At some 60 microseconds each this holds a hostile client to a few
// milliseconds.
inline constexpr std::size_t kSignatures = 100;

// Steps that one verification may take from a certificate to an issuer while it looks for paths. A step costs less than
// a microsecond; rustls-webpki allows 200,000.
inline constexpr std::size_t kPathSteps = 10'000;

// Certificates that one verification looks at. The largest bridge in public, the United States' Federal PKI, has about
// a hundred CA certificates.
inline constexpr std::size_t kPathNodes = 512;

// Paths through certificates that something speaks against which are looked at to tell why a client is refused.
inline constexpr std::size_t kSuspiciousPaths = 8;

// Comparisons of a name with a name constraint that one path may need, each counted twice. OpenSSL allows 2^20 for each
// of its own rounds (NAME_CHECK_MAX).
inline constexpr std::size_t kNameComparisons = std::size_t{1} << 22;

// URLs of one kind that are taken from one certificate. Windows takes 5 (MaxAIAUrlCountInCert).
inline constexpr std::size_t kFetchUrls = 5;

// Fetched CRLs and OCSP responses that one verifier keeps. The largest CRLs in public have some 40 MB.
inline constexpr std::size_t kFetchedOctets = std::size_t{128} * 1024 * 1024;

// Verdicts that one verifier keeps, each with its path: some ten kilobytes. Who is not trusted can make a leaf as large
// as a handshake allows: the octets of all paths count, too. In memory a certificate takes some five times its octets.
inline constexpr std::size_t kKnownVerdicts = 1000;
inline constexpr std::size_t kKnownVerdictOctets = std::size_t{8} * 1024 * 1024;

// A refusal is looked into again after so many seconds: perhaps there was no memory for what would have been found.
inline constexpr std::int64_t kRefusalSeconds = 60;

// Issuers of one certificate that are remembered as those who signed it. CAs of one name and key, cross-certified, are
// two or three.
inline constexpr std::size_t kRememberedIssuers = 4;

// Intermediates that clients presented in valid paths and that one verifier keeps, and the largest that it keeps. A
// private hierarchy has a handful, the Federal PKI about a hundred.
inline constexpr std::size_t kKnownIssuers = 128;
inline constexpr std::size_t kKnownIssuerOctets = std::size_t{16} * 1024;

// Certificates that a client may present with its leaf; those beyond are not looked at. OpenSSL's default limit for the
// octets of a whole chain (SSL_MAX_CERT_LIST_DEFAULT, 100 KB) allows for about as many.
inline constexpr std::size_t kPresentedCertificates = 128;

// The largest OCSP response that is read. OpenSSL's own limit for what it fetches is 100 KB; a response and its
// responder's certificate hold two signatures, and those of SLH-DSA have up to 50 KB each.
inline constexpr std::size_t kOcspOctets = std::size_t{256} * 1024;

// Elements of an OCSP response outside of its certificates: about fifteen for each SingleResponse.
inline constexpr std::size_t kOcspElements = std::size_t{16} * 1024;

// Certificates that one OCSP response speaks of. Responders answer for one, batches of prepared answers for some tens.
inline constexpr std::size_t kOcspSingleResponses = 256;

// Certificates that an OCSP response carries: the responder's, and perhaps its chain.
inline constexpr std::size_t kOcspCertificates = 8;

// Certificates that are tried as the delegated signer of one OCSP response. While a responder changes its key there are
// two of one name.
inline constexpr std::size_t kOcspResponders = 4;

// The largest CRL that is read. The largest in public have some 40 MB and a million entries.
inline constexpr std::size_t kCrlOctets = std::size_t{256} * 1024 * 1024;

// Certificate issuers that one indirect CRL names, each once. Every one is kept as a decoded name of some kilobytes;
// national CRLs speak for hundreds of CAs.
inline constexpr std::size_t kCrlCertificateIssuers = 4096;

// Distribution points of a certificate that are compared with CRLs, and names of each of them. RFC 5280 has no bound;
// certificates have one to four of both.
inline constexpr std::size_t kDistributionPoints = 16;
inline constexpr std::size_t kDistributionPointNames = 16;

// Certificates beside the path that are tried as the signer of one CRL. During a change of keys there are three of one
// name: new with old, old with new, and one for CRLs.
inline constexpr std::size_t kCrlSigners = 8;

// Signers whose verification of one CRL is remembered. One signs; the others are those of the same name.
inline constexpr std::size_t kRememberedCrlSigners = 16;

// What is kept of a handshake for whoever signs it. OpenSSL takes 100 KiB of certificates, and as much of CA names.
inline constexpr std::size_t kTranscriptOctets = std::size_t{512} * 1024;

// What NSS says of one account or group, in octets. LDAP groups list all of their members; glibc itself has no bound.
inline constexpr std::size_t kAccountOctets = std::size_t{4} * 1024 * 1024;

// Groups of one user: NGROUPS_MAX of Linux, more cannot be set.
inline constexpr std::size_t kAccountGroups = 65536;

// Threads that act as users, of the whole process, and those of them that one user may have at work. libuv has 4; but
// a user may make an operation last for ever (a FIFO, a FUSE file system of his own), and must not stop the others.
inline constexpr std::size_t kImpersonatingThreads = 16;
inline constexpr std::size_t kThreadsOfOneUser = 4;

// Operations of one user that wait for such a thread. Beyond that EAGAIN: the caller is faster than the disk.
inline constexpr std::size_t kWaitingOfOneUser = 32768;

// Octets that one readFile reads. Node.js' own takes 2 GiB; but here it is users who say how long their files are.
inline constexpr std::size_t kReadOctets = std::size_t{256} * 1024 * 1024;

// A description of what is to be launched: the kernel's own limit for arguments and environment is 6 MiB at most
// (fs/exec.c, _STK_LIM / 4 * 3).
inline constexpr std::size_t kLaunchOctets = std::size_t{8} * 1024 * 1024;

}  // namespace client_cert::budget
