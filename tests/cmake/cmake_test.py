"""gress_add_pipeline in projects of others: find_package of an installed Gress, and Gress as a part of the project.
GRESSC names the executable of the build tree that is installed; CMAKE the cmake. `--full` also builds Gress as a part."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

GRESSC = os.path.abspath(os.environ["GRESSC"])
CMAKE = os.environ["CMAKE"]
CTEST = os.path.join(os.path.dirname(CMAKE), "ctest")
BUILD = os.path.dirname(os.path.dirname(GRESSC))
FULL = "--full" in sys.argv
if FULL:
    sys.argv.remove("--full")
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

PROJECT = """\
cmake_minimum_required(VERSION 3.25)
project(consumer LANGUAGES NONE)
find_package(Gress REQUIRED)
enable_testing()
gress_add_pipeline(long SOURCES long.gress TESTS)
"""
TYPES = "type Line { text: string }\n"
PROGRAM = """\
use "types.gress" { type Line }
param least: i64 = 3
source lines: Line from stdin { format: text }
stream long = lines |> filter length(text) > least
sink long to stdout { format: text }
test "long lines stay" {
  feed lines [ { text: "ab" }, { text: "abcd" } ]
  expect long [ { text: "abcd" } ]
}
"""


def call(*command, code=0, env=None, **more):
    ran = subprocess.run(command, capture_output=True, text=True, timeout=1800, env={**os.environ, **(env or {})}, **more)
    assert code is None or ran.returncode == code, f"{command}\n{ran.stdout}\n{ran.stderr}"
    return ran


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = tempfile.mkdtemp(prefix="gress-cmake-")
        cls.addClassCleanup(shutil.rmtree, cls.home, ignore_errors=True)

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="pro ject-", dir=self.home)
        self.build = os.path.join(self.folder, "build")
        self.write("types.gress", TYPES)
        self.write("long.gress", PROGRAM)
        self.write("CMakeLists.txt", PROJECT)

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)

    def configure(self, *options, code=0, generator="Ninja"):
        return call(CMAKE, "-S", self.folder, "-B", self.build, "-G", generator, *options, code=code)

    def make(self, *options):
        """Whether gressc ran."""
        return "Building pipeline" in call(CMAKE, "--build", self.build, *options).stdout

    def run_long(self, path="long", *options):
        return call(os.path.join(self.build, path), "--quiet", *options, input="ab\nabcd\nabcdef\n").stdout


class Installed(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.prefix = os.path.join(cls.home, "prefix")
        call(CMAKE, "--install", BUILD, "--prefix", cls.prefix)

    def configure(self, *options, **more):
        return super().configure(f"-DCMAKE_PREFIX_PATH={self.prefix}", *options, **more)

    def check_rebuilds(self, generator):
        # Of a project that has the policies of an older CMake.
        self.write("CMakeLists.txt", PROJECT.replace("3.25", "3.16"))
        self.configure(generator=generator)
        self.assertTrue(self.make())
        self.assertEqual(self.run_long(), "abcd\nabcdef\n")
        self.assertFalse(self.make(), "nothing has changed")
        self.write("unrelated.gress", PROGRAM)
        self.assertFalse(self.make(), "a file that is not used has changed")

        self.write("long.gress", PROGRAM.replace("= 3", "= 5"))
        self.assertTrue(self.make(), "the program has changed")
        self.assertEqual(self.run_long(), "abcdef\n")
        self.write("types.gress", TYPES.replace("Line", "Other") + TYPES)
        self.assertTrue(self.make(), "a used file has changed")
        self.assertFalse(self.make())
        for file in ["bin/gressc", "share/gress/toolchain.conf", "include/gress/runtime/core/block.h"]:
            os.utime(os.path.join(self.prefix, file))
            self.assertTrue(self.make(), f"{file} has changed")
            self.assertFalse(self.make(), file)

        # What does not compile leaves no executable that looks new.
        self.write("long.gress", PROGRAM.replace("length(text)", "lenght(text)"))
        ran = call(CMAKE, "--build", self.build, code=None)
        self.assertNotEqual(ran.returncode, 0)
        self.assertIn("did you mean `length`?", ran.stdout + ran.stderr)
        self.write("long.gress", PROGRAM)
        self.assertTrue(self.make())

    def test_ninja_rebuilds_what_changed(self):
        self.check_rebuilds("Ninja")

    def test_make_rebuilds_what_changed(self):
        self.check_rebuilds("Unix Makefiles")

    def test_tests_of_programs_are_tests_of_the_project(self):
        self.configure()
        self.make()
        listed = json.loads(call(CTEST, "--test-dir", self.build, "--show-only=json-v1").stdout)["tests"]
        self.assertEqual([test["name"] for test in listed], ["long.tests"])
        call(CTEST, "--test-dir", self.build, "--no-tests=error")
        self.write("long.gress", PROGRAM.replace('long [ { text: "abcd"', 'long [ { text: "ab"'))
        call(CTEST, "--test-dir", self.build, code=8)

    def test_the_target_is_an_executable(self):
        self.write("CMakeLists.txt", PROJECT + """
install(PROGRAMS $<TARGET_FILE:long> DESTINATION bin)
add_test(NAME runs COMMAND long --version)
add_custom_command(OUTPUT about.json COMMAND long --version --json > about.json DEPENDS long VERBATIM)
add_custom_target(about ALL DEPENDS about.json)
""")
        self.configure("-DCMAKE_RUNTIME_OUTPUT_DIRECTORY=bin")
        self.make("--target", "about")
        with open(os.path.join(self.build, "about.json")) as file:
            self.assertEqual(json.load(file)["program"], "long")
        self.make()
        call(CTEST, "--test-dir", self.build, "-R", "runs", "--no-tests=error")
        call(CMAKE, "--install", self.build, "--prefix", os.path.join(self.folder, "out"))
        self.assertEqual(self.run_long("../out/bin/long"), "abcd\nabcdef\n")

    def test_params_are_those_of_the_run_target(self):
        self.write("CMakeLists.txt", PROJECT.replace(" TESTS", ' PARAMS least=5 path=a$b:\\"c'))
        self.write("long.gress", PROGRAM.replace("param least", 'param path: string = "x"\nparam least'))
        self.configure()
        ran = call(CMAKE, "--build", self.build, "--target", "long_run", input="")
        self.assertIn("done in", ran.stdout + ran.stderr)
        self.write("CMakeLists.txt", PROJECT.replace(" TESTS", " PARAMS most=5"))
        ran = call(CMAKE, "--build", self.build, "--target", "long_run", code=None, input="")
        self.assertIn("most", ran.stdout + ran.stderr)
        self.assertNotEqual(ran.returncode, 0)

    def test_options_and_the_other_compiler(self):
        self.write("CMakeLists.txt", PROJECT.replace(" TESTS", " OPTIONS --cpu baseline --cxx g++"))
        self.configure("-DCMAKE_RUNTIME_OUTPUT_DIRECTORY=" + os.path.join(self.build, "bin"))
        self.assertTrue(self.make())
        self.assertEqual(self.run_long("bin/long"), "abcd\nabcdef\n")
        self.assertIn("baseline", call(os.path.join(self.build, "bin/long"), "--version").stdout)
        self.assertFalse(self.make())

    def test_what_headers_of_the_program_need(self):
        self.write("own/parts/sum.hpp", "#pragma once\n#define SUM(a, b) ((a) + (b))\n")
        self.write("team/include/team.hpp", '#pragma once\nextern "C" long scaled(long);\n')
        self.write("team/team.cpp", '#include "team.hpp"\nlong scaled(long x) { return x * FACTOR; }\n')
        self.write("own.hpp", '#include "parts/sum.hpp"\n#include <team.hpp>\n'
                              "inline long f(long x) { return SUM(scaled(x), FACTOR - LESS); }\n")
        self.write("long.gress", PROGRAM.replace("length(text) >", "f(length(text)) >")
                   .replace('use "types', 'use "own.hpp" { fn f }\nuse "types', 1))
        self.write("CMakeLists.txt", PROJECT.replace("NONE", "CXX").replace("gress_add", """\
add_library(team STATIC team/team.cpp)
target_include_directories(team PUBLIC team/include)
target_compile_definitions(team PUBLIC FACTOR=1)
gress_add""").replace(" TESTS", " INCLUDES own DEFINES LESS=1 LINK team m TESTS"))
        self.configure()
        self.assertTrue(self.make())
        self.assertEqual(self.run_long(), "abcd\nabcdef\n")
        call(CTEST, "--test-dir", self.build, "--no-tests=error", "--output-on-failure")
        self.assertFalse(self.make())
        self.write("team/team.cpp", 'extern "C" long scaled(long x) { return x - 2; }\n')
        self.assertTrue(self.make(), "the library has changed")
        self.assertEqual(self.run_long(), "abcdef\n")
        self.write("own/parts/sum.hpp", "#define SUM(a, b) 0\n")
        self.assertTrue(self.make(), "a header of a folder has changed")
        self.assertEqual(self.run_long(), "")

    def test_several_configurations(self):
        self.configure("-DCMAKE_RUNTIME_OUTPUT_DIRECTORY=$<CONFIG>", generator="Ninja Multi-Config")
        for configuration in ["Release", "Debug"]:
            self.assertTrue(self.make("--config", configuration))
            self.assertFalse(self.make("--config", configuration))
            self.assertEqual(self.run_long(configuration + "/long"), "abcd\nabcdef\n")
            call(CTEST, "--test-dir", self.build, "-C", configuration, "--no-tests=error")
        self.assertGreater(os.path.getsize(os.path.join(self.build, "Debug/long")),
                           os.path.getsize(os.path.join(self.build, "Release/long")), "symbols")

    def test_cross_compiling_takes_gressc_of_the_host(self):
        self.write("CMakeLists.txt", PROJECT.replace("NONE", "CXX"))
        cxx = re.search(r"C\+\+ compiler: (\S+)", call(GRESSC, "--version").stdout).group(1)
        self.write("cross.cmake", f'set(CMAKE_SYSTEM_NAME Linux)\nset(CMAKE_SYSTEM_PROCESSOR x86_64)\n'
                                  f'set(CMAKE_CXX_COMPILER "{cxx}")\n')
        cross = "-DCMAKE_TOOLCHAIN_FILE=" + os.path.join(self.folder, "cross.cmake")
        # The gressc of the target's tree cannot run here.
        foreign = os.path.join(self.home, "foreign")
        shutil.copytree(self.prefix, foreign, symlinks=True)
        with open(os.path.join(foreign, "bin/gressc"), "w") as file:
            file.write("not for this machine")
        ran = super().configure(cross, f"-DCMAKE_PREFIX_PATH={foreign}", "-DGress_GRESSC_EXECUTABLE=", code=1)
        self.assertIn("set Gress_GRESSC_EXECUTABLE", " ".join(ran.stderr.split()))
        shutil.rmtree(self.build)
        super().configure(cross, f"-DCMAKE_PREFIX_PATH={foreign}", f"-DGress_GRESSC_EXECUTABLE={self.prefix}/bin/gressc")
        self.assertTrue(self.make())
        self.assertEqual(self.run_long(), "abcd\nabcdef\n")
        with open(os.path.join(self.build, "long.d")) as file:
            self.assertIn(os.path.join(foreign, "share/gress/toolchain.conf"), file.read())

    def test_wrong_arguments_are_named(self):
        for call_, said in [("gress_add_pipeline(a LIBARY SOURCES long.gress)", "unknown arguments: LIBARY"),
                            ("gress_add_pipeline(a SOURCES none.gress)", "Cannot find source file"),
                            ("gress_add_pipeline(a)", "SOURCES is missing"),
                            ("gress_add_pipeline(a SOURCES long.gress OPTIONS)", "nothing follows OPTIONS"),
                            ("gress_add_pipeline(a SOURCES long.gress PARAMS 5)", "`5` is no param"),
                            ("gress_add_pipeline(long SOURCES long.gress)", "a target `long` already"),
                            ("set(CMAKE_RUNTIME_OUTPUT_DIRECTORY $<IF:1,a,b>)\ngress_add_pipeline(a SOURCES long.gress)",
                             "may hold `$<CONFIG>` only"),
                            ("gress_add_pipeline(a/b SOURCES long.gress)", "`a/b` is no name"),
                            ("gress_add_pipeline(a LIBRARY SOURCES long.gress)", "enable the language CXX"),
                            ("gress_add_pipeline(a LIBRARY SOURCES long.gress PARAMS x=1)", "gets its params from the host program")]:
            self.write("CMakeLists.txt", PROJECT + call_ + "\n")
            ran = self.configure(code=1)
            self.assertIn(said, " ".join(ran.stderr.split()), call_)

    def test_an_example_of_the_documentation(self):
        example = os.path.join(ROOT, "examples/cmake")
        call(CMAKE, "-S", example, "-B", self.build, "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={self.prefix}")
        call(CMAKE, "--build", self.build)
        call(CTEST, "--test-dir", self.build, "--no-tests=error")


    def test_pipelines_in_a_host_program(self):
        example = os.path.join(ROOT, "examples/embedded")
        options = ["-G", "Ninja", f"-DCMAKE_PREFIX_PATH={self.prefix}", f"-DEXAMPLE={example}"]
        shutil.copytree(os.path.join(ROOT, "tests/cmake/embedded"), os.path.join(self.folder, "host"))
        call(CMAKE, "-S", os.path.join(self.folder, "host"), "-B", self.build, *options)
        self.assertTrue(self.make())
        self.assertFalse(self.make(), "nothing has changed")
        call(CTEST, "--test-dir", self.build, "--no-tests=error", "--output-on-failure")
        shown = call(os.path.join(self.build, "dispatch")).stdout
        self.assertIn("12:00 north     7 rides, 64\n", shown)
        self.assertIn("-- a quarter past\n12:10 north     3 rides, 29.5\n", shown)
        needed = call("ldd", os.path.join(self.build, "dispatch")).stdout
        self.assertNotRegex(needed, "rdkafka|rocksdb")
        shown = call("nm", "-D", "--defined-only", "--demangle", os.path.join(self.build, "libin_shared.so")).stdout
        self.assertRegex(shown, r" T areas\n")
        # What is inline in the header is the host's to hide.
        self.assertEqual([line for line in shown.splitlines() if re.search(r" [A-V] .*(gress|fares::)", line)], [])


class Part(Case):
    """Gress as a folder of the project, as FetchContent has it too."""

    def setUp(self):
        super().setUp()
        self.write("CMakeLists.txt", PROJECT.replace("NONE", "CXX").replace(
            "find_package(Gress REQUIRED)", f"add_subdirectory({ROOT} gress EXCLUDE_FROM_ALL)"))

    def test_it_is_built_first(self):
        self.configure("-DCMAKE_BUILD_TYPE=Release")
        steps = call(CMAKE, "--build", self.build, "--", "-n").stdout
        at = [steps.index(step) for step in ["bin/gressc", "Precompiling the runtime", "Building pipeline long"]]
        self.assertEqual(at, sorted(at), steps)
        self.assertNotIn("gtest", steps)
        listed = json.loads(call(CTEST, "--test-dir", self.build, "--show-only=json-v1").stdout)["tests"]
        self.assertEqual([test["name"] for test in listed], ["long.tests"], "none of Gress itself")

    def test_several_configurations_are_refused(self):
        ran = self.configure(generator="Ninja Multi-Config", code=1)
        self.assertIn("use find_package(Gress)", " ".join(ran.stderr.split()))

    @unittest.skipUnless(FULL, "builds all of Gress")
    def test_full(self):
        self.configure("-DCMAKE_BUILD_TYPE=Release")
        self.assertTrue(self.make())
        self.assertEqual(self.run_long(), "abcd\nabcdef\n")
        self.assertFalse(self.make())
        os.utime(os.path.join(self.build, "gress/bin/gressc"))
        self.assertTrue(self.make(), "gressc has changed")


if __name__ == "__main__":
    unittest.main()
