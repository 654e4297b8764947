"""What the tests of the connector share: one broker a file, programs built and run against it."""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import broker as fixture  # noqa: E402
import kafkac  # noqa: E402

GRESSC = os.path.abspath(os.environ.get("GRESSC", "build/bin/gressc"))
LONG = 60  # seconds to wait for what must come; machines may be busy
SKIPPED = 77  # what ctest takes for "not run"


def main():
    lacks = fixture.why_not()
    if lacks:
        print(f"SKIPPED: no broker can be started: {lacks}")
        sys.exit(SKIPPED)
    unittest.main()


class KafkaCase(unittest.TestCase):
    broker_options = {}

    @classmethod
    def setUpClass(cls):
        cls.broker = fixture.Broker(**cls.broker_options)
        cls.addClassCleanup(cls.broker.stop)
        cls.kafka = kafkac.Client(cls.broker.address)

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="gress-e2e-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.started = []
        self.addCleanup(self.end_all)

    def end_all(self):
        for program in self.started:
            if program.poll() is None:
                program.kill()
            program.wait()

    def path(self, name):
        return os.path.join(self.folder, name)

    def build(self, text, fails=False, name="p"):
        with open(self.path(name + ".gress"), "w") as file:
            head, _, rest = text.partition("\n") if text.startswith("pipeline") else ("", "", text)
            file.write(f"{head}\nparam brokers: string\n{rest}")
        built = subprocess.run([GRESSC, "build", name + ".gress", "-o", name], cwd=self.folder, capture_output=True, text=True, timeout=600)
        self.assertEqual(built.returncode != 0, fails, built.stderr)
        return built.stderr

    def start(self, *args, name="p", brokers=None, env=None):
        self.said = open(self.path("said"), "w+")
        self.addCleanup(self.said.close)
        program = subprocess.Popen([self.path(name), "--param", f"brokers={brokers or self.broker.address}", *args], cwd=self.folder,
                                   stdin=subprocess.DEVNULL, stderr=self.said, env=os.environ | (env or {}))
        self.started.append(program)
        return program

    def what_it_said(self):
        with open(self.path("said")) as file:
            return file.read()

    def run_it(self, *args, code=0, **more):
        program = self.start(*args, **more)
        ended = program.wait(LONG)
        self.assertEqual(ended, code, self.what_it_said())
        return self.what_it_said()

    def stop(self, program):
        program.send_signal(signal.SIGTERM)
        self.assertEqual(program.wait(LONG), 0, self.what_it_said())

    def go(self, text, *args, **more):
        self.build(text)
        return self.run_it(*args, **more)

    def until(self, what, seconds=LONG):
        """Waits until what() is true, and gives it."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = what()
            if found:
                return found
            time.sleep(0.05)
        self.fail(f"waited {seconds} s in vain; the program said\n{self.what_it_said()}")

    def rows(self, name):
        if not os.path.exists(self.path(name)):
            return []
        with open(self.path(name)) as file:
            return [json.loads(line) for line in file if line.endswith("\n")]

    def values(self, topic, partitions=1):
        return [json.loads(value) for _, _, _, value, _, _ in self.kafka.read(topic, partitions)]
