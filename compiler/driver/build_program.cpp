#include "compiler/driver/build_program.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "compiler/toolchain/sha256.h"
#include "dsl/check/json_writer.h"
#include "dsl/check/print_checked.h"

extern char** environ;

namespace gress::driver {

using toolchain::exit_cannot_create;

namespace {

/// "building flights_daily …" while the C++ compiler runs; on a terminal only, and gone or completed afterwards.
class Progress {
 public:
  Progress(const Settings& settings, const std::string& name)
      : shown_(error_is_terminal() && settings.format() == dsl::MessageFormat::human) {
    if (shown_) std::fprintf(stderr, "building %s …", name.c_str());
  }
  void done(double seconds, bool from_cache) {
    if (shown_) std::fprintf(stderr, from_cache ? " unchanged\n" : " %.1f s\n", seconds);
    shown_ = false;
  }
  ~Progress() {
    if (shown_) std::fputc('\n', stderr);
  }

 private:
  bool shown_;
};

/// `--static`: what a program needs has to be there without shared objects.
void check_static(const Session& session) {
  const auto refuse = [&](const std::string& what) {
    throw Failure(toolchain::exit_program, "`" + session.path + "` cannot be linked statically: " + what,
                  {"leave `--static` out; `gressc package --oci` makes an image with the shared objects that it needs"});
  };
  const auto connector = [&](const auto& edge) {
    if (edge.info != nullptr && edge.info->network && edge.foreign == nullptr)
      refuse("`" + edge.name + "` speaks to a server by a library whose logins are shared objects themselves");
  };
  for (const auto& source : session.program.sources) connector(source);
  for (const auto& sink : session.program.sinks) connector(sink);
  if (plan::checkpoint_interval(session.program) != 0) refuse("its checkpoints are kept by RocksDB, which is a shared object here");
}

}  // namespace

void require_sink(const Session& session, const std::string& or_else) {
  if (!session.program.sinks.empty()) return;
  Failure failure(toolchain::exit_program, "`" + session.path + "` has no sink: nothing would be written",
                  {"add one, such as `sink NAME to stdout { format: json }`"});
  if (!or_else.empty()) failure.helps.push_back(or_else);
  throw failure;
}

std::string source_hash(const dsl::SourceManager& sources) {
  toolchain::Sha256 hash;
  for (dsl::FileId id = 0; id < sources.size(); ++id) hash.part(sources.file(id).text());
  return hash.hex().substr(0, 16);
}

std::string plan_hash(const Session& session) {
  toolchain::Sha256 hash;
  hash.part(dsl::print_checked(session.program));
  hash.part(plan::print(session.plan, session.sources, plan::PrintFormat::text));
  if (!session.own.folder.empty())
    for (const std::string& define : session.own.defines) hash.part(define);
  return hash.hex().substr(0, 16);
}

std::vector<Option> compile_options(CompileOptions& options) {
  std::vector<Option> all = {
      {"--debug", "", "for a debugger: little optimised, with symbols", &options.debug},
      {"--cpu", "NAME", "CPU to compile for: native (this machine's), baseline (any), or a name such as x86-64-v3",
       &options.cpu},
      {"--cxx", "PATH", "C++ compiler to use (or GRESS_CXX)", &options.cxx},
      {"--timings", "", "a table of phases: time, memory of the C++ compiler", &options.timings},
      {"-j,--jobs", "N", "accepted and ignored", &options.jobs, {}, false, false, true},
  };
  for (Option& option : header_options(options.own)) all.push_back(std::move(option));
  all.push_back({"-l,--link", "LIB", "a library that C++ headers of the program need: a file, or a name such as `z`", &options.own.links});
  return all;
}

std::vector<Option> header_options(toolchain::OwnCpp& own) {
  return {{"-I,--include", "DIR", "a folder in which C++ headers of the program look for others (again for more)", &own.includes},
          {"-D,--define", "NAME[=VALUE]", "a macro that they ask for (again for more)", &own.defines}};
}

void compile_for(Session& session, const CompileOptions& options) {
  session.target = {options.debug, options.cpu};
  session.cxx = options.cxx;
  session.own = options.own;
  resolve(session.own);
}

toolchain::BuildOptions build_options(const Session& session, const CompileOptions& options) {
  return {.name = session.program.name,
          .debug = options.debug,
          .cpu = options.cpu,
          .cxx = options.cxx,
          .parts = session.cpp.parts,
          .own = session.own,
          .headers_hash = session.headers.hash,
          .source_hash = source_hash(session.sources),
          .plan_hash = plan_hash(session),
          .is_static = options.is_static,
          .pages = session.cpp.pages,
          .library = options.library};
}

toolchain::Built build_program(Session& session, const CompileOptions& options, codegen::EmitOptions emit) {
  if (options.is_static) check_static(session);
  emit.library = options.library;
  emit_phase(session, std::move(emit));
  Progress progress(session.settings, session.program.name);
  toolchain::Built built = compile_phase(session, build_options(session, options));
  double seconds = 0;
  for (const toolchain::Step& step : session.steps) seconds += step.seconds;
  progress.done(seconds, built.from_cache);
  return built;
}

void print_timings(const Session& session) {
  double total = 0;
  for (const toolchain::Step& step : session.steps) total += step.seconds;
  if (session.settings.format() == dsl::MessageFormat::json) {
    dsl::JsonWriter json;
    json.begin_object();
    json.key("timings").begin_array();
    for (const toolchain::Step& step : session.steps) {
      json.begin_object();
      json.key("phase").string(step.name);
      json.key("microseconds").number(static_cast<std::int64_t>(step.seconds * 1e6));
      json.key("peak_memory").number(step.peak_memory);
      json.end_object();
    }
    json.end_array();
    json.end_object();
    json.line();
    std::fputs(json.take().c_str(), stderr);
    return;
  }
  for (const toolchain::Step& step : session.steps) {
    std::fprintf(stderr, "%-12s %10.1f ms", step.name.c_str(), step.seconds * 1e3);
    if (step.peak_memory != 0) std::fprintf(stderr, " %8.0f MB", static_cast<double>(step.peak_memory) / 1048576.0);
    std::fputc('\n', stderr);
  }
  std::fprintf(stderr, "%-12s %10.1f ms\n", "total", total * 1e3);
}

void execute(toolchain::Built built, const std::string& name, const std::vector<std::string>& arguments) {
  std::vector<char*> argv{const_cast<char*>(name.c_str())};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  std::fflush(nullptr);
  // Opened first, so that an executable outside the cache may be deleted before it runs.
  const int fd = ::open(built.path.c_str(), O_RDONLY | O_CLOEXEC);
  const std::string path = built.path;
  int error = errno;
  if (fd >= 0) {
    built.scratch.reset();
    ::fexecve(fd, argv.data(), environ);
    error = errno;
  }
  throw Failure(exit_cannot_create, "cannot run `" + path + "`: " + toolchain::system_error_text(error),
                {"set GRESS_CACHE to a folder from which programs may be run"});
}

}  // namespace gress::driver
