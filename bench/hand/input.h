// Lines of a file by way of one reused buffer: read(), hand out the whole lines, move the rest to the front.
#pragma once
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace hand {

[[noreturn, gnu::cold, gnu::noinline]] inline void die(const char* what, const char* detail = "") {
  std::fprintf(stderr, "%s%s\n", what, detail);
  std::exit(1);
}

class Input {
 public:
  static constexpr std::size_t kBytes = 1024 * 1024;
  static constexpr std::size_t kSlack = 128;

  explicit Input(const char* path) : file_(::open(path, O_RDONLY)) {
    if (file_ < 0) die("cannot open ", path);
    std::memset(buffer_, 0, sizeof buffer_);
  }
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;
  ~Input() { ::close(file_); }

  /// The next bytes that end with a line end; false at the end of the file. kSlack bytes around them are readable.
  bool next(const char*& begin, const char*& end) {
    char* base = buffer_ + kSlack;
    std::memmove(base, base + used_, have_ - used_);
    have_ -= used_;
    used_ = 0;
    for (;;) {
      if (have_ == kBytes) die("a line is longer than the buffer");
      const ssize_t n = done_ ? 0 : ::read(file_, base + have_, kBytes - have_);
      if (n < 0) die("cannot read");
      if (n == 0) {
        done_ = true;
        if (have_ == 0) return false;
        if (base[have_ - 1] != '\n') base[have_++] = '\n';
      }
      std::size_t stop = have_ + static_cast<std::size_t>(n);
      have_ = stop;
      while (stop != 0 && base[stop - 1] != '\n') --stop;
      if (stop == 0) continue;
      used_ = stop;
      begin = base;
      end = base + stop;
      return true;
    }
  }

 private:
  int file_;
  bool done_ = false;
  std::size_t have_ = 0, used_ = 0;
  char buffer_[kSlack + kBytes + kSlack];
};

/// A file written through one reused buffer.
class Output {
 public:
  explicit Output(const char* path) : file_(::open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644)) {
    if (file_ < 0) die("cannot write ", path);
  }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output() {
    flush();
    ::close(file_);
  }
  /// Room for `bytes` (at most kBytes), given back with done().
  char* room(std::size_t bytes) {
    if (at_ + bytes > sizeof buffer_) flush();
    return buffer_ + at_;
  }
  void done(const char* end) { at_ = static_cast<std::size_t>(end - buffer_); }

 private:
  void flush() {
    for (std::size_t from = 0; from != at_;) {
      const ssize_t n = ::write(file_, buffer_ + from, at_ - from);
      if (n <= 0) die("cannot write");
      from += static_cast<std::size_t>(n);
    }
    at_ = 0;
  }
  int file_;
  std::size_t at_ = 0;
  char buffer_[256 * 1024];
};

inline char* put(char* to, const char* text, std::size_t n) {
  std::memcpy(to, text, n);
  return to + n;
}
template <std::size_t N>
char* put(char* to, const char (&text)[N]) {
  return put(to, text, N - 1);
}

}  // namespace hand
