"""What tests of gressc package share. GRESSC names the compiler. What needs root, buildah, systemd-analyze or PyYAML says so and
is left out without it."""
import os
import shutil
import subprocess
import tempfile
import unittest

try:
    import yaml
except ImportError:
    yaml = None

GRESSC = os.path.abspath(os.environ.get("GRESSC", "build/bin/gressc"))
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
CASES = {"files": ["-p", "output=big.jsonl"], "topics": [], "named": [], "login": ["-p", "topic=lines"], "input": []}
HEADER = """#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
struct Row { std::int64_t n; };
class Made {
 public:
  struct Options { std::string brokers; std::int64_t until; };
  explicit Made(const Options&) {}
  std::optional<std::size_t> read(std::span<Row>) { return std::nullopt; }
  std::int64_t position() const { return 0; }
  void seek(std::int64_t) {}
};
"""
ALWAYS = {"ld-linux-x86-64.so.2", "libc.so.6", "libgcc_s.so.1", "libm.so.6", "libstdc++.so.6"}
needs_root = unittest.skipUnless(os.geteuid() == 0, "chroot needs root")
needs_yaml = unittest.skipUnless(yaml, "PyYAML is not installed")


def tool(name):
    return unittest.skipUnless(shutil.which(name), f"{name} is not installed")


def systemd_escaped(value):
    return "".join("\\" + c if c in '"\\' else f"\\x{ord(c):02x}" if ord(c) < 32 or ord(c) == 127 else c for c in value)


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="gress-package-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        for name in CASES:
            shutil.copy(os.path.join(HERE, "cases", name + ".gress"), self.folder)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def read(self, *names):
        with open(self.path(*names)) as file:
            return file.read()

    def write(self, name, text):
        with open(self.path(name), "w") as file:
            file.write(text)

    def gressc(self, *args, code=0):
        ran = subprocess.run([GRESSC, "package", *args], capture_output=True, text=True, cwd=self.folder, timeout=600)
        self.assertEqual(ran.returncode, code, f"{args}\n{ran.stdout}\n{ran.stderr}")
        return ran
