#include "core/tls/connection_registry.h"

#include <utility>

namespace client_cert {
namespace {

// There before the handshake has ended: a TLS 1.3 server sends its own before the client's certificate arrives.
std::string FinishedOf(const SSL* ssl) {
  std::string finished(EVP_MAX_MD_SIZE, '\0');
  finished.resize(SSL_get_finished(ssl, finished.data(), finished.size()));
  return finished;
}

// Of a connection that is not watched nobody tells when a handshake begins or has ended: the state of its SSL does,
// each time. A client may stop in the midst of a further one, where its certificate is there and its proof is not.
bool IsUnwatchedHandshake(const Connection& connection) {
  return !connection.watched && SSL_in_init(connection.ssl) != 0;
}

}  // namespace

const std::shared_ptr<ConnectionRegistry>& ConnectionRegistry::OfThisThread() {
  thread_local const auto registry = std::make_shared<ConnectionRegistry>();
  return registry;
}

void ConnectionRegistry::Add(Connection& connection) {
  const std::lock_guard lock(mutex_);
  in_handshake_.insert(&connection);
  newest_ = &connection;
  connection.number = ++created_;
  latest_.push_back(&connection);
  if (latest_.size() > kLatest) latest_.pop_front();
  connection.selection.number = std::exchange(expected_, 0);
  connection.selection.chooser = std::exchange(expected_chooser_, {});
  if (connection.selection.number != 0) of_number_.emplace(connection.selection.number, &connection);
}

void ConnectionRegistry::Remove(Connection& connection) {
  const std::lock_guard lock(mutex_);
  in_handshake_.erase(&connection);
  const auto known = established_.find(connection.finished);
  if (known != established_.end() && known->second == &connection) established_.erase(known);
  if (newest_ == &connection) newest_ = nullptr;
  std::erase(latest_, &connection);
  of_number_.erase(connection.selection.number);
}

void ConnectionRegistry::Establish(Connection& connection) {
  const std::lock_guard lock(mutex_);
  EstablishLocked(connection);
}

void ConnectionRegistry::EstablishLocked(Connection& connection) {
  connection.finished = FinishedOf(connection.ssl);
  connection.established = true;
  in_handshake_.erase(&connection);
  const auto [place, inserted] = established_.emplace(connection.finished, &connection);
  if (!inserted && place->second != &connection) place->second = nullptr;
}

void ConnectionRegistry::Restart(Connection& connection) {
  const std::lock_guard lock(mutex_);
  if (!connection.established) return;
  ++changes_;
  established_.erase(connection.finished);
  connection.established = false;
  in_handshake_.insert(&connection);
}

void ConnectionRegistry::Rename(Connection& connection) {
  const std::lock_guard lock(mutex_);
  if (!connection.established) return;
  ++changes_;
  established_.erase(connection.finished);
  EstablishLocked(connection);
}

ConnectionRegistry::Found ConnectionRegistry::Find(ByteView finished) {
  const std::lock_guard lock(mutex_);
  const std::string name(finished.begin(), finished.end());
  const auto known = established_.find(name);
  if (known != established_.end()) {
    if (known->second == nullptr) return {Outcome::kAmbiguous, nullptr};
    if (known->second->client_changed) return {Outcome::kChanged, nullptr};
    if (IsUnwatchedHandshake(*known->second)) return {Outcome::kPending, nullptr};
    return {Outcome::kFound, known->second};
  }
  for (Connection* connection : in_handshake_) {
    if (FinishedOf(connection->ssl) != name) continue;
    if (connection->client_changed) return {Outcome::kChanged, nullptr};
    if (connection->watched || IsUnwatchedHandshake(*connection)) return {Outcome::kPending, nullptr};
    EstablishLocked(*connection);
    return {Outcome::kFound, connection};
  }
  return {};
}

Connection* ConnectionRegistry::Newest() {
  const std::lock_guard lock(mutex_);
  return newest_;
}

std::uint64_t ConnectionRegistry::NewNumber() {
  const std::lock_guard lock(mutex_);
  return ++last_number_;
}

void ConnectionRegistry::Expect(std::uint64_t number, std::weak_ptr<const CertificateChooser> chooser) {
  const std::lock_guard lock(mutex_);
  if (number <= expected_ || number > last_number_) return;
  expected_ = number;
  expected_chooser_ = std::move(chooser);
}

Connection* ConnectionRegistry::OfNumber(std::uint64_t number) {
  const std::lock_guard lock(mutex_);
  const auto found = of_number_.find(number);
  return found == of_number_.end() ? nullptr : found->second;
}

std::uint64_t ConnectionRegistry::Created() {
  const std::lock_guard lock(mutex_);
  return created_;
}

std::vector<Connection*> ConnectionRegistry::Since(std::uint64_t created) {
  const std::lock_guard lock(mutex_);
  std::vector<Connection*> found;
  for (Connection* connection : latest_) {
    if (connection->number > created) found.push_back(connection);
  }
  return found;
}

}  // namespace client_cert
