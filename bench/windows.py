#!/usr/bin/env python3
"""Windows whose cost is not to grow: sliding ones against tumbling ones of the same rows, run in turn on one core, and
the memory of ten million open states of a key and window. Whole processes; CPU-seconds and peak memory as the system
counts them, medians, ratios pair by pair.

    windows.py [--gressc build/bin/gressc] [--cache DIR] [--runs 7]"""
import argparse, os, random, statistics, subprocess, sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
# program -> the yardstick, its input
PAIRS = {'sliding_1h_1s': ('tumbling_1h', 'readings.csv'), 'sliding_1h_1s_extremes': ('tumbling_1h_extremes', 'readings.csv')}
ALONE = {'keys_10m': 'keys_10m.csv', 'pairs_10m': 'pairs_10m.csv'}
LIMIT_MB = 1000  # of those alone


def readings():
    """4 M rows of 100 keys at 1,000 a second, every third up to 2 s behind."""
    r = random.Random(7)
    yield 'at,key,value\n'
    for i in range(4_000_000):
        ms = max(0, i - (int(r.random() * 2_000) if r.random() < 0.3 else 0))
        s = ms // 1000
        yield f'2026-01-01T{s // 3600:02}:{s // 60 % 60:02}:{s % 60:02}.{ms % 1000:03}Z,{r.randrange(100)},{r.randrange(1000)}\n'


def keys_10m():
    yield 'at,key\n'
    for i in range(10_000_000):
        yield f'2026-01-01T00:{i // 1_200_000:02}:{i // 20_000 % 60:02}Z,{i * 2654435761 % (1 << 40)}\n'


def pairs_10m():
    yield 'at,key\n'
    for i in range(10_000_000):
        yield f'2026-01-01T00:{i // 1_000_000:02}:{i // 20_000 % 50:02}Z,{i % 1_000_000}\n'


def make(cache, name):
    path = os.path.join(cache, name)
    if not os.path.exists(path):
        with open(path + '.part', 'w') as f:
            f.writelines(globals()[name.removesuffix('.csv')]())
        os.replace(path + '.part', path)
    with open(path) as f:
        return path, sum(1 for _ in f) - 1


def measure(program, path):
    """CPU-seconds and peak memory (MB)."""
    child = subprocess.Popen([program, '--quiet', '--param', 'input=' + path])
    _, status, usage = os.wait4(child.pid, 0)
    if status != 0:
        sys.exit(f'{program} failed')
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--gressc', default=os.path.join(ROOT, 'build/bin/gressc'))
    p.add_argument('--cache', default=os.path.expanduser('~/.cache/gress-bench'))
    p.add_argument('--runs', type=int, default=7)
    args = p.parse_args()
    os.makedirs(args.cache, exist_ok=True)
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

    def build(name):
        out = os.path.join(args.cache, name)
        subprocess.run([args.gressc, 'build', os.path.join(HERE, 'programs', name + '.gress'), '-o', out], check=True)
        return out

    print(f"{'job':<24} {'ns/row':>7} {'yardstick':>10} {'times':>6} {'peak MB':>8}")
    for name, (yardstick, source) in PAIRS.items():
        path, rows = make(args.cache, source)
        a, b = build(name), build(yardstick)
        runs = [(measure(a, path), measure(b, path)) for _ in range(args.runs + 1)][1:]
        ns = [statistics.median(r[k][0] for r in runs) / rows * 1e9 for k in (0, 1)]
        times = statistics.median(x[0] / y[0] for x, y in runs)
        print(f'{name:<24} {ns[0]:>7.1f} {ns[1]:>10.1f} {times:>6.2f} {max(x[1] for x, _ in runs):>8.1f}', flush=True)
    for name, source in ALONE.items():
        path, rows = make(args.cache, source)
        runs = [measure(build(name), path) for _ in range(3)]
        peak = max(x[1] for x in runs)
        print(f'{name:<24} {statistics.median(x[0] for x in runs) / rows * 1e9:>7.1f} {"":>10} {"":>6} {peak:>8.1f}', flush=True)
        if peak > LIMIT_MB:
            sys.exit(f'{name}: more than {LIMIT_MB} MB')


main()
