// The client's certificate, chosen when a server asks for it (QUERYCLIENTCERT): the handshake waits for whoever
// chooses.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/tls/remote_signature.h"

struct ssl_ctx_st;  // SSL_CTX: no header of OpenSSL here, since the binding answers

namespace client_cert {

struct CertificateQuery {
  std::uint64_t number = 0;  // of the connection
  std::string protocol;
  std::string server_name;
  std::vector<Bytes> authorities;                // names of the CAs that the server trusts; none: any
  std::vector<std::uint16_t> signature_schemes;  // that it accepts, in its order
  std::vector<std::uint16_t> shared_schemes;     // of those, the ones that this end makes
  std::optional<Bytes> server_certificate;       // where it has been verified
};

// Who is asked. There may be several on a thread, each with connections of its own. Called on the thread of the
// connection, in the midst of a read: it must not touch the connection.
struct CertificateChooser {
  std::function<void(const CertificateQuery&)> on_query;
  std::function<void(const SignatureRequest&)> on_signature;
};

// How many TLS contexts this thread has created.
std::uint64_t ContextsCreated();
// Has the connections of the one context that this thread has created since there were `created` ask. False where it
// is not exactly one.
bool SelectOnContextSince(std::uint64_t created, bool offers_post_handshake);

// A number that no connection of this thread has yet, nor ever will unless it is expected: greater than all before.
std::uint64_t NewConnectionNumber();
// The next connection that this thread creates gets this number, and asks this chooser. Where several are expected at
// once, it is that of the greatest number: whoever asked for one last.
void ExpectConnection(std::uint64_t number, std::weak_ptr<const CertificateChooser> chooser);

struct Credential {
  std::vector<Bytes> chain;  // DER, leaf first
  Bytes key;                 // PKCS #8, DER; wiped once it was read. Empty: somebody else signs (remote_signature)
};
enum class AnswerState : std::uint8_t {
  kAccepted,
  kGone,
  kBadCertificate,
  kBadKey,
  kMismatch,
  kRefused,
  kCannotWait,
  kCannotSign
};
// No credential: the client stays anonymous. Whoever answers has the connection go on. kGone: nobody asks, or the
// connection is closed; kRefused: by OpenSSL's security level; kCannotWait: for a signature, here;
// kCannotSign: nor anywhere, with this kind of key or on this system.
AnswerState AnswerQuery(std::uint64_t number, std::optional<Credential> credential);

// Whether OpenSSL went on without the credential that was answered, since it cannot use it. Nothing more is sent then.
bool WasDropped(std::uint64_t number);

// What is in a PKCS #12 file; nothing where it cannot be read with this passphrase.
std::optional<Credential> OpenPfx(ByteView der, const std::string& passphrase);

// For the observer.
void NoteContext(ssl_ctx_st* context);
void ForgetContext(const ssl_ctx_st* context);

}  // namespace client_cert
