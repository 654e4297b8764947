#include "runtime/connectors/record_table.h"

#include <algorithm>
#include <memory>
#include <string>

namespace gress {

namespace {

[[noreturn]] void bad_table_record(const Record& r, std::uint64_t line, std::string_view error) {
  throw engine::Failure(engine::Exit::data, "invalid_table_record",
                        "table `" + std::string(r.source) + "`: " + std::string(r.path) + ", line " + std::to_string(line) +
                            ": " + std::string(error) + "\n  record: " + std::string(r.bytes.substr(0, 200)));
}

[[noreturn]] void duplicate_key(std::string_view table, std::string_view path, std::uint64_t first, std::uint64_t second) {
  throw engine::Failure(engine::Exit::data, "duplicate_key",
                        "table `" + std::string(table) + "`: " + std::string(path) + ": lines " + std::to_string(first) +
                            " and " + std::to_string(second) + " have the same key");
}

std::uint64_t line_ends(const char* begin, const char* end) { return static_cast<std::uint64_t>(std::count(begin, end, '\n')); }

}  // namespace

void TableFile::read(TableDecoder& decoder, engine::Runtime& runtime, std::string_view name, std::string_view path, int line) {
  using Take = file::FileInput::Take;
  const auto input = counters_ == nullptr ? std::make_unique<file::FileInput>(runtime, name, path, line, Take::all)
                                          : std::make_unique<file::FileInput>(runtime, *counters_, path, Take::all);
  counters_ = &input->counters();
  while (!input->done()) {
    const std::uint32_t p = input->active().front();
    read_partition(decoder, *input, p, name);
    input->ended(p);
  }
  if (runtime.worker() == 0) counters_->rows.add(lines_.size());
  counters_->watermark.set(INT64_MAX);
}

void TableFile::read_partition(TableDecoder& decoder, file::FileInput& input, std::uint32_t p, std::string_view name) {
  file::ByteReader& reader = input.reader(p);
  Eval ev;
  bool headed = decoder.begin_input();
  std::uint64_t line = 1;  // of the first unconsumed byte
  for (;;) {
    const std::span<const char> bytes = reader.bytes();
    std::size_t used = 0;
    if (!headed) {
      const decode::CsvHeader header = decoder.header(bytes, reader.at_end());
      if (!header.error.empty()) bad_header(name, input.path(p), header.error);
      headed = header.done;
      used = header.consumed;
    } else if (!bytes.empty()) {
      used = decoder.decode(bytes, reader.at_end(), ev);
      if (!decoder.bad().empty()) {
        const decode::BadRecord& b = decoder.bad().front();
        bad_table_record({name, input.path(p), p, static_cast<std::int64_t>(reader.offset() + b.begin),
                          std::string_view(bytes.data() + b.begin, b.end - b.begin)},
                         line + line_ends(bytes.data(), bytes.data() + b.begin), b.error);
      }
      decoder.keep();
      std::size_t from = 0;
      std::uint64_t at_line = line;
      for (int i = 0; i != decoder.count(); ++i) {
        at_line += line_ends(bytes.data() + from, bytes.data() + decoder.begin()[i]);
        from = decoder.begin()[i];
        lines_.push_back(at_line);
      }
      ev.arena.reset();
    }
    if (used != 0) {
      line += line_ends(bytes.data(), bytes.data() + used);
      reader.consume(used);
      continue;
    }
    if (reader.at_end()) return;
    reader.more_waiting();
  }
}

void TableFile::check_unique(std::string_view name, std::string_view path, const GrowingArray<std::uint64_t>& hashes, const void* keys,
                             bool (*same)(const void* keys, std::size_t a, std::size_t b)) const {
  std::size_t size = 64;
  while (size < hashes.size() * 2) size *= 2;
  constexpr std::size_t kFree = ~std::size_t{0};
  std::vector<std::size_t> seen(size, kFree);
  for (std::size_t i = 0; i != hashes.size(); ++i) {
    std::size_t at = hashes[i] & (size - 1);
    for (; seen[at] != kFree; at = (at + 1) & (size - 1))
      if (hashes[seen[at]] == hashes[i] && same(keys, seen[at], i)) duplicate_key(name, path, lines_[seen[at]], lines_[i]);
    seen[at] = i;
  }
}

}  // namespace gress
