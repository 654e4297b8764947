#include "runtime/engine/runtime.h"

#include "runtime/engine/checkpoint.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace gress::engine {
namespace {

/// The beginning of a record for a message, on one line.
std::string excerpt(std::string_view record) {
  constexpr std::size_t kShown = 300;
  std::string out;
  for (const char c : record.substr(0, kShown)) out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  if (record.size() > kShown) out += "…";
  return out;
}

}  // namespace

std::string error_text(int error_number) { return std::strerror(error_number); }

Output::Output(Runtime& runtime, std::string_view sink, std::string_view target, int line)
    : runtime_(runtime), counters_(runtime.add_sink(sink, target, line)) {}

Counted& Runtime::add_stage(std::string_view name, int line) {
  Counted& c = process_->stages.emplace_back();
  c.name = name;
  c.line = line;
  return c;
}

SourceCounters& Runtime::add_source(std::string_view name, int line) {
  SourceCounters& c = process_->sources.emplace_back();
  c.name = name;
  c.line = line;
  return c;
}

OperatorCounters& Runtime::add_operator(std::string_view name, int line) {
  OperatorCounters& c = process_->operators.emplace_back();
  c.name = name;
  c.line = line;
  return c;
}

SinkCounters& Runtime::add_sink(std::string_view name, std::string_view target, int line) {
  SinkCounters& c = process_->sinks.emplace_back();
  c.name = name;
  c.target = target;
  c.line = line;
  return c;
}

void Runtime::watch(int descriptor) {
  if (std::find(watched_.begin(), watched_.end(), descriptor) == watched_.end()) watched_.push_back(descriptor);
}
void Runtime::wake_at(std::int64_t steady) { wake_at_ = std::min(wake_at_, steady); }

void Runtime::wait(std::int64_t longest) {
  std::vector<pollfd> polled;
  // A stop wakes once; then the worker only waits for others.
  if (signals::wake_fd() >= 0 && !stopping()) polled.push_back({signals::wake_fd(), POLLIN, 0});
  if (workers() > 1) polled.push_back({process_->workers.bell(worker_).descriptor(), POLLIN, 0});
  for (const int d : watched_) polled.push_back({d, POLLIN, 0});
  if (wake_at_ != INT64_MAX) longest = std::min(longest, std::max<std::int64_t>(wake_at_ - steady_micros(), 0));
  // Nothing to wait for: a source said that it is idle without saying why; no busy loop.
  if (watched_.empty() && wake_at_ == INT64_MAX && workers() == 1) longest = std::min<std::int64_t>(longest, 10'000);
  watched_.clear();
  wake_at_ = INT64_MAX;
  if (stopping() && workers() == 1) return;
  timespec limit{};
  limit.tv_sec = longest / 1'000'000;
  limit.tv_nsec = longest % 1'000'000 * 1000;
  ::ppoll(polled.data(), polled.size(), &limit, nullptr);
}

void Runtime::add_input(std::string_view source, FileId file, bool standard_input) {
  if (standard_input) {
    if (!standard_input_source_.empty()) {
      throw Failure(
          Exit::usage, "input_conflict",
          "`" + standard_input_source_ + "` and `" + std::string(source) + "` both read standard input; only one can");
    }
    standard_input_source_ = source;
  }
  if (file.known()) inputs_.try_emplace(file, source);
}

void Runtime::remove_output(Output* output) { std::erase(outputs_, output); }

std::string Runtime::user_of(FileId file) const {
  if (const auto in = inputs_.find(file); in != inputs_.end()) return "source `" + in->second + "` reads it";
  for (const Output* o : outputs_)
    if (o->file() == file) return "sink `" + o->sink() + "` writes it";
  return "";
}

void Runtime::check_outputs() const {
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    const Output& a = *outputs_[i];
    const FileId file = a.file();
    if (const auto in = inputs_.find(file); in != inputs_.end())
      throw Failure(Exit::usage, "output_conflict",
                    "sink `" + a.sink() + "` would replace `" + a.target() + "`, which source `" + in->second + "` reads");
    for (std::size_t k = 0; k < i; ++k) {
      const Output& b = *outputs_[k];
      if (file.known() && b.file() == file && !(a.shares() && b.shares())) {
        throw Failure(Exit::usage, "output_conflict",
                      "sinks `" + b.sink() + "` and `" + a.sink() + "` write to the same file `" + a.target() + "`");
      }
    }
  }
}

void Runtime::open_outputs(const Checkpoints* from) {
  const bool restored = from != nullptr && from->restored() != 0;
  std::vector<const OutputAt*> resumed;
  std::vector<std::string> anew;  // why; empty: nothing to tell
  try {
    for (Output* o : outputs_) o->open();
    check_outputs();
    for (Output* o : outputs_) {
      const OutputAt* at = restored ? from->output(o->sink()) : nullptr;
      const bool goes_on = at != nullptr && o->goes_on_from(at->target, at->position);
      resumed.push_back(goes_on ? at : nullptr);
      anew.push_back(!restored || goes_on ? ""
                     : at == nullptr      ? "checkpoint " + std::to_string(from->restored()) + " knows nothing of it"
                                          : "it writes `" + o->target() + "` now; those before are in `" + at->target + "`");
    }
  } catch (...) {
    for (Output* o : outputs_) o->abandon();
    throw;
  }
  for (std::size_t i = 0; i != outputs_.size(); ++i) {
    if (resumed[i] != nullptr) {
      outputs_[i]->resume(resumed[i]->position);
      continue;
    }
    if (!anew[i].empty())
      log::warning("sink_begins_anew", "sink `" + outputs_[i]->sink() + "` begins anew, with the rows from here on: " + anew[i]);
    outputs_[i]->begin();
  }
}

Decider* Runtime::decider() const {
  for (Output* o : outputs_)
    if (Decider* const decider = o->decider()) return decider;
  return nullptr;
}

void Runtime::join_outputs(const Runtime& first) {
  for (std::size_t i = 0; i != outputs_.size(); ++i) outputs_[i]->join(*first.outputs_[i]);
}

void Runtime::flush_outputs() {
  for (Output* o : outputs_) {
    const At here(presence_, o->counters());
    o->flush_when_idle();
  }
}

void Runtime::settle_outputs() {
  for (Output* o : outputs_) o->settle();
}

void Runtime::finish_outputs() {
  std::exception_ptr first;
  for (Output* o : outputs_) {
    try {
      const At here(presence_, o->counters());
      o->finish();
    } catch (...) {
      if (!first) first = std::current_exception();
    }
  }
  if (first) std::rethrow_exception(first);
}

bool Runtime::writes_to_terminal() const {
  return std::any_of(outputs_.begin(), outputs_.end(), [](const Output* o) { return o->is_standard_output(); }) && ::isatty(STDOUT_FILENO);
}

void fail_record(std::string_view source, std::string_view partition_name, std::int64_t partition, std::int64_t offset,
                 std::string_view error, std::string_view record) {
  std::string message = "source `" + std::string(source) + "`: invalid record";
  log::Fields fields{{"source", std::string(source), false}};
  if (!partition_name.empty()) {
    message.append(" in `").append(partition_name) += '`';
    fields.push_back({"file", std::string(partition_name), false});
  }
  if (partition >= 0) {
    message += " (partition " + std::to_string(partition);
    fields.push_back({"partition", std::to_string(partition), true});
    if (offset >= 0) message += ", offset " + std::to_string(offset);
    message += ')';
  }
  if (offset >= 0) fields.push_back({"offset", std::to_string(offset), true});
  fields.push_back({"error", std::string(error), false});
  message.append(": ").append(error);
  message += "\nrecord: " + excerpt(record);
  message += "\n`invalid: NAME` in the source's options sets such records aside instead";
  throw Failure(Exit::data, "invalid_record", std::move(message), std::move(fields));
}

void fail_row(std::string_view place, std::string_view error, std::string_view row) {
  std::string message(place);
  message.append(": ").append(error);
  message += "\nrow: " + excerpt(row);
  message += "\n`errors: NAME` in the pipeline's options sets such rows aside instead";
  throw Failure(Exit::data, "invalid_row", std::move(message),
                {{"place", std::string(place), false}, {"error", std::string(error), false}});
}

void Runtime::add_holder(const WatermarkHolder* holder) { holders_.push_back(holder); }
void Runtime::remove_holder(const WatermarkHolder* holder) { std::erase(holders_, holder); }

}  // namespace gress::engine
