"""gressc audit: what a header plants in hot loops is found, and the examples and acceptance programs are free of it."""
import concurrent.futures
import glob
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
GRESSC = os.path.abspath(os.environ.get("GRESSC", "build/bin/gressc"))
CLANG = os.environ.get("CLANG", "clang++-19")
# What is found, by kind, and its code.
CODES = {"indirect": "E0601", "allocation": "E0602", "lock": "E0603", "caught": "E0604", "unseen": "E0605"}
# By line of planted.gress: what is found there, and the function of the header that it stands in.
PLANTED = {
    7: ("indirect", "a virtual call", "planted::called"),
    8: ("indirect", "a call through a pointer", "planted::pointed"),
    9: ("allocation", "a call of `operator new`", "planted::allocated"),
    10: ("lock", "a call of `pthread_mutex_lock`", "planted::locked"),
    11: ("caught", "an exception that is caught", "planted::caught"),
}


def audit(*arguments, cwd=HERE):
    return subprocess.run([GRESSC, "audit", *arguments], cwd=cwd, capture_output=True, text=True)


def objects(text):
    return [json.loads(line) for line in text.splitlines()]


def write(folder, name, text):
    with open(os.path.join(folder, name), "w") as file:
        file.write(text)


class Planted(unittest.TestCase):
    """The program is compiled once: what follows comes from the cache."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="gress-audit-")
        cls.allow = os.path.join(cls.folder, "some.allow")

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def write(self, text):
        with open(self.allow, "w") as file:
            file.write(text)

    def test_each_is_found_at_its_line_with_its_calls(self):
        ran = audit("--message-format=json", "planted.gress")
        self.assertEqual(ran.returncode, 65, ran.stderr)
        found = objects(ran.stderr)
        self.assertEqual({(f["line"], f["name"]) for f in found}, {(line, what[0]) for line, what in PLANTED.items()})
        for finding in found:
            kind, what, function = PLANTED[finding["line"]]
            self.assertEqual(finding["code"], CODES[kind])
            chain = [place["function"] for place in finding["chain"]]
            own = [name for name in chain if not name.startswith(("std::", "__gthread_"))]
            self.assertEqual((finding["file"], finding["message"]), ("planted.gress", what + " in a hot loop"))
            self.assertEqual(own[0], function)
            self.assertIn("gress::program::Pipeline::worked_chain", chain)
            self.assertIn("gress::program::Pipeline::step", chain)
            lines = [place["line"] for place in finding["chain"] if place["file"].endswith("planted.gress")]
            self.assertEqual(lines[:1], [finding["line"]])

    def test_text_says_where_and_how_it_is_reached(self):
        ran = audit("planted.gress")
        self.assertEqual(ran.returncode, 65)
        self.assertRegex(ran.stderr, r"planted\.gress:7: error\[E0601\]: a virtual call in a hot loop\n"
                         r"    \|> extend \{ a: called\(amount\) \}\n  = in `planted::called`, planted\.hpp:\d+\n"
                         r"  = called by `gress::program::Pipeline::worked_chain`, planted\.gress:7\n")
        self.assertIn("places found in the", ran.stdout)
        short = audit("--message-format=short", "planted.gress").stderr.splitlines()
        self.assertEqual(len(short), len(objects(audit("--message-format=json", "planted.gress").stderr)))
        self.assertTrue(all(line.startswith("planted.gress:") for line in short), short)

    def test_what_is_allowed_is_not_found_and_idle_allowances_are(self):
        self.write("indirect planted::called\n  The one virtual call.\nallocation,lock planted::*\n  For the test.\n"
                   "any planted::pointed planted::caught\n  Not looked into.\nlock planted::gone\n  Nothing.\n")
        ran = audit("--message-format=json", "--allow", self.allow, "planted.gress")
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertEqual([(w["severity"], w["file"], w["line"]) for w in objects(ran.stderr)], [("warning", self.allow, 7)])
        # An allowance speaks of its kind and of its function, not of what is inlined into it.
        self.write("lock planted::called\n  Another kind.\nindirect *::worked_chain\n  What it is inlined into.\n")
        ran = audit("--message-format=json", "--allow", self.allow, "planted.gress")
        self.assertIn(7, [f["line"] for f in objects(ran.stderr) if f["severity"] == "error"])

    def test_mistakes_in_allowances(self):
        for text, said in (("locks f\n  why\n", ":1: unknown kind `locks`"), ("lock f\n", ":1: the entry has no reason"),
                           ("lock\n  why\n", ":1: the entry names no function"), ("  why\n", ":1: a reason without an entry")):
            self.write(text)
            ran = audit("--allow", self.allow, "planted.gress")
            self.assertEqual(ran.returncode, 64, ran.stderr)
            self.assertIn(self.allow + said, ran.stderr)


class Ends(unittest.TestCase):
    def test_what_a_source_or_sink_of_a_header_does_is_found_at_its_line(self):
        folder = os.path.join(ROOT, "examples", "meters")
        with open(os.path.join(folder, "billing.gress")) as file:
            lines = {line.split(" ")[0]: number for number, line in enumerate(file, 1) if line.startswith(("source ", "sink "))}
        ran = audit("--message-format=json", "billing.gress", cwd=folder)
        self.assertEqual(ran.returncode, 65, ran.stderr)
        ends = {"meters::Readings::": lines["source"], "meters::Invoices::": lines["sink"]}
        seen = set()
        for finding in (f for f in objects(ran.stderr) if f["severity"] == "error"):
            for name, line in ends.items():
                if any(place["function"].startswith(name) for place in finding["chain"]):
                    seen.add(name)
                    self.assertEqual((finding["file"], finding["line"]), ("billing.gress", line), finding)
        self.assertEqual(seen, set(ends))


class Explained(unittest.TestCase):
    """The first example of a page of docs/errors gives what the page is about, the second nothing."""

    def test_pages(self):
        pages = os.path.join(ROOT, "docs", "errors")
        with open(os.path.join(pages, "README.md")) as file:
            prelude = re.search(r"```gress\n(.*?)```", file.read(), re.S).group(1)
        for code in sorted(CODES.values()):
            with self.subTest(code=code), tempfile.TemporaryDirectory(prefix="gress-audit-") as folder:
                with open(os.path.join(pages, code + ".md")) as file:
                    page = file.read()
                for name, text in re.findall(r"```cpp (\S+)\n(.*?)```", page, re.S):
                    write(folder, name, text)
                programs = re.findall(r"```gress\n(.*?)```", page, re.S)
                self.assertEqual(len(programs), 2)
                for program, expected in zip(programs, ({code}, set())):
                    write(folder, "page.gress", program + prelude)
                    ran = audit("--message-format=json", "page.gress", cwd=folder)
                    self.assertEqual({f["code"] for f in objects(ran.stderr)}, expected, ran.stderr)


# In place of a program: `step` is what hot loops are found by.
STEP = """
namespace gress::program {
struct Pipeline { int step(); };
int Pipeline::step() { return %s; }
}
"""


class Reader(unittest.TestCase):
    """gress-audit itself, of small pieces: what it reads of machine code and of what was inlined."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="gress-audit-")
        self.addCleanup(shutil.rmtree, self.folder)

    def call(self, *command):
        subprocess.run(command, cwd=self.folder, check=True)

    def read(self, program, step, library="", allow=""):
        """The kinds of what is found, and the functions that it stands in."""
        write(self.folder, "program.cpp", program + STEP % step)
        write(self.folder, "library.cpp", library)
        write(self.folder, "some.allow", allow)
        options = ("-std=c++20", "-O2", "-fPIC", "-c")
        self.call(CLANG, *options, "-gline-tables-only", "-fdebug-info-for-profiling", "-emit-llvm", "program.cpp", "-o", "program.bc")
        self.call(CLANG, *options, "library.cpp", "-o", "library.o")
        self.call("ar", "rcs", "library.a", "library.o")
        self.call(os.path.join(os.path.dirname(GRESSC), "gress-audit"), "answer", "--allow", "some.allow", "--library", "library.a",
                  "--program", "program.bc")
        with open(os.path.join(self.folder, "answer")) as file:
            answer = json.load(file)
        self.assertNotIn("error", answer)
        own = lambda chain: [place["function"] for place in chain if not place["function"].startswith("std::")]
        return sorted((f["kind"], own(f["chain"])[-1]) for f in answer["findings"])

    def test_a_tail_call_beside_a_switch_is_no_switch(self):
        switch = "switch (x) { case 0: return a(1); case 1: return b(2); case 2: return a(3); case 3: return b(4); case 4: return a(5); case 5: return b(7) + a(2); }"
        library = f"""
            struct Shape {{ virtual int area(int) const; int (*own)(int); }};
            [[gnu::noinline]] int a(int x) {{ return x * 3; }}
            [[gnu::noinline]] int b(int x) {{ return x * 5; }}
            int plain(const Shape*, int x) {{ {switch} return 0; }}
            int virtually(const Shape* s, int x) {{ {switch} return s->area(x); }}
            int by_member(const Shape* s, int x) {{ {switch} return s->own(x); }}
            int by_pointer(const Shape* s, int x) {{ {switch} int (*f)(int) = s->own; a(x); return x > 9 ? a(x) : f(x); }}
            """
        program = "struct Shape; Shape* shape; int n;" + "".join(f"int {f}(const Shape*, int);" for f in ("plain", "virtually", "by_member", "by_pointer"))
        self.assertEqual(self.read(program, "plain(shape, n)", library), [])
        for name in ("virtually", "by_member", "by_pointer"):
            self.assertEqual(self.read(program, f"{name}(shape, n)", library), [("indirect", name)])

    def test_code_that_cannot_be_read_is_not_clean(self):
        library = """
            asm(".globl broken\\n.type broken,@function\\nbroken: nop\\n.byte 0x06\\nret\\n.size broken, . - broken\\n");
            asm(".globl nameless\\n.type nameless,@function\\nnameless: ret\\n");
            """
        for name in ("broken", "nameless"):
            self.assertEqual(self.read(f'extern "C" int {name}();', name + "()", library), [("unseen", "gress::program::Pipeline::step")])
        self.assertEqual(self.read("int n;", '([] { int x = n; asm volatile("" : "+r"(x)); return x; })()'), [])
        found = self.read("int n;", '([] { int x = n; asm volatile("nop" : "+r"(x)); return x; })()')
        self.assertEqual([kind for kind, _ in found], ["unseen"])

    def test_an_allowance_hides_nothing_of_its_neighbour(self):
        """Two functions, inlined into one, that ask the standard library for the same."""
        program = """
            extern "C" void* malloc(unsigned long);
            void* kept;
            namespace std { [[gnu::noinline]] inline int grown(int x) { return (kept = malloc(static_cast<unsigned long>(x))) != nullptr; } }
            inline int first(int x) { return std::grown(x); }
            inline int second(int x) { return std::grown(x + 1); }
            int n;
            """
        for allowed, found in (("first", "second"), ("second", "first")):
            self.assertEqual(self.read(program, "first(n) + second(n)", allow=f"allocation {allowed}\n  Why.\n"), [("allocation", found)])


class Programs(unittest.TestCase):
    """Compiled for this machine as `gressc build` does it."""

    def run_on(self, program):
        own = os.path.join(os.path.dirname(program), "audit.allow")
        return audit("--message-format=json", *(["--allow", own] if os.path.exists(own) else []), program)

    def test_examples_acceptance_programs_topics_and_workers_are_clean(self):
        corpus = os.path.join(ROOT, "tests", "dsl", "syntax", "corpus")
        programs = sorted(glob.glob(os.path.join(ROOT, "examples", "*", "*.gress")))
        programs += sorted(glob.glob(os.path.join(corpus, "programs", "*.gress")) + glob.glob(os.path.join(ROOT, "bench", "nexmark", "*.gress")))
        programs += [os.path.join(corpus, name + ".gress") for name in ("bursts", "cards", "missed", "network", "quakes", "revised")]
        programs += [os.path.join(ROOT, "tests", "golden", "cases", name + ".gress") for name in ("beyond_memory", "kafka")]
        programs.append(os.path.join(ROOT, "bench", "programs", "workers_many_keys.gress"))
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            ended = list(pool.map(self.run_on, programs))
        used, entries, audited = set(), {}, 0
        for program, ran in zip(programs, ended):
            found = objects(ran.stderr)
            if any(f["severity"] == "error" and (f["code"] or "").startswith("E093") for f in found):
                continue  # it needs what is not built yet
            audited += 1
            self.assertEqual((ran.returncode, [f for f in found if f["severity"] == "error" or f["code"] == "W0601"]), (0, []), program)
            [result] = objects(ran.stdout)
            self.assertGreater(result["functions"], 5, program)
            for entry in result["allowances"]:
                place = (entry["file"], entry["line"])
                entries[place] = entry["functions"]
                if entry["used"]:
                    used.add(place)
        self.assertGreater(audited, 40)
        self.assertEqual({entries[place] for place in entries.keys() - used}, set(), "allowances that no program needs")


if __name__ == "__main__":
    unittest.main()
