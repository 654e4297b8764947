#include "runtime/connectors/file/byte_reader.h"

#include <gtest/gtest.h>

#include <cstring>

#include "tests/runtime/engine/process.h"

namespace gress::file {
namespace {

using test::Folder;
using test::write_file;

struct ByteReaderTest : testing::Test {
  Folder folder;
  engine::Runtime runtime;
  engine::SourceCounters& counters = runtime.add_source("s");
  ~ByteReaderTest() override { engine::signals::forget(); }
};

std::string text(const ByteReader& reader) { return {reader.bytes().data(), reader.bytes().size()}; }

TEST_F(ByteReaderTest, empty_file) {
  write_file(folder / "f", "");
  ByteReader reader(runtime, counters, folder / "f");
  EXPECT_FALSE(reader.at_end());
  EXPECT_EQ(reader.more(), Read::end);
  EXPECT_TRUE(reader.at_end());
  EXPECT_EQ(reader.more(), Read::end);
  EXPECT_TRUE(reader.bytes().empty());
}

TEST_F(ByteReaderTest, keeps_the_tail_and_counts_offsets) {
  std::string data;
  for (int i = 0; i < 300'000; ++i) data += std::to_string(i) + "\n";
  write_file(folder / "f", data);
  ByteReader reader(runtime, counters, folder / "f");
  std::string back;
  while (true) {
    const auto bytes = reader.bytes();
    const auto* newline = static_cast<const char*>(::memrchr(bytes.data(), '\n', bytes.size()));
    const std::size_t n = newline ? static_cast<std::size_t>(newline + 1 - bytes.data()) : 0;
    EXPECT_EQ(reader.offset(), back.size());
    back.append(bytes.data(), n);
    reader.consume(n);
    if (reader.more() == Read::end) break;
  }
  EXPECT_EQ(back, data);
  EXPECT_EQ(counters.bytes.get(), data.size());
}

TEST_F(ByteReaderTest, grows_for_a_long_record) {
  const std::string data(3'000'000, 'x');
  write_file(folder / "f", data);
  ByteReader reader(runtime, counters, folder / "f");
  while (reader.more() == Read::data) {
  }
  EXPECT_EQ(text(reader), data);
  volatile char last = reader.bytes().data()[data.size() + ReadBuffer::kPadding - 1];  // readable
  (void)last;
}

TEST_F(ByteReaderTest, a_request_to_stop_is_no_end) {
  write_file(folder / "f", "a");
  ByteReader reader(runtime, counters, folder / "f");
  engine::signals::request_stop();
  EXPECT_EQ(reader.more(), Read::stopped);
  EXPECT_FALSE(reader.at_end());
}

TEST_F(ByteReaderTest, failures_name_source_and_file) {
  try {
    ByteReader reader(runtime, counters, folder / "none");
    FAIL();
  } catch (const engine::Failure& f) {
    EXPECT_EQ(f.exit, engine::Exit::no_input);
    EXPECT_EQ(f.message, "source `s`: `" + (folder / "none") + "` cannot be read: No such file or directory");
  }
}

TEST_F(ByteReaderTest, content_tells_compression) {
  bool enough = false;
  EXPECT_EQ(compression_by_content("", enough), Compression::none);
  EXPECT_FALSE(enough);
  EXPECT_EQ(compression_by_content("\x28\xb5", enough), Compression::none);
  EXPECT_FALSE(enough);
  EXPECT_EQ(compression_by_content("\x28\xb5\x2f\xfd", enough), Compression::zstd);
  EXPECT_EQ(compression_by_content("\x1f\x8b", enough), Compression::gzip);
  EXPECT_EQ(compression_by_content("{", enough), Compression::none);
  EXPECT_TRUE(enough);
  EXPECT_EQ(compression_by_name("a.gz"), Compression::gzip);
  EXPECT_EQ(compression_by_name("a.gz.csv"), Compression::none);
}

}  // namespace
}  // namespace gress::file
