#include <gtest/gtest.h>

#include <random>
#include <string>

#include "runtime/core/decode/utf8.h"
#include "runtime/core/decode/values.h"

namespace gress::decode {
namespace {

TEST(Values, Times) {
  const auto micros = [](std::string_view s) {
    std::int64_t t = -1;
    return read_rfc3339(s, t) ? t : -1;
  };
  EXPECT_EQ(micros("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(micros("2001-02-03t04:05:06.5z"), 981173106500000);
  EXPECT_EQ(micros("2001-02-03 04:05:06.1234567+01:30"), 981167706123456);
  EXPECT_EQ(micros("0000-01-01T00:00:00Z"), -62167219200000000);
  EXPECT_EQ(micros("9999-12-31T23:59:59.999999Z"), 253402300799999999);
  EXPECT_EQ(micros("2000-02-29T00:00:00Z"), 951782400000000);
  EXPECT_EQ(micros("+10000-01-01T00:00:00Z"), 253402300800000000);
  EXPECT_EQ(micros("-0001-12-31T23:59:59.999999Z"), -62167219200000001);
  EXPECT_EQ(micros("+294247-01-10T04:00:54.775807Z"), INT64_MAX);
  EXPECT_EQ(micros("-290308-12-21T19:59:06Z"), -9223372036854000000);
  for (const char* bad : {"+294247-01-10T04:00:54.775808Z", "+999999-01-01T00:00:00Z", "+9999-12-31T23:59:59Z", "-01-12-31T23:59:59Z00",
                          "+010000-01-01T00:00:00Z", "+1000000-01-01T00:00:00Z", "+10000-01-01T00:00:0Z"})
    EXPECT_EQ(micros(bad), -1) << bad;
  for (const char* bad : {"2001-02-03", "2001-02-03T04:05:06", "1900-02-29T00:00:00Z", "2001-02-03T04:05:06.Z", "2001-02-03T04:05:60Z",
                          "2001-02-03T04:05:06+0130", "2001-02-03T04:05:06Z ", "2001-2-03T04:05:06Z0"})
    EXPECT_EQ(micros(bad), -1) << bad;
}

TEST(Values, Durations) {
  const auto micros = [](std::string_view s) {
    std::int64_t t = -1;
    return read_duration(s, t) == Misfit::none ? t : -1;
  };
  EXPECT_EQ(micros("PT0S"), 0);
  EXPECT_EQ(micros("PT1H30M"), 5400000000);
  EXPECT_EQ(micros("-PT5M"), -300000000);
  EXPECT_EQ(micros("PT0.25S"), 250000);
  EXPECT_EQ(micros("P1DT1S"), 86401000000);
  EXPECT_EQ(micros("1h30m"), 5400000000);
  EXPECT_EQ(micros("250ms"), 250000);
  EXPECT_EQ(micros("-PT2562047788H"), -9223372036800000000);
  for (const char* bad : {"", "P", "PT", "5", "1 h", "PT1H2", "P1Y", "PT9999999999999999H"}) EXPECT_EQ(micros(bad), -1) << bad;
}

TEST(Values, NumbersFitOrDoNot) {
  std::int64_t i;
  EXPECT_EQ(read_i64("-9223372036854775808", true, i), Misfit::none);
  EXPECT_EQ(i, INT64_MIN);
  EXPECT_EQ(read_i64("9223372036854775808", true, i), Misfit::range);
  EXPECT_EQ(read_i64("1e2", true, i), Misfit::type);
  EXPECT_EQ(read_i64("007", true, i), Misfit::type);
  EXPECT_EQ(read_i64("007", false, i), Misfit::none);
  double d;
  EXPECT_EQ(read_f64("1e999", Form::json_bare, d), Misfit::range);
  EXPECT_EQ(read_f64("1e-999", Form::json_bare, d), Misfit::none);
  EXPECT_EQ(read_f64("NaN", Form::json_bare, d), Misfit::type);
  EXPECT_EQ(read_f64("NaN", Form::json_text, d), Misfit::none);
  EXPECT_EQ(read_f64("1.5", Form::json_text, d), Misfit::type);
  EXPECT_EQ(read_f64("inf", Form::csv, d), Misfit::type);
}

/// Many rows at a time say what one row says, whatever stands behind the text.
TEST(Values, NumberFormsOfManyRows) {
  constexpr int kRows = 70;
  std::mt19937 random(7);
  for (int round = 0; round != 2'000; ++round) {
    const int count = static_cast<int>(random() % kRows) + 1;
    char text[kRows][48];
    std::uint32_t length[kRows];
    NumberForms<kRows> forms;
    std::uint8_t wrong[kRows + 31];
    bool any = false;
    for (int k = 0; k != count; ++k) {
      for (char& c : text[k]) c = "0123456789012345-.e"[random() % (random() % 3 == 0 ? 19 : 16)];
      length[k] = random() % 20;
      if (random() % 3 == 0) text[k][0] = random() % 2 == 0 ? '-' : '0';
      if (random() % 3 == 0) text[k][random() % 4] = '.';
      if (random() % 50 == 0) length[k] = 0u - random() % 32;
      forms.note(k, text[k], length[k]);
      any |= !quick_is_number(text[k], length[k]);
    }
    ASSERT_EQ(forms.template wrong<true>(count, wrong), any);
    for (int k = 0; k != count; ++k)
      ASSERT_EQ(wrong[k] == 0, quick_is_number(text[k], length[k])) << std::string(text[k], 20) << ' ' << length[k];
#if defined(GRESS_AVX512)
    any = false;
    for (int k = 0; k != count; ++k) {
      QuickNumber ignored;
      any |= !quick_number<false>(text[k], length[k], ignored);
    }
    ASSERT_EQ(forms.template wrong<false>(count, wrong), any);
#endif
  }
}

TEST(Values, BytesAndUuids) {
  Arena arena;
  Bytes bytes;
  EXPECT_EQ(read_base64("aGVsbG8gd29ybGQ=", arena, bytes), Misfit::none);
  EXPECT_EQ(bytes.raw.view(), "hello world");
  EXPECT_EQ(read_base64("", arena, bytes), Misfit::none);
  for (const char* bad : {"a", "aGV", "aG=V", "aGVs====", "aGV_", "aR=="}) EXPECT_EQ(read_base64(bad, arena, bytes), Misfit::type) << bad;
  Uuid uuid;
  EXPECT_EQ(read_uuid("01234567-89ab-CDEF-0123-456789abcdef", uuid), Misfit::none);
  EXPECT_EQ(uuid.hi, 0x0123456789abcdefu);
  EXPECT_EQ(uuid.lo, 0x0123456789abcdefu);
  EXPECT_EQ(read_uuid("0123456789ab-CDEF-0123-456789abcdef-", uuid), Misfit::type);
}

TEST(Utf8, FindsAndReplacesWhatIsNone) {
  const auto good = [](std::string_view s) { return is_utf8(s.data(), s.data() + s.size()); };
  EXPECT_TRUE(good("plain, caf\xc3\xa9, \xe2\x82\xac, \xf0\x9f\x98\x80 and more than eight"));
  for (const char* bad : {"\x80", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe2\x82", "x\xc3"}) EXPECT_FALSE(good(bad));
  EXPECT_EQ(replace_bad_utf8("a\xff" "b\xe2\x82" "c\xed\xa0\x80"), "a\xef\xbf\xbd" "b\xef\xbf\xbd" "c\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
}

}  // namespace
}  // namespace gress::decode
