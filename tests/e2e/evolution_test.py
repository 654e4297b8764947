"""A program that was changed goes on from the state of its former version where that fits, and is refused where not;
`gressc check --against` says the same."""
import glob
import json
import os
import shutil
import signal
import subprocess
import tempfile
import unittest

from program import GRESSC, build

ITEMS = """
type Ride { id: i64, area: string, fare: FARE, at: timestamp }
type Pay { ride: i64, amount: AMOUNT, MORE at: timestamp }
source rides: Ride from file { path: "rides.jsonl", format: json, time: at }
source pays: Pay from file { path: "pays.jsonl", format: json, time: at }
stream per_area = rides |> key area |> window tumbling(1h) |> aggregate { n: count(), fares: sum(fare) }
stream lately = rides |> key area |> window sliding(30m, every: 10m) |> aggregate { n: count(), fares: sum(fare) }
stream paid = rides |> join pays as p on id == p.ride within 0s..2h |> select { id, fare, paid: p.amount }
stream best = rides |> key area |> top 2 by id desc retain forever |> select { area, id, fare }
stream run = rides |> key area |> scan { sum: i64 = 0 } update { sum: sum + fare } emit { area, sum } retain 5h
stream sums = rides |> key area |> aggregate { n: count() } retain forever
sink per_area to file { path: "per_area.out", format: json }
sink lately to file { path: "lately.out", format: json }
sink paid to file { path: "paid.out", format: json }
sink best to file { path: "best.out", format: json }
sink run to file { path: "run.out", format: json }
sink sums to file { path: "sums.out", format: json }
"""
FIRST = "pipeline kept { checkpoint: every(10s), parallelism: 1 }" + ITEMS.replace("FARE", "i32").replace("AMOUNT", "i32").replace("MORE", "note: string,")

# All at once: columns that widen, become optional, come and go; aggregates that come, before others; a stream's new name.
CHANGED = ("pipeline kept { checkpoint: every(10s), parallelism: 1, was: { per_district: per_area } }" +
           ITEMS.replace("FARE", "i64").replace("AMOUNT", "i64?").replace("MORE", "")
           .replace("per_area", "per_district").replace('"per_district.out"', '"per_area.out"')
           .replace("aggregate { n: count(), fares: sum(fare) }", "aggregate { ids: collect(id), n: count(), fares: sum(fare), most: max(id, where: id > 0) }", 1)
           .replace("aggregate { n: count(), fares: sum(fare) }", "aggregate { fares: sum(fare), n: count(), more: count(where: fare > 1) }", 1)
           .replace("aggregate { n: count() }", "aggregate { n: count(), fares: sum(fare) }"))

REFUSED = {  # what changes, and what is said of it
    "tumbling(1h)": ("tumbling(2h)", "`per_area_aggregate`: its window was `tumbling(1h)` and is `tumbling(2h)`"),
    "rides |> key area |> window tumbling": ("rides |> key id |> window tumbling", "`per_area_aggregate`: its key was `area string` and is `id i64`"),
    "tumbling(1h) |> aggregate { n: count(), fares: sum(fare) }": (
        "tumbling(1h) |> aggregate { n: count(), fares: max(fare) }", "`per_area_aggregate`: `fares` was sum(i64) and is max(i32)"),
    "every: 10m) |> aggregate { n: count(), fares: sum(fare) }": (
        "every: 10m) |> aggregate { fares: sum(fare) }", "`lately_aggregate`: `n` was count() and is gone"),
    "tumbling(1h) |> aggregate { n: count(),": (
        "tumbling(1h) |> aggregate { n: count(), most: max(fare),",
        "`per_area_aggregate`: `most` is new, and max(i32) has no value where no row has come since: with a `where:` it would be optional"),
    "paid: p.amount }": ("paid: p.amount, fees: p.fee }", "`paid_join`: of its right rows `fee` is new, and what was kept has none: it is i64, and would have to be optional"),
    "top 2 by id desc": ("top 2 by fare desc, id", "`best_top`: its order was `2 by id i64 desc` and is `2 by fare i32 desc, id i64`"),
    "scan { sum: i64 = 0 } update { sum: sum + fare } emit { area, sum }": (
        "scan { sum: string = \"\" } update { sum: sum } emit { area, sum }", "`run_scan`: `sum` was i64 and is string"),
    "stream sums =": ("stream totals =", "`sums_aggregate`: the program has no such stage: it is gone, or has another name, which `was: { new: former }`"),
}


def lines(rows):
    return "".join(json.dumps(row) + "\n" for row in rows)


def at(minute):
    return "2026-01-01T%02d:%02d:00Z" % divmod(minute, 60)


class Evolution(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.root = tempfile.TemporaryDirectory(prefix="gress-evolution-")
        for name, text in (("first", FIRST), ("changed", CHANGED)):
            build(name, text, cls.root.name)
        # The first version reads half of the rows, and is stopped; one window and all keys are open then.
        cls.stopped = cls.path("stopped")
        os.mkdir(cls.stopped)
        cls.rides = [{"id": i, "area": "abc"[i % 3], "fare": i % 7, "at": at(i)} for i in range(200)]
        cls.pays = [{"ride": i, "amount": i * 10, "note": "n", "fee": 1, "at": at(i + 5)} for i in range(0, 200, 5)]
        cls.write(cls.stopped, 100)
        ran = subprocess.run(["../first", "--checkpoint", "1us"], cwd=cls.stopped, capture_output=True, text=True, timeout=60,
                             env=dict(os.environ, GRESS_CRASH_AT="manifest_stands:2"))
        assert ran.returncode == -signal.SIGKILL, ran.stderr
        cls.saved = os.path.join(cls.stopped, "kept.checkpoints")

    @classmethod
    def tearDownClass(cls):
        cls.root.cleanup()

    @classmethod
    def path(cls, name):
        return os.path.join(cls.root.name, name)

    @classmethod
    def write(cls, folder, n):
        with open(os.path.join(folder, "rides.jsonl"), "w") as file:
            file.write(lines(cls.rides[:n]))
        with open(os.path.join(folder, "pays.jsonl"), "w") as file:
            file.write(lines(p for p in cls.pays if p["ride"] + 5 < n))

    def copy(self, name):
        folder = self.path(name)
        shutil.copytree(self.stopped, folder)
        self.write(folder, 200)
        return folder

    def run_in(self, folder, program, *args):
        return subprocess.run(["../" + program, *args], cwd=folder, capture_output=True, text=True, timeout=60)

    def rows(self, folder, name):
        with open(os.path.join(folder, name + ".out")) as file:
            return [json.loads(line) for line in file]

    def check(self, text, *args):
        with open(self.path("checked.gress"), "w") as file:
            file.write(text)
        return subprocess.run([GRESSC, "check", "--against", self.saved, "checked.gress", *args], cwd=self.root.name, capture_output=True, text=True)

    def test_goes_on_from_what_fits(self):
        same = self.copy("same")
        ran = self.run_in(same, "first")
        self.assertEqual(ran.returncode, 0, ran.stderr)
        # With another number of workers too, who take the state over by its keys while they read it in its new form.
        for workers in ((1, 1), (3, 2)):
            with self.subTest(workers=workers):
                self.goes_on(same, *workers)

    def goes_on(self, same, workers, then):
        # Killed behind its first checkpoint, which holds the state in its new form, and started again.
        folder = self.copy(f"goes_on_{workers}")
        ran = subprocess.run(["../changed", "--checkpoint", "1us", "--parallelism", str(workers)], cwd=folder, capture_output=True, text=True, timeout=60,
                             env=dict(os.environ, GRESS_CRASH_AT="manifest_stands"))
        self.assertEqual(ran.returncode, -signal.SIGKILL, ran.stderr)
        again = self.run_in(folder, "changed", "--parallelism", str(then))
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertNotIn("is new", again.stderr)
        for said in ("`per_district_aggregate`: `ids` is new: of the rows from here on", "`per_district_aggregate`: `most` is new: of the rows from here on",
                     "`paid_join`: of its left rows `fare` changes from i32 to i64", "`paid_join`: of its right rows `amount` changes from i32 to i64?",
                     "`best_top`: `fare` changes from i32 to i64"):
            self.assertIn(said, ran.stderr)
        for name, new in (("per_area", ("ids", "most")), ("lately", ("more",)), ("paid", ()), ("best", ()), ("run", ()), ("sums", ("fares",))):
            with self.subTest(name):
                key = lambda row: json.dumps(row, sort_keys=True)
                got = [{k: v for k, v in row.items() if k not in new} for row in self.rows(folder, name)]
                self.assertEqual(sorted(got, key=key), sorted(self.rows(same, name), key=key))
        # What is new counts the rows since: all of the last window, none or some of those before.
        last = [row for row in self.rows(folder, "per_area") if row["window_start"] == at(180)]
        self.assertEqual(sorted(i for row in last for i in row["ids"]), list(range(180, 200)))
        before = [row for row in self.rows(folder, "per_area") if row["window_start"] < at(180) and "ids" in row]
        self.assertTrue(any(len(row["ids"]) < row["n"] for row in before), before)
        again = subprocess.run(["../changed", "checkpoint", "inspect", "kept.checkpoints"], cwd=folder, capture_output=True, text=True)
        self.assertIn("per_district_aggregate", again.stdout)
        self.assertIn("ids collect(i64)", again.stdout)

    def test_checked_before(self):
        ran = self.check(CHANGED)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertIn("the program can go on from it", ran.stdout)
        self.assertIn("`lately_aggregate`: `more` is new: of the rows from here on", ran.stdout)
        ran = self.check(FIRST)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertNotIn("\n  `", ran.stdout)

    def test_refused(self):
        first = FIRST.replace("note: string,", "note: string, fee: i64,")
        for number, (old, (new, said)) in enumerate(REFUSED.items()):
            with self.subTest(said):
                self.assertIn(old, first)
                ran = self.check(first.replace(old, new).replace("sink sums", "sink totals" if "totals" in new else "sink sums", 1))
                self.assertEqual(ran.returncode, 65, ran.stdout + ran.stderr)
                self.assertIn("error[E0513]", ran.stderr)
                self.assertIn(said, " ".join(ran.stderr.split()))
                stage = said.split("`")[1]
                self.assertIn(f"`--drop-state {stage}`", ran.stderr)
                if number == 0:
                    dropped = self.check(first.replace(old, new), "--drop-state", stage)
                    self.assertEqual(dropped.returncode, 0, dropped.stderr)

    def test_a_program_says_the_same(self):
        folder = self.copy("refused")
        with open(self.path("refused.gress"), "w") as file:
            file.write(FIRST.replace("tumbling(1h)", "tumbling(2h)"))
        made = subprocess.run([GRESSC, "build", "refused.gress", "-o", "refuse"], cwd=self.root.name, capture_output=True, text=True)
        self.assertEqual(made.returncode, 0, made.stderr)
        before = self.rows(folder, "run")
        ran = self.run_in(folder, "refuse")
        self.assertEqual(ran.returncode, 65, ran.stderr)
        self.assertIn("holds state that this program cannot go on from `per_area_aggregate`: its window was `tumbling(1h)` and is `tumbling(2h)` run the program",
                      " ".join(ran.stderr.split()))
        self.assertIn("`--drop-state per_area_aggregate`", ran.stderr)
        self.assertEqual(self.rows(folder, "run"), before)
        ran = self.run_in(folder, "refuse", "--drop-state", "per_area")
        self.assertEqual(ran.returncode, 64, ran.stderr)
        self.assertIn("there is no such state in the checkpoint", ran.stderr)
        ran = self.run_in(folder, "refuse", "--drop-state", "per_area_aggregate")
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertIn("the state of `per_area_aggregate` is dropped", ran.stderr)
        counted = sum(row["n"] for row in self.rows(folder, "per_area"))
        self.assertTrue(0 < counted < 200, counted)
        self.assertEqual(len(self.rows(folder, "run")), 200)


# Of two workers. What is described of it: how calls are known, where state lies, what params were.
MANY = """
pipeline many { checkpoint: every(10s), parallelism: 2 }
param size: duration = 1h
param most: i64 = abs(-2)
type Ride { id: i64, area: string, rider: i64, fare: i64, at: timestamp }
source rides: Ride from file { path: "rides.jsonl", format: json, time: at }
source more: Ride from file { path: "more.jsonl", format: json, time: at }
stream both = merge(rides, more) |> key area |> window tumbling(1h) |> aggregate { n: count() }
stream means = rides |> key area |> window tumbling(1h) |> aggregate { cents: sum(fare) / 100, ids: sum(id) / 100 }
stream riders = rides |> key area |> window tumbling(1h)
  |> aggregate { all: count_distinct(rider), few: count_distinct(rider, where: fare < 3), many: count_distinct(rider, where: fare > 4) }
sink both to file { path: "both.out", format: json }
sink rides as archive to file { path: "archive/{area}/{format_time(window_start, "%H%z")}.jsonl", format: json, window: tumbling(1h) }
stream before = rides |> key area |> extend { mean: avg(fare, where: fare > 1, before: 30m), top: max(fare, over: 3) } retain forever
sink before to file { path: "before.out", format: json }
stream best = rides |> key area |> window sliding(size, every: size) |> top most by id
sink best to file { path: "best.out", format: json, ordered: true }
sink means to file { path: "means.out", format: json }
sink riders to file { path: "riders.out", format: json }
"""

# By name: what changes in MANY, and what `check --against` prints of it; lines of the states that change, or of why it is refused.
DESCRIBED = {
    "calls change places": ({"{ cents: sum(fare) / 100, ids: sum(id) / 100 }": "{ ids: sum(id) / 100, cents: sum(fare) / 100 }"},
                            "`means_aggregate`: the order of its aggregates"),
    "a call is another one": ({"ids: sum(id) / 100": "ids: sum(rider) / 100"}, "`means_aggregate`: `sum(id)` was sum(i64) and is gone"),
    "counts of one table change places": (
        {"few: count_distinct(rider, where: fare < 3), many: count_distinct(rider, where: fare > 4)":
         "many: count_distinct(rider, where: fare > 4), few: count_distinct(rider, where: fare < 3)"},
        "`all` was count_distinct(i64) of all, few, many and is count_distinct(i64) of all, many, few"),
    "what was at one worker would be at several": ({", ordered: true": ""}, "`best_top`: each key was at the first worker and is at the owner of the key"),
    "and the other way round": ({'"both.out", format: json': '"both.out", format: json, ordered: true'},
                                "`both_aggregate`: each key was at the owner of the key and is at the first worker"),
    "one worker has it all": ({", ordered: true": "", ", parallelism: 2": ""},
                              "`best_top`: each key is counted to the owner of the key, not to the first worker"),
    "frames are laid out anew": ({"before: 30m)": "before:\n  // Half an hour.\n  30m)"}, "states are as they were"),
    "a frame is another one": ({"before: 30m)": "before: 31m)"},
                               "`before_extend`: its list of calls was `avg(fare, where: fare > 1) before 30m of avg(i64)?, max(fare) over 3 rows of max(i64)` and is"),
    "a sink of files has another name": ({"rides as archive": "rides as vault", "every(10s)": "every(10s), was: { vault: archive }"}, "states are as they were"),
    "a sink of files is gone": ({'sink rides as archive to file { path: "archive/{area}/{format_time(window_start, "%H%z")}.jsonl", format: json, window: tumbling(1h) }': ""},
                                "`archive_sink`: it is gone, and nothing hangs on it"),
    "a param has another default": ({"= 1h": "= 60m", "abs(-2)": "abs(-3)"}, "`best_top`: its value of `most` was `abs(-2)` and is `abs(-3)`"),
    "inputs of a merge change places": ({"merge(rides, more)": "merge(more, rides)"},
                                        "`both_merge`: it begins anew: its order of inputs was `rides, more` and is `more, rides`"),
}


class Described(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.root = tempfile.TemporaryDirectory(prefix="gress-described-")
        cls.folder = os.path.join(cls.root.name, "first")
        os.mkdir(cls.folder)
        build("many", MANY, cls.folder)
        cls.write("rides.jsonl", lines({"id": i, "area": "abc"[i % 3], "rider": i % 5, "fare": i % 7, "at": at(i)} for i in range(200)))
        cls.write("more.jsonl", lines({"id": i, "area": "a", "rider": 1, "fare": 1, "at": at(i)} for i in range(0, 300, 2)))
        ran = subprocess.run(["./many", "--checkpoint", "1us"], cwd=cls.folder, capture_output=True, text=True, timeout=60,
                             env=dict(os.environ, GRESS_CRASH_AT="manifest_stands"))
        assert ran.returncode == -signal.SIGKILL, ran.stderr

    @classmethod
    def tearDownClass(cls):
        cls.root.cleanup()

    @classmethod
    def write(cls, name, text):
        with open(os.path.join(cls.folder, name), "w") as file:
            file.write(text)

    def check(self, changes, *args):
        text = MANY
        for old, new in changes.items():
            self.assertIn(old, text)
            text = text.replace(old, new)
        self.write("checked.gress", text)
        return subprocess.run([GRESSC, "check", "--against", "many.checkpoints", "checked.gress", *args], cwd=self.folder, capture_output=True, text=True)

    def test_what_is_told_of_each_change(self):
        ran = self.check({})
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertNotIn("\n  `", ran.stdout)
        for name, (changes, said) in DESCRIBED.items():
            with self.subTest(name):
                ran = self.check(changes)
                self.assertEqual(ran.returncode, 0 if "begins anew" in said or " was " not in said else 65, ran.stdout + ran.stderr)
                self.assertIn(said, " ".join((ran.stdout + ran.stderr).split()))

    def test_what_the_program_refuses_is_told(self):
        ran = self.check({"pipeline many": "pipeline others"})
        self.assertEqual(ran.returncode, 64, ran.stdout + ran.stderr)
        self.assertIn("is of the program `many`, this is `others`", ran.stderr)
        ran = self.check({}, "--drop-state", "mean")
        self.assertEqual(ran.returncode, 64, ran.stdout + ran.stderr)
        self.assertIn("`--drop-state mean`: there is no such state in the checkpoint", ran.stderr)
        ran = self.check({"tumbling(1h) |> aggregate": "tumbling(2h) |> aggregate"}, "--drop-state", "both_aggregate,means_aggregate,riders_aggregate")
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)

    def copy(self, name):
        return shutil.copytree(self.folder, os.path.join(self.root.name, name))

    def test_stages_of_a_run_are_those_described(self):
        folder = self.copy("stages")
        ran = subprocess.run(["./many", "--fresh", "--log-format", "json"], cwd=folder, capture_output=True, text=True, timeout=60)
        summary = [event for event in map(json.loads, ran.stderr.splitlines()) if event["event"] == "summary"][0]
        described = json.loads(subprocess.run(["./many", "--describe"], cwd=folder, capture_output=True, text=True, check=True).stdout)
        self.assertEqual(*(sorted((s["kind"], s["name"], s["line"]) for s in stages) for stages in (described["stages"], summary["time"]["stages"])))
        self.assertIn("archive: window", {s["name"] for s in described["stages"]})

    def test_values_of_params(self):
        for given, said in ((("-p", "size=60m"), ""), (("-p", "size=2h"), "`best_top`: its value of `size` was `PT1H` and is `PT2H`")):
            ran = self.check({}, *given)
            self.assertEqual(ran.returncode, 65 if said else 0, ran.stdout + ran.stderr)
            self.assertIn(said, ran.stderr)
            ran = subprocess.run(["./many", *given, "--parallelism", "3"], cwd=self.copy(given[1]),
                                 capture_output=True, text=True, timeout=60)
            self.assertEqual(ran.returncode, 65 if said else 0, ran.stdout + ran.stderr)
            self.assertIn(said, ran.stderr)
        self.assertEqual(self.check({}, "-p", "sise=1h").returncode, 64)


class Renamed(unittest.TestCase):
    """A stream and its sink take the name that others had."""

    PROGRAM = """pipeline renamed {{ checkpoint: every(10s){options} }}
type R {{ k: i64, at: timestamp }}
source rows: R from file {{ path: "in.jsonl", format: json, time: at }}
{streams}"""
    SHORT = """stream daily = rows |> filter k == 0 |> key k |> aggregate { n: count() } retain forever
sink daily to file { path: "daily.out", format: json }
"""
    LONG = """stream NAME = rows |> key k |> aggregate { n: count(), all: sum(k) } retain forever
sink NAME to file { path: "long.out", format: json }
"""

    def test_state_and_output_are_both_of_the_former_name(self):
        with tempfile.TemporaryDirectory(prefix="gress-renamed-") as folder:
            def write(name, text):
                with open(os.path.join(folder, name), "w") as file:
                    file.write(text)

            def run(program, *args, crash=None):
                return subprocess.run(["./" + program, "-q", "--checkpoint", "1us", *args], cwd=folder, capture_output=True, text=True, timeout=60,
                                      env=dict(os.environ, **({"GRESS_CRASH_AT": crash} if crash else {})))

            write("in.jsonl", lines({"k": i % 3, "at": at(i)} for i in range(300)))
            write("first.gress", self.PROGRAM.format(options="", streams=self.SHORT + self.LONG.replace("NAME", "daily_v2")))
            write("second.gress", self.PROGRAM.format(options=", was: { daily: daily_v2 }", streams=self.LONG.replace("NAME", "daily")))
            for name in "first", "second":
                subprocess.run([GRESSC, "build", name + ".gress", "-o", name], cwd=folder, check=True)
            self.assertEqual(run("first").returncode, 0)
            with open(os.path.join(folder, "long.out")) as file:
                wanted = file.read()
            self.assertEqual(run("first", "--fresh", crash="manifest_stands:2").returncode, -signal.SIGKILL)
            ran = run("second", "--drop-state", "daily_aggregate")
            self.assertEqual(ran.returncode, 0, ran.stderr)
            self.assertIn("goes on from checkpoint 2", ran.stderr)
            with open(os.path.join(folder, "long.out")) as file:
                self.assertEqual(file.read(), wanted)

    def test_another_path_is_another_file(self):
        """Rows behind the checkpoint stand there, without those before; a file that may be the former one is not emptied."""
        with tempfile.TemporaryDirectory(prefix="gress-other-path-") as folder:
            def path(name):
                return os.path.join(folder, name)

            def read(name):
                with open(path(name)) as file:
                    return file.read()

            def run(out, *args, crash=None):
                return subprocess.run(["./moves", "-q", "--checkpoint", "1us", "-p", "out=" + out, *args], cwd=folder, capture_output=True, text=True,
                                      timeout=60, env=dict(os.environ, **({"GRESS_CRASH_AT": crash} if crash else {})))

            with open(path("in.jsonl"), "w") as file:
                file.write(lines({"k": i, "at": at(i)} for i in range(300)))
            with open(path("moves.gress"), "w") as file:
                file.write(self.PROGRAM.format(options="", streams='param out: string\nsink rows to file { path: out, format: csv }\n'))
            subprocess.run([GRESSC, "build", "moves.gress", "-o", "moves"], cwd=folder, check=True)
            self.assertEqual(run("whole.out").returncode, 0)
            header, *wanted = read("whole.out").splitlines()
            self.assertEqual(run("first.out", "--fresh", crash="manifest_stands:2").returncode, -signal.SIGKILL)
            first = read("first.out")
            name = glob.glob(path("*.checkpoints"))[0]
            shutil.copytree(name, path("kept"))

            def again():
                shutil.rmtree(name)
                shutil.copytree(path("kept"), name)

            for turn in "begun", "manifest_stands:2", None:  # killed before its first checkpoint, and behind it
                ran = run("second.out", crash=turn)
                self.assertEqual(ran.returncode, -signal.SIGKILL if turn else 0, ran.stderr)
                if turn == "begun":
                    self.assertIn("it writes `second.out` now; those before are in `first.out`", ran.stderr)
            rows = read("second.out").splitlines()
            self.assertEqual(rows[0], header)
            self.assertEqual(rows[1:], wanted[-len(rows) + 1:])
            self.assertEqual(read("first.out"), first)
            self.assertLess(len(rows) - 1, len(wanted))
            self.assertGreaterEqual(len(rows) - 1 + len(first.splitlines()) - 1, len(wanted))

            again()
            os.rename(path("first.out"), path("third.out"))
            ran = run("third.out")
            self.assertEqual(ran.returncode, 65, ran.stderr)
            self.assertIn("`first.out` when the checkpoint was taken, which is not there any more, and `third.out` is not empty", ran.stderr)
            self.assertEqual(read("third.out"), first)

            os.rename(path("third.out"), path("first.out"))
            ran = run("./first.out")  # the same file
            self.assertEqual(ran.returncode, 0, ran.stderr)
            self.assertEqual(read("first.out"), read("whole.out"))


if __name__ == "__main__":
    unittest.main()
