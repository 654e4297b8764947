"""Time in the engine, with named pipes whose writers we are: idle partitions, sources read at one pace, a watermark
that does not move. Waits are generous: what is tested is that something comes, or that it does not come while its
cause is missing."""
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

from program import GRESSC

TYPES = "type Row { k: string, at: timestamp }\n"
LONG = 20  # seconds to wait for what must come
SHORT = 0.6  # seconds in which nothing may come


def row(k, at):
    return json.dumps({"k": k, "at": f"2024-01-01T{at}Z"}) + "\n"


class Pipes(unittest.TestCase):
    HEAD = ""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="gress-e2e-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.pipes = {}

    def path(self, name):
        return os.path.join(self.folder, name)

    def start(self, text, pipes, *args):
        with open(self.path("p.gress"), "w") as file:
            file.write(self.HEAD + TYPES + text)
        built = subprocess.run([GRESSC, "build", "p.gress", "-o", "p"], cwd=self.folder, capture_output=True, text=True, timeout=300)
        self.assertEqual(built.returncode, 0, built.stderr)
        for name in pipes:
            os.mkfifo(self.path(name))
        self.said = open(self.path("said"), "w+")
        self.program = subprocess.Popen([self.path("p"), *args], cwd=self.folder, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=self.said)
        self.addCleanup(self.end)
        self.seen = b""
        for name in pipes:
            self.pipes[name] = open(self.path(name), "w")

    def end(self):
        for pipe in self.pipes.values():
            pipe.close()
        if self.program.poll() is None:
            self.program.kill()
        self.program.wait()
        self.program.stdout.close()
        self.said.close()

    def write(self, name, *rows):
        self.pipes[name].write("".join(rows))
        self.pipes[name].flush()

    def lines(self, seconds, enough=None):
        """Lines that come on standard output within so long, or until there are enough."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and (enough is None or self.seen.count(b"\n") < enough):
            if select.select([self.program.stdout], [], [], left)[0]:
                more = os.read(self.program.stdout.fileno(), 65536)
                if not more:
                    break
                self.seen += more
        whole, _, self.seen = self.seen.rpartition(b"\n")
        return [json.loads(line) for line in whole.splitlines()]

    def expect(self, *want):
        got = self.lines(LONG, len(want))
        if self.HEAD:  # keys of one window have no order between workers
            got, want = (sorted(rows, key=json.dumps) for rows in (got, want))
        self.assertEqual(got, list(want), self.errors())

    def expect_nothing(self, seconds=SHORT):
        self.assertEqual(self.lines(seconds), [])

    def errors(self):
        with open(self.path("said")) as file:
            return file.read()

    def wait_for(self, part, seconds=LONG):
        until = time.monotonic() + seconds
        while part not in self.errors():
            self.assertLess(time.monotonic(), until, f"not said: {part}\n{self.errors()}")
            time.sleep(0.02)

    def cpu_seconds(self):
        with open(f"/proc/{self.program.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


COUNTS = """
stream counts = rows |> key k |> window tumbling(1m, late_to: behind) |> aggregate { n: count() }
stream short = counts |> select { k, n }
stream short_behind = behind |> select { k, late: true }
sink short to stdout { format: json }
sink short_behind to file { path: "behind.jsonl", format: json }
"""


class Idle(Pipes):
    def source(self, option):
        return f'source rows: Row from file {{ path: "in.*", format: json, time: at{option} }}' + COUNTS

    def test_partitions_are_read_as_they_come(self):
        """One pipe is silent, another is not: rows of the second are read at once."""
        self.start('source rows: Row from file { path: "in.*", format: json, time: at }\nsink rows to stdout { format: json }',
                   ["in.a", "in.b"])
        self.write("in.b", row("x", "00:00:01"))
        self.assertEqual(len(self.lines(LONG, 1)), 1, self.errors())
        self.write("in.a", row("x", "00:00:02"))
        self.assertEqual(len(self.lines(LONG, 1)), 1, self.errors())

    def test_without_idle_a_silent_partition_holds(self):
        self.start(self.source(""), ["in.a", "in.b"])
        self.write("in.a", row("x", "00:00:01"), row("x", "00:05:00"))
        self.expect_nothing(1.5)

    def test_idle_partition_lets_go_and_comes_back(self):
        self.start(self.source(", idle: 300ms"), ["in.a", "in.b"])
        self.write("in.a", row("x", "00:00:01"))
        self.write("in.b", row("x", "00:00:30"))
        self.expect_nothing()
        self.write("in.a", row("y", "00:05:00"))
        self.expect({"k": "x", "n": 2})
        # `b` is active again, and judged by where the watermark is now.
        self.write("in.b", row("old", "00:00:40"), row("z", "00:05:10"))
        self.write("in.a", row("y", "00:09:00"))
        self.expect({"k": "y", "n": 1}, {"k": "z", "n": 1})
        for pipe in self.pipes.values():
            pipe.close()
        self.expect({"k": "y", "n": 1})
        self.assertEqual(self.program.wait(LONG), 0)
        with open(self.path("behind.jsonl")) as file:
            self.assertEqual([json.loads(line)["k"] for line in file], ["old"])

    def test_active_partition_holds_again(self):
        self.start(self.source(", idle: 400ms"), ["in.a", "in.b"])
        self.write("in.a", row("x", "00:00:01"), row("x", "00:02:00"))
        self.expect({"k": "x", "n": 1})
        self.write("in.b", row("x", "00:02:01"))
        self.write("in.a", row("x", "00:04:00"))
        self.write("in.b", row("x", "00:02:02"))
        self.expect({"k": "x", "n": 3})

    def test_clock_takes_over(self):
        self.start('source rows: Row from file { path: "in.a", format: json, time: at, idle: advance(200ms) }\n'
                   "stream counts = rows |> key k |> window tumbling(1s) |> aggregate { n: count() } |> select { k, n }\n"
                   "sink counts to stdout { format: json }", ["in.a"])
        self.write("in.a", row("x", "00:00:00"), row("x", "00:00:00.200"))
        self.expect({"k": "x", "n": 2})
        self.assertLess(self.cpu_seconds(), 1)

    def test_nothing_to_go_on_from(self):
        """Before the first row the clock has no time to begin with."""
        self.start(self.source(", idle: advance(100ms)"), ["in.a"])
        time.sleep(SHORT)
        self.write("in.a", row("x", "00:00:01"), row("x", "00:02:00"))
        self.expect({"k": "x", "n": 1})

    def test_idle_source_follows_those_it_meets(self):
        self.start('source a: Row from file { path: "a", format: json, time: at }\n'
                   'source b: Row from file { path: "b", format: json, time: at, idle: 300ms }\n'
                   "stream both = merge(a, b)\n"
                   "stream counts = both |> key k |> window tumbling(1m) |> aggregate { n: count() } |> select { k, n }\n"
                   "sink counts to stdout { format: json }", ["a", "b"])
        self.write("a", row("x", "00:00:01"), row("x", "00:02:00"))
        self.expect({"k": "x", "n": 1})

    def test_when_all_sources_are_idle_the_furthest_counts(self):
        self.start('source a: Row from file { path: "a", format: json, time: at, idle: 300ms }\n'
                   'source b: Row from file { path: "b", format: json, time: at, idle: 600ms }\n'
                   "stream both = merge(a, b)\n"
                   "stream counts = both |> key k |> window tumbling(1m) |> aggregate { n: count() } |> select { k, n }\n"
                   "sink counts to stdout { format: json }", ["a", "b"])
        self.write("a", row("x", "00:00:01"), row("x", "00:02:00"))
        self.expect({"k": "x", "n": 1})

    def test_another_time(self):
        self.start('source rows: Row from file { path: "in.*", format: json, time: at, idle: 300ms }\n'
                   "stream counts = rows |> time at + 1h delay 10s |> key k |> window tumbling(1m) |> aggregate { n: count() } |> select { k, n }\n"
                   "sink counts to stdout { format: json }", ["in.a", "in.b"])
        self.write("in.a", row("x", "00:00:01"), row("x", "00:02:00"))
        self.expect({"k": "x", "n": 1})
        self.write("in.b", row("y", "00:02:01"))
        self.write("in.a", row("x", "00:04:00"))
        self.expect({"k": "x", "n": 1}, {"k": "y", "n": 1})

    def test_source_without_idle_holds(self):
        self.start('source a: Row from file { path: "a", format: json, time: at }\n'
                   'source b: Row from file { path: "b", format: json, time: at }\n'
                   "stream both = merge(a, b)\n"
                   "stream counts = both |> key k |> window tumbling(1m) |> aggregate { n: count() } |> select { k, n }\n"
                   "sink counts to stdout { format: json }", ["a", "b"])
        self.write("a", row("x", "00:00:01"), row("x", "00:02:00"))
        self.expect_nothing(1)


class IdleAtWorkers(Idle):
    HEAD = "pipeline p { parallelism: 3 }\n"


class Align(Pipes):
    PROGRAM = """
source fast: Row from file { path: "fast", format: json, time: at, align: both, max_drift: 1m }
source slow: Row from file { path: "slow", format: json, time: at, align: both, max_drift: 1m %s }
stream all = merge(fast, slow)
sink all to stdout { format: json }
"""

    def names(self, count):
        return [r["k"] for r in self.lines(LONG, count)]

    def test_fast_source_pauses(self):
        self.start(self.PROGRAM % "", ["fast", "slow"])
        self.write("fast", row("f0", "00:00:00"))
        self.assertEqual(self.names(1), ["f0"])
        self.write("fast", row("f5", "00:05:00"))  # the slow one has not begun
        self.expect_nothing()
        before = self.cpu_seconds()
        self.expect_nothing(1)
        self.assertLess(self.cpu_seconds() - before, 0.3, "a paused source must not spin")
        self.write("slow", row("s0", "00:00:00"))
        self.assertEqual(sorted(self.names(2)), ["f5", "s0"])
        self.write("fast", row("f6", "00:06:00"))
        self.write("slow", row("s4", "00:03:59"))
        self.assertEqual(self.names(1), ["s4"])
        self.expect_nothing()
        self.write("slow", row("s5", "00:04:00"))  # one minute behind is near enough
        self.assertEqual(self.names(2), ["s5", "f6"])

    def test_ended_source_holds_nobody(self):
        self.start(self.PROGRAM % "", ["fast", "slow"])
        self.write("slow", row("s0", "00:00:00"))
        self.write("fast", row("f0", "00:00:00"), )
        self.assertEqual(len(self.names(2)), 2)
        self.write("fast", row("f5", "00:05:00"))
        self.assertEqual(self.names(1), ["f5"])
        self.write("fast", row("f9", "00:09:00"))
        self.expect_nothing()
        self.pipes["slow"].close()
        self.assertEqual(self.names(1), ["f9"])

    def test_idle_source_holds_nobody(self):
        self.start(self.PROGRAM % ", idle: 300ms", ["fast", "slow"])
        self.write("fast", row("f0", "00:00:00"))
        self.write("fast", row("f5", "00:05:00"))
        self.assertEqual(self.names(2), ["f0", "f5"])
        self.write("fast", row("f9", "00:09:00"))
        self.assertEqual(self.names(1), ["f9"])


class AlignAtWorkers(Pipes):
    HEAD = "pipeline p { parallelism: 3 }\n"

    def test_a_source_waits_for_one_that_another_worker_reads(self):
        self.start(Align.PROGRAM.replace('"fast"', '"fast.*"') % "", ["fast.a", "fast.b", "slow"])
        for pipe in ("fast.a", "fast.b", "slow"):
            self.write(pipe, row(pipe, "00:00:00"))
            self.expect({"k": pipe, "at": "2024-01-01T00:00:00Z"})
        self.write("fast.b", row("f5", "00:05:00"))
        self.expect({"k": "f5", "at": "2024-01-01T00:05:00Z"})
        self.write("fast.b", row("f6", "00:06:00"))
        before = self.cpu_seconds()
        self.expect_nothing(1)
        self.assertLess(self.cpu_seconds() - before, 0.3, "a paused source must not spin")
        self.write("slow", row("s4", "00:04:00"))
        self.expect({"k": "f6", "at": "2024-01-01T00:06:00Z"}, {"k": "s4", "at": "2024-01-01T00:04:00Z"})


class Stuck(Pipes):
    PROGRAM = 'source rows: Row from file { path: "in.*", format: json, time: at %s }' + COUNTS

    def test_says_who_holds_the_watermark(self):
        self.start(self.PROGRAM % "", ["in.a", "in.b"], "--stuck-after", "300ms")
        self.write("in.a", row("x", "00:00:01"), row("x", "00:05:00"))
        self.write("in.b", row("x", "00:00:02"))
        self.wait_for("the watermark has stood at 2024-01-01T00:00:02Z for")
        said = self.errors()
        self.assertIn("others have come to 2024-01-01T00:05:00Z", said)
        self.assertIn("source `rows`, partition 1 (`in.b`): it waits for input, and without `idle:` it does so for ever", said)
        self.write("in.b", row("x", "00:05:02"))
        self.wait_for("the watermark moves again")
        self.write("in.a", row("x", "00:09:00"))
        self.wait_for("the watermark has stood at 2024-01-01T00:05:02Z for")
        self.program.send_signal(signal.SIGTERM)
        self.assertEqual(self.program.wait(LONG), 0)
        self.assertIn("the watermark stood at 2024-01-01T00:05:02Z, others had come to 2024-01-01T00:09:00Z; held by source `rows`, "
                      "partition 1", self.errors())

    def test_json(self):
        self.start(self.PROGRAM % ", idle: 1h", ["in.a", "in.b"], "--stuck-after", "200ms", "--log-format", "json")
        self.write("in.a", row("x", "00:00:01"))
        self.wait_for('"event":"watermark_stuck"')
        said = [json.loads(line) for line in self.errors().splitlines() if "watermark_stuck" in line][0]
        self.assertEqual((said["source"], said["partition"], said["file"], said["watermark"]), ("rows", 1, "in.b", None))
        self.assertIn("its `idle:` has not run out", said["message"])

    def test_silence_of_all_is_no_problem(self):
        self.start(self.PROGRAM % "", ["in.a"], "--stuck-after", "100ms")
        self.write("in.a", row("x", "00:00:01"))
        time.sleep(SHORT)
        self.assertEqual(self.errors(), "")

    def test_never(self):
        self.start(self.PROGRAM % "", ["in.a", "in.b"], "--stuck-after", "never")
        self.write("in.a", row("x", "00:00:01"))
        time.sleep(SHORT)
        self.assertEqual(self.errors(), "")


if __name__ == "__main__":
    unittest.main()
