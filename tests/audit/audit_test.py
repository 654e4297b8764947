"""gressc audit: what a header plants in hot loops is found, and the examples and acceptance programs are free of it."""
import glob
import json
import os
import shutil
import subprocess
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
GRESSC = os.path.abspath(os.environ.get("GRESSC", "build/bin/gressc"))
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
        self.assertEqual({(f["line"], f["code"]) for f in found}, {(line, what[0]) for line, what in PLANTED.items()})
        for finding in found:
            code, what, function = PLANTED[finding["line"]]
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
        self.assertRegex(ran.stderr, r"planted\.gress:7: error\[indirect\]: a virtual call in a hot loop\n"
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


class Programs(unittest.TestCase):
    """Compiled for this machine as `gressc build` does it."""

    def test_examples_acceptance_programs_topics_and_workers_are_clean(self):
        corpus = os.path.join(ROOT, "tests", "dsl", "syntax", "corpus")
        programs = sorted(glob.glob(os.path.join(ROOT, "examples", "*", "*.gress")))
        programs += [os.path.join(corpus, name + ".gress") for name in ("bursts", "cards", "missed", "network", "quakes", "revised")]
        programs.append(os.path.join(ROOT, "tests", "golden", "cases", "kafka.gress"))
        programs.append(os.path.join(ROOT, "bench", "programs", "workers_many_keys.gress"))
        self.assertGreater(len(programs), 14)
        used, entries = set(), {}
        for program in programs:
            own = os.path.join(os.path.dirname(program), "audit.allow")
            ran = audit("--message-format=json", *(["--allow", own] if os.path.exists(own) else []), program)
            self.assertEqual((ran.returncode, ran.stderr), (0, ""), program)
            [result] = objects(ran.stdout)
            self.assertGreater(result["functions"], 30, program)
            for entry in result["allowances"]:
                place = (entry["file"], entry["line"])
                entries[place] = entry["functions"]
                if entry["used"]:
                    used.add(place)
        self.assertEqual({entries[place] for place in entries.keys() - used}, set(), "allowances that no program needs")


if __name__ == "__main__":
    unittest.main()
