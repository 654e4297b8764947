"""Whether C++ that gressc emitted compiles without a warning, under each C++ compiler that is here."""
import atexit
import functools
import os
import shutil
import subprocess
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
COMPILERS = [c for c in ("clang++-19", "g++") if shutil.which(c)]
FLAGS = ["-std=c++20", "-Wall", "-Wextra", "-I" + ROOT]


@functools.cache
def precompiled(compiler):
    """The runtime's header, precompiled once a compiler and run of a script; the path without its .gch."""
    folder = tempfile.mkdtemp(prefix="gress-pch-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    header = os.path.join(folder, "pch.h")
    subprocess.run([compiler, *FLAGS, "-w", "-x", "c++-header", os.path.join(ROOT, "runtime/core/pch.h"), "-o", header + ".gch"], check=True)
    return header


def refusal(compiler, text):
    """What the compiler says of the C++ (bytes), or nothing."""
    ran = subprocess.run([compiler, *FLAGS, "-Werror", "-fsyntax-only", "-include", precompiled(compiler), "-x", "c++", "-"], input=text, capture_output=True)
    return "" if ran.returncode == 0 else f"{compiler}: " + ran.stderr.decode("utf-8", "replace")[:3000]
