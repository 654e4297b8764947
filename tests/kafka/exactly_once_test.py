"""Programs that write topics in transactions, killed at any moment, at each point of a checkpoint, fenced, and left without an
answer: a reader of what is committed finds each row once, and the rows of a key in their order.

GRESS_KILLS=200 kills as often in the first test, instead of ten times."""
import glob
import json
import os
import random
import shutil
import signal
import subprocess
import time

from kafka_case import LONG, KafkaCase, main

KILLS = int(os.environ.get("GRESS_KILLS", "10"))
PARTITIONS, KEYS, COUNT, FEW = 3, 12, 15000, 3000
PROGRAM = """pipeline kept { checkpoint: every(1s), delivery: exactly_once }
param input: string
param output: string
type Ride { id: i64, city: string, at: timestamp }
source rides: Ride from kafka { brokers: brokers, topic: input, format: json, time: at, watermark_delay: 20s, rate: 5000/s, until: latest, group: "{output}-reader" }
stream counts = rides |> key city |> window tumbling(1m) |> aggregate { n: count(), ids: sum(id) }
sink rides to kafka { brokers: brokers, topic: output, format: json, key: city, transactional_id: output, connect_timeout: 4s }
sink counts to kafka { brokers: brokers, topic: "counts", format: json, key: city, headers: { run: output }, transactional_id: output, connect_timeout: 4s }
sink counts as lines to file { path: "counts", format: json }
"""
# Where a checkpoint can be cut off, in order, and a start that finds one.
POINTS = ["outputs_synced", "decision_prepared", "state_linked", "manifest_written", "manifest_stands", "decided", "old_removed"]
RECOVERY = ["asked", "discarded"]


def ride(i):
    second = max(0, i // 50 - i * 7 % 20)
    return {"id": i, "city": f"c{i % KEYS}", "at": f"2026-01-01T00:{second // 60:02}:{second % 60:02}Z"}


def counted(rides):
    want = {}
    for r in rides:
        window = (r["city"], r["at"][:16])
        n, ids = want.get(window, (0, 0))
        want[window] = (n + 1, ids + r["id"])
    return want


class ExactlyOnce(KafkaCase):
    built = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for topic, count in (("many", COUNT), ("few", FEW)):
            cls.kafka.create(topic, PARTITIONS)
            for i in range(count):
                cls.kafka.send(topic, json.dumps(ride(i)), partition=i % PARTITIONS)
        cls.kafka.create("counts", PARTITIONS)
        cls.kafka.flush()

    def setUp(self):
        super().setUp()
        self.output = self._testMethodName.removeprefix("test_")
        self.addCleanup(self.broker.speak_again)

    def new_output(self, name=None):
        """The program, and a topic that it has not written yet."""
        self.output = name or self.output
        self.kafka.create(self.output, PARTITIONS)
        if ExactlyOnce.built is None:
            self.build(PROGRAM)
            with open(self.path("p"), "rb") as file:
                ExactlyOnce.built = file.read()
        elif not os.path.exists(self.path("p")):
            with open(self.path("p"), "wb") as file:
                file.write(ExactlyOnce.built)
            os.chmod(self.path("p"), 0o755)

    def begin(self, *args, input="few", every="50ms", **env):
        return self.start("-q", "--param", f"input={input}", "--param", f"output={self.output}", "--checkpoint", every, *args, env=env)

    def to_the_end(self, *args, **more):
        program = self.begin(*args, **more)
        self.assertEqual(program.wait(LONG), 0, self.what_it_said())

    def expect_once(self, count=FEW):
        partition_of, ids_of = {}, {}
        for partition, _, key, value, _, _ in self.kafka.read(self.output, PARTITIONS):
            self.assertEqual(partition_of.setdefault(key, partition), partition)
            ids_of.setdefault(key, []).append(json.loads(value)["id"])
        for k in range(KEYS):
            ids, wanted = ids_of.get(f"c{k}", []), range(k, count, KEYS)
            self.assertEqual(ids, list(wanted), f"c{k}: lost {sorted(set(wanted) - set(ids))}, {len(ids) - len(set(ids))} twice")
        want = counted(ride(i) for i in range(count))
        rows = [json.loads(m[3]) for m in self.kafka.read("counts", PARTITIONS) if m[4] == [("run", self.output)]]
        for found in (rows, self.rows("counts")):
            self.assertEqual({(c["city"], c["window_start"][:16]): (c["n"], c["ids"]) for c in found}, want)
            self.assertEqual(len(found), len(want))

    def read_so_far(self, topic):
        """By the offsets of the group."""
        return sum(max(self.kafka.committed(f"{self.output}-reader", topic, p), 0) for p in range(PARTITIONS))

    def stopped(self, program):
        """Waits until the program has stopped itself, at the point of GRESS_STOP_AT."""
        def state():
            with open(f"/proc/{program.pid}/stat") as file:
                return file.read().rpartition(")")[2].split()[0] == "T"
        self.until(state)

    def begin_zombie(self, point):
        """A program that has stopped at the point. What starts behind it does so in a copy of its folder, as on another machine."""
        zombie, folder = self.begin("--fresh", input="many", GRESS_STOP_AT=point), self.folder
        self.stopped(zombie)
        self.folder = os.path.join(folder, self.output)
        shutil.copytree(folder, self.folder, ignore=shutil.ignore_patterns(self.output))
        self.addCleanup(setattr, self, "folder", folder)

        def what_it_said():
            with open(os.path.join(folder, "said")) as file:
                return file.read()
        return zombie, what_it_said

    def test_killed_at_any_moment(self):
        self.new_output()
        r, kills = random.Random(1), 0
        while kills < KILLS:
            program = self.begin(input="many")
            try:
                program.wait(r.uniform(0.2, 0.9))
                self.assertEqual(program.returncode, 0, self.what_it_said())
                break
            except subprocess.TimeoutExpired:
                program.kill()
                program.wait()
                kills += 1
        self.to_the_end(input="many")
        self.assertGreater(kills, 2)
        self.expect_once(COUNT)

    def test_killed_at_each_point(self):
        r, crashed = random.Random(2), 0
        for point in POINTS:
            with self.subTest(point):
                self.new_output(f"at_{point}")
                # Again in what comes back from it: there some are not met, when nothing has to be discarded.
                for crash in (f"{point}:{r.randint(1, 3)}", f"{r.choice(RECOVERY)}", f"{r.choice(POINTS)}:{r.randint(1, 2)}"):
                    program = self.begin(GRESS_CRASH_AT=crash)
                    self.assertIn(program.wait(LONG), (0, -signal.SIGKILL), self.what_it_said())
                    crashed += program.returncode != 0
                self.to_the_end()
                self.expect_once()
                shutil.rmtree(self.path("kept.checkpoints"))
        self.assertGreater(crashed, 2 * len(POINTS))

    def test_a_prepared_checkpoint_is_discarded(self):
        self.new_output()
        program = self.begin(input="many", GRESS_CRASH_AT="manifest_stands:3")
        self.assertEqual(program.wait(LONG), -signal.SIGKILL)
        # The group is where the last checkpoint but one was, which the third one's begin has told.
        self.assertIn(self.read_so_far("many"), range(1, len(self.kafka.read(self.output, PARTITIONS)) + 1))
        self.assertEqual(self.begin(input="many", GRESS_CRASH_AT="discarded").wait(LONG), -signal.SIGKILL)
        self.assertTrue(glob.glob(self.path("kept.checkpoints/manifest-00000002-*")))
        self.assertFalse(glob.glob(self.path("kept.checkpoints/manifest-00000003-*")))
        # What has committed is not: the same number again, and cut off behind the commit.
        self.assertEqual(self.begin(input="many", GRESS_CRASH_AT="decided").wait(LONG), -signal.SIGKILL)
        program = self.start("--param", "input=many", "--param", f"output={self.output}")
        self.assertEqual(program.wait(LONG), 0)
        self.assertIn("goes on from checkpoint 3 ", self.what_it_said())
        self.expect_once(COUNT)

    def test_a_zombie_is_fenced(self):
        for point in ("manifest_stands:3", "outputs_synced:2", "decision_confirmed:3"):
            with self.subTest(point):
                self.new_output("zombie_" + point.partition(":")[0])
                zombie, what_it_said = self.begin_zombie(point)
                # The successor uses the same folder, as if no lock and no word of another run came through.
                shared = os.path.join(os.path.dirname(self.folder), "kept.checkpoints")
                os.remove(os.path.join(shared, "LOCK"))
                program = self.begin("--checkpoint-dir", shared, input="many", GRESS_CRASH_AT="manifest_stands")  # its first, of the same number
                self.assertEqual(program.wait(LONG), -signal.SIGKILL, self.what_it_said())
                os.remove(os.path.join(shared, "LOCK"))
                zombie.send_signal(signal.SIGCONT)
                self.assertEqual(zombie.wait(LONG), 75)
                self.to_the_end("--checkpoint-dir", shared, input="many")
                self.expect_once(COUNT)
                self.assertIn("this process may not write any more: another one writes with its transactional id", what_it_said())

    def test_a_commit_without_an_answer(self):
        for how in ("silent", "gone"):
            with self.subTest(how):
                self.new_output("answer_" + how)
                program = self.begin("--log-format", "json", input="many", GRESS_STOP_AT="manifest_stands:3")
                self.stopped(program)
                if how == "silent":
                    self.broker.fall_silent()
                else:
                    self.broker.kill()
                program.send_signal(signal.SIGCONT)
                self.until(lambda: "commit_unknown" in self.what_it_said())
                if how == "silent":
                    self.broker.speak_again()
                else:
                    self.broker.start()
                code, said = program.wait(LONG), self.what_it_said()
                self.assertIn((code, "commit_known" in said, "transaction_aborted" in said), ((0, True, False), (75, False, True)), said)
                if code != 0:
                    self.to_the_end(input="many")
                self.expect_once(COUNT)
                shutil.rmtree(self.path("kept.checkpoints"))

    def test_a_stop_while_brokers_are_gone(self):
        self.new_output()
        program = self.begin(input="many", GRESS_STOP_AT="old_removed:2")  # its next transaction has begun
        self.stopped(program)
        self.broker.fall_silent()
        program.send_signal(signal.SIGCONT)
        time.sleep(0.5)  # for rows of that transaction
        self.broker.kill()
        program.send_signal(signal.SIGTERM)
        asked = time.monotonic()
        self.assertEqual(program.wait(LONG), 75)
        self.assertLess(time.monotonic() - asked, 30)  # 4 s for brokers, and what the client library has still to do
        self.broker.start()
        self.assertIn("stopped while the brokers take no messages", self.what_it_said())
        self.to_the_end(input="many")
        self.expect_once(COUNT)

    def test_a_zombie_without_an_answer_asks_for_its_own_checkpoint(self):
        """Its successor has committed one of the same number, of other rows."""
        self.new_output()
        zombie, what_it_said = self.begin_zombie("manifest_stands:3")
        successor = self.begin(input="many", GRESS_CRASH_AT="decided")
        self.assertEqual(successor.wait(LONG), -signal.SIGKILL)
        self.assertTrue(glob.glob(self.path("kept.checkpoints/manifest-00000003-*")))
        self.broker.fall_silent()
        zombie.send_signal(signal.SIGCONT)
        self.until(lambda: "asking anew" in what_it_said())
        self.broker.speak_again()
        self.assertEqual(zombie.wait(LONG), 75, what_it_said())
        self.assertIn("the transaction of checkpoint 3 was not committed", what_it_said())
        self.to_the_end(input="many")
        self.expect_once(COUNT)

    def test_a_stop_commits(self):
        self.new_output()
        program = self.begin(every="60s", input="many")
        self.until(lambda: self.rows("counts"))
        self.assertEqual([self.kafka.end(self.output, p) for p in range(PARTITIONS)], PARTITIONS * [0])  # of what is committed
        self.stop(program)
        there = len(self.kafka.read(self.output, PARTITIONS))
        self.assertIn(there, range(1, COUNT))
        self.assertEqual(self.read_so_far("many"), there)
        self.to_the_end(input="many")
        self.expect_once(COUNT)

    def test_a_number_that_brokers_forgot(self):
        self.new_output()
        program = self.begin(input="many", GRESS_CRASH_AT="decided")
        self.assertEqual(program.wait(LONG), -signal.SIGKILL)
        there = len(self.kafka.read(self.output, PARTITIONS))
        self.kafka.forget(self.output)
        program = self.begin(input="many")
        self.assertEqual(program.wait(LONG), 65, self.what_it_said())
        self.assertIn("brokers forget the offsets of a group", self.what_it_said())
        self.assertEqual(len(self.kafka.read(self.output, PARTITIONS)), there)
        # What it goes on from is told to brokers before there are new rows.
        program = self.begin("--restore-from", "kept.checkpoints/manifest-00000001", input="many", GRESS_CRASH_AT="manifest_stands")
        self.assertEqual(program.wait(LONG), -signal.SIGKILL)
        self.to_the_end(input="many")
        self.expect_once(COUNT)

    def test_what_does_not_belong_together_is_refused(self):
        self.new_output()
        self.to_the_end()
        shutil.move(self.path("kept.checkpoints"), self.path("away"))
        program = self.begin()
        self.assertEqual(program.wait(LONG), 65)
        self.assertIn("there is no checkpoint in `kept.checkpoints` to go on from, but rows up to checkpoint", self.what_it_said())
        self.to_the_end("--fresh")
        self.assertEqual(len(self.kafka.read(self.output, PARTITIONS)), 2 * FEW)
        program = self.begin("--checkpoint-dir", "away")
        self.assertEqual(program.wait(LONG), 65)
        self.assertIn("of another run", self.what_it_said())
        program = self.begin(every="20m")
        self.assertEqual(program.wait(LONG), 64)
        self.assertIn("the brokers abort a transaction after 900 s, and the program commits every 1200 s", self.what_it_said())


class Edges(KafkaCase):
    ROWS = "type Row { id: i64, name: string }\nsource rows: Row from file { path: \"rows\", format: json }\n"

    def given(self, count):
        with open(self.path("rows"), "w") as file:
            file.writelines(json.dumps({"id": i, "name": "ab"[i % 2]}) + "\n" for i in range(count))

    def test_a_program_that_ends_commits(self):
        self.given(5000)
        for topic in ("end-a", "end-b", "end-all"):
            self.kafka.create(topic)
        self.build("pipeline ends { checkpoint: every(1h), delivery: exactly_once }\nparam others: string\n" + self.ROWS + """
sink rows as named to kafka { brokers: brokers, topic: "end-{name}", format: json, librdkafka: { transaction_timeout_ms: 900000 } }
sink rows as all to kafka { brokers: others, topic: "end-all", format: json, librdkafka: { transaction_timeout_ms: 900000 } }
""")
        said = self.run_it("--param", "others=127.0.0.1:1", code=64)
        self.assertIn("sink `all` and sink `named` differ in their `brokers`", said)
        said = self.run_it("--param", f"others={self.broker.address}", code=64)
        self.assertIn("the brokers abort a transaction after 900 s, and the program commits every 3600 s", said)
        run = ("--param", f"others={self.broker.address}", "--checkpoint", "10m")
        self.run_it(*run)
        self.assertIn("came to its end in an earlier run", self.run_it(*run))
        self.assertEqual([m["id"] for m in self.values("end-all")], list(range(5000)))
        self.assertEqual([m["id"] for m in self.values("end-b")], list(range(1, 5000, 2)))

    def test_topics_by_row_only(self):
        self.given(10)
        for topic in ("row-a", "row-b"):
            self.kafka.create(topic)
        self.build("pipeline by_row { checkpoint: every(1s), delivery: exactly_once }\n" + self.ROWS +
                   'sink rows to kafka { brokers: brokers, topic: "row-{name}", format: json }\n')
        self.run_it()
        self.assertIn("came to its end in an earlier run", self.run_it())
        self.assertEqual([m["id"] for m in self.values("row-b")], [1, 3, 5, 7, 9])

    def test_a_message_that_is_too_large_commits_nothing(self):
        self.kafka.create("small", max_message_bytes=2000)
        with open(self.path("rows"), "w") as file:
            for i in range(3):
                file.write(json.dumps({"id": i, "name": "x" * (i * 2000)}) + "\n")
        self.build("pipeline large { checkpoint: every(1s), delivery: exactly_once }\n" + self.ROWS +
                   'sink rows to kafka { brokers: brokers, topic: "small", format: json }\n')
        said = self.run_it(code=74)
        self.assertIn("Message size too large", said)
        self.assertEqual(self.values("small"), [])

    def test_a_source_reads_what_was_committed(self):
        self.kafka.create("mixed")
        writer = type(self.kafka)(self.broker.address, transactional_id="writer")
        writer.transaction("init")
        for i, end in enumerate(("commit", "abort", "commit")):
            writer.transaction("begin")
            writer.send_all("mixed", [{"id": 2 * i, "name": end}, {"id": 2 * i + 1, "name": end}])
            writer.transaction(end)
        for isolation, want in (("", [0, 1, 4, 5]), (', librdkafka: { isolation_level: "read_uncommitted" }', list(range(6)))):
            self.build("type Row { id: i64 }\n" + 'source rows: Row from kafka { brokers: brokers, topic: "mixed", format: json, until: latest' +
                       isolation + ' }\nsink rows to file { path: "out", format: json }\n')
            self.run_it()
            self.assertEqual([row["id"] for row in self.rows("out")], want)


if __name__ == "__main__":
    main()
