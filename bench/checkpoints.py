#!/usr/bin/env python3
"""What checkpoints cost: a program that takes one every 10 s beside the same program without, how long rows wait while one is
taken, and how soon a program with much state gives a row after a restart. Prints a table, and JSON with --json.

    checkpoints.py [--gressc build/bin/gressc] [--cache DIR] [--runs 3] [--json FILE] [throughput] [latency] [restore]

throughput  `programs/touched.gress`: a million keys, all of which change between two checkpoints. Wall and CPU seconds of
            whole processes on all CPUs, in turn; the CPU that writes a checkpoint is counted
latency     `programs/kept.gress`: --keys keys, of which --rate a second change, at planned times (hand/latency.cpp); the
            latency counts from the planned time. --realtime gives the processes a real-time priority, for machines that have
            other work
restore     `programs/restored.gress`: --state MB of state on disk; from the start of the process to the first row out. The
            files are in the page cache, as they are behind a crash"""
import argparse, json, os, shutil, signal, statistics, subprocess, sys, time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
ASKED = {'throughput': 'at least 0.90 of that without', 'latency': 'p99 below 1 ms', 'restore': 'below 2 s'}


def ended(argv, folder):
    """Wall and CPU seconds of a process that comes to its end."""
    begun = time.perf_counter()
    child = subprocess.Popen(argv, cwd=folder, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    if status != 0:
        sys.exit(f'{argv[0]} failed')
    return time.perf_counter() - begun, usage.ru_utime + usage.ru_stime


def build(args, name, checkpoints=True):
    """The executable; without checkpoints the program lacks the line that says them."""
    out = os.path.join(args.work, name if checkpoints else name + '_without')
    with open(os.path.join(HERE, 'programs', name + '.gress')) as f:
        text = [line for line in f if checkpoints or not line.startswith('pipeline')]
    with open(out + '.gress', 'w') as f:
        f.writelines(text)
    subprocess.run([args.gressc, 'build', out + '.gress', '-o', out], check=True)
    return out


def throughput(args):
    pair = [build(args, 'touched'), build(args, 'touched', False)]
    events = ['--quiet', '--param', f'events={args.events}']
    runs = []
    for _ in range(args.runs):
        runs.append([ended([pair[0], *events, '--fresh'], args.work), ended([pair[1], *events], args.work)])
    wall = statistics.median(b[0] / a[0] for a, b in runs)
    cpu = statistics.median(b[1] / a[1] for a, b in runs)
    best = [min(r[k][0] for r in runs) for k in (0, 1)]
    return {'throughput_ratio': round(wall, 3), 'cpu_ratio': round(cpu, 3), 'seconds': [round(x, 2) for x in best],
            'cpu_seconds': [round(min(r[k][1] for r in runs), 2) for k in (0, 1)]}


def latency(args):
    program, tool = build(args, 'kept'), os.path.join(args.work, 'latency')
    subprocess.run([args.cxx, '-std=c++20', '-O2', '-pthread', os.path.join(HERE, 'hand/latency.cpp'), '-o', tool], check=True)
    saved = os.path.join(args.work, 'kept.checkpoints')
    before = ['chrt', '-f', '1'] if args.realtime else []
    ran = subprocess.run([*before, tool, saved, str(args.keys), str(args.rate), str(args.seconds), program, '--quiet', '--fresh', '--checkpoint', args.every],
                         cwd=args.work, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(ran.stdout)


def write_rows(args, path):
    """CSV whose state takes so many megabytes on disk: about 112 bytes a key. How many rows."""
    keys = args.state * 1_000_000 // 112
    with open(path, 'w') as f:
        f.write('key,name,value\n')
        for first in range(0, keys, 10_000):
            f.writelines(f'{k * 2654435761 % (1 << 40)},{k:064x},{k & 1023}\n' for k in range(first, min(keys, first + 10_000)))
    return keys


def restore(args):
    program = build(args, 'restored')
    folder = os.path.join(args.work, 'restored_data')
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(os.path.join(folder, 'in'))
    rows, later = write_rows(args, os.path.join(folder, 'in/a.csv')), os.path.join(folder, 'in/b.csv')
    os.mkfifo(later)  # it has not come to its end when it is stopped
    child = subprocess.Popen([program, '--quiet'], cwd=folder, stdout=subprocess.PIPE)
    held = os.open(later, os.O_WRONLY)
    while rows >= 0:  # the header is a line too
        rows -= os.read(child.stdout.fileno(), 1 << 20).count(b'\n')
    child.send_signal(signal.SIGTERM)
    child.stdout.close()
    if child.wait() != 0:
        sys.exit('the program failed')
    os.close(held)
    os.remove(later)
    with open(later, 'w') as f:
        f.write('key,name,value\n0,x,1\n')
    saved = os.path.join(folder, 'restored.checkpoints')
    size = sum(os.path.getsize(os.path.join(place, name)) for place, _, names in os.walk(saved) if 'state-' in place for name in names)
    shutil.copytree(saved, saved + '.kept', copy_function=os.link)
    times = []
    for _ in range(args.runs):
        begun = time.perf_counter()
        child = subprocess.Popen([program, '--quiet'], cwd=folder, stdout=subprocess.PIPE)
        line = child.stdout.readline()
        if line.startswith(b'key'):
            line = child.stdout.readline()
        times.append(time.perf_counter() - begun)
        child.kill()
        child.wait()
        if line != b'0,2,1,1\n':
            sys.exit(f'the state was not restored: {line}')
        shutil.rmtree(saved)
        shutil.copytree(saved + '.kept', saved, copy_function=os.link)
    shutil.rmtree(folder)
    return {'state_bytes': size, 'first_row_s': round(min(times), 2), 'median_s': round(statistics.median(times), 2)}


def said(name, figures):
    if name == 'throughput':
        return f"{figures['throughput_ratio']:.2f} of that without ({figures['cpu_ratio']:.2f} by CPU)"
    if name == 'latency':
        during, otherwise = figures['during'], figures['otherwise']
        return f"p99 {during['p99'] / 1000:.2f} ms in {figures['checkpoints']} checkpoints ({during['rows']} rows), {otherwise['p99'] / 1000:.2f} ms otherwise"
    return f"{figures['first_row_s']:.2f} s with {figures['state_bytes'] / 1e6:.0f} MB of state"


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--gressc', default=os.path.join(ROOT, 'build/bin/gressc'))
    p.add_argument('--cxx', default=os.environ.get('CXX', 'c++'))
    p.add_argument('--cache', default=os.path.expanduser('~/.cache/gress-bench'))
    p.add_argument('--runs', type=int, default=3)
    p.add_argument('--events', type=int, default=400_000_000)
    p.add_argument('--keys', type=int, default=1_000_000)
    p.add_argument('--rate', type=int, default=5_000)
    p.add_argument('--seconds', type=int, default=60)
    p.add_argument('--every', default='10s')
    p.add_argument('--realtime', action='store_true')
    p.add_argument('--state', type=int, default=1000)
    p.add_argument('--json')
    jobs = {'throughput': throughput, 'latency': latency, 'restore': restore}
    p.add_argument('names', nargs='*', choices=[*jobs, []])
    args = p.parse_args()
    args.gressc, args.work = os.path.abspath(args.gressc), os.path.join(os.path.abspath(args.cache), 'checkpoints')
    os.makedirs(args.work, exist_ok=True)
    results = {}
    for name in args.names or jobs:
        results[name] = jobs[name](args)
        print(f'{name:<11} {said(name, results[name])}; asked: {ASKED[name]}', flush=True)
    if args.json:
        with open(args.json, 'w') as f:
            json.dump(results, f, indent=1)


main()
