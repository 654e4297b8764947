#!/usr/bin/env python3
"""CPU of a windowed count from Kafka to Kafka, exactly once with checkpoints every 10 s, beside the client library's own best
loop and the same program on a file. Prints a table, and JSON with --json.

    kafka.py [--gressc build/bin/gressc] [--cache DIR] [--runs 5] [--millions 4] [--json FILE]

Rides of 149 bytes (bench/data.py) are written to a topic of one partition of a broker that is started here
(tests/kafka/broker.py), and read in turn by each program, all CPU of all its threads counted, from its start to its end. A run
of four million is shorter than 10 s: the program with checkpoints takes one at its end, and so has one in less time than it was
asked for; with some forty it would have those of every 10 s too. What the client library's own best writing of the results costs
is shown beside.

The library's own loop keeps up with its fetcher, so that its queue stays short whatever it may hold. It may hold much: at a
limit that it meets, the library waits for a second."""
import argparse
import json
import os
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
sys.path.insert(0, os.path.join(HERE, "..", "tests", "kafka"))
import broker as fixture  # noqa: E402
import kafkac  # noqa: E402

TYPES = """type Location { latitude: f64, longitude: f64, area: string }
type RideRequest { request_id: string, user_id: string, location: Location, timestamp: timestamp }
"""
ASKED = 1.15
COUNT = """
stream demand = requests
  |> key area: location.area
  |> window tumbling(1m)
  |> aggregate { requests: count(), latitude: sum(location.latitude) }
"""
KAFKA = 'from kafka { brokers: brokers, topic: "rides", format: json, until: latest, '
PROGRAMS = {
    "fill": "param brokers: string\nparam input: string\ntype Line { text: string }\n"
            "source lines: Line from file { path: input, format: text }\n"
            'sink lines to kafka { brokers: brokers, topic: "rides", format: text }\n',
    "kafka": f"pipeline counted {{ checkpoint: every(10s), delivery: exactly_once }}\nparam brokers: string\n{TYPES}source requests: RideRequest {KAFKA} time: timestamp, watermark_delay: 10s }}{COUNT}"
             'sink demand to kafka { brokers: brokers, topic: "demand", format: json, key: area }\n',
    "file": f"param input: string\n{TYPES}source requests: RideRequest from file {{ path: input, format: json, time: timestamp, "
            f'watermark_delay: 10s }}{COUNT}sink demand to file {{ path: "out.jsonl", format: json }}\n',
    "read": f"param brokers: string\n{TYPES}source requests: RideRequest {KAFKA} time: timestamp, watermark_delay: 10s }}{COUNT}"
            "sink demand to discard\n",
}


def measured(command, folder):
    """CPU and wall seconds, and peak memory in KiB."""
    begun = time.monotonic()
    child = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    if status != 0:
        sys.exit(f"{command[0]} failed")
    return usage.ru_utime + usage.ru_stime, time.monotonic() - begun, usage.ru_maxrss


def lines_of(path):
    with open(path, "rb") as file:
        return sum(1 for _ in file)


def rides(cache, millions):
    """The file of so many, of four million the one that run.py makes too, and how many there are."""
    if millions != 4:
        cache = os.path.join(cache, f"rides_{millions}")
        os.makedirs(cache, exist_ok=True)
    flights = os.path.join(ROOT, "examples/flights/flights.csv")
    requests, pings = (os.path.join(HERE, "sample", name + ".jsonl") for name in ("requests", "pings"))
    rounds = ["--flights", str((4_000_000 if millions == 4 else 0) // (lines_of(flights) - 1)), "--rides", str(millions * 1_000_000 // lines_of(requests))]
    subprocess.run([sys.executable, os.path.join(HERE, "data.py"), flights, requests, pings, cache, *rounds], check=True, stdout=subprocess.DEVNULL)
    path = os.path.join(cache, "rides.jsonl")
    with open(path + ".rows") as file:
        return path, int(file.read())


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--gressc", default=os.path.join(ROOT, "build", "bin", "gressc"))
    options.add_argument("--cache", default=os.path.expanduser("~/.cache/gress-bench"))
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--millions", type=int, default=4)
    options.add_argument("--json")
    given = options.parse_args()
    work = os.path.join(os.path.abspath(given.cache), "kafka")
    os.makedirs(work, exist_ok=True)
    rows, count = rides(os.path.abspath(given.cache), given.millions)
    for name, text in PROGRAMS.items():
        with open(os.path.join(work, name + ".gress"), "w") as file:
            file.write(text)
        subprocess.run([os.path.abspath(given.gressc), "build", name + ".gress", "-o", name], cwd=work, check=True)
    for name, source in (("client", "kafka_consume.cpp"), ("writes", "kafka_produce.cpp")):
        subprocess.run(["c++", "-O2", os.path.join(HERE, "hand", source), "-o", os.path.join(work, name), "-lrdkafka"], check=True)
    fixture.JVM[:] = ["-Xmx512m"]  # at full speed once it is warm
    with fixture.Broker() as broker:
        kafka = kafkac.Client(broker.address)
        kafka.create("rides")
        kafka.create("demand")
        kafka.create("written")
        to = ["--quiet", "--param", f"brokers={broker.address}"]
        fill = measured(["./fill", *to, "--param", f"input={rows}"], work)[0]
        commands = {"client": ["./client", broker.address, "rides", str(count)], "file": ["./file", "--quiet", "--param", f"input={rows}"],
                    "writes": ["./writes", broker.address, "written", "out.jsonl"], "read": ["./read", *to], "kafka": ["./kafka", *to, "--fresh"]}
        seen = {name: [] for name in commands}
        for _ in range(given.runs):
            for name, command in commands.items():
                seen[name].append(measured(command, work))
    meaning = {"client": "the client library's own best loop", "file": "the program on a file", "writes": "the library's writing of the results", "read": "from Kafka into nothing",
               "kafka": "Kafka to Kafka, exactly once"}
    figures = {"rows": count, "fill": {"cpu_s_per_million": fill / count * 1e6}}
    print(f"{'':<36} {'CPU-s a million':>16} {'median':>8} {'M/s':>6} {'peak MB':>8}")
    for name, runs in seen.items():
        one = figures[name] = {"cpu_s_per_million": min(c for c, _, _ in runs) / count * 1e6, "median": statistics.median(c for c, _, _ in runs) / count * 1e6,
                               "million_per_s": count / min(s for _, s, _ in runs) / 1e6, "peak_mb": max(m for _, _, m in runs) / 1024}
        print(f"{meaning[name]:<36} {one['cpu_s_per_million']:>16.3f} {one['median']:>8.3f} {one['million_per_s']:>6.2f} {one['peak_mb']:>8.0f}")
    ratios = [k[0] / (c[0] + f[0]) for k, c, f in zip(seen["kafka"], seen["client"], seen["file"])]
    figures["kafka_over_client_and_file"] = statistics.median(ratios)
    print(f"Kafka to Kafka over client and file: {statistics.median(ratios):.2f} (median of pairs; {min(ratios):.2f} to {max(ratios):.2f}); asked: at most {ASKED}")
    if given.json:
        with open(given.json, "w") as file:
            json.dump(figures, file, indent=1)


if __name__ == "__main__":
    main()
