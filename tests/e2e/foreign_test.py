"""Programs with C++ headers: a header that changes makes another program, and their aggregates outlive a crash."""
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

from program import GRESSC


HEADER = """#pragma once
#include "part.hpp"
#include <string>
#include <string_view>
#include <vector>
inline double scaled(double x) noexcept { return x * part::factor; }
struct Words {
  void add(std::string_view word) { words.emplace_back(word); }
  void merge(const Words& other) { words.insert(words.end(), other.words.begin(), other.words.end()); }
  std::string result() const {
    std::string all;
    for (const std::string& word : words) all += word;
    return all;
  }
  template <class Io>
  void archive(Io& io) { io(words); }
  std::vector<std::string> words;
};
// Its bytes are all of it: what the base says of itself is not.
struct Total {
  template <class Io>
  void archive(Io& io) { io(total); }
  long total = 0;
};
enum class Kind { some, none };
struct Mean : Total {
  void add(long x) noexcept { total += x; ++n; }
  void merge(const Mean& other) noexcept { total += other.total; n += other.n; }
  double result() const noexcept { return static_cast<double>(total) / static_cast<double>(n); }
  long n = 0;
  Kind kind = Kind::some;
};
"""
# A source of three partitions, which says where it is in text, and a sink that renames its files when they count.
CONNECTORS = r"""#pragma once
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
struct Tick {
  long partition, n;
  std::string name;
};
class Ticks {
 public:
  struct Options {
    long most;
    std::string name = "tick";
  };
  static std::vector<std::string> partitions(const Options& options) {
    std::ofstream("asked", std::ios::app) << "x";
    if (options.most == 0) return {};
    if (options.most == 1) return std::vector<std::string>(65537);
    return {"part 0", "part 1", "part 2"};
  }
  Ticks(const Options& options, std::string_view partition) : options_(options), partition_(partition.back() - '0') {}
  std::optional<std::size_t> read(std::span<Tick> rows) {
    std::size_t i = 0;
    if (n_ == -options_.most) throw std::runtime_error("broken pipe");
    for (; i != rows.size() && n_ != std::abs(options_.most); ++n_) rows[i++] = {partition_, n_, n_ == 7 ? "\xff" : options_.name};
    return i == 0 ? std::nullopt : std::optional(i);
  }
  std::string position() const { return "behind\n" + std::to_string(n_); }
  void seek(const std::string& position) { n_ = std::stol(position.substr(7)); }

 private:
  Options options_;
  long partition_, n_ = 0;
};
class Log {
 public:
  void write(std::span<const Tick> rows) {
    if (std::exchange(thrown_, rows.front().name == "broken")) std::ofstream("called again");
    if (thrown_) throw std::runtime_error("the disk is gone");
    std::ofstream file("log-" + std::to_string(number_ + 1) + ".part", std::ios::app);
    for (const Tick& row : rows) file << row.partition << ' ' << row.n << ' ' << row.name << '\n';
  }
  std::string prepare() { return "no. " + std::to_string(++number_); }
  void commit(const std::string& prepared) {
    const std::string name = "log-" + prepared.substr(4);
    if (std::filesystem::exists(name + ".part")) std::filesystem::rename(name + ".part", name + ".done");
  }
  void recover(std::optional<std::string> prepared) {
    if (prepared) commit(*prepared), number_ = std::stol(prepared->substr(4));
    for (const auto& file : std::filesystem::directory_iterator("."))
      if (file.path().extension() == ".part") std::filesystem::remove(file.path());
  }

 private:
  long number_ = 0;
  bool thrown_ = false;
};
"""
PART = "#pragma once\nnamespace part { inline constexpr double factor = %s; }\n"


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="gress-foreign-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.write("lib.hpp", HEADER)
        self.write("part.hpp", PART % "2")

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w") as file:
            file.write(text)

    def read(self, name):
        with open(os.path.join(self.folder, name)) as file:
            return file.read()

    def gressc(self, *args, env=None):
        return subprocess.run([GRESSC, *args], cwd=self.folder, capture_output=True, text=True, errors="surrogateescape",
                              timeout=300, env=env)


class ForeignChanges(Case):
    def test_a_header_that_changes_makes_another_program(self):
        self.write("rows.jsonl", '{"x": 1.5}\n')
        # A header of the user's that has the path of one of the runtime's.
        os.makedirs(os.path.join(self.folder, "runtime/core"))
        self.write("runtime/core/foreign.h", "#error not the runtime's\n")
        self.write("p.gress", 'use "lib.hpp" { fn scaled }\ntype Row { x: f64 }\n'
                              'source rows: Row from file { path: "rows.jsonl", format: json }\n'
                              'stream s = rows |> select { y: scaled(x) }\nsink s to stdout { format: json }\n')
        self.assertEqual(self.gressc("run", "p.gress").stdout, '{"y":3}\n')
        again = self.gressc("build", "p.gress", "--timings", "--depfile", "p.d")
        self.assertNotRegex(again.stderr, r"(?m)^compile ")
        inputs = self.read("p.d").replace("\\\n", " ").split()
        self.assertEqual(sum(path.endswith("/gress-headers") for path in inputs), 1)
        self.assertEqual(sum(path.endswith("lib.hpp") for path in inputs), 1)
        self.write("part.hpp", PART % "4")
        self.assertEqual(self.gressc("run", "p.gress").stdout, '{"y":6}\n')
        self.write("part.hpp", PART % '"text"')
        broken = self.gressc("check", "p.gress")
        self.assertEqual(broken.returncode, 65)
        self.assertIn("E0220", broken.stderr)
        self.assertIn("part.hpp:2", broken.stderr)
        os.remove(os.path.join(self.folder, "part.hpp"))
        self.assertIn("'part.hpp' file not found", self.gressc("check", "p.gress").stderr)

    def says(self, name, *want, env=None, options=()):
        """Whether the header has the function, as far as gressc sees."""
        self.write("p.gress", f'use "h.hpp" {{ fn {name} }}\ntype Row {{ x: f64 }}\n'
                              'source rows: Row from file { path: "rows.jsonl", format: json }\n'
                              f'stream s = rows |> select {{ y: {name}(x) }}\nsink s to stdout {{ format: json }}\n')
        ran = self.gressc("build", "p.gress", "--stop-after", "check", *options, env=env)
        for text in want:
            self.assertIn(text, ran.stderr)
        self.assertEqual(ran.returncode, 65 if want else 0, ran.stderr)

    def test_what_is_not_there_yet(self):
        function = "inline double %s(double x) { return x; }\n"
        self.write("h.hpp", '#include "later.hpp"\n' + function % "f")
        self.says("f", "E0220", "'later.hpp' file not found")
        self.write("later.hpp", "#pragma once\n")
        self.says("f")
        os.remove(os.path.join(self.folder, "later.hpp"))
        self.says("f", "E0220")
        self.write("later.hpp", "#pragma once\n")
        self.says("f")
        # Asked for, and not missed.
        self.write("h.hpp", '#if __has_include("maybe.hpp")\n' + function % "g" + "#endif\n")
        self.says("g", "E0213")
        self.write("maybe.hpp", "")
        self.says("g")

    def test_folders_macros_and_libraries_of_a_team(self):
        os.makedirs(os.path.join(self.folder, "team/lib"))
        self.write("team/lib/scale.hpp", "#pragma once\nextern \"C\" double scale(double);\n")
        self.write("h.hpp", '#include "lib/scale.hpp"\n#include <lib/scale.hpp>\n'
                            "inline double f(double x) { return scale(x) * FACTOR; }\n")
        self.write("rows.jsonl", '{"x": 1.5}\n')
        self.says("f", "E0220", "'lib/scale.hpp' file not found")
        options = "--include", "team", "--define", "FACTOR=2"
        self.says("f", "E0220", "FACTOR", options=options[:2])
        self.says("f", options=options)
        for command in "check", "plan":
            ran = self.gressc(command, "p.gress", *options)
            self.assertEqual(ran.returncode, 0, ran.stderr)
        for factor, shared in ("2", False), ("3", False), ("5", True):
            self.write("scale.c", f"double scale(double x) {{ return x * {factor}; }}\n")
            output = "one,two/libscale.so" if shared else "scale.o"
            os.makedirs(os.path.join(self.folder, "one,two"), exist_ok=True)
            subprocess.run(["cc", *(["-shared", "-fPIC"] if shared else ["-c"]), "scale.c", "-o", output], cwd=self.folder, check=True)
            ran = self.gressc("run", "p.gress", *options, "--link", "./" + output)
            self.assertEqual(ran.stdout, '{"y":%g}\n' % (3 * float(factor)), ran.stderr)
        plans = set()
        for define in "FACTOR=2", "FACTOR=3":
            ran = self.gressc("build", "p.gress", "-o", "p", "-Iteam", "-D", define, "-l", "scale.o")
            self.assertEqual(ran.returncode, 0, ran.stderr)
            said = subprocess.run(["./p", "--version"], cwd=self.folder, capture_output=True, text=True).stdout
            plans.add(next(line for line in said.splitlines() if line.startswith("plan ")))
        self.assertEqual(len(plans), 2)
        ran = self.gressc("run", "p.gress", "-Iteam", "-DFACTOR=4", "-l", "scale.o", "-l", "m")
        self.assertEqual(ran.stdout, '{"y":18}\n', ran.stderr)
        ran = self.gressc("build", "p.gress", "-o", "p", "--depfile", "p.d", *options, "--link", "scale.o")
        self.assertEqual(ran.returncode, 0, ran.stderr)
        for name in "team/lib/scale.hpp", "/scale.o":
            self.assertIn(name, self.read("p.d"))

    def test_a_header_that_is_another_to_the_compiler_that_builds(self):
        text = ("struct P { %s };\ninline double f(double x) { return x; }\n%s"
                "struct Sum { void add(%s x) noexcept { s += x; } %s\n"
                "  double result() const noexcept { return s; } double s = 0; };\n")
        merge = "void merge(const Sum& o) noexcept { s += o.s; }"
        same = ("double x; double y;", "inline double f(P p) { return p.x; }\n", "double", merge)
        self.write("rows.jsonl", '{"x": 1.5, "y": 2}\n')
        self.write("p.gress", 'use "h.hpp" { fn f, type P, aggregate Sum as total }\ntype Row { x: f64, y: f64 }\n'
                              'source rows: Row from file { path: "rows.jsonl", format: json }\n'
                              'stream s = rows |> aggregate { p: f({ x: 1.0, y: 2.0 }), z: total(f(x)) } retain forever |> changes\n'
                              'sink s to stdout { format: json }\n')
        for part, other, what in ((0, "double y; double x;", "type `P`"), (0, "double x; float y;", "type `P`"),
                                  (0, "double x;", "type `P`"), (1, "", "function `f`"), (2, "long", "aggregate `total`"),
                                  (3, merge.replace("void", "bool").replace("}", "return true; }"), "aggregate `total`")):
            there = tuple(other if i == part else one for i, one in enumerate(same))
            self.write("h.hpp", "#ifdef __clang__\n" + text % same + "#else\n" + text % there + "#endif\n")
            ran = self.gressc("build", "p.gress", "--cxx", "g++")
            self.assertEqual(ran.returncode, 65, ran.stderr)
            self.assertIn(f"the {what} of a C++ header means something else to ", ran.stderr)
        self.write("h.hpp", text % same)
        self.assertEqual(self.gressc("build", "p.gress", "--cxx", "g++").returncode, 0)
        ran = self.gressc("build", "p.gress", "--cxx", "gcc")
        self.assertEqual(ran.returncode, 64)
        self.assertIn("`gcc` is a C compiler", ran.stderr)
        self.assertIn("`g++`", ran.stderr)

    def test_an_instance_of_a_template_and_what_has_a_base(self):
        self.write("h.hpp", "template <class T> struct Acc {\n  void add(T x) noexcept { s += x; }\n"
                            "  void merge(const Acc& o) noexcept(sizeof(T) > 1) { s += o.s; }\n  T result() const;\n  T s = 0;\n};\n"
                            "template <class T> T Acc<T>::result() const { return s; }\n"
                            "namespace team { using AccD = Acc<double>; struct Der : Acc<double> {}; }\n"
                            "struct More : Acc<double> { int n = 0; };\nstruct Hidden : private Acc<double> {};\n"
                            "template <class T> struct Pair { T a, b; };\nusing PairD = Pair<double>;\n")
        self.write("rows.jsonl", '{"x": 1.5}\n{"x": 2}\n')
        program = ('use "h.hpp" { %s }\ntype Row { x: f64 }\nsource rows: Row from file { path: "rows.jsonl", format: json }\n'
                   "stream s = rows |> aggregate { y: a(x), z: b(x) } retain forever |> changes |> select { y, z }\n"
                   "sink s to stdout { format: json }\n")
        for cxx in "clang++-19", "g++":
            self.write("p.gress", program % "aggregate AccD as a, aggregate Der as b")
            ran = self.gressc("run", "p.gress", "--cxx", cxx)
            self.assertEqual(ran.stdout.splitlines()[-1:], ['{"y":3.5,"z":3.5}'], ran.stderr)
        self.write("p.gress", program % "aggregate More as a, aggregate Hidden as b, type PairD, source PairD")
        said = self.gressc("check", "p.gress").stderr
        for text in ("`merge` of `More` does not take another `More`", "`add` of the aggregate `Hidden` is not public",
                     "`PairD` is an instance of a template"):
            self.assertIn(text, said)

    def test_what_does_not_link_is_said(self):
        self.write("rows.jsonl", "")
        for cxx in "clang++-19", "g++":
            options = "--stop-after", "compile", "--cxx", cxx
            self.write("h.hpp", "double elsewhere(double);\ninline double f(double x) { return elsewhere(x); }\n")
            self.says("f", "declared and called, but defined nowhere: `elsewhere(double)`", "--link PATH", options=options)
            self.says("f", "there is no library `nowhere`", options=[*options, "--link", "nowhere"])

    def test_what_stands_in_a_header_beside_what_is_asked_for(self):
        inline = "inline double f(double x) { return x; }\n"
        for text in ("int other() { return 1; }\n", "int many = 1;\n", "struct S { int m(); };\nint S::m() { return 1; }\n",
                     "namespace n { template <class T> int t(T) { return 1; }\ntemplate <> int t(int) { return 2; } }\n"):
            self.write("h.hpp", inline + text)
            self.says("f", "E0222", "is defined in a header and not `inline`", "h.hpp:")
        self.write("h.hpp", inline + "struct gress {};\n")
        self.says("f", "E0222", "`gress` is the namespace of what the program is made of")
        self.write("h.hpp", inline + "static int a() { return 1; }\nnamespace { int b; }\nconst int c = 1;\nconstexpr int d = 2;\n"
                                     "struct S { int m() { return 1; } static int v; static constexpr int w = 1; };\nextern int e;\n"
                                     "template <class T> int t(T) { return 1; }\ntemplate <class T> struct U { int m(); static int v; };\n"
                                     "template <class T> int U<T>::m() { return 1; }\ntemplate <class T> int U<T>::v = 1;\n"
                                     "template <class T> int w = 1;\ninline int g = t(1) + U<int>().m() + w<int>;\n")
        self.says("f")

    def test_options_that_cannot_be(self):
        self.write("h.hpp", "inline double f(double x) { return x; }\n")
        for option, value, why in (("--include", "nowhere", "no such folder"), ("--define", "2=3", "no name of a macro"),
                                   ("--define", "_GLIBCXX_DEBUG", "the compiler's"), ("--link", "nothing.a", "no such file")):
            ran = self.gressc("run", "p.gress", option, value)
            self.assertEqual(ran.returncode, 64, ran.stderr)
            self.assertIn(why, ran.stderr)
        ran = self.gressc("build", "p.gress", "--library", "-o", "libp.a", "--link", "m")
        self.assertIn("linked by the host program's build", ran.stderr)

    def test_a_library_named_as_what_stands_in_a_header(self):
        """Which the program does not ask for, or the system brings."""
        program = '{}use "h.hpp" {{ fn f, type Row }}\nsource rows: Row from stdin {{ format: json }}\n' \
                  "stream params = rows |> extend {{ y: f(x) }}\nsink params to stdout {{ format: json }}\n"
        common = "#pragma once\nstruct Row { double x; };\ninline double f(double x) { return x; }\n"
        for name, text, space in (("p", "struct p { double x; };\n", "p_"), ("p", "inline int p = 1;\n", "p_"), ("p", "inline int p() { return 1; }\n", "p_"),
                                  ("p", "enum Letter { o, p };\nstruct p_ {};\n", "p__"), ("p", 'extern "C" { int p(); }\n', "p_"),
                                  ("compress", "#include <zlib.h>\n", "compress_"), ("p", "namespace p { struct Params {}; }\n", "p_"),
                                  ("p", "namespace p { struct ParamsRow {}; inline double g() { return 1; } }\n", "p")):
            with self.subTest(text):
                self.write("h.hpp", common + text)
                self.write("p.gress", program.format("" if name == "p" else f"pipeline {name}\n"))
                ran = self.gressc("build", "p.gress", "--library", "-o", "libp.a")
                self.assertEqual(ran.returncode, 0, ran.stderr)
                self.assertIn(f"namespace {space} {{", self.read("p.h"))

    def test_macros_of_a_header_reach_nothing_else(self):
        self.write("rows.jsonl", '{"x": 1.5}\n')
        self.write("h.hpp", "#define in 42\ninline double f(double x) { return x + in; }\n#define f(x) nothing of a value\n"
                            "#define int long\n#define gress 1\n#define ev (\n#define private public\n")
        self.says("f")
        for cxx in "clang++-19", "g++":
            ran = self.gressc("run", "p.gress", "--cxx", cxx)
            self.assertEqual(ran.stdout, '{"y":43.5}\n', ran.stderr)

    def test_what_follows_from_a_mistake_is_not_said(self):
        self.write("h.hpp", "struct T { const double x; };\ninline T f(double x) { return {x}; }\n")
        self.write("p.gress", 'use "h.hpp" { type T, fn f }\ntype Row { x: f64 }\nsource rows: Row from stdin { format: json }\n'
                              "stream s = rows |> select { y: f(x).x }\nsink s to stdout { format: json }\n")
        said = self.gressc("check", "p.gress").stderr
        self.assertIn("a member of `T` is const", said)
        self.assertIn("h.hpp:1:25\n", said)
        self.assertIn("error: 1 error\n", said)
        self.assertNotIn("no data members", said)

    def test_each_mistake_says_what_to_do(self):
        result = "struct A {{ void add(double x) {{ n += x; }} void merge(const A& o) {{ n += o.n; }} double result() const{} {{ return n; }} double n = 0; }};\n"
        for text, kind, want in (("inline double f(double (&x)[2]) { return 1; }\n", "fn f", "use a value or a reference to const"),
                                 ("struct f { double x[2]; };\n", "type f", "use a `std::vector`"),
                                 ("#include <map>\ninline std::map<int, int> f(int) { return {}; }\n", "fn f", "a struct with key and value"),
                                 ("#include <nowhere.hpp>\n", "fn f", "`--include`"),
                                 ("namespace gress::program { struct f {}; }\n", "fn f", "`gress::program` is the namespace"),
                                 (result.format(" &&"), "aggregate A", "is for an object that goes away (`&&`)")):
            self.write("h.hpp", text)
            self.write("p.gress", f'use "h.hpp" {{ {kind} }}\ntype Row {{ x: f64 }}\nsource rows: Row from stdin {{ format: json }}\nsink rows to discard\n')
            ran = self.gressc("check", "p.gress")
            self.assertEqual((ran.returncode, want in ran.stderr), (65, True), ran.stderr)
        self.write("h.hpp", "inline unsigned f(unsigned x) { return x; }\n")
        self.says("f", "= help: numbers here have a sign")
        self.assertEqual(self.gressc("check", "p.gress").stderr.count("numbers here have a sign"), 1)
        self.write("h.hpp", result.format(" &"))
        self.write("p.gress", 'use "h.hpp" { aggregate A as a }\ntype Row { x: f64 }\nsource rows: Row from stdin { format: json }\n'
                              "stream s = rows |> aggregate { y: a(x) } retain forever |> changes |> select { y }\nsink s to stdout { format: json }\n")
        self.assertEqual(self.gressc("build", "p.gress", "-o", "p").returncode, 0)

    def test_describe_reads_headers_as_the_build_does(self):
        os.mkdir(os.path.join(self.folder, "team"))
        self.write("team/unit.hpp", "#pragma once\n/// How many.\nstruct Unit { UNIT n; };\n")
        self.write("h.hpp", "#include <unit.hpp>\n")
        self.write("p.gress", 'use "h.hpp" { type Unit }\nsource rows: Unit from stdin { format: json }\nsink rows to stdout { format: json }\n')
        self.assertEqual(self.gressc("describe", "p.gress").returncode, 65)
        ran = self.gressc("describe", "p.gress", "--include", "team", "--define", "UNIT=float")
        self.assertRegex(ran.stdout, r"Unit +struct +How many\.\n +n +f32\n", ran.stderr)

    def test_an_aggregate_that_takes_no_row_back(self):
        self.write("p.gress", 'use "lib.hpp" { aggregate Mean as mean }\ntype Row { k: i64, x: i64 }\n'
                              'source rows: Row from file { path: "rows.jsonl", format: json }\n'
                              "stream last = rows |> key k |> latest retain forever\n"
                              "stream all = last |> aggregate { m: mean(x) } retain forever\nsink all to stdout { format: json }\n")
        said = self.gressc("check", "p.gress").stderr
        self.assertIn("E0427", said)
        self.assertIn("`void retract(…)` with the parameters of `add`", said)

    def test_headers_of_a_folder_of_the_systems(self):
        os.mkdir(os.path.join(self.folder, "system"))
        env = {**os.environ, "CPLUS_INCLUDE_PATH": os.path.join(self.folder, "system")}
        self.write("h.hpp", "#include <vendor.hpp>\nVENDOR\n")
        for name, other in ("f", "g"), ("g", "f"):
            self.write("system/vendor.hpp", f"#define VENDOR inline double {name}(double x) {{ return x; }}\n")
            self.says(name, env=env)
            self.says(other, "E0213", env=env)
        self.write("rows.jsonl", '{"x": 1.5}\n')
        self.says("g", env=env)
        self.gressc("build", "p.gress", "--depfile", "p.d", env=env)
        self.assertIn("system/vendor.hpp", self.read("p.d"))
        # Another search path, and a file that comes before the one that was found.
        os.mkdir(os.path.join(self.folder, "other"))
        shutil.copy(os.path.join(self.folder, "system/vendor.hpp"), os.path.join(self.folder, "other/vendor.hpp"))
        self.write("system/vendor.hpp", "#define VENDOR inline double f(double x) { return x; }\n")
        self.says("f", env=env)
        both = {**env, "CPLUS_INCLUDE_PATH": os.path.join(self.folder, "other")}
        self.says("g", env=both)
        options = "--include", "first", "--include", "other"
        os.mkdir(os.path.join(self.folder, "first"))
        self.says("g", options=options)
        shutil.copy(os.path.join(self.folder, "system/vendor.hpp"), os.path.join(self.folder, "first/vendor.hpp"))
        self.says("f", options=options)

    def test_it_is_read_with_the_headers_of_the_compiler_that_builds(self):
        os.mkdir(os.path.join(self.folder, "system"))
        self.write("system/vendor.hpp", "#include <cmath>\n#include <cstddef>\n#include <limits.h>\n"
                                        "#define VENDOR inline double f(double x) { return std::sqrt(x); }\n")
        self.write("h.hpp", "#include <vendor.hpp>\nVENDOR\n")
        self.says("f", "E0220", "'vendor.hpp' file not found")
        for name in "clang++-19", "g++":
            self.write("cxx-" + name, f'#!/bin/sh\nexec {name} -isystem "{self.folder}/system" "$@"\n')
            os.chmod(os.path.join(self.folder, "cxx-" + name), 0o755)
            self.says("f", options=["--cxx", "./cxx-" + name])
        self.says("f", "E0220")

    def test_a_folder_whose_name_is_not_utf8(self):
        self.folder = os.path.join(self.folder, os.fsdecode(b"caf\xe9 100%"))
        os.mkdir(self.folder)
        self.write("h.hpp", '#include "part.hpp"\n')
        for name, other in ("f", "g"), ("g", "f"):
            self.write("part.hpp", f"inline double {name}(double x) {{ return x; }}\n")
            self.says(name)
            self.says(other, "E0213")

    def test_it_is_read_as_it_is_compiled(self):
        self.write("h.hpp", "#ifdef _GLIBCXX_ASSERTIONS\ninline double f(double x) { return x; }\n#endif\n")
        self.says("f", "E0213")
        self.says("f", options=["--debug"])


class ForeignRestart(Case):
    def test_an_aggregate_goes_on_from_a_checkpoint(self):
        rows = [{"key": f"k{i % 3}", "word": f"a word that is long, of number {i}"} for i in range(100)]
        self.write("rows.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
        self.write("p.gress", 'pipeline p { checkpoint: every(200ms) }\nuse "lib.hpp" { aggregate Words as words, aggregate Mean as mean }\n'
                              'type Row { key: string, word: string }\n'
                              'source rows: Row from file { path: "rows.jsonl", format: json, rate: 40/s }\n'
                              'stream s = rows |> key key |> aggregate { w: words(word), m: mean(7) } retain forever\n'
                              'sink s to file { path: "s.jsonl", format: json }\n')
        built = self.gressc("build", "p.gress")
        self.assertEqual(built.returncode, 0, built.stderr)
        command = [os.path.join(self.folder, "p"), "--checkpoint-dir", "saved"]
        running = subprocess.Popen(command, cwd=self.folder, stderr=subprocess.DEVNULL)
        time.sleep(1.5)
        running.send_signal(signal.SIGKILL)
        running.wait()
        ran = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=60)
        self.assertIn("goes on from checkpoint", ran.stderr)
        seen = {row["key"]: (row["w"], row["m"]) for row in map(json.loads, self.read("s.jsonl").splitlines())}
        want = {k: ("".join(row["word"] for row in rows if row["key"] == k), 7) for k in ("k0", "k1", "k2")}
        self.assertEqual(seen, want)
        # What is saved is known by its members, those of its bases, and its `archive`.
        was, form = "`m` was mean(C++ {Total; long n; Kind kind}, ", "mean(C++ {Total; %s n; Kind kind}, ::Total {%s total}, ::Kind {%s}, 24 bytes)"
        for old, new, said in (("long n = 0;", "int n = 0;", was + "::Total {long total}, ::Kind {some = 0, none = 1}, 24 bytes) and is mean(C++ {Total; int n; "),
                               ("long total = 0;", "double total = 0;", "is " + form % ("long", "double", "some = 0, none = 1")),
                               ("{ some, none }", "{ none, some }", "is " + form % ("long", "long", "none = 0, some = 1")),
                               ("io(words);", "io(words, words);", "; archive { io(this->words, this->words); }})"),
                               ("io(words);", "// All of it.\n    io(words);", "2 of 2 states are as they were")):
            self.write("lib.hpp", HEADER.replace(old, new))
            checked = self.gressc("check", "--against", "saved", "p.gress")
            self.assertIn(said, " ".join((checked.stdout + checked.stderr).split()))

    def test_a_source_and_a_sink_of_a_header_go_on_from_a_checkpoint(self):
        self.write("ticks.hpp", CONNECTORS)
        self.write("p.gress", 'pipeline p { checkpoint: every(200ms), delivery: exactly_once, parallelism: 2 }\n'
                              'use "ticks.hpp" { source Ticks, sink Log as log, type Tick }\n'
                              'param most: i64 = 40\nparam name: string = "a"\n'
                              'source ticks from Ticks { most, name, rate: 60/s, invalid: bad }\n'
                              'stream same = ticks |> filter n >= 0\n'
                              'stream lasts = ticks |> key partition |> aggregate { n: last(n), rows: count() } retain forever\n'
                              'sink lasts to file { path: "lasts.jsonl", format: json }\n'
                              'stream errors = bad |> select { error, partition }\n'
                              'sink same to log\n'
                              'sink errors to file { path: "bad.jsonl", format: json }\n')
        built = self.gressc("build", "p.gress")
        self.assertEqual(built.returncode, 0, built.stderr)
        command = [os.path.join(self.folder, "p"), "--checkpoint-dir", "saved"]
        running = subprocess.Popen(command, cwd=self.folder, stderr=subprocess.DEVNULL)
        logs = lambda: sorted(name for name in os.listdir(self.folder) if name.startswith("log-"))
        until = time.monotonic() + 60
        while time.monotonic() < until and not any(name.endswith(".done") for name in logs()):
            time.sleep(0.05)
        time.sleep(0.1)  # some rows behind the checkpoint
        running.send_signal(signal.SIGKILL)
        running.wait()
        before = [name for name in logs() if name.endswith(".done")]
        ran = subprocess.run(command + ["--parallelism", "3"], cwd=self.folder, capture_output=True, text=True, timeout=60)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertIn("goes on from checkpoint", ran.stderr)
        self.assertTrue(all(name.endswith(".done") for name in logs()), logs())
        self.assertGreater(len(logs()), len(before))
        seen = sorted(line for name in logs() for line in self.read(name).splitlines())
        self.assertEqual(seen, sorted(f"{p} {n} a" for p in range(3) for n in range(40) if n != 7))
        errors = [json.loads(line) for line in self.read("bad.jsonl").splitlines()]
        self.assertEqual(sorted(row["partition"] for row in errors), [0, 1, 2])
        self.assertIn("UTF-8", errors[0]["error"])
        # Of rows of one time the last is that which came last, behind the restart too.
        self.assertEqual({row["partition"]: (row["n"], row["rows"]) for row in map(json.loads, self.read("lasts.jsonl").splitlines())},
                         {p: (39, 39) for p in range(3)})
        self.assertEqual(self.read("asked"), "xx")  # once a run, whatever the number of workers
        # What a class throws ends the program.
        for number, (param, said) in enumerate((
                ("most=-5", "source `ticks`: `Ticks` failed: broken pipe"),
                ("most=0", "source `ticks`: `Ticks` failed: there is no partition: partitions() gives no name"),
                ("most=1", "source `ticks`: `Ticks` failed: 65537 partitions are too many: there can be 65536"),
                ("name=broken", "sink `same`: `Log` failed: the disk is gone"))):
            folder = os.path.join(self.folder, f"thrown {number}")
            os.mkdir(folder)
            ran = subprocess.run(command + ["--param", param], cwd=folder, capture_output=True, text=True, timeout=60)
            self.assertEqual(ran.returncode, 74, ran.stderr)
            self.assertIn(said, ran.stderr)
            self.assertNotIn("called again", os.listdir(folder))


if __name__ == "__main__":
    unittest.main()
