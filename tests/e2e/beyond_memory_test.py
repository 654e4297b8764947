"""State larger than `state_memory`: programs give what they give in memory, hold the memory, and come back from a kill.

    beyond_memory_test.py --keys 3000000 --memory 64      # all that is promised, at full size
"""
import argparse
import filecmp
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from program import build

KEYS, MEMORY = 40_000, 16  # MB

# A process that is small itself: what one has when it starts another counts as the other's.
PEAK = "import os, sys; _, s, used = os.wait4(os.spawnv(os.P_NOWAIT, sys.argv[1], sys.argv[1:]), 0); print(used.ru_maxrss); sys.exit(s != 0)"

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
STAGES += "".join(f'sink {name} to file {{ path: "{name}.out", format: json }}\n' for name in SINKS)


def write_rows(path, keys):
    """Each key three times or so: some again soon, most long after."""
    r = random.Random(7)
    with open(path, "w") as file:
        file.write("key,other,value,at\n")
        for n in range(3 * keys):
            key = r.randrange(keys) if n % 3 else max(n // 3 - r.randrange(100), 0)
            file.write(f"{key * 7919},{key % 3},{n},{1_700_000_000_000 + n}\n")


class BeyondMemory(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.root = tempfile.TemporaryDirectory(prefix="gress-beyond-memory-")
        for name, options in (("held", "parallelism: 2"), ("cold", f"parallelism: 2, checkpoint: every(10s), state_memory: {MEMORY}MB")):
            build(name, f"pipeline {name} {{ {options} }}\n" + STAGES, cls.root.name)
        cls.data = os.path.join(cls.root.name, "data")
        os.mkdir(cls.data)
        write_rows(os.path.join(cls.data, "rows.csv"), KEYS)
        cls.wanted = cls.folder("wanted")
        cls.held = cls.peak_of(cls.wanted, "held", "--parallelism", "1")

    @classmethod
    def tearDownClass(cls):
        cls.root.cleanup()

    @classmethod
    def folder(cls, name):
        folder = os.path.join(cls.root.name, name)
        os.mkdir(folder)
        os.symlink(os.path.join(cls.data, "rows.csv"), os.path.join(folder, "rows.csv"))
        return folder

    @classmethod
    def run_one(cls, folder, program, *args, crash=None, before=()):
        env = {k: v for k, v in os.environ.items() if k != "GRESS_CRASH_AT"}
        if crash:
            env["GRESS_CRASH_AT"] = crash
        ran = subprocess.run([*before, os.path.join(cls.root.name, program), *args], cwd=folder, env=env, capture_output=True, text=True)
        assert ran.returncode in ((0, -signal.SIGKILL) if crash else (0,)), (ran.returncode, ran.stderr)
        return ran.stdout

    @classmethod
    def peak_of(cls, folder, program, *args):
        """MB of memory."""
        return int(cls.run_one(folder, program, *args, before=[sys.executable, "-c", PEAK])) / 1024

    def expect_same(self, folder, ordered=True):
        for name in SINKS:
            a, b = os.path.join(self.wanted, name + ".out"), os.path.join(folder, name + ".out")
            if ordered:
                self.assertTrue(filecmp.cmp(a, b, shallow=False), name)
            else:
                with open(a) as x, open(b) as y:
                    self.assertTrue(self.settled(name, x) == self.settled(name, y), name)

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
