"""A Prometheus server from Debian's package, unpacked beside the project and not installed: installing it would start one."""
import glob
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.parse
import urllib.request

CACHE = os.environ.get("GRESS_PROMETHEUS_CACHE", os.path.expanduser("~/.cache/gress-prometheus"))


def tool(name):
    """The path of `prometheus` or `promtool`; SkipTest where the package cannot be had."""
    unpacked = os.path.join(CACHE, "usr/bin", name)
    if not os.path.exists(unpacked):
        if shutil.which(name):
            return shutil.which(name)
        os.makedirs(CACHE, exist_ok=True)
        got = subprocess.run(["apt-get", "download", "prometheus"], cwd=CACHE, capture_output=True, text=True)
        archives = glob.glob(os.path.join(CACHE, "prometheus_*.deb"))
        if got.returncode != 0 or not archives:
            raise unittest.SkipTest(f"the package prometheus cannot be had: {got.stderr}")
        with tempfile.TemporaryDirectory(dir=CACHE) as scratch:  # whole or not at all
            subprocess.run(["dpkg", "-x", archives[-1], scratch], check=True)
            for one in "prometheus", "promtool":
                os.makedirs(os.path.dirname(unpacked), exist_ok=True)
                os.replace(os.path.join(scratch, "usr/bin", one), os.path.join(CACHE, "usr/bin", one))
    return unpacked


class Server:
    """Scrapes `targets` every second."""

    def __init__(self, folder, *targets):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        config = os.path.join(folder, "prometheus.yml")
        with open(config, "w") as file:
            file.write("global: {scrape_interval: 1s}\nscrape_configs:\n  - job_name: gress\n    static_configs:\n"
                       f"      - targets: {json.dumps(targets)}\n")
        self.log = open(os.path.join(folder, "prometheus.log"), "w")
        self.process = subprocess.Popen([tool("prometheus"), f"--config.file={config}", f"--storage.tsdb.path={folder}/tsdb",
                                         f"--web.listen-address=127.0.0.1:{self.port}"], stdout=self.log, stderr=self.log)

    def query(self, expression):
        """What the server has now: a list of (labels, value)."""
        url = f"http://127.0.0.1:{self.port}/api/v1/query?" + urllib.parse.urlencode({"query": expression})
        with urllib.request.urlopen(url, timeout=10) as answer:
            return [(one["metric"], float(one["value"][1])) for one in json.load(answer)["data"]["result"]]

    def until(self, expression, seconds=60):
        """Waits for a sample of it."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                found = self.query(expression)
            except OSError:
                found = []
            if found:
                return found
            time.sleep(0.2)
        raise AssertionError(f"no sample of {expression} within {seconds} s")

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.log.close()
