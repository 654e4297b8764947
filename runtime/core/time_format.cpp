#include <string>

#include "runtime/core/time_fn.h"
#include "runtime/core/time_format.h"
#include "runtime/core/time_names.h"
#include "runtime/core/write_number.h"
#include "runtime/core/write_time.h"

namespace gress::fn {

namespace {

struct Moment {
  std::int64_t t, offset;
  std::string_view zone;
  Civil date;
  std::int64_t days;
  std::uint32_t hour, minute, second, micros;
  int weekday;

  std::uint32_t day_of_year() const { return static_cast<std::uint32_t>(days - days_from_civil(date.year, 1, 1)) + 1; }
};

Moment moment(std::int64_t t, const Zone& zone) {
  const Zone::Interval i = zone.at(t);
  const std::int64_t local = zone.local(t);
  const std::int64_t days = days_of(local);
  const std::int64_t rest = time_of_day(local);
  const auto seconds = static_cast<std::uint32_t>(rest / kSecond);
  return {t,
          i.offset,
          zone.abbreviation(t),
          civil_from_days(days),
          days,
          seconds / 3600,
          seconds / 60 % 60,
          seconds % 60,
          static_cast<std::uint32_t>(rest % kSecond),
          weekday_of(days)};
}

class Writer {
 public:
  Writer(Eval& ev, std::size_t pattern_size) : ev_(ev), text_(small_), room_(sizeof small_) { need(pattern_size); }

  void all(std::string_view pattern, const Moment& m) {
    for (std::size_t i = 0; i < pattern.size(); ++i) {
      if (pattern[i] != '%' || i + 1 == pattern.size()) {
        put(pattern.substr(i, 1));
      } else {
        one(pattern[++i], m);
      }
    }
  }
  Text text() { return ev_.arena.copy(std::string_view(text_, size_)); }

 private:
  static constexpr std::size_t kMost = 64;  // of one conversion

  void need(std::size_t bytes) {
    if (room_ - size_ >= bytes) return;
    const std::size_t room = 2 * (room_ + bytes);
    char* larger = ev_.arena.allocate(room);
    std::memcpy(larger, text_, size_);
    text_ = larger;
    room_ = room;
  }
  void put(std::string_view s) {
    need(s.size());
    std::memcpy(text_ + size_, s.data(), s.size());
    size_ += s.size();
  }
  void two(std::uint32_t v) {
    need(2);
    write_2(text_ + size_, v);
    size_ += 2;
  }
  void number(std::int64_t v) {
    need(kMost);
    size_ = static_cast<std::size_t>(write_i64(text_ + size_, v) - text_);
  }
  void year(std::int32_t y) {
    need(kMost);
    size_ = static_cast<std::size_t>(write_year(text_ + size_, y) - text_);
  }
  void one(char conversion, const Moment& m) {
    if (const std::string_view longer = expansion(conversion); !longer.empty()) return all(longer, m);
    switch (conversion) {
      case 'Y':
        return year(m.date.year);
      case 'y':
        return two(static_cast<std::uint32_t>((m.date.year % 100 + 100) % 100));
      case 'm':
        return two(m.date.month);
      case 'd':
        return two(m.date.day);
      case 'e':
        return m.date.day < 10 ? (put(" "), number(m.date.day)) : two(m.date.day);
      case 'j': {
        const std::uint32_t day = m.day_of_year();
        put({kFourDigits.text + 4 * day + 1, 3});
        return;
      }
      case 'H':
        return two(m.hour);
      case 'I':
        return two((m.hour + 11) % 12 + 1);
      case 'p':
        return put(m.hour < 12 ? "AM" : "PM");
      case 'M':
        return two(m.minute);
      case 'S':
        return two(m.second);
      case 'f':
        put({kFourDigits.text + 4 * (m.micros / 100), 4});
        return two(m.micros % 100);
      case 's':
        return number(floor_div(m.t, kSecond));
      case 'a':
        return put(kDayNames[m.weekday - 1].substr(0, 3));
      case 'A':
        return put(kDayNames[m.weekday - 1]);
      case 'b':
      case 'h':
        return put(kMonthNames[m.date.month - 1].substr(0, 3));
      case 'B':
        return put(kMonthNames[m.date.month - 1]);
      case 'u':
        return number(m.weekday);
      case 'w':
        return number(m.weekday % 7);
      case 'G':
      case 'V': {
        // The week belongs to the year of its Thursday.
        const std::int64_t thursday = m.days + 4 - m.weekday;
        const std::int32_t y = civil_from_days(thursday).year;
        if (conversion == 'G') return year(y);
        return two(static_cast<std::uint32_t>((thursday - days_from_civil(y, 1, 1)) / 7 + 1));
      }
      case 'z': {
        const std::int64_t offset = m.offset < 0 ? -m.offset : m.offset;
        put(m.offset < 0 ? "-" : "+");
        two(static_cast<std::uint32_t>(offset / kHour));
        two(static_cast<std::uint32_t>(offset / kMinute % 60));
        if (offset % kMinute != 0) two(static_cast<std::uint32_t>(offset / kSecond % 60));
        return;
      }
      case 'Z':
        return put(m.zone);
      case 'n':
        return put("\n");
      case 't':
        return put("\t");
      default:
        return put("%");
    }
  }

  Eval& ev_;
  char small_[128];
  char* text_;
  std::size_t room_, size_ = 0;
};

}  // namespace

std::string_view unknown_conversion(std::string_view pattern, bool parsing) {
  const std::string_view known = parsing ? kParseConversions : kFormatConversions;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%') continue;
    if (i + 1 == pattern.size()) return pattern.substr(i);
    if (known.find(pattern[i + 1]) == std::string_view::npos) {
      std::size_t end = i + 2;  // a whole code point
      while (end < pattern.size() && (pattern[end] & 0xc0) == 0x80) ++end;
      return pattern.substr(i, end - i);
    }
    ++i;
  }
  return {};
}

Text format_time(Eval& ev, std::int64_t t, const Text& pattern) { return format_time(ev, t, pattern, utc()); }
Text format_time(Eval& ev, std::int64_t t, const Text& pattern, const Zone& zone) {
  if (const std::string_view unknown = unknown_conversion(pattern.view(), false); !unknown.empty()) [[unlikely]] {
    ev.fail("format_time knows no " + std::string(unknown));
    return {};
  }
  Writer writer(ev, pattern.size());
  writer.all(pattern.view(), moment(t, zone));
  return writer.text();
}

Text TimeFormat::format(Eval& ev, std::int64_t t) {
  const Text text = format_time(ev, t, pattern_);
  if (!text.is_inline()) return text;  // the arena's
  std::int64_t unit = kMinute;
  for (std::size_t i = 0; i + 1 < pattern_.size(); ++i) {
    if (pattern_[i] != '%') continue;
    const char conversion = pattern_[++i];
    if (conversion == 'f') unit = 1;
    else if (unit != 1 && std::string_view("SsT").find(conversion) != std::string_view::npos) unit = kSecond;
  }
  text_ = text;
  from_ = static_cast<std::uint64_t>(t) - static_cast<std::uint64_t>(time_of_day(t) % unit);
  length_ = static_cast<std::uint64_t>(unit);
  return text;
}

[[gnu::cold, gnu::noinline]] void truncate_failed(Eval& ev, std::int64_t t, std::int64_t step) {
  if (step > 0) return ev.fail("time overflow in truncate_time of " + std::to_string(t) + " microseconds");
  char text[kTimeRoom];
  ev.fail("truncate_time wants a step above zero, got " + std::string(text, write_duration(text, step)));
}

}  // namespace gress::fn
