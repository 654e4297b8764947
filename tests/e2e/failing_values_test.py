"""What fails for a row fails that row alone, wherever it is computed, and what fails for every row is refused at start."""
import json
import os
import subprocess
import tempfile
import unittest

from program import build

ROWS = "type Row { at: timestamp, k: string, n: i64 }\n"
CLAMPED = """pipeline clamped { errors: wrong }
""" + ROWS + """source rows: Row from stdin { format: csv, time: at, invalid: bad }
stream a = rows |> filter clamp(n, 3, 1) > 0 |> select { k }
stream b = rows |> key k |> window tumbling(1h) |> aggregate { sum: sum(clamp(n, 3, n)) }
stream c = rows |> select { n }
sink a to file { path: "a", format: json }
sink b to file { path: "b", format: json }
sink c to file { path: "c", format: json }
sink bad to file { path: "bad", format: json }
sink wrong to file { path: "wrong", format: json }
"""
MERGED = """pipeline merged { errors: wrong }
""" + ROWS + """aggregate added(v: i64) -> i64 { state { s: i64 = 0 } add { s: s + v } merge o { s: s + o.s } result s }
source rows: Row from stdin { format: csv, time: at, watermark_delay: 12h }
stream a = rows |> window sliding(2h, every: 1h) |> aggregate { sum: added(n) }
stream b = rows |> key k |> window session(gap: 1h) |> aggregate { sum: added(n) }
sink a to file { path: "a", format: json }
sink b to file { path: "b", format: json }
sink wrong to file { path: "wrong", format: json }
"""
GIVEN = """param q: f64 = 0.5
param pattern: string = "a"
param group: i64 = 0
""" + ROWS + """source rows: Row from stdin { format: csv, time: at }
stream a = rows |> key k |> window tumbling(1h) |> aggregate { at_q: quantile(n, q) }
stream b = rows |> select { found: regex_extract(k, pattern, group) }
sink a to discard
sink b to discard
"""
MOST = 2**63 - 1


class FailingValues(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="gress-e2e-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def run_it(self, program, rows, *args):
        text = "at,k,n\n" + "".join(f"2026-01-01T{at}:00Z,{k},{n}\n" for at, k, n in rows)
        return subprocess.run([program, "-q", *args], input=text, cwd=self.folder, capture_output=True, text=True, timeout=60)

    def rows(self, name):
        with open(os.path.join(self.folder, name)) as file:
            return [json.loads(line) for line in file]

    def test_limits_that_are_crossed(self):
        ran = self.run_it(build("clamped", CLAMPED, self.folder), [("00:00", "a", 1), ("00:01", "b", 5), ("00:02", "a", 2)])
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertEqual(self.rows("a"), [])
        self.assertEqual([(r["k"], r["sum"]) for r in self.rows("b")], [("b", 5)])
        self.assertEqual([r["n"] for r in self.rows("c")], [1, 5, 2])
        self.assertEqual(len(self.rows("bad")), 3)
        self.assertEqual([json.loads(r["text"])["n"] for r in self.rows("wrong")], [1, 2])

    def test_states_that_do_not_merge(self):
        """The windows, and the sessions that become one, are rows that fail; those after them are as ever."""
        rows = [("00:00", "a", MOST), ("01:05", "b", 2), ("01:50", "a", 1), ("00:55", "a", 0), ("05:05", "b", 3)]
        ran = self.run_it(build("merged", MERGED, self.folder), rows)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertEqual([r["sum"] for r in self.rows("a")], [MOST, 3, 3, 3])
        self.assertEqual([(r["k"], r["sum"]) for r in self.rows("b")], [("b", 2), ("b", 3)])
        wrong = self.rows("wrong")
        self.assertEqual(len(wrong), 2)
        for r in wrong:
            self.assertIn("integer overflow in 9223372036854775807 +", r["error"])

    def test_params_that_no_row_can_take(self):
        program = build("given", GIVEN, self.folder)
        self.assertEqual(self.run_it(program, []).returncode, 0)
        for param, why in (("q=2", "must not be above 1"), ("q=-0.5", "must not be below 0"), ("pattern=(", "no regular expression"), ("group=7", "no group 7")):
            ran = self.run_it(program, [], "--param", param)
            self.assertEqual(ran.returncode, 64, ran.stderr)
            self.assertIn(why, ran.stderr)

    def test_constants_of_zones(self):
        """They are not asked for before there are zones."""
        text = ROWS + """source rows: Row from stdin { format: csv }
stream a = rows |> filter string(hour(@2026-01-01T00:30:00Z, "Europe/Berlin")) == "1" |> select { n }
sink a to stdout { format: json }
"""
        ran = self.run_it(build("zones", text, self.folder), [("00:00", "a", 1)])
        self.assertEqual((ran.returncode, ran.stdout), (0, '{"n":1}\n'), ran.stderr)

    def test_constants_that_fail(self):
        for constant in ('timestamp("abc")', 'i64("zz")', 'duration("zz")', 'uuid("x")', "i64(1e30)"):
            text = ROWS + f"source rows: Row from stdin {{ format: csv }}\nstream a = rows |> select {{ x: {constant} }}\nsink a to discard\n"
            ran = self.run_it(build("constant", text, self.folder), [("00:00", "a", 1)])
            self.assertEqual(ran.returncode, 64, ran.stderr)
            self.assertIn(f"this fails for every row (constant.gress:3, `{constant}`)", ran.stderr)


if __name__ == "__main__":
    unittest.main()
