#include "runtime/embedded/calls.h"

#include <new>

#include "runtime/engine/failure.h"
#include "runtime/engine/time_text.h"

namespace gress::embedded {

namespace {

Fault fault_of(const engine::Failure& failure) {
  switch (failure.exit) {
    case engine::Exit::usage: return Fault::bad_param;
    case engine::Exit::data: return Fault::row_failed;
    case engine::Exit::internal: return Fault::internal;
    default: return Fault::unavailable;
  }
}

/// Throws the exception that is being handled as an Error.
[[noreturn]] void throw_as_error(const std::string& title) {
  try {
    throw;
  } catch (const Error&) {
    throw;
  } catch (const RowRefused& refused) {
    throw Error(Fault::bad_row, title + refused.why, refused.row);
  } catch (const engine::Failure& failure) {
    throw Error(fault_of(failure), title + failure.message);
  } catch (const std::bad_alloc&) {
    throw Error(Fault::internal, title + "out of memory");
  } catch (const std::exception& other) {
    throw Error(Fault::internal, title + other.what());
  }
}

std::string titled(const char* pipeline) { return "pipeline `" + std::string(pipeline) + "`: "; }

}  // namespace

std::string no_time(std::int64_t t) {
  return "the time " + std::to_string(t) + " us after 1970 is not in the years 0 to 9999";
}

Error Calls::misuse(const char* function, const std::string& why) const {
  return {Fault::misuse, titled(pipeline_) + function + ": " + why};
}

void Calls::enter(const char* function) {
  if (running_.exchange(true, std::memory_order_acquire))
    throw misuse(function, "another call is not done yet: a pipeline is for one thread at a time");
}

void Calls::begin(const char* function) {
  enter(function);
  std::string why;
  if (!failure_.empty()) why = "it has ended by a failure before, make another one: " + failure_;
  else if (finished_) why = "finish() has been called: the input has ended, make another pipeline";
  if (why.empty()) return;
  running_.store(false, std::memory_order_release);
  throw misuse(function, why);
}

void Calls::fail() {
  try {
    throw_as_error(titled(pipeline_));
  } catch (const Error& error) {
    if (error.fault() != Fault::bad_row && error.fault() != Fault::misuse) failure_ = error.what();
    running_.store(false, std::memory_order_release);
    throw;
  }
}

std::int64_t micros(const char* pipeline, const char* function, Time t) {
  const std::int64_t micros = t.time_since_epoch().count();
  if (micros < kFirstTime || micros > kLastTime) throw Error(Fault::misuse, titled(pipeline) + function + ": " + no_time(micros));
  return micros;
}

void moved_away(const char* pipeline, const char* function) {
  throw Error(Fault::misuse, titled(pipeline) + function + ": it was moved to another object");
}

void ParamCheck::wrong(const char* name) {
  problems_ += "\nparam `" + std::string(name) + "`: " + ev.message;
  ev.clear();
}

void ParamCheck::missing(const char* name) {
  problems_ += "\nparam `" + std::string(name) + "` has no default: it must be given";
}

void ParamCheck::require(bool holds, Eval& computed, const char* message) {
  if (computed.failed) problems_ += '\n' + computed.message + ", in: " + message;
  else if (!holds) problems_ += '\n' + std::string(message);
  computed.clear();
}

void ParamCheck::done() const {
  if (!ok()) throw Error(Fault::bad_param, titled(pipeline_) + problems_.substr(1));
}

}  // namespace gress::embedded
