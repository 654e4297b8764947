// What was said at start: the command line over the environment over the config file over defaults.
#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/engine/admin_address.h"
#include "runtime/engine/checkpoint.h"
#include "runtime/engine/log.h"
#include "runtime/engine/program_info.h"

namespace gress::engine {

enum class Show : std::uint8_t { automatic, never, always };

struct Options {
  int parallelism = 0;       // workers; 0: not said
  bool pin_workers = false;  // each to a CPU of its own
  log::Format log_format = log::Format::text;
  log::Level log_level = log::Level::info;
  Show progress = Show::automatic;
  bool quiet = false;
  CheckpointSettings checkpoint;
  std::optional<AdminAddress> admin;  // where questions are answered; none: nowhere
  std::int64_t stuck_after = 30'000'000;  // microseconds until a watermark that stands still is explained; 0: never
};

/// A param's text and where it was given: "--param limit=abc", "GRESS_LIMIT", "run.yaml:3".
struct Given {
  std::string text;
  std::string origin;
};

/// What has to be done instead of running the program.
enum class Instead : std::uint8_t { nothing, help, describe, version, version_json };

struct Start {
  Instead instead = Instead::nothing;
  Options options;
  std::vector<const Given*> params;   // one a param of the program; null: not given
  std::vector<std::string> problems;  // all of them; the program does not start if there are any
  std::vector<Given> given;           // owner of what `params` points to
  std::deque<std::string> kept;       // bytes decoded from given texts
};

/// Reads command line, environment and config file.
Start read_start(const ProgramInfo& program, int argc, const char* const* argv);

/// Name of the environment variable of a param or option: GRESS_ and the name in upper case.
std::string environment_name(std::string_view name);

}  // namespace gress::engine
