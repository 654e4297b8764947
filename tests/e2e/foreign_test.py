"""Programs with C++ headers: a header that changes makes another program, and their aggregates outlive a crash."""
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

GRESSC = os.path.abspath(os.environ.get("GRESSC", "build/bin/gressc"))

HEADER = """#pragma once
#include "part.hpp"
#include <string>
#include <string_view>
#include <vector>
inline double scaled(double x) noexcept { return x * part::factor; }
struct Words {
  void add(std::string_view word) { words.emplace_back(word); }
  void merge(const Words& other) { words.insert(words.end(), other.words.begin(), other.words.end()); }
  std::string result() const {
    std::string all;
    for (const std::string& word : words) all += word;
    return all;
  }
  template <class Io>
  void archive(Io& io) { io(words); }
  std::vector<std::string> words;
};
"""
PART = "#pragma once\nnamespace part { inline constexpr double factor = %s; }\n"


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="gress-foreign-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.write("lib.hpp", HEADER)
        self.write("part.hpp", PART % "2")

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w") as file:
            file.write(text)

    def read(self, name):
        with open(os.path.join(self.folder, name)) as file:
            return file.read()

    def gressc(self, *args):
        return subprocess.run([GRESSC, *args], cwd=self.folder, capture_output=True, text=True, timeout=300)


class ForeignChanges(Case):
    def test_a_header_that_changes_makes_another_program(self):
        self.write("rows.jsonl", '{"x": 1.5}\n')
        self.write("p.gress", 'use "lib.hpp" { fn scaled }\ntype Row { x: f64 }\n'
                              'source rows: Row from file { path: "rows.jsonl", format: json }\n'
                              'stream s = rows |> select { y: scaled(x) }\nsink s to stdout { format: json }\n')
        self.assertEqual(self.gressc("run", "p.gress").stdout, '{"y":3}\n')
        again = self.gressc("build", "p.gress", "--timings")
        self.assertNotRegex(again.stderr, r"(?m)^compile ")
        self.write("part.hpp", PART % "4")
        self.assertEqual(self.gressc("run", "p.gress").stdout, '{"y":6}\n')
        self.write("part.hpp", PART % '"text"')
        broken = self.gressc("check", "p.gress")
        self.assertEqual(broken.returncode, 65)
        self.assertIn("E0220", broken.stderr)
        self.assertIn("part.hpp:2", broken.stderr)
        os.remove(os.path.join(self.folder, "part.hpp"))
        self.assertIn("'part.hpp' file not found", self.gressc("check", "p.gress").stderr)


class ForeignRestart(Case):
    def test_an_aggregate_goes_on_from_a_checkpoint(self):
        rows = [{"key": f"k{i % 3}", "word": f"a word that is long, of number {i}"} for i in range(100)]
        self.write("rows.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
        self.write("p.gress", 'pipeline p { checkpoint: every(200ms) }\nuse "lib.hpp" { aggregate Words as words }\n'
                              'type Row { key: string, word: string }\n'
                              'source rows: Row from file { path: "rows.jsonl", format: json, rate: 40/s }\n'
                              'stream s = rows |> key key |> aggregate { w: words(word) } retain forever\n'
                              'sink s to file { path: "s.jsonl", format: json }\n')
        built = self.gressc("build", "p.gress")
        self.assertEqual(built.returncode, 0, built.stderr)
        command = [os.path.join(self.folder, "p"), "--checkpoint-dir", "saved"]
        running = subprocess.Popen(command, cwd=self.folder, stderr=subprocess.DEVNULL)
        time.sleep(1.5)
        running.send_signal(signal.SIGKILL)
        running.wait()
        ran = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=60)
        self.assertIn("goes on from checkpoint", ran.stderr)
        seen = {row["key"]: row["w"] for row in map(json.loads, self.read("s.jsonl").splitlines())}
        want = {k: "".join(row["word"] for row in rows if row["key"] == k) for k in ("k0", "k1", "k2")}
        self.assertEqual(seen, want)


if __name__ == "__main__":
    unittest.main()
