// What is read ahead by a thread comes as if it had been read here: the same bytes, the same ends.
#include "runtime/connectors/file/read_ahead.h"

#include <gtest/gtest.h>
#include <malloc.h>
#include <pthread.h>
#include <sys/stat.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <new>

#include "runtime/connectors/file/byte_reader.h"
#include "runtime/connectors/file/compress.h"
#include "runtime/engine/usable_cpus.h"
#include "tests/runtime/engine/process.h"

/// While it is set, only this thread is given objects.
static std::atomic<pthread_t> g_refused_but{0};
void* operator new(std::size_t size) {
  const pthread_t only = g_refused_but.load(std::memory_order_relaxed);
  if (only != 0 && only != ::pthread_self()) throw std::bad_alloc();
  if (void* p = std::malloc(size)) return p;
  throw std::bad_alloc();
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }

namespace gress::file {
namespace {

using test::Folder;
using test::write_file;

struct ReadAheadTest : testing::Test {
  Folder folder;
  engine::Runtime runtime;
  engine::SourceCounters& counters = runtime.add_source("s");
  ~ReadAheadTest() override { engine::signals::forget(); }

  static std::string compressed(const std::string& name, const std::string& data) {
    std::string out;
    make_compressor(compression_by_name(name))->add(data, true, out);
    return out;
  }
  std::string file(const std::string& name, const std::string& data, std::size_t keep = SIZE_MAX) {
    write_file(folder / name, compressed(name, data).substr(0, keep));
    return folder / name;
  }
  std::string pipe() {
    const std::string path = folder / "p.gz";
    EXPECT_EQ(::mkfifo(path.c_str(), 0600), 0);
    return path;
  }
};

/// Lines that do not compress well; now and then one longer than the room before a chunk.
std::string lines() {
  std::string data;
  std::uint64_t state = 1;
  for (int i = 0; i != 60'000; ++i) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    data += std::to_string(state) + '\n';
    if (i % 10'000 == 9'999) data += std::string(i * 3, static_cast<char>('a' + i / 10'000)) + '\n';
  }
  return data;
}

/// All lines, as a decoder takes them.
std::string drain(ByteReader& reader) {
  std::string back;
  for (;;) {
    const auto bytes = reader.bytes();
    const auto* feed = bytes.empty() ? nullptr : static_cast<const char*>(::memrchr(bytes.data(), '\n', bytes.size()));
    const std::size_t n = feed ? static_cast<std::size_t>(feed + 1 - bytes.data()) : 0;
    EXPECT_EQ(reader.offset(), back.size());
    back.append(bytes.data(), n);
    reader.consume(n);
    if (reader.more_waiting() != Read::data) return back;
  }
}

TEST_F(ReadAheadTest, the_same_bytes_from_one_file_after_the_other) {
  const std::string data = lines();
  Spare spare;
  for (const char* name : {"a.gz", "b.zst", "c.gz"}) {
    ByteReader reader(runtime, counters, file(name, data), std::move(spare));
    EXPECT_EQ(drain(reader), data) << name;
    EXPECT_TRUE(reader.at_end());
    spare = reader.take_spare();
    EXPECT_EQ(spare.ahead != nullptr, engine::usable_cpus() > 1);
  }
  EXPECT_EQ(counters.bytes.get(), 3 * data.size());
}

TEST_F(ReadAheadTest, buffers_that_grew_for_long_records_are_given_back) {
  std::string data = lines();  // a small file is not read ahead
  for (int i = 0; i != 12; ++i) data += std::string(3'000'000, static_cast<char>('a' + i)) + '\n' + std::string(200'000, '\n');
  const std::string path = file("a.gz", data);
  const auto in_use = [] {
    const auto m = ::mallinfo2();
    return m.uordblks + m.hblkhd;
  };
  const std::size_t before = in_use();
  if (before == 0) GTEST_SKIP() << "a sanitizer's allocator does not count so";
  ByteReader reader(runtime, counters, path);
  std::size_t most = 0;
  for (Read read = Read::data; read != Read::end; read = reader.more_waiting()) {
    const auto bytes = reader.bytes(), fresh = bytes.last(std::min<std::size_t>(bytes.size(), 65536));
    const auto* feed = fresh.empty() ? nullptr : static_cast<const char*>(::memrchr(fresh.data(), '\n', fresh.size()));
    if (feed == nullptr) continue;
    reader.consume(static_cast<std::size_t>(feed + 1 - bytes.data()));
    most = std::max(most, in_use() - before);
  }
  EXPECT_GT(most, 3'000'000U);
  EXPECT_LT(most, 14'000'000U);
}

TEST_F(ReadAheadTest, the_thread_asks_for_no_objects) {
  g_refused_but = ::pthread_self();
  const std::string data = lines();
  ByteReader reader(runtime, counters, file("a.gz", data));
  const std::string back = drain(reader);
  g_refused_but = 0;
  EXPECT_EQ(back, data);
}

TEST_F(ReadAheadTest, goes_on_from_a_position) {
  const std::string data = lines();
  ByteReader reader(runtime, counters, file("a.gz", data));
  const std::size_t at = data.find('\n', data.size() / 2) + 1;
  reader.skip_to(at);
  std::string back;
  do {
    back.append(reader.bytes().data(), reader.bytes().size());
    reader.consume(reader.bytes().size());
  } while (reader.more() == Read::data);
  EXPECT_EQ(back, data.substr(at));
}

TEST_F(ReadAheadTest, damage_is_told_behind_what_came_before) {
  ByteReader reader(runtime, counters, file("a.gz", lines(), 300'000));
  try {
    drain(reader);
    FAIL();
  } catch (const engine::Failure& f) {
    EXPECT_EQ(f.exit, engine::Exit::data);
    EXPECT_EQ(f.message, "source `s`: `" + (folder / "a.gz") + "`: gzip data ends in the middle, after " + std::to_string(counters.bytes.get()) +
                             " uncompressed bytes");
  }
  EXPECT_GT(counters.bytes.get(), 500'000U);
}

TEST_F(ReadAheadTest, one_that_is_not_read_to_its_end_ends) {
  const std::string path = file("a.zst", lines());
  for (const int reads : {1, 2, 7}) {
    ByteReader reader(runtime, counters, path);
    for (int i = 0; i != reads; ++i) EXPECT_EQ(reader.more(), Read::data);
  }
  ByteReader reader(runtime, counters, path);
  EXPECT_EQ(reader.more(), Read::data);
  engine::signals::request_stop();
  EXPECT_EQ(reader.more(), Read::stopped);
}

TEST_F(ReadAheadTest, one_of_many_is_read_without) {
  std::vector<std::unique_ptr<ReadAhead>> others;
  for (std::unique_ptr<ReadAhead> other; (other = ReadAhead::make());) others.push_back(std::move(other));
  EXPECT_EQ(others.size(), 64U);
  const std::string data = lines();
  {
    ByteReader reader(runtime, counters, file("a.gz", data));
    EXPECT_EQ(drain(reader), data);
    EXPECT_EQ(reader.take_spare().ahead, nullptr);
  }
  others.pop_back();
  EXPECT_NE(ReadAhead::make(), nullptr);
}

TEST_F(ReadAheadTest, a_pipe_is_idle_until_something_comes) {
  const std::string path = pipe();
  ByteReader reader(runtime, counters, path);
  const int writer = ::open(path.c_str(), O_WRONLY);
  EXPECT_EQ(reader.more(), Read::idle);
  for (const char* said : {"one\n", "two\n"}) {
    const std::string bytes = compressed(path, said);
    ASSERT_EQ(::write(writer, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
    Read read = reader.more();
    while (read == Read::idle) {
      runtime.wait(60'000'000);
      read = reader.more();
    }
    EXPECT_EQ(read, Read::data);
    EXPECT_EQ(std::string_view(reader.bytes().data(), reader.bytes().size()), said);
    reader.consume(4);
    EXPECT_EQ(reader.more(), Read::idle);
  }
  ::close(writer);
  EXPECT_EQ(reader.more_waiting(), Read::end);
}

TEST_F(ReadAheadTest, a_thread_that_waits_for_a_pipe_ends) {
  const std::string path = pipe();
  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i != 3; ++i) {
    ByteReader reader(runtime, counters, path);
    EXPECT_EQ(reader.more(), Read::idle);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds(900));
}

}  // namespace
}  // namespace gress::file
