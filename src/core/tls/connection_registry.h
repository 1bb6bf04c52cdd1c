// Which SSL belongs to which connection of this thread. JavaScript names a connection by what its public getFinished()
// gives: the Finished message of this end, which no other end of a connection has.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "core/base/bytes.h"
#include "core/path/path_record.h"

namespace client_cert {

class ConnectionRegistry;

// What was seen of one SSL. Owned by the SSL (in its ex_data), created and freed with it.
struct Connection {
  SSL* ssl;
  std::shared_ptr<ConnectionRegistry> registry;
  std::string finished;  // the key under which the registry has it; empty while it waits for its handshake

  bool hello_seen = false;
  std::string server_name;  // that the latest ClientHello asked for, lower case; empty where it named none
  std::optional<PathRecord> verification;  // of the latest handshake, or made anew since
};

// One for each thread: it never meets the SSL of another one. The lock is for an SSL that is freed elsewhere.
class ConnectionRegistry {
 public:
  static const std::shared_ptr<ConnectionRegistry>& OfThisThread();

  void Add(Connection& connection);
  void Remove(Connection& connection);
  // A handshake has begun, or brought a certificate: whoever was told of the connection before has to ask again.
  void Restart(Connection& connection);

  // Null where this thread has no such connection, or more than one.
  Connection* Find(ByteView finished);
  // The connection that was created last and still exists.
  Connection* Newest();

  // How many further handshakes have begun on connections of this thread: as long as it stays the same, no connection
  // has changed.
  std::uint32_t Restarts();

 private:
  void IndexThoseThatFinished();

  std::mutex mutex_;
  std::unordered_set<Connection*> unfinished_;
  std::unordered_map<std::string, Connection*> by_finished_;  // null: ambiguous
  Connection* newest_ = nullptr;
  std::uint32_t restarts_ = 0;
};

}  // namespace client_cert
