"""State larger than `state_memory`: programs give what they give in memory, hold the memory, and come back from a kill.

    beyond_memory_test.py --keys 3000000 --memory 64      # all that is promised, at full size
"""
import argparse
import json
import os
import subprocess
import sys
import time
import unittest

from bounded import Bounded

KEYS, MEMORY = 40_000, 16  # MB

STAGES = """
type Row { key: i64, other: i64, value: i64, at: timestamp }
source rows: Row from file { path: "rows.csv", format: csv, time: at }
stream sums = rows |> key key |> aggregate { n: count(), sum: sum(value), last: last(value), most: max(value) } retain forever
stream names = rows |> extend { name: "the name of number {key}" } |> key name |> aggregate { n: count(), values: collect(value) } retain forever
stream newest = rows |> key key, other |> latest retain forever |> changes
stream runs = rows |> key key |> scan { sum: i64 = 0, text: string = "", long: string = "" } update { sum: sum + value, text: "{sum} and {value}", long: "{value} LONG" }
  emit { key, sum, text } retain forever
stream seen = rows |> distinct key within 40s
stream silent = rows |> key key |> aggregate { n: count(), sum: sum(value) } retain 20s
stream ending = rows |> key key |> scan { n: i64 = 0 } update { n: n + 1 } emit { key, n } retain 30s then emit { key, n: -n }
stream groups = sums |> key group: key % 30011 |> aggregate { keys: count(), most: max(sum) } retain forever
stream best = rows |> key key |> top 2 by value desc as rank retain 50s
stream lately = rows |> key key |> extend { lately: count(over: 10s), two: sum(value, before: 2) } retain 60s
source last: Row from file { path: "rows.csv", format: csv, time: at, changes: upsert, key: key, retain: 25s }
"""
STAGES = STAGES.replace("LONG", "x" * 600)
SINKS = ("sums", "names", "newest", "runs", "seen", "silent", "ending", "groups", "best", "lately", "last")


class BeyondMemory(Bounded):
    STAGES, SINKS = STAGES, SINKS

    @classmethod
    def setUpClass(cls):
        cls.set_up(KEYS, "parallelism: 1", f"parallelism: 2, checkpoint: every(10s), state_memory: {MEMORY}MB")

    @staticmethod
    def settled(name, lines):
        """What is the same with several workers: all rows, of groups of what several of them give the last."""
        return {json.loads(line)["group"]: line for line in lines} if name == "groups" else sorted(lines)

    def test_the_same_within_the_memory(self):
        folder = self.folder("whole")
        peak = self.peak_of(folder, "cold", "--parallelism", "1")
        print(f"{KEYS} keys in each of 11 tables: {self.held:.0f} MB in memory, {peak:.0f} MB with state_memory {MEMORY} MB", file=sys.stderr)
        self.expect_same(folder)
        self.assertLess(peak, 1.25 * MEMORY + 64)
        self.assertLess(peak, self.held - MEMORY)  # which holds it all

    def test_killed_and_another_number_of_workers(self):
        folder = self.folder("killed")
        for turn, point in enumerate(("state_written", "state_linked", "manifest_stands", "taken")):
            self.run_one(folder, "cold", "--checkpoint", "50ms", "--parallelism", str(1 + turn % 3), crash=f"{point}:2")
            if turn == 0:
                self.assertLess(*(os.path.getsize(os.path.join(f, "sums.out")) for f in (folder, self.wanted)), "it was killed on the way")
        process = subprocess.Popen([os.path.join(self.root.name, "cold"), "--checkpoint", "50ms"], cwd=folder, stderr=subprocess.DEVNULL)
        time.sleep(0.6)
        process.kill()
        process.wait()
        self.run_one(folder, "cold", "--parallelism", "1")
        self.expect_same(folder, ordered=False)

    def test_links_no_store(self):
        """Neither checkpoints nor a bound: no RocksDB."""
        linked = {name: subprocess.run(["ldd", name], cwd=self.root.name, capture_output=True, text=True, check=True).stdout for name in ("held", "cold")}
        self.assertNotIn("rocksdb", linked["held"])
        self.assertIn("rocksdb", linked["cold"])


if __name__ == "__main__":
    if "--keys" in sys.argv:
        a = argparse.ArgumentParser()
        a.add_argument("--keys", type=int)
        a.add_argument("--memory", type=int, default=MEMORY)
        given, rest = a.parse_known_args()
        KEYS, MEMORY = given.keys, given.memory
        sys.argv[1:] = rest
    unittest.main()
