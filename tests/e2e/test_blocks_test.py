"""`gressc test` on programs with test blocks: what passes, what fails and how that reads. GRESSC names the compiler."""
import json
import os
import shutil
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree

from program import GRESSC


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
sink totals to file { path: "never_too.jsonl", format: json }
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

    def test_nearest_row_stands_beside_the_missing_one(self):
        said = self.gressc_test(PROGRAM + FAILING, 1, "--filter", "wrong value")
        self.assertIn('        ! v  8         7\n', said)
        self.assertIn('          k  "a"       "a"\n', said)

    def test_changelog_processing_time_and_far_rows(self):
        program = """
type Row { k: string, at: timestamp, v: i64 = 1 }
source rows: Row from file { path: "no.jsonl", format: json, time: at, max_ahead: 1h, invalid: bad }
source db: Row from file { path: "no.jsonl", format: json, time: at, changes: debezium, key: k, retain: 1h }
stream clocked = rows |> key k |> window tumbling(1m, time: processing) |> aggregate { n: count() }
stream some = db |> filter v > 1
stream known = rows |> key k |> aggregate { n: count() } retain 1h
sink clocked to discard
sink known to discard
sink some to discard
sink bad to discard
test "processing time is what advance says" {
  advance rows to @2024-01-01T00:00:10Z
  feed rows [ { k: "a", at: @2024-01-01T00:00:20Z }, { k: "a", at: @2024-01-01T00:00:30Z } ]
  advance rows to @2024-01-01T00:01:10Z
  feed rows [ { k: "a", at: @2024-01-01T00:02:00Z }, { k: "far", at: @2024-01-01T09:00:00Z } ]
  expect ordered clocked [ { n: 2, window_end: @2024-01-01T00:01:00Z }, { n: 1, window_end: @2024-01-01T00:02:00Z } ]
  expect bad [ { source: "rows" } ]
}
test "rows replace each other" {
  feed db [ { k: "a", at: @2024-01-01T00:00:00Z, v: 2 }, { k: "a", at: @2024-01-01T00:00:01Z, v: 3 }, { k: "b", at: @2024-01-01T00:00:01Z, v: 5 },
            { k: "b", at: @2024-01-01T00:00:01Z }, { _op: "delete", k: "a" }, { _op: "delete", k: "nobody" }, { k: "c", at: @2024-01-01T00:00:00Z, v: 9 } ]
  expect ordered some [ { _op: "upsert", v: 2 }, { _op: "upsert", v: 3 }, { _op: "upsert", k: "b" }, { _op: "delete", k: "b" }, { _op: "delete", k: "a", v: 3 }, { _op: "upsert", k: "c" } ]
  expect some [ { k: "c", v: 9 } ]
}
test "forgotten after retain" {
  feed db [ { k: "a", at: @2024-01-01T00:00:00Z, v: 2 } ]
  advance db to @2024-01-01T01:00:00Z
  feed db [ { k: "b", at: @2024-01-01T01:00:01Z, v: 2 } ]
  expect some [ { k: "b" } ]
}
test "a key that comes back after its delete" {
  feed rows [ { k: "a", at: @2024-01-01T00:00:00Z } ]
  advance rows to @2024-01-01T01:00:00.000001Z
  feed rows [ { k: "a", at: @2024-01-01T01:00:01Z } ]
  expect ordered known [ { _op: "upsert", n: 1 }, { _op: "delete", n: 1 }, { _op: "upsert", n: 1 } ]
}
"""
        self.gressc_test(program, 0)

    def test_cases_of_unions_and_splits(self):
        self.gressc_test("""
type Placed { order: string, total: decimal, at: timestamp }
type Paid { order: string, method: string, at: timestamp }
union OrderEvent by type { placed: Placed as "OrderPlaced", paid: Paid }
source orders: OrderEvent from file { path: "x", format: json, time: at }
source market from nexmark { events: 1000, event_rate: 100, watermark_delay: 4s }
stream n = orders.placed |> window tumbling(1m, late_to: late) |> aggregate { n: count() }
stream late_ids = late |> select { order }
stream dear = market.bid |> filter price > 5 |> select { auction }
split market.auction { low: category == 10, high: true }
stream lows = low |> select { id }
sink n to discard
sink late_ids to discard
sink dear to discard
sink lows to discard
sink high to discard
test "the case that nobody reads moves the watermark" {
  feed orders.placed [{ order: "a", total: 7, at: @2026-01-01T00:00:00Z }]
  feed orders.paid [{ order: "a", method: "card", at: @2026-01-01T01:00:00Z }]
  feed orders.placed [{ order: "b", total: 7, at: @2026-01-01T00:00:10Z }]
  expect n [{ n: 1 }]
  expect late_ids [{ order: "b" }]
}
test "a connector's rows" {
  feed market.bid [{ auction: 1, bidder: 2, price: 7, channel: "x", url: "y", at: @2026-01-01T01:00:00Z, extra: "" },
                   { auction: 2, bidder: 2, price: 3, channel: "x", url: "y", at: @2026-01-01T01:00:00Z, extra: "" }]
  feed market.auction [{ id: 1, item_name: "", description: "", initial_bid: 1, reserve: 2, at: @2026-01-01T01:00:00Z, expires: @2026-01-01T01:00:00Z, seller: 1, category: 10, extra: "" }]
  advance market to @2026-01-01T02:00:00Z
  expect dear [{ auction: 1 }]
  expect lows [{ id: 1 }]
  expect high []
}
""", 0)

    def test_reports(self):
        folder = tempfile.mkdtemp(prefix="gress-e2e-")
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        junit, coverage = os.path.join(folder, "j.xml"), os.path.join(folder, "c.json")
        branches = """
stream sized = rows |> filter v > 0 |> select { size: if v > 9 then "big" else "small", word: match v { 1 => "one", _ => "many" } }
sink sized to discard
test "one" { feed rows [ { k: "a", at: @2024-01-01T00:00:10Z, v: 1 } ]
  expect sized [ { size: "small", word: "one" } ] }
"""
        said = self.gressc_test(PROGRAM + branches, 0, "--coverage", "--junit", junit, "--coverage-json", coverage)
        self.assertRegex(said, r"coverage: \d+ of \d+ places reached \(\d+ %\); no test reaches\n")
        for part in ("sized: `filter` drops a row", "  then\n", "  an arm of `match`\n", "big: `join`", "totals: a late row goes to `behind`"):
            self.assertIn(part, said)
        self.assertNotIn("  else\n", said)
        with open(coverage) as file:
            report = json.load(file)
        self.assertEqual(report["total"], len(report["points"]))
        self.assertEqual(report["reached"], sum(p["reached"] for p in report["points"]))
        self.gressc_test(PROGRAM + FAILING, 1, "--junit", junit)
        suite = xml.etree.ElementTree.parse(junit).getroot().find("testsuite")
        self.assertEqual((suite.get("tests"), suite.get("failures")), ("4", "3"))
        failures = [case.find("failure").text for case in suite if case.find("failure") is not None]
        self.assertIn("stream `big`", failures[0])
        self.gressc_test(PROGRAM + "nonsense", 65, "--junit", junit)
        self.assertEqual(xml.etree.ElementTree.parse(junit).getroot().find("testsuite").get("errors"), "1")

    def test_filter_that_fits_nothing(self):
        self.assertIn("no test has `zzz` in its name", self.gressc_test(PROGRAM + PASSING, 64, "--filter", "zzz"))

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
