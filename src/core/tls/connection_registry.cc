#include "core/tls/connection_registry.h"

namespace client_cert {
namespace {

// Empty before the handshake has ended: a TLS 1.3 server sends its Finished before the client's certificate arrives.
std::string FinishedOf(const SSL* ssl) {
  if (SSL_in_init(ssl) != 0) return {};
  std::string finished(EVP_MAX_MD_SIZE, '\0');
  finished.resize(SSL_get_finished(ssl, finished.data(), finished.size()));
  return finished;
}

}  // namespace

const std::shared_ptr<ConnectionRegistry>& ConnectionRegistry::OfThisThread() {
  thread_local const auto registry = std::make_shared<ConnectionRegistry>();
  return registry;
}

void ConnectionRegistry::Add(Connection& connection) {
  const std::lock_guard lock(mutex_);
  unfinished_.insert(&connection);
  newest_ = &connection;
}

void ConnectionRegistry::Remove(Connection& connection) {
  const std::lock_guard lock(mutex_);
  unfinished_.erase(&connection);
  const auto indexed = by_finished_.find(connection.finished);
  if (indexed != by_finished_.end() && indexed->second == &connection) by_finished_.erase(indexed);
  if (newest_ == &connection) newest_ = nullptr;
}

void ConnectionRegistry::Restart(Connection& connection) {
  const std::lock_guard lock(mutex_);
  if (connection.finished.empty()) return;  // nobody has asked about it
  ++restarts_;
  by_finished_.erase(connection.finished);
  connection.finished.clear();
  unfinished_.insert(&connection);
}

Connection* ConnectionRegistry::Find(ByteView finished) {
  const std::lock_guard lock(mutex_);
  const std::string key(finished.begin(), finished.end());
  auto found = by_finished_.find(key);
  if (found == by_finished_.end()) {
    IndexThoseThatFinished();
    found = by_finished_.find(key);
  }
  return found == by_finished_.end() ? nullptr : found->second;
}

Connection* ConnectionRegistry::Newest() {
  const std::lock_guard lock(mutex_);
  return newest_;
}

std::uint32_t ConnectionRegistry::Restarts() {
  const std::lock_guard lock(mutex_);
  return restarts_;
}

// Each connection passes here once, so that finding one costs the same however many are open.
void ConnectionRegistry::IndexThoseThatFinished() {
  for (auto next = unfinished_.begin(); next != unfinished_.end();) {
    Connection* connection = *next;
    std::string finished = FinishedOf(connection->ssl);
    if (finished.empty()) {
      ++next;
      continue;
    }
    connection->finished = finished;
    const auto [place, inserted] = by_finished_.emplace(std::move(finished), connection);
    if (!inserted) place->second = nullptr;
    next = unfinished_.erase(next);
  }
}

}  // namespace client_cert
