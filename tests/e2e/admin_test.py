"""What a running program answers by HTTP: metrics, read by a real Prometheus, health, and wrong questions."""
import contextlib
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.request

import prometheus

from program import GRESSC

PROGRAM = """pipeline watched { checkpoint: every(100ms), errors: odd }
type R { id: i64, at: timestamp }
source rows: R from stdin { format: json, time: at, invalid: bad }
stream counts = rows |> key k: 12 / id |> window tumbling(1m, late_to: late_rows) |> aggregate { n: count() }
stream never = counts |> select { k, share: 1 / (n - n) }
sink counts to discard {}
sink never to discard {}
sink bad to discard {}
sink odd to discard {}
sink late_rows to discard {}
"""


class Admin(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="gress-e2e-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        with open(os.path.join(cls.folder, "watched.gress"), "w") as file:
            file.write(PROGRAM)
        subprocess.run([GRESSC, "build", "watched.gress"], cwd=cls.folder, check=True, timeout=600)

    @contextlib.contextmanager
    def running(self, *args):
        """The process, its address; it ends with its input."""
        said = open(os.path.join(self.folder, "said"), "w+")
        program = subprocess.Popen(["./watched", "--fresh", "--log-format", "json", *(args or ["--admin", "0"])], cwd=self.folder,
                                   stdin=subprocess.PIPE, stderr=said)
        try:
            end = time.monotonic() + 60
            address = None
            while not address and time.monotonic() < end and program.poll() is None:
                said.seek(0)
                address = next((e["address"] for e in map(json.loads, said) if e["event"] == "admin"), None)
                time.sleep(0.02)
            self.assertTrue(address, "it does not say where it answers")
            while self.ask(address, "/ready")[0] != 200 and time.monotonic() < end:
                time.sleep(0.02)
            yield program, address
            program.stdin.close()
            self.assertEqual(program.wait(60), 0)
        finally:
            program.kill()
            program.wait()
            said.close()

    def ask(self, address, path, method="GET"):
        request = urllib.request.Request(f"http://{address}{path}", method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read().decode()

    def metrics(self, address):
        status, text = self.ask(address, "/metrics")
        self.assertEqual(status, 200)
        return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if not line.startswith("#")}

    def until(self, address, name, value):
        end = time.monotonic() + 60
        while time.monotonic() < end:
            now = self.metrics(address)
            if now.get(name, -1) >= value:
                return now
            time.sleep(0.05)
        self.fail(f"{name} did not come to {value}: {now}")

    def feed(self, program):
        rows = [(1, "00:00:00"), (2, "00:00:30"), (0, "00:00:40"), (3, "00:05:00"), (4, "00:00:10")]
        for i, at in rows:
            program.stdin.write(json.dumps({"id": i, "at": f"2026-01-01T{at}Z"}).encode() + b"\n")
        program.stdin.write(b"{}\n")
        program.stdin.flush()

    def test_metrics_say_what_was_counted(self):
        with self.running() as (program, address):
            self.feed(program)
            now = self.until(address, 'gress_source_invalid_total{source="rows",line="3"}', 2)
            now = self.until(address, "gress_checkpoints_total", 2)
            sums = {}
            for name, value in now.items():
                sums[name.split("{")[0]] = sums.get(name.split("{")[0], 0) + value
            self.assertEqual(now['gress_source_rows_total{source="rows",line="3"}'], 5)
            self.assertEqual((sums["gress_failed_rows_total"], sums["gress_late_rows_total"]), (2, 1))
            self.assertEqual(now['gress_sink_rows_total{sink="counts",line="6"}'], 2)
            self.assertEqual(now['gress_source_watermark_seconds{source="rows",line="3"}'], 1767225900)
            self.assertLess(abs(now["gress_checkpoint_timestamp_seconds"] - time.time()), 60)
            self.assertGreater(now["process_resident_memory_bytes"], 1 << 20)
            self.assertEqual(now["gress_ready"], 1)

    def test_a_prometheus_reads_them_and_the_dashboard_asks_it(self):
        subprocess.run([GRESSC, "package", "watched.gress", "--grafana"], cwd=self.folder, check=True, stdout=subprocess.DEVNULL)
        with open(os.path.join(self.folder, "package/grafana.json")) as file:
            panels = json.load(file)["panels"]
        with self.running() as (program, address):
            self.feed(program)
            text = self.ask(address, "/metrics")[1]
            checked = subprocess.run([prometheus.tool("promtool"), "check", "metrics"], input=text, capture_output=True, text=True)
            self.assertEqual((checked.returncode, checked.stdout + checked.stderr), (0, ""))
            server = prometheus.Server(self.folder, address)
            self.addCleanup(server.stop)
            [(labels, n)] = server.until("gress_source_rows_total == 5")
            self.assertEqual((labels["source"], labels["instance"]), ("rows", address))
            server.until("rate(gress_checkpoints_total[10s]) > 0")
            self.assertGreaterEqual(len(panels), 8)
            for panel in panels:
                for target in panel["targets"]:
                    asked = target["expr"].replace("${instance}", ".*").replace("$__rate_interval", "10s")
                    self.assertTrue(server.query(asked), asked)

    def test_health(self):
        def health(*args, **env):
            return subprocess.run(["./watched", "health", *args], cwd=self.folder, capture_output=True, text=True, env=os.environ | env)

        with self.running() as (program, address):
            for path in "/health", "/ready":
                self.assertEqual(self.ask(address, path), (200, "running\n"))
            self.assertEqual((health(address).stdout, health(address).returncode), ("running\n", 0))
            self.assertEqual(health(GRESS_ADMIN=":" + address.split(":")[1]).stdout, "running\n")
            taken = subprocess.run(["./watched", "--checkpoint-dir", "other", "--admin", address], cwd=self.folder, capture_output=True, text=True,
                                   stdin=subprocess.DEVNULL)
            self.assertEqual(taken.returncode, 75)
            self.assertIn(f"cannot answer at `{address}`: Address already in use", taken.stderr)
        gone = health(address)
        self.assertEqual(gone.returncode, 75)
        self.assertIn(f"no program answers at `{address}`", gone.stderr)
        self.assertIn("nobody says where the program answers", health().stderr)
        for wrong in "here", "1.2.3.4", "70000", ":-1", "a b:1", "::1:80":
            self.assertEqual(health(wrong).returncode, 64, wrong)
            refused = subprocess.run(["./watched", "--admin", wrong], cwd=self.folder, capture_output=True, text=True, stdin=subprocess.DEVNULL)
            self.assertEqual(refused.returncode, 64, wrong)
            self.assertIn(f"--admin: expected a port (9464), or an address and a port", refused.stderr)

    def test_wrong_questions_harm_nobody(self):
        def tell(address, text):
            with socket.create_connection(address.split(":"), timeout=30) as s:
                s.sendall(text)
                answer = b""
                with contextlib.suppress(ConnectionResetError):  # it does not listen to the end
                    while more := s.recv(4096):
                        answer += more
                return answer.split(b"\r\n")[0].decode()

        with self.running() as (_, address):
            self.assertEqual(self.ask(address, "/")[0], 404)
            self.assertEqual(self.ask(address, "/metrics", "POST")[0], 405)
            self.assertEqual(self.ask(address, "/metrics?x=1")[0], 200)
            self.assertEqual(self.ask(address, "/health", "HEAD"), (200, ""))
            self.assertEqual(tell(address, b"GET /health\r\n\r\n"), "HTTP/1.1 400 Bad Request")
            self.assertEqual(tell(address, b"\x16\x03\x01\x00\n\n"), "HTTP/1.1 400 Bad Request")
            self.assertEqual(tell(address, b"GET /health HTTP/1.1\r\nX: " + b"x" * 8192), "HTTP/1.1 431 Request Header Fields Too Large")
            # Those that say nothing are sent away after a while, and until then others are answered.
            with contextlib.ExitStack() as silent:
                for _ in range(20):
                    silent.enter_context(socket.create_connection(address.split(":")))
                self.assertEqual(self.ask(address, "/health")[0], 200)
                for _ in range(40):
                    silent.enter_context(socket.create_connection(address.split(":")))
                self.assertEqual(self.ask(address, "/health")[0], 200)


if __name__ == "__main__":
    unittest.main()
