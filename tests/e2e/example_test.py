"""Runs the programs of an example's folder in a copy of it, their tests too, and compares what they write with `expected/`.

    example_test.py EXAMPLE_FOLDER"""
import filecmp
import os
import shutil
import subprocess
import sys
import tempfile

from program import GRESSC


def broken_meters(folder):
    """A file that is torn, and folders that are not there: how the program is given them, and what it says."""
    os.mkdir(os.path.join(folder, "torn"))
    with open(os.path.join(folder, "mill.meter"), "rb") as whole, open(os.path.join(folder, "torn", "mill.meter"), "wb") as file:
        file.write(whole.read()[:-5])
    yield "folder=torn", "`meters::Readings` failed: mill.meter ends within a reading"
    yield "folder=nowhere", "`meters::Readings` failed: "
    yield "out=nowhere", "`meters::Invoices` failed: cannot create nowhere/invoices-1.csv.part"


BROKEN = {"meters": ("billing.gress", broken_meters)}


def main():
    wrong = []
    example = os.path.basename(os.path.normpath(sys.argv[1]))
    with tempfile.TemporaryDirectory(prefix="gress-example-") as work:
        folder = os.path.join(work, "example")
        shutil.copytree(sys.argv[1], folder)
        for program in sorted(f for f in os.listdir(folder) if f.endswith(".gress")):
            for command in "test", "run":
                ran = subprocess.run([GRESSC, command, program], cwd=folder, capture_output=True, text=True, timeout=600)
                if ran.returncode != 0:
                    wrong.append(f"gressc {command} {program}: exit code {ran.returncode}\n{ran.stdout}{ran.stderr}")
        expected = os.path.join(folder, "expected")
        names = sorted(os.listdir(expected))
        for name in names:
            written = os.path.join(folder, name)
            if not os.path.exists(written) or not filecmp.cmp(written, os.path.join(expected, name), shallow=False):
                wrong.append(f"{name} is not what `expected/{name}` says")
        program, breaks = BROKEN.get(example, ("", lambda folder: ()))
        for param, said in breaks(folder):
            ran = subprocess.run([GRESSC, "run", program, "--param", param, "--", "--fresh"], cwd=folder, capture_output=True, text=True, timeout=600)
            if ran.returncode != 74 or said not in ran.stderr:
                wrong.append(f"--param {param}: exit code {ran.returncode}\n{ran.stderr}")
    print("\n".join(wrong + [f"{len(names)} files, {len(wrong)} wrong"]))
    return 1 if wrong or not names else 0


if __name__ == "__main__":
    sys.exit(main())
