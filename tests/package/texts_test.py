"""The texts that gressc package writes; GRESS_BLESS=1 writes those in `golden` anew."""
import difflib
import json
import os
import re
import shutil
import subprocess
import unittest

from package_case import CASES, HEADER, HERE, Case, needs_yaml, systemd_escaped, tool, yaml


class Texts(Case):
    def test_they_are_as_expected(self):
        for name, options in CASES.items():
            texts = ["--docker", "--compose", "--k8s"] + ([] if name == "input" else ["--systemd"])
            self.gressc(name + ".gress", "-o", name, *texts, *options)
            for file in sorted(os.listdir(self.path(name))):
                golden = os.path.join(HERE, "golden", f"{name}.{file}")
                got = self.read(name, file)
                if os.environ.get("GRESS_BLESS") == "1":
                    os.makedirs(os.path.dirname(golden), exist_ok=True)
                    with open(golden, "w") as out:
                        out.write(got)
                with open(golden) as want:
                    lines = difflib.unified_diff(want.read().splitlines(), got.splitlines(), golden, "now", lineterm="")
                self.assertEqual("\n".join(lines), "", "GRESS_BLESS=1 ctest -R package.Texts writes what is now")

    def test_nothing_to_make_and_wrong_params(self):
        for args, said in [([], "nothing to make"), (["--k8s"], "params without a value: `output`"),
                           (["--systemd", "-p", "outptu=x"], "no param `outptu`"), (["--k8s", "-p", "output"], "gives no value"),
                           (["--docker", "-p", "output=x"], "an image holds no values of params"),
                           (["--compose", "-p", "output=\udcff"], "not UTF-8")]:
            self.assertIn(said, self.gressc("files.gress", *args, code=64).stderr)
        self.assertIn("is a secret", self.gressc("login.gress", "--k8s", "-p", "topic=a", "-p", "password=b", code=64).stderr)
        self.assertIn("a service has none", self.gressc("input.gress", "--systemd", code=64).stderr)
        self.write("none.gress", "type Line { text: string }\nsource l: Line from stdin { format: text }\n")
        self.assertIn("has no sink", self.gressc("none.gress", "--oci", "--docker", code=65).stderr)
        self.assertFalse(os.path.exists(self.path("package")))

    def test_files_of_the_program(self):
        os.makedirs(self.path("work", "types"))
        self.write("outer.gress", "type Line { text: string }\n")
        self.write("work/types/inner type.gress", "type Line { text: string }\n")
        program = 'use "{}" {{ type Line }}\nsource l: Line from stdin {{ format: text }}\nsink l to stdout {{ format: text }}\n'
        self.write("work/a.gress", program.format("types/inner type.gress"))
        self.gressc("work/a.gress", "--docker", "-o", "work/deploy/here")
        text = self.read("work/deploy/here/Dockerfile")
        self.assertIn('COPY ["types/inner type.gress", "./types/inner type.gress"]', text)
        self.assertIn("docker build -f deploy/here/Dockerfile", text)
        self.write("work/b.gress", program.format("../outer.gress"))
        self.assertIn("outside of the program's folder", self.gressc("work/b.gress", "--docker", code=64).stderr)
        self.gressc("work/b.gress", "--k8s", "-o", "work/deploy/outer")
        self.write("work/..c.gress", "type Line { text: string }\n")
        self.write("work/d.gress", program.format("..c.gress"))
        self.gressc("work/d.gress", "--docker", "-o", "work/deploy/dots")
        self.write("work/$(c).gress", program.format("types/inner type.gress"))
        self.assertIn("rename it", self.gressc("work/$(c).gress", "--docker", code=64).stderr)

    @needs_yaml
    def test_whether_it_ends_is_of_the_source(self):
        """Not of names that its connector or options have."""
        def made(name, source, head=""):
            self.write(name + ".gress", head + source + "\nsink out to stdout { format: json }\n")
            self.gressc(name + ".gress", "--compose", "--k8s")
            kinds = {part["kind"] for part in yaml.safe_load_all(self.read("package/kubernetes.yaml"))}
            compose = self.read("package/compose.yaml")
            return kinds, yaml.safe_load(compose)["services"], compose

        market = "source market from nexmark {{{}}}\nstream out = market.bid"
        self.assertIn("StatefulSet", made("endless", market.format(""))[0])
        self.assertIn("Job", made("ends", market.format(" events: 10 "))[0])
        with open(self.path("made.hpp"), "w") as header:
            header.write(HEADER)
        use = 'use "made.hpp" { source Made as kafka, type Row }\n'
        kinds, services, text = made("own", 'source out from kafka { brokers: "a:9092", until: 1 }', use)
        self.assertIn("Job", kinds)
        self.assertEqual(set(services), {"own"}, "no broker for what is no Kafka")
        self.assertEqual(services["own"]["restart"], "on-failure")
        self.assertNotIn("network_mode", services["own"])
        self.assertEqual(services["own"]["volumes"][0]["target"], "/data")
        self.assertIn("# Whether `out` of C++ comes to an end is not known.", text)
        # Another that never ends makes it endless.
        both = 'source other from nexmark {}\nstream bids = other.bid\nsink bids to discard\n'
        kinds, _, text = made("both", both + 'source out from kafka { brokers: "a:9092", until: 1 }', use)
        self.assertIn("StatefulSet", kinds)
        self.assertNotIn("# Whether", text)

    @needs_yaml
    def test_brokers_of_compose(self):
        program = ('param brokers: string{}\ntype Line {{ text: string }}\n'
                   'source l: Line from kafka {{ brokers: {}, topic: "a", format: text }}\n'
                   'sink l to kafka {{ brokers: {}, topic: "b", format: text }}\n')

        def services(name, text, *options):
            self.write(name + ".gress", text)
            self.gressc(name + ".gress", "--compose", *options)
            made = yaml.safe_load(self.read("package/compose.yaml"))["services"]
            return {name: service for name, service in made.items() if not name.endswith("-topics")}

        # One is made for a param that says nothing yet, and none for one that is given.
        open_, kept = program.format("", "brokers", "brokers"), program.format(' = "a:9092"', "brokers", "brokers")
        made = services("lines", open_)
        self.assertEqual(set(made), {"lines", "kafka"})
        self.assertEqual(made["lines"]["environment"], {"GRESS_BROKERS": "kafka:9092"})
        for text in open_, kept:
            made = services("lines", text, "-p", "brokers=broker.prod:9092")
            self.assertEqual(set(made), {"lines"})
            self.assertEqual(made["lines"]["environment"], {"GRESS_BROKERS": "broker.prod:9092"})
        # The program may have the name of the server.
        made = services("kafka", open_)
        self.assertEqual(set(made), {"kafka", "kafka-2"})
        self.assertEqual(made["kafka"]["environment"], {"GRESS_BROKERS": "kafka-2:9092"})
        made = services("far", program.format(' = ""', '"PLAINTEXT://k1.example:9093"', '"PLAINTEXT://k1.example:9093"'))
        self.assertEqual(made["kafka"]["networks"]["default"]["aliases"], ["k1.example"])
        self.write("two.gress", program.format(' = ""', '"localhost:9092"', '"localhost:9093"'))
        self.assertIn("several Kafka clusters", self.gressc("two.gress", "--compose", code=64).stderr)

    @needs_yaml
    def test_compose_lets_this_machine_ask_for_metrics(self):
        for name, params in CASES.items():
            for options in [], ["--grafana"]:
                self.gressc(name + ".gress", "--compose", *params, *options)
                services = yaml.safe_load(self.read("package/compose.yaml"))["services"]
                # One that shares the network of another has its ports.
                got = {service: made["ports"] for service, made in services.items() if "ports" in made}
                own = next(iter(services))
                at = services[own].get("network_mode", "").removeprefix("service:") or own
                self.assertEqual(got, {at: ["127.0.0.1:9464:9464"]} if options else {}, name)

    def test_the_dockerfile_builds_with_the_programs_own_cpp(self):
        for folder in "work/team/lib", "work/empty", "far":
            os.makedirs(self.path(folder))
        self.write("work/team/lib/twice.hpp", "#pragma once\ninline long twice(long x) { return FACTOR * x; }\n")
        self.write("work/a.hpp", '#pragma once\n#include <lib/twice.hpp>\ninline long four(long x) { return twice(twice(x)); }\n')
        self.write("work/team/libx.a", "!<arch>\n")
        self.write("far/liby.a", "!<arch>\n")
        self.write("work/a.gress", 'use "a.hpp" { fn four }\ntype Row { n: i64 }\nsource rows: Row from stdin { format: json }\n'
                   "stream out = rows |> select { n: four(n) }\nsink out to stdout { format: json }\n")
        options = ["-I", "work/team", "-I", "work/empty", "-I", "far", "-D", 'FACTOR=("ab"[0] - 95)', "-l", "work/team/libx.a", "-l", "z"]
        self.gressc("work/a.gress", "--docker", *options)
        text = self.read("package/Dockerfile")
        for file in "a.gress", "a.hpp", "team/lib/twice.hpp", "team/libx.a":
            self.assertIn(f'COPY ["{file}", "./{file}"]\n', text)
        command = json.loads(next(line for line in text.splitlines() if line.startswith("RUN [")).removeprefix("RUN "))
        self.assertEqual(command[-8:], ["--include", "./team", "--define", 'FACTOR=("ab"[0] - 95)', "--link", "./team/libx.a", "--link", "z"])
        refused = self.gressc("work/a.gress", "--docker", *options, "-l", "far/liby.a", code=64).stderr
        self.assertIn("`../far/liby.a` lies outside", refused)

    @needs_yaml
    def test_topics_of_compose_are_there_before_the_program_starts(self):
        program = ('{}param from: string = "in"\nparam to: string\ntype Line {{ text: string }}\n'
                   'source l: Line from kafka {{ brokers: "{}", topic: {}, format: text }}\n'
                   'sink l to kafka {{ brokers: "{}", topic: {}, format: text }}\n')

        def made(host, first, second, head="", *options):
            self.write("some.gress", program.format(head, host, first, host, second))
            self.gressc("some.gress", "--compose", "-p", "to=out", *options)
            text = self.read("package/compose.yaml")
            services = yaml.safe_load(text)["services"]
            # What the shell gets is run, with a command that says its words in place of Kafka's own.
            said = []
            for name, service in services.items():
                if not name.endswith("-topics"):
                    continue
                self.assertEqual(services["some"]["depends_on"][name]["condition"], "service_completed_successfully")
                broker = name.removesuffix("-topics")
                self.assertEqual(service["depends_on"], {broker: {"condition": "service_healthy"}})
                self.assertEqual(service["restart"], "no", "it is done when it is done")
                script = service["command"][0].replace("$$", "$").replace("/opt/kafka/bin/kafka-topics.sh", "echo")
                ran = subprocess.run([*service["entrypoint"], script], capture_output=True, text=True, check=True)
                said += [line.split() for line in ran.stdout.splitlines()]
            topics = [words[words.index("--topic") + 1] for words in said]
            return topics, {words[words.index("--bootstrap-server") + 1] for words in said}, said, services, text

        topics, at, said, services, text = made("k1.example:9093", '"a.b-c_d"', "to")
        self.assertEqual((topics, at), (["a.b-c_d", "out"], {"kafka:9093"}))
        self.assertIn("--if-not-exists", said[0])
        self.assertNotIn("made by you", text)
        # What is there by default is there too; a broker on the program's own machine is asked there.
        topics, at, said, services, text = made("localhost:19092", "from", '"z"', "pipeline some { parallelism: 4 }\n")
        self.assertEqual((topics, at), (["in", "z"], {"localhost:19092"}))
        self.assertEqual(services["kafka-topics"]["network_mode"], "service:kafka")
        self.assertEqual(said[0][said[0].index("--partitions") + 1], "4", "a partition for each worker")
        # Names that rows have are not known.
        topics, _, _, _, text = made("k1.example", "from", "text")
        self.assertEqual(topics, ["in"])
        self.assertIn("made by you", text)
        self.write("topics.gress", self.read("some.gress").replace('topic: from', 'topic: concat(from, "x")'))
        self.gressc("topics.gress", "--compose", "-p", "to=out")
        self.assertEqual(set(yaml.safe_load(self.read("package/compose.yaml"))["services"]), {"topics", "kafka"})

    @needs_yaml
    def test_values_come_back_as_they_were(self):
        for value in ['a"b', "a\\b\\", "$HOME ${x} $$", "%i", "a\nb\tc\x7f", "Zürich ✓", "- {a: b} # c", "'", " ", "", "yes",
                      "1e3"]:
            self.gressc("files.gress", "--compose", "--k8s", "--systemd", "-p", "output=" + value)
            compose = yaml.safe_load(self.read("package/compose.yaml"))
            self.assertEqual(compose["services"]["big-rides"]["environment"]["GRESS_OUTPUT"].replace("$$", "$"), value)
            job = list(yaml.safe_load_all(self.read("package/kubernetes.yaml")))[-1]
            container = job["spec"]["template"]["spec"]["containers"][0]
            self.assertEqual(container["env"], [{"name": "GRESS_OUTPUT", "value": value}])
            line = next(l for l in self.read("package/big_rides.service").splitlines() if l.startswith("Environment="))
            word = line.removeprefix("Environment=").replace("%%", "%")
            self.assertEqual(word, '"GRESS_OUTPUT=' + systemd_escaped(value) + '"')

    @needs_yaml
    def test_settings_in_comments_are_as_the_others(self):
        """Without their `# ` they say the default."""
        said = re.compile(r"^( *)# ((  value: |- name: |environment:|env:|GRESS_).*\n)", re.MULTILINE)
        for params, wanted in [('/// Where: "a" # or b\nparam input: string = "a # \\"b\\": $c"\nparam least: f64 = 20\n',
                                {"GRESS_INPUT": 'a # "b": $c', "GRESS_LEAST": "20"}),
                               ('param least: f64 =\n  20\nparam input: string\n', {"GRESS_LEAST": "20", "GRESS_INPUT": "x"})]:
            self.write("some.gress", params + "type Ride { fare: f64 }\nsource rides: Ride from file { path: input, format: json }\n"
                       "stream big = rides |> filter fare > least\nsink big to stdout { format: json }\n")
            given = ["-p", "input=x"] if "x" in wanted.values() else []
            self.gressc("some.gress", "--compose", "--k8s", "--systemd", *given)
            compose = yaml.safe_load(said.sub(r"\1\2", self.read("package/compose.yaml")))
            got = {name: value.replace("$$", "$") for name, value in compose["services"]["some"]["environment"].items()}
            self.assertEqual(got, wanted)
            job = list(yaml.safe_load_all(said.sub(r"\1\2", self.read("package/kubernetes.yaml"))))[-1]
            variables = job["spec"]["template"]["spec"]["containers"][0]["env"]
            self.assertEqual({each["name"]: each["value"] for each in variables}, wanted)
            unit = self.read("package/some.service")
            for name, value in wanted.items():
                self.assertIn(f'Environment="{name}={systemd_escaped(value)}"', unit)

    @needs_yaml
    def test_a_cluster_gives_what_the_program_says_it_takes(self):
        program = ("{}\nparam m: i64 = 3\ntype Ride {{ area: string }}\nsource rides: Ride from file {{ path: \"a\", format: json }}\n"
                   "stream counts = rides |> key area |> aggregate {{ n: count() }} retain forever\nsink counts to file {{ path: \"b\", format: json }}\n")

        def resources(options, *given):
            self.write("some.gress", program.format(f"pipeline some {{ {options} }}"))
            self.gressc("some.gress", "--k8s", *given)
            text = self.read("package/kubernetes.yaml")
            job = list(yaml.safe_load_all(text))[-1]
            return job["spec"]["template"]["spec"]["containers"][0]["resources"]

        def mebibytes(text):
            return int(text[:-2]) * {"Mi": 1, "Gi": 1024}[text[-2:]]

        for options, state in ("checkpoint: every(10s)", 0), ("checkpoint: every(10s), state_memory: 4GB", 4e9):
            made = resources(options)
            for each in made["requests"], made["limits"]:
                self.assertGreaterEqual(mebibytes(each["memory"]) << 20, 1.25 * state + (64 << 20), options)
            self.assertGreaterEqual(mebibytes(made["limits"]["memory"]) << 20, 1.25 * state + (1 << 30), options)
        for options, given, cpus in [("parallelism: 4", [], "4"), ("parallelism: m", [], "3"), ("parallelism: m", ["-p", "m=6"], "6")]:
            made = resources(options, *given)
            self.assertEqual((made["requests"]["cpu"], made["limits"].get("cpu")), (cpus, None), options)
        made = resources("parallelism: auto")
        self.assertEqual(made["requests"]["cpu"], made["limits"]["cpu"])

    @needs_yaml
    def test_manifests_have_what_a_cluster_asks_for(self):
        for name, options in CASES.items():
            self.gressc(name + ".gress", "-o", name, "--k8s", *options)
            parts = list(yaml.safe_load_all(self.read(name, "kubernetes.yaml")))
            kinds = [part["kind"] for part in parts]
            ends = name in ("files", "login", "input")
            self.assertEqual(kinds[-1], "Job" if ends else "StatefulSet", name)
            pod = parts[-1]["spec"]["template"]["spec"]
            container = pod["containers"][0]
            self.assertTrue(pod["securityContext"]["runAsNonRoot"])
            self.assertTrue(container["securityContext"]["readOnlyRootFilesystem"])
            self.assertEqual(container["securityContext"]["capabilities"], {"drop": ["ALL"]})
            self.assertIn("memory", container["resources"]["limits"])
            mounted = [mount["name"] for mount in container.get("volumeMounts", [])]
            claimed = [c["metadata"]["name"] for c in parts[-1]["spec"].get("volumeClaimTemplates", [])]
            claimed += [v["name"] for v in pod.get("volumes", [])]
            self.assertEqual(mounted, claimed, name)
            self.assertEqual(bool(mounted), name in ("files", "topics"), name)
            if kinds[-1] == "StatefulSet":
                self.assertEqual(parts[-1]["spec"]["serviceName"], parts[0]["metadata"]["name"])
                labels = parts[-1]["spec"]["template"]["metadata"]["labels"]
                self.assertEqual(parts[-1]["spec"]["selector"]["matchLabels"], labels)
                self.assertEqual(parts[0]["spec"]["selector"], labels)

    def test_a_unit_with_a_dashboard_can_be_asked(self):
        def lines(name, *options):
            self.gressc(name + ".gress", "--systemd", *options)
            unit = next(f for f in os.listdir(self.path("package")) if f.endswith(".service"))
            made = self.read("package", unit).splitlines()
            os.remove(self.path("package", unit))
            return made

        port, alone = "Environment=GRESS_ADMIN=127.0.0.1:9464", "PrivateNetwork=yes"
        files = lines("files", "-p", "output=a")
        self.assertEqual((port in files, "# " + port in files, alone in files), (False, True, True))
        files = lines("files", "-p", "output=a", "--grafana")
        self.assertEqual((port in files, alone in files), (True, False))
        for said in "IPAddressDeny=any", "IPAddressAllow=localhost", "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6":
            self.assertIn(said, files)
        # One of topics speaks to servers anyway.
        topics = lines("topics", "--grafana")
        self.assertEqual((port in topics, "IPAddressDeny=any" in topics), (True, False))
        self.assertIn("# " + port, lines("topics"))
        self.write("own.gress", self.read("files.gress").replace("least", "admin"))
        self.assertNotIn("GRESS_ADMIN=127", "\n".join(lines("own", "-p", "output=a")))

    @tool("systemd-analyze")
    def test_systemd_takes_the_unit(self):
        for name, options in CASES.items():
            if name == "input":
                continue
            self.gressc(name + ".gress", "--systemd", "--grafana", "-o", name, *options)
            unit = next(f for f in os.listdir(self.path(name)) if f.endswith(".service"))
            root = self.path(name, "root")
            os.makedirs(os.path.join(root, "usr/local/bin"))
            os.makedirs(os.path.join(root, "etc/systemd/system"))
            for other in ["sysinit", "basic", "shutdown", "multi-user", "network-online"]:
                with open(os.path.join(root, "etc/systemd/system", other + ".target"), "w") as file:
                    file.write("[Unit]\nDefaultDependencies=no\n")
            shutil.copy("/bin/true", os.path.join(root, "usr/local/bin", unit.removesuffix(".service")))
            shutil.copy(self.path(name, unit), os.path.join(root, "etc/systemd/system"))
            ran = subprocess.run(["systemd-analyze", "verify", f"--root={root}", unit], capture_output=True, text=True)
            self.assertEqual((ran.returncode, ran.stderr), (0, ""))
            # The same file with a mistake is refused: the check can fail.
            with open(os.path.join(root, "etc/systemd/system", unit), "a") as file:
                file.write("[Service]\nRestart=sometimes\n")
            ran = subprocess.run(["systemd-analyze", "verify", f"--root={root}", unit], capture_output=True, text=True)
            self.assertIn("restart specifier", ran.stderr)


if __name__ == "__main__":
    unittest.main()
