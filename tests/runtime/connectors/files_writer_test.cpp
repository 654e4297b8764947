// A sink of files by row without a program around it: names, parts, and what a restart makes of what it finds.
#include "runtime/connectors/file/files_writer.h"

#include "runtime/connectors/file/file_writer.h"
#include "runtime/engine/files_position.h"

#include <gtest/gtest.h>

#include <memory>

#include "runtime/core/eval.h"
#include "tests/runtime/engine/process.h"

namespace gress::file {
namespace {

using engine::Exit;
using engine::Failure;
using test::read_file;

struct FilesWriterTest : testing::Test {
  test::Folder folder;
  engine::Runtime runtime;
  Eval ev;
  std::string begin = folder / "out/", sink = "s";
  FilesOptions options{.program = "p", .begin = begin};

  std::unique_ptr<FilesWriter> make() { return std::make_unique<FilesWriter>(runtime, sink, "", options); }
  std::unique_ptr<FilesWriter> begun() {
    auto writer = make();
    writer->open();
    writer->begin();
    return writer;
  }
  std::unique_ptr<FilesWriter> resumed(const std::string& position) {
    auto writer = make();
    writer->open();
    writer->resume(position);
    return writer;
  }
  std::string at(const std::string& name) const { return begin + name; }
  void row(FilesWriter& writer, const std::string& name, const std::string& text, std::int64_t end = kEndOfTime) {
    ASSERT_TRUE(writer.path(ev, at(name), end)) << ev.message;
    writer.out().write(std::string_view(text));
  }
  static std::string checkpoint(FilesWriter& writer) {
    const std::string position = writer.position();
    writer.sync();
    writer.commit();
    return position;
  }
  template <class Call>
  static Failure failure(Call call) {
    try {
      call();
    } catch (const Failure& f) {
      return f;
    }
    return {Exit::ok, "none", "nothing failed"};
  }
};

TEST_F(FilesWriterTest, two_windows_have_two_files) {
  options.windows = true;
  for (const bool durable : {false, true}) {
    options.durable = durable;
    {
      const auto writer = begun();
      row(*writer, "a", "1\n", 3'600'000'000);
      row(*writer, "b", "2\n", 3'600'000'000);
      row(*writer, "b", "3\n", 7'200'000'000);
      const Failure both = failure([&] { writer->flush(); });
      EXPECT_NE(both.message.find("end at 1970-01-01T01:00:00Z and at 1970-01-01T02:00:00Z have the same file `" + at("b")), std::string::npos)
          << both.message;
      writer->finish();
    }
    {
      const auto other = begun();
      row(*other, "a", "1\n", 3'600'000'000);
      other->close(3'600'000'000, 7'200'000'000);
      if (durable) checkpoint(*other);
      EXPECT_EQ(read_file(at("a")), "1\n");
      row(*other, "a", "2\n", 7'200'000'000);
      EXPECT_STREQ(failure([&] { other->flush(); }).event, "output_conflict");
      EXPECT_EQ(read_file(at("a")), "1\n");
    }
  }
}

TEST_F(FilesWriterTest, one_that_is_refused_leaves_the_folder_of_parts) {
  options.windows = true;
  const auto first = begun();
  {
    const auto second = make();
    EXPECT_EQ(failure([&] { second->open(); }).exit, Exit::temporary);
    second->finish();
  }
  row(*first, "a", "1\n", 10);
  first->flush();
  first->close(10, 20);
  EXPECT_EQ(read_file(at("a")), "1\n");
  first->finish();
  EXPECT_FALSE(std::filesystem::exists(begin + ".p.s.parts"));
}

TEST_F(FilesWriterTest, a_file_of_a_window_may_be_taken_away_once_it_stands) {
  options.windows = options.durable = true;
  options.marker = "_SUCCESS";
  std::string before, position;
  {
    const auto writer = begun();
    row(*writer, "x/a", "1\n", 10);
    row(*writer, "y/b", "2\n", 10);
    row(*writer, "x/c", "3\n", 20);
    before = checkpoint(*writer);
    writer->close(10, 20);
    position = checkpoint(*writer);
  }
  EXPECT_EQ(read_file(at("x/a")), "1\n");
  EXPECT_TRUE(std::filesystem::exists(at("y/_SUCCESS")));
  std::filesystem::remove(at("x/a"));
  std::filesystem::remove_all(at("y"));
  {
    const auto writer = resumed(position);
    EXPECT_FALSE(std::filesystem::exists(at("y")));  // no marker of a folder that nobody writes
    row(*writer, "x/c", "4\n", 20);
    writer->close(20, 30);
    checkpoint(*writer);
    EXPECT_EQ(read_file(at("x/c")), "3\n4\n");
    EXPECT_TRUE(std::filesystem::exists(at("x/_SUCCESS")));
    writer->finish();
  }
  const Failure back = failure([&] { resumed(before); });  // rows of x/a have come since, and some before
  EXPECT_EQ(back.exit, Exit::data);
  EXPECT_NE(back.message.find("if the file was moved away put it back"), std::string::npos) << back.message;
}

TEST_F(FilesWriterTest, a_file_that_was_taken_away_begins_anew) {
  options.durable = true;
  options.header = "h\n";
  std::string named, unnamed;
  {
    const auto writer = begun();
    row(*writer, "a", "1\n");
    unnamed = checkpoint(*writer);
    named = checkpoint(*writer);
  }
  EXPECT_EQ(read_file(at("a")), "h\n1\n");
  for (const std::string& position : {unnamed, named}) {
    std::filesystem::remove(at("a"));
    const auto writer = resumed(position);
    checkpoint(*writer);
    EXPECT_FALSE(std::filesystem::exists(at("a")));
    row(*writer, "a", "2\n");
    checkpoint(*writer);
    EXPECT_EQ(read_file(at("a")), "h\n2\n");
    writer->finish();
  }
}

TEST_F(FilesWriterTest, goes_on_under_another_name_and_in_another_folder) {
  options.windows = options.durable = true;
  std::string position;
  const auto go_on = [&](const std::string& text, bool close) {
    const auto writer = resumed(position);
    row(*writer, "a", text, 10);
    if (close) writer->close(10, 20);
    position = checkpoint(*writer);
    writer->finish();
  };
  {
    const auto writer = begun();
    row(*writer, "a", "1\n", 10);
    position = checkpoint(*writer);
    sink = "t";
    EXPECT_EQ(failure([&] { resumed(position); }).exit, Exit::temporary);  // the first one runs
  }
  test::write_file(begin + ".p.t.parts/7", "of an earlier run");
  const Failure refused = failure([&] { resumed(position); });
  EXPECT_EQ(refused.exit, Exit::cannot_create);
  EXPECT_NE(refused.message.find("Directory not empty"), std::string::npos) << refused.message;
  std::filesystem::remove_all(begin + ".p.t.parts");
  go_on("2\n", false);
  EXPECT_FALSE(std::filesystem::exists(begin + ".p.s.parts"));
  const std::string file = at("a"), second = folder / "other/";
  begin = second;
  options.begin = begin;
  const auto writer = resumed(position);
  EXPECT_FALSE(std::filesystem::exists(folder / "out/.p.t.parts"));
  EXPECT_EQ(failure([&] { resumed(position); }).exit, Exit::temporary);  // what was moved is held
  writer->close(10, 20);
  checkpoint(*writer);
  writer->finish();
  EXPECT_EQ(read_file(file), "1\n2\n");
}

TEST_F(FilesWriterTest, an_idle_moment_costs_nothing_for_files_without_rows) {
  const auto writer = begun();
  const auto cpu = [&](int files) {
    for (int i = 0; i != files; ++i) row(*writer, std::to_string(i), "1\n");
    writer->flush_when_idle();
    timespec before{}, after{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before);
    for (int i = 0; i != 300; ++i) {
      row(*writer, "1", "2\n");
      writer->flush_when_idle();
    }
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after);
    return (after.tv_sec - before.tv_sec) * 1'000'000'000 + after.tv_nsec - before.tv_nsec;
  };
  const long few = cpu(10);
  EXPECT_LT(cpu(4000), 4 * few);
}

TEST_F(FilesWriterTest, a_position_is_read_to_its_end_or_refused) {
  engine::FilesPosition at{7, kStartOfTime, "out/.p.s.parts"};
  at.files = {{'o', 3, 12, kEndOfTime, "a b"}, {'c', 4, 0, -5, "x\no 1 2 3 1 y"}};
  const std::string text = at.text();
  EXPECT_TRUE(text.starts_with(engine::Output::kCommits));
  const auto read = engine::FilesPosition::read(text);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->text(), text);
  EXPECT_EQ(read->files.size(), 2U);
  for (std::size_t size = 0; size != text.size(); ++size) {
    const auto cut = engine::FilesPosition::read(std::string_view(text).substr(0, size));
    if (cut) EXPECT_EQ(cut->text(), std::string_view(text).substr(0, size).substr(engine::Output::kCommits.size()));
  }
  EXPECT_FALSE(engine::FilesPosition::read(text + "x"));
  options.windows = options.durable = true;
  EXPECT_STREQ(failure([&] { resumed(text + "x"); }).event, "output_changed");
  EXPECT_STREQ(failure([&] { resumed("12"); }).event, "output_changed");
  for (const std::string& position : {text, std::string("12 5"), std::string("5x")}) {
    test::write_file(folder / "f", "0123456789abcdef");
    FileWriter one(runtime, "s", folder / "f");
    one.open();
    EXPECT_STREQ(failure([&] { one.resume(position); }).event, "output_changed") << position;
    EXPECT_EQ(read_file(folder / "f"), "0123456789abcdef");
  }
}

}  // namespace
}  // namespace gress::file
