// A table: all records of a file, read before the first row of the program, as rows that own their text.
#pragma once
#include <string_view>

#include "runtime/connectors/bad_record.h"
#include "runtime/connectors/file/file_input.h"
#include "runtime/core/decode/csv_reader.h"
#include "runtime/core/decode/decoded.h"
#include "runtime/core/eval.h"
#include "runtime/core/growing_array.h"
#include "runtime/core/owned.h"
#include "runtime/core/state_value.h"

namespace gress {

/// What reads a table's records, whatever they are.
class TableDecoder {
 public:
  virtual ~TableDecoder() = default;
  /// Prepares for a partition; false if it begins with a header.
  virtual bool begin_input() = 0;
  virtual decode::CsvHeader header(std::span<const char> bytes, bool at_end) = 0;
  virtual std::size_t decode(std::span<const char> bytes, bool at_end, Eval& ev) = 0;
  /// Takes what was decoded to the rows of the table.
  virtual void keep() = 0;

  // of what was decoded
  virtual int count() const = 0;
  virtual const std::uint32_t* begin() const = 0;
  virtual const std::vector<decode::BadRecord>& bad() const = 0;
};

/// All of a table but its rows, compiled once.
class TableFile {
 protected:
  /// Reads all partitions, again if it was done before; an invalid record ends the program.
  void read(TableDecoder& decoder, engine::Runtime& runtime, std::string_view name, std::string_view path, int line);
  /// Two rows of one key end the program: `same` tells of two rows whether they have one, `hashes` those of their keys.
  void check_unique(std::string_view name, std::string_view path, const GrowingArray<std::uint64_t>& hashes, const void* keys,
                    bool (*same)(const void* keys, std::size_t a, std::size_t b)) const;

  GrowingArray<std::uint64_t> lines_;  // of the rows

 private:
  void read_partition(TableDecoder& decoder, file::FileInput& input, std::uint32_t p, std::string_view name);

  engine::SourceCounters* counters_ = nullptr;
};

template <class RowType>
class RecordTable : TableFile {
 public:
  using Row = RowType;
  GrowingArray<Row> rows;

  RecordTable() = default;
  RecordTable(const RecordTable&) = delete;
  RecordTable& operator=(const RecordTable&) = delete;
  ~RecordTable() { clear(); }

  void clear() {
    for (Row& row : rows) StateTraits<Row>::release(row);
    rows.clear();
    lines_.clear();
  }

  /// See TableFile::read.
  template <class Decoder>
  [[gnu::cold, gnu::noinline]] void load(engine::Runtime& runtime, std::string_view name, std::string_view path, int line) {
    clear();
    const Owned<Reader<Decoder>> reader(new Reader<Decoder>(*this));
    read(*reader, runtime, name, path, line);
  }

  /// Two rows of one key end the program; Key as in key_table.h.
  template <class Key, class KeyOf>
  [[gnu::cold, gnu::noinline]] void unique(std::string_view name, std::string_view path, KeyOf key_of) const {
    GrowingArray<Key> keys(rows.size());
    GrowingArray<std::uint64_t> hashes(rows.size());
    for (std::size_t i = 0; i != rows.size(); ++i) {
      keys[i] = key_of(rows[i]);
      hashes[i] = keys[i].hash();
    }
    check_unique(name, path, hashes, keys.data(), [](const void* all, std::size_t a, std::size_t b) {
      return static_cast<const Key*>(all)[a] == static_cast<const Key*>(all)[b];
    });
  }

  void add(const Row& row) {
    rows.push_back(StateTraits<Row>::retain(row));
    lines_.push_back(rows.size());
  }

 private:
  template <class Decoder>
  class Reader final : public TableDecoder {
   public:
    explicit Reader(RecordTable& table) : table_(table) {}

   private:
    bool begin_input() override {
      decoder_ = Owned<Decoder>(new Decoder);
      if constexpr (requires { decoder_->begin_input(); }) decoder_->begin_input();
      return requires { decoder_->begin_input(); };
    }
    decode::CsvHeader header(std::span<const char> bytes, bool at_end) override {
      if constexpr (requires { decoder_->header(nullptr, 0, false); }) return decoder_->header(bytes.data(), bytes.size(), at_end);
      else return decode::no_header();
    }
    std::size_t decode(std::span<const char> bytes, bool at_end, Eval& ev) override {
      return decoder_->decode(bytes.data(), bytes.size(), at_end, decoded_, ev);
    }
    void keep() override {
      for (int i = 0; i != decoded_.count; ++i) table_.rows.push_back(StateTraits<Row>::retain(decoded_.rows[i]));
    }
    int count() const override { return decoded_.count; }
    const std::uint32_t* begin() const override { return decoded_.begin; }
    const std::vector<decode::BadRecord>& bad() const override { return decoded_.bad; }

    RecordTable& table_;
    Owned<Decoder> decoder_;
    typename Decoder::Output decoded_;
  };
};

}  // namespace gress
