// A library to preload: the clock of the day is CLOCK_OFFSET seconds ahead for the whole process.
#include <dlfcn.h>
#include <sys/time.h>
#include <time.h>

#include <cstdlib>

namespace {
long Offset() {
  static const char* const text = std::getenv("CLOCK_OFFSET");
  return text == nullptr ? 0 : std::atol(text);
}

template <class Function>
Function Next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}
}  // namespace

extern "C" int clock_gettime(clockid_t clock, timespec* time) noexcept {
  static const auto next = Next<int (*)(clockid_t, timespec*)>("clock_gettime");
  const int result = next(clock, time);
  if (result == 0 && clock == CLOCK_REALTIME) time->tv_sec += Offset();
  return result;
}

extern "C" int gettimeofday(timeval* time, void* zone) noexcept {
  static const auto next = Next<int (*)(timeval*, void*)>("gettimeofday");
  const int result = next(time, zone);
  if (result == 0) time->tv_sec += Offset();
  return result;
}

extern "C" time_t time(time_t* to) noexcept {
  timeval now{};
  gettimeofday(&now, nullptr);
  if (to != nullptr) *to = now.tv_sec;
  return now.tv_sec;
}
