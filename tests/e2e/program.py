"""gressc, and programs that tests build with it."""
import os
import subprocess

GRESSC = os.path.abspath(os.environ.get("GRESSC", "build/bin/gressc"))


def build(name, text, folder, flags=""):
    """The program's path. `flags`: further ones of the C++ compiler."""
    with open(os.path.join(folder, name + ".gress"), "w") as file:
        file.write(text)
    env = dict(os.environ)
    if flags:
        env["GRESS_CXX"] = os.path.join(folder, "clang++")
        with open(env["GRESS_CXX"], "w") as file:
            file.write(f'#!/bin/sh\nexec clang++-19 "$@" {flags} -Wno-unused-command-line-argument\n')
        os.chmod(env["GRESS_CXX"], 0o755)
    made = subprocess.run([GRESSC, "build", name + ".gress", "-o", name], cwd=folder, capture_output=True, text=True, env=env)
    assert made.returncode == 0, made.stderr
    return os.path.join(folder, name)
