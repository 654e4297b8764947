"""gressc from outside where it compiles programs: what is built, the cache, runs."""
import json
import os
import re
import stat
import subprocess
import unittest

from driver_case import GRESSC, PROGRAM, ROOT, Case


class Compiling(Case):
    """Each test has a cache of its own, and a compiler that leaves a trace when it runs."""

    def setUp(self):
        super().setUp()
        self.cache = self.path("cache")
        self.trace = self.path("trace")
        real = re.search(r"C\+\+ compiler: (\S+)", self.gressc("--version").stdout).group(1)
        self.cxx = self.write("bin/traced-clang++" if "clang" in real else "bin/traced-g++",
                              f'#!/bin/sh\necho "run $@" >> "{self.trace}"\nexec {real} "$@"\n')
        os.chmod(self.cxx, 0o755)
        self.env = {"GRESS_CACHE": self.cache, "GRESS_CXX": self.cxx}

    def compilations(self):
        try:
            with open(self.trace) as file:
                return len(file.readlines())
        except FileNotFoundError:
            return 0


class Build(Compiling):
    def test_an_unchanged_program_runs_no_compiler(self):
        self.write("a.gress")
        self.gressc("build", "a.gress", env=self.env)
        made = self.compilations()
        self.assertGreater(made, 0)
        os.remove(self.path("a"))
        self.gressc("build", "a.gress", "-o", "b", env=self.env)
        self.assertEqual(self.compilations(), made)
        self.assertTrue(os.stat(self.path("b")).st_mode & stat.S_IXUSR)
        self.write("a.gress", PROGRAM.replace("> 3", "> 4"))
        self.gressc("build", "a.gress", env=self.env)
        self.assertGreater(self.compilations(), made)

    def test_programs_of_all_connectors_use_the_precompiled_header(self):
        if "clang" not in self.cxx:
            self.skipTest("of clang")
        self.write("a.gress", """pipeline a
type R { n: i64 }
source r: R from kafka { brokers: "127.0.0.1:1", topic: "t", group: "g", format: json }
sink r to file { path: "r.csv", format: csv }
""")
        self.gressc("build", "a.gress", env=self.env)
        with open(self.trace) as file:
            compiled = [line for line in file if " -c a.cpp" in line]
        self.assertTrue(compiled)
        for line in compiled:
            self.assertIn("-include-pch", line)

    def test_what_is_built_is_not_the_cached_file(self):
        self.write("a.gress")
        self.gressc("build", "a.gress", env=self.env)
        with open(self.path("a"), "ab") as file:
            file.write(b"changed")
        self.gressc("build", "a.gress", "-o", "b", env=self.env)
        self.assertNotEqual(os.path.getsize(self.path("a")), os.path.getsize(self.path("b")))

    def test_without_a_cache(self):
        self.write("a.gress")
        env = {**self.env, "GRESS_CACHE": "/proc/none"}
        self.gressc("build", "a.gress", env=env)
        self.assertTrue(os.path.exists(self.path("a")))
        self.assertEqual(self.gressc("run", "a.gress", input="ab\nabcd\n", env=env).stdout, "abcd\n")

    def test_side_by_side(self):
        self.write("a.gress")
        running = [subprocess.Popen([GRESSC, "build", "a.gress", "-o", f"a{i}"], cwd=self.folder,
                                    env={**os.environ, **self.env}, stderr=subprocess.PIPE) for i in range(3)]
        for i, process in enumerate(running):
            self.assertEqual(process.communicate()[1], b"")
            self.assertEqual(process.returncode, 0)
            self.assertTrue(os.path.exists(self.path(f"a{i}")))

    def test_nasty_names(self):
        for name in ["a b.gress", "-o.gress", "$(touch x).gress", "ä'\".gress", "1;2.gress", "x.y.gress", "%s\n.gress"]:
            self.write(name)
            self.gressc("build", "./" + name, "-o", "out", env=self.env)
            ran = subprocess.run([self.path("out")], input="ab\nabcd\n", capture_output=True, text=True)
            self.assertEqual(ran.stdout, "abcd\n", name)
            os.remove(self.path("out"))
        self.assertFalse(os.path.exists(self.path("x")))
        self.gressc("check", "--", "-o.gress")

    def test_output_names_that_look_like_options(self):
        self.write("a.gress")
        self.gressc("build", "a.gress", "--output=-v", env=self.env)
        self.assertTrue(os.path.exists(self.path("-v")))

    def test_output_is_replaced_while_it_runs(self):
        self.write("a.gress")
        self.gressc("build", "a.gress", env=self.env)
        running = subprocess.Popen([self.path("a")], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.gressc("build", "a.gress", env=self.env)
        running.communicate(b"")
        self.assertEqual(running.returncode, 0)

    def test_a_missing_compiler_names_the_package(self):
        self.write("a.gress")
        ran = self.gressc("build", "a.gress", "--cxx", "/none/c++", env=self.env, code=69)
        self.assertIn("`--cxx`", ran.stderr)

    def test_an_unknown_cpu_is_a_usage_error(self):
        self.write("a.gress")
        self.assertIn("knows no CPU `z80`", self.gressc("build", "a.gress", "--cpu", "z80", env=self.env, code=64).stderr)

    def test_a_failing_compiler_is_a_bug_of_ours(self):
        self.write("a.gress")
        broken = self.write("bin/broken-clang++", "#!/bin/sh\necho 'error: SECRET of C++'\nexit 1\n")
        os.chmod(broken, 0o755)
        ran = self.gressc("build", "a.gress", env={**self.env, "GRESS_CXX": broken}, code=70)
        self.assertIn("this is a bug of gressc", ran.stderr)
        self.assertNotIn("SECRET", ran.stderr)
        kept = re.search(r"are in (\S+)", ran.stderr).group(1)
        with open(os.path.join(kept, "compiler_output.txt")) as file:
            self.assertIn("SECRET", file.read())
        self.assertTrue(os.path.exists(os.path.join(kept, "a.cpp")))
        self.assertFalse(os.path.exists(self.path("a")))

    def test_the_executable_names_no_folder(self):
        self.write("a.gress")
        self.gressc("build", "a.gress", env=self.env)
        with open(self.path("a"), "rb") as file:
            binary = file.read()
        if b"__asan_init" in binary:
            self.skipTest("a sanitizer tells of failures by folder")
        self.assertNotIn(self.folder.encode(), binary)

    def test_the_executable_tells_its_source(self):
        hashes = set()
        for text in [PROGRAM, "// a remark\n" + PROGRAM]:
            self.write("a.gress", text)
            self.gressc("build", "a.gress", env=self.env)
            about = json.loads(subprocess.run([self.path("a"), "--version", "--json"], capture_output=True, text=True).stdout)
            hashes.add(next(value for key, value in about.items() if "hash" in key))
        self.assertEqual(len(hashes), 2)
        self.assertRegex(hashes.pop(), "^[0-9a-f]{16}$")

    def test_an_optional_param_is_absent_unless_it_is_given(self):
        self.write("a.gress", """pipeline a
param least: i64?
param most: i64? = 5
type Row { v: i64 }
source rows: Row from stdin { format: json }
stream kept = rows |> filter (least is null or v >= least) and (most is null or v <= most)
sink kept to stdout { format: csv }
""")
        self.gressc("build", "a.gress", env=self.env)
        run = lambda *args: subprocess.run([self.path("a"), "--quiet", *args], input='{"v":1}\n{"v":9}\n', capture_output=True, text=True)
        for args, rows in [([], "1\n"), (["-p", "least=2"], ""), (["-p", "most="], "1\n9\n"), (["-p", "least=2", "-p", "most="], "9\n"),
                           (["-p", "least="], "1\n")]:
            ran = run(*args)
            self.assertEqual((ran.returncode, ran.stdout), (0, "v\n" + rows), f"{args}: {ran.stderr}")
        self.assertRegex(run("--help").stdout, r"(?m)^  least +i64\? +absent by default$")
        self.assertRegex(self.gressc("describe", "a.gress").stdout, r"least +i64\? +\(absent\)")

    def test_depfile_names_what_the_executable_was_made_from(self):
        self.write("a.gress", PROGRAM.replace("type Line { text: string }", 'use "my types.gress" { type Line }'))
        self.write("my types.gress", "type Line { text: string }\n")
        self.gressc("build", "a.gress", "-o", "b", "--depfile", "b.d", env=self.env)
        with open(self.path("b.d")) as file:
            head, rest = file.read().split(":", 1)
        self.assertEqual(head, "b")
        inputs = [path.replace("\\ ", " ") for path in rest.strip("\\\n ").split(" \\\n  ")]
        for path in [self.path("a.gress"), self.path("my types.gress"), GRESSC, os.path.join(ROOT, "runtime/core/block.h")]:
            self.assertIn(path, inputs)
        for path in inputs:
            self.assertTrue(os.path.isabs(path) and os.path.exists(path), path)
        self.assertIn("leave it out", self.gressc("build", "a.gress", "--emit=cpp", "--depfile", "b.d", code=64).stderr)
        self.gressc("build", "-", "-o", "b", "--depfile", "b.d", input=PROGRAM, code=64)

    def test_timings(self):
        self.write("a.gress")
        err = self.gressc("build", "a.gress", "--timings", env=self.env).stderr
        for phase in ["parse", "check", "plan", "emit", "compile", "link", "total"]:
            self.assertRegex(err, rf"(?m)^{phase} +[\d.]+ ms")
        line = json.loads(self.gressc("build", "a.gress", "--timings", "--message-format=json", env=self.env).stderr)
        self.assertIn("parse", [step["phase"] for step in line["timings"]])


class Run(Compiling):
    def test_run_passes_on_input_and_arguments(self):
        self.write("a.gress", PROGRAM.replace("> 3", "> least").replace("source", "param least: i64 = 3\nsource"))
        run = lambda *args: self.gressc("run", "a.gress", *args, input="ab\nabcd\nabcdef\n", env=self.env).stdout
        self.assertEqual(run(), "abcd\nabcdef\n")
        self.assertEqual(run("--param", "least=5"), "abcdef\n")
        self.assertEqual(run("--", "--param", "least=5"), "abcdef\n")
        self.assertTrue(run("--", "--help").lower().startswith("examples"))

    def test_the_exit_code_is_the_programs(self):
        self.write("a.gress")
        self.gressc("run", "a.gress", "--param", "none=1", env=self.env, code=64)

    def test_tap(self):
        self.write("a.gress")
        ran = self.gressc("run", "a.gress", "--tap", "long:1", input="ab\nabcd\nabcde\n", env=self.env)
        self.assertIn("abcd", ran.stdout + ran.stderr)
        self.assertIn("did you mean `long`?", self.gressc("run", "a.gress", "--tap", "lnog", env=self.env, code=64).stderr)
        self.gressc("run", "a.gress", "--tap", "long:x", env=self.env, code=64)

    def test_two_taps_share_standard_error(self):
        self.write("a.gress")
        with open(self.path("said"), "w+") as said:
            said.write("before\n")
            said.flush()
            subprocess.run([GRESSC, "run", "a.gress", "--tap", "long", "--tap", "lines"], input=b"ab\nabcde\n", stdout=subprocess.DEVNULL,
                           stderr=said, cwd=self.folder, env={**os.environ, **self.env}, check=True)
            said.seek(0)
            text = said.read()
        self.assertTrue(text.startswith("before\n"), text)
        self.assertEqual((text.count('"abcde"'), text.count('"ab"')), (2, 1), text)

    def test_the_new_project_runs_and_its_test_passes(self):
        self.gressc("new", "rides")
        folder = self.path("rides")
        ran = subprocess.run([GRESSC, "run", "rides.gress"], capture_output=True, text=True, cwd=folder,
                             env={**os.environ, **self.env})
        self.assertEqual(ran.returncode, 0, ran.stderr)
        rows = [json.loads(line) for line in ran.stdout.splitlines()]
        self.assertEqual(sum(row["rides"] for row in rows), 60)
        self.gressc("test", "rides/rides.gress", env=self.env)
        with open(os.path.join(folder, "rides.gress")) as file:
            broken = file.read().replace("fares: 20,", "fares: 21,")
        self.write("rides/broken.gress", broken)
        self.assertNotEqual(self.gressc("test", "rides/broken.gress", env=self.env, code=None).returncode, 0)


if __name__ == "__main__":
    unittest.main()
