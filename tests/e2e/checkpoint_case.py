"""What tests of programs that save their state have in common: a program that is built once, its input, and what it gives
when nothing happens to it."""
import gzip
import os
import shutil
import signal
import subprocess
import tempfile

from program import build
from workers_test import write_inputs

# Where a checkpoint can be cut off, in order.
POINTS = ["taken", "begun", "outputs_synced", "state_written", "state_linked", "manifest_written", "manifest_synced",
          "manifest_renamed", "manifest_stands", "old_removed"]


def read(path):
    with (gzip.open(path, "rb") if path.endswith(".gz") else open(path, "rb")) as file:
        return sorted(file.read().splitlines())


def outputs(folder):
    return {name: read(os.path.join(folder, name)) for name in sorted(os.listdir(folder)) if ".out" in name}


class CheckpointCase:
    """`NAME` and `PROGRAM`, `FILES` that rides come in, `FLAGS` of the compiler, and `LOOSE` outputs that hang on which of two
    partitions was read first."""
    FILES, FLAGS, LOOSE = 3, "", ()

    @classmethod
    def setUpClass(cls):
        cls.root = tempfile.TemporaryDirectory(prefix="gress-checkpoints-")
        cls.program = build(cls.NAME, cls.PROGRAM, cls.root.name, cls.FLAGS)
        cls.data = os.path.join(cls.root.name, "data")
        os.mkdir(cls.data)
        write_inputs(cls.data, 3, 3000, cls.FILES)
        cls.wanted = outputs(cls.whole("wanted"))

    @classmethod
    def tearDownClass(cls):
        cls.root.cleanup()

    @classmethod
    def fresh(cls, name):
        folder = os.path.join(cls.root.name, name)
        shutil.copytree(cls.data, folder)
        return folder

    @classmethod
    def whole(cls, name):
        """A run to the end."""
        folder = cls.fresh(name)
        ran = cls.start(folder)
        assert ran.returncode == 0, ran.stderr
        return folder

    @classmethod
    def start(cls, folder, *args, crash=None):
        env = {k: v for k, v in os.environ.items() if k != "GRESS_CRASH_AT"}
        if crash:
            env["GRESS_CRASH_AT"] = crash
        return subprocess.run([cls.program, *args], cwd=folder, env=env, capture_output=True, text=True, timeout=120)

    def killed(self, folder, *args, crash):
        """Whether it came to that point of a checkpoint."""
        ran = self.start(folder, *args, "--checkpoint", f"{1 + int(crash[-1]) % 2}us", crash=crash)  # 2: some is said ahead
        self.assertIn(ran.returncode, (0, -signal.SIGKILL), ran.stderr)
        return ran.returncode != 0

    def expect_same(self, folder, why, only=None):
        got = outputs(folder)
        self.assertEqual(sorted(got), sorted(self.wanted))
        for name, lines in self.wanted.items():
            if name not in self.LOOSE and (only is None or name in only):
                self.assertEqual(got[name], lines, f"{name} after {why}")

    def test_something_is_tested(self):
        self.assertEqual([name for name, lines in self.wanted.items() if not lines], [])
