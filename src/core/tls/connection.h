// Connection: what was seen of one SSL. Owned by the SSL, in its ex_data: created and freed with it.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/openssl/owned.h"
#include "core/path/path_record.h"
#include "core/tls/on_demand.h"
#include "core/tls/signature_wait.h"
#include "core/tls/transcript.h"
#include "core/verifier/verifier.h"

namespace client_cert {

class ConnectionRegistry;
struct CertificateChooser;

enum class SelectionState : std::uint8_t {
  kIdle,
  kAsked,     // the handshake waits
  kAnswered,  // it may go on
};

// At the client's end: the certificate that is to be shown.
struct ClientSelection {
  std::uint64_t number = 0;  // 0: nobody chooses it when the server asks
  std::weak_ptr<const CertificateChooser> chooser;
  SelectionState state = SelectionState::kIdle;
  // Of kAnswered; without a leaf the client stays anonymous.
  OwnedX509 leaf;
  Owned<EVP_PKEY, EVP_PKEY_free> key;
  bool is_promised = false;  // OpenSSL has it and has not sent it
  bool is_used = false;
  bool is_dropped = false;
  HandshakeTranscript transcript;
  RemoteSignature remote;
};

struct Connection {
  SSL* ssl = nullptr;
  std::shared_ptr<ConnectionRegistry> registry;

  // Of the registry: the latest handshake has ended well, and this is its Finished message.
  bool established = false;
  std::string finished;

  // Set by WatchHandshakes; the callback that was there before.
  bool watched = false;
  void (*info_callback)(const SSL* ssl, int where, int value) = nullptr;

  std::uint64_t number = 0;  // of this thread's connections, from 1

  // Decides about the client in place of the TLS context's trust; null: that does.
  std::shared_ptr<Verifier> judge;
  std::int64_t clock_offset = 0;  // milliseconds that the judge's clock is ahead of the system's

  ClientSelection selection;

  std::shared_ptr<OnDemandRequest> request;  // that the client has not answered

  // Of client_identity: who has shown a certificate on this connection, and whether somebody else has come after. What
  // a further handshake was told to demand is taken back at its end.
  struct BeforeDemand {
    int verify_mode = 0;
    bool may_resume = false;
  };
  OwnedX509 client;
  bool client_changed = false;
  std::optional<BeforeDemand> before_demand;

  // Of the latest handshake.
  bool hello_seen = false;
  std::string server_name;           // that its last ClientHello asked for, lower case; empty where it named none
  bool server_name_changed = false;  // between its ClientHellos, which RFC 8446 section 4.1.2 forbids
  bool has_extended_master_secret = false;
  OwnedX509 certificate_shown;             // by this end, where it is the client's
  std::optional<PathRecord> verification;  // made in it, or anew since
  OutcomePtr outcome;                      // of the judge
};

// Has OpenSSL create a Connection with every SSL from now on. Once for the process. False where OpenSSL refuses.
bool RegisterConnections() noexcept;

// Null for an SSL that is older than that.
Connection* ConnectionOf(const SSL* ssl) noexcept;

}  // namespace client_cert
