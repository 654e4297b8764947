#include "runtime/engine/options.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "runtime/core/convert.h"
#include "runtime/engine/command_line.h"
#include "runtime/engine/config_file.h"
#include "runtime/engine/nearest.h"
#include "runtime/engine/usable_cpus.h"
#include "runtime/engine/workers.h"

namespace gress::engine {
namespace {

std::string canonical_option(std::string_view name) {
  std::string s(name);
  std::replace(s.begin(), s.end(), '_', '-');
  return s;
}

int param_index(const ProgramInfo& program, std::string_view name) {
  for (std::size_t i = 0; i < program.params.size(); ++i)
    if (name == program.params[i].name) return static_cast<int>(i);
  return -1;
}

std::vector<std::string_view> param_names(const ProgramInfo& program) {
  std::vector<std::string_view> names;
  for (const ParamInfo& p : program.params) names.emplace_back(p.name);
  return names;
}

class Reader {
 public:
  explicit Reader(const ProgramInfo& program) : program_(program) {
    slots_.resize(program.params.size());
  }

  Start read(int argc, const char* const* argv) {
    const CommandLine line = parse_command_line(argc, argv);
    if (line.help) {
      start_.instead = Instead::help;
      return std::move(start_);
    }
    if (line.json && !line.version) problem("`--json` goes with `--version` only; messages take `--log-format json`");
    if (line.version) start_.instead = line.json ? Instead::version_json : Instead::version;
    if (line.describe) start_.instead = Instead::describe;
    form(line);
    // The weakest first: what comes later replaces it.
    const bool runs = start_.instead == Instead::nothing;
    if (runs && !line.config.empty()) config(line.config);
    if (runs) environment();
    for (const CommandLine::Option& o : line.options) set_option(o.name, o.value, "--" + o.name);
    for (const std::string& p : line.params) param(p);
    if (line.quiet) start_.options.quiet = true;
    start_.options.checkpoint.fresh = line.fresh;
    start_.options.checkpoint.drop_state = line.drop_state;
    if (line.fresh && program_.checkpoint == 0) no_checkpoints("--fresh");
    if (!line.drop_state.empty() && program_.checkpoint == 0) no_checkpoints("--drop-state");
    options();
    return finish();
  }

 private:
  void problem(std::string text) { start_.problems.push_back(std::move(text)); }

  void form(const CommandLine& line) {
    if (!line.error.empty()) problem(line.error);
    for (const std::string& u : line.unknown) {
      if (u.size() > 1 && u[0] == '-') {
        const std::string name = u.substr(0, u.find('='));
        const std::string bare = name.substr(std::min(name.find_first_not_of('-'), name.size()));
        if (param_index(program_, bare) >= 0) {
          problem("unknown option `" + name + "`; params are given as `--param " + bare + "=…`");
        } else {
          problem("unknown option `" + name + "`" + did_you_mean(name, kAllOptions));
        }
      } else {
        problem("unexpected argument `" + u + "`; params are given as `--param name=value`");
      }
    }
  }

  void config(const std::string& path) {
    ConfigFile file = read_config_file(path);
    for (std::string& p : file.problems) problem(std::move(p));
    for (const ConfigFile::Entry& e : file.entries) {
      const std::string origin = path + ":" + std::to_string(e.line);
      if (set_param(e.name, e.value, origin)) continue;
      const std::string option = canonical_option(e.name);
      if (option == "quiet") {
        if (e.value == "true" || e.value == "false") {
          start_.options.quiet = e.value == "true";
        } else {
          problem(origin + ": `" + e.name + "`: expected true or false, got `" + e.value + "`");
        }
      } else if (!set_option(option, e.value, origin)) {
        std::vector<std::string_view> names = param_names(program_);
        names.insert(names.end(), std::begin(kOptionNames), std::end(kOptionNames));
        names.emplace_back("quiet");
        problem(origin + ": there is no param or option `" + e.name + "`" + did_you_mean(e.name, names));
      }
    }
  }

  void environment() {
    for (const std::string_view option : kOptionNames) {
      const std::string name = environment_name(option);
      if (std::any_of(program_.params.begin(), program_.params.end(), [&](const ParamInfo& p) { return environment_name(p.name) == name; })) continue;
      if (const char* value = std::getenv(name.c_str())) set_option(option, value, name);
    }
    for (const ParamInfo& p : program_.params) {
      const std::string name = environment_name(p.name);
      if (const char* value = std::getenv(name.c_str())) set_param(p.name, value, name);
    }
  }

  void param(const std::string& text) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos) {
      problem("--param " + text + ": expected `name=value`");
      return;
    }
    const std::string name = text.substr(0, equals);
    if (set_param(name, text.substr(equals + 1), "--param " + name)) return;
    const std::vector<std::string_view> names = param_names(program_);
    std::string message = "--param " + name + ": there is no param `" + name + "`" + did_you_mean(name, names);
    if (names.empty()) {
      message += "; the program has none";
    } else if (nearest(name, names).empty()) {
      message += "; there are";
      for (const std::string_view n : names) message.append(n == names.front() ? " `" : ", `").append(n) += '`';
    }
    problem(std::move(message));
  }

  bool set_param(std::string_view name, std::string_view value, const std::string& origin) {
    const int i = param_index(program_, name);
    if (i < 0) return false;
    slots_[static_cast<std::size_t>(i)] = {std::string(value), origin};
    return true;
  }

  bool set_option(std::string_view name, std::string_view value, const std::string& origin) {
    for (std::size_t i = 0; i < std::size(kOptionNames); ++i) {
      if (kOptionNames[i] != name) continue;
      options_[i] = {std::string(value), origin};
      return true;
    }
    return false;
  }

  /// The value's place among `words`; a problem and 0 when it is none of them.
  std::size_t word(const Given& given, std::span<const std::string_view> words) {
    for (std::size_t i = 0; i < words.size(); ++i)
      if (words[i] == given.text) return i;
    std::string message = given.origin + ": expected ";
    for (std::size_t i = 0; i < words.size(); ++i) {
      message.append(i == 0 ? "" : i + 1 == words.size() ? " or " : ", ").append(words[i]);
    }
    problem(message + ", got `" + given.text + "`");
    return 0;
  }

  void options() {
    Options& o = start_.options;
    if (const Given& g = options_[0]; !g.origin.empty()) parallelism(g);
    if (const Given& g = options_[1]; !g.origin.empty()) {
      static constexpr std::string_view kWords[] = {"text", "json"};
      o.log_format = static_cast<log::Format>(word(g, kWords));
    }
    if (const Given& g = options_[2]; !g.origin.empty()) {
      static constexpr std::string_view kWords[] = {"debug", "info", "warning", "error", "off"};
      o.log_level = static_cast<log::Level>(word(g, kWords));
    }
    if (const Given& g = options_[3]; !g.origin.empty()) {
      static constexpr std::string_view kWords[] = {"auto", "never", "always"};
      o.progress = static_cast<Show>(word(g, kWords));
    }
    if (const Given& g = options_[4]; !g.origin.empty()) stuck_after(g);
    if (const Given& g = options_[5]; !g.origin.empty()) {
      static constexpr std::string_view kWords[] = {"no", "yes"};
      o.pin_workers = word(g, kWords) == 1;
    }
    if (const Given& g = options_[9]; !g.origin.empty() && !g.text.empty()) {
      o.admin = read_admin_address(g.text);
      if (!o.admin) problem(g.origin + ": expected a port (9464), or an address and a port (10.0.0.5:9464; :9464 for all addresses), got `" + g.text + "`");
    }
    checkpoints();
  }

  void no_checkpoints(const std::string& origin) {
    problem(origin + ": this program takes no checkpoints; `checkpoint: every(10s)` in its options compiles it with them");
  }

  void checkpoints() {
    CheckpointSettings& c = start_.options.checkpoint;
    c.every = program_.checkpoint;
    c.dir = *program_.checkpoint_dir ? program_.checkpoint_dir : std::string(program_.name) + ".checkpoints";
    for (const std::size_t i : {6, 7, 8})
      if (program_.checkpoint == 0 && !options_[i].origin.empty()) return no_checkpoints(options_[i].origin);
    if (const Given& g = options_[6]; !g.origin.empty())
      if (const std::int64_t d = duration(g)) c.every = d;
    if (const Given& g = options_[7]; !g.origin.empty()) c.dir = g.text;
    if (const Given& g = options_[8]; !g.origin.empty()) c.restore_from = g.text;
    if (c.dir.empty()) problem("the checkpoint folder has no name");
    if (c.fresh && !c.restore_from.empty()) problem("`--fresh` begins anew, `--restore-from` goes on: only one of them can be done");
  }

  /// 0 after a problem.
  std::int64_t duration(const Given& given) {
    Eval ev;
    const std::int64_t d = fn::to_duration(ev, Text(std::string_view(given.text)));
    if (!ev.failed && d > 0) return d;
    problem(given.origin + ": expected a duration (as 30s), got `" + given.text + "`");
    return 0;
  }

  void stuck_after(const Given& given) {
    if (given.text == "never") {
      start_.options.stuck_after = 0;
      return;
    }
    Eval ev;
    const std::int64_t d = fn::to_duration(ev, Text(std::string_view(given.text)));
    if (ev.failed || d <= 0) {
      problem(given.origin + ": expected a duration (as 30s) or never, got `" + given.text + "`");
      return;
    }
    start_.options.stuck_after = d;
  }

  void parallelism(const Given& given) {
    if (given.text == "auto") {
      start_.options.parallelism = std::min(usable_cpus(), kMostWorkers);
      return;
    }
    int n = 0;
    const char* end = given.text.data() + given.text.size();
    const auto [stop, error] = std::from_chars(given.text.data(), end, n);
    if (error != std::errc() || stop != end || n < 1 || n > kMostWorkers) {
      problem(given.origin + ": expected a number from 1 to " + std::to_string(kMostWorkers) + " or auto, got `" + given.text + "`");
      return;
    }
    start_.options.parallelism = n;
  }

  Start finish() {
    start_.params.assign(slots_.size(), nullptr);
    start_.given = std::move(slots_);  // the elements stay where they are when the vector moves
    for (std::size_t i = 0; i < start_.given.size(); ++i)
      if (!start_.given[i].origin.empty()) {
        start_.params[i] = &start_.given[i];
        start_.options.checkpoint.params.emplace_back(program_.params[i].name, start_.given[i].text);
      }
    return std::move(start_);
  }

  const ProgramInfo& program_;
  Start start_;
  std::vector<Given> slots_;  // by param; an empty origin: not given
  Given options_[std::size(kOptionNames)];
};

}  // namespace

std::string environment_name(std::string_view name) {
  std::string s = "GRESS_";
  for (const char c : name) s += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c == '-' ? '_' : c;
  return s;
}

Start read_start(const ProgramInfo& program, int argc, const char* const* argv) {
  return Reader(program).read(argc, argv);
}

}  // namespace gress::engine
