"""Sinks whose paths are by row: which file each row is in, what becomes of odd values, windows and their markers; and with
checkpoints: killed at every point, and disks that fail at each call (faults.c), they write what they would have written."""
import collections
import csv
import gzip
import json
import os
import random
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

from program import build
from workers_test import stamp

# Where a sync costs nothing: there are thousands.
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) and shutil.disk_usage("/dev/shm").free > 200 << 20 else None
HERE = os.path.dirname(os.path.abspath(__file__))

PLAIN = """
pipeline plain { errors: failed, parallelism: 2 }
type Ride { id: i64, area: string, fare: i64, at: timestamp }
param out: string = "out"
source rides: Ride from file { path: "rides*.jsonl", format: json, time: at, watermark_delay: 20s }
stream best = rides |> key k: id % 7 |> latest retain forever |> select { k, id, area, fare }
sink rides as areas to file { path: "{out}/areas/{area}/{fare}.jsonl", format: json, max_open: 2 }
sink rides as packed to file { path: "{out}/packed/{fare % 3}.csv.gz", format: csv, max_open: 1 }
sink rides as named to file { path: "{out}/{area}.csv", format: csv }
sink rides as taken to file { path: "{out}/taken.csv", format: csv }
sink rides as minutes to file {
  path: "{out}/minutes/{format_time(window_start, "%H-%M")}/{area}.jsonl", format: json, window: tumbling(2m), marker: "_SUCCESS", max_open: 2,
}
sink best as moves to file { path: "{out}/moves/{fare % 5}.jsonl", format: json }
sink failed to file { path: "{out}/failed.jsonl", format: json }
"""

KEPT = """
pipeline kept { checkpoint: every(10s), delivery: exactly_once, errors: failed, parallelism: 2 }
type Ride { id: i64, area: string, fare: i64, at: timestamp }
param out: string = "out"
source rides: Ride from file { path: "rides*.jsonl", format: json, time: at, watermark_delay: 20s }
stream totals = rides |> key area |> window tumbling(1m) |> aggregate { n: count(), fares: sum(fare) }
sink rides as minutes to file {
  path: "{out}/minutes/{format_time(window_start, "%H/%M")}/{area}.csv", format: csv,
  window: tumbling(2m, late_to: too_late), marker: "_SUCCESS", max_open: 3,
}
sink rides as areas to file { path: "{out}/areas/{area}.jsonl", format: json, max_open: 4 }
sink rides as packed to file { path: "{out}/packed/{fare % 4}.jsonl.gz", format: json, max_open: 2 }
sink totals to file { path: "{out}/totals.jsonl", format: json }
sink too_late to file { path: "{out}/too_late.jsonl", format: json }
sink failed to file { path: "{out}/failed.jsonl", format: json }
"""

# As runtime/checkpoint and the writer name them, in order.
POINTS = ["taken", "begun", "outputs_synced", "state_written", "manifest_written", "manifest_stands", "decided", "outputs_committed", "old_removed"]


def in_path(value):
    if value in (".", ".."):
        return value.replace(".", "%2E")
    return re.sub(rb"[^A-Za-z0-9._-]", lambda m: b"%%%02X" % m[0][0], value.encode()).decode()


def rows_of(path):
    with (gzip.open(path, "rt", newline="") if path.endswith(".gz") else open(path, newline="")) as file:
        if ".csv" in path:
            return [{**row, "id": int(row["id"]), "fare": int(row["fare"])} for row in csv.DictReader(file)]
        return [json.loads(line) for line in file]


def read(folder, take=lambda rows: sorted(json.dumps(row, sort_keys=True) for row in rows)):
    """All files below by their paths, with their rows; markers have none. What has no name yet is not seen."""
    found = {}
    for path, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.endswith(".parts")]
        for name in names:
            whole = os.path.join(path, name)
            rows = [] if name == "_SUCCESS" else rows_of(whole)
            found[os.path.relpath(whole, folder)] = take(rows)
    return found


def out_of_order(folder, part_of):
    """Files in which a row stands behind a later one of the same part of the input."""
    def wrong(rows):
        highest = {}
        for n in (row["id"] for row in rows if "id" in row):
            if highest.get(part_of(n), -1) > n:
                return True
            highest[part_of(n)] = n
        return False
    return [name for name, is_wrong in read(folder, wrong).items() if is_wrong and not name.startswith(("moves/", "failed"))]


def by_path(rows, path):
    files = collections.defaultdict(list)
    for row in rows:
        files[path(row)].append(json.dumps(row, sort_keys=True))
    return {name: sorted(lines) for name, lines in files.items()}


def write_rides(folder, parts):
    for number, rows in enumerate(parts):
        with open(os.path.join(folder, f"rides{number}.jsonl"), "w") as file:
            file.write("".join(json.dumps(row) + "\n" for row in rows))


class FilesByRow(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="gress-by-row-")
        cls.program = build("plain", PLAIN, cls.folder.name)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def fresh(self, name):
        folder = os.path.join(self.folder.name, name)
        os.mkdir(folder)
        return folder

    def test_a_stop_leaves_open_windows_behind(self):
        """Nobody sees them; the next start begins anew."""
        work = self.fresh("stopped")
        rows = [{"id": n, "area": "a", "fare": 1, "at": stamp(n)} for n in range(400)]
        write_rides(work, [rows[:300]])
        os.mkfifo(os.path.join(work, "pipe"))
        os.rename(os.path.join(work, "pipe"), os.path.join(work, "rides1.jsonl"))
        process = subprocess.Popen([self.program], cwd=work, stderr=subprocess.PIPE, text=True)
        pipe = os.open(os.path.join(work, "rides1.jsonl"), os.O_WRONLY)
        os.write(pipe, (json.dumps(rows[200]) + "\n").encode())
        parts, minutes = os.path.join(work, "out/minutes/.plain.minutes.parts"), os.path.join(work, "out/minutes")
        for _ in range(600):
            if os.path.exists(os.path.join(minutes, "00-00/_SUCCESS")):
                break
            time.sleep(0.05)
        other = subprocess.run([self.program], cwd=work, capture_output=True, text=True)
        self.assertEqual((other.returncode, "another process writes" in other.stderr), (75, True), other.stderr)
        process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=60)[1]
        os.close(pipe)
        self.assertEqual(process.returncode, 0, said)
        self.assertIn("windows that have not closed stay in", said)
        self.assertEqual(sorted(read(minutes)), ["00-00/_SUCCESS", "00-00/a.jsonl"])
        self.assertTrue(os.listdir(parts))
        os.remove(os.path.join(work, "rides1.jsonl"))
        ran = subprocess.run([self.program], cwd=work, capture_output=True, text=True)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertEqual(sum(map(len, read(minutes).values())), 300)
        self.assertFalse(os.path.exists(parts))

    def test_each_row_is_in_its_file(self):
        work, program = self.fresh("odd"), self.program
        odd = ["../../etc", "a/b", "\0", ".", "..", "...", "über", "a b%", "x" * 255, "-", "_SUCCESS"]
        refused = ["", "y" * 256, "taken"]
        r = random.Random(5)
        rows = [{"id": n, "area": r.choice(odd + refused + ["plain"] * 9), "fare": r.randrange(9), "at": stamp(n // 10)} for n in range(3000)]
        write_rides(work, [rows[0::3], rows[1::3], rows[2::3]])
        for workers in ("1", "2"):
            out = os.path.join(work, "out" + workers)
            ran = subprocess.run([program, "--param", "out=" + out, "--parallelism", workers], cwd=work, capture_output=True, text=True)
            self.assertEqual(ran.returncode, 0, ran.stderr)
            got = read_all = read(out)
            want = by_path([x for x in rows if x["area"] not in ("", "y" * 256)], lambda x: f"areas/{in_path(x['area'])}/{x['fare']}.jsonl")
            want |= by_path(rows, lambda x: f"packed/{x['fare'] % 3}.csv.gz")
            # In order of their times within a partition, so that none is late.
            minute = lambda x: f"minutes/00-{int(x['at'][14:16]) // 2 * 2:02}/"
            timed = [x for x in rows if x["area"] not in ("x" * 255, "y" * 256)]
            want |= by_path(timed, lambda x: minute(x) + in_path(x["area"]) + ".jsonl")
            want |= {minute(x) + "_SUCCESS": [] for x in timed}
            # With what ends it the longest name is too long.
            want |= by_path([x for x in rows if x["area"] not in ("taken", "x" * 255, "y" * 256)], lambda x: in_path(x["area"]) + ".csv")
            want |= {"taken.csv": by_path(rows, lambda x: "")[""]}
            for name, lines in want.items():
                self.assertEqual(got.get(name), lines, name)
            self.assertEqual(out_of_order(out, lambda n: n % 3), [])
            others = {name for name in got if not name.startswith("moves/")} - set(want)
            self.assertEqual(others, {"failed.jsonl"})
            failed = collections.Counter(json.loads(x)["error"].rsplit(": ", 1)[1] for x in read_all["failed.jsonl"])
            count = collections.Counter(x["area"] for x in rows)
            self.assertEqual(failed["a name in it is empty"], count[""])
            self.assertEqual(failed["a name in it is longer than 255 bytes"], 3 * count["y" * 256] + 2 * count["x" * 255])
            self.assertEqual(failed["sink `taken` writes it"], count["taken"])
            if workers == "1":  # an update that moves is a delete where it was
                final = {}
                for name in os.listdir(os.path.join(out, "moves")):
                    for line in rows_of(os.path.join(out, "moves", name)):
                        final[name, line["k"]] = line["_op"] == "upsert"
                self.assertEqual(sorted(k for (_, k), there in final.items() if there), list(range(7)))
            self.assertFalse([x for x in os.listdir(out) if x.endswith(".parts")])


class KeptFilesByRow(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.root = tempfile.TemporaryDirectory(prefix="gress-by-row-kept-", dir=MEMORY)
        cls.program = build("kept", KEPT, cls.root.name)
        cls.data = os.path.join(cls.root.name, "data")
        os.mkdir(cls.data)
        r = random.Random(11)
        parts = [[], [], []]
        for n in range(3000):
            at = max(0, n // 5 - (r.randrange(0, 15) if r.random() < 0.97 else r.randrange(100, 300)))
            parts[r.randrange(3)].append({"id": n, "area": r.choice(["", "a", "b", "c/d", "e", "f", "g"]), "fare": r.randrange(8, 60), "at": stamp(at)})
        write_rides(cls.data, parts)
        cls.wanted = cls.expected(parts)
        cls.part_of = {row["id"]: number for number, part in enumerate(parts) for row in part}
        cls.faults = os.path.join(cls.root.name, "faults.so")
        subprocess.run(["cc", "-O1", "-shared", "-fPIC", os.path.join(HERE, "faults.c"), "-o", cls.faults, "-ldl"], check=True)

    @classmethod
    def tearDownClass(cls):
        cls.root.cleanup()

    @staticmethod
    def expected(parts):
        seconds = lambda text: sum(int(x) * y for x, y in zip(text[11:19].split(":"), (3600, 60, 1)))
        rows = [row for part in parts for row in part]
        in_time, late = [], []
        for part in parts:
            highest = -1 << 60
            for row in part:
                at = seconds(row["at"])
                (late if at // 120 * 120 + 120 <= highest - 20 else in_time).append(row)
                highest = max(highest, at)
        minute = lambda row: seconds(row["at"]) // 120 * 2
        folder = lambda row: f"minutes/{minute(row) // 60:02}/{minute(row) % 60:02}/"
        want = by_path(in_time, lambda row: folder(row) + in_path(row["area"]) + ".csv")
        want |= {folder(row) + "_SUCCESS": [] for row in in_time}
        want |= by_path(rows, lambda row: "areas/" + in_path(row["area"]) + ".jsonl")
        want |= by_path(rows, lambda row: f"packed/{row['fare'] % 4}.jsonl.gz")
        want["too_late.jsonl"] = by_path(late, lambda row: "")[""]
        want["failed.jsonl"] = []
        assert len(late) > 20 and len(want) > 40
        return want

    def fresh(self, name):
        folder = os.path.join(self.root.name, name)
        shutil.copytree(self.data, folder)
        self.addCleanup(shutil.rmtree, folder, True)
        return folder

    def start(self, folder, *args, **env):
        return subprocess.run([self.program, *args], cwd=folder, env={**os.environ, **env}, capture_output=True, text=True, timeout=120)

    def expect_right(self, folder, why):
        got = read(os.path.join(folder, "out"))
        got.pop("totals.jsonl")
        self.assertEqual(sorted(got), sorted(self.wanted), why)
        for name, rows in self.wanted.items():
            self.assertEqual(got[name], rows, f"{name} after {why}")
        self.assertEqual(out_of_order(os.path.join(folder, "out"), self.part_of.get), [], why)

    def test_without_trouble(self):
        for args in ((), ("--checkpoint", "1us"), ("--parallelism", "1", "--checkpoint", "1us")):
            folder = self.fresh("calm" + str(len(args)))
            ran = self.start(folder, *args)
            self.assertEqual(ran.returncode, 0, ran.stderr)
            self.expect_right(folder, str(args))
            self.assertIn("earlier run", self.start(folder).stderr)
            kept = os.path.join(folder, "kept.checkpoints")
            earlier = sorted(name for name in os.listdir(kept) if name.startswith("manifest"))[:-1]
            for name in earlier:  # names that came since are taken back
                ran = self.start(folder, "--restore-from", os.path.join(kept, name))
                self.assertEqual(ran.returncode, 0, ran.stderr)
                self.assertNotIn("earlier run", ran.stderr)
                self.expect_right(folder, f"going back, {args}")
            for name in ("minutes", "areas", "packed"):  # somebody has taken all of them
                shutil.rmtree(os.path.join(folder, "out", name))
            ran = self.start(folder)
            self.assertEqual((ran.returncode, "earlier run" in ran.stderr), (0, True), ran.stderr)
            self.assertEqual(read(os.path.join(folder, "out/minutes")), {})

    def test_killed(self):
        """And at another number of workers then; what is not committed is seen by nobody."""
        r = random.Random(3)
        kills = 0
        for point in POINTS:
            folder = self.fresh("killed_" + point)
            for crash in (f"{point}:{r.randint(1, 9)}", f"{r.choice(POINTS)}:{r.randint(1, 5)}"):
                ran = self.start(folder, "--checkpoint", "1us", "--parallelism", r.choice("12"), GRESS_CRASH_AT=crash)
                self.assertIn(ran.returncode, (0, -signal.SIGKILL), ran.stderr)
                kills += ran.returncode != 0
                for name, rows in read(os.path.join(folder, "out", "minutes")).items():
                    self.assertEqual(rows, self.wanted["minutes/" + name], f"{name} stands before it is whole, at {crash}")
            ran = self.start(folder)
            self.assertEqual(ran.returncode, 0, ran.stderr)
            self.expect_right(folder, f"kills at {point}")
        self.assertGreater(kills, 12)

    def test_disks_that_fail(self):
        """The n-th write, rename or sync fails: the program says so and ends, and goes on from its last checkpoint. Or it is
        killed there."""
        failures = 0
        for call, number, places in (("write", 28, range(1, 51, 5)), ("write", 5, (2, 9, 33)), ("rename", 28, range(1, 51, 5)), ("rename", 5, (2, 12)),
                                     ("rename", -9, (5, 13, 21, 34)), ("sync", 5, range(1, 51, 4)), ("any", 28, range(60, 310, 50))):
            for n in places:
                folder = self.fresh(f"failed_{call}_{number}_{n}")
                log = os.path.join(folder, "faults.log")
                ran = self.start(folder, "--checkpoint", "1us", "--parallelism", "1", LD_PRELOAD=self.faults, FAULT_CALL=call, FAULT_AT=str(n),
                                 FAULT_ERRNO=str(number), FAULT_UNDER=folder, FAULT_LOG=log)
                why = f"{call} {n} with {number}: {ran.stderr}"
                said = ""
                if os.path.exists(log):
                    with open(log) as file:
                        said = file.read()
                self.assertNotIn("again", said, why)
                if said and number < 0:
                    self.assertEqual(ran.returncode, number, why)
                elif said:
                    failures += 1
                    self.assertIn(ran.returncode, (73, 74), why + said)
                    self.assertIn("No space left" if number == 28 else "nput/output error", ran.stderr, why + said)
                else:
                    self.assertEqual(ran.returncode, 0, why)
                ran = self.start(folder)
                self.assertEqual(ran.returncode, 0, why + said + ran.stderr)
                self.expect_right(folder, why + said)
                shutil.rmtree(folder)
        self.assertGreater(failures, 35)

    def test_folders_that_cannot_be_looked_into(self):
        """That there is a checkpoint is not overlooked: the program does not begin anew."""
        failures = 0
        for n in range(1, 41):
            folder = self.fresh(f"unlisted_{n}")
            self.assertEqual(self.start(folder, "--checkpoint", "1us", "--parallelism", "1", GRESS_CRASH_AT="manifest_stands:3").returncode, -signal.SIGKILL)
            log = os.path.join(folder, "faults.log")
            ran = self.start(folder, "--parallelism", "1", LD_PRELOAD=self.faults, FAULT_CALL="list", FAULT_AT=str(n), FAULT_LOG=log,
                             FAULT_UNDER=os.path.join(folder, "kept.checkpoints"))
            if ran.returncode != 0:
                failures += 1
                self.assertEqual(ran.returncode, 74, ran.stderr)
                self.assertIn("nput/output error", ran.stderr)
                ran = self.start(folder)
                self.assertEqual(ran.returncode, 0, ran.stderr)
            self.assertIn("goes on from checkpoint 3", ran.stderr)
            self.expect_right(folder, f"folder {n}")
            shutil.rmtree(folder)
        self.assertGreater(failures, 20)

    def test_a_savepoint_is_on_disk_before_it_stands(self):
        """Each of its files is brought to disk: where that fails there is no savepoint."""
        folder = self.fresh("savepoint")
        ran = self.start(folder)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        shown = self.start(folder, "checkpoint", "inspect", "kept.checkpoints").stdout
        self.assertRegex(shown, r"sink +packed -> .*, 4 files, [0-9,]+ bytes\n")
        log, saved, n = os.path.join(folder, "faults.log"), os.path.join(folder, "kept.checkpoints/savepoint-x"), 0
        while not any(name.startswith("manifest") for _, _, names in os.walk(saved) for name in names):
            n += 1
            ran = self.start(folder, "checkpoint", "save", "kept.checkpoints", "x", LD_PRELOAD=self.faults, FAULT_CALL="sync", FAULT_AT=str(n),
                             FAULT_ERRNO="5", FAULT_UNDER=folder, FAULT_LOG=log)
            self.assertEqual(ran.returncode, 74, ran.stderr)
        with open(log) as file:
            synced = {os.path.basename(line.strip()) for line in file}
        state, = (name for name in os.listdir(saved) if name.startswith("state"))
        self.assertEqual(set(os.listdir(os.path.join(saved, state))) - synced, set())


class Refused(unittest.TestCase):
    PROGRAM = """pipeline refused { errors: wrong }
type Row { id: i64, name: string }
source rows: Row from file { path: "rows.jsonl", format: json }
stream again = unnamed |> select { text, half: 1 / (length(text) - length(text)) }
sink rows to file { path: "out/{name}.jsonl", format: json, rejected: unnamed }
sink wrong to file { path: "wrong.jsonl", format: json }
sink again to discard
"""

    def test_what_fails_behind_refused_rows_is_whole(self):
        """`errors` stands before `rejected:`, and their texts in memory that the next block takes."""
        with tempfile.TemporaryDirectory(prefix="gress-refused-") as folder:
            def write(name, text):
                with open(os.path.join(folder, name), "w") as file:
                    file.write(text)

            write("rows.jsonl", "".join(json.dumps({"id": i, "name": "x" * 300 + str(i) if i % 10 == 9 else "a"}) + "\n" for i in range(1000)))
            subprocess.run([build("refused", self.PROGRAM, folder), "-q"], cwd=folder, check=True, timeout=60)
            with open(os.path.join(folder, "wrong.jsonl")) as file:
                failed = [json.loads(json.loads(json.loads(line)["text"])["text"])["id"] for line in file]
            self.assertEqual(sorted(failed), list(range(9, 1000, 10)))

    def test_fail_says_that_the_program_ends(self):
        """Though others that fail go to `errors`."""
        text = "".join(line for line in self.PROGRAM.splitlines(True) if "again" not in line).replace("rejected: unnamed", "rejected: fail")
        with tempfile.TemporaryDirectory(prefix="gress-refused-") as folder:
            with open(os.path.join(folder, "rows.jsonl"), "w") as file:
                file.write('{"id":1,"name":"a"}\n{"id":2,"name":"%s"}\n' % ("x" * 300))
            ran = subprocess.run([build("ends", text, folder), "-q"], cwd=folder, capture_output=True, text=True, timeout=60)
            self.assertEqual(ran.returncode, 65, ran.stderr)
            self.assertIn("sink `rows`", ran.stderr)
            self.assertIn('"id":2', ran.stderr)


if __name__ == "__main__":
    unittest.main()
