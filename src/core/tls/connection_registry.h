// Which SSL belongs to which connection of this thread. JavaScript names a connection by what its public getFinished()
// gives: the Finished message of this end, which no other end of a connection has.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/base/bytes.h"
#include "core/tls/connection.h"

namespace client_cert {

// One for each thread: it never meets the SSL of another one. The lock is for an SSL that is freed elsewhere.
class ConnectionRegistry {
 public:
  enum class Outcome : std::uint8_t {
    kUnknown,
    kPending,    // it is in a handshake: its first, or a further one
    kAmbiguous,  // there is more than one of that name
    kChanged,    // its client has shown another certificate than before, or none: it is about to end
    kFound,
  };
  struct Found {
    Outcome outcome = Outcome::kUnknown;
    Connection* connection = nullptr;  // of kFound only
  };

  static const std::shared_ptr<ConnectionRegistry>& OfThisThread();

  void Add(Connection& connection);
  void Remove(Connection& connection);
  // Its handshake has ended well.
  void Establish(Connection& connection);
  // A further handshake has begun.
  void Restart(Connection& connection);
  // Without a further handshake, it has another Finished message.
  void Rename(Connection& connection);

  Found Find(ByteView finished);
  // The connection that was created last and still exists, or null.
  Connection* Newest();

  // As NewConnectionNumber and ExpectConnection (client_selection).
  std::uint64_t NewNumber();
  void Expect(std::uint64_t number, std::weak_ptr<const CertificateChooser> chooser);
  // Null where it is gone.
  Connection* OfNumber(std::uint64_t number);

  // How many connections this thread has created.
  std::uint64_t Created();
  // Of the last few connections, those that were created when there were `created` already, and still exist.
  std::vector<Connection*> Since(std::uint64_t created);

  // Grows with each Restart of a connection that was established: as long as it stays the same, what was
  // found out about the watched connections of this thread is still so. The registry's own, at one place for good.
  const std::atomic<std::uint32_t>& Changes() const { return changes_; }

 private:
  // Whoever asks for those since a moment does so before many others can have been created.
  static constexpr std::size_t kLatest = 8;

  void EstablishLocked(Connection& connection);

  std::mutex mutex_;
  std::unordered_set<Connection*> in_handshake_;
  std::unordered_map<std::string, Connection*> established_;  // by Finished message; null: more than one
  Connection* newest_ = nullptr;
  std::uint64_t created_ = 0;
  std::deque<Connection*> latest_;  // kLatest at most
  std::atomic<std::uint32_t> changes_ = 0;
  std::uint64_t last_number_ = 0;
  std::uint64_t expected_ = 0;
  std::weak_ptr<const CertificateChooser> expected_chooser_;
  std::unordered_map<std::uint64_t, Connection*> of_number_;
};

}  // namespace client_cert
