#!/usr/bin/env python3
"""Compares compiled Nexmark queries with what their definitions give, event by event, in plain Python.

    reference.py --gressc build/bin/gressc --queries DIR [--events 100000] [--rates 10000000,100] [--out-of-order 1] [q0 q1 ...]

DIR holds q0.gress …; each query's `to discard` becomes a file. Upsert results are replayed to their final rows. Rows are
compared as sets with their numbers (the order of lines is none of a query's meaning)."""
import argparse, collections, csv, json, os, re, subprocess, sys, tempfile
from datetime import datetime, timezone
from decimal import Decimal

from generator import Generator

DELAY = 4000  # milliseconds


def stamp(ms):
    text = datetime.fromtimestamp(ms // 1000, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
    return text + (f".{ms % 1000:03}".rstrip("0") if ms % 1000 else "") + "Z"


class Events:
    """All events, with the watermark just before each."""

    def __init__(self, generator, count):
        self.person, self.auction, self.bid, self.all = [], [], [], []
        watermark = -1 << 62
        for kind, row in generator.events(count):
            row["_w"] = watermark
            row["_n"] = len(self.all)
            getattr(self, kind).append(row)
            self.all.append((kind, row))
            watermark = max(watermark, row["at"] - DELAY)


def fields(row, *names, **more):
    return {**{n: row[n] for n in names}, **more}


def times(rows, *names):
    for row in rows:
        for name in names:
            row[name] = stamp(row[name])
    return rows


def tumbling(rows, size):
    """Rows by window start, without those that come when their window is closed."""
    out = collections.defaultdict(list)
    for row in rows:
        start = row["at"] // size * size
        if row["_w"] < start + size:
            out[start].append(row)
    return out


def q0(e):
    return times([fields(b, "auction", "bidder", "price", "at", "extra") for b in e.bid], "at")


def q1(e):
    return times([fields(b, "auction", "bidder", "at", "extra", price=Decimal(b["price"]) * Decimal("0.908")) for b in e.bid], "at")


def q2(e):
    return [fields(b, "auction", "price") for b in e.bid if b["auction"] % 123 == 0]


def q3(e):
    persons = collections.defaultdict(list)
    for p in e.person:
        persons[p["id"]].append(p)
    return [fields(p, "name", "city", "state", auction=a["id"]) for a in e.auction if a["category"] == 10
            for p in persons[a["seller"]] if p["state"] in ("OR", "ID", "CA")]


def joined(e):
    """Auction and bid with bid.at in [auction.at, expires]; a row behind its partition's watermark is late."""
    bids = collections.defaultdict(list)
    for b in e.bid:
        if b["at"] >= b["_w"]:
            bids[b["auction"]].append(b)
    for a in e.auction:
        if a["at"] < a["_w"]:
            continue
        for b in bids[a["id"]]:
            if a["at"] <= b["at"] <= a["expires"]:
                yield a, b


def q4(e):
    final = {}
    for a, b in joined(e):
        k = a["id"], a["category"]
        final[k] = max(final.get(k, 0), b["price"])
    by = collections.defaultdict(list)
    for (_, category), price in final.items():
        by[category].append(price)
    return [dict(category=c, average=sum(p) / len(p)) for c, p in by.items()]


def q5(e):
    counts = collections.defaultdict(collections.Counter)
    for b in e.bid:
        for end in range(b["at"] // 2000 * 2000 + 2000, b["at"] + 10001, 2000):
            if b["_w"] < end and end - 10000 <= b["at"] < end:
                counts[end][b["auction"]] += 1
    return [dict(auction=a, num=n) for window in counts.values() for a, n in window.items() if n == max(window.values())]


def winners(e):
    """By auction: the highest bid, then the earliest."""
    best = {}
    for a, b in joined(e):
        k = a["id"]
        if k not in best or (-b["price"], b["at"], b["_n"]) < (-best[k][1]["price"], best[k][1]["at"], best[k][1]["_n"]):
            best[k] = a, b
    return best


def q6(e):
    by = collections.defaultdict(list)
    for a, b in winners(e).values():
        by[a["seller"]].append((-a["expires"], -a["id"], b["price"]))
    return [dict(seller=s, average=sum(x[2] for x in sorted(l)[:10]) / len(sorted(l)[:10])) for s, l in by.items()]


def q7(e):
    out = []
    for rows in tumbling(e.bid, 10000).values():
        top = max(b["price"] for b in rows)
        out += [fields(b, "auction", "price", "bidder", "at", "extra") for b in rows if b["price"] == top]
    return times(out, "at")


def q8(e):
    sellers = {(start, a["seller"]) for start, rows in tumbling(e.auction, 10000).items() for a in rows}
    return times([fields(p, "id", "name", window_start=start) for start, rows in tumbling(e.person, 10000).items()
                  for p in rows if (start, p["id"]) in sellers], "window_start")


def q9(e):
    return times([fields(a, "id", "item_name", "description", "initial_bid", "reserve", "at", "expires", "seller", "category", "extra",
                         auction=b["auction"], bidder=b["bidder"], price=b["price"], bid_at=b["at"], bid_extra=b["extra"])
                  for a, b in winners(e).values()], "at", "expires", "bid_at")


def q10(e):
    def lines(rows, file):
        return [{"file": file, **{k: str(v) for k, v in row.items()}} for row in times([fields(b, "auction", "bidder", "price", "at", "extra") for b in rows], "at")]

    out, windows = [], tumbling(e.bid, 60_000)
    for start, rows in windows.items():
        folder = datetime.fromtimestamp(start // 1000, timezone.utc).strftime("%Y-%m-%d/%H-%M/")
        out += lines(rows, folder + "bids.csv") + [{"file": folder + "_SUCCESS"}]
    return out + lines([b for b in e.bid if b["_w"] >= b["at"] // 60_000 * 60_000 + 60_000], "late.csv")


def q11(e):
    by = collections.defaultdict(list)
    for b in e.bid:
        by[b["bidder"]].append(b["at"])
    out = []
    for bidder, at in by.items():
        at.sort()
        first, count = at[0], 0
        for t, following in zip(at, at[1:] + [1 << 62]):
            count += 1
            if following - t > 10000:
                out.append(dict(bidder=bidder, bids=count, start=first, end=t + 10000))
                first, count = following, 0
    return times(out, "start", "end")


def q13(e):
    return times([fields(b, "auction", "bidder", "price", "at", value=f"side-{b['auction'] % 10000}") for b in e.bid], "at")


def ranked(rows):
    r = lambda low, high: [b for b in rows if low <= b["price"] < high]
    return {"1": r(0, 10**4), "2": r(10**4, 10**6), "3": r(10**6, 1 << 62)}


def counts(rows):
    out = {"bids": len(rows), "bidders": len({b["bidder"] for b in rows}), "auctions": len({b["auction"] for b in rows})}
    for k, part in ranked(rows).items():
        out["rank" + k] = len(part)
        out["bidders" + k] = len({b["bidder"] for b in part})
        out["auctions" + k] = len({b["auction"] for b in part})
    return out


DAY = 86400000


def q15(e):
    return times([dict(window_start=d, window_end=d + DAY, **counts(rows)) for d, rows in tumbling(e.bid, DAY).items()], "window_start", "window_end")


def grouped(rows, key):
    out = collections.defaultdict(list)
    for row in rows:
        out[row[key]].append(row)
    return out


def q16(e):
    return times([dict(channel=c, window_start=d, window_end=d + DAY, minute=max(stamp(b["at"])[11:16] for b in of), **counts(of))
                  for d, rows in tumbling(e.bid, DAY).items() for c, of in grouped(rows, "channel").items()], "window_start", "window_end")


def q17(e):
    out = []
    for d, rows in tumbling(e.bid, DAY).items():
        for auction, of in grouped(rows, "auction").items():
            p = [b["price"] for b in of]
            out.append(dict(auction=auction, window_start=d, window_end=d + DAY, bids=len(p), lowest=min(p), highest=max(p),
                            mean=sum(p) / len(p), total=sum(p), **{"rank" + k: len(part) for k, part in ranked(of).items()}))
    return times(out, "window_start", "window_end")


BID = "auction", "bidder", "price", "channel", "url", "at", "extra"


def q18(e):
    last = {}
    for b in e.bid:
        k = b["bidder"], b["auction"]
        if k not in last or b["at"] >= last[k]["at"]:
            last[k] = b
    return times([fields(b, *BID) for b in last.values()], "at")


def q19(e):
    out = []
    for of in grouped(e.bid, "auction").values():
        of = sorted(of, key=lambda b: (-b["price"], b["at"], b["_n"]))[:10]
        out += [fields(b, *BID, rank=i + 1) for i, b in enumerate(of)]
    return times(out, "at")


def bid_and_auction(b, a):
    return fields(b, "auction", "bidder", "price", "channel", "url", bid_at=b["at"], bid_extra=b["extra"], item_name=a["item_name"],
                  description=a["description"], initial_bid=a["initial_bid"], reserve=a["reserve"], auction_at=a["at"],
                  expires=a["expires"], seller=a["seller"], category=a["category"], auction_extra=a["extra"])


def q20(e):
    wanted = {a["id"]: a for a in e.auction if a["category"] == 10}
    return times([bid_and_auction(b, wanted[b["auction"]]) for b in e.bid if b["auction"] in wanted], "bid_at", "auction_at", "expires")


def q21(e):
    known = {"apple": "0", "google": "1", "facebook": "2", "baidu": "3"}
    out = []
    for b in e.bid:
        found = re.search(r"(?:&|^)channel_id=([^&]*)", b["url"])
        channel_id = known.get(b["channel"].lower(), found and found[1])
        if channel_id is not None:
            out.append(fields(b, "auction", "bidder", "price", "channel", channel_id=channel_id))
    return out


def q22(e):
    return [fields(b, "auction", "bidder", "price", "channel", **{f"dir{i}": b["url"].split("/")[2 + i] for i in (1, 2, 3)}) for b in e.bid]


def q23(e):
    persons, auctions = {p["id"]: p for p in e.person}, grouped(e.auction, "seller")
    out = []
    for b in e.bid:
        p = persons.get(b["bidder"])
        for a in auctions.get(b["bidder"], []) if p else []:
            row = bid_and_auction(b, a)
            row.update(fields(p, "name", "email", "credit_card", "city", "state", person_at=p["at"], auction_id=a["id"]))
            out.append(row)
    return times(out, "bid_at", "auction_at", "expires", "person_at")


QUERIES = {k: v for k, v in globals().items() if re.fullmatch(r"q\d+", k)}
# upsert results: the fields that tell rows apart
KEYS = {"q4": ["category"], "q6": ["seller"], "q9": ["id"], "q15": ["window_start"], "q16": ["channel", "window_start"],
        "q17": ["auction", "window_start"], "q18": ["bidder", "auction"], "q19": ["auction", "rank"]}


def canonical(row):
    def value(v):
        if isinstance(v, bool) or v is None or isinstance(v, str):
            return v
        return f"{float(v):.12g}"
    return tuple(sorted((k, value(v)) for k, v in row.items()))


def read_folder(folder):
    rows = []
    for path, _, names in os.walk(folder):
        for name in names:
            file = os.path.relpath(os.path.join(path, name), folder)
            with open(os.path.join(path, name), newline="") as text:
                lines = [{"file": file, **row} for row in csv.DictReader(text)]
            rows += lines if name != "_SUCCESS" else [{"file": file}]
    return rows


def read(path, key):
    if os.path.isdir(path):
        return read_folder(path)
    with open(path) as file:
        rows = [json.loads(line, parse_float=Decimal) for line in file]
    if key is None:
        return rows
    final = {}
    for row in rows:
        op = row.pop("_op")
        k = tuple(row[c] for c in key)
        if op == "delete":
            final.pop(k, None)
        else:
            final[k] = row
    return list(final.values())


def build(args, name, work):
    with open(os.path.join(args.queries, name + ".gress")) as file:
        text = file.read()
    text = text.replace("watermark_delay: 4s }", "watermark_delay: 4s, out_of_order: shuffle }")
    text = text.replace('param dir: string = "bids"', "param result: string\nparam shuffle: i64 = 1").replace("{dir}", "{result}")
    text = re.sub(rf"sink {name} to discard", f'param result: string\nparam shuffle: i64 = 1\nsink {name} to file {{ path: result, format: json }}', text)
    with open(os.path.join(work, name + ".gress"), "w") as file:
        file.write(text)
    built = subprocess.run([args.gressc, "build", name + ".gress", "-o", name], cwd=work, capture_output=True, text=True)
    return built.returncode == 0, built.stderr


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--gressc", default="build/bin/gressc")
    p.add_argument("--queries", required=True)
    p.add_argument("--events", type=int, default=100_000)
    p.add_argument("--rates", default="10000000,100")
    p.add_argument("--out-of-order", default="1")
    p.add_argument("names", nargs="*")
    args = p.parse_args()
    args.gressc = os.path.abspath(args.gressc)
    bad = 0
    with tempfile.TemporaryDirectory(prefix="gress-nexmark-") as work:
        with open(os.path.join(work, "side_input.csv"), "w") as file:
            file.write("key,value\n" + "".join(f"{i},side-{i}\n" for i in range(10000)))
        names = [n for n in args.names or QUERIES]
        built = {}
        for name in names:
            built[name], said = build(args, name, work)
            if not built[name]:
                bad += 1
                print(f"{name}: does not build: {said.strip().splitlines()[0] if said.strip() else ''}")
        for rate in map(int, args.rates.split(",")):
            for shuffle in map(int, args.out_of_order.split(",")):
                events = Events(Generator(rate, 1, shuffle), args.events)
                for name in names:
                    if not built[name]:
                        continue
                    result = os.path.join(work, name + ".jsonl" if name != "q10" else f"{name}_{rate}_{shuffle}")
                    params = {"events": args.events, "rate": rate, "result": result, "shuffle": shuffle}
                    ran = subprocess.run([os.path.join(work, name), "--quiet"] + [x for k, v in params.items() for x in ("--param", f"{k}={v}")],
                                         cwd=work, capture_output=True, text=True)
                    case = f"{name} at {rate}/s" + (f" shuffled by {shuffle}" if shuffle != 1 else "")
                    if ran.returncode != 0:
                        bad += 1
                        print(f"{case}: exit {ran.returncode}: {ran.stderr.strip()[-300:]}")
                        continue
                    got = collections.Counter(map(canonical, read(result, KEYS.get(name))))
                    want = collections.Counter(map(canonical, QUERIES[name](events)))
                    if got == want:
                        print(f"{case}: {sum(want.values())} rows agree", flush=True)
                        continue
                    bad += 1
                    missing, extra = list((want - got).elements()), list((got - want).elements())
                    print(f"{case}: {sum(want.values())} rows wanted, {sum(got.values())} came, {len(missing)} are missing, such as "
                          f"{missing[:1]}, {len(extra)} too many, such as {extra[:1]}", flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
