// A program as its user sees it: exit codes, messages, outputs. GRESS_SAMPLE is the path of sample_program.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>

#include "tests/runtime/engine/process.h"

namespace gress::test {
namespace {

struct RunTest : testing::Test {
  Folder folder;

  std::string lines(const std::string& text, const std::string& name = "in.txt") {
    write_file(folder / name, text);
    return "input=" + (folder / name);
  }
  static std::vector<std::string> command(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), GRESS_SAMPLE);
    return arguments;
  }
  /// Compresses with the system's tool; empty when there is none.
  std::string packed(const std::string& tool, const std::string& text, const std::string& name) {
    write_file(folder / "plain", text);
    const std::string to = folder / name;
    if (std::system((tool + " -c " + (folder / "plain") + " >> " + to).c_str()) != 0) return "";
    return to;
  }
};

#define EXPECT_HAS(text, part) EXPECT_NE((text).find(part), std::string::npos) << (text)

TEST_F(RunTest, numbers_lines) {
  Process p(command({"--param", lines("a\nb\nc")}));
  EXPECT_EQ(p.wait(), 0);
  EXPECT_EQ(p.out(), "number,line\n1,a\n2,b\n3,c\n");
  EXPECT_HAS(p.error(), "gress: sample done in ");
  EXPECT_HAS(p.error(), "source  lines             3 rows");
}

TEST_F(RunTest, quiet_says_nothing) {
  Process p(command({"-q", "-p", lines("a\n")}));
  EXPECT_EQ(p.wait(), 0);
  EXPECT_EQ(p.error(), "");
}

TEST_F(RunTest, json_summary_is_one_object) {
  Process p(command({"-p", lines("a\nb\n"), "--log-format", "json"}));
  EXPECT_EQ(p.wait(), 0);
  const std::string e = p.error();
  EXPECT_EQ(e.find("{\"time\":\""), 0u);
  EXPECT_HAS(e, "\"sources\":[{\"name\":\"lines\",\"rows\":2,\"bytes\":4,\"invalid\":0}]");
  EXPECT_EQ(std::count(e.begin(), e.end(), '\n'), 1);
}

TEST_F(RunTest, help_begins_with_examples) {
  Process p(command({"--help"}));
  EXPECT_EQ(p.wait(), 0);
  EXPECT_EQ(p.out().find("Examples:"), 0u);
  EXPECT_HAS(p.out(), "duration  default 0s");
}

TEST_F(RunTest, describe_and_version) {
  Process d(command({"--describe"}));
  EXPECT_EQ(d.wait(), 0);
  EXPECT_EQ(d.out(), "{\"pipeline\":\"sample\"}\n");
  Process v(command({"--version", "--json"}));
  EXPECT_EQ(v.wait(), 0);
  EXPECT_EQ(v.out().find("{\"program\":\"sample\",\"gress\":\""), 0u);
}

TEST_F(RunTest, all_problems_of_the_command_line_in_one_run) {
  Process p(
      command({"-p", "inptu=3", "--quite", "stray", "--parallelism", "0", "-p", "most=x", "--log-level", "loud"}));
  EXPECT_EQ(p.wait(), 64);
  const std::string e = p.error();
  EXPECT_HAS(e, "there is no param `inptu`; did you mean `input`?");
  EXPECT_HAS(e, "unknown option `--quite`; did you mean `--quiet`?");
  EXPECT_HAS(e, "unexpected argument `stray`");
  EXPECT_HAS(e, "--parallelism: expected a number from 1 to 256 or auto, got `0`");
  EXPECT_HAS(e, "--param most: param `most`: expected i64, got \"x\"");
  EXPECT_HAS(e, "--log-level: expected debug, info, warning, error or off, got `loud`");
  EXPECT_HAS(e, "param `input` (string) is not given");
}

TEST_F(RunTest, option_without_value) {
  Process p(command({"--config"}));
  EXPECT_EQ(p.wait(), 64);
  EXPECT_HAS(p.error(), "--config");
}

TEST_F(RunTest, values_are_taken_as_they_stand) {
  for (const char* name : {"[a,b]", "a b", "\"q\"", "-x", "a=b,c"}) {
    Process p(command({"-p", lines("x\n", name)}));
    EXPECT_EQ(p.wait(), 0) << name << p.error();
  }
}

TEST_F(RunTest, command_line_over_environment_over_config) {
  lines("from config\n", "c");
  lines("from environment\n", "e");
  write_file(folder / "run.yaml", "# a run\ninput: '" + (folder / "c") + "'\nprogress: never\nquiet: true\n");
  Process config(command({"--config", folder / "run.yaml"}));
  EXPECT_EQ(config.wait(), 0) << config.error();
  EXPECT_HAS(config.out(), "from config");
  Process environment(command({"--config", folder / "run.yaml"}), {.environment = {"GRESS_INPUT=" + (folder / "e")}});
  EXPECT_EQ(environment.wait(), 0);
  EXPECT_HAS(environment.out(), "from environment");
  Process line(command({"--config", folder / "run.yaml", "-p", lines("from line\n")}),
               {.environment = {"GRESS_INPUT=" + (folder / "e")}});
  EXPECT_EQ(line.wait(), 0);
  EXPECT_HAS(line.out(), "from line");
}

TEST_F(RunTest, config_file_errors) {
  write_file(folder / "run.yaml", "inptu: x\nmost: [1, 2]\nmost: 3\nmost: 4\nlog-format: xml\nparallelism:\n");
  Process p(command({"--config", folder / "run.yaml", "-p", lines("a\n")}));
  EXPECT_EQ(p.wait(), 64);
  EXPECT_HAS(p.error(), "run.yaml:1: there is no param or option `inptu`; did you mean `input`?");
  EXPECT_HAS(p.error(), "run.yaml:2: `most`: expected a plain value, got a list");
  EXPECT_HAS(p.error(), "run.yaml:4: `most` stands a second time; it was given in line 3");
  EXPECT_HAS(p.error(), "run.yaml:5: expected text or json, got `xml`");
  EXPECT_HAS(p.error(), "run.yaml:6: `parallelism`: expected a plain value, got nothing");

  write_file(folder / "bad.yaml", "a: b: c\n");
  Process bad(command({"--config", folder / "bad.yaml"}));
  EXPECT_EQ(bad.wait(), 64);
  EXPECT_HAS(bad.error(), "bad.yaml:1: not YAML");
  Process missing(command({"--config", folder / "none.yaml"}));
  EXPECT_EQ(missing.wait(), 64);
  EXPECT_HAS(missing.error(), "cannot read config file");
  Process list(command({"--config", lines("- a\n").substr(6)}));
  EXPECT_EQ(list.wait(), 64);
  EXPECT_HAS(list.error(), "expected `name: value` lines, got a list");
}

TEST_F(RunTest, missing_input_leaves_outputs_alone) {
  write_file(folder / "out.csv", "precious\n");
  Process p(command({"-p", "input=" + (folder / "none"), "-p", "output=" + (folder / "out.csv")}));
  EXPECT_EQ(p.wait(), 66);
  EXPECT_HAS(p.error(), "No such file or directory");
  EXPECT_EQ(read_file(folder / "out.csv"), "precious\n");
}

TEST_F(RunTest, folder_and_empty_path_as_input) {
  Process folder_in(command({"-p", "input=" + folder.path().string()}));
  EXPECT_EQ(folder_in.wait(), 66);
  EXPECT_HAS(folder_in.error(), "it is a folder");
  Process empty(command({"-p", "input="}));
  EXPECT_EQ(empty.wait(), 66);
  EXPECT_HAS(empty.error(), "the path is empty");
  Process none(command({"-p", "input=" + (folder / "*.log")}));
  EXPECT_EQ(none.wait(), 66);
  EXPECT_HAS(none.error(), "no file matches");
}

TEST_F(RunTest, unreadable_input) {
  if (::geteuid() == 0) GTEST_SKIP() << "root reads everything";
  const std::string input = lines("a\n");
  ::chmod((folder / "in.txt").c_str(), 0);
  Process p(command({"-p", input}));
  EXPECT_EQ(p.wait(), 66);
  EXPECT_HAS(p.error(), "Permission denied");
}

TEST_F(RunTest, invalid_record_keeps_what_came_before) {
  Process p(command({"-p", lines("a\nb\nbad\nc\n"), "-p", "output=" + (folder / "out.csv")}));
  EXPECT_EQ(p.wait(), 65);
  EXPECT_HAS(p.error(), "(partition 0, offset 4): this line is bad");
  EXPECT_HAS(p.error(), "record: bad");
  EXPECT_EQ(read_file(folder / "out.csv"), "number,line\n1,a\n2,b\n");
  Process tolerant(command({"-p", lines("a\nbad\nc\n"), "-p", "tolerant=true"}));
  EXPECT_EQ(tolerant.wait(), 0);
  EXPECT_HAS(tolerant.error(), "1 invalid");
}

TEST_F(RunTest, compressed_inputs) {
  for (const std::string tool : {"gzip", "zstd -q"}) {
    const std::string name = tool == "gzip" ? "two.gz" : "two.zst";
    const std::string path = packed(tool, "a\nb\n", name);
    if (path.empty()) continue;
    packed(tool, "c\nd\n", name);  // a second member, or frame
    Process p(command({"-q", "-p", "input=" + path}));
    EXPECT_EQ(p.wait(), 0) << p.error();
    EXPECT_EQ(p.out(), "number,line\n1,a\n2,b\n3,c\n4,d\n") << tool;
    // The same through a pipe, told by its first bytes.
    Process piped(command({"-q", "-p", "input=-"}), {.standard_input = true});
    const std::string bytes = read_file(path);
    piped.write(bytes.substr(0, 1));
    ::usleep(50'000);
    piped.write(bytes.substr(1));
    piped.close_input();
    EXPECT_EQ(piped.wait(), 0) << piped.error();
    EXPECT_EQ(piped.out(), p.out()) << tool;
  }
}

TEST_F(RunTest, damaged_compressed_inputs) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += std::to_string(i * 7919 % 100'003) + "\n";
  for (const std::string tool : {"gzip", "zstd -q"}) {
    const std::string name = tool == "gzip" ? "cut.gz" : "cut.zst";
    const std::string path = packed(tool, text, name);
    if (path.empty()) continue;
    const std::string whole = read_file(path);
    write_file(path, whole.substr(0, whole.size() - 5));
    Process cut(command({"-p", "input=" + path, "-p", "output=" + (folder / "out.csv")}));
    EXPECT_EQ(cut.wait(), 65);
    EXPECT_HAS(cut.error(), "data ends in the middle, after ");
    EXPECT_GT(read_file(folder / "out.csv").size(), 1000u) << tool;
    write_file(path, whole + "garbage");
    Process behind(command({"-q", "-p", "input=" + path}));
    EXPECT_EQ(behind.wait(), 65) << tool;
    EXPECT_HAS(behind.error(), "after " + std::to_string(text.size()) + " uncompressed bytes");
    std::string broken = whole;
    broken[broken.size() / 2] = static_cast<char>(broken[broken.size() / 2] ^ 0x55);
    write_file(path, broken);
    Process damaged(command({"-q", "-p", "input=" + path}));
    EXPECT_EQ(damaged.wait(), 65) << tool;
    write_file(path, "");
    Process empty(command({"-q", "-p", "input=" + path}));
    EXPECT_EQ(empty.wait(), 65) << tool;
    write_file(path, "plain text\n");
    Process plain(command({"-q", "-p", "input=" + path}));
    EXPECT_EQ(plain.wait(), 65) << tool;
  }
}

TEST_F(RunTest, pattern_reads_in_byte_order) {
  lines("3\n", "b.txt");
  lines("1\n", "B.txt");
  lines("2\n", "a.txt");
  Process p(command({"-q", "-p", "input=" + (folder / "*.txt")}));
  EXPECT_EQ(p.wait(), 0) << p.error();
  EXPECT_EQ(p.out(), "number,line\n1,1\n2,2\n3,3\n");
}

TEST_F(RunTest, more_files_than_may_be_open) {
  for (int i = 0; i < 150; ++i) lines("x\n", "f" + std::to_string(1000 + i) + ".log");
  Process p(command({"-q", "-p", "input=" + (folder / "*.log")}));
  EXPECT_EQ(p.wait(), 0) << p.error();
  EXPECT_HAS(p.out(), "\n150,x\n");
}

TEST_F(RunTest, slow_pipe_shows_rows_as_they_come) {
  Process p(command({"-p", "input=-"}), {.standard_input = true});
  p.write("first\nsec");
  EXPECT_TRUE(p.says("1,first\n"));
  p.write("ond\n");
  EXPECT_TRUE(p.says("2,second\n"));
  p.write("third");
  p.close_input();
  EXPECT_EQ(p.wait(), 0);
  EXPECT_HAS(p.out(), "3,third\n");
}

TEST_F(RunTest, stop_while_waiting_writes_out_and_exits_0) {
  for (const int number : {SIGTERM, SIGINT}) {
    Process p(command({"-p", "input=-"}), {.standard_input = true});
    p.write("first\nsec");
    EXPECT_TRUE(p.says("1,first\n"));
    p.signal(number);
    EXPECT_EQ(p.wait(), 0);
    EXPECT_EQ(p.out(), "number,line\n1,first\n");
    EXPECT_HAS(p.error(), std::string("stopped by ") + (number == SIGINT ? "SIGINT" : "SIGTERM"));
    EXPECT_HAS(p.error(), "3 open windows were dropped");
  }
}

TEST_F(RunTest, named_pipe_without_writer_can_be_stopped) {
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0666), 0);
  Process p(command({"-p", "input=" + (folder / "pipe")}));
  EXPECT_TRUE(p.says("number,line\n"));
  p.signal(SIGTERM);
  EXPECT_EQ(p.wait(), 0);
}

TEST_F(RunTest, named_pipe) {
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0666), 0);
  Process p(command({"-q", "-p", "input=" + (folder / "pipe")}));
  EXPECT_TRUE(p.says("number,line\n"));
  write_file(folder / "pipe", "a\nb\n");
  EXPECT_EQ(p.wait(), 0);
  EXPECT_EQ(p.out(), "number,line\n1,a\n2,b\n");
}

TEST_F(RunTest, reader_that_goes_away_is_no_error) {
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += "line\n";
  const std::string input = lines(text);
  const std::string shell = std::string(GRESS_SAMPLE) + " -p " + input + " -p copy=" + (folder / "copy") + " 2>" +
                            (folder / "error") + " | head -2 >" + (folder / "head") + "; echo ${PIPESTATUS[0]} >" +
                            (folder / "code");
  ASSERT_EQ(std::system(("bash -c '" + shell + "'").c_str()), 0);
  EXPECT_EQ(read_file(folder / "code"), "0\n");
  EXPECT_EQ(read_file(folder / "error"), "");
  EXPECT_EQ(read_file(folder / "head"), "number,line\n1,line\n");
}

TEST_F(RunTest, full_disk) {
  if (::access("/dev/full", W_OK) != 0) GTEST_SKIP();
  Process p(command({"-p", lines("a\n"), "-p", "output=/dev/full"}));
  EXPECT_EQ(p.wait(), 74);
  EXPECT_HAS(p.error(), "sink `numbered`: cannot write `/dev/full`: No space left on device");
  Process out(command({"-p", lines("a\n")}), {.standard_output = "/dev/full"});
  EXPECT_EQ(out.wait(), 74);
  EXPECT_HAS(out.error(), "cannot write standard output: No space left on device");
}

TEST_F(RunTest, output_that_cannot_be_created) {
  Process no_folder(command({"-p", lines("a\n"), "-p", "output=" + (folder / "no/out.csv")}));
  EXPECT_EQ(no_folder.wait(), 73);
  EXPECT_HAS(no_folder.error(), "there is no folder `" + (folder / "no") + "`");
  Process is_folder(command({"-p", lines("a\n"), "-p", "output=" + folder.path().string()}));
  EXPECT_EQ(is_folder.wait(), 73);
  EXPECT_HAS(is_folder.error(), "Is a directory");
}

TEST_F(RunTest, output_exists_when_empty_and_replaces) {
  write_file(folder / "out.csv", "old\nold\nold\n");
  Process p(command({"-p", lines(""), "-p", "output=" + (folder / "out.csv"), "-p", "copy=" + (folder / "copy")}));
  EXPECT_EQ(p.wait(), 0);
  EXPECT_EQ(read_file(folder / "out.csv"), "number,line\n");
  EXPECT_TRUE(std::filesystem::exists(folder / "copy"));
}

TEST_F(RunTest, compressed_outputs_read_back) {
  std::string text, want = "number,line\n";
  for (int i = 1; i <= 30'000; ++i) {
    text += "x" + std::to_string(i * 31) + "\n";
    want += std::to_string(i) + ",x" + std::to_string(i * 31) + "\n";
  }
  for (const std::string name : {"out.gz", "out.zst"}) {
    Process p(command({"-q", "-p", lines(text), "-p", "output=" + (folder / name)}));
    ASSERT_EQ(p.wait(), 0) << p.error();
    Process back(command({"-q", "-p", "input=" + (folder / name), "-p", "copy=" + (folder / "back")}));
    ASSERT_EQ(back.wait(), 0) << back.error();
    EXPECT_EQ(read_file(folder / "back"), want) << name;
  }
}

TEST_F(RunTest, two_names_of_one_file) {
  write_file(folder / "out", "precious\n");
  std::filesystem::create_symlink(folder / "out", folder / "link");
  std::filesystem::create_hard_link(folder / "out", folder / "hard");
  for (const char* other : {"link", "hard", "./out"}) {
    Process p(command({"-p", lines("a\n"), "-p", "output=" + (folder / "out"), "-p", "copy=" + (folder / other)}));
    EXPECT_EQ(p.wait(), 64);
    EXPECT_HAS(p.error(), "write to the same file");
    EXPECT_EQ(read_file(folder / "out"), "precious\n");
  }
  Process fresh(command({"-p", lines("a\n"), "-p", "output=" + (folder / "new"), "-p", "copy=" + (folder / "./new")}));
  EXPECT_EQ(fresh.wait(), 64);
  EXPECT_FALSE(std::filesystem::exists(folder / "new"));
  Process source(command({"-p", lines("a\n"), "-p", "output=" + (folder / "in.txt")}));
  EXPECT_EQ(source.wait(), 64);
  EXPECT_HAS(source.error(), "which source `lines` reads");
  EXPECT_EQ(read_file(folder / "in.txt"), "a\n");
  Process both(command({"-p", lines("a\n"), "-p", "copy=-"}));
  EXPECT_EQ(both.wait(), 0) << both.error();
  EXPECT_EQ(both.out(), "number,line\n1,a\na\n");
}

TEST_F(RunTest, rate_is_kept) {
  std::string text;
  for (int i = 0; i < 150; ++i) text += "x\n";
  const auto begin = std::chrono::steady_clock::now();
  Process p(command({"-q", "-p", lines(text), "-p", "rate=200"}));
  EXPECT_EQ(p.wait(), 0);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  EXPECT_GT(seconds, 0.6);
  EXPECT_LT(seconds, 5.0);
  EXPECT_HAS(p.out(), "150,x\n");
}

TEST_F(RunTest, params_of_wrong_types) {
  Process wrong(command({"-p", lines("a\n"), "-p", "pause=soon", "-p", "tolerant=yes", "-p", "rate=fast"}));
  EXPECT_EQ(wrong.wait(), 64);
  EXPECT_HAS(wrong.error(), "param `pause`: expected duration (as 1h30m), got \"soon\"");
  EXPECT_HAS(wrong.error(), "param `tolerant`: expected bool (true or false), got \"yes\"");
  EXPECT_HAS(wrong.error(), "param `rate`: expected f64, got \"fast\"");
  Process right(command({"-p", lines("a\n"), "-p", "pause=1h30m", "-p", "tolerant=true", "-p", "rate=1e6"}));
  EXPECT_EQ(right.wait(), 0) << right.error();
}

TEST_F(RunTest, progress_when_asked) {
  Process p(command({"-p", lines(std::string(200, '\n')), "-p", "rate=300", "--progress", "always"}));
  EXPECT_EQ(p.wait(), 0);
  EXPECT_HAS(p.error(), "sample  ");
  EXPECT_HAS(p.error(), " rows/s");
}

TEST_F(RunTest, cpu_that_lacks_a_feature) {
  Process p({GRESS_SAMPLE_IMAGINARY_CPU, "--version"});
  EXPECT_EQ(p.wait(), 70);
  EXPECT_HAS(p.error(), "built for a CPU that has imaginary; this one does not");
  EXPECT_HAS(p.error(), "--cpu baseline");
}

}  // namespace
}  // namespace gress::test
