"""Builds the program of one or more case folders, runs it there and compares what it does.

    run_case.py CASE_FOLDER ...

A case folder holds
  program.gress        the program, or several `NAME.gress`: each is built, `program.gress` is run
  args, stdin, exit    arguments of the run, one a line; its standard input; its exit code (0 without the file)
  stderr               each line of it must be found in what the run says
  build_fails          instead of all below: each line must be found in what `gressc build` says, which must fail
  expected.NAME        what the file NAME (`stdout`: standard output) must hold afterwards, byte for byte
  expected_set.NAME    the same in any order of lines
All else are inputs; a NAME.plain is there as NAME.gz and NAME.zst too. The run's folder is a copy.
GRESSC names the compiler. There is no way to bless: what is expected here is worked out by hand."""
import difflib
import os
import shutil
import subprocess
import sys
import tempfile

from program import GRESSC


def read(folder, name, default=""):
    path = os.path.join(folder, name)
    if not os.path.exists(path):
        return default
    with open(path, "rb") as file:
        return file.read().decode("utf-8", "surrogateescape")


def differences(name, want, got):
    if want == got:
        return []
    lines = difflib.unified_diff(want.splitlines(), got.splitlines(), f"expected {name}", f"written {name}", lineterm="", n=1)
    return ["\n".join(lines) or f"{name}: the same lines, other line ends: {want[-40:]!r} and {got[-40:]!r}"]


def compress(work):
    for name in sorted(os.listdir(work)):
        if name.endswith(".plain"):
            path = os.path.join(work, name)
            for tool, ending in (["gzip", "-kn"], "gz"), (["zstd", "-q", "-k"], "zst"):
                subprocess.run([*tool, path], check=True)
                os.rename(f"{path}.{ending}", path.removesuffix("plain") + ending)


def run_case(folder):
    problems = []
    work = tempfile.mkdtemp(prefix="gress-e2e-")
    try:
        shutil.copytree(folder, work, dirs_exist_ok=True)
        compress(work)
        built = subprocess.run([GRESSC, "build", "program.gress", "-o", "program"], cwd=work, capture_output=True, timeout=300)
        said = built.stderr.decode("utf-8", "surrogateescape")
        fails = read(folder, "build_fails", None)
        if fails is not None:
            if built.returncode == 0:
                problems.append("the program builds and must not")
            return problems + [f"not said: {line}\n{said}" for line in fails.splitlines() if line not in said]
        if built.returncode != 0:
            return [f"does not build:\n{said}"]
        args = [line for line in read(folder, "args").splitlines()]
        ran = subprocess.run([os.path.join(work, "program"), *args], cwd=work, capture_output=True, timeout=120,
                             input=read(folder, "stdin").encode("utf-8", "surrogateescape"))
        said = ran.stderr.decode("utf-8", "surrogateescape")
        want = int(read(folder, "exit", "0"))
        if ran.returncode != want:
            problems.append(f"exit code {ran.returncode}, expected {want}:\n{said}")
        problems += [f"not said: {line}\n{said}" for line in read(folder, "stderr").splitlines() if line not in said]
        for name in sorted(os.listdir(folder)):
            kind, _, target = name.partition(".")
            if kind not in ("expected", "expected_set"):
                continue
            expected = read(folder, name)
            got = ran.stdout.decode("utf-8", "surrogateescape") if target == "stdout" else read(work, target, None)
            if got is None:
                problems.append(f"{target} was not written:\n{said}")
                continue
            if kind == "expected_set":
                expected, got = ("".join(sorted(t.splitlines(keepends=True))) for t in (expected, got))
            problems += differences(target, expected, got)
        return problems
    finally:
        shutil.rmtree(work, ignore_errors=True)


def main():
    failed = 0
    for folder in sys.argv[1:]:
        problems = run_case(folder)
        if problems:
            failed += 1
            print(f"FAILED {os.path.basename(os.path.normpath(folder))}\n" + "\n".join(problems), flush=True)
    return 1 if failed or len(sys.argv) == 1 else 0


if __name__ == "__main__":
    sys.exit(main())
