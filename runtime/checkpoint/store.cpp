#include "runtime/checkpoint/store.h"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/sst_file_writer.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/write_batch.h>
#include <rocksdb/write_buffer_manager.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdarg>
#include <cstdlib>
#include <mutex>
#include <utility>
#include <vector>

#include "runtime/checkpoint/folder.h"
#include "runtime/checkpoint/sorted_changes.h"
#include "runtime/core/block.h"
#include "runtime/engine/failure.h"

namespace gress::checkpoint {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kBatch = std::size_t{4} << 20;
constexpr std::size_t kFew = std::size_t{1} << 20;  // bytes that are not worth a table

void check(const rocksdb::Status& status, const char* what) {
  if (status.ok()) return;
  throw engine::Failure(status.IsCorruption() ? engine::Exit::data : engine::Exit::io, status.IsCorruption() ? "checkpoint_damaged" : "checkpoint_failed",
                        std::string(what) + ": " + status.ToString());
}

/// Big-endian: entries of a section stand together.
std::string prefix(std::uint32_t section) {
  return {static_cast<char>(section >> 24), static_cast<char>(section >> 16), static_cast<char>(section >> 8), static_cast<char>(section)};
}

/// The first key behind all that begin so; a section's number is never the highest.
std::string behind(std::string begin) {
  while (static_cast<unsigned char>(begin.back()) == 0xff) begin.pop_back();
  ++begin.back();
  return begin;
}

class Entries final : public StateEntries {
 public:
  Entries(rocksdb::DB& db, std::uint32_t section) : Entries(db, prefix(section), prefix(section), behind(prefix(section))) {}
  /// From `from` on, before `to`.
  Entries(rocksdb::DB& db, std::string begin, std::string from, std::string to)
      : db_(db), begin_(std::move(begin)), from_(std::move(from)), to_(std::move(to)), upper_(to_) {}
  bool next(std::string_view& key, std::string_view& value) override {
    if (at_ != nullptr) at_->Next();
    else open();
    if (!at_->Valid()) {
      check(at_->status(), "cannot read the state");
      return false;
    }
    key = {at_->key().data() + begin_.size(), at_->key().size() - begin_.size()};
    value = {at_->value().data(), at_->value().size()};
    return true;
  }
  /// Between the beginnings of its tables, which are of one size.
  Parts parts() override {
    constexpr std::uint64_t kMany = std::uint64_t{16} << 20;  // bytes
    rocksdb::ColumnFamilyMetaData data;
    db_.GetColumnFamilyMetaData(&data);
    Parts parts;
    std::vector<std::string> ends{to_};
    std::uint64_t bytes = 0;
    for (const auto& level : data.levels)
      for (const auto& file : level.files) {
        if (file.largestkey < from_ || file.smallestkey >= to_) continue;
        parts.most += file.num_entries;
        bytes += file.size;
        if (file.smallestkey > from_) ends.push_back(file.smallestkey);
      }
    std::ranges::sort(ends);
    ends.erase(std::unique(ends.begin(), ends.end()), ends.end());
    if (bytes < kMany || ends.size() == 1) return {};
    const std::string* last = &from_;
    for (const std::string& end : ends) parts.each.push_back(std::make_unique<Entries>(db_, begin_, *std::exchange(last, &end), end));
    return parts;
  }

 private:
  void open() {
    rocksdb::ReadOptions options;
    options.verify_checksums = true;
    options.fill_cache = false;
    options.readahead_size = std::size_t{2} << 20;
    options.iterate_upper_bound = &upper_;
    at_.reset(db_.NewIterator(options));
    at_->Seek(from_);
  }

  rocksdb::DB& db_;
  const std::string begin_, from_, to_;
  const rocksdb::Slice upper_;
  std::unique_ptr<rocksdb::Iterator> at_;
};

rocksdb::WriteOptions unlogged() {
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  return options;
}

/// Blocks, filters, indices and what is not written yet, all together.
void bound(rocksdb::Options& options, rocksdb::BlockBasedTableOptions& table, std::size_t memory) {
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  const std::size_t unwritten = memory / 3;
  table.block_cache = rocksdb::NewLRUCache(memory, 4, false, 0.5);
  options.write_buffer_manager = std::make_shared<rocksdb::WriteBufferManager>(unwritten, table.block_cache);
  options.write_buffer_size = std::clamp(unwritten / 3, std::size_t{1} << 20, std::size_t{32} << 20);
  options.memtable_whole_key_filtering = true;
  options.memtable_prefix_bloom_size_ratio = 0.05;
  table.cache_index_and_filter_blocks = true;
  table.cache_index_and_filter_blocks_with_high_priority = true;
  table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
  table.partition_filters = true;
  table.block_size = std::size_t{4} << 10;  // a row reads one of them
  table.data_block_index_type = rocksdb::BlockBasedTableOptions::kDataBlockBinaryAndHash;
}

}  // namespace

/// What went wrong in the database's own threads, which would try it again and say nothing.
class Store::Background final : public rocksdb::EventListener {
 public:
  void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* status) override {
    const std::lock_guard lock(mutex_);
    if (first_.ok()) first_ = *status;
  }
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status, bool* recovers) override { *recovers = false; }
  rocksdb::Status first() {
    const std::lock_guard lock(mutex_);
    return first_;
  }

 private:
  std::mutex mutex_;
  rocksdb::Status first_;
};

Store::Store(const std::filesystem::path& folder, std::size_t memory)
    : background_(std::make_shared<Background>()), folder_(folder) {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.max_background_jobs = 2;
  options.disable_auto_compactions = true;
  options.write_buffer_size = std::size_t{32} << 20;
  options.max_open_files = 256;
  options.compression = rocksdb::kNoCompression;
  options.fail_if_options_file_error = true;
  options.listeners.push_back(background_);
  options.info_log_level = rocksdb::ERROR_LEVEL;
  options.keep_log_file_num = 1;
  options.level_compaction_dynamic_level_bytes = true;
  rocksdb::BlockBasedTableOptions table;
  table.block_size = std::size_t{16} << 10;
  table.format_version = 5;
  if (memory != 0) bound(options, table, memory);
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  rocksdb::DB* db = nullptr;
  check(rocksdb::DB::Open(options, folder.string(), &db), "cannot open the state");
  db_.reset(db);
}

Store::~Store() = default;

void Store::compact() { check(db_->EnableAutoCompaction({db_->DefaultColumnFamily()}), "cannot open the state"); }

/// Tables that are made beside the database and then belong to it, all at once. What is added later goes before what was there.
class Store::Tables {
 public:
  explicit Tables(Store& store) : store_(store), writer_(rocksdb::EnvOptions(), store.db_->GetOptions()) {}
  /// In the order of sections.
  void add(std::uint32_t section, const SortedChanges& changes) {
    const std::string begin = prefix(section);
    std::string full;
    for (const std::string_view erased : changes.erased()) {
      full = begin;
      full += erased;
      check(open().DeleteRange(full, behind(full)), kCannot);
    }
    changes.each([&](std::string_view key, std::string_view value) {
      full = begin;
      full += key;
      if (value.data() != nullptr) check(open().Put(full, rocksdb::Slice(value.data(), value.size())), kCannot);
      else check(open().Delete(full), kCannot);
      if (writer_.FileSize() >= kMost) close();
    });
  }
  void end() {
    close();
    if (files_.empty()) return;
    rocksdb::IngestExternalFileOptions options;
    options.move_files = true;
    options.write_global_seqno = false;
    options.snapshot_consistency = false;
    check(store_.db_->IngestExternalFile(files_, options), kCannot);
  }

 private:
  static constexpr const char* kCannot = "cannot write the state";
  static constexpr std::size_t kMost = std::size_t{64} << 20;

  rocksdb::SstFileWriter& open() {
    if (!open_) {
      files_.push_back((store_.folder_ / ("new-" + std::to_string(store_.made_++))).string());
      check(writer_.Open(files_.back()), kCannot);
      open_ = true;
    }
    return writer_;
  }
  void close() {
    if (open_) check(writer_.Finish(), kCannot);
    open_ = false;
  }

  Store& store_;
  rocksdb::SstFileWriter writer_;
  std::vector<std::string> files_;
  bool open_ = false;
};

void Store::write(std::vector<Section> sections) {
  std::ranges::sort(sections, {}, &Section::id);
  Tables tables(*this);
  for (const Section& s : sections) tables.add(s.id, SortedChanges(*s.changes));
  tables.end();
}

void Store::write_cold(std::uint32_t section, const StateChanges& changes) {
  if (changes.bytes() > kFew) return write({{section, &changes}});
  rocksdb::WriteBatch batch;
  const std::string begin = prefix(section);
  std::string full;
  const auto flush = [&] {
    check(db_->Write(unlogged(), &batch), "cannot write the state");
    batch.Clear();
  };
  changes.each([&](StateChanges::Kind kind, std::string_view key, std::string_view value) {
    full = begin;
    full += key;
    switch (kind) {
      case StateChanges::Kind::put: check(batch.Put(full, rocksdb::Slice(value.data(), value.size())), "cannot write the state"); break;
      case StateChanges::Kind::erase: check(batch.Delete(full), "cannot write the state"); break;
      case StateChanges::Kind::erase_all: check(batch.DeleteRange(full, behind(full)), "cannot write the state"); break;
    }
    if (batch.GetDataSize() >= kBatch) flush();
  });
  if (batch.Count() != 0) flush();
}

void Store::erase(std::uint32_t section) {
  const std::string begin = prefix(section);
  rocksdb::WriteBatch batch;
  check(batch.DeleteRange(begin, behind(begin)), "cannot write the state");
  check(db_->Write(unlogged(), &batch), "cannot write the state");
}

void Store::snapshot(const std::filesystem::path& to) {
  rocksdb::FlushOptions flush;
  flush.wait = true;
  check(db_->Flush(flush), "cannot write the state");
  rocksdb::Checkpoint* made = nullptr;
  check(rocksdb::Checkpoint::Create(db_.get(), &made), "cannot make a checkpoint of the state");
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
  check(checkpoint->CreateCheckpoint(to.string()), "cannot make a checkpoint of the state");
  check(background_->first(), "cannot write the state");
}

void copy_snapshot(const fs::path& state, const std::vector<FileAt>& files, const fs::path& to) {
  std::error_code error;
  fs::remove_all(to, error);
  fs::create_directory(to, error);
  if (error) fail_io("cannot create", to, error.value());
  for (const FileAt& f : files) {
    const bool links = f.name.ends_with(".sst");
    error.clear();
    if (links) fs::create_hard_link(state / f.name, to / f.name, error);
    if (error || !links) {  // another file system
      error.clear();
      fs::copy_file(state / f.name, to / f.name, error);
    }
    if (error) fail_io("cannot copy to", to / f.name, error.value());
  }
}

namespace {

/// It would make a file of its own beside what is read.
class NoLog final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

}  // namespace

SnapshotReader::SnapshotReader(const fs::path& state) {
  // All of its tables are held open, as they may be replaced while they are read.
  if (rlimit files; getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
  rocksdb::Options options;
  options.max_open_files = -1;
  options.info_log = std::make_shared<NoLog>();
  rocksdb::DB* db = nullptr;
  check(rocksdb::DB::OpenForReadOnly(options, state.string(), &db), "cannot open the state");
  db_.reset(db);
}

SnapshotReader::~SnapshotReader() = default;

std::unique_ptr<StateEntries> SnapshotReader::entries(std::uint32_t section) const { return std::make_unique<Entries>(*db_, section); }

class Store::Cold final : public ColdEntries {
 public:
  Cold(Store& store, std::uint32_t section, std::size_t memory, engine::WaitsAt waits)
      : store_(store), id_(section), section_(prefix(section)), memory_(memory), waits_(waits) {}
  std::size_t memory() const override { return memory_; }
  const std::string& section() const override { return section_; }
  void write(StateChanges& changes) override {
    if (store_.cold_held_) {
      const engine::Waiting here(waits_.presence, waits_.stage);
      store_.cold_held_.wait(true);
    }
    store_.write_cold(id_, changes);
    changes.clear();
  }
  void read(const std::string_view* keys, int n, std::string_view* values) override {
    const auto count = static_cast<std::size_t>(n);
    slices_.assign(keys, keys + n);
    for (std::size_t i = 0; i != count; ++i) values_[i].Reset();
    store_.db_->MultiGet({}, store_.db_->DefaultColumnFamily(), count, slices_.data(), values_.data(), statuses_.data());
    for (std::size_t i = 0; i != count; ++i) {
      values[i] = {};
      if (statuses_[i].IsNotFound()) continue;
      check(statuses_[i], "cannot read the state");
      values[i] = {values_[i].data(), values_[i].size()};
    }
  }
  void keys(std::string_view beginning, std::string_view from, int most, std::vector<std::string>& found) override {
    found.clear();
    const std::unique_ptr<rocksdb::Iterator> at(store_.db_->NewIterator({}));
    for (at->Seek({from.data(), from.size()}); at->Valid() && found.size() != static_cast<std::size_t>(most); at->Next()) {
      if (!at->key().starts_with({beginning.data(), beginning.size()})) break;
      found.push_back(at->key().ToString());
    }
    check(at->status(), "cannot read the state");
  }
  void damaged() const override { check(rocksdb::Status::Corruption("an entry is not of the kind that it is read as"), "cannot read the state"); std::abort(); }

 private:
  Store& store_;
  const std::uint32_t id_;
  const std::string section_;
  const std::size_t memory_;
  const engine::WaitsAt waits_;
  std::vector<rocksdb::Slice> slices_;
  // Of as many as are asked for at once. A PinnableSlice that holds something cannot be moved (RocksDB 7.8).
  std::vector<rocksdb::PinnableSlice> values_ = std::vector<rocksdb::PinnableSlice>(kBlock);
  std::vector<rocksdb::Status> statuses_ = std::vector<rocksdb::Status>(kBlock);
};

std::unique_ptr<ColdEntries> Store::cold(std::uint32_t section, std::size_t memory, engine::WaitsAt waits) {
  return std::make_unique<Cold>(*this, section, memory, waits);
}

std::unique_ptr<StateEntries> Store::entries(std::uint32_t section) const { return std::make_unique<Entries>(*db_, section); }

}  // namespace gress::checkpoint
