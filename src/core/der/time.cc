#include "core/der/time.h"

#include <chrono>

namespace client_cert::der {
namespace {

unsigned TwoDigits(ByteView digits, std::size_t at) {
  return (digits[at] - unsigned{'0'}) * 10 + (digits[at + 1] - unsigned{'0'});
}

}  // namespace

bool ReadTime(Reader& in, What what, std::int64_t& out) {
  const bool utc = in.Next(kUtcTime);
  if (!utc && !in.Next(kGeneralizedTime)) return in.Fail(in.position(), "a UTCTime or GeneralizedTime", what);
  Element element;
  if (!in.ReadAny(what, element)) return false;
  const ByteView text = element.content;
  const char* const form = utc ? "YYMMDDHHMMSSZ" : "YYYYMMDDHHMMSSZ";
  const std::size_t digits = utc ? 12 : 14;
  if (text.size() != digits + 1) return in.Fail(text.data(), form, what);
  for (std::size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return in.Fail(&text[i], form, what);
  }
  if (text[digits] != 'Z') return in.Fail(&text[digits], form, what);

  unsigned year = TwoDigits(text, 0);
  if (utc) {
    year += year >= 50 ? 1900 : 2000;
  } else {
    year = year * 100 + TwoDigits(text, 2);
  }
  const ByteView rest = text.subspan(digits - 10);
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)),
                                         std::chrono::month(TwoDigits(rest, 0)), std::chrono::day(TwoDigits(rest, 2))};
  const unsigned hour = TwoDigits(rest, 4);
  const unsigned minute = TwoDigits(rest, 6);
  const unsigned second = TwoDigits(rest, 8);
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) {
    return in.Fail(text.data(), "a time of the calendar", what);
  }
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  out = ((days * 24 + hour) * 60 + minute) * 60 + second;
  return true;
}

}  // namespace client_cert::der
