// Threads that do the same work again and again until they are told to stop.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <latch>
#include <thread>
#include <vector>

namespace client_cert_test {

// Few enough for a machine with two cores, more than those: they are interrupted anywhere.
inline constexpr std::size_t kThreads = 4;

class Working {
 public:
  // `work` gets the number of its thread.
  Working(std::size_t threads, const std::function<void(std::size_t)>& work) {
    for (std::size_t i = 0; i < threads; ++i) {
      threads_.emplace_back([this, work, i] {
        while (!is_over_.load()) work(i);
      });
    }
  }
  Working(const Working&) = delete;
  Working& operator=(const Working&) = delete;
  ~Working() { Stop(); }

  void Stop() {
    is_over_ = true;
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

 private:
  std::atomic<bool> is_over_{false};
  std::vector<std::thread> threads_;
};

// Runs `work` once on each of several threads, which begin together, and waits for all.
inline void OnThreads(std::size_t threads, const std::function<void(std::size_t)>& work) {
  std::latch begin(static_cast<std::ptrdiff_t>(threads));
  std::vector<std::thread> all;
  for (std::size_t i = 0; i < threads; ++i) {
    all.emplace_back([&begin, &work, i] {
      begin.arrive_and_wait();
      work(i);
    });
  }
  for (std::thread& thread : all) thread.join();
}

}  // namespace client_cert_test
