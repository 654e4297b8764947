"""Programs that save their state, stopped and gone on with other files beside those they had, with keys that other workers
own now, and stopped again while they look for where they were."""
import collections
import gzip
import json
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

from program import build

PROGRAM = """
pipeline moves { parallelism: 2, checkpoint: every(10s) }
type Row { id: i64, k: string, j: i64?, at: timestamp }
type Other { j: i64?, k: string, at: timestamp }
type Packed { id: i64, at: timestamp }
source rows: Row from file { path: "in/*", format: json, time: at, watermark_delay: 5s, rate: 4000/s }
source others: Other from file { path: "others.jsonl", format: json, time: at, watermark_delay: 5s, rate: 40/s }
source packed: Packed from file { path: "packed.jsonl.gz", format: json, time: at, rate: 20000/s }

stream all_rows = rows |> window global() |> aggregate { n: count(), ids: sum(id) }
// Keys of early rows only, and such that are always there: a worker may own none of the latter.
stream growing = rows |> key k |> window cumulative(10m, every: 2m) |> aggregate { n: count() }
// Rows without a key: of each worker only how many there are is kept.
stream lone = rows |> full join others as o on k == o.k and j == o.j window tumbling(1h) |> window tumbling(1h) |> aggregate { n: count() }
stream timed = rows |> time at delay 5s |> key k |> window tumbling(1m, late_to: behind) |> aggregate { n: count() }
stream late_ones = behind |> select { id }
stream unpacked = packed |> window global() |> aggregate { n: count(), ids: sum(id) }
""" + "".join(f'sink {name} to file {{ path: "{name}.out", format: json }}\n' for name in ("all_rows", "growing", "lone", "timed", "late_ones", "unpacked"))
BEGIN = 1767225600000


class Moves(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.root = tempfile.TemporaryDirectory(prefix="gress-moves-")
        cls.program = build("moves", PROGRAM, cls.root.name)

    @classmethod
    def tearDownClass(cls):
        cls.root.cleanup()

    def folder(self, name, packed=1):
        """Three thousand rows of twenty minutes in two files, and some of the other side."""
        folder = os.path.join(self.root.name, name)
        os.makedirs(os.path.join(folder, "in"))
        r = random.Random(3)
        files = {f: open(os.path.join(folder, "in", f), "w") for f in "ab"}
        for i in range(3000):
            at = BEGIN + i * 400
            k = "always" if r.random() < 0.5 or i > 1400 else f"early {r.randrange(12)}"
            files[r.choice("ab")].write(json.dumps({"id": i, "k": k, "j": r.choice([None, 1, 2]), "at": at}) + "\n")
        for file in files.values():
            file.close()
        with open(os.path.join(folder, "others.jsonl"), "w") as file:
            file.writelines(json.dumps({"j": r.choice([None, 1, 7]), "k": "always", "at": BEGIN + i * 400}) + "\n" for i in range(0, 3000, 100))
        with gzip.open(os.path.join(folder, "packed.jsonl.gz"), "wt", compresslevel=1) as file:
            for i in range(packed):
                file.write(json.dumps({"id": i, "pad": " " * 10000, "at": BEGIN}) + "\n")
        return folder

    def run_to_end(self, folder, *args):
        ran = subprocess.run([self.program, "-q", *args], cwd=folder, capture_output=True, text=True, timeout=120)
        self.assertEqual(ran.returncode, 0, ran.stderr)

    def stopped(self, folder, after, *args):
        """SIGTERM so many seconds after the program has begun to listen for it; it saves its state and ends."""
        process = subprocess.Popen([self.program, "-q", *args], cwd=folder, stderr=subprocess.PIPE, text=True)
        while process.poll() is None and not self.hears(process.pid):
            time.sleep(0.002)
        time.sleep(after)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0, said)

    @staticmethod
    def hears(pid):
        """Whether it catches SIGTERM."""
        with open(f"/proc/{pid}/status") as file:
            caught = next(int(line.split()[1], 16) for line in file if line.startswith("SigCgt"))
        return caught >> signal.SIGTERM - 1 & 1

    @staticmethod
    def outputs(folder):
        out = {}
        for name in sorted(os.listdir(folder)):
            if name.endswith(".out"):
                with open(os.path.join(folder, name)) as file:
                    out[name] = collections.Counter(file.read().split("\n"))
        return out

    def test_other_workers_own_the_keys(self):
        whole = self.folder("whole")
        begin = time.monotonic()
        self.run_to_end(whole)
        self.assertGreater(time.monotonic() - begin, 0.6)  # 3000 rows at 4000 a second, which is the rate of both workers
        wanted = self.outputs(whole)
        for workers in [(2, 3), (2, 1), (3, 2), (2, 2, 3)]:
            folder = self.folder("moved_" + "_".join(map(str, workers)))
            for n in workers[:-1]:
                self.stopped(folder, 0.55, "--parallelism", str(n))
            self.run_to_end(folder, "--parallelism", str(workers[-1]))
            for name, lines in self.outputs(folder).items():
                self.assertEqual(lines, wanted[name], f"{name} at {workers} workers")
            shutil.rmtree(folder)

    def test_a_file_that_comes_first(self):
        """With as many workers as before, but each file has another number now."""
        folder = self.folder("added")
        self.stopped(folder, 0.3, "--parallelism", "2")
        with open(os.path.join(folder, "in", "Anew"), "w") as file:
            file.writelines(json.dumps({"id": 10000 + i, "k": "new", "j": 1, "at": BEGIN + 1199000}) + "\n" for i in range(500))
        self.run_to_end(folder, "--parallelism", "2")
        with open(os.path.join(folder, "all_rows.out")) as file:
            self.assertEqual([(row["n"], row["ids"]) for row in map(json.loads, file)], [(3500, sum(range(3000)) + sum(range(10000, 10500)))])
        self.assertEqual(self.outputs(folder)["late_ones.out"], collections.Counter([""]))

    def test_stopped_on_the_way_to_where_it_was(self):
        rows = 20000  # 200 MB, to be skipped through
        folder = self.folder("packed", rows)
        self.stopped(folder, 0.8, "--parallelism", "1")
        for _ in range(2):
            self.stopped(folder, 0.04, "--parallelism", "1")
        self.run_to_end(folder)
        with open(os.path.join(folder, "unpacked.out")) as file:
            self.assertEqual([(row["n"], row["ids"]) for row in map(json.loads, file)], [(rows, sum(range(rows)))])


if __name__ == "__main__":
    unittest.main()
