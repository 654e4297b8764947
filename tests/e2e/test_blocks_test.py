"""`gressc test` on programs with test blocks: what passes, what fails and how that reads. GRESSC names the compiler."""
import os
import shutil
import subprocess
import tempfile
import unittest

GRESSC = os.path.abspath(os.environ.get("GRESSC", "build/bin/gressc"))

PROGRAM = """\
pipeline blocks
param least: i64 = 1
type Place { name: string, country: string }
type Row { k: string, at: timestamp, v: i64 = 0, note: string? }
source rows: Row from file { path: "none.jsonl", format: json, time: at, invalid: bad }
table places: Place from file { path: "none.csv", format: csv, key: name }
stream big = rows |> filter v >= least |> left join places as p on k == p.name |> select { k, v, country: p.country ?? "?" }
stream totals = rows |> key k |> window tumbling(1m, late: 1m, late_to: behind) |> aggregate { n: count(), s: sum(v) }
stream inverse = rows |> select { k, x: 12 / v }
stream stamped = rows |> select { k, now: now() }
sink big to file { path: "never.jsonl", format: json }
sink totals to file { path: "never.jsonl", format: json }
sink inverse to discard
sink behind to discard
sink bad to discard
sink stamped to discard
"""
PASSING = """
test "param and table" {
  param least = 3
  feed places [ { name: "ulm", country: "de" } ]
  feed rows [ { k: "ulm", at: @2024-01-01T00:00:00Z, v: 3 }, { k: "bonn", at: @2024-01-01T00:00:00Z, v: 4 }, { k: "x", at: @2024-01-01T00:00:00Z, v: 2 } ]
  expect ordered big [ { k: "ulm", v: 3, country: "de" }, { k: "bonn", country: "?" } ]
}
test "final rows and changelog" {
  feed rows [ { k: "a", at: @2024-01-01T00:00:10Z, v: 1 }, { k: "b", at: @2024-01-01T00:00:20Z } ]
  advance rows to @2024-01-01T00:01:00Z
  feed rows [ { k: "a", at: @2024-01-01T00:00:30Z, v: 4 } ]
  advance rows to @2024-01-01T00:02:00Z
  feed rows [ { k: "a", at: @2024-01-01T00:00:40Z, v: 9 } ]
  expect totals [ { k: "b", n: 1, s: 0 }, { k: "a", n: 2, s: 5 } ]
  expect behind [ { k: "a", v: 9 } ]
}
test "changelog" {
  feed rows [ { k: "a", at: @2024-01-01T00:00:10Z, v: 1 } ]
  advance rows to @2024-01-01T00:01:00Z
  feed rows [ { k: "a", at: @2024-01-01T00:00:30Z, v: 4 } ]
  expect ordered totals [ { _op: "upsert", k: "a", s: 1 }, { _op: "upsert", k: "a", s: 5 } ]
}
test "invalid rows and nothing" {
  feed rows [ { k: "a", at: @2024-01-01T00:00:10Z, v: 0 } ]
  expect inverse []
  expect bad [ { source: "rows", error: "division by zero" } ]
}
test "now is the last advance" {
  advance rows to @2024-01-01T00:05:00Z
  feed rows [ { k: "a", at: @2024-01-01T00:06:00Z } ]
  expect stamped [ { k: "a", now: @2024-01-01T00:05:00Z } ]
}
test "nothing comes of nothing" { expect totals [] }
"""
FAILING = """
test "wrong value \\"quoted\\"" {
  feed rows [ { k: "a", at: @2024-01-01T00:00:10Z, v: 7 } ]
  expect big [ { k: "a", v: 8 } ]
}
test "wrong order" {
  feed rows [ { k: "a", at: @2024-01-01T00:00:10Z, v: 1 }, { k: "b", at: @2024-01-01T00:00:10Z, v: 2 } ]
  expect big [ { k: "b" }, { k: "a" } ]
  expect ordered big [ { k: "b" }, { k: "a" } ]
}
test "too few" {
  feed rows [ { k: "a", at: @2024-01-01T00:00:10Z, v: 1 } ]
  expect big [ { k: "a" }, { k: "a" } ]
}
test "holds" { expect big [] }
"""


class TestBlocks(unittest.TestCase):
    def gressc_test(self, text, code, *args):
        folder = tempfile.mkdtemp(prefix="gress-e2e-")
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        with open(os.path.join(folder, "blocks.gress"), "w") as file:
            file.write(text)
        ran = subprocess.run([GRESSC, "test", "blocks.gress", *args], cwd=folder, capture_output=True, text=True, timeout=300)
        self.assertEqual(ran.returncode, code, ran.stdout + ran.stderr)
        self.assertEqual(sorted(os.listdir(folder)), ["blocks.gress"], "tests write no files")
        return ran.stdout + ran.stderr

    def test_passing(self):
        said = self.gressc_test(PROGRAM + PASSING, 0)
        for name in ("param and table", "final rows and changelog", "changelog", "invalid rows and nothing", "now is the last advance"):
            self.assertIn(name, said)

    def test_failing_shows_what_came(self):
        said = self.gressc_test(PROGRAM + FAILING, 1)
        for part in ('wrong value "quoted"', "wrong order", "too few", "holds", "blocks.gress:", "big", "8", "7"):
            self.assertIn(part, said)

    def test_no_tests(self):
        said = self.gressc_test(PROGRAM, 0)
        self.assertIn("no tests", said)

    def test_mistakes_are_found_while_compiling(self):
        for block, part in [('test "t" { feed nothing [] }', "nothing"), ('test "t" { expect big [ { nope: 1 } ] }', "nope"),
                            ('test "t" { feed rows [ { k: 1, at: @2024-01-01T00:00:00Z } ] }', "string"),
                            ('test "t" { feed rows [ { k: "a" } ] }', "at"), ('test "t" { param nope = 1 }', "nope"),
                            ('test "t" { feed big [] }', "big")]:
            self.assertIn(part, self.gressc_test(PROGRAM + block, 65))


if __name__ == "__main__":
    unittest.main()
