"""Rolling stages and what stands on them, over random rows: the changelog that a sink got, replayed to its final rows,
is what a batch over all rows gives."""
import collections
import csv
import json
import os
import random
import statistics
import subprocess
import tempfile
import unittest

from program import GRESSC


PROGRAM = """
pipeline rolling
type Bid { auction: i64, bidder: i64, price: i64, weight: f64?, channel: string, tags: list<string>, at: timestamp }
aggregate total(x: i64) -> i64 {
  state { sum: i64 = 0 } add { sum: sum + x } retract { sum: sum - x } merge o { sum: sum + o.sum } result sum
}
source bids: Bid from file { path: "bids*.jsonl", format: json, time: at, watermark_delay: 10s }

stream by_channel = bids
  |> key channel, day: truncate_time(at, 1d)
  |> aggregate {
       minute: max(format_time(at, "%H:%M")), bids: count(), rank1: count(where: price < 30), rank2: count(where: price >= 30),
       bidders: count_distinct(bidder), bidders1: count_distinct(bidder, where: price < 30), auctions: count_distinct(auction),
     } retain forever
stream by_auction = bids
  |> key auction
  |> aggregate { n: count(), low: min(price), high: max(price), mean: avg(price), sum: sum(price) } retain forever
stream newest = bids |> key bidder, auction |> latest retain forever
stream ranked = bids |> key auction |> top 4 by price desc as rank retain forever
stream tied = bids |> key auction |> top 2 with ties by price as rank retain forever

// an average of maxima
stream finals = bids |> key auction, kind: auction % 3 |> aggregate { final: max(price) } retain forever
stream averages = finals |> key kind |> aggregate { average: avg(final), n: count() } retain forever

// an average over the last ten of the best
stream winners = bids |> key auction |> top 1 by price desc, at retain forever
stream last_ten = winners |> key bidder |> top 3 by at desc, auction desc retain forever
stream means = last_ten |> key bidder |> aggregate { average: avg(price) } retain forever

// every aggregate over rows that are replaced, leave their group or stop passing
stream all = newest
  |> filter price % 4 != 0
  |> key group: price % 5
  |> aggregate {
       n: count(), cheap: count(where: price < 20), sum: sum(weight), mean: avg(weight), least: min(weight), most: max(channel),
       first: first(auction), last: last(channel), lightest: min_by(bidder, weight), dearest: max_by(channel, price),
       spread: stddev(price), median: quantile(price, 0.5), about: approx_quantile(price, 0.25), kinds: count_distinct(channel),
       nearly: approx_count_distinct(bidder), any: any(price > 40), all: all(price > 3), total: total(price),
       money: sum(decimal(price)), prices: collect(price),
     } retain forever
stream most = newest |> key group: price % 5 |> top 2 by price desc, channel as rank retain forever
stream latest_most = most |> key group |> latest retain forever
stream tags = newest |> flatten tags as tag |> key tag |> aggregate { n: count(), price: sum(price) } retain forever
stream facts = all |> changes |> select { op, group, n, was: old.n }

sink by_channel to file { path: "by_channel.out", format: json }
sink by_auction to file { path: "by_auction.out", format: csv }
sink newest to file { path: "newest.out", format: json }
sink ranked to file { path: "ranked.out", format: json }
sink tied to file { path: "tied.out", format: json }
sink averages to file { path: "averages.out", format: json }
sink means to file { path: "means.out", format: json }
sink all to file { path: "all.out", format: json }
sink most to file { path: "most.out", format: json }
sink latest_most to file { path: "latest_most.out", format: json }
sink tags to file { path: "tags.out", format: json }
sink facts to file { path: "facts.out", format: json }
sink all as kept to file { path: "kept.out", format: json, deletes: ignore }
sink all as shown to console { }
sink all as counted to discard
"""


def random_bids(seed, count):
    r = random.Random(seed)
    clock, bids = 0, []
    for _ in range(count):
        clock += r.randrange(0, 200)
        t = max(0, clock - r.randrange(0, 30))
        bids.append({"auction": r.randrange(12), "bidder": r.randrange(6), "price": r.randrange(1, 50),
                     "weight": None if r.random() < 0.2 else r.randrange(-80, 80) / 8, "channel": r.choice(["web", "app", "a channel of many letters"]),
                     "tags": r.sample(["x", "y", "z", "w"], r.randrange(3)),
                     "at": f"2026-01-{1 + t // 86400:02}T{t // 3600 % 24:02}:{t // 60 % 60:02}:{t % 60:02}Z"})
    return bids


def part(value):
    """Of a key: 4.0 is written 4."""
    return json.dumps(int(value) if isinstance(value, float) and value.is_integer() else value)


def replay(path, key):
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file)) if path.endswith("by_auction.out") else [json.loads(line) for line in file]
    state = {}
    for row in rows:
        op = row.pop("_op")
        k = tuple(part(row[c]) for c in key or row)
        if op == "delete":
            assert k in state, f"{path}: a delete of what is not there: {row}"
            del state[k]
        else:
            state[k] = row
    return state


def quantile(values, q):
    values = sorted(values)
    at = (len(values) - 1) * q
    low = int(at)
    return values[low] + (values[min(low + 1, len(values) - 1)] - values[low]) * (at - low)


class Rolling(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="gress-rolling-")
        with open(os.path.join(cls.folder.name, "program.gress"), "w") as file:
            file.write(PROGRAM)
        subprocess.run([GRESSC, "build", "program.gress", "-o", "program"], cwd=cls.folder.name, check=True, capture_output=True)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def same(self, name, key, want):
        got = replay(os.path.join(self.work, name + ".out"), key)
        self.assertEqual(sorted(got), sorted(tuple(part(row[c]) for c in key or row) for row in want), name)
        for row in want:
            there = got[tuple(part(row[c]) for c in key or row)]
            for column, value in row.items():
                shown = there[column]
                if isinstance(value, float) or isinstance(shown, float):
                    self.assertAlmostEqual(shown, value, 9, f"{name}.{column} {row}")
                else:
                    self.assertEqual(shown, value, f"{name}.{column}")

    def test_final_rows_are_those_of_a_batch(self):
        for seed, count, files in ((1, 40, 1), (2, 900, 1), (3, 900, 1), (4, 700, 3)):
            with self.subTest(seed=seed):
                with tempfile.TemporaryDirectory(dir=self.folder.name) as self.work:
                    self.run_one(seed, count, files)

    def run_one(self, seed, count, files):
        bids = random_bids(seed, count)
        parts = [[] for _ in range(files)]
        for n, bid in enumerate(bids):
            parts[n % files].append(bid)
        place = {}
        for f, part in enumerate(parts):
            with open(os.path.join(self.work, f"bids{f}.jsonl"), "w") as file:
                for offset, bid in enumerate(part):
                    file.write(json.dumps(bid) + "\n")
                    place[id(bid)] = (bid["at"], f, offset)
        ran = subprocess.run([os.path.join(self.folder.name, "program")], cwd=self.work, capture_output=True, text=True, timeout=120)
        self.assertEqual(ran.returncode, 0, ran.stderr)

        def groups(rows, of):
            out = collections.defaultdict(list)
            for row in rows:
                out[of(row)].append(row)
            return out

        def ranked(rows, by):
            return sorted(rows, key=lambda b: (by(b), place[id(b)]))

        distinct = lambda rows, column: len({r[column] for r in rows})
        self.same("by_channel", ["channel", "day"], [
            {"channel": c, "day": d, "minute": max(b["at"][11:16] for b in g), "bids": len(g), "rank1": sum(b["price"] < 30 for b in g),
             "rank2": sum(b["price"] >= 30 for b in g), "bidders": distinct(g, "bidder"),
             "bidders1": distinct([b for b in g if b["price"] < 30], "bidder"), "auctions": distinct(g, "auction")}
            for (c, d), g in groups(bids, lambda b: (b["channel"], b["at"][:10] + "T00:00:00Z")).items()])
        by_auction = groups(bids, lambda b: b["auction"])
        text = lambda row: {k: str(v) for k, v in row.items()}
        got = replay(os.path.join(self.work, "by_auction.out"), ["auction"])
        for a, g in by_auction.items():
            row = got[(json.dumps(str(a)),)]
            self.assertEqual((row["n"], row["low"], row["high"], row["sum"]),
                             (str(len(g)), str(min(b["price"] for b in g)), str(max(b["price"] for b in g)), str(sum(b["price"] for b in g))))
            self.assertAlmostEqual(float(row["mean"]), statistics.mean(b["price"] for b in g), 9)
        self.assertEqual(len(got), len(by_auction))
        newest = [max(g, key=lambda b: place[id(b)]) for g in groups(bids, lambda b: (b["bidder"], b["auction"])).values()]
        self.same("newest", ["bidder", "auction"], newest)
        self.same("ranked", ["auction", "rank"],
                  [{**b, "rank": k + 1} for g in by_auction.values() for k, b in enumerate(ranked(g, lambda b: -b["price"])[:4])])
        tied = []
        for g in by_auction.values():
            prices = sorted(b["price"] for b in g)
            last = prices[min(1, len(prices) - 1)]
            tied += [{**b, "rank": 1 + sum(p < b["price"] for p in prices)} for b in g if b["price"] <= last]
        self.same("tied", None, tied)
        finals = {a: max(b["price"] for b in g) for a, g in by_auction.items()}
        self.same("averages", ["kind"], [{"kind": k, "average": statistics.mean(map(float, (finals[a] for a in g))), "n": len(g)}
                                         for k, g in groups(finals, lambda a: a % 3).items()])
        winners = [ranked(g, lambda b: (-b["price"], b["at"]))[0] for g in by_auction.values()]
        means = []
        for bidder, g in groups(winners, lambda b: b["bidder"]).items():
            last = sorted(g, key=lambda b: (b["at"], b["auction"]), reverse=True)[:3]
            means.append({"bidder": bidder, "average": statistics.mean(float(b["price"]) for b in last)})
        self.same("means", ["bidder"], means)
        tagged = groups([(t, b) for b in newest for t in b["tags"]], lambda x: x[0])
        self.same("tags", ["tag"], [{"tag": t, "n": len(g), "price": sum(b["price"] for _, b in g)} for t, g in tagged.items()])
        most = []
        for group, g in groups(newest, lambda b: b["price"] % 5).items():
            top = ranked(g, lambda b: (-b["price"], b["channel"].encode()))[:2]
            most += [{"group": group, **b, "rank": k + 1} for k, b in enumerate(top)]
        self.same("most", ["group", "rank"], most)
        self.assertEqual(set(replay(os.path.join(self.work, "latest_most.out"), ["group"])), {(json.dumps(r["group"]),) for r in most})
        self.every_aggregate([b for b in newest if b["price"] % 4 != 0], groups, place)
        self.changes()

    def every_aggregate(self, rows, groups, place):
        want = []
        for group, g in groups(rows, lambda b: b["price"] % 5).items():
            g = sorted(g, key=lambda b: place[id(b)])
            price = [b["price"] for b in g]
            weighed = [b for b in g if b["weight"] is not None]
            weights = [b["weight"] for b in weighed]
            some = lambda f: f() if weights else None
            arrival = lambda b: place[id(b)][1:]
            want.append({
                "group": group, "n": len(g), "cheap": sum(p < 20 for p in price), "sum": float(sum(weights)), "mean": some(lambda: statistics.mean(weights)),
                "least": some(lambda: min(weights)), "most": max((b["channel"] for b in g), key=str.encode), "first": g[0]["auction"],
                "last": g[-1]["channel"], "lightest": some(lambda: min(weighed, key=lambda b: (b["weight"], arrival(b)))["bidder"]),
                "dearest": min(g, key=lambda b: (-b["price"], arrival(b)))["channel"], "spread": statistics.stdev(price) if len(g) > 1 else None,
                "median": float(quantile(price, 0.5)), "about": float(quantile(price, 0.25)), "kinds": len({b["channel"] for b in g}),
                "nearly": len({b["bidder"] for b in g}), "any": any(p > 40 for p in price), "all": all(p > 3 for p in price),
                "total": sum(price), "money": sum(price)})
        self.same("all", ["group"], want)
        got = replay(os.path.join(self.work, "all.out"), ["group"])
        for row in want:
            prices = got[(json.dumps(row["group"]),)]["prices"]
            self.assertEqual(sorted(prices), sorted(b["price"] for b in rows if b["price"] % 5 == row["group"]))

    def changes(self):
        """Facts say what the changelog says, and `deletes: ignore` leaves out deletes only."""
        # With several workers the order between groups is not settled.
        by_group = lambda rows: sorted(rows, key=lambda row: row["group"])
        with open(os.path.join(self.work, "all.out")) as file:
            log = [json.loads(line) for line in file]
        with open(os.path.join(self.work, "kept.out")) as file:
            self.assertEqual(by_group(json.loads(line) for line in file), by_group(row for row in log if row["_op"] == "upsert"))
        there, want = {}, []
        for row in log:
            was = there.pop(row["group"], None)
            op = "delete" if row["_op"] == "delete" else "insert" if was is None else "update"
            want.append({"op": op, "group": row["group"], "n": row["n"], "was": was})
            if op != "delete":
                there[row["group"]] = row["n"]
        with open(os.path.join(self.work, "facts.out")) as file:
            self.assertEqual(by_group(json.loads(line) for line in file), by_group(want))


if __name__ == "__main__":
    unittest.main()
