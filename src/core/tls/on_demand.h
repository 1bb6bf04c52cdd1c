// On-demand certificates (HttpReceiveClientCertificate): asking a client after the handshake.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "core/base/bytes.h"

struct ssl_st;  // SSL: no header of OpenSSL here, since the binding asks

namespace client_cert {

enum class AskState : std::uint8_t {
  kAsked,        // TLS 1.3: the request waits to be flushed
  kRenegotiate,  // TLS 1.2: a renegotiation that is begun now will ask
  kUnknown,      // no connection of that name
  kHandshakePending,
  kClientEnd,
  kNotOffered,             // TLS 1.3: the client has no post-handshake authentication
  kInsecureRenegotiation,  // TLS 1.2: the client has no secure renegotiation (RFC 5746, RFC 7627)
  kUnderWay,               // it was asked already and has not answered
  kNotSupported,           // an older protocol
  kFailed,
};

class OnDemandRequest {
 public:
  OnDemandRequest(ssl_st* ssl, std::function<void()> answered);
  OnDemandRequest(const OnDemandRequest&) = delete;
  OnDemandRequest& operator=(const OnDemandRequest&) = delete;
  ~OnDemandRequest();

  // What asks is changed for the time of asking only.
  void Restore();
  // The client's answer was read, whatever it was: from within a read of the connection.
  void OnAnswer();
  // The SSL is about to be freed.
  void Disconnect() { ssl_ = nullptr; }

  // Of TLS 1.3, in which nothing else tells of the end: the client's last message of its answer has come.
  bool is_finished_read = false;
  // Of TLS 1.2: OpenSSL has told that a handshake begins, and meant that it asks the client to begin one.
  bool is_hello_requested = false;

 private:
  ssl_st* ssl_;
  int verify_mode_;
  bool may_resume_;
  std::function<void()> answered_;
  bool is_restored_ = false;
};

struct Asked {
  AskState state = AskState::kUnknown;
  std::shared_ptr<OnDemandRequest> request;  // of kAsked and kRenegotiate
};

// `finished` names the connection. `authorities`: DER of the names that are sent as those of trusted CAs; nothing:
// those of the TLS context. `answered` is called on this thread, once, unless Restore comes first.
Asked AskForCertificate(ByteView finished, const std::optional<std::vector<Bytes>>& authorities,
                        std::function<void()> answered);

}  // namespace client_cert
