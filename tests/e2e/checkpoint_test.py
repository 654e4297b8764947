"""Programs that save their state: killed, stopped, damaged and started again, they give what they would have given."""
import json
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

from checkpoint_case import POINTS, CheckpointCase, outputs
from program import build

PROGRAM = """
pipeline kept { checkpoint: every(10s), errors: failed }
type Ride { id: i64, area: string, rider: i64?, fare: i64, tags: list<string>, at: timestamp }
type Pay { id: i64, ride: i64, amount: i64, at: timestamp }
type Area { name: string, zone: string }

source rides: Ride from file { path: "rides*.jsonl", format: json, time: at, watermark_delay: 20s, invalid: broken }
source pays: Pay from file { path: "pays*.csv", format: csv, time: at, watermark_delay: 5s }
table areas: Area from file { path: "areas.csv", format: csv, key: name }

stream per_area = rides |> key area |> window tumbling(1m, late_to: very_late) |> aggregate { n: count(), fares: sum(fare), last: last(id), mean: avg(fare) }
stream per_zone = rides
  |> join areas as z on area == z.name |> key zone: z.zone
  |> window sliding(10m, every: 1m) |> aggregate { n: count(), most: max(fare), riders: count_distinct(rider) }
stream totals = rides |> key area |> window sliding(5m, every: 1m) |> aggregate { n: count(), fares: sum(fare) }
stream ranked = per_zone |> window tumbling(1m) |> top 2 by n desc, zone as rank
stream visits = rides |> key rider, area |> window session(gap: 30s) |> aggregate { n: count(), fare: sum(fare) }
stream revised = rides |> key area |> window tumbling(2m, late: 1m) |> aggregate { n: count() }
stream counted = rides |> key area |> window count(7, retain: 1h) |> aggregate { fares: sum(fare), ids: collect(id) }
stream paid = rides |> join pays as p on id == p.ride within -30s..2m |> select { id, area, fare, paid: p.amount }
stream unpaid = rides |> left join pays as p on id == p.ride within 0s..2m |> select { id, paid: p.amount }
stream kept_pairs = rides |> left join pays as p on id == p.ride retain 5m |> select { id, paid: p.amount } |> changes
stream both = rides |> left join pays as p on id == p.ride window tumbling(10m) |> select { id, paid: p.amount, window_start }
stream once = rides |> distinct area, fare within 10m |> select { area, fare }
stream run = rides |> key area |> scan { sum: i64 = 0 } update { sum: sum + fare } emit { area, sum } retain 1h
stream near = rides |> key area |> extend { lately: avg(fare, over: 5m), before: last(fare, before: 2) } retain 1h |> select { id, lately, before }
stream best = rides |> key area |> top 3 by fare desc, id retain forever |> select { area, fare, id }
stream now = rides |> key area, rider |> latest retain 30m |> select { area, rider, fare }
stream sums = paid |> key area |> aggregate { n: count(), fares: sum(fare), most: max(paid) } retain forever
stream ordered = rides |> in_order |> select { id, at }
stream odd = rides |> key area |> window tumbling(10m) |> aggregate { part: sum(100 / (fare - 7)) }
stream late_ones = very_late |> drop tags
""" + "".join('sink %s to file { path: "%s.out%s", format: json }\n' % (name, name, ".gz" if name in ("now", "ordered") else "") for name in (
    "per_area", "per_zone", "totals", "ranked", "visits", "revised", "counted", "paid", "unpaid", "kept_pairs", "both", "once", "run",
    "near", "best", "now", "sums", "ordered", "odd", "late_ones", "broken", "failed")) + 'sink totals as lines to file { path: "totals.csv.out", format: csv }\n'


class Checkpoints(CheckpointCase, unittest.TestCase):
    NAME, PROGRAM = "kept", PROGRAM

    def test_killed_again_and_again(self):
        """A checkpoint after each step; killed at each point of one, and in what comes back from that."""
        kills = 0
        for number, point in enumerate(POINTS):
            folder = self.fresh(f"killed_{point}")
            r = random.Random(number)
            for turn in range(4):
                crash = f"{point}:{r.randint(1, 9)}" if turn == 0 else f"{r.choice(POINTS)}:{r.randint(1, 9)}"
                kills += self.killed(folder, crash=crash)
                # What was at work goes with the next start, whether that comes to a checkpoint or not.
                at_work = [name for name in os.listdir(os.path.join(folder, "kept.checkpoints")) if name.startswith("live-")]
                self.assertEqual(len(at_work), 1, at_work)
            ran = self.start(folder)
            self.assertEqual(ran.returncode, 0, ran.stderr)
            self.expect_same(folder, f"kills at {point}")
        self.assertGreater(kills, 20)

    def test_a_stop_saves_the_state(self):
        folder = self.fresh("stopped")
        os.remove(os.path.join(folder, "rides0.jsonl"))
        os.mkfifo(os.path.join(folder, "rides0.jsonl"))  # keeps it waiting
        process = subprocess.Popen([self.program], cwd=folder, stderr=subprocess.PIPE, text=True)
        pipe = os.open(os.path.join(folder, "rides0.jsonl"), os.O_WRONLY)
        time.sleep(0.5)
        process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=60)[1]
        os.close(pipe)
        self.assertEqual(process.returncode, 0, said)
        self.assertNotIn("dropped", said)
        os.remove(os.path.join(folder, "rides0.jsonl"))
        shutil.copy(os.path.join(self.data, "rides0.jsonl"), folder)
        ran = self.start(folder)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertIn("goes on from checkpoint 1", ran.stderr)
        # The other partitions were read first: what does not hang on the order of rows between partitions.
        self.expect_same(folder, "a stop", {name + ".out" for name in ("per_area", "per_zone", "totals", "ranked", "paid", "both", "unpaid", "odd")})

    def test_a_program_that_has_ended_is_done(self):
        folder = self.whole("done")
        before = outputs(folder)
        ran = self.start(folder)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertIn("came to its end in an earlier run", ran.stderr)
        self.assertEqual(outputs(folder), before)
        ran = self.start(folder, "--fresh")
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.expect_same(folder, "--fresh")

    @staticmethod
    def manifests(saved):
        return sorted(name for name in os.listdir(saved) if name.startswith("manifest-")) if os.path.isdir(saved) else []

    def half_way(self, name):
        folder = self.fresh(name)
        self.assertTrue(self.killed(folder, crash="manifest_stands:6"))
        return folder, os.path.join(folder, "kept.checkpoints")

    def test_damage_is_noticed(self):
        folder, saved = self.half_way("damaged")
        newest = self.manifests(saved)[-1]
        state = os.path.join(saved, newest.replace("manifest", "state"))
        files = [os.path.join(saved, newest)] + sorted(os.path.join(state, n) for n in os.listdir(state))
        r = random.Random(5)
        for number in range(60):
            path = r.choice(files)
            with open(path, "rb") as file:
                good = file.read()
            what = r.choice(["flip", "cut", "missing", "longer"])
            if what == "missing":
                os.remove(path)
            else:
                bad = bytearray(good)
                if what == "flip":
                    bad[r.randrange(len(bad))] ^= 1 << r.randrange(8)
                elif what == "cut":
                    del bad[r.randrange(len(bad)):]
                else:
                    bad += b"x"
                with open(path, "wb") as file:
                    file.write(bad)
            with self.subTest(number=number, what=what, file=os.path.basename(path)):
                before = outputs(folder)
                ran = self.start(folder)
                if what == "missing" and path == files[0]:  # then it is no checkpoint, and the one before it is the newest
                    self.assertEqual(ran.returncode, 0, ran.stderr)
                    self.expect_same(folder, "the manifest was missing")
                    return
                self.assertEqual(ran.returncode, 65, ran.stderr)
                self.assertIn("is damaged", ran.stderr)
                self.assertIn("--restore-from", ran.stderr)
                self.assertEqual(outputs(folder), before)
            with open(path, "wb") as file:
                file.write(good)
        ran = self.start(folder)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.expect_same(folder, "repair")

    def test_the_one_before_can_be_taken(self):
        folder, saved = self.half_way("before")
        manifests = self.manifests(saved)
        with open(os.path.join(saved, manifests[-1]), "ab") as file:
            file.write(b"x")
        ran = self.start(folder)
        self.assertEqual(ran.returncode, 65, ran.stderr)
        ran = self.start(folder, "--restore-from", os.path.join(saved, manifests[-2].rpartition("-")[0]))  # without its run
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.expect_same(folder, "an older checkpoint")

    def test_what_has_changed_is_refused(self):
        folder, saved = self.half_way("changed")
        with open(os.path.join(folder, "paid.out"), "r+") as file:
            file.truncate(3)
        ran = self.start(folder)
        self.assertEqual(ran.returncode, 65, ran.stderr)
        self.assertIn("paid.out` has 3 bytes", ran.stderr)
        folder, saved = self.half_way("input_changed")
        with open(os.path.join(folder, "rides0.jsonl"), "r+") as file:
            file.truncate(10)
        ran = self.start(folder)
        self.assertEqual(ran.returncode, 65, ran.stderr)
        self.assertIn("rides0.jsonl` has 10 bytes", ran.stderr)

    def test_another_program_is_refused(self):
        folder, saved = self.half_way("other")
        changed = PROGRAM.replace("fares: sum(fare), last: last(id)", "fares: max(fare), last: last(id)")
        ran = subprocess.run([build("kept", changed, folder)], cwd=folder, capture_output=True, text=True, timeout=60)
        self.assertEqual(ran.returncode, 65, ran.stderr)
        self.assertIn("per_area", ran.stderr)
        self.assertIn("`fares` was sum(i64) and is max(i64)", ran.stderr)

    def test_a_folder_of_an_earlier_format_is_refused(self):
        folder = self.fresh("earlier")
        os.mkdir(os.path.join(folder, "kept.checkpoints"))
        with open(os.path.join(folder, "kept.checkpoints", "manifest-00000012"), "w") as file:
            file.write('{"format":3,"epoch":12}\n')
        ran = self.start(folder)
        self.assertEqual(ran.returncode, 65, ran.stderr)
        self.assertIn("manifest-00000012` is of an earlier format", ran.stderr)
        self.assertEqual(outputs(folder), {})

    def test_one_process_a_folder(self):
        folder = self.fresh("shared")
        os.remove(os.path.join(folder, "rides0.jsonl"))
        os.mkfifo(os.path.join(folder, "rides0.jsonl"))
        process = subprocess.Popen([self.program, "-q"], cwd=folder, stderr=subprocess.PIPE, text=True)
        pipe = os.open(os.path.join(folder, "rides0.jsonl"), os.O_WRONLY)
        time.sleep(0.5)
        ran = self.start(folder)
        self.assertEqual(ran.returncode, 75, ran.stderr)
        self.assertIn(f"in use by process {process.pid}", ran.stderr)
        process.kill()
        process.communicate()
        os.close(pipe)

    def test_one_that_comes_back_touches_nothing(self):
        """A folder whose lock does not reach where the next process runs; that one has files of its own."""
        for point in ("begun:3", "decision_confirmed:3"):
            with self.subTest(point):
                old = self.fresh("old_" + point.partition(":")[0])
                saved = os.path.join(old, "kept.checkpoints")
                process = subprocess.Popen([self.program, "-q", "--checkpoint", "1us"], cwd=old, stderr=subprocess.PIPE, text=True,
                                           env={**os.environ, "GRESS_STOP_AT": point})
                os.waitid(os.P_PID, process.pid, os.WSTOPPED)
                new = old.replace("old_", "new_")
                shutil.copytree(old, new, ignore=shutil.ignore_patterns("kept.checkpoints"))
                os.remove(os.path.join(saved, "LOCK"))
                ran = self.start(new, "--checkpoint", "1us", "--checkpoint-dir", saved, crash="manifest_stands:4")
                self.assertEqual(ran.returncode, -signal.SIGKILL, ran.stderr)
                there = self.contents(saved)
                process.send_signal(signal.SIGCONT)
                said = process.communicate(timeout=60)[1]
                self.assertEqual(process.returncode, 75, said)
                self.assertIn("has been taken over by process", said)
                now = self.contents(saved)
                self.assertEqual({path: now.get(path) for path in there}, there)
                ran = self.start(new, "--checkpoint-dir", saved)
                self.assertEqual(ran.returncode, 0, ran.stderr)
                self.assertIn("goes on from checkpoint 6 ", ran.stderr)
                self.expect_same(new, "another process came back")

    @staticmethod
    def contents(folder):
        found = {}
        for place, _, names in os.walk(folder):
            for name in names:
                with open(os.path.join(place, name), "rb") as file:
                    found[os.path.join(place, name)] = file.read()
        return found

    def test_a_signal_asks_for_one(self):
        folder = self.fresh("asked")
        os.remove(os.path.join(folder, "rides0.jsonl"))
        os.mkfifo(os.path.join(folder, "rides0.jsonl"))
        process = subprocess.Popen([self.program, "-q", "--checkpoint", "1h"], cwd=folder, stderr=subprocess.PIPE, text=True)
        pipe = os.open(os.path.join(folder, "rides0.jsonl"), os.O_WRONLY)
        time.sleep(0.5)
        process.send_signal(signal.SIGUSR1)
        for _ in range(100):
            if self.manifests(os.path.join(folder, "kept.checkpoints")):
                break
            time.sleep(0.1)
        self.assertIn("manifest-00000001-", self.manifests(os.path.join(folder, "kept.checkpoints"))[-1])
        # The same by the program's command, which waits until it is there, and may keep it.
        saved = os.path.join(folder, "kept.checkpoints")
        taken = self.start(folder, "checkpoint", "take", saved)
        self.assertEqual(taken.returncode, 0, taken.stderr)
        self.assertIn("manifest-00000002-", taken.stdout)
        self.assertTrue(os.path.exists(os.path.join(folder, taken.stdout.removesuffix(": taken\n"))), taken.stdout)
        taken = self.start(folder, "checkpoint", "take", saved, "asked")
        self.assertEqual(taken.returncode, 0, taken.stderr)
        self.assertIn("savepoint-asked/manifest-00000003-", taken.stdout)
        # It ends while it is waited for; or has ended.
        process.send_signal(signal.SIGSTOP)
        waits = subprocess.Popen([self.program, "checkpoint", "take", saved], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        time.sleep(0.3)
        self.assertIsNone(waits.poll())
        process.kill()
        process.communicate()
        os.close(pipe)
        said = waits.communicate(timeout=60)[1]
        taken = self.start(folder, "checkpoint", "take", saved)
        for code, why in (waits.returncode, said), (taken.returncode, taken.stderr):
            self.assertEqual(code, 75, why)
            self.assertIn("is no longer, that of a process on this machine", why)
        os.makedirs(os.path.join(folder, "odd", "LOCK"))
        taken = self.start(folder, "checkpoint", "take", "odd")
        self.assertEqual((taken.returncode, taken.stderr.count("cannot read `odd/LOCK`: Is a directory")), (74, 1), taken.stderr)
        taken = self.start(folder, "checkpoint", "take", "nowhere")
        self.assertEqual(taken.returncode, 66, taken.stdout)

    def test_commands(self):
        folder, saved = self.half_way("commands")
        listed = self.start(folder, "checkpoint", "list", saved)
        self.assertEqual(listed.returncode, 0, listed.stderr)
        self.assertIn(len(listed.stdout.splitlines()), (2, 3), listed.stdout)
        shown = self.start(folder, "checkpoint", "inspect", saved)
        self.assertEqual(shown.returncode, 0, shown.stderr)
        self.assertIn("per_area_aggregate", shown.stdout)
        checked = self.start(folder, "checkpoint", "verify", saved)
        self.assertEqual(checked.returncode, 0, checked.stdout)
        newest = sorted(n for n in os.listdir(saved) if n.startswith("state-"))[-1]
        os.remove(os.path.join(saved, newest, "CURRENT"))
        checked = self.start(folder, "checkpoint", "verify", saved)
        self.assertEqual(checked.returncode, 65, checked.stdout)
        self.assertIn("CURRENT", checked.stdout)

    def test_state_is_read(self):
        """Of the last checkpoint of a whole run, what rolling stages have kept is what their last rows say."""
        folder = self.whole("scanned")

        def scan(*args, code=0):
            ran = self.start(folder, "state", "scan", *args)
            self.assertEqual(ran.returncode, code, ran.stdout + ran.stderr)
            return ran.stdout if code == 0 else ran.stderr

        def written(name):
            return [json.loads(line) for line in self.wanted[name + ".out"]]

        entries = [json.loads(line) for line in scan("sums_aggregate", "--json").splitlines()]
        last = {}
        with open(os.path.join(folder, "sums.out")) as file:
            for row in map(json.loads, file):
                last[row["area"]] = (row["n"], row["fares"], row["most"])
        self.assertEqual({e["key"]["area"]: (e["state"]["n"], e["state"]["fares"], e["state"]["most"]) for e in entries}, last)
        sums = {}
        for row in written("run"):
            sums[row["area"]] = max(sums.get(row["area"], 0), row["sum"])
        runs = [json.loads(line) for line in scan("run_scan", "--json").splitlines()]
        self.assertEqual({e["key"]["area"]: e["state"]["sum"] for e in runs}, sums)
        area = sorted(sums)[0]
        self.assertEqual(scan("run_scan", "--prefix", area), f'area="{area}"  sum={sums[area]}\n')
        self.assertEqual(scan("run_scan", "--prefix", "no such"), "")
        self.assertIn("run_scan  scan, key area string", scan())
        self.assertIn("paid_join  ", scan())
        self.assertIn("is not kept as values by key", scan("paid_join", code=64))
        self.assertIn("there is no state of `nothing` in the checkpoint", scan("nothing", code=64))
        # Windows that are open, in the middle.
        half, saved = self.half_way("scanned_half")
        open_ones = [json.loads(line) for line in self.start(half, "state", "scan", "per_area_aggregate", "--json").stdout.splitlines()]
        counted = {(row["area"], row["window_start"]): row for row in written("per_area")}
        self.assertTrue(open_ones)
        for e in open_ones:
            self.assertLessEqual(e["state"]["n"], counted[e["key"]["area"], e["window"]["window_start"]]["n"])
        newest = os.path.join(saved, self.manifests(saved)[-1].replace("manifest", "state"), "CURRENT")
        with open(newest, "ab") as file:
            file.write(b"x")
        ran = self.start(half, "state", "scan", "run_scan")
        self.assertEqual(ran.returncode, 65, ran.stdout)
        self.assertIn("is damaged", ran.stderr)

    def test_looking_leaves_nothing_behind(self):
        """Not even where the reader of what is printed has gone."""
        folder = self.fresh("looked_at")
        saved, own = os.path.join(folder, "kept.checkpoints"), os.path.join(folder, "tmp")
        os.mkdir(own)
        before = self.contents(saved)
        for args in (("state", "scan", "run_scan"), ("checkpoint", "inspect", saved)):
            read, write = os.pipe()
            os.close(read)
            ran = subprocess.run([self.program, *args], cwd=folder, stdout=write, stderr=subprocess.PIPE, env={**os.environ, "TMPDIR": own})
            os.close(write)
            self.assertNotEqual(ran.returncode, 0)
            self.assertEqual(os.listdir(own), [])
            self.assertEqual(self.contents(saved), before)

    def test_what_is_removed_meanwhile_is_looked_for_again(self):
        folder, saved = self.half_way("looked_again")
        old = self.manifests(saved)[-1]
        looking = {}
        for args in (("state", "scan", "run_scan"), ("checkpoint", "inspect", saved), ("checkpoint", "verify", saved), ("checkpoint", "save", saved, "it")):
            looking[args] = subprocess.Popen([self.program, *args], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                             env={**os.environ, "GRESS_STOP_AT": "manifest_chosen"})
            os.waitid(os.P_PID, looking[args].pid, os.WSTOPPED)
        self.assertEqual(self.start(folder, "--checkpoint", "1us").returncode, 0)
        self.assertNotIn(old, self.manifests(saved))
        for args, process in looking.items():
            process.send_signal(signal.SIGCONT)
            out, said = process.communicate(timeout=60)
            self.assertEqual((process.returncode, said), (0, ""), args)
            if args[0] == "state":
                self.assertEqual(out, self.start(folder, "state", "scan", "run_scan").stdout)

    def test_a_savepoint_stays(self):
        folder, saved = self.half_way("savepoint")
        kept = self.start(folder, "checkpoint", "save", saved, "before-deploy")
        self.assertEqual(kept.returncode, 0, kept.stderr)
        self.assertIn("checkpoint 6 of ", kept.stdout)
        for name, why, code in (("before-deploy", "already", 73), ("a/b", "is no name for a savepoint", 64)):
            again = self.start(folder, "checkpoint", "save", saved, name)
            self.assertEqual(again.returncode, code, again.stderr)
            self.assertIn(why, again.stderr)
        ran = self.start(folder, "--checkpoint", "1us")
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertFalse([name for name in self.manifests(saved) if name.startswith("manifest-00000006")])
        savepoint = os.path.join(saved, "savepoint-before-deploy")
        listed = self.start(folder, "checkpoint", "list", saved)
        self.assertIn("savepoint-before-deploy/manifest-00000006", listed.stdout)
        checked = self.start(folder, "checkpoint", "verify", savepoint)
        self.assertEqual(checked.returncode, 0, checked.stdout)
        ran = self.start(folder, "--restore-from", savepoint)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertIn("goes on from checkpoint 6", ran.stderr)
        self.expect_same(folder, "a savepoint")


LATE = """pipeline late { checkpoint: every(10s) }
type R { k: i64, at: timestamp }
source rows: R from file { path: "in.jsonl", format: json, time: at }
stream silent = rows |> key k |> scan { c: i64 = 0 } update { c: c + 1 } emit { k, c, last: false } retain 1h then emit { k, c, last: true }
stream counts = rows |> key k |> aggregate { n: count() } retain 1h
stream newest = rows |> key k |> latest retain 1h
stream best = rows |> key k |> top 1 by at desc retain 1h
stream three = rows |> key k |> window count(3, retain: 1h) |> aggregate { n: count() }
""" + "".join(f'sink {name} to file {{ path: "{name}.out", format: json }}\n' for name in ("silent", "counts", "newest", "best", "three"))


class LateKeys(unittest.TestCase):
    def test_a_row_that_is_later_than_its_key_is_kept_after_a_restart(self):
        """Its key runs out at once, by a watermark that only the run before was told."""
        with tempfile.TemporaryDirectory(prefix="gress-late-") as folder:
            def run(*args, crash=None):
                return subprocess.run(["./late", "-q", "--checkpoint", "1us", *args], cwd=folder, capture_output=True, text=True, timeout=60,
                                      env=dict(os.environ, **({"GRESS_CRASH_AT": crash} if crash else {})))

            with open(os.path.join(folder, "in.jsonl"), "w") as file:
                for k, hour in [(i % 3, 10) for i in range(128)] + [(9, 8)]:  # a block, and the late row in the next
                    file.write(json.dumps({"k": k, "at": f"2026-01-01T{hour:02}:00:00Z"}) + "\n")
            build("late", LATE, folder)
            self.assertEqual(run("--fresh").returncode, 0)
            wanted = outputs(folder)
            self.assertEqual(len(wanted), 5)
            self.assertIn(b'{"k":9,"c":1,"last":true}', wanted["silent.out"])
            self.assertEqual(run("--fresh", crash="manifest_stands:1").returncode, -signal.SIGKILL)
            again = run()
            self.assertEqual(again.returncode, 0, again.stderr)
            self.assertIn("goes on from checkpoint 1", again.stderr)
            self.assertEqual(outputs(folder), wanted)


if __name__ == "__main__":
    unittest.main()
