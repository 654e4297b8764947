"""Programs of several workers that save their state: killed, stopped and started again with another number of workers."""
import glob
import json
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

import workers_test
from checkpoint_case import POINTS, CheckpointCase, outputs
from program import build
from workers_test import stamp

MORE = """
stream totals = rides |> key area |> window sliding(5m, every: 1m) |> aggregate { n: count(), fares: sum(fare) }
stream growing = rides |> key area |> window cumulative(10m, every: 2m) |> aggregate { n: count(), fares: sum(fare), kinds: count_distinct(area) }
stream chained = per_area |> key area |> window tumbling(3m) |> aggregate { n: sum(n), most: max(fares) }
stream finer = rides |> key area, fare |> window tumbling(1m) |> aggregate { n: count() } |> key fare, area |> window tumbling(2m) |> aggregate { n: sum(n) }
stream revised = rides |> key area |> window tumbling(2m, late: 1m) |> aggregate { n: count() } |> latest retain 1h
stream unpaid = rides |> left join pays as p on id == p.ride within 0s..2m |> select { id, paid: p.amount }
stream riders = rides |> left join pays as p on rider == p.ride within 0s..1m |> key rider |> window tumbling(5m) |> aggregate { n: count() }
stream held = rides |> join pays as p on id == p.ride retain 5m |> select { id, area, paid: p.amount }
stream ordered = rides |> in_order |> select { id, at }
sink totals to file { path: "totals.out", format: json }
sink growing to file { path: "growing.out", format: json }
sink chained to file { path: "chained.out", format: json }
sink finer to file { path: "finer.out", format: json }
sink unpaid to file { path: "unpaid.out", format: json }
sink riders to file { path: "riders.out", format: json }
sink held to file { path: "held.out", format: json }
sink ordered to file { path: "ordered.out.gz", format: json }
"""
PROGRAM = workers_test.PROGRAM.replace("{ parallelism: 4,", "{ parallelism: 2, checkpoint: every(10s),") + MORE
# One file: pieces of a few rows, and only what pieces may be read for.
IN_PIECES = """
pipeline many { parallelism: 2, checkpoint: every(10s) }
type Ride { id: i64, area: string, rider: i64?, fare: i64, tags: list<string>, at: timestamp }
source rides: Ride from file { path: "rides0.jsonl", format: json, time: at, watermark_delay: 20s, invalid: broken }
type Pay { id: i64, note: string, ride: i64, amount: i64, at: timestamp }
source pays: Pay from file { path: "pays0.csv", format: csv, time: at, watermark_delay: 5s }
stream paid = pays |> key note |> window tumbling(1m) |> aggregate { n: count(), amount: sum(amount), last: last(id) }
stream per_area = rides |> key area |> window tumbling(1m, late_to: very_late) |> aggregate { n: count(), fares: sum(fare), last: last(id) }
stream visits = rides |> key rider, area |> window session(gap: 30s) |> aggregate { n: count(), fare: sum(fare) }
stream once = rides |> distinct area, fare within 10m |> select { area, fare }
stream ordered = rides |> in_order |> select { id, at }
stream broken_ones = broken |> window global() |> aggregate { n: count() }
stream late_ones = very_late |> drop tags
""" + "".join(f'sink {name} to file {{ path: "{name}.out", format: json }}\n' for name in ("per_area", "paid", "visits", "once", "ordered", "broken_ones", "late_ones"))


class Case(CheckpointCase):
    NAME = "many"

    @classmethod
    def start(cls, folder, workers=1, *args, crash=None):
        return super().start(folder, "--parallelism", str(workers), *args, crash=crash)

    def test_killed_again_and_again(self):
        """A pause and a checkpoint after each step of the first worker; each run has another number of workers."""
        kills = 0
        for number, point in enumerate(POINTS):
            folder = self.fresh(f"killed_{point}")
            r, were = random.Random(number), []
            for turn in range(4):
                were.append(r.choice([n for n in (1, 2, 3, 7) if not were or n != were[-1]]))
                crash = f"{point}:{r.randint(1, 6)}" if turn == 0 else f"{r.choice(POINTS)}:{r.randint(1, 6)}"
                kills += self.killed(folder, were[-1], crash=crash)
            were.append(r.choice((1, 2, 3)))
            ran = self.start(folder, were[-1])
            self.assertEqual(ran.returncode, 0, ran.stderr)
            self.expect_same(folder, f"kills at {point}, workers {were}")
        self.assertGreater(kills, 20)


class WorkersCheckpoints(Case, unittest.TestCase):
    PROGRAM, FILES, FLAGS, LOOSE = PROGRAM, 3, "", workers_test.Workers.BY_PARTITION

    def test_killed_at_any_moment(self):
        r, kills = random.Random(7), 0
        for number in range(4):
            folder, were = self.fresh(f"any_{number}"), []
            while True:
                were.append(r.choice((2, 3, 5)))
                process = subprocess.Popen([self.program, "--parallelism", str(were[-1]), "--checkpoint", r.choice(("1us", "2us")), "-q"], cwd=folder, stderr=subprocess.PIPE, text=True)
                try:
                    said = process.communicate(timeout=r.uniform(0.1, 0.5) if len(were) < 8 else 120)[1]
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.communicate()
                    kills += 1
                    continue
                self.assertEqual(process.returncode, 0, said)
                break
            self.expect_same(folder, f"kills at any moment, workers {were}")
        self.assertGreater(kills, 4)

    def waiting(self, name, *args):
        """A program of three workers, one of which waits for input."""
        folder = self.fresh(name)
        os.remove(os.path.join(folder, "rides1.jsonl"))
        os.mkfifo(os.path.join(folder, "rides1.jsonl"))
        process = subprocess.Popen([self.program, "--parallelism", "3", "--checkpoint", "1h", *args], cwd=folder, stderr=subprocess.PIPE, text=True)
        pipe = os.open(os.path.join(folder, "rides1.jsonl"), os.O_WRONLY)
        time.sleep(0.7)
        return folder, process, pipe

    def test_a_stop_saves_the_state(self):
        for workers in (1, 2, 3):
            folder, process, pipe = self.waiting(f"stopped_{workers}")
            process.send_signal(signal.SIGTERM)
            said = process.communicate(timeout=60)[1]
            os.close(pipe)
            self.assertEqual(process.returncode, 0, said)
            self.assertIn("stopped by SIGTERM", said)
            self.assertNotIn("dropped", said)
            os.remove(os.path.join(folder, "rides1.jsonl"))
            shutil.copy(os.path.join(self.data, "rides1.jsonl"), folder)
            ran = self.start(folder, workers)
            self.assertEqual(ran.returncode, 0, ran.stderr)
            self.assertIn("goes on from checkpoint 1", ran.stderr)
            self.expect_same(folder, f"a stop, then {workers} workers")

    def test_a_signal_asks_for_one(self):
        folder, process, pipe = self.waiting("asked", "-q")
        process.send_signal(signal.SIGUSR1)
        manifest = os.path.join(folder, "many.checkpoints/manifest-00000001-*")
        for _ in range(100):
            if glob.glob(manifest):
                break
            time.sleep(0.1)
        process.kill()
        process.communicate()
        os.close(pipe)
        self.assertTrue(glob.glob(manifest))

    def test_inspect_lists_workers(self):
        folder = self.fresh("listed")
        self.assertTrue(self.killed(folder, 3, crash="manifest_stands:3"))
        shown = subprocess.run([self.program, "checkpoint", "inspect", "many.checkpoints"], cwd=folder, capture_output=True, text=True, timeout=60)
        self.assertEqual(shown.returncode, 0, shown.stderr)
        for worker in range(3):
            self.assertIn(f"per_area_aggregate of worker {worker}: ", shown.stdout)

    def test_a_changelog_goes_on(self):
        """What a record replaces is known after a restart."""
        program = "pipeline log { parallelism: 2, checkpoint: every(1s) }\ntype Row { id: i64, v: i64, at: timestamp }\n" \
                  "source rows: Row from file { path: \"r.jsonl\", format: json, time: at, changes: op, key: id, retain: forever }\n" \
                  "stream sums = rows |> key v |> aggregate { n: count() } retain forever\nstream all = rows |> changes\n" \
                  "sink all to file { path: \"all.out\", format: json }\nsink sums to file { path: \"sums.out\", format: json }\n"
        with tempfile.TemporaryDirectory(dir=self.root.name) as folder:
            build("log", program, folder)
            r = random.Random(1)
            with open(os.path.join(folder, "r.jsonl"), "w") as file:
                for n in range(3000):
                    row = {"_op": r.choice(["upsert", "upsert", "delete"]), "id": r.randrange(300), "v": r.randrange(9), "at": stamp(n)}
                    file.write(json.dumps(row) + "\n")
            wanted = None
            for seed in range(6):
                for turn in range(4 if seed else 1):
                    crash = {"GRESS_CRASH_AT": f"{r.choice(POINTS)}:{r.randint(1, 6)}"} if seed and turn < 3 else {}
                    ran = subprocess.run(["./log", "--checkpoint", "1us" if seed else "1h", "--parallelism", str(r.choice((1, 2, 3)))] + ([] if turn else ["--fresh"]),
                                         cwd=folder, capture_output=True, text=True, timeout=60, env=dict(os.environ, **crash))
                    self.assertIn(ran.returncode, (0, -signal.SIGKILL), ran.stderr)
                got = outputs(folder)
                wanted = wanted or got
                self.assertEqual(got, wanted)
            self.assertGreater(len(wanted["all.out"]), 1000)

    def test_a_failure_amid_pauses_ends_all(self):
        program = "pipeline strict { parallelism: 3, checkpoint: every(1s) }\ntype Row { k: i64, v: i64, at: timestamp }\n" \
                  "source rows: Row from file { path: \"r*.jsonl\", format: json, time: at }\n" \
                  "stream sums = rows |> key k |> window tumbling(1m) |> aggregate { s: sum(100 / v) }\nsink sums to file { path: \"s.out\", format: json }\n"
        with tempfile.TemporaryDirectory(dir=self.root.name) as folder:
            build("strict", program, folder)
            for bad in (0, 1, 300, 2999):
                for f in range(4):
                    with open(os.path.join(folder, f"r{f}.jsonl"), "w") as file:
                        for n in range(3000):
                            file.write(json.dumps({"k": n % 50, "v": 0 if f == 2 and n == bad else 1, "at": stamp(n // 10)}) + "\n")
                for every in ("1us", "2ms"):
                    ran = subprocess.run(["./strict", "--checkpoint", every, "--fresh"], cwd=folder, capture_output=True, text=True, timeout=60)
                    self.assertEqual(ran.returncode, 65, ran.stderr)
                    self.assertIn("division by zero", ran.stderr)


class PiecesCheckpoints(Case, unittest.TestCase):
    PROGRAM, FILES, FLAGS, LOOSE = IN_PIECES, 1, "-DGRESS_PIECE_BYTES=5000 -DGRESS_STALLS=40", ()


if __name__ == "__main__":
    unittest.main()
