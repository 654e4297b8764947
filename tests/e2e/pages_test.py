"""State beyond memory that is not in tables of keys: windows, sessions, joins and rows that wait, by pages of a file."""
import filecmp
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import unittest

from program import build

KEYS = 30_000
# A process that is small itself: what one has when it starts another counts as the other's.
PEAK = "import os, sys; _, s, used = os.wait4(os.spawnv(os.P_NOWAIT, sys.argv[1], sys.argv[1:]), 0); print(used.ru_maxrss); sys.exit(s != 0)"

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
SINKS = ("daily", "hops", "visits", "pairs", "kept", "sorted", "newest")
STAGES += "".join(f'sink {name} to file {{ path: "{name}.out", format: json }}\n' for name in SINKS)


class Pages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.root = tempfile.TemporaryDirectory(prefix="gress-pages-")
        build("held", "pipeline held\n" + STAGES, cls.root.name)
        build("paged", "pipeline paged { checkpoint: every(10s), state_memory: 64MB }\n" + STAGES, cls.root.name)
        r = random.Random(7)
        with open(os.path.join(cls.root.name, "rows.csv"), "w") as file:
            file.write("key,other,value,at\n")
            for n in range(3 * KEYS):
                key = r.randrange(KEYS) if n % 3 else max(n // 3 - r.randrange(100), 0)
                file.write(f"{key * 7919},{key % 3},{n},{1_700_000_000_000 + n // 2}\n")
        cls.held = cls.peak_of(cls.folder("wanted"), "held")

    @classmethod
    def tearDownClass(cls):
        cls.root.cleanup()

    @classmethod
    def folder(cls, name):
        folder = os.path.join(cls.root.name, name)
        os.mkdir(folder)
        os.symlink("../rows.csv", os.path.join(folder, "rows.csv"))
        return folder

    @classmethod
    def start(cls, folder, program, *args, before=(), **more):
        return subprocess.run([*before, os.path.join(cls.root.name, program), "--quiet", *args], cwd=folder, capture_output=True, text=True, **more)

    @classmethod
    def peak_of(cls, folder, program, **env):
        """MB of memory."""
        ran = cls.start(folder, program, before=[sys.executable, "-c", PEAK], env=dict(os.environ, **env))
        assert ran.returncode == 0, ran.stderr
        return int(ran.stdout) / 1024

    def expect_same(self, folder, ordered=True):
        for name in SINKS:
            a, b = os.path.join(self.root.name, "wanted", name + ".out"), os.path.join(folder, name + ".out")
            if ordered:
                self.assertTrue(filecmp.cmp(a, b, shallow=False), name)
            else:
                with open(a) as x, open(b) as y:
                    self.assertTrue(sorted(x) == sorted(y), name)

    def test_the_same_and_no_page_stays(self):
        folder = self.folder("whole")
        peak = self.peak_of(folder, "paged", GRESS_PAGES="all")
        self.expect_same(folder)
        plain = self.peak_of(self.folder("plain"), "paged")
        print(f"{self.held:.0f} MB in memory, {plain:.0f} MB with state_memory 64MB, {peak:.0f} MB where no page stays", file=sys.stderr)
        self.expect_same(os.path.join(self.root.name, "plain"))
        self.assertLess(peak, 1.5 * self.held)  # with what a checkpoint is made of, it is twice that where pages stay

    def test_killed_and_started_again(self):
        folder, r, kills = self.folder("killed"), random.Random(3), 0
        while True:
            env = dict(os.environ, GRESS_PAGES="all")
            if kills < 4:
                env["GRESS_CRASH_AT"] = f"{r.choice(['state_written', 'manifest_stands', 'taken'])}:{r.randint(1, 2)}"
            ran = self.start(folder, "paged", "--checkpoint", "100ms", env=env)
            if ran.returncode != -signal.SIGKILL:
                break
            kills += 1
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertGreater(kills, 2)
        self.expect_same(folder, ordered=False)

    def test_a_file_that_cannot_grow(self):
        most = 48 << 20
        ran = self.start(self.folder("full"), "paged", env=dict(os.environ, GRESS_PAGES="all"),
                         preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)))
        self.assertEqual(ran.returncode, 74, ran.stderr)
        self.assertIn("the file for state beyond memory cannot grow to 64 MB: File too large", ran.stderr)


if __name__ == "__main__":
    unittest.main()
