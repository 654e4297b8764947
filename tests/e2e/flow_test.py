"""Backpressure: a sink that takes nothing for a while, or is full, in a program for several workers whose sinks' paths are
params. Nothing is lost, memory stays as it is, and what is said names the sink's line."""
import json
import os
import pty
import signal
import subprocess
import tempfile
import threading
import time
import unittest

from program import GRESSC

PROGRAM = """pipeline flow { parallelism: 3 }
param rows_to: string = "rows.out"
param sums_to: string = "sums.out"
param input: string = "in*.jsonl"
type Row { k: i64, v: i64, at: timestamp }
source rows: Row from file { path: input, format: json, time: at }
stream twice = rows |> select { k, double: v * 2 }
stream sums = rows |> distinct k, v within 1h |> select { k, v }
sink twice to file { path: rows_to, format: csv }
sink sums to file { path: sums_to, format: json }
"""
TWICE_LINE = 9
CHUNK, CHUNKS = 10_000, 20
ROWS = CHUNK * CHUNKS
MOST_MEMORY = 64 << 20
LONG = 60


class Flow(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="gress-flow-")
        with open(cls.path("flow.gress"), "w") as file:
            file.write(PROGRAM)
        made = subprocess.run([GRESSC, "build", "flow.gress", "-o", "flow"], cwd=cls.folder.name, capture_output=True, text=True)
        assert made.returncode == 0, made.stderr
        chunk = "".join('{"k": %d, "v": %d, "at": "2026-03-01T00:00:00Z"}\n' % (n % 97, n) for n in range(CHUNK))
        for f in range(3):
            with open(cls.path(f"in{f}.jsonl"), "w") as file:
                for _ in range(f, CHUNKS, 3):
                    file.write(chunk)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @classmethod
    def path(cls, name):
        return os.path.join(cls.folder.name, name)

    def start(self, *args):
        return subprocess.Popen([self.path("flow"), *args], cwd=self.folder.name, stderr=subprocess.PIPE, text=True)

    def memory(self, process):
        with open(f"/proc/{process.pid}/status") as file:
            return next(int(line.split()[1]) << 10 for line in file if line.startswith("VmHWM"))

    def stalled(self, *args):
        """What a run says whose first sink is a pipe that is not read for some seconds, and then is."""
        pipe = self.path("slow.fifo")
        os.mkfifo(pipe)
        process, lines = self.start("-p", "rows_to=slow.fifo", "--stuck-after", "1s", *args), []
        try:
            with open(pipe) as file:
                time.sleep(2.5)
                memory = self.memory(process)
                lines = file.readlines()
            said = process.communicate(timeout=LONG)[1]
        finally:
            os.remove(pipe)
        self.assertEqual(process.returncode, 0, said)
        self.assertEqual(len(lines), ROWS + 1)
        self.assertLess(memory, MOST_MEMORY)
        return said

    def test_a_sink_that_stalls(self):
        said = self.stalled("--parallelism", "1")
        self.assertIn(f"warning: sink `twice` (flow.gress:{TWICE_LINE}) has waited for `slow.fifo` to take its rows for 1 s", said)
        self.assertIn(f"sink `twice` (flow.gress:{TWICE_LINE}) writes again, after ", said)
        self.assertRegex(said, rf"slowest   sink twice \(flow.gress:{TWICE_LINE}\) held the sources for \d+ % of the time")

    def test_a_sink_that_stalls_three_workers(self):
        said = self.stalled("--log-format", "json")
        said = {event["event"]: event for event in map(json.loads, said.splitlines())}
        stalled, summary = said["sink_stalled"], said["summary"]
        self.assertEqual((stalled["sink"], stalled["line"], stalled["target"]), ("twice", TWICE_LINE, "slow.fifo"))
        self.assertEqual(said["sink_moves"]["sink"], "twice")
        stages = summary["time"]["stages"]
        self.assertEqual((stages[0]["kind"], stages[0]["name"], stages[0]["line"]), ("sink", "twice", TWICE_LINE))
        self.assertGreater(stages[0]["waiting"] + stages[0]["held"], 0.4 * summary["time"]["seen"])
        described = json.loads(subprocess.run([self.path("flow"), "--describe"], capture_output=True, text=True, check=True).stdout)
        named = {(s["kind"], s["name"], s["line"]) for s in described["stages"]}
        self.assertEqual(named, {(s["kind"], s["name"], s["line"]) for s in stages})
        self.assertIn(("stage", "twice: select", 7), named)

    def test_a_sink_that_is_slow(self):
        """It takes rows, but a bit at a time."""
        pipe = self.path("bits.fifo")
        os.mkfifo(pipe)
        process = self.start("-p", "rows_to=bits.fifo", "--stuck-after", "500ms")
        with open(pipe, "rb") as file:
            while file.read(16384):
                time.sleep(0.05)
        said = process.communicate(timeout=LONG)[1]
        self.assertEqual(process.returncode, 0, said)
        self.assertRegex(said, rf"gress: sink `twice` \(flow.gress:{TWICE_LINE}\) held the sources for \d+ % of the last 500 ms: `bits.fifo` takes its rows slowly")

    def test_sinks_share_standard_output(self):
        """Whole lines of each, from several workers."""
        process = subprocess.Popen([self.path("flow"), "-q", "-p", "rows_to=-", "-p", "sums_to=-"], cwd=self.folder.name, stdout=subprocess.PIPE, text=True)
        twice, sums = [], []
        for line in process.stdout:
            (sums if line.startswith("{") else twice).append(line)
        process.stdout.close()
        self.assertEqual(process.wait(LONG), 0)
        self.assertEqual(twice.pop(0), "k,double\n")
        self.assertEqual(sorted(twice), sorted(f"{n % 97},{2 * n}\n" for n in range(CHUNK) for _ in range(CHUNKS)))
        self.assertEqual(sorted((row["k"], row["v"]) for row in map(json.loads, sums)), sorted((n % 97, n) for n in range(CHUNK)))

    def test_workers_share_a_terminal(self):
        """One sink's table has no name above it, whoever computes its rows."""
        with open(self.path("shown.gress"), "w") as file:
            file.write("".join(line for line in PROGRAM.splitlines(True) if not line.startswith("sink sums")).replace(
                "sink twice to file { path: rows_to, format: csv }", "sink twice to console"))
        made = subprocess.run([GRESSC, "build", "shown.gress", "-o", "shown"], cwd=self.folder.name, capture_output=True, text=True)
        self.assertEqual(made.returncode, 0, made.stderr)
        ours, theirs = pty.openpty()
        process = subprocess.Popen([self.path("shown"), "-q"], cwd=self.folder.name, stdout=theirs, env=dict(os.environ, NO_COLOR="1"))
        os.close(theirs)
        shown = b""
        while True:
            try:
                some = os.read(ours, 1 << 16)
            except OSError:  # nobody writes there any more
                break
            if not some:
                break
            shown += some
        os.close(ours)
        self.assertEqual(process.wait(LONG), 0)
        lines = shown.decode().split("\r\n")
        self.assertEqual([line for line in lines if "double" in line or ":" in line], [lines[0]])
        self.assertEqual(sorted(tuple(map(int, line.split())) for line in lines[1:-1]),
                         sorted((n % 97, 2 * n) for n in range(CHUNK) for _ in range(CHUNKS)))

    def test_no_input_is_said_to_be_the_slowest(self):
        pipe = self.path("late.fifo")
        os.mkfifo(pipe)
        process = self.start("-p", "input=late.fifo")
        with open(pipe, "w") as file:
            file.write('{"k": 1, "v": 1, "at": "2026-03-01T00:00:00Z"}\n')
            file.flush()
            time.sleep(2)
        said = process.communicate(timeout=LONG)[1]
        self.assertRegex(said, r"slowest   the input: there was nothing to read for \d\d+ % of the time")

    def test_a_full_disk_ends_all(self):
        for sink, param in (("twice", "rows_to"), ("sums", "sums_to")):
            with self.subTest(sink=sink):
                process = self.start("-p", param + "=/dev/full")
                said = process.communicate(timeout=LONG)[1]
                self.assertEqual(process.returncode, 74, said)
                self.assertEqual(said.count("error: "), 1, said)
                self.assertIn(f"error: sink `{sink}`: cannot write `/dev/full`: No space left on device", said)
                self.assertIn("failed after", said)

    def test_a_stop_while_a_sink_stalls(self):
        """What was produced still goes to whoever reads; who asked is told what is waited for."""
        pipe = self.path("stop.fifo")
        os.mkfifo(pipe)
        process = self.start("-p", "rows_to=stop.fifo")
        with open(pipe) as file:
            time.sleep(1)
            process.send_signal(signal.SIGTERM)
            said = []
            reader = threading.Thread(target=lambda: said.extend(process.stderr))
            reader.start()
            for _ in range(100):
                if said:
                    break
                time.sleep(0.1)
            self.assertIn("has waited for `stop.fifo`", "".join(said[:1]))
            lines = file.readlines()
        self.assertEqual(process.wait(LONG), 0)
        reader.join()
        process.stderr.close()
        self.assertIn("stopped by SIGTERM", "".join(said))
        self.assertTrue(all(line.endswith("\n") and line.count(",") == 1 for line in lines))
        self.assertLess(len(lines), ROWS)


if __name__ == "__main__":
    unittest.main()
