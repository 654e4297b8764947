// A table: all records of a file, read before the first row of the program, as rows that own their text.
#pragma once
#include <algorithm>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "runtime/connectors/bad_record.h"
#include "runtime/connectors/file/file_input.h"
#include "runtime/core/eval.h"
#include "runtime/core/state_value.h"

namespace gress {

[[noreturn]] void bad_table_record(const Record& record, std::uint64_t line, std::string_view error);
[[noreturn]] void duplicate_key(std::string_view table, std::string_view path, std::uint64_t first,
                                std::uint64_t second);

template <class RowType>
class RecordTable {
 public:
  using Row = RowType;
  std::vector<Row> rows;

  RecordTable() = default;
  RecordTable(const RecordTable&) = delete;
  RecordTable& operator=(const RecordTable&) = delete;
  ~RecordTable() { clear(); }

  void clear() {
    for (Row& row : rows) StateTraits<Row>::release(row);
    rows.clear();
    lines_.clear();
  }

  /// Reads all partitions, again if it was done before; an invalid record ends the program.
  template <class Decoder>
  [[gnu::cold, gnu::noinline]] void load(engine::Runtime& runtime, std::string_view name, std::string_view path, int line) {
    clear();
    const auto opened = counters_ == nullptr ? std::make_unique<file::FileInput>(runtime, name, path, line, file::FileInput::Take::all)
                                             : std::make_unique<file::FileInput>(runtime, *counters_, path, file::FileInput::Take::all);
    file::FileInput& input = *opened;
    counters_ = &input.counters();
    Eval ev;
    const auto decoded = std::make_unique<typename Decoder::Output>();
    while (!input.done()) {
      const std::uint32_t p = input.active().front();
      load_partition<Decoder>(input, input.reader(p), p, name, *decoded, ev);
      input.ended(p);
    }
    if (runtime.worker() == 0) counters_->rows.add(rows.size());
    counters_->watermark.set(kEnded);
  }

  /// Two rows of one key end the program; Key as in key_table.h.
  template <class Key, class KeyOf>
  [[gnu::cold, gnu::noinline]] void unique(std::string_view name, std::string_view path, KeyOf key_of) const {
    struct Hash {
      std::size_t operator()(const Key& k) const { return k.hash(); }
    };
    std::unordered_map<Key, std::size_t, Hash> seen;
    for (std::size_t i = 0; i != rows.size(); ++i) {
      const auto [at, fresh] = seen.emplace(key_of(rows[i]), i);
      if (!fresh) duplicate_key(name, path, lines_[at->second], lines_[i]);
    }
  }

  void add(const Row& row) {
    rows.push_back(StateTraits<Row>::retain(row));
    lines_.push_back(rows.size());
  }

 private:
  static constexpr std::int64_t kEnded = INT64_MAX;

  template <class Decoder>
  [[gnu::cold, gnu::noinline]] void load_partition(file::FileInput& input, file::ByteReader& reader, std::uint32_t p, std::string_view name,
                      typename Decoder::Output& decoded, Eval& ev) {
    const auto decoder = std::make_unique<Decoder>();
    bool headed = true;
    if constexpr (requires { decoder->begin_input(); })
      decoder->begin_input();
    else
      headed = false;
    std::uint64_t line = 1;  // of the first unconsumed byte
    for (;;) {
      const std::span<const char> bytes = reader.bytes();
      std::size_t used = 0;
      if (!headed) {
        if constexpr (requires { decoder->header(nullptr, 0, false); }) {
          const auto header = decoder->header(bytes.data(), bytes.size(), reader.at_end());
          if (!header.error.empty()) bad_header(name, input.path(p), header.error);
          headed = header.done;
          used = header.consumed;
        }
      } else if (!bytes.empty()) {
        used = decoder->decode(bytes.data(), bytes.size(), reader.at_end(), decoded, ev);
        const auto line_of = [&](std::size_t at) {
          return line + static_cast<std::uint64_t>(std::count(bytes.data(), bytes.data() + at, '\n'));
        };
        if (!decoded.bad.empty()) {
          const auto& b = decoded.bad.front();
          bad_table_record({name, input.path(p), p, static_cast<std::int64_t>(reader.offset() + b.begin),
                            std::string_view(bytes.data() + b.begin, b.end - b.begin)},
                           line_of(b.begin), b.error);
        }
        std::size_t from = 0;
        std::uint64_t at_line = line;
        for (int i = 0; i != decoded.count; ++i) {
          rows.push_back(StateTraits<Row>::retain(decoded.rows[i]));
          at_line += static_cast<std::uint64_t>(std::count(bytes.data() + from, bytes.data() + decoded.begin[i], '\n'));
          from = decoded.begin[i];
          lines_.push_back(at_line);
        }
        ev.arena.reset();
      }
      if (used != 0) {
        line += static_cast<std::uint64_t>(std::count(bytes.data(), bytes.data() + used, '\n'));
        reader.consume(used);
        continue;
      }
      if (reader.at_end()) return;
      reader.more_waiting();
    }
  }

  std::vector<std::uint64_t> lines_;
  engine::SourceCounters* counters_ = nullptr;
};

}  // namespace gress
