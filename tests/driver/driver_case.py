"""A folder of its own for each test, and gressc run in it. GRESSC names the executable."""
import os
import shutil
import subprocess
import tempfile
import unittest

GRESSC = os.path.abspath(os.environ.get("GRESSC", "build/bin/gressc"))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

PROGRAM = """\
type Line { text: string }
source lines: Line from stdin { format: text }
stream long = lines |> filter length(text) > 3
sink long to stdout { format: text }
"""


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="gress-driver-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def write(self, name, text=PROGRAM, mode="w"):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, mode) as file:
            file.write(text)
        return path

    def path(self, name):
        return os.path.join(self.folder, name)

    def gressc(self, *args, input="", code=0, env=None, text=True):
        environment = {k: v for k, v in os.environ.items() if k != "NO_COLOR"}
        environment.update(env or {})
        ran = subprocess.run([GRESSC, *args], input=input if text else input.encode(), capture_output=True, text=text,
                             cwd=self.folder, env=environment, timeout=300)
        if code is not None:
            self.assertEqual(ran.returncode, code, f"{args}\n{ran.stdout}\n{ran.stderr}")
        return ran
