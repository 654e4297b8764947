#!/usr/bin/env python3
"""Runs every benchmark and prints a table; figures are whole processes on one core, in CPU-seconds of the system's own
accounting, the generated program in turn with the hand-written one and with DuckDB, medians of figures and of ratios.

    run.py [--gressc build/bin/gressc] [--data DIR] [--cache DIR] [--runs 7] [--duckdb] [--json FILE] [name ...]

--data DIR   a folder with flights.csv, airports.csv, requests.jsonl and pings.jsonl (default: what ships with the project)
--cache DIR  where the large inputs are made and kept (default: ~/.cache/gress-bench)
--duckdb     also DuckDB's plain query on one core (`pip install duckdb`), on the jobs that have one
The processor must have AVX-512 (VBMI2): the hand-written programs use it."""
import argparse, json, os, resource, statistics, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
ROWS = {'flights.csv': 4_000_000, 'rides.jsonl': 4_000_000}

# job -> input, arguments of the generated program, of the hand-written one, DuckDB's query
JOBS = {
    'json_window': ('rides.jsonl', ['input={in}', 'output={out}'], ['{in}', '{out}'],
        "select location.area, time_bucket(interval '1 minute', timestamp) w, count(*), sum(location.latitude) from read_json('{in}', format='newline_delimited', columns={{location: 'STRUCT(latitude DOUBLE, longitude DOUBLE, area VARCHAR)', timestamp: 'TIMESTAMP'}}) group by 1, 2"),
    'flights_daily': ('flights.csv', ['input={in}', 'output={out}', 'late_path={out}.late'], ['{in}', '{out}', '{out}.late'],
        "select origin, date_trunc('day', scheduled) d, count(*), count(*) filter (delay > 15), avg(delay), max(delay), arg_max(destination, distance), count(distinct destination) from read_csv('{in}') group by 1, 2"),
    'flights_project': ('flights.csv', ['input={in}', 'output={out}'], ['{in}', '{out}'], None),
    'hot_states': ('flights.csv', ['input={in}', 'places={airports}', 'output={out}'], ['{in}', '{airports}', '{out}'], None),
    'surge': ('rides.jsonl', ['requests_path={in}', 'pings_path={pings}', 'output={out}'], ['{in}', '{pings}', '{out}'], None),
    'missed': ('flights.csv', ['input={in}', 'output={out}'], ['{in}', '{out}'],
        "select a.scheduled, b.scheduled as second, a.origin, a.destination, b.destination as onward, a.delay from read_csv('{in}') a join read_csv('{in}') b on a.destination = b.origin and b.scheduled between a.scheduled and a.scheduled + interval 30 minute where a.delay > 120 and b.destination <> a.origin"),
}


def cpu(argv):
    """CPU-seconds, wall seconds and peak memory (KiB) of one process."""
    t = time.perf_counter()
    child = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    error = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    if status != 0:
        sys.exit(f'{argv[0]} failed: {error.decode()[-500:]}')
    return usage.ru_utime + usage.ru_stime, time.perf_counter() - t, usage.ru_maxrss


def settle(path):
    """Brings a file into the page cache as reading does, in large folios. In those that writing leaves, of one page, the
    kernel's copy takes twice the time, which would be added to all figures."""
    fd = os.open(path, os.O_RDWR)
    os.fsync(fd)
    os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
    while os.read(fd, 1 << 20):
        pass
    os.close(fd)


def compile_hand(name, folder):
    out = os.path.join(folder, 'hand_' + name)
    compiler = next(c for c in ('clang++-19', 'clang++', 'g++') if subprocess.run(['which', c], capture_output=True).returncode == 0)
    libs = ['-lsimdjson'] if name in ('json_window', 'surge') else []
    subprocess.run([compiler, '-std=c++20', '-O3', '-march=native', '-I', ROOT, os.path.join(HERE, 'hand', name + '.cpp'), '-o', out, *libs], check=True)
    return out


def build(gressc, name, folder):
    out = os.path.join(folder, name)
    env = {**os.environ, 'GRESS_CACHE': os.path.join(folder, 'cache')}
    program = os.path.join(HERE, 'programs', name + '.gress')
    if not os.path.exists(env['GRESS_CACHE']):
        subprocess.run([gressc, 'build', program, '-o', out, '--debug'], check=True, env=env, capture_output=True)
        subprocess.run([gressc, 'precompile'], env=env, capture_output=True)
    os.path.exists(out) and os.remove(out)
    t = time.perf_counter()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    text = subprocess.run([gressc, 'build', program, '-o', out, '--timings'], check=True, env=env, capture_output=True, text=True).stderr
    seconds = time.perf_counter() - t
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    t = time.perf_counter()
    subprocess.run([gressc, 'build', program, '-o', out], check=True, env=env, capture_output=True)
    peak = max([int(l.split()[3]) for l in text.splitlines() if l.startswith('compile') and len(l.split()) > 3] or [0])
    return out, {'build_s': round(seconds, 2), 'build_cpu_s': round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 2),
                 'rebuild_s': round(time.perf_counter() - t, 3), 'compiler_peak_mb': peak, 'binary_bytes': os.path.getsize(out)}


def duck(query):
    code = f"import duckdb; c = duckdb.connect(); c.execute('set threads=1'); c.execute({('create temp table result as ' + query)!r})"
    return [sys.executable, '-c', code]


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--gressc', default=os.path.join(ROOT, 'build/bin/gressc'))
    p.add_argument('--data')
    p.add_argument('--cache', default=os.path.expanduser('~/.cache/gress-bench'))
    p.add_argument('--runs', type=int, default=7)
    p.add_argument('--duckdb', action='store_true')
    p.add_argument('--json')
    p.add_argument('names', nargs='*', choices=[*JOBS, []])
    args = p.parse_args()
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

    flights = os.path.join(args.data or os.path.join(ROOT, 'examples/flights'), 'flights.csv')
    airports = os.path.join(args.data or os.path.join(ROOT, 'examples/flights'), 'airports.csv')
    requests, pings = (os.path.join(args.data or os.path.join(HERE, 'sample'), name) for name in ('requests.jsonl', 'pings.jsonl'))
    count = lambda path: sum(1 for _ in open(path))
    rounds = {'--flights': ROWS['flights.csv'] // (count(flights) - 1), '--rides': ROWS['rides.jsonl'] // count(requests)}
    subprocess.run([sys.executable, os.path.join(HERE, 'data.py'), flights, requests, pings, args.cache,
                    *[str(x) for pair in rounds.items() for x in pair]], check=True, stdout=subprocess.DEVNULL)
    results = {}
    print(f"{'job':<16} {'M rows/CPU-s':>13} {'ns/row':>7} {'by hand':>8} {'ratio':>6} {'DuckDB':>7} {'times':>6} {'peak MB':>8} {'build s':>8} {'binary':>8}")
    with tempfile.TemporaryDirectory() as work:
        for name in args.names or JOBS:
            source, ours, hand, query = JOBS[name]
            names = {'in': os.path.join(args.cache, source), 'out': os.path.join(work, 'out'), 'airports': airports, 'pings': os.path.join(args.cache, 'pings.jsonl')}
            program, figures = build(args.gressc, name, args.cache)
            a = [program, '--quiet'] + [x for o in ours for x in ('--param', o.format(**names))]
            b = [compile_hand(name, args.cache)] + [o.format(**names) for o in hand]
            rows = count(names['in']) - (1 if source.endswith('.csv') else 0) + (count(names['pings']) if name == 'surge' else 0)
            settle(names['in'])
            cpu(a), cpu(b)
            runs = [(cpu(a), cpu(b)) for _ in range(args.runs)]
            mine, theirs = statistics.median(x[0] for x, _ in runs), statistics.median(y[0] for _, y in runs)
            ratio = statistics.median(y[0] / x[0] for x, y in runs)
            figures.update(rows=rows, cpu_s=round(mine, 4), hand_cpu_s=round(theirs, 4), of_hand=round(ratio, 3),
                           peak_kb=max(x[2] for x, _ in runs))
            duck_text = times = ''
            if args.duckdb and query:
                idle = statistics.median(cpu(duck('select 1'))[0] for _ in range(3))
                pairs = [(cpu(a)[0], cpu(duck(query.format(**names)))[0] - idle) for _ in range(max(3, args.runs))]
                seconds, faster = statistics.median(d for _, d in pairs), statistics.median(d / x for x, d in pairs)
                figures.update(duckdb_cpu_s=round(seconds, 3), times_duckdb=round(faster, 1))
                duck_text, times = f'{rows / seconds / 1e6:.1f}', f'{faster:.1f}'
            results[name] = figures
            print(f"{name:<16} {rows / mine / 1e6:>13.1f} {mine / rows * 1e9:>7.1f} {rows / theirs / 1e6:>8.1f} {ratio:>6.2f} {duck_text:>7} {times:>6} "
                  f"{figures['peak_kb'] / 1024:>8.1f} {figures['build_s']:>8.2f} {figures['binary_bytes'] // 1024:>6} K", flush=True)
    if args.json:
        with open(args.json, 'w') as f:
            json.dump(results, f, indent=1)


main()
