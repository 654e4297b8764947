// A sink of one's own: invoices, in numbered files that others fetch. A file that is there is complete, and no invoice stands
// in two of them, whenever the program is killed and started again.
#pragma once
#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>

namespace meters {

struct Invoice {
  std::string site;
  std::int64_t meter;
  std::chrono::sys_time<std::chrono::microseconds> day;
  double kwh;
  double amount;
};

/// `invoices-1.csv` and so on. What is being written has a name that ends in `.part`.
class Invoices {
 public:
  struct Options {
    std::string folder = ".";  ///< where the files go
  };
  explicit Invoices(const Options& options) : start_(options.folder + "/invoices-") {}

  void write(std::span<const Invoice> rows) {
    if (!file_.is_open()) {
      file_.open(part(number_ + 1));
      if (!file_) throw std::runtime_error("cannot create " + part(number_ + 1));
      ++number_;
    }
    for (const Invoice& row : rows) {
      const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(row.day)};
      char line[160];
      std::snprintf(line, sizeof line, ",%lld,%d-%02u-%02u,%.3f,%.2f\n", static_cast<long long>(row.meter), int{day.year()},
                    unsigned{day.month()}, unsigned{day.day()}, row.kwh, row.amount);
      file_ << row.site << line;
    }
  }

  /// Named in the checkpoint: the last file that belongs to it.
  std::int64_t prepare() {
    if (file_.is_open()) {
      file_.close();
      const int file = ::open(part(number_).c_str(), O_RDONLY);
      const bool safe = file_ && ::fsync(file) == 0;
      ::close(file);
      if (!safe) throw std::runtime_error("cannot write " + part(number_));
    }
    return number_;
  }
  /// The checkpoint counts.
  void commit(std::int64_t prepared) {
    for (; committed_ < prepared; ++committed_) std::filesystem::rename(part(committed_ + 1), name(committed_ + 1));
  }
  /// What an earlier run began behind its last checkpoint is taken away; without one, all that it wrote.
  void recover(std::optional<std::int64_t> prepared) {
    number_ = prepared.value_or(0);
    committed_ = number_;
    // After a crash its last file may not have its name yet.
    if (prepared && std::filesystem::exists(part(number_))) std::filesystem::rename(part(number_), name(number_));
    for (std::int64_t n = number_ + 1; std::filesystem::remove(part(n)) || std::filesystem::remove(name(n)); ++n) {
    }
  }

 private:
  std::string name(std::int64_t number) const { return start_ + std::to_string(number) + ".csv"; }
  std::string part(std::int64_t number) const { return name(number) + ".part"; }

  std::string start_;
  std::ofstream file_;
  std::int64_t number_ = 0;     // of the file that is being written, or was last
  std::int64_t committed_ = 0;  // the last one that has its name
};

}  // namespace meters
