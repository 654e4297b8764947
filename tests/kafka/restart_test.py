"""Programs that read topics and save their state, killed at any moment and started again: nothing lost, nothing twice."""
import glob
import json
import os
import random
import signal
import subprocess

from kafka_case import KafkaCase, main

PROGRAM = """pipeline kept { checkpoint: every(1s), delivery: exactly_once }
type Ride { id: i64, city: string, at: timestamp }
source rides: Ride from kafka { brokers: brokers, topic: "rides", format: json, time: at, watermark_delay: 20s, rate: 5000/s, until: latest }
stream counts = rides |> key city |> window tumbling(1m) |> aggregate { n: count(), ids: sum(id) }
stream sums = rides |> key city |> aggregate { n: count(), ids: sum(id) } retain forever
sink rides to file { path: "rides", format: json }
sink counts to file { path: "counts", format: json }
sink sums to file { path: "sums", format: json }
"""
COUNT, PARTITIONS = 30000, 3


def at(second):
    return f"2026-01-01T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}Z"


class Restarts(KafkaCase):
    def test_killed_at_any_moment(self):
        self.kill_and_restart(PROGRAM, "rides", [])

    def test_killed_at_any_moment_with_workers(self):
        text = PROGRAM.replace("{ checkpoint", "{ parallelism: 2, checkpoint").replace('topic: "rides"', 'topic: "shared"')
        self.kill_and_restart(text, "shared", [1, 2, 3])

    def test_messages_that_come_while_the_program_is_down(self):
        """Into a partition that was empty when it was left, and into one that was not there."""
        self.kafka.create("empty")
        self.build("pipeline kept { checkpoint: every(1s) }\ntype Row { id: i64 }\n" +
                   'source rows: Row from kafka { brokers: brokers, topic: "empty", format: json, start: latest }\nsink rows to file { path: "rows", format: json }\n')
        program = self.start("--checkpoint", "50ms")
        self.until(lambda: glob.glob(self.path("kept.checkpoints/manifest-00000001-*")))
        self.stop(program)
        self.kafka.grow("empty", 2)
        for partition in (0, 1):
            self.kafka.send_all("empty", [{"id": partition}], partition=partition)
        program = self.start("--checkpoint", "50ms")
        self.until(lambda: len(self.rows("rows")) == 2)
        self.stop(program)
        self.assertEqual(sorted(row["id"] for row in self.rows("rows")), [0, 1])

    def kill_and_restart(self, text, topic, workers):
        """`workers`: numbers of them, another one each time."""
        self.kafka.create(topic, PARTITIONS)
        want = {}
        for i in range(COUNT):
            second = max(0, i // 50 - i * 7 % 20)
            self.kafka.send(topic, json.dumps({"id": i, "city": "ABCDE"[i % 5], "at": at(second)}), partition=i % PARTITIONS)
            n, ids = want.get(("ABCDE"[i % 5], at(second // 60 * 60)), (0, 0))
            want[("ABCDE"[i % 5], at(second // 60 * 60))] = (n + 1, ids + i)
        self.kafka.flush()
        self.build(text)
        r, kills = random.Random(1), 0
        while True:
            program = self.start("-q", "--checkpoint", "50ms", *(["--parallelism", str(r.choice(workers))] if workers else []))
            try:
                program.wait(r.uniform(0.2, 0.9) if kills < 12 else 120)
            except subprocess.TimeoutExpired:
                program.send_signal(signal.SIGKILL)
                program.wait()
                kills += 1
                continue
            self.assertEqual(program.returncode, 0, self.what_it_said())
            break
        self.assertGreater(kills, 2)
        self.assertEqual(sorted(row["id"] for row in self.rows("rides")), list(range(COUNT)))
        for city in range(5):  # the order of a partition is kept
            ids = [row["id"] for row in self.rows("rides") if row["id"] % PARTITIONS == city % PARTITIONS]
            self.assertEqual(ids, sorted(ids))
        self.assertEqual({(c["city"], c["window_start"]): (c["n"], c["ids"]) for c in self.rows("counts")}, want)
        self.assertEqual(len(self.rows("counts")), len(want))
        last = {row["city"]: row["n"] for row in self.rows("sums") if row["_op"] == "upsert"}
        self.assertEqual(last, {city: COUNT // 5 for city in "ABCDE"})


if __name__ == "__main__":
    main()
