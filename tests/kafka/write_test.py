"""Writing topics: keys, headers, tombstones, topics by row, and what a broker does not take."""
import json
import subprocess
import time

from kafka_case import LONG, KafkaCase, main

ROWS = """type Row { id: i64, name: string, score: decimal?, at: timestamp }
source rows: Row from file { path: "rows", format: json }
"""


class Write(KafkaCase):
    def given(self, *rows):
        with open(self.path("rows"), "w") as file:
            for i, (name, score) in enumerate(rows):
                file.write(json.dumps({"id": i, "name": name, "score": score, "at": f"2026-01-01T00:00:{i:02}Z"}) + "\n")

    def test_keys(self):
        self.given(("a \"b\"", 1.5), ("é", None))
        sinks = {"none": "", "one": "key: name", "number": "key: id", "time": "key: at", "absent": "key: score", "two": "key: [name, id]"}
        self.build(ROWS + "".join(f'sink rows as {n} to kafka {{ brokers: brokers, topic: "keys-{n}", format: json, {k} }}\n' for n, k in sinks.items()))
        for name in sinks:
            self.kafka.create(f"keys-{name}")
        self.run_it()
        keys = {name: [m[2] for m in self.kafka.read(f"keys-{name}")] for name in sinks}
        self.assertEqual(keys, {
            "none": [None, None], "one": ['a "b"', "é"], "number": ["0", "1"], "time": ["2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z"],
            "absent": ["1.5", None], "two": ['{"id":0,"name":"a \\"b\\""}', '{"id":1,"name":"é"}']})
        self.assertEqual(self.values("keys-one")[0], {"id": 0, "name": 'a "b"', "score": 1.5, "at": "2026-01-01T00:00:00Z"})

    def test_rows_of_a_key_keep_their_order_in_one_partition(self):
        with open(self.path("rows"), "w") as file:
            for i in range(20000):
                file.write(json.dumps({"id": i, "name": f"k{i % 7}", "score": None, "at": "2026-01-01T00:00:00Z"}) + "\n")
        self.kafka.create("ordered", 4)
        self.go(ROWS + 'sink rows to kafka { brokers: brokers, topic: "ordered", format: json, key: name, compression: lz4 }')
        seen, where = {}, {}
        for partition, _, key, value, _, _ in self.kafka.read("ordered", 4):
            self.assertEqual(where.setdefault(key, partition), partition)
            seen.setdefault(key, []).append(json.loads(value)["id"])
        self.assertEqual(seen, {f"k{k}": list(range(k, 20000, 7)) for k in range(7)})
        self.assertGreater(len(set(where.values())), 1)

    def test_headers_and_topics_by_row(self):
        self.given(("left", 1), ("right", None), ("no topic!", 3), ("left", 4))
        self.kafka.create("to-left")
        self.kafka.create("to-right")
        self.go("pipeline p { errors: odd }\n" + ROWS + """
sink rows to kafka { brokers: brokers, topic: "to-{name}", format: json, key: id, headers: { who: name, score: "is {score ?? 0}", maybe: if id == 3 then name else null } }
sink odd to file { path: "odd", format: json }
""")
        left, right = self.kafka.read("to-left"), self.kafka.read("to-right")
        self.assertEqual([(m[2], m[4]) for m in left], [("0", [("who", "left"), ("score", "is 1")]), ("3", [("who", "left"), ("score", "is 4"), ("maybe", "left")])])
        self.assertEqual([(m[2], m[4]) for m in right], [("1", [("who", "right"), ("score", "is 0")])])
        [odd] = self.rows("odd")
        self.assertIn("`to-no topic!` cannot be the name of a topic", odd["error"])

    def test_deletes_are_tombstones(self):
        self.kafka.create("bests")
        self.kafka.create("few")
        self.given(("a", 1), ("b", 2), ("a", 3), ("c", 9))
        self.go(ROWS + """
stream bests = rows |> filter score is not null |> top 2 by score desc as place retain forever
sink bests to kafka { brokers: brokers, topic: "bests", format: json }
stream few = rows |> key name |> aggregate { n: count() } retain forever |> filter n < 2
sink few to kafka { brokers: brokers, topic: "few", format: json }
""")
        few = [(m[2], m[3] and json.loads(m[3])["n"]) for m in self.kafka.read("few")]
        self.assertEqual(few, [("a", 1), ("b", 1), ("a", None), ("c", 1)])
        state = {m[2]: json.loads(m[3])["name"] for m in self.kafka.read("bests")}
        self.assertEqual(state, {"1": "c", "2": "a"})

    def test_text_into_a_topic_that_is_made_a_moment_later(self):
        self.given(("two\nlines", 1), ("", 2))
        self.build(ROWS + """
stream names = rows |> select { name }
sink names to kafka { brokers: brokers, topic: "text", format: text, compression: zstd }
""")
        program = self.start()
        time.sleep(0.3)
        self.kafka.create("text")
        self.assertEqual(program.wait(LONG), 0, self.what_it_said())
        self.assertEqual([m[3] for m in self.kafka.read("text")], ["two\nlines", ""])

    def test_a_topic_that_is_not_there(self):
        self.kafka.create("payments")
        self.given(("a", 1))
        said = self.go(ROWS + 'sink rows to kafka { brokers: brokers, topic: "payment", format: json }', code=73)
        self.assertIn("sink `rows`: there is no topic `payment` at `127.0.0.1:", said)
        self.assertIn("did you mean `payments`?", said)
        said = self.go('type R { id: i64 }\nsource rows: R from kafka { brokers: brokers, topic: "paymnets", format: json }\nsink rows to discard', code=66)
        self.assertIn("source `rows`: there is no topic `paymnets`", said)
        self.assertIn("did you mean `payments`?", said)

    def test_rows_that_are_rejected(self):
        """Of all that a topic may refuse; the rows beside them arrive, in one program with transactions and one without."""
        self.kafka.create("limited", max_message_bytes=2000)
        self.kafka.create("compacted", cleanup_policy="compact")
        self.kafka.create("to-a")
        # Between the largest that the topic takes and the next one there is a byte: found by trying.
        largest = 2000 - len('{"id":0,"name":"","score":0,"at":"2026-01-01T00:00:00Z"}') - 61 - 2 - 3 - 1 - 2 - 1
        self.given(("a", 0), ("x" * largest, 0), ("x" * (largest + 1), 0), ("no topic!", None), ("y" * 4000, 0), ("a", 0))
        text = ROWS + """
sink rows as limited to kafka { brokers: brokers, topic: "limited", format: json, rejected: refused, OPTIONS }
sink rows as compacted to kafka { brokers: brokers, topic: "compacted", format: json, key: score, rejected: refused, OPTIONS }
stream short = rows |> filter length(name) < 20
sink short to kafka { brokers: brokers, topic: "to-{name}", format: json, rejected: misled, OPTIONS }
sink rows as files to file { path: "files/{name}", format: json, rejected: refused }
sink refused to file { path: "refused", format: json }
stream why = misled |> select { id: text, error, source }
sink why to kafka { brokers: brokers, topic: "to-a", format: json, headers: { of: source }, OPTIONS }
"""
        options = "librdkafka: { message_max_bytes: 3500, batch_size: 2000 }"
        for head in ("pipeline p {}\n", "pipeline p { checkpoint: every(10s), delivery: exactly_once }\n"):
            with self.subTest(head):
                before = {topic: len(self.kafka.read(topic)) for topic in ("limited", "compacted", "to-a")}
                self.go(head + text.replace("OPTIONS", options))
                new = {topic: [json.loads(m[3]) for m in self.kafka.read(topic)[n:]] for topic, n in before.items()}
                self.assertEqual([r["id"] for r in new["limited"]], [0, 1, 3, 5])
                self.assertEqual([r["id"] for r in new["compacted"]], [0, 1, 2, 5])
                self.assertEqual(sorted(json.loads(r["id"])["id"] if "source" in r else r["id"] for r in new["to-a"]), [0, 3, 5])
                refused = self.rows("refused")
                found = {}
                for r in refused:
                    found.setdefault(r["source"].partition("`, ")[0], []).append((json.loads(r["text"])["id"], r["error"]))
                self.assertEqual(sorted(found), ["sink `compacted", "sink `files", "sink `limited"])
                self.assertEqual(found["sink `limited"][0], (2, "the message has 2001 bytes, and the topic `limited` takes 2000 bytes (`max.message.bytes`)"))
                self.assertEqual([i for i, _ in found["sink `limited"]], [2, 4])
                self.assertIn("`message.max.bytes` of the client allows 3500 bytes", found["sink `limited"][1][1])
                self.assertEqual(found["sink `compacted"][0], (3, "the topic `compacted` is compacted, and the message has no key"))
                self.assertEqual([i for i, _ in found["sink `files"]], [1, 2, 4])
        said = self.go("pipeline p {}\n" + text.replace("OPTIONS", "librdkafka: { message_max_bytes: 3500 }"), code=64)
        self.assertIn("give the sink `librdkafka: { batch_size: 2000 }`", said)

    def test_a_message_that_is_too_large(self):
        self.kafka.create("small", max_message_bytes=2000)
        self.given(("x" * 100, 1), ("x" * 5000, 2))
        text = ROWS + 'sink rows to kafka { brokers: brokers, topic: "small", format: json, librdkafka: { message_max_bytes: LIMIT } }'
        said = self.go(text.replace("LIMIT", "3000"), code=74)
        self.assertIn("sink `rows`: a message for `small` was not taken: Broker: Message size too large", said)
        self.assertIn("its value has 50", said)
        self.assertIn("`librdkafka: { message_max_bytes: … }`", said)
        said = self.go(text.replace("LIMIT", "100000"), code=74)
        self.assertIn("sink `rows`: a message for `small` was not delivered: Broker: Message size too large", said)
        self.assertEqual(said.count("error"), 1, said)

    def test_properties_are_checked(self):
        self.given(("a", 1))
        text = ROWS + 'sink rows to kafka { brokers: brokers, topic: "t", format: json, librdkafka: { P } }'
        for entry, said in (("lingger_ms: 5", "did you mean `linger_ms`?"), ("fetch_wait_max_ms: 5", "has no property `fetch.wait.max.ms` of producers"),
                            ("acks: 5000", "the property `acks` takes -1 .. 1000"), ("enable_idempotence: false", "a sink is always idempotent"),
                            ("bootstrap_servers: \"x\"", "say `brokers:`"), ("linger_ms: \"5\"", "linger.ms"), ("dr_cb: 1", "no property")):
            with self.subTest(entry):
                self.assertIn(said, self.build(text.replace("P }", entry + " }"), fails=True))

    def test_only_programs_that_use_it_are_linked_to_the_library(self):
        self.given(("a", 1))
        self.kafka.create("linked")
        needs = {}
        for name, sink in (("with", 'kafka { brokers: brokers, topic: "linked", format: json }'), ("without", 'file { path: "out", format: json }')):
            self.build(ROWS + f"sink rows to {sink}", name=name)
            needs[name] = subprocess.run(["readelf", "-d", self.path(name)], capture_output=True, text=True, check=True).stdout
        self.assertIn("librdkafka", needs["with"])
        self.assertNotIn("librdkafka", needs["without"])


if __name__ == "__main__":
    main()
