"""State beyond memory that is not in tables of keys: windows, sessions, joins and rows that wait, by pages of a file."""
import random
import resource
import sys
import unittest

from bounded import Bounded

NONE_STAY = {"GRESS_PAGES": "all"}


class Pages(Bounded):
    SINKS = ("daily", "hops", "visits", "pairs", "kept", "sorted", "newest")
    STAGES = """
type Row { key: i64, other: i64, value: i64, at: timestamp }
source rows: Row from file { path: "rows.csv", format: csv, time: at, watermark_delay: 2s }
source more: Row from file { path: "rows.csv", format: csv, time: at, watermark_delay: 1s }
stream daily = rows |> key key |> window tumbling(1000s)
  |> aggregate { n: count(), sum: sum(value), last: last(value), name: last("the name of {key} is {other}") }
stream hops = rows |> key key |> window sliding(30s, every: 10s) |> aggregate { n: count(), sum: sum(value) }
stream visits = rows |> key key |> window session(gap: 20s) |> aggregate { n: count(), values: collect(value) }
stream pairs = rows |> join more on key == more.key within 20s |> select { key, a: value, b: more.value }
stream kept = rows |> join more on key == more.key retain forever |> select { key, a: value, b: more.value }
stream sorted = rows |> time at delay 100s |> in_order
stream newest = rows |> key key |> aggregate { n: count(), sum: sum(value) } retain forever
"""

    @classmethod
    def setUpClass(cls):
        cls.set_up(30_000, "parallelism: 1", "checkpoint: every(10s), state_memory: 64MB")

    def test_the_same_and_no_page_stays(self):
        plain, paged = self.folder("plain"), self.folder("paged")
        stay, none = self.peak_of(plain, "cold"), self.peak_of(paged, "cold", env=NONE_STAY)
        print(f"{self.held:.0f} MB in memory, {stay:.0f} MB with state_memory 64MB, {none:.0f} MB where no page stays", file=sys.stderr)
        self.expect_same(plain)
        self.expect_same(paged)
        self.assertLess(none, stay * 3 / 4)

    def test_killed_and_started_again(self):
        folder, r, kills = self.folder("killed"), random.Random(3), 0
        for crash in [f"{r.choice(['state_written', 'manifest_stands', 'taken'])}:{r.randint(1, 2)}" for _ in range(4)] + [None]:
            kills += self.run_one(folder, "cold", "--checkpoint", "100ms", crash=crash, env=NONE_STAY)[0]
        self.assertGreater(kills, 2)
        self.expect_same(folder, ordered=False)

    def test_a_file_that_cannot_grow(self):
        most = 48 << 20
        ran = self.start(self.folder("full"), "cold", env=NONE_STAY, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)))
        self.assertEqual(ran.returncode, 74, ran.stderr)
        self.assertIn("the file for state beyond memory cannot grow to 64 MB: File too large", ran.stderr)


if __name__ == "__main__":
    unittest.main()
