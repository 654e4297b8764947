// Pieces of a CSV file: wherever it is cut, a piece is the records that begin in its range, as one reader finds them.
#include "runtime/connectors/record_pieces.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <random>
#include <thread>

#include "runtime/core/decode/csv_record.h"
#include "runtime/core/decode/decoded.h"
#include "tests/runtime/engine/process.h"

namespace gress {
namespace {

/// Text in which quotes, separators and line ends stand anywhere.
std::string random_text(std::mt19937& random, std::size_t size, int quotes) {
  std::string text;
  while (text.size() < size) {
    const auto n = random() % 100;
    if (n < 60) text += static_cast<char>('a' + random() % 3);
    else if (n < 78) text += ',';
    else if (n < 90) text += '\n';
    else if (n < 93) text += "\r\n";
    else if (n < 94) text += '\r';
    else if (static_cast<int>(random() % 100) < quotes) text += random() % 4 == 0 ? "\"\"" : "\"";
    else text += "\"b\nc,\"\"d\",";
  }
  return text;
}

/// Where records begin, one after the other, and the end.
std::vector<std::size_t> records(const std::string& text, std::size_t from, std::size_t max_record) {
  std::vector<std::size_t> begins;
  const char* const end = text.data() + text.size();
  Arena arena;
  decode::CsvRecord record;
  for (const char* p = text.data() + from; p != end;) {
    begins.push_back(static_cast<std::size_t>(p - text.data()));
    const bool unfinished = record.split(p, end, true, arena) == decode::CsvRecord::Outcome::unfinished;
    if (unfinished || static_cast<std::size_t>(record.end - p) > max_record) {
      const void* feed = std::memchr(p, '\n', static_cast<std::size_t>(end - p));
      p = feed == nullptr ? end : static_cast<const char*>(feed) + 1;
    } else {
      p = record.next;
    }
  }
  begins.push_back(text.size());
  return begins;
}
std::size_t first_from(const std::vector<std::size_t>& begins, std::size_t at) {
  const auto found = std::lower_bound(begins.begin(), begins.end(), at);
  return found == begins.end() ? begins.back() : *found;
}

TEST(PassCsvRecords, GoesAsOneWhoTakesThemApart) {
  std::mt19937 random(1);
  for (int round = 0; round != 3000; ++round) {
    const std::string text = random_text(random, 1 + random() % 200, round % 3 == 0 ? 30 : 2);
    const std::size_t max_record = round % 2 == 0 ? 1000 : 12;
    const std::vector<std::size_t> begins = records(text, 0, max_record);
    const std::size_t stop = random() % (text.size() + 1), have = stop + random() % (text.size() - stop + 1);
    const char* const data = text.data();
    const char* p = data;
    const bool all = decode::pass_csv_records(p, data + stop, data + have, have == text.size(), max_record);
    const auto at = static_cast<std::size_t>(p - data);
    if (all) EXPECT_EQ(at, first_from(begins, stop)) << text << "|" << stop << " " << have << " " << max_record;
    else EXPECT_EQ(at, first_from(begins, at)) << text << "|" << stop << " " << have << " " << max_record;
    if (!all) EXPECT_LT(have, text.size());
    if (all) continue;
    EXPECT_TRUE(decode::pass_csv_records(p, data + stop, data + text.size(), true, max_record));
    EXPECT_EQ(static_cast<std::size_t>(p - data), first_from(begins, stop));
  }
}

TEST(RecordPieces, AreTheRecordsThatBeginThere) {
  std::mt19937 random(2);
  test::Folder folder;
  engine::Runtime runtime;
  for (int round = 0; round != 60; ++round) {
    const std::string text = "head\n" + random_text(random, round % 10 == 0 ? 30'000 : 2000, round % 4 == 0 ? 30 : 1);
    test::write_file(folder / "f.csv", text);
    const std::vector<std::size_t> begins = records(text, 5, decode::kMaxRecord);
    const std::size_t size = 1 + random() % (round % 10 == 0 ? 9000 : 90), count = (text.size() - 1) / size + 1;
    engine::Pieces pieces;
    std::vector<std::string> found(count);
    std::vector<std::uint64_t> offsets(count);
    std::atomic<std::size_t> next{0};
    std::vector<engine::SourceCounters*> counters;
    for (int w = 0; w != 3; ++w) counters.push_back(&runtime.add_source("s"));
    {
      std::vector<std::jthread> workers;
      for (int w = 0; w != 3; ++w) {
        workers.emplace_back([&, w] {
          file::ByteReader reader(runtime, *counters[static_cast<std::size_t>(w)], folder / "f.csv");
          for (std::size_t n; (n = next++) < count;) {
            const bool last = n + 1 == count;
            take_records(reader, pieces, {static_cast<std::uint32_t>(n + 1), n * size, last ? engine::Pieces::kEnd : (n + 1) * size}, 5);
            offsets[n] = reader.offset();
            do {
              found[n].append(reader.bytes().data(), reader.bytes().size());
              reader.consume(reader.bytes().size());
            } while (reader.more() == Read::data);
          }
        });
      }
    }
    std::uint64_t bytes = 0;
    for (const engine::SourceCounters* c : counters) bytes += c->bytes.get();
    EXPECT_EQ(bytes, text.size() - 5);
    for (std::size_t n = 0; n != count; ++n) {
      const std::size_t begin = first_from(begins, n * size), end = n + 1 == count ? text.size() : first_from(begins, (n + 1) * size);
      EXPECT_EQ(found[n], text.substr(begin, end - begin)) << "piece " << n << " of " << size << "\n" << text;
      if (begin != end) EXPECT_EQ(offsets[n], begin);
    }
  }
}

/// By another process, when some of its pieces have been read.
TEST(RecordPieces, AFileThatWasCutIsToldOf) {
  test::Folder folder;
  engine::Runtime runtime;
  engine::SourceCounters& counters = runtime.add_source("s");
  std::string text;
  while (text.size() < 1000) text += "a,\"b\nc\"\n";
  const auto take = [&](std::size_t size, const engine::Piece& piece, std::uint64_t record) {
    test::write_file(folder / "f.csv", text.substr(0, size));
    file::ByteReader reader(runtime, counters, folder / "f.csv");
    engine::Pieces pieces;
    if (piece.number > 1) pieces.tell_next(piece.number - 1, record);
    try {
      take_records(reader, pieces, piece, 0);
      return std::string(reader.bytes().data(), reader.bytes().size());
    } catch (const engine::Failure& f) {
      EXPECT_STREQ(f.event, "input_changed");
      EXPECT_THROW(pieces.first_record(piece.number + 1), engine::Abandoned);
      return "had " + f.message.substr(f.message.find("but had ") + 8, 3);
    }
  };
  EXPECT_EQ(take(1000, {2, 300, 600}, 304), text.substr(304, 296));
  EXPECT_EQ(take(302, {2, 300, 600}, 304), "had 600");  // before its first record
  EXPECT_EQ(take(500, {2, 300, 600}, 304), "had 600");
  EXPECT_EQ(take(500, {1, 0, 600}, 0), "had 600");
  EXPECT_EQ(take(600, {1, 0, 600}, 0), text.substr(0, 600));
  EXPECT_EQ(take(902, {3, 900, engine::Pieces::kEnd}, 904), "had 904");
  EXPECT_EQ(take(904, {3, 900, engine::Pieces::kEnd}, 904), "");
}

TEST(RecordPieces, WhoWaitsForOneThatFailedIsTold) {
  engine::Pieces pieces;
  std::jthread other([&] { pieces.give_up(); });
  EXPECT_THROW(pieces.first_record(2), engine::Abandoned);
}

}  // namespace
}  // namespace gress
