#!/usr/bin/env python3
"""Makes the large inputs of the benchmarks, the same bytes every time, from the small real ones.

    data.py FLIGHTS.csv REQUESTS.jsonl PINGS.jsonl CACHE [--flights 20] [--rides 134]

flights.csv: the flights of FLIGHTS.csv, again and again, each round some whole days later, so that time goes on.
rides.jsonl: the requests of REQUESTS.jsonl without their last field (149 bytes a record), each round later too.
pings.jsonl: the pings of PINGS.jsonl, as many rounds, each as much later.
What is already in CACHE with the right number of lines is kept."""
import argparse, datetime, os, re


def keep(path, rows):
    note = path + '.rows'
    return os.path.exists(path) and os.path.exists(note) and open(note).read() == str(rows)


def finish(path, rows):
    os.replace(path + '.part', path)
    with open(path + '.rows', 'w') as f:
        f.write(str(rows))
    print(f'{path}: {rows} rows, {os.path.getsize(path)} bytes')


def days_of(lines, pick):
    """Replaces the date in each line by a place for one; gives the lines and their days."""
    days = [datetime.date.fromisoformat(pick(l)) for l in lines]
    return days, (max(days) - min(days)).days + 1


def flights(source, path, rounds):
    with open(source) as f:
        header, *lines = f.read().splitlines()
    if keep(path, len(lines) * rounds):
        return
    days, span = days_of(lines, lambda l: l[:10])
    with open(path + '.part', 'w') as out:
        out.write(header + '\n')
        for r in range(rounds):
            texts = {d: (d + datetime.timedelta(days=r * span)).isoformat() for d in set(days)}
            out.writelines(texts[d] + l[10:] + '\n' for d, l in zip(days, lines))
    finish(path, len(lines) * rounds)


def pings(source, path, rounds):
    with open(source) as f:
        lines = f.read().splitlines()
    if keep(path, len(lines) * rounds):
        return
    at = re.compile(r'"timestamp": (\d+)}$')
    cuts = [at.search(l) for l in lines]
    day = 86_400_000
    times = [int(c.group(1)) for c in cuts]
    span = max(times) // day - min(times) // day + 1
    with open(path + '.part', 'w') as out:
        for r in range(rounds):
            out.writelines(f'{l[:c.start(1)]}{t + r * span * day}}}\n' for l, c, t in zip(lines, cuts, times))
    finish(path, len(lines) * rounds)


def rides(source, path, rounds):
    with open(source) as f:
        lines = [re.sub(r',"app":"[^"]*"}$', '}', l) for l in f.read().splitlines()]
    if keep(path, len(lines) * rounds):
        return
    at = re.compile(r'"timestamp":"(\d{4}-\d\d-\d\d)T')
    cuts = [at.search(l).span(1) for l in lines]
    days, span = days_of(range(len(lines)), lambda i: lines[i][cuts[i][0]:cuts[i][1]])
    with open(path + '.part', 'w') as out:
        for r in range(rounds):
            texts = {d: (d + datetime.timedelta(days=r * span)).isoformat() for d in set(days)}
            out.writelines(l[:a] + texts[d] + l[b:] + '\n' for d, l, (a, b) in zip(days, lines, cuts))
    finish(path, len(lines) * rounds)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('flights_csv')
    p.add_argument('requests_jsonl')
    p.add_argument('pings_jsonl')
    p.add_argument('cache')
    p.add_argument('--flights', type=int, default=20)
    p.add_argument('--rides', type=int, default=134)
    args = p.parse_args()
    os.makedirs(args.cache, exist_ok=True)
    flights(args.flights_csv, os.path.join(args.cache, 'flights.csv'), args.flights)
    rides(args.requests_jsonl, os.path.join(args.cache, 'rides.jsonl'), args.rides)
    pings(args.pings_jsonl, os.path.join(args.cache, 'pings.jsonl'), args.rides)


main()
