"""gressc package: the texts that it writes, and images that are unpacked, built and run.
GRESSC names the compiler; GRESS_BLESS=1 writes the texts in `golden` anew. What needs root, buildah, systemd-analyze or
PyYAML says so and is left out without it."""
import difflib
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
import unittest

try:
    import yaml
except ImportError:
    yaml = None

GRESSC = os.path.abspath(os.environ.get("GRESSC", "build/bin/gressc"))
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
CASES = {"files": ["-p", "output=big.jsonl"], "topics": [], "named": [], "login": ["-p", "topic=lines"], "input": []}
HEADER = """#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
struct Row { std::int64_t n; };
class Made {
 public:
  struct Options { std::string brokers; std::int64_t until; };
  explicit Made(const Options&) {}
  std::optional<std::size_t> read(std::span<Row>) { return std::nullopt; }
  std::int64_t position() const { return 0; }
  void seek(std::int64_t) {}
};
"""
ALWAYS = {"ld-linux-x86-64.so.2", "libc.so.6", "libgcc_s.so.1", "libm.so.6", "libstdc++.so.6"}
needs_root = unittest.skipUnless(os.geteuid() == 0, "chroot needs root")
needs_yaml = unittest.skipUnless(yaml, "PyYAML is not installed")


def tool(name):
    return unittest.skipUnless(shutil.which(name), f"{name} is not installed")


def systemd_escaped(value):
    return "".join("\\" + c if c in '"\\' else f"\\x{ord(c):02x}" if ord(c) < 32 or ord(c) == 127 else c for c in value)


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="gress-package-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        for name in CASES:
            shutil.copy(os.path.join(HERE, "cases", name + ".gress"), self.folder)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def read(self, *names):
        with open(self.path(*names)) as file:
            return file.read()

    def write(self, name, text):
        with open(self.path(name), "w") as file:
            file.write(text)

    def gressc(self, *args, code=0):
        ran = subprocess.run([GRESSC, "package", *args], capture_output=True, text=True, cwd=self.folder, timeout=600)
        self.assertEqual(ran.returncode, code, f"{args}\n{ran.stdout}\n{ran.stderr}")
        return ran


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


class Images(Case):
    def image(self, name, *options):
        """The unpacked image, its configuration, and the size of the archive in MB."""
        self.gressc(name + ".gress", "--oci", *options)
        archive = next(f for f in os.listdir(self.path("package")) if f.endswith(".oci.tar"))
        root, blobs = self.path("image"), {}
        os.makedirs(root)
        with tarfile.open(self.path("package", archive)) as tar:
            for member in tar:
                if member.isfile():
                    blobs[member.name] = tar.extractfile(member).read()
        blob = lambda described: blobs["blobs/" + described["digest"].replace(":", "/")]
        for path, content in blobs.items():
            if path.startswith("blobs/sha256/"):
                self.assertEqual(hashlib.sha256(content).hexdigest(), os.path.basename(path))
        self.assertEqual(json.loads(blobs["oci-layout"]), {"imageLayoutVersion": "1.0.0"})
        top = json.loads(blobs["index.json"])["manifests"][0]
        self.assertEqual(len(blob(top)), top["size"])
        manifest = json.loads(blob(top))
        config = json.loads(blob(manifest["config"]))
        self.assertEqual(config["rootfs"]["diff_ids"], [layer["digest"] for layer in manifest["layers"]])
        for layer in manifest["layers"]:
            self.assertEqual(layer["size"], len(blob(layer)))
            with tarfile.open(fileobj=io.BytesIO(blob(layer))) as tar:
                self.assertEqual({(m.mtime, m.uname) for m in tar}, {(0, "")})
                tar.extractall(root, numeric_owner=True)
        return root, config, os.path.getsize(self.path("package", archive)) / 1e6

    def objects(self, root):
        return set(os.listdir(os.path.join(root, "lib"))) | set(os.listdir(os.path.join(root, "lib64")))

    def enter(self, root, config, *args, **more):
        """Runs the image as its configuration says, with nothing of this machine but /data."""
        user = int(config["config"]["User"].split(":")[0])
        self.assertNotEqual(user, 0)

        def inside():
            os.chroot(root)
            os.chdir(config["config"]["WorkingDir"])
            os.setgroups([])
            os.setgid(user)
            os.setuid(user)

        env = dict(v.split("=", 1) for v in config["config"]["Env"])
        ran = subprocess.run([*config["config"]["Entrypoint"], *args], env=env, preexec_fn=inside, capture_output=True,
                             text=True, **more)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        return ran.stdout

    @needs_root
    def test_files(self):
        root, config, size = self.image("files")
        self.assertLessEqual(size, 12)
        self.assertEqual(self.objects(root), ALWAYS | {"libz.so.1", "libzstd.so.1"})
        self.assertEqual(sorted(os.listdir(root)), ["bin", "data", "lib", "lib64"])
        with open(os.path.join(root, "data/rides.csv"), "w") as file:
            file.write("ended,area,fare\n2026-01-31T12:00:00Z,north,25\n2026-01-31T12:01:00Z,south,15\n")
        self.enter(root, config, "--param", "output=big.jsonl", "--quiet")
        with open(os.path.join(root, "data/big.jsonl")) as file:
            self.assertEqual([json.loads(line)["area"] for line in file], ["north"])

    @needs_root
    def test_standard_input_and_zones(self):
        root, config, _ = self.image("input")
        out = self.enter(root, config, "--quiet", input='{"at":"2026-01-31T23:30:00Z","text":"a"}\n')
        self.assertEqual(json.loads(out), {"day": 1, "text": "a"})
        self.assertTrue(os.path.exists(os.path.join(root, "usr/share/zoneinfo/Europe/Berlin")))

    @needs_root
    def test_topics_and_checkpoints(self):
        root, config, size = self.image("topics")
        self.assertLessEqual(size, 40)
        self.assertLessEqual(ALWAYS | {"librdkafka.so.1", "librocksdb.so.7.8", "libssl.so.3"}, self.objects(root))
        self.assertEqual(config["config"]["Entrypoint"], ["/bin/Totals", "--checkpoint-dir", "/data/checkpoints"])
        about = json.loads(self.enter(root, config, "--version", "--json"))
        self.assertEqual((about["program"], about["cpu"]), ("Totals", "baseline"))

    @needs_root
    def test_certificates(self):
        root, config, _ = self.image("login")
        self.assertNotIn("librocksdb.so.7.8", self.objects(root))
        path = dict(v.split("=", 1) for v in config["config"]["Env"])["SSL_CERT_FILE"]
        self.assertGreater(os.path.getsize(root + path), 1000)

    def test_the_same_bytes_twice(self):
        self.gressc("files.gress", "--oci", "-o", "a")
        self.gressc("files.gress", "--oci", "-o", "b")
        with open(self.path("a/big_rides.oci.tar"), "rb") as a, open(self.path("b/big_rides.oci.tar"), "rb") as b:
            self.assertEqual(a.read(), b.read())

    def test_a_root_folder_must_be_empty(self):
        self.write("x", "")
        self.assertIn("is not empty", self.gressc("files.gress", "--root", ".", code=73).stderr)

    def buildah(self, *args, **more):
        store = ["buildah", "--storage-driver", "vfs", "--root", self.path("store"), "--runroot", self.path("run")]
        ran = subprocess.run([*store, *args], capture_output=True, text=True, cwd=self.folder, **more)
        self.assertEqual(ran.returncode, 0, f"{args}\n{ran.stdout}\n{ran.stderr}")
        return ran.stdout.strip()

    def built(self, context, dockerfile="package/Dockerfile"):
        """What buildah makes of a Dockerfile: the image unpacked, its configuration, the container that holds it."""
        # An image with gressc in it: links into /usr of this machine, which is mounted while building.
        prefix = self.path("base/opt/gress")
        build = os.path.dirname(os.path.dirname(GRESSC))
        subprocess.run(["cmake", "--install", build, "--prefix", prefix], check=True, capture_output=True)
        for folder in ["usr", "tmp", "proc", "etc"]:
            os.makedirs(self.path("base", folder))
        for link in ["bin", "lib", "lib64"]:
            os.symlink("usr/" + link, self.path("base", link))
        self.write("base/Dockerfile", "FROM scratch\nCOPY . /\nENV PATH=/opt/gress/bin:/usr/bin:/bin GRESS_CACHE=/tmp/cache\n")
        self.buildah("build", "--isolation", "chroot", "-t", "gress:here", self.path("base"))
        self.buildah("build", "--isolation", "chroot", "-v", "/usr:/usr:ro", "--build-arg", "GRESS=localhost/gress:here", "-f", dockerfile,
                     "-t", "localhost/made", context)
        container = self.buildah("from", "localhost/made")
        return self.buildah("mount", container), json.loads(self.buildah("inspect", "--type", "image", "localhost/made"))["OCIv1"], container

    @needs_root
    @tool("buildah")
    def test_buildah_builds_the_dockerfile_and_reads_the_archive(self):
        self.gressc("files.gress", "--oci", "--docker")
        loaded = self.buildah("from", "oci-archive:" + self.path("package/big_rides.oci.tar"))
        self.assertIn("big_rides (gress", self.buildah("run", "--isolation", "chroot", loaded, "/bin/big_rides", "--version"))
        root, config, container = self.built(".")
        self.assertEqual(self.objects(root), ALWAYS | {"libz.so.1", "libzstd.so.1"})
        with open(os.path.join(root, "data/rides.csv"), "w") as file:
            file.write("ended,area,fare\n2026-01-31T12:00:00Z,north,25\n")
        self.enter(root, config, "--param", "output=big.jsonl", "--quiet")
        with open(os.path.join(root, "data/big.jsonl")) as file:
            self.assertEqual(json.load(file)["fare"], 25)
        self.buildah("umount", container)

    @needs_root
    @tool("buildah")
    @tool("g++")
    def test_buildah_builds_the_dockerfile_with_the_programs_own_cpp(self):
        os.makedirs(self.path("work/the team/lib"))
        self.write("work/the team/lib/scaled.hpp", '#pragma once\nextern "C" long scaled(long x);\nextern "C" long less(long x);\nextern "C" long named(long x);\n')
        self.write("work/own.hpp", "#pragma once\n#include <lib/scaled.hpp>\n#include <zlib.h>\n"
                   "inline long cost(long x) { return named(scaled(less(x))) + (long)(crc32(0, nullptr, 0)) + sizeof(NAME); }\n")
        for name, text in ("scaled", "return x * 100;"), ("less", "return x - 1;"), ("named", "return x + 1;"):
            self.write(f"{name}.cpp", f'extern "C" long {name}(long x) {{ {text} }}\n')
        make = lambda *args: subprocess.run(args, cwd=self.folder, check=True)
        make("g++", "-shared", "-fPIC", "scaled.cpp", "-o", "work/the team/libscaled.so")
        make("g++", "-shared", "-fPIC", "-Wl,-soname,libnamed.so", "named.cpp", "-o", "work/the team/libnamed.so")
        make("g++", "-c", "-fPIC", "less.cpp", "-o", "less.o")
        make("ar", "rc", "work/the team/libless.a", "less.o")
        self.write("work/own.gress", 'use "own.hpp" { fn cost }\ntype Row { n: i64 }\nsource rows: Row from stdin { format: json }\n'
                   "stream out = rows |> select { cost: cost(n) }\nsink out to stdout { format: json }\n")
        own = ["-I", "work/the team", "-D", 'NAME="a $b \'c\'"', "-l", "work/the team/libscaled.so", "-l", "work/the team/libnamed.so", "-l", "work/the team/libless.a", "-l", "z"]
        self.gressc("work/own.gress", "--docker", *own)
        root, config, container = self.built("work")
        self.assertIn("libnamed.so", self.objects(root))
        self.assertTrue(os.path.exists(os.path.join(root, "program/the team/libscaled.so")))  # it has no SONAME
        self.assertEqual(json.loads(self.enter(root, config, "--quiet", input='{"n":3}\n')), {"cost": 210})
        self.buildah("umount", container)


class Binaries(Case):
    """What executables are linked to, and how."""
    FILES = {"libz.so.1", "libzstd.so.1"}
    EXAMPLES = {"examples/flights/flights_daily": FILES, "examples/flights/hot_states": FILES, "examples/cmake/fares": FILES, "examples/embedded/fares": FILES,
                "examples/fraud/fraud": FILES, "examples/surge/surge": FILES, "examples/sessions/sessions": FILES,
                "examples/sensors/sensors": FILES, "examples/logs/logs": FILES | {"libre2.so.9"},
                "examples/meters/billing": {"libz.so.1", "librocksdb.so.7.8"},  # with checkpoints
                "tests/package/cases/files": FILES, "tests/package/cases/input": FILES,  # it may be compressed
                "tests/package/cases/named": {"librdkafka.so.1"},
                "tests/package/cases/topics": {"librdkafka.so.1", "librocksdb.so.7.8", "libz.so.1"}}

    def built(self, path, *options):
        out = self.path(os.path.basename(path))
        subprocess.run([GRESSC, "build", os.path.join(ROOT, path + ".gress"), "-o", out, "--cpu", "baseline", *options], check=True)
        return out

    def test_every_example_is_listed(self):
        found = {os.path.relpath(os.path.join(at, f), ROOT)[:-6] for at, _, files in os.walk(os.path.join(ROOT, "examples"))
                 for f in files if f.endswith(".gress")}
        self.assertLessEqual(found, set(self.EXAMPLES))

    @tool("readelf")
    def test_what_is_not_used_is_not_linked(self):
        for path, own in self.EXAMPLES.items():
            text = subprocess.run(["readelf", "-dW", self.built(path)], check=True, capture_output=True, text=True).stdout
            needed = set(re.findall(r"\(NEEDED\).*\[(.*)\]", text))
            self.assertEqual(needed - ALWAYS, own, path)
            self.assertIn("libc.so.6", needed)
            self.assertNotRegex(text, "RPATH|RUNPATH")

    def test_a_stateless_one_is_less_than_a_megabyte(self):
        self.assertLess(os.path.getsize(self.built("tests/package/cases/input")), 1_000_000)

    @tool("readelf")
    def test_a_static_one_needs_nothing(self):
        program = self.built("tests/package/cases/files", "--static")
        text = subprocess.run(["readelf", "-ldW", program], check=True, capture_output=True, text=True).stdout
        self.assertNotIn("NEEDED", text)
        self.assertNotIn("INTERP", text)
        ran = subprocess.run([program, "--version", "--json"], check=True, capture_output=True, text=True, env={})
        about = json.loads(ran.stdout)
        self.assertEqual(about["libraries"], [])
        self.assertEqual(set(about["versions"]), {"zlib", "zstd"})
        self.write("rides.csv", "ended,area,fare\n2026-01-01T00:00:00Z,a,60.5\n")
        subprocess.run([program, "-q", "--param", "output=big.jsonl"], check=True, cwd=self.folder, env={})
        self.assertEqual(self.read("big.jsonl"), '{"ended":"2026-01-01T00:00:00Z","area":"a","fare":60.5}\n')
        for path, said in ("tests/package/cases/topics", "speaks to a server"), ("examples/meters/billing", "kept by RocksDB"):
            refused = subprocess.run([GRESSC, "build", os.path.join(ROOT, path + ".gress"), "-o", self.path("no"), "--static"], capture_output=True, text=True)
            self.assertEqual(refused.returncode, 65, path)
            self.assertIn(said, refused.stderr)

    @tool("readelf")
    def test_they_are_hardened(self):
        for options in [], ["--cxx", "g++"], ["--debug"]:
            text = subprocess.run(["readelf", "-hldW", "--dyn-syms", self.built("tests/package/cases/files", *options)], check=True,
                                  capture_output=True, text=True).stdout
            for wanted in [r"Type: +DYN", "GNU_RELRO", r"FLAGS.*BIND_NOW", r"GNU_STACK.* RW ", "__stack_chk_fail"]:
                self.assertTrue(re.search(wanted, text), f"{options}: {wanted}")
            self.assertFalse(re.search(r"LOAD.* RWE ", text), options)

    def test_they_tell_what_they_were_made_of(self):
        about = lambda out: json.loads(subprocess.check_output([out, "--version", "--json"], text=True))
        first = about(self.built("tests/package/cases/files"))
        self.assertRegex(first["compiler"], r"^(clang|g\+\+) \d+")
        self.assertRegex(about(self.built("tests/package/cases/files", "--cxx", "g++"))["compiler"], r"^g\+\+ \d+")
        for library in ["libc.so", "libz.so.1.", "libstdc++.so.6."]:
            self.assertTrue(any(name.startswith(library) for name in first["libraries"]), first["libraries"])
        self.assertEqual(set(first["versions"]), {"zlib", "zstd"}, "only what is linked")
        topics = about(self.built("tests/package/cases/topics"))["versions"]
        self.assertLessEqual({"librdkafka", "openssl", "rocksdb", "zlib"}, set(topics))
        for library, version in topics.items():
            self.assertRegex(version, r"^\d+\.\d+\.\d+", library)
        # A remark is another source and the same plan; another filter is another plan.
        with open(os.path.join(HERE, "cases/files.gress")) as file:
            program = file.read()
        self.write("remark.gress", "// a remark\n" + program)
        self.write("more.gress", program.replace("fare > least", "fare >= least"))
        remark, more = (about(self.built(self.path(name))) for name in ("remark", "more"))
        self.assertRegex(first["plan_hash"], "^[0-9a-f]{16}$")
        self.assertEqual(first["plan_hash"], remark["plan_hash"])
        self.assertNotEqual(first["source_hash"], remark["source_hash"])
        self.assertNotEqual(first["plan_hash"], more["plan_hash"])


if __name__ == "__main__":
    unittest.main()
