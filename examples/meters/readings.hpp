// A source of one's own: readings of electricity meters, from the files that the concentrators of the sites write.
#pragma once
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace meters {

/// What a meter shows.
struct Reading {
  std::string site;
  std::int64_t meter;
  double kwh;  ///< since it was put in
  std::chrono::sys_time<std::chrono::microseconds> at;
};

/// `SITE.meter` of a folder: 16 bytes a reading, in the order of time. A file is a partition.
class Readings {
 public:
  struct Options {
    std::string folder = ".";  ///< where the files are
  };

  static std::vector<std::string> partitions(const Options& options) {
    std::vector<std::string> sites;
    for (const auto& file : std::filesystem::directory_iterator(options.folder))
      if (file.path().extension() == ".meter") sites.push_back(file.path().stem().string());
    std::sort(sites.begin(), sites.end());
    return sites;
  }

  Readings(const Options& options, std::string_view site)
      : site_(site), file_(options.folder + "/" + site_ + ".meter", std::ios::binary) {
    if (!file_) throw std::runtime_error("cannot read " + site_ + ".meter");
  }

  std::optional<std::size_t> read(std::span<Reading> rows) {
    if (torn_) throw std::runtime_error(site_ + ".meter ends within a reading");
    std::size_t n = 0;
    Record record;
    while (n != rows.size() && file_.read(reinterpret_cast<char*>(&record), sizeof record)) {
      const std::chrono::sys_seconds at{std::chrono::seconds(record.seconds)};
      rows[n++] = {site_, record.meter, record.watt_hours / 1000.0, at};
      position_ += sizeof record;
    }
    torn_ = n != rows.size() && file_.gcount() != 0;  // told when the readings before it have been given
    return n == 0 && !torn_ ? std::nullopt : std::optional(n);
  }

  /// Checkpoints hold it: a restart goes on from there.
  std::int64_t position() const { return position_; }
  void seek(std::int64_t position) {
    position_ = position;
    file_.seekg(position);
  }

 private:
  struct Record {
    std::int64_t seconds;  // since 1970
    std::uint32_t meter, watt_hours;
  };

  std::string site_;
  std::ifstream file_;
  std::int64_t position_ = 0;
  bool torn_ = false;
};

}  // namespace meters
