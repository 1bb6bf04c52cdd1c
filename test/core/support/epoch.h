// Epoch: changes that some thread makes while others look on. What was seen is only judged where no change was under
// way; and each change waits until every thread has seen the one before.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

namespace client_cert_test {

class Epoch {
 public:
  explicit Epoch(std::size_t onlookers) : seen_(onlookers, 0) {}

  // Makes a change and waits until every onlooker has seen what came of it. The first one is number 1.
  template <class Change>
  void Next(Change&& change) {
    std::uint64_t number = 0;
    {
      const std::lock_guard lock(mutex_);
      number = ++begun_;
    }
    change(number);
    std::unique_lock lock(mutex_);
    ended_ = number;
    changed_.wait(lock, [&] { return std::ranges::all_of(seen_, [&](std::uint64_t seen) { return seen == number; }); });
  }

  // Looks; the number of the change that it certainly saw, or nothing where one was under way.
  template <class Look>
  std::optional<std::uint64_t> Watch(std::size_t onlooker, Look&& look) {
    const std::optional<std::uint64_t> before = Settled();
    look();
    const std::lock_guard lock(mutex_);
    if (!before || begun_ != *before) return std::nullopt;
    seen_[onlooker] = *before;
    changed_.notify_one();
    return before;
  }

 private:
  std::optional<std::uint64_t> Settled() {
    const std::lock_guard lock(mutex_);
    return begun_ == ended_ ? std::optional(begun_) : std::nullopt;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t begun_ = 0;
  std::uint64_t ended_ = 0;
  std::vector<std::uint64_t> seen_;
};

}  // namespace client_cert_test
