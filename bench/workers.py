#!/usr/bin/env python3
"""What several workers cost beside one: keyed windows over JSON lines with few keys, with many, and with one that most rows
have. Whole processes in turn; CPU-seconds as the system counts them, least and median; and the share of the CPU time that
the busiest worker had, which is 1 divided by their number if no key holds the others up.

    workers.py [--gressc build/bin/gressc] [--cache DIR] [--runs 7] [--workers 2]

DIR holds rides.jsonl, which run.py makes there."""
import argparse, os, statistics, subprocess, sys, time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
NAMES = ('workers_few_keys', 'workers_many_keys', 'workers_hot_key')


def measure(program, path, workers):
    """CPU-seconds, and the busiest thread's share of them as far as it was seen."""
    child = subprocess.Popen([program, '--quiet', '--parallelism', str(workers), '--param', 'input=' + path])
    seen = {}
    while True:
        done, status, usage = os.wait4(child.pid, os.WNOHANG)
        if done:
            break
        try:
            for task in os.listdir(f'/proc/{child.pid}/task'):
                with open(f'/proc/{child.pid}/task/{task}/schedstat') as file:
                    seen[task] = int((file.read().split() or ['0'])[0])
        except OSError:
            pass  # it has ended
        time.sleep(0.002)
    if status != 0:
        sys.exit(f'{program} failed')
    return usage.ru_utime + usage.ru_stime, max(seen.values()) / max(1, sum(seen.values()))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--gressc', default=os.path.join(ROOT, 'build/bin/gressc'))
    p.add_argument('--cache', default=os.path.expanduser('~/.cache/gress-bench'))
    p.add_argument('--runs', type=int, default=7)
    p.add_argument('--workers', type=int, default=2)
    args = p.parse_args()
    path = os.path.join(args.cache, 'rides.jsonl')
    if not os.path.exists(path):
        sys.exit(f'{path} is not there: `bench/run.py --cache {args.cache}` makes it')
    for name in NAMES:
        out = os.path.join(args.cache, name)
        subprocess.run([args.gressc, 'build', os.path.join(HERE, 'programs', name + '.gress'), '-o', out], check=True)
    print(f"{'job':<20} {'workers':>7} {'least s':>8} {'median s':>9} {'busiest':>8}")
    for name in NAMES:
        out = os.path.join(args.cache, name)
        runs = [(measure(out, path, 1), measure(out, path, args.workers)) for _ in range(args.runs)]
        for k, workers in enumerate((1, args.workers)):
            cpu = [r[k][0] for r in runs]
            busiest = statistics.median(r[k][1] for r in runs)
            print(f'{name:<20} {workers:>7} {min(cpu):>8.2f} {statistics.median(cpu):>9.2f} {busiest:>8.2f}', flush=True)


main()
