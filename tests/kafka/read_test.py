"""Reading topics: what comes of messages, where reading starts and ends, partitions."""
import json
import time

from kafka_case import KafkaCase, main

RIDE = "type Ride { id: i64, city: string, at: timestamp }\n"


def at(second):
    return f"2026-01-01T00:{second // 60:02}:{second % 60:02}Z"


def ride(i, city, second):
    return {"id": i, "city": city, "at": at(second)}


class Read(KafkaCase):
    def test_a_windowed_count_of_disordered_partitions(self):
        self.kafka.create("rides", 3)
        self.kafka.create("counts")
        for p in range(3):  # each partition is five seconds out of order
            for i in range(1200):
                self.kafka.send("rides", json.dumps(ride(i, "AB"[i % 2], max(0, i - (i * 7) % 5))), partition=p)
        self.kafka.flush()
        said = self.go(RIDE + """
source rides: Ride from kafka { brokers: brokers, topic: "rides", format: json, time: at, watermark_delay: 5s, until: latest }
stream counts = rides |> key city |> window tumbling(1m) |> aggregate { n: count() }
sink counts to kafka { brokers: brokers, topic: "counts", format: json, key: city }
""")
        want = {}
        for i in range(1200):
            key = ("AB"[i % 2], at(max(0, i - (i * 7) % 5) // 60 * 60))
            want[key] = want.get(key, 0) + 3
        messages = self.kafka.read("counts")
        got = {(r["city"], r["window_start"]): r["n"] for r in (json.loads(m[3]) for m in messages)}
        self.assertEqual(got, want)
        self.assertEqual(len(messages), len(want))
        self.assertEqual({m[2] for m in messages}, {"A", "B"})
        self.assertNotIn("warning", said)

    def test_meta(self):
        self.kafka.create("meta", 2)
        self.kafka.send("meta", '{"id":1}', key="k1", partition=1, timestamp=1700000000123, headers=[("trace", "abc"), ("trace", "last"), ("x", "y")])
        self.kafka.send("meta", '{"id":2}', partition=1, timestamp=1700000000124)
        self.kafka.send("meta", '{"id":3}', key=b"\xff", partition=0, timestamp=1700000000125)
        self.kafka.flush()
        self.go("""type One { id: i64 }
source ones: One from kafka {
  brokers: brokers, topic: "meta", format: json, time: sent, until: latest, invalid: bad,
  meta: { sent: timestamp, trace: header("trace"), key: key, p: partition, o: offset, from: topic },
}
sink ones to file { path: "ones", format: json }
sink bad to file { path: "bad", format: json }
""")
        self.assertEqual(self.rows("ones"), [
            {"id": 1, "sent": "2023-11-14T22:13:20.123Z", "trace": "last", "key": "k1", "p": 1, "o": 0, "from": "meta"},
            {"id": 2, "sent": "2023-11-14T22:13:20.124Z", "trace": None, "key": None, "p": 1, "o": 1, "from": "meta"}])
        [bad] = self.rows("bad")
        self.assertEqual((bad["partition"], bad["offset"], bad["error"]), (0, 0, "the message's key is not valid UTF-8"))

    def test_bad_messages_have_their_place(self):
        self.kafka.create("bad", 2)
        good = json.dumps(ride(1, "A", 1))
        pretty = json.dumps(ride(2, "B", 2), indent=2)
        for value in (good, pretty, "", None, '{"id":1', good + good, '{"id":1,"city":"a\nb","at":"2026-01-01T00:00:00Z"}', b"\xff", good):
            self.kafka.send("bad", value, key="k", partition=1)
        self.kafka.flush()
        text = RIDE + """
source rides: Ride from kafka { brokers: brokers, topic: "bad", format: json, time: at, until: latest, invalid: HOW }
sink rides to file { path: "rides", format: json }
"""
        self.go(text.replace("HOW", "bad") + 'sink bad to file { path: "bad", format: json }')
        self.assertEqual([r["id"] for r in self.rows("rides")], [1, 2, 1])
        bad = self.rows("bad")
        self.assertEqual([(r["source"], r["partition"], r["offset"]) for r in bad], [("rides", 1, o) for o in (2, 3, 4, 5, 6, 7)])
        self.assertEqual([r["error"] for r in bad[:2]], ["the message is empty", "the message has no value"])
        said = self.go(text.replace("HOW", "fail"), code=65)
        self.assertIn("invalid record in `bad` (partition 1, offset 2): the message is empty", said)

    def test_text_keeps_line_ends(self):
        self.kafka.create("lines")
        for value in ("one", "two\nlines\r", "", b"bad \xff", "last"):
            self.kafka.send("lines", value, partition=0)
        self.kafka.flush()
        self.go("""type Line { text: string }
source lines: Line from kafka { brokers: brokers, topic: "lines", format: text, until: latest, invalid: bad, meta: { o: offset } }
sink lines to file { path: "lines", format: json }
sink bad to file { path: "bad", format: json }
""")
        self.assertEqual(self.rows("lines"), [{"text": t, "o": o} for t, o in (("one", 0), ("two\nlines\r", 1), ("", 2), ("last", 4))])
        self.assertEqual([r["offset"] for r in self.rows("bad")], [3])

    def test_where_it_starts(self):
        self.kafka.create("starts", 2)
        for i in range(10):
            self.kafka.send("starts", json.dumps(ride(i, "A", i)), partition=i % 2, timestamp=1700000000000 + i * 1000)
        self.kafka.flush()
        text = RIDE + """
source rides: Ride from kafka { brokers: brokers, topic: "starts", format: json, time: at, until: latest, START }
sink rides to file { path: "rides", format: json }
"""
        for start, want in (("", range(10)), ("start: earliest", range(10)), ("start: latest", []),
                            ("start: @2023-11-14T22:13:26.500Z", (7, 8, 9)), ("start: @2030-01-01T00:00:00Z", []),
                            ('start: group, group: "never"', range(10))):
            with self.subTest(start):
                self.go(text.replace("START", start))
                self.assertEqual(sorted(r["id"] for r in self.rows("rides")), list(want))

    def test_a_group_follows_and_can_be_gone_on_from(self):
        self.kafka.create("grouped")
        self.kafka.send_all("grouped", [ride(i, "A", i) for i in range(5)])
        self.build(RIDE + """
source rides: Ride from kafka { brokers: brokers, topic: "grouped", format: json, time: at, until: latest, start: group, group: "g" }
sink rides to file { path: "rides", format: json }
""")
        self.run_it()
        self.assertEqual([r["id"] for r in self.rows("rides")], [0, 1, 2, 3, 4])
        self.assertEqual(self.kafka.committed("g", "grouped"), 5)
        self.kafka.send_all("grouped", [ride(i, "A", i) for i in range(5, 7)])
        self.run_it()
        self.assertEqual([r["id"] for r in self.rows("rides")], [5, 6])
        self.assertEqual(self.kafka.committed("g", "grouped"), 7)

    def test_a_program_that_fails_commits_nothing_behind_its_failure(self):
        self.kafka.create("failing")
        self.kafka.send_all("failing", [ride(0, "A", 0), {"id": "x"}, ride(2, "A", 2)])
        self.go(RIDE + """
source rides: Ride from kafka { brokers: brokers, topic: "failing", format: json, time: at, until: latest, group: "f" }
sink rides to file { path: "rides", format: json }
""", code=65)
        self.assertLess(self.kafka.committed("f", "failing"), 1)

    def test_a_compacted_topic_with_tombstones(self):
        self.kafka.create("accounts")
        self.kafka.create("tiers")
        for key, value in (("a", {"id": "a", "tier": "gold"}), ("b", {"id": "b", "tier": "gold"}), ("c", {"id": "c", "tier": "tin"}),
                           ("b", None), ("a", {"id": "a", "tier": "tin"}), ("nobody", None), ("c", None)):
            self.kafka.send("accounts", value and json.dumps(value), key=key)
        self.kafka.send("accounts", None)
        self.kafka.flush()
        self.go("""type Account { id: string, tier: string }
source accounts: Account from kafka {
  brokers: brokers, topic: "accounts", format: json, changes: upsert, key: id, retain: forever, until: latest, invalid: bad,
  meta: { o: offset },
}
stream tiers = accounts |> key tier |> aggregate { n: count(), last: max(o) } retain forever
sink tiers to kafka { brokers: brokers, topic: "tiers", format: json }
sink bad to file { path: "bad", format: json }
""")
        state = {}
        for _, _, key, value, _, _ in self.kafka.read("tiers"):
            state[key] = value and json.loads(value)
        self.assertEqual(state, {"gold": None, "tin": {"tier": "tin", "n": 1, "last": 4}})
        [bad] = self.rows("bad")
        self.assertEqual((bad["offset"], bad["error"]), (7, "a message without a value deletes the row of its key, and this one has no key"))

    def test_tombstones_of_numbers_and_of_several_fields(self):
        self.kafka.create("numbers")
        self.kafka.create("pairs")
        for key, value in (("1", '{"id":1,"x":10}'), ("2", '{"id":2,"x":20}'), ("1", None), ("two", None)):
            self.kafka.send("numbers", value, key=key)
        for key, value in (('{"a":"x","b":1}', '{"a":"x","b":1,"v":1}'), ('{"a":"x","b":2}', '{"a":"x","b":2,"v":2}'), ('{"a":"x","b":1}', None)):
            self.kafka.send("pairs", value, key=key)
        self.kafka.flush()
        self.go("""type Number { id: i64, x: i64 }
type Pair { a: string, b: i64, v: i64 }
source numbers: Number from kafka { brokers: brokers, topic: "numbers", format: json, changes: upsert, key: id, retain: forever, until: latest, invalid: bad }
source pairs: Pair from kafka { brokers: brokers, topic: "pairs", format: json, changes: upsert, key: [a, b], retain: forever, until: latest }
sink numbers to file { path: "numbers", format: json }
sink pairs to file { path: "pairs", format: json }
sink bad to file { path: "bad", format: json }
""")
        self.assertEqual([(r["_op"], r["id"]) for r in self.rows("numbers")], [("upsert", 1), ("upsert", 2), ("delete", 1)])
        self.assertEqual([(r["_op"], r["b"], r["v"]) for r in self.rows("pairs")], [("upsert", 1, 1), ("upsert", 2, 2), ("delete", 1, 1)])
        self.assertEqual([r["offset"] for r in self.rows("bad")], [3])

    def test_debezium(self):
        self.kafka.create("limits")
        for key, value in (("1", {"before": None, "after": {"id": 1, "x": 1}, "op": "c"}), ("2", {"before": None, "after": {"id": 2, "x": 2}, "op": "r"}),
                           ("1", {"before": {"id": 1, "x": 1}, "after": None, "op": "d"}), ("1", None)):
            self.kafka.send("limits", value and json.dumps({"payload": value}), key=key)
        self.kafka.flush()
        self.go("""type Limit { id: i64, x: i64 }
source limits: Limit from kafka { brokers: brokers, topic: "limits", format: json, changes: debezium, key: id, retain: forever, until: latest }
sink limits to file { path: "limits", format: json }
""")
        self.assertEqual([(r["_op"], r["id"]) for r in self.rows("limits")], [("upsert", 1), ("upsert", 2), ("delete", 1)])

    def test_a_union(self):
        self.kafka.create("events", 2)
        for value, key in (({"type": "A", "a": 1}, "k"), ({"type": "B", "b": 2}, None), ({"type": "C"}, None), ({"type": "A", "a": 3}, None),
                           ({"type": "A", "a": 4}, b"\xff")):
            self.kafka.send("events", json.dumps(value), key=key, partition=1, timestamp=1700000000123)
        self.kafka.flush()
        self.go("""type A { a: i64 }
type B { b: i64 }
type D { d: i64 }
union Event by type { one: A as "A", two: B as "B", three: D }
source events: Event from kafka {
  brokers: brokers, topic: "events", format: json, until: latest, unknown: odd, invalid: odd, time: sent,
  meta: { sent: timestamp, who: key, p: partition, o: offset },
}
sink events.one to file { path: "one", format: json }
stream twos = events.two |> select { b, o, again: sent }
sink twos to file { path: "two", format: json }
sink odd to file { path: "odd", format: json }
""")
        self.assertEqual(self.rows("one"), [{"a": a, "sent": "2023-11-14T22:13:20.123Z", "who": who, "p": 1, "o": o} for a, who, o in ((1, "k", 0), (3, None, 3))])
        self.assertEqual(self.rows("two"), [{"b": 2, "o": 1, "again": "2023-11-14T22:13:20.123Z"}])
        self.assertEqual([r["offset"] for r in self.rows("odd")], [2, 4])

    def test_a_queue_that_was_full_is_filled_again_at_once(self):
        self.kafka.create("many")
        for i in range(30_000):
            self.kafka.send("many", json.dumps(ride(i, "A" * 1000, 0)))
        self.kafka.flush()
        self.build(RIDE + """
source rides: Ride from kafka {
  brokers: brokers, topic: "many", format: json, until: latest,
  librdkafka: { queued_max_messages_kbytes: 64, fetch_message_max_bytes: 65536 },
}
stream counts = rides |> key city |> aggregate { n: count() } retain forever
sink counts to file { path: "counts", format: json }
""")
        begun = time.monotonic()
        self.run_it()
        self.assertLess(time.monotonic() - begun, 15)  # some thirty times a second if the library looks again by itself
        self.assertEqual(self.rows("counts")[-1]["n"], 30_000)

    def test_workers_share_the_partitions(self):
        self.kafka.create("shared", 5)
        want = {}
        for i in range(5000):
            self.kafka.send("shared", json.dumps(ride(i, f"c{i % 17}", i // 10)), partition=i % 5)
            want[f"c{i % 17}"] = want.get(f"c{i % 17}", 0) + 1
        self.kafka.flush()
        self.go("pipeline shared { parallelism: 3 }\n" + RIDE + """
source rides: Ride from kafka { brokers: brokers, topic: "shared", format: json, time: at, watermark_delay: 10m, until: latest }
stream counts = rides |> key city |> window tumbling(1h) |> aggregate { n: count() }
sink counts to file { path: "counts", format: json }
""")
        self.assertEqual({r["city"]: r["n"] for r in self.rows("counts")}, want)

    def test_workers_without_a_partition_hold_nothing_back(self):
        self.kafka.create("lone")
        self.kafka.send_all("lone", [ride(i, f"c{i % 5}", i) for i in range(200)], partition=0)
        self.build("pipeline lone { parallelism: 3 }\n" + RIDE + """
source rides: Ride from kafka { brokers: brokers, topic: "lone", format: json, time: at, discover: 300ms }
stream counts = rides |> key city |> window tumbling(1m) |> aggregate { n: count() }
sink counts to file { path: "counts", format: json }
""")
        program = self.start()
        self.until(lambda: len(self.rows("counts")) == 15)
        self.kafka.grow("lone", 4)
        self.until(lambda: "has 4 partitions now" in self.what_it_said())
        for p in range(4):
            self.kafka.send_all("lone", [ride(i, "c0", 400) for i in range(3)], partition=p)
        self.stop(program)
        self.assertEqual(sorted(r["n"] for r in self.rows("counts")), [12] * 15)

    def test_a_silent_partition_holds_nothing_back_for_long(self):
        self.kafka.create("silent", 2)
        self.build(RIDE + """
source rides: Ride from kafka { brokers: brokers, topic: "silent", format: json, time: at, idle: 500ms }
stream counts = rides |> window tumbling(1m) |> aggregate { n: count() }
sink counts to file { path: "counts", format: json }
""")
        program = self.start()
        self.kafka.send_all("silent", [ride(i, "A", i * 10) for i in range(10)], partition=0)
        self.assertEqual(self.until(lambda: self.rows("counts"))[0]["n"], 6)
        self.stop(program)

    def test_a_new_partition_is_found(self):
        self.kafka.create("grows")
        self.build(RIDE + """
source rides: Ride from kafka { brokers: brokers, topic: "grows", format: json, time: at, discover: 300ms, meta: { p: partition } }
sink rides to file { path: "rides", format: json }
""")
        program = self.start()
        self.kafka.send_all("grows", [ride(1, "A", 1)], partition=0)
        self.until(lambda: len(self.rows("rides")) == 1)
        self.kafka.grow("grows", 3)
        self.until(lambda: "has 3 partitions now" in self.what_it_said())
        self.kafka.send_all("grows", [ride(2, "A", 2)], partition=2)
        self.until(lambda: len(self.rows("rides")) == 2)
        self.assertEqual([(r["id"], r["p"]) for r in self.rows("rides")], [(1, 0), (2, 2)])
        self.stop(program)

    def test_large_and_many_messages(self):
        self.kafka.create("large")
        for i in range(40):
            self.kafka.send("large", json.dumps({"id": i, "text": "x" * (i * 20000)}), partition=0)
        self.kafka.flush()
        self.go("""type Big { id: i64, text: string }
source bigs: Big from kafka { brokers: brokers, topic: "large", format: json, until: latest, rate: 500/s }
stream sizes = bigs |> select { id, n: length(text) }
sink sizes to file { path: "sizes", format: json }
""")
        self.assertEqual(self.rows("sizes"), [{"id": i, "n": i * 20000} for i in range(40)])


if __name__ == "__main__":
    main()
