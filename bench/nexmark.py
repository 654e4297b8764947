#!/usr/bin/env python3
"""Runs the Nexmark queries of bench/nexmark and prints what they make of events, in millions a CPU-second: whole processes
on one core, the generator within, rows counted and discarded (q10 writes its files). `dense` is 10 M events a second of event time, `sparse` 100.
Beside them: Flink 2.3 (heap state, dense, from its authors' suite on two cores of an AMD EPYC), the best hand-written
program that was published with it, and our own hand-written twins (bench/hand/nexmark_*.cpp), run in turn with the query.

    nexmark.py [--gressc build/bin/gressc] [--events 10000000] [--sparse-events 2000000] [--runs 3] [--json FILE] [q0 q5 ...]

A query that does not build or run is named with the reason. Windows open, and event time spanned, hang on the setting:
dense, 10 M events span 1 s; sparse, 2 M span 5.6 hours.

A virtual machine's memory may not be backed by its host, and the first touch of it can cost many times the work itself. So
each timed run follows one of another process that touches as much; `cold` is a run, dense, without that."""
import argparse, json, mmap, multiprocessing, os, statistics, subprocess, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
QUERIES = [f"q{i}" for i in range(24)]
# thousand events a CPU-second, dense
FLINK = dict(q0=1513, q2=1641, q3=1561, q4=295, q5=465, q7=195, q8=1050, q9=181, q11=569, q15=366, q16=67, q17=718, q18=410, q19=393,
             q20=285, q21=468, q22=837, q23=136)
# million events a CPU-second, dense to sparse where both are known
HAND = dict(q0="184", q2="1042", q3="1695", q4="79-135", q5="169-388", q7="180-194", q8="1220-1587", q9="32-39", q11="158-388",
            q16="20-25", q17="135", q18="61", q20="27")
TWINS = [name for name in QUERIES if os.path.exists(os.path.join(HERE, "hand", f"nexmark_{name}.cpp"))]


class Failed(Exception):
    pass


def cpu(argv, cwd):
    child = subprocess.Popen(argv, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    error = child.stderr.read().decode()
    _, status, usage = os.wait4(child.pid, 0)
    if status != 0:
        raise Failed(error.strip().splitlines()[-1] if error.strip() else f"ended with status {status}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def touch(kilobytes):
    memory = mmap.mmap(-1, max(kilobytes, 1) * 1024)
    memory.madvise(mmap.MADV_HUGEPAGE)
    for at in range(0, len(memory), 4096):
        memory[at] = 1


def warm_cpu(argv, cwd, kilobytes):
    """After as much memory, and half as much more, was touched."""
    before = multiprocessing.Process(target=touch, args=(kilobytes * 3 // 2,))
    before.start()
    before.join()
    return cpu(argv, cwd)


def build(gressc, name, work):
    out = os.path.join(work, name)
    ran = subprocess.run([gressc, "build", os.path.join(HERE, "nexmark", name + ".gress"), "-o", out], capture_output=True, text=True, cwd=work)
    if ran.returncode != 0:
        raise Failed(ran.stderr.strip().splitlines()[0] if ran.stderr.strip() else "does not build")
    return out


def twin(name, work):
    out = os.path.join(work, "hand_" + name)
    compiler = next(c for c in ("clang++-19", "clang++", "g++") if subprocess.run(["which", c], capture_output=True).returncode == 0)
    subprocess.run([compiler, "-std=c++20", "-O3", "-march=native", "-I", ROOT, os.path.join(HERE, "hand", f"nexmark_{name}.cpp"), "-o", out], check=True)
    return out


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--gressc", default=os.path.join(ROOT, "build/bin/gressc"))
    p.add_argument("--events", type=int, default=10_000_000)
    p.add_argument("--sparse-events", type=int, default=2_000_000)
    p.add_argument("--runs", type=int, default=3)
    p.add_argument("--json")
    p.add_argument("names", nargs="*")
    args = p.parse_args()
    args.gressc = os.path.abspath(args.gressc)
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    results = {}
    print(f"{'':<4} {'dense':>8} {'cold':>8} {'sparse':>8} {'twin d.':>8} {'twin s.':>8} {'of twin':>8} {'Flink':>7} {'times':>6} {'by hand':>10} {'peak MB':>8}")
    with tempfile.TemporaryDirectory(prefix="gress-nexmark-") as work:
        with open(os.path.join(work, "side_input.csv"), "w") as file:
            file.write("key,value\n" + "".join(f"{i},side-{i}\n" for i in range(10000)))
        for name in args.names or QUERIES:
            try:
                program = build(args.gressc, name, work)
                by_hand = twin(name, work) if name in TWINS else None
                figures = {}
                for setting, rate, events in (("dense", 10_000_000, args.events), ("sparse", 100, args.sparse_events)):
                    run = [program, "--quiet", "--param", f"events={events}", "--param", f"rate={rate}"]
                    cold, peak = cpu(run, work)
                    figures[setting + "_cold"] = round(events / max(cold, 1e-4) / 1e6, 2)
                    ours, theirs = [], []
                    for _ in range(args.runs):
                        ours.append(warm_cpu(run, work, peak)[0])
                        if by_hand:
                            theirs.append(warm_cpu([by_hand, str(events), str(rate)], work, peak)[0])
                    figures[setting] = round(events / max(statistics.median(ours), 1e-4) / 1e6, 2)
                    figures[setting + "_peak_mb"] = peak // 1024
                    if by_hand:
                        figures["twin_" + setting] = round(events / max(statistics.median(theirs), 1e-4) / 1e6, 2)
            except Failed as why:
                print(f"{name:<4} {why}", flush=True)
                results[name] = {"failed": str(why)}
                continue
            results[name] = figures
            flink = FLINK.get(name)
            show = lambda key: f"{figures[key]:.1f}" if key in figures else ""
            times = f"{figures['dense'] * 1000 / flink:.0f}" if flink else ""
            ratio = f"{figures['dense'] / figures['twin_dense']:.2f}" if "twin_dense" in figures else ""
            print(f"{name:<4} {show('dense'):>8} {show('dense_cold'):>8} {show('sparse'):>8} {show('twin_dense'):>8} {show('twin_sparse'):>8} {ratio:>8} "
                  f"{f'{flink / 1000:.2f}' if flink else '':>7} {times:>6} {HAND.get(name, ''):>10} "
                  f"{figures['dense_peak_mb']:>8}", flush=True)
    if args.json:
        with open(args.json, "w") as file:
            json.dump(results, file, indent=1)


main()
