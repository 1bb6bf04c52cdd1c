#include "core/der/time.h"

#include <algorithm>
#include <chrono>

namespace client_cert::der {
namespace {

constexpr std::size_t kUtcDigits = 12;
constexpr std::size_t kGeneralizedDigits = 14;

bool IsDigit(std::uint8_t octet) { return octet >= '0' && octet <= '9'; }

unsigned TwoDigits(const std::uint8_t* at) { return (at[0] - unsigned{'0'}) * 10 + (at[1] - unsigned{'0'}); }

unsigned YearOfUtcTime(ByteView text) {
  const unsigned year = TwoDigits(text.data());
  return year + (year >= 50 ? 1900 : 2000);
}

// `rest`: MMDDHHMMSS
std::optional<std::int64_t> MomentOf(unsigned year, const std::uint8_t* rest) {
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)), std::chrono::month(TwoDigits(rest)),
                                         std::chrono::day(TwoDigits(rest + 2))};
  const unsigned hour = TwoDigits(rest + 4);
  const unsigned minute = TwoDigits(rest + 6);
  const unsigned second = TwoDigits(rest + 8);
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return ((days * 24 + hour) * 60 + minute) * 60 + second;
}

}  // namespace

std::optional<std::int64_t> ParseUtcTime(ByteView text) {
  if (text.size() != kUtcDigits + 1 || text[kUtcDigits] != 'Z') return std::nullopt;
  if (!std::ranges::all_of(text.first(kUtcDigits), IsDigit)) return std::nullopt;
  return MomentOf(YearOfUtcTime(text), &text[2]);
}

bool ReadTime(Reader& in, What what, std::int64_t& out) {
  const bool utc = in.Next(kUtcTime);
  if (!utc && !in.Next(kGeneralizedTime)) return in.Fail(in.position(), "a UTCTime or GeneralizedTime", what);
  Element element;
  if (!in.ReadAny(what, element)) return false;
  const ByteView text = element.content;
  const char* const form = utc ? "YYMMDDHHMMSSZ" : "YYYYMMDDHHMMSSZ";
  const std::size_t digits = utc ? kUtcDigits : kGeneralizedDigits;
  if (text.size() != digits + 1) return in.Fail(text.data(), form, what);
  for (std::size_t i = 0; i < digits; ++i) {
    if (!IsDigit(text[i])) return in.Fail(&text[i], form, what);
  }
  if (text[digits] != 'Z') return in.Fail(&text[digits], form, what);
  const unsigned year = utc ? YearOfUtcTime(text) : TwoDigits(text.data()) * 100 + TwoDigits(&text[2]);
  const std::optional<std::int64_t> moment = MomentOf(year, &text[digits - 10]);
  if (!moment) return in.Fail(text.data(), "a time of the calendar", what);
  out = *moment;
  return true;
}

}  // namespace client_cert::der
