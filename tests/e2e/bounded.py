"""Programs beside themselves with `state_memory`: folders to run them in, the memory that they take, and whether they give the same."""
import filecmp
import os
import random
import signal
import subprocess
import sys
import tempfile
import unittest

from program import build

# A process that is small itself: what one has when it starts another counts as the other's.
PEAK = "import os, sys; _, s, used = os.wait4(os.spawnv(os.P_NOWAIT, sys.argv[1], sys.argv[1:]), 0); print(used.ru_maxrss); sys.exit(s != 0)"


def write_rows(path, keys):
    """Each key three times or so: some again soon, most long after."""
    r = random.Random(7)
    with open(path, "w") as file:
        file.write("key,other,value,at\n")
        for n in range(3 * keys):
            key = r.randrange(keys) if n % 3 else max(n // 3 - r.randrange(100), 0)
            file.write(f"{key * 7919},{key % 3},{n},{1_700_000_000_000 + n}\n")


class Bounded(unittest.TestCase):
    """The programs `held` and `cold` of the same stages, which read rows.csv and write NAME.out for each of SINKS."""
    STAGES, SINKS = "", ()

    @classmethod
    def set_up(cls, keys, held, cold):
        """With these options."""
        cls.root = tempfile.TemporaryDirectory(prefix="gress-bounded-")
        sinks = "".join(f'sink {name} to file {{ path: "{name}.out", format: json }}\n' for name in cls.SINKS)
        for name, options in (("held", held), ("cold", cold)):
            build(name, f"pipeline {name} {{ {options} }}\n" + cls.STAGES + sinks, cls.root.name)
        write_rows(os.path.join(cls.root.name, "rows.csv"), keys)
        cls.wanted = cls.folder("wanted")
        cls.held = cls.peak_of(cls.wanted, "held")

    @classmethod
    def tearDownClass(cls):
        cls.root.cleanup()

    @classmethod
    def folder(cls, name):
        folder = os.path.join(cls.root.name, "in_" + name)
        os.mkdir(folder)
        os.symlink("../rows.csv", os.path.join(folder, "rows.csv"))
        return folder

    @classmethod
    def start(cls, folder, program, *args, before=(), env=None, **more):
        env = {k: v for k, v in os.environ.items() if not k.startswith("GRESS_CRASH")} | (env or {})
        return subprocess.run([*before, os.path.join(cls.root.name, program), *args], cwd=folder, env=env, capture_output=True, text=True, **more)

    @classmethod
    def run_one(cls, folder, program, *args, crash=None, before=(), env=None):
        """Whether it was killed, and what it wrote to standard output."""
        ran = cls.start(folder, program, *args, before=before, env=(env or {}) | ({"GRESS_CRASH_AT": crash} if crash else {}))
        assert ran.returncode in ((0, -signal.SIGKILL) if crash else (0,)), (ran.returncode, ran.stderr)
        return ran.returncode != 0, ran.stdout

    @classmethod
    def peak_of(cls, folder, program, *args, env=None):
        """MB of memory."""
        return int(cls.run_one(folder, program, *args, before=[sys.executable, "-c", PEAK], env=env)[1]) / 1024

    def expect_same(self, folder, ordered=True):
        for name in self.SINKS:
            a, b = os.path.join(self.wanted, name + ".out"), os.path.join(folder, name + ".out")
            if ordered:
                self.assertTrue(filecmp.cmp(a, b, shallow=False), name)
            else:
                with open(a) as x, open(b) as y:
                    self.assertTrue(self.settled(name, x) == self.settled(name, y), name)

    @staticmethod
    def settled(name, lines):
        """What does not hang on the order of keys."""
        return sorted(lines)
