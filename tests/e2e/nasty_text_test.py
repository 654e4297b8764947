"""Text and names that break careless generators, in every position of a program that takes text or a name: what gressc
emits compiles without a warning under clang++ and g++, and at run time the text comes out as it was written."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from generated_cpp import COMPILERS, refusal  # noqa: E402

from program import GRESSC

TEXTS = [
    "", '"', "'", "\\", "\\\\", "\\n", '\\"', "a\\", "??/", "??/\"", "???=", "*/", "/*", "//", "// \\", "/* */ */", "\n", "\r\n", "a\tb",
    "\0", "a\0b", "\0" + "1", "\x01" + "7", "%s%n%d", "{}", "{{}}", "{0}", "${x}", "$(x)", "`x`", "<% %>", 'R"(', ')"', 'R"x( )x"', "#define x", "\n#error x",
    "@", "__FILE__", "\u2028\u2029", "\ufeff", "\U0001f600", "é", "e\u0301", "\u05d0\u05d1 \u0627\u0628", "\ufffd", "\x7f", "\x80",
    "'); DROP TABLE x; --", "a,b", "a;b", " lead and trail ", "0", "null", "true", "-", "..", ".", "x" * 15, "x" * 16, "ä" * 8, "long " * 2000,
    "u8\"\"", "\\u0041", "\\x41", "\\101", "\\N{DASH}", "\\\n", "8", "\x0b\x0c\x1b[31m",
]
NAMES = """
alignas and_eq asm auto bitand bitor bool_ break case catch char char8_t char16_t class compl concept const consteval constexpr
constinit const_cast continue co_await co_return co_yield decltype default delete do double dynamic_cast enum_ explicit export extern
float for friend goto inline int long mutable namespace new noexcept not_eq nullptr operator or_eq private protected public register
reinterpret_cast requires return short signed sizeof static static_assert static_cast struct switch template this thread_local throw
try typedef typeid typename using virtual void volatile wchar_t while xor xor_eq override final import module
main errno std gress program Text Block Out Eval Opt List Map Record Params Pipeline Prepared params prepared runtime ev o r p i in out
time watermark position record op rows count others row_text row_buffer step begin key value key_ value_ members hash dense kDense
operator_ NULL EOF INT_MAX assert major minor unix linux __x _X __cplusplus x__y _ __ row rows_ s a b c result add merge state late
int64_t size_t string vector tuple Kind Row Key State In fn decimal agg engine decode wire names json csv text first last self
Text_ Block_ R_ rows__row totals_aggregate_key emit flow_rows stdin stdout stderr kProgram signal environ defined abs exp log y1 j0
""".split()


def quoted(text):
    """A Gress literal of the text."""
    out = '"'
    for c in text:
        if c in '"\\{}':
            out += "\\" + c
        elif c in "\n\t\r\0":
            out += {"\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0"}[c]
        elif ord(c) < 32 or ord(c) in (0x7F, 0x2028, 0x2029, 0xFEFF) or 0x590 <= ord(c) < 0x700:
            out += "\\u{%x}" % ord(c)
        else:
            out += c
    return out + '"'


class Nasty(unittest.TestCase):
    compilers = COMPILERS

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="gress-e2e-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def program(self, text, name="program.gress", build=True):
        """Checks the C++ of a program with every compiler; builds it; returns the executable."""
        with open(self.path(name), "w", encoding="utf-8", newline="") as file:
            file.write(text)
        made = subprocess.run([GRESSC, "build", name, "--emit=cpp", "-o", "program.cpp"], cwd=self.folder, capture_output=True)
        self.assertEqual(made.returncode, 0, made.stderr.decode("utf-8", "replace")[:3000])
        with open(self.path("program.cpp"), "rb") as file:
            emitted = file.read()
        for compiler in self.compilers:
            self.assertEqual(refusal(compiler, emitted), "")
        if not build:
            return None
        made = subprocess.run([GRESSC, "build", name, "-o", "program"], cwd=self.folder, capture_output=True)
        self.assertEqual(made.returncode, 0, made.stderr.decode("utf-8", "replace")[:3000])
        return self.path("program")

    def run_lines(self, program, stdin, *args):
        ran = subprocess.run([program, *args], cwd=self.folder, input=stdin.encode(), capture_output=True, timeout=60)
        self.assertEqual(ran.returncode, 0, ran.stderr.decode("utf-8", "replace")[:3000])
        return [json.loads(line) for line in ran.stdout.decode().split("\n")[:-1]]


class Texts(Nasty):
    def test_literals(self):
        fields = ",\n  ".join(f"t{i}: {quoted(t)}" for i, t in enumerate(TEXTS))
        joined = ",\n  ".join(f'j{i}: "<{{s}}' + quoted(t)[1:-1] + '{s}>"' for i, t in enumerate(TEXTS))
        same = " and ".join(f"r.t{i} == {quoted(t)}" for i, t in enumerate(TEXTS))
        run = self.program(f"""type In {{ s: string }}
source rows: In from stdin {{ format: json }}
stream all = rows |> select {{ s, r: {{ {fields} }}, j: {{ {joined} }} }} |> extend {{ same: {same} }}
sink all to stdout {{ format: json }}
""")
        (row,) = self.run_lines(run, '{"s":"S"}\n')
        self.assertTrue(row["same"])
        for i, text in enumerate(TEXTS):
            self.assertEqual(row["r"][f"t{i}"], text)
            self.assertEqual(row["j"][f"j{i}"], f"<S{text}S>")

    def test_raw_texts(self):
        raw = [t for t in TEXTS if not any(c in t for c in "'\n\r\0\u2028\u2029\ufeff\u05d0") and (t == "" or min(map(ord, t)) >= 32) and "\x7f" not in t]
        fields = ", ".join(f"t{i}: '{t}'" for i, t in enumerate(raw))
        run = self.program(f"""type In {{ s: string }}
source rows: In from stdin {{ format: json }}
stream all = rows |> select {{ {fields} }}
sink all to stdout {{ format: json }}
""")
        (row,) = self.run_lines(run, '{"s":""}\n')
        self.assertEqual([row[f"t{i}"] for i in range(len(raw))], raw)

    def test_through_the_input(self):
        run = self.program("""type In { s: string, l: list<string>, m: map<string, string> }
source rows: In from stdin { format: json }
stream all = rows |> select { s, l, m, n: length(s), b: "{s}", found: contains(s, s) }
sink all to stdout { format: json }
sink all as table_ to file { path: "out.txt", format: json }
""")
        rows = [{"s": t, "l": [t, t], "m": {t: t}} for t in TEXTS]
        for ascii_only in (True, False):
            got = self.run_lines(run, "".join(json.dumps(r, ensure_ascii=ascii_only) + "\n" for r in rows))
            self.assertEqual(len(got), len(rows))
            for row, want in zip(got, rows):
                self.assertEqual({k: row[k] for k in "slm"}, want)
                self.assertEqual((row["n"], row["b"], row["found"]), (len(want["s"]), want["s"], True))

    def test_wire_names(self):
        names = [t for t in TEXTS if t != ""]
        fields = ", ".join(f"f{i}: i64 as {quoted(t)}" for i, t in enumerate(names))
        cases = ", ".join(f"c{i} as {quoted(t)}" for i, t in enumerate(names))
        run = self.program(f"""enum Kind {{ {cases} }}
type In {{ {fields}, kind: Kind as "the kind" }}
source rows: In from stdin {{ format: json }}
stream all: In = rows
stream kinds = rows |> select {{ kind, word: string(kind), is: kind == Kind.c3 }}
sink all to stdout {{ format: json }}
sink all as table_ to file {{ path: "out.csv", format: csv }}
sink kinds to file {{ path: "kinds.jsonl", format: json }}
""")
        rows = [{**{t: n for n, t in enumerate(names)}, "the kind": k} for k in names]
        for ascii_only in (True, False):
            self.assertEqual(self.run_lines(run, "".join(json.dumps(r, ensure_ascii=ascii_only) + "\n" for r in rows)), rows)
        with open(self.path("kinds.jsonl"), encoding="utf-8", newline="\n") as file:
            kinds = [json.loads(line) for line in file]
        self.assertEqual([k["word"] for k in kinds], names)
        self.assertEqual([k["is"] for k in kinds].index(True), 3)
        # What was written as CSV is read back as the same rows.
        back = self.program(f"""enum Kind {{ {cases} }}
type In {{ {fields}, kind: Kind as "the kind" }}
source rows: In from file {{ path: "out.csv", format: csv }}
stream all: In = rows
sink all to stdout {{ format: json }}
""", build=not any("\0" in n for n in names))
        if back:
            self.assertEqual(self.run_lines(back, ""), rows)

    def test_comments_docs_and_messages(self):
        line = [t for t in TEXTS if "\n" not in t and "\r" not in t and "\0" not in t and not any(c in t for c in "\x01\x0b\x7f\x80\u2028\u05d0")]
        docs = "\n".join(f"/// {t}\n// {t}" for t in line)
        fails = " ".join(f"if id == {i} then fail({quoted(t)}) else" for i, t in enumerate(TEXTS))
        run = self.program(f"""{docs}
pipeline docs
{docs}
type In {{
{docs}
  id: i64 }}
{docs}
source rows: In from stdin {{ format: json, invalid: bad }}
{docs}
stream all = rows |> filter {fails} true
{docs}
sink all to stdout {{ format: json }}
stream said = bad |> select {{ error, source }}
sink said to file {{ path: "said.jsonl", format: json }}
{docs}
param unused: i64 = 1
""")
        self.run_lines(run, "".join(f'{{"id":{i}}}\n' for i in range(len(TEXTS))))
        with open(self.path("said.jsonl"), encoding="utf-8", newline="\n") as file:
            self.assertEqual([json.loads(line)["error"] for line in file], TEXTS)
        described = subprocess.run([run, "--describe"], capture_output=True, check=True)
        self.assertIn("??/", json.loads(described.stdout)["doc"])

    def test_params(self):
        params = "\n".join(f"param p{i}: string = {quoted(t)}" for i, t in enumerate(TEXTS))
        fields = ", ".join(f"x{i}: p{i}" for i in range(len(TEXTS)))
        run = self.program(f"""{params}
type In {{ id: i64 }}
source rows: In from stdin {{ format: json }}
stream all = rows |> select {{ {fields} }}
sink all to stdout {{ format: json }}
""")
        (row,) = self.run_lines(run, '{"id":1}\n')
        self.assertEqual(list(row.values()), TEXTS)
        for i, text in enumerate(TEXTS):
            if "\0" not in text:
                (row,) = self.run_lines(run, '{"id":1}\n', "--param", f"p0={text}")
                self.assertEqual(row["x0"], text)
        helped = subprocess.run([run, "--help"], capture_output=True)
        self.assertEqual(helped.returncode, 0)

    def test_regular_expressions_and_formats(self):
        texts = [t for t in TEXTS if t and "\0" not in t]
        patterns = ", ".join(f"m{i}: regex_matches(s, {quoted(''.join(f'[{c}]' if c not in '[]^' + chr(92) else chr(92) + c for c in t))})"
                             for i, t in enumerate(texts) if len(t) < 100)
        formats = ", ".join(f"f{i}: format_time(at, {quoted(t.replace('%', '%%'))})" for i, t in enumerate(texts))
        splits = ", ".join(f"x{i}: split(s, {quoted(t)}), y{i}: replace(s, {quoted(t)}, {quoted(t + t)})" for i, t in enumerate(texts))
        run = self.program(f"""type In {{ s: string, at: timestamp }}
source rows: In from stdin {{ format: json }}
stream all = rows |> select {{ s, {patterns} }}
stream times = rows |> select {{ {formats} }}
stream parts = rows |> select {{ {splits} }}
sink all to stdout {{ format: json }}
sink times to file {{ path: "times.jsonl", format: json }}
sink parts to file {{ path: "parts.jsonl", format: json }}
""")
        got = self.run_lines(run, "".join(json.dumps({"s": t, "at": 0}) + "\n" for t in texts))
        for i, (row, text) in enumerate(zip(got, texts)):
            if len(text) < 100:
                self.assertTrue(row[f"m{i}"], repr(text))
        with open(self.path("times.jsonl"), encoding="utf-8", newline="\n") as file:
            self.assertEqual(list(json.loads(file.readline()).values()), texts)
        with open(self.path("parts.jsonl"), encoding="utf-8", newline="\n") as file:
            for text, row in zip(texts, map(json.loads, file)):
                for i, separator in enumerate(texts):
                    self.assertEqual(row[f"x{i}"], text.split(separator), (text, separator))
                    self.assertEqual(row[f"y{i}"], text.replace(separator, separator * 2))

    def test_file_names(self):
        names = [t for t in TEXTS if t not in ("", ".", "..", "-") and "/" not in t and "\0" not in t and len(t) < 200 and not any(c in t for c in "*?[")]
        for n, name in enumerate(names[::9]):
            self.program("type In { s: string }\nsource rows: In from stdin { format: json }\nsink rows to discard\n", name=name + ".gress", build=False)
        sinks = "\n".join(f"sink rows as s{i} to file {{ path: {quoted('out ' + t)}, format: json }}" for i, t in enumerate(names))
        run = self.program(f"""type In {{ s: string }}
source rows: In from stdin {{ format: json }}
{sinks}
""")
        self.run_lines(run, '{"s":"x"}\n')
        for name in names:
            with open(self.path("out " + name), encoding="utf-8") as file:
                self.assertEqual(file.read(), '{"s":"x"}\n')


class Names(Nasty):
    compilers = COMPILERS[:1]

    def usable(self, template):
        """The names that gressc takes in a place; what it refuses is refused by a diagnostic, not by a crash."""
        good = []
        for name in NAMES:
            with open(self.path("one.gress"), "w") as file:
                file.write(template.replace("NAME", name))
            ran = subprocess.run([GRESSC, "check", "one.gress"], cwd=self.folder, capture_output=True, text=True)
            self.assertIn(ran.returncode, (0, 65), ran.stderr)
            if ran.returncode == 0:
                good.append(name)
        self.assertGreater(len(good), len(NAMES) // 2)
        return good

    def test_fields(self):
        self.compilers = COMPILERS
        head = "source rows: In from stdin { format: json, time: when_ }\nsink all to stdout { format: json }\n"
        good = self.usable(head + "type In { NAME: i64, when_: timestamp }\nstream all = rows |> select { NAME, x: NAME + 1 } |> extend { y: NAME }\n")
        good = good[::3]  # a program of them all takes minutes to compile
        fields = ", ".join(f"{n}: i64" for n in good)
        some, keys = good[1::5], good[::25]
        run = self.program(head + f"""type In {{ {fields}, when_: timestamp }}
stream all = rows |> filter {' and '.join(f'{n} >= 0' for n in good)} |> extend {{ {', '.join(f'{n}: {n} + 1' for n in good)} }} |> drop when_
stream sums = rows |> key {', '.join(keys)} |> window tumbling(1h) |> aggregate {{ {', '.join(f'{n}: sum({n})' for n in some if n not in keys)} }}
stream states = rows |> scan {{ {', '.join(f'{n}: i64 = 0' for n in good[1::2])} }} update {{ {', '.join(f'{n}: 1' for n in good[1::2])} }} emit {{ {', '.join(good[::2])} }}
  |> rename {{ {', '.join(f'renamed_{n}: {n}' for n in good[::2])} }}
stream once = rows |> distinct {', '.join(keys)} within 1h
stream best = rows |> key {good[0]} |> window tumbling(1h) |> top 2 by {', '.join(some[:8])} as ranked
stream record = rows |> select {{ rec: {{ {', '.join(good)} }} }} |> select {{ {', '.join(f'rec.{n}' for n in good)} }}
sink sums to discard
sink states to file {{ path: "states.jsonl", format: json }}
sink once to discard
sink best to discard
sink record to file {{ path: "record.jsonl", format: json }}
""")
        row = {n: i for i, n in enumerate(good)}
        self.assertEqual(self.run_lines(run, json.dumps({**row, "when_": 0}) + "\n"), [{n: i + 1 for n, i in row.items()}])
        with open(self.path("record.jsonl")) as file:
            self.assertEqual(json.loads(file.read()), row)
        with open(self.path("states.jsonl")) as file:
            got = json.loads(file.read())
        self.assertEqual(list(got), [f"renamed_{n}" for n in good[::2]])

    def check_place(self, base, one, every=1, around=lambda names: ""):
        good = [n for n in self.usable(base + one + around(["NAME"])) if n not in ("id", "In", "rows_in", "at")][::every]
        self.program(base + "".join(one.replace("NAME", n) for n in good) + around(good), build=False)

    def test_streams(self):
        base = "type In { id: i64, at: timestamp }\nsource rows_in: In from stdin { format: json, time: at }\n"
        self.check_place(base, "stream NAME = rows_in |> key id |> window tumbling(1h) |> aggregate { n: count() }\nsink NAME to discard\n", 10)
        self.check_place(base, "stream NAME = rows_in |> filter id > 0\nsink NAME to discard\n", 6)

    def test_types(self):
        self.check_place("", "type NAME { id: i64, id_NAME: i64 }\nfn f_NAME(x: NAME) -> i64 = x.id_NAME\n", around=lambda names:
                         "type Holder { " + ", ".join(f"a_{n}: {n}" for n in names) + " }\nsource rows_in: Holder from stdin { format: json }\n"
                         "stream all = rows_in |> extend { " + ", ".join(f"v_{n}: f_{n}(a_{n})" for n in names) + " }\n"
                         "sink all to stdout { format: json }\n")

    def test_enums_functions_params_sinks(self):
        base = "type In { id: i64 }\nsource rows_in: In from stdin { format: json }\n"
        row = lambda form: lambda names: ("stream all = rows_in |> select { " + ", ".join(form.replace("NAME", n) for n in names) + " }\n"
                                          "sink all to stdout { format: json }\n")
        places = {
            "enum": ("enum NAME { a_NAME, NAME }\nfn f_NAME(e: NAME) -> i64 = match e { a_NAME => 1, NAME => 2 }\n",
                     row("e_NAME: if id > 1 then NAME.NAME else NAME.a_NAME, f_NAME: f_NAME(if id > 1 then NAME.NAME else NAME.a_NAME)")),
            "function": ("fn NAME(NAME: i64, b_NAME: i64) -> i64 = NAME + b_NAME\n", row("x_NAME: NAME(id, 2)")),
            "param": ("param NAME: i64 = 3\n", row("x_NAME: NAME + 1")),
            "sink": ("sink rows_in as NAME to discard\n", lambda names: ""),
        }
        for place, (one, around) in places.items():
            with self.subTest(place):
                self.check_place(base, one, around=around)

    def test_sources_tables_aggregates(self):
        base = "type In { id: i64 }\nsource rows_in: In from stdin { format: json }\n"
        places = {
            "source": "source NAME: In from file { path: \"x\", format: json }\nstream s_NAME = NAME |> filter id > 0\nsink s_NAME to discard\n",
            "table": "table NAME: In from file { path: \"x\", format: json, key: id }\n"
                     "stream s_NAME = rows_in |> join NAME as a_NAME on id == a_NAME.id |> select { id, y: a_NAME.id }\nsink s_NAME to discard\n",
            "alias": "table t_NAME: In from file { path: \"x\", format: json }\n"
                     "stream s_NAME = rows_in |> left join t_NAME as NAME on id == NAME.id |> select { id, y: NAME.id }\nsink s_NAME to discard\n",
            "aggregate": "aggregate NAME(x: i64) -> i64 { state { NAME: i64 = 0 } add { NAME: NAME + x } merge o { NAME: NAME + o.NAME } result NAME }\n"
                         "stream s_NAME = rows_in |> window global() |> aggregate { x: NAME(id) }\nsink s_NAME to discard\n",
            "invalid": "source src_NAME: In from file { path: \"x\", format: json, invalid: NAME }\nsink src_NAME to discard\nsink NAME to discard\n",
        }
        for place, one in places.items():
            with self.subTest(place):
                self.check_place(base, one, every=15)

    def test_pipelines(self):
        good = self.usable("pipeline NAME\ntype In { id: i64 }\nsource rows: In from stdin { format: json }\nsink rows to stdout { format: json }\n")
        for name in good[::40]:
            self.program(f"pipeline {name}\ntype In {{ id: i64 }}\nsource rows: In from stdin {{ format: json }}\nsink rows to stdout {{ format: json }}\n", build=False)


if __name__ == "__main__":
    unittest.main()
