"""gressc from outside, as far as it compiles nothing: exit codes, help, messages, emitted text."""
import json
import os
import re
import shutil
import subprocess
import unittest

from driver_case import GRESSC, PROGRAM, ROOT, Case

COMMANDS = ["check", "build", "run", "test", "fmt", "plan", "explain", "list", "describe", "audit", "new", "package", "completions"]


class CommandLine(Case):
    def test_help_begins_with_examples(self):
        for args in [["--help"], ["-h"], ["help"]] + [[c, "--help"] for c in COMMANDS] + [["help", c] for c in COMMANDS]:
            ran = self.gressc(*args)
            self.assertTrue(ran.stdout.startswith("Examples:\n  gressc "), f"{args}: {ran.stdout[:60]}")
            self.assertIn("Usage: gressc", ran.stdout)
            self.assertEqual(ran.stderr, "")

    def test_help_lists_every_command(self):
        out = self.gressc("--help").stdout
        for command in COMMANDS:
            self.assertRegex(out, rf"(?m)^  {command} ")

    def test_version_names_versions(self):
        out = self.gressc("--version").stdout
        self.assertRegex(out, r"^gressc \d+\.\d+\.\d+\n")
        self.assertIn("runtime: ", out)

    def test_version_is_the_runtimes(self):
        version = self.gressc("--version").stdout.split()[1]
        with open(os.path.join(ROOT, "runtime/engine/version.h")) as file:
            self.assertIn(f'"{version}"', file.read())

    def test_usage_errors(self):
        self.write("a.gress")
        for args in [[], ["biuld"], ["build"], ["check"], ["build", "--no-such-option", "a.gress"],
                     ["build", "a.gress", "b.gress"], ["build", "a.gress", "--emit", "nothing"], ["build", "a.gress", "-o"],
                     ["check", "a.gress", "--message-format", "xml"], ["check", "a.gress", "--color=maybe"], ["explain"],
                     ["explain", "E9999"], ["describe", "no_such_thing"], ["completions", "tcsh"], ["help", "biuld"],
                     ["build", "a.gress", "--cpu", "a b"], ["list", "things"], ["build", "a.gress", "-o", "a.gress"]]:
            ran = self.gressc(*args, code=64)
            self.assertTrue(ran.stderr.startswith("error: "), f"{args}: {ran.stderr}")
            self.assertEqual(ran.stdout, "")

    def test_near_names_are_offered(self):
        self.assertIn("did you mean `build`?", self.gressc("biuld", code=64).stderr)
        self.assertIn("did you mean `--emit`?", self.gressc("build", "x.gress", "--emti=cpp", code=64).stderr)
        self.assertIn("did you mean `mermaid`?", self.gressc("plan", "x.gress", "--format", "mermiad", code=64).stderr)
        self.assertIn("gressc run a.gress", self.gressc("a.gress", code=64).stderr)

    def test_missing_input(self):
        self.write("near.gress")
        for command in ["check", "build", "run", "test", "fmt", "plan"]:
            self.gressc(command, "none.gress", code=66)
            self.gressc(command, self.folder, code=66)
        self.assertIn("did you mean `near.gress`?", self.gressc("check", "near", code=66).stderr)

    def test_output_that_cannot_be_created(self):
        self.write("a.gress")
        self.gressc("build", "a.gress", "-o", "none/a", code=73)
        self.gressc("build", "a.gress", "-o", ".", code=73)
        self.gressc("completions", "bash", "-o", "none/a", code=73)
        self.gressc("completions", "bash", "-o", "/dev/full", code=74)

    def test_standard_output_that_is_full(self):
        with open("/dev/full", "w") as full:
            ran = subprocess.run([GRESSC, "list"], stdout=full, stderr=subprocess.PIPE, text=True)
        self.assertEqual(ran.returncode, 74, ran.stderr)

    def test_a_reader_that_goes_away_is_no_error(self):
        reading, writing = os.pipe()
        os.close(reading)
        ran = subprocess.run([GRESSC, "list"], stdout=writing, stderr=subprocess.PIPE, text=True)
        os.close(writing)
        self.assertEqual((ran.returncode, ran.stderr), (0, ""))

    def test_options_may_stand_before_the_command(self):
        self.write("bad.gress", "stream x =\n")
        ran = self.gressc("--message-format", "json", "check", "bad.gress", code=65)
        json.loads(ran.stderr.splitlines()[0])

    def test_list_and_describe(self):
        for what, name in [("functions", "substring"), ("aggregates", "max_by"), ("stages", "filter"), ("windows", "sliding"), ("connectors", "file")]:
            self.assertRegex(self.gressc("list", what).stdout, rf"(?m)^ *{name} ")
            entries = json.loads(self.gressc("list", what, "--json").stdout)
            self.assertIn(name, [entry["name"] for entry in entries])
            self.assertIn(name, self.gressc("describe", name).stdout)
        self.assertEqual(len(json.loads(self.gressc("list", "--json").stdout)) > 80, True)
        self.assertRegex(self.gressc("describe", "count").stdout, r"(?s)aggregate count.*window count.*retain: 7d +how long")
        self.assertIn("session(gap: 30s)", self.gressc("describe", "window").stdout)

    def test_describe_a_program(self):
        self.write("a.gress")
        self.assertIn("Stream long, append", self.gressc("describe", "a.gress").stdout)
        about = json.loads(self.gressc("describe", "a.gress", "--json").stdout)
        self.assertEqual([stream["name"] for stream in about["streams"]], ["lines", "long"])

    def test_describe_a_program_with_connectors_of_a_header(self):
        self.write("ticks.hpp", """#include <cstdint>
#include <optional>
#include <span>
#include <string>
struct Tick { std::int64_t n; };
/// Counts.
///
/// From 0 on.
class Ticks {
 public:
  struct Options {
    std::int64_t most;  ///< Where it ends.
    std::string name = "x";
  };
  explicit Ticks(const Options&) {}
  std::optional<std::size_t> read(std::span<Tick>) { return std::nullopt; }
  std::int64_t position() const { return 0; }
  void seek(std::int64_t) {}
};
/// Takes all.
struct Log { void write(std::span<const Tick>) {} };
""")
        self.write("ticks.gress", 'use "ticks.hpp" { source Ticks, sink Log, type Tick }\nsource ticks from Ticks { most: 3 }\nsink ticks to Log\n')
        self.assertRegex(self.gressc("describe", "ticks.gress").stdout, r"Connectors:\n  Log +sink +Takes all\.\n  Ticks +source +Counts\.\n\n +From 0 on\.\n"
                                                                        r"    most +i64 +Where it ends\.\n    name +string\?\n")
        log, ticks = json.loads(self.gressc("describe", "ticks.gress", "--json").stdout)["connectors"]
        self.assertEqual([(o["name"], o["type"], o["required"], o["doc"]) for o in ticks["options"]],
                         [("most", "i64", True, "Where it ends."), ("name", "string", False, "")])
        self.assertEqual((ticks["kind"], ticks["columns"][0]["name"], log["kind"], log["options"]), ("source", "n", "sink", []))

    def test_describe_shows_all_docs(self):
        self.write("area.hpp", "/// Where it is.\n/// By the map.\nenum class Area {\n  north,  ///< Up.\n  south\n};\n")
        self.write("docs.gress", 'use "area.hpp" { type Area }\n/// A ride.\n/// Of a car.\ntype Ride {\n  /// In cents,\n  /// with tax.\n  fare: i64,\n'
                   "  kind: Kind,\n  area: Area,\n}\n/// How it was.\nenum Kind {\n  /// With others.\n  shared,\n  alone,\n}\n"
                   "/// Twice as much.\n/// Or less.\nfn twice(n: i64) -> i64 = n + n\n"
                   "/// One less.\naggregate fewer(x: i64) -> i64 {\n  state { n: i64 = -1 }\n  add { n: n + 1 }\n  merge other { n: n + other.n }\n  result n\n}\n"
                   "source rides: Ride from stdin { format: json }\n/// All of them.\n/// In order.\nstream all = rides\nsink all to stdout { format: json }\n")
        text = self.gressc("describe", "docs.gress").stdout
        for wanted in (r"Types:\n", r"  Ride +struct +A ride\.\n {10,}Of a car\.\n    fare +i64 +In cents,\n {10,}with tax\.\n", r"  Kind +enum +How it was\.\n    shared +With others\.\n    alone\n",
                       r"  Area +enum +Where it is\.\n {10,}By the map\.\n    north +Up\.\n    south\n", r"twice\(n: i64\) -> i64 +Twice as much\.\n {10,}Or less\.\n",
                       r"Stream all, append: All of them\.\n    In order\.\n"):
            self.assertRegex(text, wanted)
        about = json.loads(self.gressc("describe", "docs.gress", "--json").stdout)
        types = {each["name"]: each for each in about["types"]}
        self.assertEqual((types["Ride"]["doc"], types["Ride"]["columns"][0]["doc"]), ("A ride.\nOf a car.", "In cents,\nwith tax."))
        self.assertEqual([(v["name"], v["wire"], v["doc"]) for v in types["Kind"]["variants"]], [("shared", "shared", "With others."), ("alone", "alone", "")])
        self.assertEqual((types["Area"]["doc"], types["Area"]["variants"][0]["doc"]), ("Where it is.\nBy the map.", "Up."))
        self.assertEqual(about["functions"], [{"name": "twice", "params": [{"name": "n", "type": "i64"}], "result": "i64", "doc": "Twice as much.\nOr less."}])
        self.assertEqual([(a["name"], a["result"], a["doc"]) for a in about["aggregates"]], [("fewer", "i64", "One less.")])


    def test_describe_a_place(self):
        self.write("score.hpp", "#include <cstdint>\n/// How risky.\ninline double score(double fare, std::int64_t hour) noexcept { return fare + double(hour); }\n"
                   "struct Note { std::int64_t n; };\n/// Takes all.\nstruct Log {\n  struct Options {\n    std::int64_t most;  ///< Then no more.\n  };\n"
                   "  explicit Log(const Options&) {}\n  void write(std::span<const Note>) {}\n};\n".replace("#include <cstdint>", "#include <cstdint>\n#include <span>", 1))
        program = """use "score.hpp" { fn score, sink Log, type Note }
/// Whether shared.
enum Kind { shared, alone }
type Ride {
  /// In cents.
  fare: i64?,
  at: timestamp, kind: Kind, area: string,
}
/// At least.
param least: i64 = 3
/// Twice.
fn twice(n: i64) -> i64 = n + n
source rides: Ride from stdin { format: json, time: at }
/// Costly ones.
stream busy = rides
  |> filter fare is not null and fare > least and kind == Kind.shared
  |> extend { double: twice(n: fare), risk: score(1.0, 2), part: substring(area, 0, 2) }
  |> key area
  |> latest retain 1d
stream notes = busy |> changes |> select { n: double }
sink busy to stdout { format: json }
sink notes to Log { most: 3 }
"""
        self.write("place.gress", program)
        self.gressc("check", "place.gress")
        lines = program.splitlines()

        def at(line_of, word, **more):
            line = next(i for i, text in enumerate(lines) if line_of in text)
            column = lines[line].index(line_of) + line_of.index(word)
            found = json.loads(self.gressc("describe", f"place.gress:{line + 1}:{column + 1}", "--json", **more).stdout)
            self.assertEqual([(h["range"]["line"], h["range"]["column"], h["name"]) for h in found], [(line + 1, column + 1, word)] * len(found))
            return found[0]

        def known(h):
            return (h["kind"], h["type"], h["doc"])

        self.assertEqual(known(at("fare is", "fare")), ("column", "i64?", "In cents."))
        self.assertEqual(known(at("fare > least", "fare")), ("column", "i64", "In cents."))
        self.assertEqual(known(at("fare: i64?", "fare")), ("field", "i64?", "In cents."))
        self.assertEqual(known(at("> least", "least")), ("param", "i64", "At least."))
        self.assertEqual(known(at("param least", "least")), ("param", "i64", "At least."))
        self.assertEqual(known(at("Kind.shared", "shared")), ("variant", "Kind", ""))
        self.assertEqual(known(at("Kind.shared", "Kind")), ("enum", "", "Whether shared."))
        self.assertEqual(known(at("twice(n: fare", "twice")), ("function", "(n: i64) -> i64", "Twice."))
        self.assertEqual(known(at("(n: fare", "n")), ("argument", "i64", ""))
        self.assertEqual(known(at("double: twice", "double")), ("column", "i64", ""))
        score = at("score(1.0", "score")
        self.assertEqual((known(score), score["declared"]["file"], score["declared"]["line"]), (("function", "(fare: f64, hour: i64) -> f64", "How risky."), "score.hpp", 4))
        most = at("{ most: 3", "most")
        self.assertEqual((known(most), most["declared"]["line"]), (("option", "i64", "Then no more."), 9))
        self.assertEqual(known(at("to Log", "Log")), ("sink connector", "Note", "Takes all."))
        part = at("substring(area", "substring")
        self.assertEqual((part["kind"], part["type"]), ("function", "string"))
        self.assertIn("substring(text: string, start: i64", part["text"])
        self.assertEqual(at("time: at", "time")["kind"], "option")
        self.assertEqual(at("|> latest", "latest")["kind"], "stage")
        busy = at("stream busy", "busy")
        self.assertEqual((busy["doc"], busy["stream"]["kind"], busy["stream"]["key"]), ("Costly ones.", "upsert", ["area"]))
        self.assertEqual(self.gressc("describe", "place.gress:3:7").stdout, "enum Kind\nWhether shared.\ndeclared at place.gress:3\n")
        self.assertIn("function score(fare: f64, hour: i64) -> f64\nHow risky.\ndeclared at score.hpp:4\n", self.gressc("describe", "place.gress:17").stdout)
        self.assertEqual(json.loads(self.gressc("describe", "place.gress:3:1", "--json").stdout), [])
        self.assertIn("nothing is known", self.gressc("describe", "place.gress:3:1", code=64).stderr)
        # What is wrong elsewhere hides nothing here.
        self.write("place.gress", program + "stream worse = rides |> filter nothing_such\n")
        self.assertEqual(known(at("fare > least", "fare")), ("column", "i64", "In cents."))

    def test_describe_no_place_crashes(self):
        """Of the examples, and of one that is cut at every few bytes: half a program is what an editor has."""
        with open(os.path.join(ROOT, "examples/flights/flights_daily.gress"), encoding="utf-8") as file:
            text = file.read()
        for cut in range(0, len(text), 97):
            self.write("cut.gress", text[:cut])
            for line in range(1, text[:cut].count("\n") + 2, 9):
                ran = subprocess.run([GRESSC, "describe", f"cut.gress:{line}", "--json"], cwd=self.folder, capture_output=True)
                self.assertIn(ran.returncode, (0, 65), ran.stderr)


class Messages(Case):
    BAD = "stream x = y |> filtre true\nstream z = = 3\n"

    def test_clauses_left_half_written(self):
        head = "type Row { k: string, at: timestamp }\nsource rows: Row from stdin { format: json, time: at }\n"
        tail = "\nsink out to stdout { format: json }\n"
        for stages, says in (("key k |> latest retain", "`retain 30d`, or `retain forever`"),
                             ("top 3 by at descending retain 1d", "write `desc`"), ("top 3 by at ascending retain 1d", "write `asc`")):
            self.write("half.gress", head + "stream out = rows |> " + stages + tail)
            self.assertIn(says, self.gressc("check", "half.gress", code=65).stderr)

    def test_program_errors(self):
        self.write("bad.gress", self.BAD)
        for command in ["check", "build", "run", "test", "fmt", "plan"]:
            ran = self.gressc(command, "bad.gress", code=65)
            self.assertEqual(ran.stdout, "")
            self.assertRegex(ran.stderr.splitlines()[-1], r"^error: \d+ errors?(, \d+ warnings?)?$")

    def test_json_is_one_object_a_line(self):
        self.write("bad.gress", self.BAD)
        ran = self.gressc("check", "--message-format=json", "bad.gress", code=65)
        lines = [json.loads(line) for line in ran.stderr.splitlines()]
        self.assertGreaterEqual(len(lines), 2)
        for line in lines:
            self.assertRegex(line["code"], r"^[EW]\d{4}$")
            self.assertEqual(line["file"], "bad.gress")
            self.assertTrue(line["message"])

    def test_json_for_what_has_no_place(self):
        for args, code in [(["check", "none.gress"], 66), (["biuld"], 64), (["build", "--nonsense"], 64)]:
            line = json.loads(self.gressc(*args, "--message-format", "json", code=code).stderr)
            self.assertEqual(line["severity"], "error")
            self.assertTrue(line["message"])

    def test_json_of_a_name_that_is_no_text(self):
        ran = subprocess.run([GRESSC.encode(), b"check", b"--message-format=json", b"\xff\xfe.gress"], capture_output=True)
        self.assertEqual(ran.returncode, 66)
        json.loads(ran.stderr.decode("utf-8"))

    def test_short_is_a_line_a_message(self):
        self.write("bad.gress", self.BAD)
        ran = self.gressc("check", "--message-format=short", "bad.gress", code=65)
        for line in ran.stderr.splitlines()[:-1]:
            self.assertRegex(line, r"^bad\.gress:\d+:\d+: (error|warning)\[[EW]\d{4}\]: ")

    def test_colours(self):
        self.write("bad.gress", self.BAD)
        self.assertNotIn("\x1b", self.gressc("check", "bad.gress", code=65).stderr)
        self.assertIn("\x1b", self.gressc("check", "--color", "always", "bad.gress", code=65).stderr)
        self.assertNotIn("\x1b", self.gressc("check", "--color=never", "bad.gress", code=65).stderr)

    def test_no_color(self):
        self.write("bad.gress", self.BAD)
        leader, follower = os.openpty()  # a terminal, as far as gressc can see
        for env, coloured in [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]:
            environment = {k: v for k, v in os.environ.items() if k != "NO_COLOR"}
            environment.update({"TERM": "xterm", **env})
            subprocess.run([GRESSC, "check", self.path("bad.gress")], stderr=follower, env=environment)
            self.assertEqual(b"\x1b" in os.read(leader, 65536), coloured, env)
        os.close(leader), os.close(follower)

    def test_a_file_that_is_no_program(self):
        self.write("noise.gress", bytes(range(256)) * 200, "wb")
        ran = self.gressc("check", "noise.gress", code=65, text=False)
        self.assertLess(len(ran.stderr), 200_000)
        self.assertIn("more".encode(), ran.stderr)

    def test_deep_nesting(self):
        self.write("deep.gress", "param x: i64 = " + "(" * 100_000 + "1" + ")" * 100_000 + "\n")
        self.gressc("check", "deep.gress", code=65)

    def test_an_empty_program_checks_but_does_not_build(self):
        self.write("empty.gress", "")
        self.gressc("check", "empty.gress")
        self.assertIn("no sink", self.gressc("build", "empty.gress", "-o", "x", code=65).stderr)
        self.assertFalse(os.path.exists(self.path("x")))

    def test_verbose_names_the_phases(self):
        self.write("a.gress")
        err = self.gressc("check", "-v", "a.gress").stderr
        self.assertIn("parse", err)
        self.assertIn("check", err)


class Explain(Case):
    def codes(self):
        return [line.split()[0] for line in self.gressc("explain", "--list").stdout.splitlines()]

    def test_every_code_has_a_page(self):
        missing = []
        for code in self.codes():
            page = self.gressc("explain", code).stdout
            if not page.startswith(f"# {code}: "):
                missing.append(code)
        self.assertEqual(missing, [], "docs/errors/CODE.md is missing for these")

    def test_every_page_has_its_parts_and_a_code(self):
        codes = self.codes()
        for name in os.listdir(os.path.join(ROOT, "docs/errors")):
            if name == "README.md":
                continue
            self.assertIn(name[:-3], codes, f"docs/errors/{name} explains a code that does not exist")
            with open(os.path.join(ROOT, "docs/errors", name)) as file:
                page = file.read()
            self.assertGreaterEqual(page.count("```"), 4, f"{name}: an erroneous example and its fix")

    def test_examples_do_what_their_page_says(self):
        """The first example of a page gives the diagnostic, the second neither it nor any error."""
        with open(os.path.join(ROOT, "docs/errors/README.md")) as file:
            prelude = re.search(r"```gress\n(.*?)```", file.read(), re.S).group(1)
        wrong = []
        for code in self.codes():
            if code[1:3] == "06":  # of gressc audit: tests/audit
                continue
            with open(os.path.join(ROOT, "docs/errors", code + ".md")) as file:
                page = file.read()
            for name, header in re.findall(r"```cpp (\S+)\n(.*?)```", page, re.S):
                self.write(name, header)
            for number, (complete, example) in enumerate(re.findall(r"```gress( complete)?\n(.*?)```", page, re.S)):
                self.write("example.gress", example + ("" if complete else prelude))
                ran = self.gressc("check", "--message-format=json", "example.gress", code=None)
                found = [json.loads(line)["code"] for line in ran.stderr.splitlines()]
                good = code in found if number == 0 else code not in found and ran.returncode == 0
                if not good:
                    wrong.append((code, "first" if number == 0 else "second", sorted(set(found))))
        self.assertEqual(wrong, [])

    def test_by_any_name(self):
        page = self.gressc("explain", "E0118").stdout
        self.assertEqual(self.gressc("explain", "e0118").stdout, page)
        self.assertEqual(self.gressc("explain", "unknown-stage").stdout, page)


class Emit(Case):
    def test_every_phase_writes_and_twice_the_same(self):
        self.write("a.gress")
        for what in ["tokens", "ast", "checked", "checked-json", "plan", "cpp"]:
            first = self.gressc("build", "a.gress", "--emit", what)
            self.assertTrue(first.stdout, what)
            self.assertEqual(first.stderr, "")
            self.assertEqual(self.gressc("build", "a.gress", f"--emit={what}").stdout, first.stdout, what)
        json.loads(self.gressc("build", "a.gress", "--emit", "checked-json").stdout)

    def test_emitted_text_names_no_folder_and_no_date(self):
        path = self.write("a.gress")
        cpp = self.gressc("build", path, "--emit", "cpp").stdout
        self.assertNotIn(self.folder, cpp)
        self.assertNotRegex(cpp, r"20[2-9]\d-\d\d-\d\d")

    def test_emit_to_a_file(self):
        self.write("a.gress")
        self.assertEqual(self.gressc("build", "a.gress", "--emit", "ast", "-o", "a.ast").stdout, "")
        with open(self.path("a.ast")) as file:
            self.assertEqual(file.read(), self.gressc("build", "a.gress", "--emit", "ast").stdout)

    def test_stop_after(self):
        self.write("a.gress")
        for phase in ["lex", "parse", "check", "plan", "emit"]:
            ran = self.gressc("build", "a.gress", "--stop-after", phase)
            self.assertEqual(ran.stdout, "")
        self.assertFalse(os.path.exists(self.path("a")))

    def test_header_of_a_library(self):
        self.write("new.gress", PROGRAM.replace("text: string", "text: string, delete: i32 = 0").replace("text }", "csv }"))
        self.write("a.gress")
        header = self.gressc("build", "a.gress", "--library", "--emit", "header").stdout
        for line in ["namespace a {", "void push_lines(std::span<const Line> rows);", "std::vector<LongRow> take_long();"]:
            self.assertIn(line, header)
        self.assertIn("std::int32_t delete_{};", self.gressc("build", "new.gress", "--library", "--emit", "header").stdout)
        self.write("names.gress", "enum HTTP { get, put }\ntype SKU { n: i64, how: HTTP }\nsource skus: SKU from stdin { format: json }\nstream ABC = skus\nstream s = skus |> select { n }\n"
                   "sink ABC to stdout { format: json }\nsink s to discard\n")
        header = self.gressc("build", "names.gress", "--library", "--emit", "header").stdout
        for name in "struct SKU_type", "enum class HTTP_type", "struct ABCRow", "struct SRow":
            self.assertRegex(header, name + r"\b")
        self.assertIn("add `--library`", self.gressc("build", "a.gress", "--emit", "header", code=64).stderr)
        self.assertIn("libNAME.a", self.gressc("build", "a.gress", "--library", "-o", "a.so", code=64).stderr)
        self.write("kept.gress", "pipeline kept { checkpoint: every(10s) }\n" + PROGRAM.replace("from stdin {", 'from file { path: "x",'))
        ran = self.gressc("build", "kept.gress", "--library", code=None)
        self.assertIn("takes checkpoints, which a library does not", ran.stderr)
        self.assertNotEqual(ran.returncode, 0)

    def test_plan_formats(self):
        self.write("a.gress")
        for form in ["text", "dot", "mermaid"]:
            self.assertTrue(self.gressc("plan", "a.gress", "--format", form).stdout)
        json.loads(self.gressc("plan", "a.gress", "--format", "json").stdout)

    def test_what_holds_at_each_sink(self):
        kafka = 'kafka { brokers: "127.0.0.1:9092", topic: "t", format: text%s }'
        sinks = ['file { path: "a", format: text }', kafka % "", kafka % ", duplicates: allowed", "console { duplicates: allowed }"]
        for options, source, want in (
                ("checkpoint: every(1s), delivery: exactly_once", 'file { path: "x", format: text }', ["exactly_once", "exactly_once", "at_least_once", "at_least_once"]),
                ("checkpoint: every(1s)", 'file { path: "x", format: text }', ["exactly_once"] + 3 * ["at_least_once"]),
                ("checkpoint: every(1s)", "stdin { format: text }", 4 * ["none"]),
                ("errors: fail", 'file { path: "x", format: text }', 4 * ["none"])):
            with self.subTest(options + source):
                self.write("d.gress", f"pipeline d {{ {options} }}\ntype Line {{ text: string }}\nsource lines: Line from {source}\n" +
                           "".join(f"sink lines as s{i} to {sink}\n" for i, sink in enumerate(sinks)))
                about = json.loads(self.gressc("describe", "d.gress", "--json").stdout)
                self.assertEqual([sink["delivery"]["guarantee"] for sink in about["sinks"]], want)
                nodes = json.loads(self.gressc("plan", "d.gress", "--format", "json").stdout)["nodes"]
                self.assertEqual([node["delivery"]["guarantee"] for node in nodes if node["kind"] == "sink"], want)
                said = [line.split(":")[0].split()[-1] for line in self.gressc("plan", "d.gress").stdout.splitlines() if "- delivery " in line]
                self.assertEqual(said, want if "checkpoint" in options else [])

    def test_program_from_standard_input(self):
        self.gressc("check", "-", input=PROGRAM)
        ran = self.gressc("check", "--message-format=short", "-", input="stream x =\n", code=65)
        self.assertTrue(ran.stderr.startswith("<stdin>:1:"))


class Format(Case):
    UGLY = "type Line{text:string}\n\n\n\nsource lines:Line from stdin{format:text}\nsink lines to stdout{format:text}"

    def test_in_place_check_and_standard_input(self):
        path = self.write("a.gress", self.UGLY)
        self.assertIn("a.gress: not formatted", self.gressc("fmt", "--check", "a.gress", code=65).stderr)
        through = self.gressc("fmt", "-", input=self.UGLY).stdout
        self.gressc("fmt", "a.gress")
        with open(path) as file:
            self.assertEqual(file.read(), through)
        self.gressc("fmt", "--check", "a.gress")
        self.assertNotEqual(through, self.UGLY)

    def test_a_formatted_file_is_not_touched(self):
        path = self.write("a.gress", self.UGLY)
        self.gressc("fmt", "a.gress")
        os.utime(path, (1000, 1000))
        self.gressc("fmt", "a.gress")
        self.assertEqual(os.stat(path).st_mtime, 1000)

    def test_shipped_programs_are_formatted_and_right(self):
        shipped = [os.path.join(folder, name) for folder, _, names in os.walk(os.path.join(ROOT, "examples"))
                   for name in names if name.endswith(".gress")]
        self.assertTrue(shipped)
        self.gressc("fmt", "--check", *shipped)
        self.assertEqual(self.gressc("check", *shipped).stderr, "")

    def test_errors_leave_the_file_alone(self):
        path = self.write("bad.gress", "stream x =\n")
        self.gressc("fmt", "bad.gress", code=65)
        with open(path) as file:
            self.assertEqual(file.read(), "stream x =\n")


class New(Case):
    def test_what_it_makes_checks_and_is_formatted(self):
        self.gressc("new", "rides")
        self.gressc("check", "rides/rides.gress")
        self.gressc("fmt", "--check", "rides/rides.gress")
        with open(self.path("rides/rides.gress")) as file:
            self.assertNotIn("{{", file.read())

    def test_names(self):
        for bad in ["a b", "1st", "a-b", "ä", "..", "x;y"]:
            self.gressc("new", bad, code=64)
        self.gressc("new", "rides")
        self.gressc("new", "rides", code=73)
        self.gressc("new", "none/rides", code=73)


class Completions(Case):
    def test_shells_have_every_command(self):
        for shell in ["bash", "zsh", "fish"]:
            script = self.gressc("completions", shell).stdout
            for command in COMMANDS:
                self.assertIn(command, script, shell)
            self.assertNotIn("precompile", script)

    def test_shells_can_read_them(self):
        for shell, arguments in [("bash", ["-n"]), ("zsh", ["-n"]), ("fish", ["--no-execute"])]:
            if shutil.which(shell):
                path = self.write(f"completions.{shell}", self.gressc("completions", shell).stdout)
                subprocess.run([shell, *arguments, path], check=True)

    def complete(self, *words):
        script = 'source ./c; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _gressc; printf "%s\\n" "${COMPREPLY[@]}"'
        ran = subprocess.run(["bash", "-c", script, "bash", *words], capture_output=True, text=True, cwd=self.folder)
        return ran.stdout.split()

    def test_in_bash(self):
        self.write("c", self.gressc("completions", "bash").stdout)
        self.write("mine.gress"), self.write("other.txt", "")
        self.assertEqual(self.complete("gressc", "bu"), ["build"])
        self.assertIn("--emit", self.complete("gressc", "build", "--em"))
        self.assertEqual(self.complete("gressc", "build", "--emit", "ch"), ["checked", "checked-json"])
        self.assertEqual(self.complete("gressc", "check", "m"), ["mine.gress"])
        self.assertIn("E0101", self.complete("gressc", "explain", "E01"))
        self.assertIn("max_by", self.complete("gressc", "describe", "max"))


if __name__ == "__main__":
    unittest.main()
