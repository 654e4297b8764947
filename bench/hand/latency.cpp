// Sends rows to a program at planned times and reads what comes of them, through pipes. A row's latency counts from the moment
// that it was planned for, so that rows which had to wait behind a slow one count too.
//
//   latency FOLDER KEYS RATE SECONDS PROGRAM [ARGUMENT…]
//
// The program reads CSV (`id,key,value`) from standard input, keeps state by key, and prints a line for each row that begins
// with its id. First each of KEYS keys gets a row; then come RATE rows a second of keys by chance. FOLDER is where its
// checkpoints are: its LOCK says when one is on its way (runtime/checkpoint/folder.h). Prints JSON, times in microseconds.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

std::int64_t now() { return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now().time_since_epoch()).count(); }

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

void write_all(int fd, const char* data, std::size_t size) {
  while (size != 0) {
    const ssize_t n = ::write(fd, data, size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail("write");
    data += n;
    size -= static_cast<std::size_t>(n);
  }
}

/// Whether a checkpoint is on its way: the last one that was begun does not count yet.
class Lock {
 public:
  explicit Lock(std::string path) : path_(std::move(path)) {}
  bool is_busy() {
    if (fd_ < 0) fd_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
    char text[128] = {};
    unsigned long begun = 0, counts = 0;
    if (fd_ < 0 || ::pread(fd_, text, sizeof text - 1, 0) <= 0) return false;
    return std::sscanf(text, "%*s %*s %lu %lu", &begun, &counts) == 2 && begun != counts;
  }

 private:
  std::string path_;
  int fd_ = -1;
};

struct Child {
  pid_t pid = 0;
  int in = -1, out = -1;
};

Child start(char** argv) {
  int in[2], out[2];
  if (::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0) fail("pipe");
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::dup2(in[0], 0);
    ::dup2(out[1], 1);
    ::execv(argv[0], argv);
    fail(argv[0]);
  }
  ::close(in[0]);
  ::close(out[1]);
  return {pid, in[1], out[0]};
}

/// The ids of the lines, as they come.
class Ids {
 public:
  explicit Ids(int fd) : fd_(fd), buffer_(1 << 20) {}
  /// False at the end. Calls f(id) for each line of what has come.
  template <class F>
  bool read(F f) {
    const ssize_t n = ::read(fd_, buffer_.data() + held_, buffer_.size() - held_);
    if (n <= 0) return n < 0 && errno == EINTR;
    held_ += static_cast<std::size_t>(n);
    std::size_t at = 0;
    for (;;) {
      const auto* end = static_cast<const char*>(std::memchr(buffer_.data() + at, '\n', held_ - at));
      if (end == nullptr) break;
      const char* line = buffer_.data() + at;
      if (*line >= '0' && *line <= '9') f(std::strtoul(line, nullptr, 10));  // else the header
      at = static_cast<std::size_t>(end - buffer_.data()) + 1;
    }
    std::memmove(buffer_.data(), buffer_.data() + at, held_ - at);
    held_ -= at;
    return true;
  }

 private:
  int fd_;
  std::vector<char> buffer_;
  std::size_t held_ = 0;
};

struct Seen {
  std::int64_t planned = 0, came = 0;
  bool during = false;
};

void print(const char* name, std::vector<std::int64_t> nanos, const char* end) {
  std::sort(nanos.begin(), nanos.end());
  const auto at = [&](double part) {
    return nanos.empty() ? 0.0 : static_cast<double>(nanos[std::min(nanos.size() - 1, static_cast<std::size_t>(static_cast<double>(nanos.size()) * part))]) / 1e3;
  };
  std::printf("\"%s\": {\"rows\": %zu, \"p50\": %.1f, \"p90\": %.1f, \"p99\": %.1f, \"p999\": %.1f, \"max\": %.1f}%s", name, nanos.size(), at(0.5), at(0.9), at(0.99),
              at(0.999), at(1), end);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 6) return 64;
  const unsigned long keys = std::strtoul(argv[2], nullptr, 10), rate = std::strtoul(argv[3], nullptr, 10), count = rate * std::strtoul(argv[4], nullptr, 10);
  std::signal(SIGPIPE, SIG_IGN);
  const Child child = start(argv + 5);
  std::vector<Seen> rows(count);
  std::atomic<bool> filled{false};
  std::thread reader([&] {
    Lock lock(std::string(argv[1]) + "/LOCK");
    Ids ids(child.out);
    unsigned long left = keys;
    while (ids.read([&](unsigned long id) {
      if (id < keys) {
        if (--left == 0) filled = true, filled.notify_one();
        return;
      }
      rows[id - keys].came = now();
      if (lock.is_busy()) rows[id - keys].during = true;
    })) {
    }
    filled = true;
    filled.notify_one();
  });

  std::string text = "id,key,value\n";
  for (unsigned long k = 0; k != keys; ++k) {
    text += std::to_string(k) + ',' + std::to_string(k * 2654435761 % (1ul << 40)) + ",1\n";
    if (text.size() > (1 << 16)) write_all(child.in, text.data(), text.size()), text.clear();
  }
  write_all(child.in, text.data(), text.size());
  filled.wait(false);
  std::this_thread::sleep_for(std::chrono::seconds(1));

  Lock lock(std::string(argv[1]) + "/LOCK");
  std::uint64_t chance = 88172645463325252;
  const std::int64_t begin = now();
  unsigned long checkpoints = 0;
  bool was_busy = false;
  std::vector<bool> busy(count);
  for (unsigned long i = 0; i != count; ++i) {
    chance ^= chance << 13, chance ^= chance >> 7, chance ^= chance << 17;
    const unsigned long k = chance % keys;
    char line[96];
    const int size = std::snprintf(line, sizeof line, "%lu,%lu,%lu\n", keys + i, k * 2654435761 % (1ul << 40), i);
    rows[i].planned = begin + static_cast<std::int64_t>(i * 1'000'000'000 / rate);
    if (const std::int64_t wait = rows[i].planned - now(); wait > 0) std::this_thread::sleep_for(std::chrono::nanoseconds(wait));
    busy[i] = lock.is_busy();
    checkpoints += busy[i] && !was_busy;
    was_busy = busy[i];
    write_all(child.in, line, static_cast<std::size_t>(size));
  }
  ::close(child.in);
  reader.join();
  int status = 0;
  ::waitpid(child.pid, &status, 0);

  std::vector<std::int64_t> during, else_;
  for (unsigned long i = 0; i != count; ++i) {
    if (rows[i].came == 0) return std::fprintf(stderr, "nothing came of row %lu\n", i), 1;
    (busy[i] || rows[i].during ? during : else_).push_back(rows[i].came - rows[i].planned);
  }
  std::printf("{\"checkpoints\": %lu, ", checkpoints);
  print("during", std::move(during), ", ");
  print("otherwise", std::move(else_), "}\n");
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : 1;
}
