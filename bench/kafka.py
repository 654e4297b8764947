"""CPU of a windowed count from Kafka to Kafka, beside the client library's own best loop and the same program on a file.

    bench/kafka.py --rows FILE [--gressc PATH] [--runs 5] [--work DIR]

FILE holds JSON lines of rides (bench/data.py makes `rides.jsonl`). They are written to a topic of one partition of a broker
that is started here (tests/kafka/broker.py), and read in turn by each program, all CPU of all its threads counted."""
import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "tests", "kafka"))
import broker as fixture  # noqa: E402
import kafkac  # noqa: E402

TYPES = """type Location { latitude: f64, longitude: f64, area: string }
type RideRequest { request_id: string, user_id: string, location: Location, timestamp: timestamp }
"""
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
    "kafka": f"param brokers: string\n{TYPES}source requests: RideRequest {KAFKA} time: timestamp, watermark_delay: 10s }}{COUNT}"
             'sink demand to kafka { brokers: brokers, topic: "demand", format: json, key: area }\n',
    "file": f"param input: string\n{TYPES}source requests: RideRequest from file {{ path: input, format: json, time: timestamp, "
            f'watermark_delay: 10s }}{COUNT}sink demand to file {{ path: "out.jsonl", format: json }}\n',
    "read": f"param brokers: string\n{TYPES}source requests: RideRequest {KAFKA} }}sink requests to discard\n",
}


def measured(command, folder):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.monotonic()
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, time.monotonic() - begun, after.ru_maxrss


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rows", required=True)
    options.add_argument("--gressc", default=os.path.join(HERE, "..", "build", "bin", "gressc"))
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--work", default=None)
    given = options.parse_args()
    work = given.work or tempfile.mkdtemp(prefix="gress-bench-")
    os.makedirs(work, exist_ok=True)
    rows, count = os.path.abspath(given.rows), sum(1 for _ in open(given.rows, "rb"))
    for name, text in PROGRAMS.items():
        with open(os.path.join(work, name + ".gress"), "w") as file:
            file.write(text)
        subprocess.run([os.path.abspath(given.gressc), "build", name + ".gress", "-o", name], cwd=work, check=True)
    subprocess.run(["c++", "-O2", os.path.join(HERE, "hand", "kafka_consume.cpp"), "-o", os.path.join(work, "client"), "-lrdkafka"], check=True)
    fixture.JVM[:] = ["-Xmx512m"]  # at full speed once it is warm
    with fixture.Broker() as broker:
        kafka = kafkac.Client(broker.address)
        kafka.create("rides")
        kafka.create("demand")
        to = ["--param", f"brokers={broker.address}"]
        print(f"fill: {measured(['./fill', *to, '--param', f'input={rows}'], work)[0] / count * 1e6:.3f} CPU-s a million messages written")
        commands = {"client": ["./client", broker.address, "rides", str(count)], "read": ["./read", *to], "kafka": ["./kafka", *to],
                    "file": ["./file", "--param", f"input={rows}"]}
        seen = {name: [] for name in commands}
        for _ in range(given.runs):
            for name, command in commands.items():
                seen[name].append(measured(command, work))
    figures = {name: {"cpu_s_per_million": min(c for c, _, _ in runs) / count * 1e6,
                      "median": statistics.median(c for c, _, _ in runs) / count * 1e6,
                      "million_per_s": count / min(s for _, s, _ in runs) / 1e6} for name, runs in seen.items()}
    figures["kafka over client + file"] = figures["kafka"]["cpu_s_per_million"] / (figures["client"]["cpu_s_per_million"] + figures["file"]["cpu_s_per_million"])
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
