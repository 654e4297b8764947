// Runs a program as a user would and gathers what it says.
#pragma once
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace gress::test {

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

inline void write_file(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

/// A folder that is gone at the end of the test.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "gress-test-XXXXXX").string();
    if (!::mkdtemp(name.data())) std::abort();
    path_ = name;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

class Process {
 public:
  struct Setup {
    std::vector<std::string> environment = {};  // "NAME=value"
    std::string standard_output = {};           // a path; empty: gathered
    bool standard_input = false;                // a pipe to write to; otherwise /dev/null
  };

  explicit Process(std::vector<std::string> command) : Process(std::move(command), Setup()) {}
  Process(std::vector<std::string> command, const Setup& setup) {
    int in[2] = {-1, -1};
    int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (setup.standard_input && ::pipe2(in, O_CLOEXEC) != 0) std::abort();
    out_path_ = folder_ / "out";
    error_path_ = folder_ / "error";
    const std::string out = setup.standard_output.empty() ? out_path_ : setup.standard_output;
    std::vector<char*> argv;
    for (std::string& s : command) argv.push_back(s.data());
    argv.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(setup.standard_input ? in[0] : null, 0);
      if (setup.standard_output != "keep") ::dup2(::open(out.c_str(), O_WRONLY | O_CREAT, 0666), 1);
      ::dup2(::open(error_path_.c_str(), O_WRONLY | O_CREAT, 0666), 2);
      for (const std::string& e : setup.environment) {
        const std::size_t equals = e.find('=');
        ::setenv(e.substr(0, equals).c_str(), e.substr(equals + 1).c_str(), 1);
      }
      ::execv(argv[0], argv.data());
      ::_exit(127);
    }
    ::close(null);
    if (setup.standard_input) ::close(in[0]);
    input_ = in[1];
  }
  ~Process() {
    close_input();
    if (!waited_) {
      ::kill(pid_, SIGKILL);
      wait();
    }
  }

  void write(const std::string& text) {
    if (::write(input_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) std::abort();
  }
  void close_input() {
    if (input_ >= 0) ::close(input_);
    input_ = -1;
  }
  void signal(int number) { ::kill(pid_, number); }

  /// Exit code, or 128 and the number of the signal that ended it.
  int wait() {
    if (waited_) return code_;
    int status = 0;
    ::waitpid(pid_, &status, 0);
    waited_ = true;
    code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return code_;
  }
  std::string out() const { return read_file(out_path_); }
  std::string error() const { return read_file(error_path_); }
  /// Whether standard output comes to hold `text` within ten seconds.
  bool says(const std::string& text) const {
    for (int i = 0; i < 1000; ++i) {
      if (out().find(text) != std::string::npos) return true;
      ::usleep(10'000);
    }
    return false;
  }

 private:
  Folder folder_;
  std::string out_path_, error_path_;
  pid_t pid_ = -1;
  int input_ = -1;
  bool waited_ = false;
  int code_ = 0;
};

}  // namespace gress::test
