"""Programs with several workers give what they give with one: the same rows and the same late ones, whatever the number."""
import gzip
import json
import os
import random
import re
import signal
import subprocess
import tempfile
import time
import unittest

import rolling_test
from program import GRESSC, build

PROGRAM = """
pipeline many { parallelism: 4, errors: failed }
type Ride { id: i64, area: string, rider: i64?, fare: i64, tags: list<string>, at: timestamp }
type Pay { id: i64, ride: i64, amount: i64, at: timestamp }
type Area { name: string, zone: string }

source rides: Ride from file { path: "rides*.jsonl", format: json, time: at, watermark_delay: 20s, invalid: broken }
source pays: Pay from file { path: "pays*.csv", format: csv, time: at, watermark_delay: 5s }
table areas: Area from file { path: "areas.csv", format: csv, key: name }

stream per_area = rides |> key area |> window tumbling(1m, late_to: very_late) |> aggregate { n: count(), fares: sum(fare), last: last(id) }
stream per_zone = rides
  |> join areas as z on area == z.name |> key zone: z.zone
  |> window sliding(10m, every: 1m) |> aggregate { n: count(), most: max(fare), riders: count_distinct(rider) }
stream ranked = per_zone |> window tumbling(1m) |> top 2 by n desc, zone as rank
stream visits = rides |> key rider, area |> window session(gap: 30s) |> aggregate { n: count(), fare: sum(fare) }
stream tags = rides |> flatten tags as tag |> key tag |> window tumbling(5m) |> aggregate { n: count() }
stream paid = rides |> join pays as p on id == p.ride within -30s..2m |> select { id, area, fare, paid: p.amount }
stream sums = paid |> key area |> window global(retain: forever) |> aggregate { n: count(), fares: sum(fare), paid: sum(paid) }
// Facts of two rows, whichever comes first.
stream again = rides |> join rides as q on rider == q.rider and area == q.area and id < q.id retain 1m
  |> select { id, next: q.id, area }
stream agains = again |> key area |> window tumbling(1m, late_to: again_late) |> aggregate { n: count(), last: max(next) }
stream both = rides |> left join pays as p on id == p.ride window tumbling(10m) |> select { id, paid: p.amount, window_start }
stream once = rides |> distinct area, fare within 10m |> select { area, fare }
stream total = rides |> window tumbling(10m) |> aggregate { n: count() }
// Nearly all rows have one key, or none another's.
stream skewed = rides |> key most: if fare > 10 then "of many rows" else area |> window sliding(10m, every: 1m)
  |> aggregate { n: count(), fares: sum(fare), least: min(area), latest: last(id), of: max_by(area, fare), odd: any(fare == 13) }
stream single = rides |> key id |> window cumulative(1m, every: 20s, late_to: too_late) |> aggregate { n: count(), fares: avg(fare) }
stream few = rides |> key dear: fare > 50, known: rider is not null |> window tumbling(1m) |> aggregate { n: count(), first: first(id) }
stream odd = rides |> key area |> window tumbling(10m) |> aggregate { part: sum(100 / (fare - 7)) }
stream broken_ones = broken |> window global() |> aggregate { n: count() }
stream failures = failed |> key source |> window global(retain: forever) |> aggregate { n: count() }
// Many tie; rows that have come through several workers, and what hangs on their order.
stream tied = per_area |> key half: n % 2 |> window tumbling(10m) |> aggregate { first: first(area), last: last(area), most: max_by(area, n) }
stream chosen = per_area |> window tumbling(1m) |> top 3 by n / 4 desc
stream steps = rides |> key area |> scan { n: i64 = 0, text: string = "none so far" } update { n: n + 1, text: "{rider ?? -1}" } emit { area, id, rider, fare, n, text, at } retain forever
stream lines = steps |> key rider |> scan { way: string = "" } update { way: substring("{way} {n} {area}", 0, 50) } emit { rider, id, n, way } retain forever
stream firsts = lines |> distinct rider, part: n % 5 within 1h |> select { n, rider, id }
stream ways = steps |> flatten [n, id] as of |> key part: of % 7 |> window tumbling(10m) |> aggregate { all: collect(id), first: first(of), times: avg(f64(n) / 7.0) }
stream seen = rides |> key rider |> extend { before: last(id, before: 1) } retain forever |> key fare |> extend { mean: avg(before ?? 0, over: 5) } retain forever
  |> select { id, fare, before, mean }
stream again_lines = very_late |> key rider |> scan { ids: string = "" } update { ids: substring("{ids} {id}", 0, 60) } emit { rider, ids } retain forever
stream plain = rides |> filter fare > 20 |> select { id, area, tags }

sink per_area to file { path: "per_area.out", format: csv }
sink ranked to file { path: "ranked.out", format: json }
sink visits to file { path: "visits.out", format: json }
sink tags to file { path: "tags.out", format: json }
sink sums to file { path: "sums.out", format: json }
sink paid to file { path: "paid.out", format: json }
sink again to file { path: "again.out", format: json }
sink agains to file { path: "agains.out", format: json }
sink again_late to file { path: "again_late.out", format: json }
sink both to file { path: "both.out", format: json }
sink once to file { path: "once.out", format: json }
sink total to file { path: "total.out", format: json }
sink skewed to file { path: "skewed.out", format: json }
sink single to file { path: "single.out", format: json }
sink too_late to file { path: "too_late.out", format: json }
sink few to file { path: "few.out", format: json }
sink odd to file { path: "odd.out", format: json }
sink broken_ones to file { path: "broken.out", format: json }
sink failures to file { path: "failures.out", format: json }
stream late_ones = very_late |> drop tags
sink late_ones to file { path: "late.out", format: csv }
sink tied to file { path: "tied.out", format: json }
sink chosen to file { path: "chosen.out", format: json }
sink steps to file { path: "steps.out", format: json }
sink lines to file { path: "lines.out", format: json }
sink firsts to file { path: "firsts.out", format: json }
sink ways to file { path: "ways.out", format: json }
sink seen to file { path: "seen.out", format: json }
sink again_lines to file { path: "again_lines.out", format: json }
sink plain to file { path: "plain.out.gz", format: json }
"""


def stamp(second):
    return f"2026-03-01T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}Z"


def write_inputs(folder, seed, count, files):
    r = random.Random(seed)
    areas = [f"area {n} of the town" for n in range(9)] + ["x"]
    with open(os.path.join(folder, "areas.csv"), "w") as file:
        file.write("name,zone\n" + "".join(f"{a},{'north' if n % 3 else 'south ' + str(n % 2)}\n" for n, a in enumerate(areas[:-1])))
    rides = [open(os.path.join(folder, f"rides{f}.jsonl"), "w") for f in range(files)]
    pays = [open(os.path.join(folder, f"pays{f}.csv"), "w") for f in range(max(1, files - 2))]
    for file in pays:
        file.write("id,note,ride,amount,at\n")
    for n in range(count):
        t = n // 5
        at = max(0, t - (r.randrange(0, 20) if r.random() < 0.9 else r.randrange(0, 120)))
        ride = {"id": n, "area": r.choice(areas), "rider": None if r.random() < 0.1 else r.randrange(40), "fare": r.randrange(8, 60),
                "tags": r.sample(["a", "b", "c of more than sixteen letters"], r.randrange(3)), "at": stamp(at)}
        if r.random() < 0.002:
            ride["fare"] = 7
        rides[r.randrange(files)].write('{"id": ' + "\n" if r.random() < 0.003 else json.dumps(ride) + "\n")
        if r.random() < 0.6:
            note = r.choice(("", "cash", '"with\n7,""tip"",\n"', '5" more', '"2026,\n\n"'))  # in quotes it may look like records
            pays[r.randrange(len(pays))].write(f"{n},{note},{max(0, n - r.randrange(40))},{r.randrange(100)},{stamp(t)}\n")
    for file in rides + pays:
        file.close()


class Workers(unittest.TestCase):
    PROGRAM, FLAGS = PROGRAM, ""
    BY_PARTITION = [name + ".out" for name in ("once", "visits", "steps", "lines", "firsts", "ways", "seen", "again_lines")]

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="gress-workers-")
        build("many", cls.PROGRAM, cls.folder.name, cls.FLAGS)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def outputs(self, folder, workers):
        ran = subprocess.run([os.path.join(self.folder.name, "many"), "--parallelism", str(workers)], cwd=folder,
                             capture_output=True, text=True, timeout=300)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        out = {}
        for name in sorted(os.listdir(folder)):
            if name.endswith(".gz"):
                out[name] = sorted(subprocess.run(["gzip", "-dc", name], cwd=folder, capture_output=True, check=True).stdout.splitlines())
            elif name.endswith(".out"):
                with open(os.path.join(folder, name)) as file:
                    out[name] = sorted(file.readlines())
        said = [line.split("->")[0] for line in ran.stderr.splitlines() if line.startswith(("  late", "  failed", "  sink"))]
        return out, said

    def test_any_number_gives_the_same(self):
        for seed, count, files in ((1, 4000, 5), (2, 4000, 1), (6, 9000, 1), (3, 30, 3), (4, 20000, 8)):
            with self.subTest(seed=seed), tempfile.TemporaryDirectory(dir=self.folder.name) as folder:
                write_inputs(folder, seed, count, files)
                self.compare(folder, files, count > 1000, (2, 3, 4, 7))

    def compare(self, folder, files, enough, numbers):
        one, said = self.outputs(folder, 1)
        self.assertEqual(len(one), self.PROGRAM.count("\nsink "))
        if enough:
            self.assertEqual([name for name, lines in one.items() if len(lines) < 1], [])
        for workers in numbers:
            several, said_by_several = self.outputs(folder, workers)
            for name in one:
                # Which of two rows comes first is settled within a partition only; on that hang also the sessions of rows
                # behind their watermark.
                if name in self.BY_PARTITION and files > 1:
                    continue
                self.assertEqual(several[name], one[name], f"{name} at {workers}")
            if files == 1:
                self.assertEqual(said_by_several, said)

    def test_a_stop_ends_all(self):
        with tempfile.TemporaryDirectory(dir=self.folder.name) as folder:
            write_inputs(folder, 5, 200, 2)
            os.remove(os.path.join(folder, "rides0.jsonl"))
            os.mkfifo(os.path.join(folder, "rides0.jsonl"))
            process = subprocess.Popen([os.path.join(self.folder.name, "many"), "--parallelism", "3"], cwd=folder,
                                       stderr=subprocess.PIPE, text=True)
            with open(os.path.join(folder, "rides0.jsonl"), "w") as file:
                file.write(json.dumps({"id": 1, "area": "x", "fare": 30, "tags": [], "at": stamp(1)}) + "\n")
                file.flush()
                time.sleep(1)
                process.send_signal(signal.SIGTERM)
                said = process.communicate(timeout=60)[1]
            self.assertEqual(process.returncode, 0, said)
            self.assertIn("stopped by SIGTERM", said)

    def test_a_stop_amid_pieces_gives_the_beginning(self):
        """Windows that were closed by then hold all their rows, though workers were in different pieces."""
        program = "pipeline cut { parallelism: 3 }\ntype Row { k: i64, at: timestamp }\n" \
                  "source rows: Row from file { path: \"r.jsonl\", format: json, time: at }\n" \
                  "stream counts = rows |> key k |> window tumbling(1m) |> aggregate { n: count() }\nsink counts to file { path: \"c.out\", format: csv }\n"
        with tempfile.TemporaryDirectory(dir=self.folder.name) as folder:
            with open(os.path.join(folder, "cut.gress"), "w") as file:
                file.write(program)
            with open(os.path.join(folder, "r.jsonl"), "w") as file:
                for n in range(600000):
                    file.write('{"k": %d, "at": "%s"}\n' % (n % 20, stamp(n // 10)))
            subprocess.run([GRESSC, "build", "cut.gress", "-o", "cut"], cwd=folder, check=True, capture_output=True)
            stopped = 0
            for wait in (0.01, 0.015, 0.02, 0.03, 0.05):
                process = subprocess.Popen(["./cut"], cwd=folder, stderr=subprocess.PIPE, text=True)
                time.sleep(wait)
                process.send_signal(signal.SIGTERM)
                said = process.communicate(timeout=60)[1]
                if process.returncode != 0:
                    self.assertEqual(process.returncode, -signal.SIGTERM)  # before it began
                    continue
                stopped += "stopped by SIGTERM" in said
                with open(os.path.join(folder, "c.out")) as file:
                    for line in file.readlines()[1:]:
                        self.assertEqual(line.rstrip("\n").split(",")[-1], "30")
            self.assertGreater(stopped, 0)

    def test_workers_stay_near_each_other_in_event_time(self):
        """One has to read far more bytes for the same time, yet the other is not far ahead of it; and nobody waits for one
        that has nothing to read."""
        program = "pipeline near { parallelism: 2 }\ntype Row { n: i64, file: i64, at: timestamp }\n" \
                  "source rows: Row from file { path: \"r*.jsonl\", format: json, time: at }\n" \
                  "stream plain = rows |> select { file, n, text: \"%s\" }\nsink plain to file { path: \"plain.out\", format: csv }\n"
        program %= "y" * 200  # buffers before the sink hold the fewer rows
        count, block = 40000, 16
        with tempfile.TemporaryDirectory(dir=self.folder.name) as folder:
            build("near", program, folder, f"-DGRESS_BLOCK_ROWS={block}")
            for f, more in enumerate(("", "x" * 3000)):
                with open(os.path.join(folder, f"r{f}.jsonl"), "w") as file:
                    for n in range(count):
                        file.write('{"n":%d,"file":%d,"at":%d,"more":"%s"}\n' % (n, f, n * 1000, more))
            subprocess.run(["./near", "--quiet"], cwd=folder, check=True, timeout=60)
            last, furthest = [0, 0], 0
            with open(os.path.join(folder, "plain.out")) as file:
                for line in file.readlines()[1:]:
                    f, n = map(int, line.split(",")[:2])
                    last[f] = n
                    furthest = max(furthest, last[0] - last[1])
            self.assertEqual(last, [count - 1, count - 1])
            self.assertLess(furthest, count / 2)

            os.remove(os.path.join(folder, "r1.jsonl"))
            os.mkfifo(os.path.join(folder, "r1.jsonl"))
            process = subprocess.Popen(["./near", "--quiet"], cwd=folder)
            with open(os.path.join(folder, "r1.jsonl"), "w") as file:
                file.write('{"n":0,"file":1,"at":0}\n')
                file.flush()
                end = time.time() + 30
                seen = ""
                while f"0,{count - 1}," not in seen and time.time() < end:
                    time.sleep(0.1)
                    with open(os.path.join(folder, "plain.out")) as out:
                        seen = out.read()
            self.assertEqual(process.wait(timeout=60), 0)
            self.assertIn(f"0,{count - 1},", seen)

    def test_the_first_failure_is_told_and_ends_all(self):
        program = "pipeline strict { parallelism: 3 }\ntype Row { k: i64, v: i64, at: timestamp }\n" \
                  "source rows: Row from file { path: \"r*.jsonl\", format: json, time: at }\n" \
                  "stream sums = rows |> key k |> window tumbling(1m) |> aggregate { s: sum(100 / v) }\nsink sums to file { path: \"s.out\", format: json }\n"
        with tempfile.TemporaryDirectory(dir=self.folder.name) as folder:
            with open(os.path.join(folder, "strict.gress"), "w") as file:
                file.write(program)
            for f in range(4):
                with open(os.path.join(folder, f"r{f}.jsonl"), "w") as file:
                    for n in range(30000):
                        file.write(json.dumps({"k": n % 50, "v": 0 if f == 2 and n == 15000 else 1, "at": stamp(n // 10)}) + "\n")
            subprocess.run([GRESSC, "build", "strict.gress", "-o", "strict"], cwd=folder, check=True, capture_output=True)
            ran = subprocess.run(["./strict"], cwd=folder, capture_output=True, text=True, timeout=60)
            self.assertEqual(ran.returncode, 65, ran.stderr)
            self.assertIn("division by zero", ran.stderr)

    def test_a_program_for_one_worker_says_so(self):
        with tempfile.TemporaryDirectory(dir=self.folder.name) as folder:
            with open(os.path.join(folder, "one.gress"), "w") as file:
                file.write(PROGRAM.replace("parallelism: 4, ", "").replace("pipeline many", "pipeline one"))
            write_inputs(folder, 6, 300, 3)
            subprocess.run([GRESSC, "build", "one.gress", "-o", "one"], cwd=folder, check=True, capture_output=True)
            ran = subprocess.run(["./one", "--parallelism", "4"], cwd=folder, capture_output=True, text=True, timeout=60)
            self.assertEqual(ran.returncode, 0, ran.stderr)
            self.assertIn("compiled for one worker", ran.stderr)


    def test_the_number_of_workers_is_a_param_or_every_cpu(self):
        rows = "type Row { k: i64, at: timestamp }\nsource rows: Row from file { path: \"r*.jsonl\", format: json, time: at }\n" \
               "stream sums = rows |> key k |> window tumbling(1m) |> aggregate { n: count() }\nsink sums to file { path: \"s.out\", format: json }\n"
        with tempfile.TemporaryDirectory(dir=self.folder.name) as folder:
            for f in range(4):
                with open(os.path.join(folder, f"r{f}.jsonl"), "w") as file:
                    for n in range(3000):
                        file.write(json.dumps({"k": n % 50, "at": stamp(n // 10)}) + "\n")

            def built(name, text):
                with open(os.path.join(folder, name + ".gress"), "w") as file:
                    file.write(text + rows)
                subprocess.run([GRESSC, "build", name + ".gress", "-o", name], cwd=folder, check=True, capture_output=True)

            def workers(*command):
                ran = subprocess.run([*command, "--log-format", "json"], cwd=folder, capture_output=True, text=True, timeout=60)
                self.assertEqual(ran.returncode, 0, ran.stderr)
                return json.loads(ran.stderr.splitlines()[-1])["workers"]

            built("by_param", "pipeline by_param { parallelism: many * 2 }\nparam many: i64 = 1\n")
            built("every", "pipeline every { parallelism: auto }\n")
            self.assertEqual(workers("./by_param"), 2)
            self.assertEqual(workers("./by_param", "-p", "many=2"), 4)
            self.assertEqual(workers("./by_param", "-p", "many=2", "--parallelism", "3", "--pin-workers", "yes"), 3)
            self.assertIn(workers("./every"), range(1, len(os.sched_getaffinity(0)) + 1))
            self.assertEqual(workers("taskset", "-c", str(min(os.sched_getaffinity(0))), "./every", "--pin-workers", "yes"), 1)
            for n, said in (("0", "must be more than zero"), ("200", "the option `parallelism` must be from 1 to 256, and is 400")):
                ran = subprocess.run(["./by_param", "-p", "many=" + n], cwd=folder, capture_output=True, text=True, timeout=60)
                self.assertEqual(ran.returncode, 64, ran.stderr)
                self.assertIn(said, ran.stderr)


class StalledWorkers(unittest.TestCase):
    """The same with a file cut into pieces of a few rows, blocks of three and rings whose ends are late now and then."""
    # What a sink reads directly is not cut.
    PROGRAM = "\n".join(line for line in PROGRAM.split("\n") if "plain" not in line)
    FLAGS = "-DGRESS_PIECE_BYTES=700 -DGRESS_BLOCK_ROWS=3 -DGRESS_STALLS=300"
    setUpClass = classmethod(Workers.setUpClass.__func__)
    tearDownClass = classmethod(Workers.tearDownClass.__func__)
    BY_PARTITION = Workers.BY_PARTITION
    outputs = Workers.outputs
    compare = Workers.compare
    test_any_number_gives_the_same = Workers.test_any_number_gives_the_same
    test_a_stop_ends_all = Workers.test_a_stop_ends_all


@unittest.skipUnless("tsan" in os.environ.get("GRESS_HOME", ""), "GRESS_HOME names a toolchain with the thread sanitizer")
class WatchedWorkers(unittest.TestCase):
    """The same under the thread sanitizer: a race ends the program with another exit code."""
    PROGRAM = StalledWorkers.PROGRAM
    FLAGS = "-DGRESS_PIECE_BYTES=4000 -DGRESS_BLOCK_ROWS=16 -DGRESS_STALLS=300"
    setUpClass = classmethod(Workers.setUpClass.__func__)
    tearDownClass = classmethod(Workers.tearDownClass.__func__)
    BY_PARTITION = Workers.BY_PARTITION
    outputs = Workers.outputs
    compare = Workers.compare
    test_a_stop_ends_all = Workers.test_a_stop_ends_all

    def test_any_number_gives_the_same(self):
        for seed, files in ((7, 4), (8, 1)):
            with self.subTest(files=files), tempfile.TemporaryDirectory(dir=self.folder.name) as folder:
                write_inputs(folder, seed, 3000, files)
                self.compare(folder, files, True, (3,))

    def test_a_failure_ends_all(self):
        with tempfile.TemporaryDirectory(dir=self.folder.name) as folder:
            write_inputs(folder, 9, 3000, 4)
            os.symlink("/dev/full", os.path.join(folder, "sums.out"))
            ran = subprocess.run([os.path.join(self.folder.name, "many"), "--parallelism", "3"], cwd=folder, capture_output=True, text=True, timeout=300)
            self.assertEqual(ran.returncode, 74, ran.stderr)
            self.assertEqual(ran.stderr.count("error: "), 1, ran.stderr)


class OrderedWorkers(unittest.TestCase):
    """Sinks with `ordered: true` are the same to the byte, beside others of the same sources; a changelog is one."""
    ORDERED = ("per_area", "ranked", "both", "once", "visits", "plain", "broken_ones", "late_ones", "dear")
    PROGRAM, FLAGS = PROGRAM.replace("source pays", """source dear: Ride from file { path: "rides*.jsonl", format: json, time: at, invalid: skipped }
stream dearest = merge(rides, dear) |> filter fare > 40 |> select { id, fare }
stream by_fare = dear |> key fare |> window tumbling(10m) |> aggregate { n: count() }
sink dearest as dear to file { path: "dear.out", format: csv }
sink by_fare to file { path: "by_fare.out", format: csv }
source last_pays: Pay from file { path: "pays*.csv", format: csv, time: at, changes: upsert, key: ride, retain: forever }
stream owed = last_pays |> key amount |> aggregate { n: count() } retain forever
sink owed to file { path: "owed.out", format: json }
source pays"""), "-DGRESS_STALLS=300"
    for name in ORDERED:
        PROGRAM, n = re.subn(r"(sink (\w+ as )?%s to file \{)" % name, r"\1 ordered: true,", PROGRAM)
        assert n == 1, name
    setUpClass = classmethod(Workers.setUpClass.__func__)
    tearDownClass = classmethod(Workers.tearDownClass.__func__)

    def outputs(self, folder, workers):
        ran = subprocess.run([os.path.join(self.folder.name, "many"), "--parallelism", str(workers), "--quiet"], cwd=folder,
                             capture_output=True, text=True, timeout=300)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        out = {}
        for name in sorted(os.listdir(folder)):
            if ".out" in name:
                with open(os.path.join(folder, name), "rb") as file:
                    text = gzip.decompress(file.read()) if name.endswith(".gz") else file.read()
                out[name] = text if name.split(".")[0].replace("broken", "broken_ones").replace("late", "late_ones") in self.ORDERED else sorted(text.splitlines())
        return out

    def test_the_plan_says_what_an_order_costs(self):
        plan = subprocess.run([GRESSC, "plan", os.path.join(self.folder.name, "many.gress")], capture_output=True, text=True).stdout
        for note in ("read by the first worker, for the order of sink `dear`", "read by the first worker: it is a changelog",
                     "in the order of one worker: all that its rows come from is at the first"):
            self.assertIn(note, plan)

    def test_failed_rows_come_from_all(self):
        """So nothing leaves the first worker for them."""
        program = self.PROGRAM.replace("sink failures to file {", "sink failed as each to file { ORDER path: \"each.out\", format: json }\nsink failures to file {")
        for ordered, exchanged in (("", True), ("ordered: true,", False)):
            with tempfile.NamedTemporaryFile("w", suffix=".gress") as file:
                file.write(program.replace("ORDER", ordered))
                file.flush()
                plan = subprocess.run([GRESSC, "plan", file.name], capture_output=True, text=True)
            self.assertEqual(plan.returncode, 0, plan.stderr)
            self.assertEqual("go to the worker that owns their key" in plan.stdout, exchanged)

    def test_the_order_is_that_of_one_worker(self):
        for seed, count, files in ((1, 4000, 5), (2, 4000, 1)):
            with self.subTest(files=files), tempfile.TemporaryDirectory(dir=self.folder.name) as folder:
                write_inputs(folder, seed, count, files)
                one = self.outputs(folder, 1)
                self.assertEqual(len([name for name, text in one.items() if isinstance(text, bytes)]), len(self.ORDERED))
                self.assertEqual([name for name, text in one.items() if len(text) == 0], [])
                for workers in (2, 4, 7):
                    several = self.outputs(folder, workers)
                    for name in one:
                        if name in Workers.BY_PARTITION and name.removesuffix(".out") not in self.ORDERED and files > 1:
                            continue
                        self.assertEqual(several[name], one[name], f"{name} at {workers}")


class RollingWorkers(rolling_test.Rolling):
    """Changelogs of three workers, replayed, are what a batch gives."""

    @classmethod
    def setUpClass(cls):
        one = rolling_test.PROGRAM
        rolling_test.PROGRAM = one.replace("pipeline rolling", "pipeline rolling { parallelism: 3 }")
        try:
            super().setUpClass()
        finally:
            rolling_test.PROGRAM = one


if __name__ == "__main__":
    unittest.main()
