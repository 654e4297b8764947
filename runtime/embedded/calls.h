// What stands between a host program's calls and a pipeline: which calls belong where, and how failures come back. Used by
// generated code; the host sees embedded.h only.
#pragma once
#include <atomic>
#include <cstdint>
#include <string>

#include "runtime/core/eval.h"
#include "runtime/core/foreign.h"
#include "runtime/embedded/embedded.h"

namespace gress::embedded {

/// The years 0 to 9999, microseconds: what may be an event time.
inline constexpr std::int64_t kFirstTime = -62'167'219'200'000'000, kLastTime = 253'402'300'799'999'999;
std::string no_time(std::int64_t t);

/// A row of the host's that was not let in.
struct RowRefused {
  std::string why;
  std::size_t row;  // of those pushed, from 0
};

/// The calls of one pipeline. One at a time: what another thread, or a call from within, wants meanwhile is refused.
class Calls {
 public:
  explicit Calls(const char* pipeline) : pipeline_(pipeline) {}

  /// A failure ends the pipeline, but for rows that were refused.
  template <class Call>
  void run(const char* function, Call call) {
    begin(function);
    try {
      call();
    } catch (...) {
      fail();
    }
    running_.store(false, std::memory_order_release);
  }
  /// What has come to a sink, at any time but during another call: after the end too, whatever it was.
  template <class Take>
  auto take(const char* function, Take take) {
    enter(function);
    auto rows = take();
    running_.store(false, std::memory_order_release);
    return rows;
  }
  void finished() { finished_ = true; }

 private:
  void enter(const char* function);
  void begin(const char* function);
  Error misuse(const char* function, const std::string& why) const;
  /// Throws the exception that is being handled as an Error.
  [[noreturn]] void fail();

  const char* pipeline_;
  std::atomic<bool> running_{false};
  bool finished_ = false;
  std::string failure_;  // that ended it
};

/// Params of the host's, looked at one by one; all that is wrong is told at once.
class ParamCheck {
 public:
  explicit ParamCheck(const char* pipeline) : pipeline_(pipeline) {}
  /// Text of params lies in it.
  Eval ev;

  template <class C>
  foreign::Value<C> value(const char* name, const C& given) {
    const foreign::Value<C> v = foreign::Bridge<C>::out(ev, given);
    if (ev.failed) wrong(name);
    return v;
  }
  /// No value was given to one without default.
  void missing(const char* name);
  /// Settings made of params.
  void require(bool holds, Eval& computed, const char* message);
  bool ok() const { return problems_.empty(); }
  /// Throws Error, bad_param.
  void done() const;

 private:
  void wrong(const char* name);
  const char* pipeline_;
  std::string problems_;
};

/// Where the host says what time it is.
std::int64_t micros(const char* pipeline, const char* function, Time t);
/// A call on what was moved from.
[[noreturn]] void moved_away(const char* pipeline, const char* function);

}  // namespace gress::embedded
