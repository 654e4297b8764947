"""What executables are linked to, and what they tell of themselves."""
import json
import os
import re
import subprocess
import unittest

from package_case import ALWAYS, GRESSC, HERE, ROOT, Case, tool


class Binaries(Case):
    """What executables are linked to, and how."""
    FILES = {"libz.so.1", "libzstd.so.1"}
    EXAMPLES = {"examples/flights/flights_daily": FILES, "examples/flights/hot_states": FILES, "examples/cmake/fares": FILES, "examples/embedded/fares": FILES,
                "examples/fraud/fraud": FILES, "examples/surge/surge": FILES, "examples/sessions/sessions": FILES,
                "examples/sensors/sensors": FILES, "examples/logs/logs": FILES | {"libre2.so.9"},
                "examples/meters/billing": {"libz.so.1", "librocksdb.so.7.8"},  # with checkpoints
                "tests/package/cases/files": FILES, "tests/package/cases/input": FILES,  # it may be compressed
                "tests/package/cases/named": {"librdkafka.so.1"},
                "tests/package/cases/topics": {"librdkafka.so.1", "librocksdb.so.7.8", "libz.so.1"}}

    def built(self, path, *options):
        out = self.path(os.path.basename(path))
        subprocess.run([GRESSC, "build", os.path.join(ROOT, path + ".gress"), "-o", out, "--cpu", "baseline", *options], check=True)
        return out

    def test_every_example_is_listed(self):
        found = {os.path.relpath(os.path.join(at, f), ROOT)[:-6] for at, _, files in os.walk(os.path.join(ROOT, "examples"))
                 for f in files if f.endswith(".gress")}
        self.assertLessEqual(found, set(self.EXAMPLES))

    @tool("readelf")
    def test_what_is_not_used_is_not_linked(self):
        for path, own in self.EXAMPLES.items():
            text = subprocess.run(["readelf", "-dW", self.built(path)], check=True, capture_output=True, text=True).stdout
            needed = set(re.findall(r"\(NEEDED\).*\[(.*)\]", text))
            self.assertEqual(needed - ALWAYS, own, path)
            self.assertIn("libc.so.6", needed)
            self.assertNotRegex(text, "RPATH|RUNPATH")

    def test_a_stateless_one_is_less_than_a_megabyte(self):
        self.assertLess(os.path.getsize(self.built("tests/package/cases/input")), 1_000_000)

    @tool("readelf")
    def test_a_static_one_needs_nothing(self):
        program = self.built("tests/package/cases/files", "--static")
        text = subprocess.run(["readelf", "-ldW", program], check=True, capture_output=True, text=True).stdout
        self.assertNotIn("NEEDED", text)
        self.assertNotIn("INTERP", text)
        ran = subprocess.run([program, "--version", "--json"], check=True, capture_output=True, text=True, env={})
        about = json.loads(ran.stdout)
        self.assertEqual(about["libraries"], [])
        self.assertEqual(set(about["versions"]), {"zlib", "zstd"})
        self.write("rides.csv", "ended,area,fare\n2026-01-01T00:00:00Z,a,60.5\n")
        subprocess.run([program, "-q", "--param", "output=big.jsonl"], check=True, cwd=self.folder, env={})
        self.assertEqual(self.read("big.jsonl"), '{"ended":"2026-01-01T00:00:00Z","area":"a","fare":60.5}\n')
        for path, said in ("tests/package/cases/topics", "speaks to a server"), ("examples/meters/billing", "kept by RocksDB"):
            refused = subprocess.run([GRESSC, "build", os.path.join(ROOT, path + ".gress"), "-o", self.path("no"), "--static"], capture_output=True, text=True)
            self.assertEqual(refused.returncode, 65, path)
            self.assertIn(said, refused.stderr)

    @tool("readelf")
    def test_they_are_hardened(self):
        for options in [], ["--cxx", "g++"], ["--debug"]:
            text = subprocess.run(["readelf", "-hldW", "--dyn-syms", self.built("tests/package/cases/files", *options)], check=True,
                                  capture_output=True, text=True).stdout
            for wanted in [r"Type: +DYN", "GNU_RELRO", r"FLAGS.*BIND_NOW", r"GNU_STACK.* RW ", "__stack_chk_fail"]:
                self.assertTrue(re.search(wanted, text), f"{options}: {wanted}")
            self.assertFalse(re.search(r"LOAD.* RWE ", text), options)

    def test_they_tell_what_they_were_made_of(self):
        about = lambda out: json.loads(subprocess.check_output([out, "--version", "--json"], text=True))
        first = about(self.built("tests/package/cases/files"))
        self.assertRegex(first["compiler"], r"^(clang|g\+\+) \d+")
        self.assertRegex(about(self.built("tests/package/cases/files", "--cxx", "g++"))["compiler"], r"^g\+\+ \d+")
        for library in ["libc.so", "libz.so.1.", "libstdc++.so.6."]:
            self.assertTrue(any(name.startswith(library) for name in first["libraries"]), first["libraries"])
        self.assertEqual(set(first["versions"]), {"zlib", "zstd"}, "only what is linked")
        topics = about(self.built("tests/package/cases/topics"))["versions"]
        self.assertLessEqual({"librdkafka", "openssl", "rocksdb", "zlib"}, set(topics))
        for library, version in topics.items():
            self.assertRegex(version, r"^\d+\.\d+\.\d+", library)
        # A remark is another source and the same plan; another filter is another plan.
        with open(os.path.join(HERE, "cases/files.gress")) as file:
            program = file.read()
        self.write("remark.gress", "// a remark\n" + program)
        self.write("more.gress", program.replace("fare > least", "fare >= least"))
        remark, more = (about(self.built(self.path(name))) for name in ("remark", "more"))
        self.assertRegex(first["plan_hash"], "^[0-9a-f]{16}$")
        self.assertEqual(first["plan_hash"], remark["plan_hash"])
        self.assertNotEqual(first["source_hash"], remark["source_hash"])
        self.assertNotEqual(first["plan_hash"], more["plan_hash"])


if __name__ == "__main__":
    unittest.main()
