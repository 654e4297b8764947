#include "compiler/toolchain/process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <chrono>
#include <cstdlib>
#include <utility>

#include "compiler/toolchain/files.h"

extern char** environ;

namespace gress::toolchain {

namespace {

struct Actions {
  posix_spawn_file_actions_t list;
  Actions() { ::posix_spawn_file_actions_init(&list); }
  ~Actions() { ::posix_spawn_file_actions_destroy(&list); }
};

class Running {
 public:
  explicit Running(const Process& process) : name_(process.argv[0]), begin_(std::chrono::steady_clock::now()) {
    std::vector<char*> argv;
    for (const std::string& arg : process.argv) argv.push_back(const_cast<char*>(arg.c_str()));
    argv.push_back(nullptr);

    Actions actions;
    ::posix_spawn_file_actions_addopen(&actions.list, 0, "/dev/null", O_RDONLY, 0);
    if (!process.output.empty()) {
      ::posix_spawn_file_actions_addopen(&actions.list, 1, process.output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666);
      ::posix_spawn_file_actions_adddup2(&actions.list, 1, 2);
    }
    if (!process.folder.empty()) ::posix_spawn_file_actions_addchdir_np(&actions.list, process.folder.c_str());
    const int error = ::posix_spawnp(&pid_, argv[0], &actions.list, nullptr, argv.data(), environ);
    if (error != 0) throw Failure(exit_unavailable, "cannot run `" + name_ + "`: " + system_error_text(error));
  }
  Running(Running&& o) noexcept : name_(std::move(o.name_)), begin_(o.begin_), pid_(std::exchange(o.pid_, 0)) {}
  /// When another could not be started.
  ~Running() {
    if (pid_ == 0) return;
    ::kill(pid_, SIGTERM);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }

  Ended wait() {
    int status = 0;
    rusage used{};
    while (::wait4(pid_, &status, 0, &used) < 0) {
      if (errno != EINTR) throw Failure(exit_io, "cannot wait for `" + name_ + "`: " + system_error_text(errno));
    }
    pid_ = 0;
    Ended ended;
    ended.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    ended.status = ended.signal != 0 ? 128 + ended.signal : WEXITSTATUS(status);
    ended.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
    ended.peak_memory = std::int64_t{used.ru_maxrss} * 1024;
    return ended;
  }

 private:
  std::string name_;
  std::chrono::steady_clock::time_point begin_;
  pid_t pid_ = 0;
};

}  // namespace

Ended run(const Process& process) { return Running(process).wait(); }

std::vector<Ended> run_all(const std::vector<Process>& processes) {
  std::vector<Running> running;
  running.reserve(processes.size());
  for (const Process& process : processes) running.emplace_back(process);
  std::vector<Ended> ended;
  for (Running& one : running) ended.push_back(one.wait());
  return ended;
}

std::string find_program(const std::string& name) {
  const auto runs = [](const std::string& path) { return is_file(path) && ::access(path.c_str(), X_OK) == 0; };
  if (name.find('/') != std::string::npos) return runs(name) ? name : "";
  const char* variable = std::getenv("PATH");
  const std::string path = variable != nullptr ? variable : "/usr/local/bin:/usr/bin:/bin";
  for (std::size_t at = 0; at <= path.size() && !name.empty();) {
    const std::size_t end = std::min(path.find(':', at), path.size());
    const std::string candidate = (end == at ? std::string(".") : path.substr(at, end - at)) + '/' + name;
    if (runs(candidate)) return candidate;
    at = end + 1;
  }
  return "";
}

}  // namespace gress::toolchain
