#!/usr/bin/env python3
"""What several workers cost and bring beside one: the keyed window of run.py over JSON lines, and such windows with few keys,
with many, and with one that most rows have; from one file and from two. Whole processes in turn. CPU-seconds as the system
counts them and wall-clock seconds, least and median; both again as a ratio to one worker, of the medians; and the share of the
CPU time that the busiest worker had, seen in a run of its own, which is 1 divided by their number if no key holds the others up.
Beside them what the machine gives to those who share nothing, `apart`: as many processes of one worker at once, each with the
whole input; cost and gain are of one of them. Where two processors are one core's threads, or another guest wants them, its cost
is above 1, and that of workers can't be below it.

    workers.py [--gressc build/bin/gressc] [--cache DIR] [--runs 7] [--workers 2[,4,…]] [JOB ...]

DIR holds rides.jsonl, which run.py makes there."""
import argparse, os, statistics, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
JOBS = ('json_window', 'workers_few_keys', 'workers_many_keys', 'workers_hot_key')


def build(args, name):
    """json_window says nothing of workers, for the sake of run.py."""
    with open(os.path.join(HERE, 'programs', name + '.gress')) as file:
        text = file.read()
    if 'parallelism' not in text:
        text = text.replace(f'pipeline {name}', f'pipeline {name} {{ parallelism: 2 }}', 1)
    out = os.path.join(args.cache, name + '_workers')
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, name + '.gress')
        with open(path, 'w') as file:
            file.write(text)
        subprocess.run([args.gressc, 'build', path, '-o', out], check=True)
    return out


def halves(cache, path):
    """Two files with every other line each, so that both go through the same time."""
    names = [os.path.join(cache, f'rides_half_{k}.jsonl') for k in range(2)]
    if not all(os.path.exists(name) and os.path.getmtime(name) >= os.path.getmtime(path) for name in names):
        with open(path, 'rb') as lines, open(names[0], 'wb') as even, open(names[1], 'wb') as odd:
            for k, line in enumerate(lines):
                (odd if k % 2 else even).write(line)
    return os.path.join(cache, 'rides_half_*.jsonl')


def started(args, program, path, workers):
    argv = [program, '--quiet', '--parallelism', str(workers), '--param', 'input=' + path]
    return subprocess.Popen(argv, cwd=args.cache)


def ended(child, program, flags=0):
    """CPU-seconds, or None while it runs."""
    done, status, usage = os.wait4(child.pid, flags)
    if done and status != 0:
        sys.exit(f'{program} failed')
    return usage.ru_utime + usage.ru_stime if done else None


def measure(args, program, path, workers):
    begin = time.perf_counter()
    cpu = ended(started(args, program, path, workers), program)
    return cpu, time.perf_counter() - begin


def measure_apart(args, program, path, processes):
    """CPU-seconds and wall-clock of one of several processes at once; wall-clock as if they had shared the work."""
    begin = time.perf_counter()
    children = [started(args, program, path, 1) for _ in range(processes)]
    cpu = sum(ended(child, program) for child in children)
    return cpu / processes, (time.perf_counter() - begin) / processes


def busiest(args, program, path, workers):
    """The busiest thread's share, as far as it was seen."""
    child, seen = started(args, program, path, workers), {}
    while ended(child, program, os.WNOHANG) is None:
        try:
            for task in os.listdir(f'/proc/{child.pid}/task'):
                with open(f'/proc/{child.pid}/task/{task}/schedstat') as file:
                    seen[task] = int((file.read().split() or ['0'])[0])
        except OSError:
            pass  # it has ended
        time.sleep(0.002)
    return max(seen.values()) / max(1, sum(seen.values()))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--gressc', default=os.path.join(ROOT, 'build/bin/gressc'))
    p.add_argument('--cache', default=os.path.expanduser('~/.cache/gress-bench'))
    p.add_argument('--runs', type=int, default=7)
    p.add_argument('--workers', default='2', help='numbers of workers beside one, with commas')
    p.add_argument('jobs', nargs='*', metavar='JOB', help=f'of {", ".join(JOBS)}; all of them')
    args = p.parse_args()
    args.cache = os.path.abspath(args.cache)
    several = [1] + [int(n) for n in args.workers.split(',')]
    if unknown := set(args.jobs) - set(JOBS):
        sys.exit(f'no job {", ".join(sorted(unknown))}; there are {", ".join(JOBS)}')
    path = os.path.join(args.cache, 'rides.jsonl')
    if not os.path.exists(path):
        sys.exit(f'{path} is not there: `bench/run.py --cache {args.cache}` makes it')
    inputs = {'one': path, 'two': halves(args.cache, path)}
    programs = {name: build(args, name) for name in args.jobs or JOBS}
    print(f"{'job':<18} {'files':<5} {'workers':>7} {'CPU s':>6} {'median':>6} {'cost':>5} {'wall s':>6} {'median':>6} {'gain':>5} {'busiest':>7}")
    for name, program in programs.items():
        for files, at in inputs.items():
            for workers in several:
                measure(args, program, at, workers)  # the files are in memory then
            rounds = [[measure(args, program, at, workers) for workers in several] +
                      [measure_apart(args, program, at, workers) for workers in several[1:]] for _ in range(args.runs)]
            for k, workers in enumerate([str(n) for n in several] + [f'{n} apart' for n in several[1:]]):
                cpu, wall = ([r[k][of] for r in rounds] for of in range(2))
                one_cpu, one_wall = (statistics.median(r[0][of] for r in rounds) for of in range(2))
                cost, gain = statistics.median(cpu) / one_cpu, one_wall / statistics.median(wall)
                print(f'{name:<18} {files:<5} {workers:>7} {min(cpu):>6.3f} {statistics.median(cpu):>6.3f} {cost:>5.2f} {min(wall):>6.3f} '
                      f'{statistics.median(wall):>6.3f} {gain:>5.2f} '
                      + (f'{busiest(args, program, at, several[k]):>7.2f}' if k < len(several) else ''), flush=True)


main()
