// A small program by hand against the engine's interface, of the shape that gressc generates: reads lines, counts them,
// writes each with its number, and fails on the line `bad` unless asked not to.
#include <cstring>
#include <vector>

#include "runtime/connectors/console/console_writer.h"
#include "runtime/connectors/discard/discard_writer.h"
#include "runtime/connectors/file/file_input.h"
#include "runtime/connectors/file/file_writer.h"
#include "runtime/engine/rate_limiter.h"
#include "runtime/engine/run.h"

namespace {

using gress::engine::ParamReader;
using gress::engine::Runtime;
using gress::engine::Step;

struct Pipeline {
  struct Params {
    gress::Text input, output, copy;
    std::int64_t most;
    std::int64_t pause;
    double rate;
    bool tolerant;
    explicit Params(ParamReader& in)
        : input(in.text("input")),
          output(in.text("output", "-")),
          copy(in.text("copy", "")),
          most(in.i64("most", -1)),
          pause(in.duration("pause", 0)),
          rate(in.f64("rate", 0)),
          tolerant(in.boolean("tolerant", false)) {}
  };

  Pipeline(Runtime& runtime, const Params& params)
      : runtime_(runtime),
        params_(params),
        lines_in_(runtime, "lines", params.input.view(), 3),
        windows_(runtime.add_operator("windows", 7)),
        numbered_(runtime, "numbered", params.output.view(), 9),
        rest_(runtime, "rest", 10),
        limiter_(params.rate) {
    if (!params.copy.empty()) {
      copy_ = std::make_unique<gress::file::FileWriter>(runtime, "copy", params.copy.view());
    }
    print(numbered_, "number,line\n");
    windows_.open.set(3);
    windows_.late.add(2);
  }

  Step step() {
    bool worked = false;
    for (const std::uint32_t p : std::vector<std::uint32_t>(lines_in_.active().begin(), lines_in_.active().end())) {
      worked = partition(p) || worked;
    }
    if (lines_in_.done()) {
      windows_.open.set(0);
      return Step::done;
    }
    return worked ? Step::more : Step::idle;
  }

 private:
  bool partition(std::uint32_t p) {
    gress::file::ByteReader& reader = lines_in_.reader(p);
    const std::int64_t allowed = limiter_.allowance(runtime_);
    if (allowed == 0) return false;
    const std::size_t used = lines(reader, p, allowed);
    if (used != 0) return true;
    switch (reader.more()) {
      case gress::Read::data:
        return true;
      case gress::Read::end:
        if (!reader.bytes().empty()) lines(reader, p, INT64_MAX);
        lines_in_.ended(p);
        return true;
      case gress::Read::stopped:
      case gress::Read::idle:
      case gress::Read::behind:
        return false;
    }
    return false;
  }

  std::size_t lines(gress::file::ByteReader& reader, std::uint32_t p, std::int64_t most) {
    const std::span<const char> bytes = reader.bytes();
    std::size_t at = 0;
    std::int64_t rows = 0;
    while (at != bytes.size() && rows != most) {
      const auto* newline = static_cast<const char*>(std::memchr(bytes.data() + at, '\n', bytes.size() - at));
      if (!newline && !reader.at_end()) break;
      const std::size_t end = newline ? static_cast<std::size_t>(newline - bytes.data()) : bytes.size();
      const std::string_view line(bytes.data() + at, end - at);
      if (line == "bad") {
        if (!params_.tolerant) {
          lines_in_.counters().rows.add(static_cast<std::uint64_t>(rows));
          gress::engine::fail_record("lines", lines_in_.path(p), p, static_cast<std::int64_t>(reader.offset() + at),
                                     "this line is bad", line);
        }
        lines_in_.counters().invalid.add(1);
      } else {
        print(numbered_, std::to_string(++number_) + "," + std::string(line) + "\n");
        if (copy_) print(*copy_, std::string(line) + "\n");
        numbered_.rows(1);
        ++rows;
      }
      at = newline ? end + 1 : end;
      numbered_.flush_if();
    }
    reader.consume(at);
    lines_in_.counters().rows.add(static_cast<std::uint64_t>(rows));
    rest_.rows(static_cast<std::uint64_t>(rows));
    limiter_.took(rows);
    return at;
  }

  static void print(gress::engine::Output& output, std::string_view text) { output.out().write(text); }

  Runtime& runtime_;
  Params params_;
  gress::file::FileInput lines_in_;
  gress::engine::OperatorCounters& windows_;
  gress::file::FileWriter numbered_;
  std::unique_ptr<gress::file::FileWriter> copy_;
  gress::discard::DiscardWriter rest_;
  gress::engine::RateLimiter limiter_;
  std::uint64_t number_ = 0;
};

constexpr gress::engine::ParamInfo kParams[] = {
    {"input", "string", nullptr, "Where lines are read."},
    {"output", "string", "\"-\"", "Where numbered lines go."},
    {"copy", "string", "\"\"", ""},
    {"most", "i64", "-1", ""},
    {"pause", "duration", "0s", ""},
    {"rate", "f64", "0", "Lines a second; 0: no limit."},
    {"tolerant", "bool", "false", "Count bad lines instead of stopping."},
};
constexpr gress::engine::ProgramInfo kProgram{.name = "sample",
                                              .doc = "Numbers lines.",
                                              .source_file = "sample.gress",
                                              .source_hash = "0123456789abcdef",
                                              .describe = R"({"pipeline":"sample"})",
                                              .params = kParams,
                                              .cpu = "native"};

}  // namespace

int main(int argc, char** argv) { return gress::engine::run<Pipeline>(kProgram, argc, argv); }
