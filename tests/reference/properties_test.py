"""What holds of every input: properties.gress, built once and run over random rows of several disordered partitions, at
several numbers of workers, against definitions over the whole input.

    properties_test.py [--seed N] [--count K]"""
import argparse
import collections
import datetime
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
GRESSC = os.path.abspath(os.environ.get("GRESSC", "build/bin/gressc"))
BEGIN = 1767225600000  # 2026-01-01, in milliseconds
WORKERS = [1, 2, 5]


def make_rows(r, first_id):
    """Partitions of rows, each row at most 20 s before the newest of its partition; no two have one time."""
    partitions, count = r.choice([1, 2, 4]), r.choice([0, 3, 40, 400])
    keys = [f"key {n}" + "!" * (n % 3 * 9) for n in range(r.choice([1, 3, 12]))]
    times = r.sample(range(BEGIN, BEGIN + 300 * max(count, 1) + 1000), count)
    times.sort(key=lambda t: t + r.choice([0, 0, 100, 20000 * r.random()]))
    rows = [{"id": first_id + n, "k": r.choice(keys), "at": t, "x": r.choice([1, 2, 3, -5, 40])} for n, t in enumerate(times)]
    split = [[] for _ in range(partitions)]
    for row in rows:
        r.choice(split).append(row)
    return rows, split


def when(text):
    """Milliseconds of a time that was written."""
    return round(datetime.datetime.fromisoformat(text).timestamp() * 1000)


def floor(t, size):
    return t - (t - BEGIN) % size


def written(folder, name):
    with open(os.path.join(folder, name + ".out"), encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def replayed(rows, *key):
    """What stands at the end of a changelog, by its key; without one each row is its own."""
    now = collections.Counter() if not key else {}
    for row in rows:
        op = row.pop("_op")
        if not key:
            now[tuple(row.values())] += 1 if op == "upsert" else -1
        elif op == "upsert":
            now[tuple(row[k] for k in key)] = row
        else:
            del now[tuple(row[k] for k in key)]
    return now if key else +now


def pairs(lefts, rights, match, left=False, right=False):
    """The definition of a join: ids of the rows that match, and of those without a match where they are asked for."""
    found = [(a["id"], b["id"]) for a in lefts for b in rights if a["k"] == b["k"] and match(a, b)]
    some_l, some_r = {a for a, _ in found}, {b for _, b in found}
    return collections.Counter(found + [(a["id"], None) for a in lefts if left and a["id"] not in some_l]
                               + [(None, b["id"]) for b in rights if right and b["id"] not in some_r])


def groups(rows, key):
    out = collections.defaultdict(list)
    for row in rows:
        out[key(row)].append(row)
    return out


def wrong(folder, lefts, rights):
    """The first property that does not hold, or None."""
    out = lambda name: written(folder, name)
    ids = lambda name, *fields: collections.Counter(tuple(row[f] for f in fields) for row in out(name))
    same = lambda what, got, want: None if got == want else f"{what}: got {got}\nwanted {want}"

    def joins():
        yield same("near", ids("near", "l", "r"), pairs(lefts, rights, lambda a, b: b["x"] > a["x"] and -3000 <= b["at"] - a["at"] <= 2000))
        yield same("near_or_none", ids("near_or_none", "l", "r"), pairs(lefts, rights, lambda a, b: abs(b["at"] - a["at"]) <= 1000, left=True))
        equal = lambda a, b: a["x"] == b["x"]
        yield same("in_window", ids("in_window", "l", "r"), pairs(
            lefts, rights, lambda a, b: equal(a, b) and floor(a["at"], 5000) == floor(b["at"], 5000), left=True, right=True))
        all_of = pairs(lefts, rights, equal, left=True, right=True)
        yield same("kept", replayed(out("kept")), all_of)
        yield same("lone", replayed(out("lone")), collections.Counter((a,) for a, b in all_of if b is None))
        def last(a):
            seen = [b for b in rights if b["k"] == a["k"] and a["at"] - 4000 <= b["at"] <= a["at"]]
            return max(seen, key=lambda b: b["at"])["id"] if seen else None
        yield same("valid", ids("valid", "l", "r"), collections.Counter((a["id"], last(a)) for a in lefts))

    def windows():
        batch = {k: (len(g), sum(r["x"] for r in g), min(r["x"] for r in g), len({r["x"] for r in g}))
                 for k, g in groups(lefts, lambda r: (r["k"], floor(r["at"], 5000))).items()}
        got = {(k, when(start)): (row["n"], row["s"], row["lo"], row["d"])
               for (k, start), row in replayed(out("revised"), "k", "window_start").items()}
        yield same("revised", got, batch)
        counted = collections.Counter(i for row in out("slots") for i in row["ids"])
        late = collections.Counter(row["id"] for row in out("behind_slots"))
        yield same("slots and their late rows", counted + late, collections.Counter(r["id"] for r in lefts))
        late = {row["id"] for row in out("behind")}
        sliding = {(row["k"], when(row["window_start"])): row["n"] for row in out("counted")}
        for (k, start), n in sliding.items():
            on_time = [r for r in lefts if r["k"] == k and start <= r["at"] < start + 6000 and r["id"] not in late]
            if not sum(floor(r["at"], 2000) == start for r in on_time) <= n <= len(on_time):
                yield f"counted: {n} rows of {k} from {start}, {len(on_time)} are not late"
        for r in lefts:
            if r["id"] not in late and (r["k"], floor(r["at"], 2000)) not in sliding:
                yield f"counted: row {r['id']} is not late, and its last window is not there"

    def upserts():
        batch = {k: {"k": k[0], "big": k[1], "n": len(g), "s": sum(r["x"] for r in g), "hi": max(r["x"] for r in g), "d": len({r["x"] for r in g})}
                 for k, g in groups(lefts, lambda r: (r["k"], r["x"] > 2)).items()}
        yield same("rolling", replayed(out("rolling"), "k", "big"), batch)
        spread = {(k,): {"k": k, "parts": len(g), "most": max(r["hi"] for r in g), "all": sum(r["n"] for r in g), "last": min(r["s"] for r in g)}
                  for k, g in groups([b for b in batch.values() if b["n"] > 2], lambda b: b["k"]).items()}
        yield same("spread", replayed(out("spread"), "k"), spread)
        best = {}
        for big, g in groups(batch.values(), lambda b: b["big"]).items():
            for rank, row in enumerate(sorted(g, key=lambda b: (-b["s"], b["k"]))[:2], 1):
                best[(big, rank)] = {**row, "rank": rank}
        yield same("best", replayed(out("best"), "big", "rank"), best)

    return next((w for part in (joins, windows, upserts) for w in part() if w), None)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=25)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gress-properties-") as work:
        program = os.path.join(work, "properties")
        subprocess.run([GRESSC, "build", os.path.join(HERE, "properties.gress"), "-o", program], check=True)
        for seed in range(args.seed, args.seed + args.count):
            r = random.Random(seed)
            folder = os.path.join(work, str(seed))
            os.mkdir(folder)
            (lefts, left_parts), (rights, right_parts) = make_rows(r, 0), make_rows(r, 10000)
            for name, parts in (("lefts", left_parts), ("rights", right_parts)):
                for n, rows in enumerate(parts):
                    with open(os.path.join(folder, f"{name}.{n}.jsonl"), "w", encoding="utf-8") as file:
                        file.writelines(json.dumps(row) + "\n" for row in rows)
            for workers in WORKERS:
                ran = subprocess.run([program, "--quiet", "--parallelism", str(workers)], cwd=folder, capture_output=True, text=True, timeout=60)
                why = ran.stderr if ran.returncode != 0 else wrong(folder, lefts, rights)
                if why:
                    sys.exit(f"seed {seed}, {workers} workers: {why[:4000]}")
            shutil.rmtree(folder)
    print(f"{args.count} inputs at {WORKERS} workers: all properties hold")


if __name__ == "__main__":
    main()
