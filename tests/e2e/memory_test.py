"""How much memory open windows take: a count of 10 million open (key, window) pairs in less than 1 GB, on a tenth of
them unless told.

    memory_test.py [--pairs N]

GRESSC names the compiler."""
import argparse
import json
import os
import subprocess
import sys
import tempfile

from program import GRESSC

PROGRAM = """type Row { at: timestamp, key: i64 }
source rows: Row from file { path: "rows.csv", format: csv, time: at, watermark_delay: 1h }
stream counts = rows |> key key |> window tumbling(1m) |> aggregate { n: count() }
stream whole = counts |> window global() |> aggregate { pairs: count(), rows: sum(n) }
sink whole to stdout { format: json }
"""
WINDOWS = 10
LIMIT = 1_000_000_000  # bytes for 10 million pairs
FIXED = 40_000_000     # the executable, buffers


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--pairs", type=int, default=1_000_000)
    pairs = a.parse_args().pairs
    with tempfile.TemporaryDirectory(prefix="gress-memory-") as folder:
        with open(os.path.join(folder, "p.gress"), "w") as file:
            file.write(PROGRAM)
        with open(os.path.join(folder, "rows.csv"), "w") as file:
            file.write("at,key\n")
            for n in range(pairs):
                file.write(f"{n % WINDOWS * 60_000},{n // WINDOWS * 2_654_435_761 % (1 << 40)}\n")
        subprocess.run([GRESSC, "build", "p.gress", "-o", "p"], cwd=folder, check=True)
        # A process of its own, so that the peak is the program's and not the compiler's.
        code = ("import resource, subprocess, sys; r = subprocess.run(['./p', '--quiet'], stdout=subprocess.PIPE, text=True); "
                "sys.stdout.write(r.stdout); print(r.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)")
        out = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True).stdout.splitlines()
    row, (status, peak) = json.loads(out[0]), out[1].split()
    peak = int(peak) * 1024
    print(f"{pairs} open pairs: {peak / 1e6:.0f} MB, {peak / pairs:.0f} bytes a pair")
    assert status == "0" and row == {"pairs": pairs, "rows": pairs}, out
    assert peak < LIMIT * pairs / 10_000_000 + FIXED, "too much memory"


main()
