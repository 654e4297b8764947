#include "runtime/core/time.h"

#include <limits>
#include <map>
#include <random>

#include "runtime/core/time_fn.h"
#include "runtime/core/time_format.h"
#include "runtime/core/write_time.h"
#include "tests/runtime/values/table.h"

namespace gress {
namespace {

using namespace test;
using fn::CalendarUnit;

const fn::Zone& zone(const std::string& name) {
  std::string error;
  const fn::Zone* z = fn::find_zone(name, error);
  EXPECT_NE(z, nullptr) << error;
  return *z;
}
std::int64_t instant(const std::string& text) {
  std::int64_t t = 0;
  EXPECT_TRUE(fn::read_time(text, "%Y-%m-%dT%H:%M:%SZ", fn::utc(), t)) << text;
  return t;
}
std::string shown(std::int64_t t) {
  char text[fn::kTimeRoom];
  return std::string(text, fn::write_timestamp(text, t));
}
std::string shown_duration(std::int64_t d) {
  char text[fn::kTimeRoom];
  return std::string(text, fn::write_duration(text, d));
}

TEST(Civil, every_day_has_its_date) {
  Civil last = civil_from_days(-106751992);
  EXPECT_EQ(last.year, -290308);
  // All days of six centuries, and samples of all 64 bits.
  last = civil_from_days(-110000);
  for (std::int64_t d = -109999; d != 110000; ++d) {
    const Civil c = civil_from_days(d);
    ASSERT_EQ(days_from_civil(c.year, c.month, c.day), d);
    if (c.day != 1) {
      ASSERT_EQ(c.day, last.day + 1);
      ASSERT_EQ(c.month, last.month);
    } else {
      ASSERT_EQ(last.day, days_in_month(last.year, last.month));
      ASSERT_EQ(c.month, last.month % 12 + 1);
      ASSERT_EQ(c.year, last.year + (c.month == 1));
    }
    last = c;
  }
  for (std::int64_t d = -106751992; d < 106751992; d += 997) {
    const Civil c = civil_from_days(d);
    ASSERT_EQ(days_from_civil(c.year, c.month, c.day), d);
    ASSERT_TRUE(c.month >= 1 && c.month <= 12 && c.day >= 1 && c.day <= days_in_month(c.year, c.month));
  }
  EXPECT_EQ(weekday_of(0), 4);
  EXPECT_EQ(weekday_of(-1), 3);
  EXPECT_EQ(days_from_civil(2000, 3, 1), 11017);
}

TEST(Time, is_printed_as_rfc_3339) {
  for (const auto& row : table("timestamps.tsv")) EXPECT_EQ(shown(integer(row[0])), row[1]);
  EXPECT_EQ(shown(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(shown(-1), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(shown(100000), "1970-01-01T00:00:00.1Z");
  EXPECT_EQ(shown(253402300800000000), "+10000-01-01T00:00:00Z");
  EXPECT_EQ(shown(-62167219200000000), "0000-01-01T00:00:00Z");
  EXPECT_EQ(shown(-62167219200000001), "-0001-12-31T23:59:59.999999Z");
  EXPECT_EQ(shown(std::numeric_limits<std::int64_t>::max()), "+294247-01-10T04:00:54.775807Z");
  EXPECT_EQ(shown(std::numeric_limits<std::int64_t>::min()), "-290308-12-21T19:59:05.224192Z");
}

TEST(Time, durations) {
  EXPECT_EQ(shown_duration(5400 * kSecond), "PT1H30M");
  EXPECT_EQ(shown_duration(36 * kHour), "PT36H");
  EXPECT_EQ(shown_duration(-5 * kMinute), "-PT5M");
  EXPECT_EQ(shown_duration(0), "PT0S");
  EXPECT_EQ(shown_duration(250000), "PT0.25S");
  EXPECT_EQ(shown_duration(kHour + 1), "PT1H0.000001S");
  EXPECT_EQ(shown_duration(std::numeric_limits<std::int64_t>::min()), "-PT2562047788H54.775808S");
}

TEST(Time, parts) {
  Eval ev;
  const std::int64_t t = instant("2026-01-31T23:45:59Z");
  EXPECT_EQ(fn::year(ev, t), 2026);
  EXPECT_EQ(fn::month(ev, t), 1);
  EXPECT_EQ(fn::day(ev, t), 31);
  EXPECT_EQ(fn::hour(ev, t), 23);
  EXPECT_EQ(fn::minute(ev, t), 45);
  EXPECT_EQ(fn::second(ev, t), 59);
  EXPECT_EQ(fn::day_of_week(ev, t), 6);
  const fn::Zone& berlin = zone("Europe/Berlin");
  EXPECT_EQ(fn::month(ev, t, berlin), 2);
  EXPECT_EQ(fn::hour(ev, t, berlin), 0);
  EXPECT_EQ(fn::day_of_week(ev, t, berlin), 7);
  EXPECT_EQ(fn::hour(ev, -1), 23);
  EXPECT_EQ(fn::second(ev, -1), 59);
  EXPECT_EQ(fn::minute(ev, instant("2026-01-01T00:00:00Z"), zone("Asia/Kathmandu")), 45);
}

TEST(Time, truncate) {
  Eval ev;
  EXPECT_EQ(fn::truncate_time(ev, 125, 60), 120);
  EXPECT_EQ(fn::truncate_time(ev, -1, 60), -60);
  EXPECT_EQ(fn::truncate_time(ev, 120, 60), 120);
  EXPECT_EQ(shown(fn::truncate_time(ev, instant("2026-08-31T23:45:59Z"), CalendarUnit::quarter)),
            "2026-07-01T00:00:00Z");
  EXPECT_EQ(shown(fn::truncate_time(ev, instant("2026-08-31T22:45:59Z"), CalendarUnit::month, zone("Europe/Berlin"))),
            "2026-08-31T22:00:00Z");
  EXPECT_EQ(failure(ev), "");
  fn::truncate_time(ev, 5, std::int64_t{0});
  EXPECT_EQ(failure(ev), "truncate_time wants a step above zero, got PT0S");
  fn::truncate_time(ev, kStartOfTime, kHour);
  EXPECT_EQ(failure(ev), "time overflow in truncate_time of -9223372036854775808 microseconds");
}

TEST(Zone, agrees_with_the_database) {
  for (const auto& row : table("zones.tsv")) {
    const std::int64_t t = integer(row[1]) * kSecond;
    EXPECT_EQ(zone(row[0]).offset(t), integer(row[2]) * kSecond) << row[0] << " " << row[1];
    EXPECT_EQ(zone(row[0]).abbreviation(t), row[3]) << row[0] << " " << row[1];
  }
}

TEST(Zone, intervals_follow_each_other) {
  const fn::Zone& berlin = zone("Europe/Berlin");
  std::int64_t t = kStartOfTime;
  int count = 0;
  for (fn::Zone::Interval i = berlin.at(t); i.end < days_from_civil(3500, 1, 1) * kDay; i = berlin.at(t)) {
    ASSERT_EQ(i.begin, t);
    ASSERT_GT(i.end, t);
    ASSERT_EQ(berlin.at(i.end - 1).begin, i.begin);
    t = i.end;
    ++count;
  }
  EXPECT_GT(count, 3000);
  EXPECT_EQ(berlin.at(kEndOfTime).offset % kHour, 0);
}

TEST(Zone, names) {
  std::string error;
  EXPECT_EQ(fn::find_zone("UTC", error), &fn::utc());
  EXPECT_EQ(fn::find_zone("Europe/Berlin", error), fn::find_zone("Europe/Berlin", error));
  EXPECT_EQ(error, "");
  EXPECT_EQ(fn::find_zone("Europe/Berln", error), nullptr);
  EXPECT_EQ(error, "no time zone is named `Europe/Berln`; did you mean `Europe/Berlin`?");
  EXPECT_EQ(fn::find_zone("europe/berlin", error), nullptr);
  EXPECT_EQ(error, "no time zone is named `europe/berlin`; did you mean `Europe/Berlin`?");
  EXPECT_EQ(fn::find_zone("Berlin", error), nullptr);
  EXPECT_EQ(error, "no time zone is named `Berlin`; did you mean `Europe/Berlin`?");
  for (const char* name : {"", "/etc/passwd", "../../../etc/passwd", "Europe", "tzdata.zi", "a\nb", "Middle/Earth"})
    EXPECT_EQ(fn::find_zone(name, error), nullptr) << name;
  EXPECT_EQ(error, "no time zone is named `Middle/Earth`");
}

TEST(Calendar, agrees_with_counting) {
  const std::map<std::string, CalendarUnit> units = {{"hour", CalendarUnit::hour},       {"day", CalendarUnit::day},
                                                     {"week", CalendarUnit::week},       {"month", CalendarUnit::month},
                                                     {"quarter", CalendarUnit::quarter}, {"year", CalendarUnit::year}};
  for (const auto& row : table("calendar.tsv")) {
    const CalendarUnits unit{units.at(row[2]), &zone(row[0])};
    const std::string where = row[0] + " " + row[2] + " " + shown(integer(row[1]) * kSecond);
    const std::int64_t start = unit.floor(integer(row[1]) * kSecond);
    EXPECT_EQ(shown(start), shown(integer(row[3]) * kSecond)) << where;
    EXPECT_EQ(shown(unit.next(start)), shown(integer(row[4]) * kSecond)) << where;
  }
}

TEST(Calendar, units_tile_time) {
  std::mt19937_64 random(7);
  for (const char* name :
       {"UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia", "America/Sao_Paulo",
        "Asia/Manila", "Pacific/Kwajalein", "Africa/Monrovia", "Europe/Dublin"}) {
    for (const CalendarUnit unit : {CalendarUnit::hour, CalendarUnit::day, CalendarUnit::week, CalendarUnit::month,
                                    CalendarUnit::quarter, CalendarUnit::year}) {
      const CalendarUnits units{unit, &zone(name)};
      std::int64_t start = units.floor(days_from_civil(1840, 1, 1) * kDay);
      for (int i = 0; i != 3000; ++i) {
        const std::int64_t next = units.next(start);
        ASSERT_GT(next, start) << name << shown(start);
        ASSERT_EQ(units.floor(start), start) << name << shown(start);
        ASSERT_EQ(units.floor(next - 1), start) << name << shown(start);
        ASSERT_EQ(units.floor(start + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(next - start))),
                  start)
            << name << shown(start);
        start = next;
        // Hours and days of 700 years are too many: on in leaps.
        if (unit <= CalendarUnit::week && i % 100 == 99) start = units.floor(start + 4000 * kDay);
      }
    }
  }
}

TEST(Calendar, days_are_23_24_and_25_hours) {
  const CalendarUnits days{CalendarUnit::day, &zone("Europe/Berlin")},
      hours{CalendarUnit::hour, &zone("Europe/Berlin")};
  const auto length = [&](const char* at) {
    const std::int64_t start = days.floor(instant(at));
    return (days.next(start) - start) / kHour;
  };
  EXPECT_EQ(length("2026-03-29T12:00:00Z"), 23);
  EXPECT_EQ(length("2026-03-30T12:00:00Z"), 24);
  EXPECT_EQ(length("2026-10-25T12:00:00Z"), 25);
  // The hour from two to three comes twice.
  EXPECT_EQ(shown(hours.floor(instant("2026-10-25T00:30:00Z"))), "2026-10-25T00:00:00Z");
  EXPECT_EQ(shown(hours.next(instant("2026-10-25T00:00:00Z"))), "2026-10-25T01:00:00Z");
  EXPECT_EQ(shown(hours.next(instant("2026-10-25T01:00:00Z"))), "2026-10-25T02:00:00Z");
}

TEST(Calendar, ends_of_time) {
  for (const char* name : {"UTC", "Europe/Berlin", "America/New_York"}) {
    for (const CalendarUnit unit : {CalendarUnit::hour, CalendarUnit::day, CalendarUnit::week, CalendarUnit::month,
                                    CalendarUnit::quarter, CalendarUnit::year}) {
      for (const std::int64_t t :
           {kStartOfTime, kStartOfTime + 1, kStartOfTime + kDay, kEndOfTime, kEndOfTime - 1, kEndOfTime - kDay}) {
        const std::int64_t start = fn::unit_floor(t, unit, zone(name));
        EXPECT_LE(start, t);
        const std::int64_t next = fn::unit_next(start, unit, zone(name));
        EXPECT_TRUE(next > start || next == kEndOfTime) << name << t;
      }
    }
  }
}

TEST(FormatTime, agrees_with_strftime) {
  Eval ev;
  for (const auto& row : table("formats.tsv"))
    EXPECT_EQ(string(fn::format_time(ev, integer(row[1]), Text(row[2]), zone(row[0]))), row[3])
        << row[0] << " " << row[1] << " " << row[2];
  EXPECT_EQ(string(fn::format_time(ev, -1, Text("%s %Y"))), "-1 1969");
  EXPECT_EQ(string(fn::format_time(ev, 0, Text("%H"))), "00");
  EXPECT_EQ(string(fn::format_time(ev, 0, Text("100%% %n%t%Z%z"))), "100% \n\tUTC+0000");
  EXPECT_EQ(string(fn::format_time(ev, 253402300800000000, Text("%F"))), "+10000-01-01");
  EXPECT_EQ(string(fn::format_time(ev, 0, Text("%I %p"))), "12 AM");
  EXPECT_EQ(string(fn::format_time(ev, 43200 * kSecond, Text("%I %p"))), "12 PM");
  std::string wide, wanted;
  for (int i = 0; i != 100; ++i) wide += "%A ", wanted += "Thursday ";
  EXPECT_EQ(string(fn::format_time(ev, 0, Text(wide))), wanted);
  EXPECT_EQ(failure(ev), "");
  fn::format_time(ev, 0, Text("%Y %Q"));
  EXPECT_EQ(failure(ev), "format_time knows no %Q");
  fn::format_time(ev, 0, Text("100%"));
  EXPECT_EQ(failure(ev), "format_time knows no %");
}

TEST(Time, a_format_remembers_its_text_as_long_as_it_holds) {
  Eval ev;
  const char* const patterns[] = {"%H:%M", "%T", "%S.%f", "%s", "%Y", "%Y-%m-%d %H:%M:%S"};
  const std::int64_t times[] = {-1, 0, 1, 999999, 1000000, 59999999, 60000000, 60000001, -60000000, -60000001, 86399999999, 86400000000, 61, 60000000};
  for (const char* pattern : patterns) {
    fn::TimeFormat format{pattern};
    for (const std::int64_t t : times) EXPECT_EQ(string(format(ev, t)), string(fn::format_time(ev, t, Text(std::string_view(pattern))))) << pattern << ' ' << t;
  }
}

TEST(ParseTime, forms) {
  Eval ev;
  const auto parse = [&](const char* text, const char* pattern, const char* name = "UTC") {
    const Exact a(text), b(pattern);
    const std::int64_t t = fn::parse_time(ev, a.text, b.text, zone(name));
    const std::string why = failure(ev);
    return why.empty() ? shown(t) : why;
  };
  EXPECT_EQ(parse("10/Oct/2000:13:55:36 -0700", "%d/%b/%Y:%H:%M:%S %z"), "2000-10-10T20:55:36Z");
  EXPECT_EQ(parse("2026-01-31 12:00", "%Y-%m-%d %H:%M"), "2026-01-31T12:00:00Z");
  EXPECT_EQ(parse("2026-01-31", "%F"), "2026-01-31T00:00:00Z");
  EXPECT_EQ(parse("2026-07-01 12:00", "%Y-%m-%d %H:%M", "Europe/Berlin"), "2026-07-01T10:00:00Z");
  EXPECT_EQ(parse("2026-07-01 12:00 Z", "%Y-%m-%d %H:%M %z", "Europe/Berlin"), "2026-07-01T12:00:00Z");
  EXPECT_EQ(parse("2026-07-01T12:00:00.1234567+05:30", "%FT%T.%f%z"), "2026-07-01T06:30:00.123456Z");
  EXPECT_EQ(parse("12:30 +01", "%R %z"), "1970-01-01T11:30:00Z");
  EXPECT_EQ(parse("Sat Jan  3 09:08:07 2026", "%a %b %e %T %Y"), "2026-01-03T09:08:07Z");
  EXPECT_EQ(parse("SATURDAY, january 3 2026", "%A, %B %d %Y"), "2026-01-03T00:00:00Z");
  EXPECT_EQ(parse("01/02/03", "%D"), "2003-01-02T00:00:00Z");
  EXPECT_EQ(parse("69", "%y"), "1969-01-01T00:00:00Z");
  EXPECT_EQ(parse("2024-366", "%Y-%j"), "2024-12-31T00:00:00Z");
  EXPECT_EQ(parse("12:05 AM", "%I:%M %p"), "1970-01-01T00:05:00Z");
  EXPECT_EQ(parse("12:05 pm", "%I:%M %p"), "1970-01-01T12:05:00Z");
  EXPECT_EQ(parse("11:05 PM", "%I:%M %p"), "1970-01-01T23:05:00Z");
  EXPECT_EQ(parse("-1.5", "%s.%f"), "1969-12-31T23:59:59.5Z");
  EXPECT_EQ(parse("1769860800", "%s"), "2026-01-31T12:00:00Z");
  EXPECT_EQ(parse("2026-01-31 12:00 GMT", "%Y-%m-%d %H:%M %Z", "Europe/Berlin"), "2026-01-31T12:00:00Z");
  // An hour that comes twice, and one that does not come.
  EXPECT_EQ(parse("2026-10-25 02:30", "%Y-%m-%d %H:%M", "Europe/Berlin"), "2026-10-25T00:30:00Z");
  EXPECT_EQ(parse("2026-10-25 02:30 CEST", "%Y-%m-%d %H:%M %Z", "Europe/Berlin"), "2026-10-25T00:30:00Z");
  EXPECT_EQ(parse("2026-10-25 02:30 CET", "%Y-%m-%d %H:%M %Z", "Europe/Berlin"), "2026-10-25T01:30:00Z");
  EXPECT_EQ(parse("2026-03-29 02:30", "%Y-%m-%d %H:%M", "Europe/Berlin"), "2026-03-29T01:30:00Z");

  const char* wrong[][2] = {{"2026-02-29", "%F"},
                            {"2026-13-01", "%F"},
                            {"2026-01-32", "%F"},
                            {"26-01-01", "%F"},
                            {"2026-01-01 ", "%F"},
                            {" 2026-01-01", "%F"},
                            {"", "%F"},
                            {"2023-366", "%Y-%j"},
                            {"24:00", "%R"},
                            {"12:60", "%R"},
                            {"12:00:60", "%T"},
                            {"13:00 PM", "%I:%M %p"},
                            {"0:00 AM", "%I:%M %p"},
                            {"Foo", "%b"},
                            {"12:00 +1", "%R %z"},
                            {"12:00 +01:", "%R %z"},
                            {"99999999999999999999", "%s"},
                            {"-", "%s"},
                            {"x", ""},
                            {"2026-01-31 12:00 PST", "%Y-%m-%d %H:%M %Z"}};
  for (const auto& [text, pattern] : wrong) {
    EXPECT_NE(parse(text, pattern).find("is no time of the form"), std::string::npos)
        << text << " gave " << parse(text, pattern);
  }
  EXPECT_EQ(parse("2026", "%F"), "\"2026\" is no time of the form \"%F\"");
  EXPECT_EQ(parse("2026", "%Q"), "parse_time knows no %Q");
  EXPECT_EQ(parse("2026", "%G"), "parse_time knows no %G");
}

TEST(ParseTime, reads_what_format_writes) {
  Eval ev;
  std::mt19937_64 random(11);
  const Text pattern("%Y-%m-%d %H:%M:%S.%f %Z");
  for (const char* name : {"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"}) {
    for (int i = 0; i != 2000; ++i) {
      const std::int64_t t = static_cast<std::int64_t>(random() % 8000000000000000);
      ASSERT_EQ(fn::parse_time(ev, fn::format_time(ev, t, pattern, zone(name)), pattern, zone(name)), t)
          << name << shown(t);
    }
  }
  EXPECT_EQ(failure(ev), "");
}

}  // namespace
}  // namespace gress
