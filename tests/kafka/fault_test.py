"""Brokers that are down, come back, or do not let us in; programs that are stopped."""
import signal
import time

from kafka_case import KafkaCase, main

TYPES = "type Row { id: i64 }\n"
COPY = TYPES + """
source rows: Row from kafka { brokers: brokers, topic: "FROM", format: json, connect_timeout: 20s MORE }
sink rows to kafka { brokers: brokers, topic: "TO", format: json, key: id, connect_timeout: 20s }
"""


def copy(source, target, more=""):
    return COPY.replace("FROM", source).replace("TO", target).replace("MORE", more and ", " + more)


class Outages(KafkaCase):
    def test_a_broker_that_crashes_and_comes_back(self):
        self.kafka.create("in")
        self.kafka.create("out")
        self.build(copy("in", "out"))
        program = self.start()
        count = 20000
        self.kafka.send_all("in", [{"id": i} for i in range(count)])
        self.until(lambda: self.kafka.end("out") > 1000)
        self.broker.kill()
        time.sleep(1)
        self.broker.start()
        self.kafka.send_all("in", [{"id": i} for i in range(count, count + 1000)])
        self.until(lambda: self.kafka.end("out") >= count + 1000)
        time.sleep(0.3)
        self.stop(program)
        self.assertIn("trying again", self.what_it_said())
        ids = [m["id"] for m in self.values("out")]
        # An idempotent producer writes nothing twice while its program lives.
        self.assertEqual(ids, list(range(count + 1000)))

    def test_a_broker_that_is_down_at_start(self):
        self.kafka.create("late")
        self.kafka.create("late-out")
        self.kafka.send_all("late", [{"id": 7}])
        self.build(copy("late", "late-out", "until: latest"))
        self.broker.kill()
        program = self.start()
        time.sleep(1)
        self.assertIsNone(program.poll())
        self.broker.start()
        self.assertEqual(program.wait(60), 0, self.what_it_said())
        self.assertEqual(self.values("late-out"), [{"id": 7}])

    def test_nobody_answers(self):
        self.build(TYPES + 'source rows: Row from kafka { brokers: brokers, topic: "t", format: json, connect_timeout: 1s }\nsink rows to discard\n')
        said = self.run_it(brokers="127.0.0.1:1", code=75)
        self.assertIn("source `rows`: no broker of `127.0.0.1:1` answered within 1 s:", said)
        self.assertIn("Connection refused", said)

    def test_a_stop_while_nobody_answers(self):
        self.build(TYPES + 'source rows: Row from kafka { brokers: brokers, topic: "t", format: json }\nsink rows to discard\n')
        program = self.start(brokers="127.0.0.1:1")
        time.sleep(0.5)
        begun = time.monotonic()
        program.send_signal(signal.SIGTERM)
        self.assertEqual(program.wait(20), 0)
        self.assertLess(time.monotonic() - begun, 5)

    def test_a_stop_writes_what_was_read(self):
        self.kafka.create("stopped")
        self.kafka.create("stopped-out", 3)
        self.build(copy("stopped", "stopped-out", 'group: "s"'))
        program = self.start()
        self.kafka.send_all("stopped", [{"id": i} for i in range(30000)])
        self.until(lambda: self.kafka.end("stopped-out") > 0)
        self.stop(program)
        read = self.kafka.committed("s", "stopped")
        self.assertEqual(sorted(m["id"] for m in self.values("stopped-out", 3)), list(range(read)))

    def test_offsets_that_are_gone(self):
        self.kafka.create("old")
        self.kafka.send_all("old", [{"id": i} for i in range(3)])
        self.build(TYPES + 'source rows: Row from kafka { brokers: brokers, topic: "old", format: json, start: group, group: "o" }\nsink rows to file { path: "rows", format: json }\n')
        self.kafka.commit("o", "old", 100)
        said = self.run_it(code=66)
        self.assertIn("the offset 100 of partition 0 of `old` is not there", said)


class Secure(KafkaCase):
    broker_options = {"tls": True, "login": True}

    def read(self, listener, options, code=0):
        self.build(TYPES + f'param secret: string = "secret of ann"\nsource rows: Row from kafka {{ brokers: brokers, topic: "safe", format: json, until: latest, connect_timeout: 20s, {options} }}\nsink rows to file {{ path: "rows", format: json }}\n')
        return self.run_it(brokers=self.broker.listener(listener), code=code)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kafka.create("safe")
        cls.kafka.send_all("safe", [{"id": 1}])

    def test_tls(self):
        self.read("TLS", f'tls: true, tls_ca: "{self.broker.ca}"')
        self.assertEqual(self.rows("rows"), [{"id": 1}])

    def test_a_certificate_that_is_not_trusted(self):
        said = self.read("TLS", "tls: true", code=77)
        self.assertIn("do not let us in", said)
        self.assertIn("certificate", said)

    def test_login(self):
        self.read("LOGIN", 'sasl: plain, user: "ann", password: secret')
        self.assertEqual(self.rows("rows"), [{"id": 1}])

    def test_a_wrong_password(self):
        said = self.read("LOGIN", 'sasl: plain, user: "ann", password: "wrong"', code=77)
        self.assertIn("source `rows`: the brokers of", said)
        self.assertIn("Authentication failed", said)

    def test_options_that_need_others(self):
        said = self.build(TYPES + 'source rows: Row from kafka { brokers: brokers, topic: "t", format: json, sasl: plain, tls_ca: "x" }\nsink rows to discard', fails=True)
        self.assertIn("`user:` is missing", said)
        self.assertIn("`tls:` is missing", said)


if __name__ == "__main__":
    main()
