#include <gtest/gtest.h>

#include <set>

#include "dsl/catalog/aggregates.h"
#include "dsl/catalog/functions_signature.h"

namespace gress::dsl {

TEST(Catalog, SignaturesAreWellFormed) {
  std::set<std::string_view> names;
  for (const Function& function : functions()) {
    EXPECT_TRUE(names.insert(function.name).second) << function.name;
    EXPECT_EQ(find_function(function.name), &function);
    EXPECT_FALSE(function.doc.empty());
    EXPECT_FALSE(to_string(function.category).empty());
    const std::vector<Signature>& forms = signatures(function);
    ASSERT_EQ(forms.size(), function.overloads.size());
    for (std::size_t i = 0; i < forms.size(); ++i) {
      const std::string_view text = function.overloads[i].signature;
      EXPECT_TRUE(text.starts_with(std::string(function.name) + "(")) << text;
      std::set<std::string> params;
      const auto check = [&](const TypeSpec& type) {
        EXPECT_FALSE(type.word.empty()) << text;
        EXPECT_TRUE(type.form != TypeSpec::Form::exact || type.kind != Kind::error) << text << ": " << type.word;
      };
      for (const ParamSpec& param : forms[i].params) {
        EXPECT_TRUE(params.insert(param.name).second) << text;
        check(param.type);
        for (const TypeSpec& inner : param.type.args) check(inner);
      }
      check(forms[i].result);
    }
  }
  EXPECT_EQ(find_function("nope"), nullptr);
}

TEST(Catalog, HasWhatTheLanguageNames) {
  for (const char* name :
       {"abs", "min", "max", "clamp", "floor", "ceil", "round", "sqrt", "ln", "log2", "log10", "exp", "pow", "sin", "cos", "tan", "asin",
        "acos", "atan2", "radians", "hash", "length", "lower", "upper", "trim", "contains", "starts_with", "ends_with", "substring",
        "replace", "split", "join", "concat", "regex_matches", "regex_replace", "regex_extract", "regex_captures", "format_time",
        "parse_time", "year", "month", "day", "hour", "minute", "second", "day_of_week", "truncate_time", "coalesce", "fail", "now", "i32",
        "i64", "f32", "f64", "string", "decimal", "timestamp", "duration", "uuid", "first", "last", "sum", "slice"}) {
    EXPECT_NE(find_function(name), nullptr) << name;
  }
  for (const char* name : {"count", "count_distinct", "approx_count_distinct", "sum", "avg", "min", "max", "first", "last", "min_by",
                           "max_by", "stddev", "variance", "quantile", "approx_quantile", "collect", "any", "all"}) {
    EXPECT_NE(find_aggregate(name), nullptr) << name;
  }
}

TEST(Catalog, Signatures) {
  const Signature& extract = signatures(*find_function("regex_extract"))[0];
  ASSERT_EQ(extract.params.size(), 3u);
  EXPECT_EQ(extract.params[1].type.role, TypeSpec::Role::regex);
  EXPECT_EQ(extract.params[2].default_value, 0);
  EXPECT_TRUE(extract.result.optional);
  const Signature& round = signatures(*find_function("round"))[0];
  EXPECT_TRUE(round.params[1].may_be_left_out);
  EXPECT_EQ(round.params[0].type.type_class, TypeClass::floating);
  const Signature& max = signatures(*find_function("max"))[0];
  EXPECT_TRUE(max.repeats_last);
  EXPECT_EQ(max.params.size(), 2u);
  const Signature& map = signatures(*find_function("length"))[3];
  EXPECT_EQ(map.params[0].type.args.size(), 2u);
}

TEST(Catalog, ForeignNames) {
  EXPECT_EQ(foreign_function_hint("LEN"), "`length(x)`");
  EXPECT_EQ(foreign_function_hint("nope"), "");
}

}  // namespace gress::dsl
