#include "runtime/engine/param_reader.h"

#include <algorithm>
#include <cstring>

#include "runtime/core/convert.h"
#include "runtime/core/decimal.h"
#include "runtime/core/eval.h"
#include "runtime/engine/usable_cpus.h"
#include "runtime/engine/workers.h"

namespace gress::engine {
namespace {

bool is_utf8(std::string_view s) {
  for (std::size_t i = 0; i < s.size();) {
    const auto b = static_cast<unsigned char>(s[i]);
    const std::size_t n = b < 0x80                ? 1
                          : b >= 0xc2 && b < 0xe0 ? 2
                          : b >= 0xe0 && b < 0xf0 ? 3
                          : b >= 0xf0 && b < 0xf5 ? 4
                                                  : 0;
    if (n == 0 || i + n > s.size()) return false;
    for (std::size_t k = 1; k < n; ++k)
      if ((static_cast<unsigned char>(s[i + k]) & 0xc0) != 0x80) return false;
    if (n > 2) {
      const auto c = static_cast<unsigned char>(s[i + 1]);
      if ((b == 0xe0 && c < 0xa0) || (b == 0xed && c > 0x9f) || (b == 0xf0 && c < 0x90) || (b == 0xf4 && c > 0x8f))
        return false;
    }
    i += n;
  }
  return true;
}

}  // namespace

int ParamReader::index(const char* name) const {
  for (std::size_t i = 0; i < program_.params.size(); ++i)
    if (std::strcmp(program_.params[i].name, name) == 0) return static_cast<int>(i);
  return -1;
}

bool ParamReader::given(const char* name) const {
  const int i = index(name);
  return i >= 0 && start_.params[static_cast<std::size_t>(i)] != nullptr;
}

bool ParamReader::left_empty(const char* name) const {
  return given(name) && start_.params[static_cast<std::size_t>(index(name))]->text.empty();
}

const Given* ParamReader::look(const char* name) {
  const int i = index(name);
  if (i < 0) return nullptr;
  const ParamInfo& info = program_.params[static_cast<std::size_t>(i)];
  const Given* g = start_.params[static_cast<std::size_t>(i)];
  if (!g && !info.default_text) {
    start_.problems.push_back("param `" + std::string(name) + "` (" + info.type + ") is not given; add `--param " +
                              name + "=…` or set " + environment_name(name));
  }
  return g;
}

void ParamReader::wrong(const Given& given, const char* name, std::string_view expected, std::string_view why) {
  std::string message =
      given.origin + ": param `" + name + "`: expected " + std::string(expected) + ", got \"" + given.text + "\"";
  if (!why.empty()) message.append(": ").append(why);
  start_.problems.push_back(std::move(message));
}

template <class T, class Read>
T ParamReader::value(const char* name, T otherwise, const char* expected, Read read) {
  const Given* g = look(name);
  if (!g) return otherwise;
  Eval ev;
  const T v = read(ev, Text(std::string_view(g->text)));
  if (!ev.failed) return v;
  wrong(*g, name, expected, {});
  return otherwise;
}

bool ParamReader::boolean(const char* name, bool otherwise) {
  const Given* g = look(name);
  if (!g) return otherwise;
  if (g->text == "true" || g->text == "false") return g->text == "true";
  wrong(*g, name, "bool (true or false)", {});
  return otherwise;
}

std::int32_t ParamReader::i32(const char* name, std::int32_t otherwise) {
  return value(name, otherwise, "i32", [](Eval& ev, Text t) { return fn::to_i32(ev, t); });
}
void ParamReader::workers(std::int64_t count) {
  if (start_.options.parallelism != 0) return;
  if (count > 0 && count <= kMostWorkers) start_.options.parallelism = static_cast<int>(count);
  else start_.problems.push_back("the option `parallelism` must be from 1 to " + std::to_string(kMostWorkers) + ", and is " +
                                 std::to_string(count));
}
void ParamReader::workers() {
  if (start_.options.parallelism == 0) start_.options.parallelism = std::min(usable_cpus(), kMostWorkers);
}

std::int64_t ParamReader::i64(const char* name, std::int64_t otherwise) {
  return value(name, otherwise, "i64", [](Eval& ev, Text t) { return fn::to_i64(ev, t); });
}
float ParamReader::f32(const char* name, float otherwise) {
  return value(name, otherwise, "f32", [](Eval& ev, Text t) { return fn::to_f32(ev, t); });
}
double ParamReader::f64(const char* name, double otherwise) {
  return value(name, otherwise, "f64", [](Eval& ev, Text t) { return fn::to_f64(ev, t); });
}
Decimal ParamReader::decimal(const char* name) { return decimal(name, Decimal{}); }
Decimal ParamReader::decimal(const char* name, Decimal otherwise) {
  return value(name, otherwise, "decimal", [](Eval& ev, Text t) { return fn::to_decimal(ev, t); });
}
std::int64_t ParamReader::timestamp(const char* name, std::int64_t otherwise) {
  return value(name, otherwise, "timestamp (as 2026-01-31T12:00:00Z)",
               [](Eval& ev, Text t) { return fn::to_timestamp(ev, t); });
}
std::int64_t ParamReader::duration(const char* name, std::int64_t otherwise) {
  return value(name, otherwise, "duration (as 1h30m)", [](Eval& ev, Text t) { return fn::to_duration(ev, t); });
}
Uuid ParamReader::uuid(const char* name, Uuid otherwise) {
  return value(name, otherwise, "uuid", [](Eval& ev, Text t) { return fn::to_uuid(ev, t); });
}

void ParamReader::require(bool holds, Eval& ev, const char* message) {
  if (ev.failed) {
    start_.problems.push_back(std::string(message) + ": " + std::string(ev.message));
    ev.clear();
  } else if (!holds) {
    start_.problems.push_back(message);
  }
}

Text ParamReader::text(const char* name, Text otherwise) {
  const Given* g = look(name);
  if (!g) return otherwise;
  if (!is_utf8(g->text)) {
    wrong(*g, name, "string", "it is not UTF-8");
    return otherwise;
  }
  return Text(std::string_view(g->text));
}

Bytes ParamReader::bytes(const char* name, Bytes otherwise) {
  const Given* g = look(name);
  if (!g) return otherwise;
  Eval ev;
  const Bytes decoded = fn::to_bytes(ev, Text(std::string_view(g->text)));
  if (ev.failed) {
    wrong(*g, name, "bytes (base64)", {});
    return otherwise;
  }
  // The decoded bytes lie in `ev`; they move to where the given texts live.
  start_.kept.emplace_back(decoded.raw.view());
  return Bytes{Text(std::string_view(start_.kept.back()))};
}

int ParamReader::variant(const char* name, std::span<const std::string_view> names) {
  const Given* g = look(name);
  if (!g) return -1;
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == g->text) return static_cast<int>(i);
  std::string expected = "one of";
  for (const std::string_view n : names) expected.append(n.data() == names[0].data() ? " `" : ", `").append(n) += '`';
  wrong(*g, name, expected, {});
  return -1;
}

}  // namespace gress::engine
