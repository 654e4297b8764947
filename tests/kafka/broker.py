"""A real Apache Kafka broker (KRaft, one node) for tests, on free loopback ports.

    broker = Broker()            # started, ready; Broker(sasl=True, tls=True) has listeners for these
    broker.kill(); broker.start()    # a crash, and the same broker on the same ports again
    broker.stop()

Needs Java 17 and Maven; the jars come from Maven Central once and are kept in ~/.cache/gress-kafka (XDG_CACHE_HOME), with a
formatted log folder and a class archive, which make a broker ready in under a second. `why_not()` says what lacks."""
import fcntl
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time

VERSION = os.environ.get("GRESS_KAFKA_VERSION", "4.1.1")
CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "gress-kafka", VERSION)
JARS, ARCHIVE, FORMATTED = (os.path.join(CACHE, name) for name in ("jars", "kafka.jsa", "formatted"))
JVM = ["-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
LOG = ["-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info"]
CLUSTER = "Z3Jlc3MtdGVzdHMtY2x1c3Q"
POM = f"""<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>gress.tests</groupId><artifactId>broker</artifactId><version>1</version><packaging>pom</packaging><dependencies>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>{VERSION}</version></dependency>
<dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
</dependencies></project>"""


def java(*args):
    return ["java", "-cp", os.path.join(JARS, "*"), *JVM, *LOG, *args]


def why_not():
    """What lacks for a broker; empty: one can be started."""
    if shutil.which("java") is None:
        return "there is no `java` (Debian: default-jre-headless)"
    if os.path.exists(os.path.join(JARS, ".complete")):
        return ""
    return "" if shutil.which("mvn") else "there is no `mvn` to fetch the broker with (Debian: maven)"


def free_port():
    """Below those that outgoing connections take."""
    for _ in range(200):
        port = random.randrange(20000, 32000)
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
                return port
            except OSError:
                pass
    raise RuntimeError("no free port below 32000")


def properties(data, ports, extra):
    return "\n".join([
        "process.roles=broker,controller", "node.id=1", f"controller.quorum.voters=1@127.0.0.1:{ports['CONTROLLER']}",
        "listeners=" + ",".join(f"{n}://127.0.0.1:{p}" for n, p in ports.items()),
        "controller.listener.names=CONTROLLER", "inter.broker.listener.name=PLAIN",
        "listener.security.protocol.map=PLAIN:PLAINTEXT,CONTROLLER:PLAINTEXT,TLS:SSL,LOGIN:SASL_PLAINTEXT",
        f"log.dirs={data}", "offsets.topic.replication.factor=1", "offsets.topic.num.partitions=1",
        "transaction.state.log.replication.factor=1", "transaction.state.log.min.isr=1",
        "transaction.state.log.num.partitions=1",
        "group.initial.rebalance.delay.ms=0", "auto.create.topics.enable=false", "log.cleaner.enable=false",
        "log.retention.ms=-1",
        "num.network.threads=2", "num.io.threads=2", "controller.quorum.append.linger.ms=0",
        "broker.session.timeout.ms=2000", "broker.heartbeat.interval.ms=400",
        "transaction.abort.timed.out.transaction.cleanup.interval.ms=500",
        f"log.message.timestamp.after.max.ms={2**63 - 1}", *extra]) + "\n"


def run_once(what, command, log):
    ended = subprocess.run(command, stdout=log, stderr=subprocess.STDOUT)
    if ended.returncode != 0:
        log.seek(0)
        raise RuntimeError(f"{what} failed:\n{log.read().decode(errors='replace')[-3000:]}")


def fill_cache():
    """Jars, formatted log folder and class archive, each made whole and then moved into its place, by one process."""
    os.makedirs(CACHE, exist_ok=True)
    with open(os.path.join(CACHE, ".lock"), "w") as lock, tempfile.TemporaryDirectory(dir=CACHE) as work, \
            open(os.path.join(work, "log"), "w+b") as log:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(os.path.join(JARS, ".complete")):
            with open(os.path.join(work, "pom.xml"), "w") as pom:
                pom.write(POM)
            run_once("fetching the broker", ["mvn", "-B", "-q", "-f", pom.name, "dependency:copy-dependencies",
                                             "-DincludeScope=runtime", f"-DoutputDirectory={work}/jars"], log)
            shutil.rmtree(JARS, ignore_errors=True)
            os.rename(os.path.join(work, "jars"), JARS)
            open(os.path.join(JARS, ".complete"), "w").close()
        config = os.path.join(work, "server.properties")
        ports = {"PLAIN": free_port(), "CONTROLLER": free_port()}
        with open(config, "w") as file:
            file.write(properties(os.path.join(work, "data"), ports, []))
        if not os.path.exists(os.path.join(FORMATTED, "meta.properties")):
            run_once("formatting the log folder", java("kafka.tools.StorageTool", "format", "-t", CLUSTER, "-c", config), log)
            shutil.copytree(os.path.join(work, "data"), FORMATTED, dirs_exist_ok=True)
        if not os.path.exists(ARCHIVE):  # written at the clean end of a run
            shutil.copytree(FORMATTED, os.path.join(work, "data"), dirs_exist_ok=True)
            made = os.path.join(work, "kafka.jsa")
            with open(os.path.join(work, "run"), "w+b") as said:
                process = subprocess.Popen(java(f"-XX:ArchiveClassesAtExit={made}", "kafka.Kafka", config), stdout=said, stderr=said)
                wait_ready(process, said.name, 60)
                process.terminate()
                process.wait(60)
            if os.path.exists(made):
                os.rename(made, ARCHIVE)


def wait_ready(process, log, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with open(log, "rb") as file:
            said = file.read()
        if b"Kafka Server started" in said:  # after the listener answers
            return
        if process.poll() is not None:
            break
        time.sleep(0.02)
    raise RuntimeError(f"the broker did not start:\n{said.decode(errors='replace')[-3000:]}")


class Broker:
    def __init__(self, tls=False, login=False, extra=()):
        if not (os.path.exists(ARCHIVE) and os.path.exists(FORMATTED)):
            fill_cache()
        self.folder = tempfile.mkdtemp(prefix="gress-kafka-")
        self.log = os.path.join(self.folder, "log")
        self.process = None
        shutil.copytree(FORMATTED, os.path.join(self.folder, "data"))
        names = ["PLAIN", "CONTROLLER"] + ["TLS"] * tls + ["LOGIN"] * login
        extra = list(extra)
        if tls:
            extra += self.certificates()
        if login:
            extra += ["sasl.enabled.mechanisms=PLAIN",
                      'listener.name.login.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule '
                      'required user_ann="secret of ann";']
        for tries in range(5):
            self.ports = {name: free_port() for name in names}
            with open(os.path.join(self.folder, "server.properties"), "w") as file:
                file.write(properties(os.path.join(self.folder, "data"), self.ports, extra))
            try:
                self.start()
                return
            except RuntimeError as error:
                if tries == 4 or "BindException" not in str(error):
                    raise

    def certificates(self):
        """An authority of the test's own and a certificate for 127.0.0.1, as PEM."""
        def openssl(*args):
            subprocess.run(["openssl", *args], cwd=self.folder, check=True, capture_output=True)
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=authority of a test",
                "-keyout", "ca.key", "-out", "ca.pem")
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1", "-keyout", "broker.key", "-out", "broker.csr")
        with open(os.path.join(self.folder, "names"), "w") as file:
            file.write("subjectAltName=IP:127.0.0.1")
        openssl("x509", "-req", "-in", "broker.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
                "-extfile", "names", "-out", "broker.pem")
        with open(os.path.join(self.folder, "store.pem"), "w") as store:
            for name in ("broker.key", "broker.pem"):
                with open(os.path.join(self.folder, name)) as file:
                    store.write(file.read())
        self.ca = os.path.join(self.folder, "ca.pem")
        return ["ssl.keystore.type=PEM", f"ssl.keystore.location={self.folder}/store.pem"]

    @property
    def address(self):
        return f"127.0.0.1:{self.ports['PLAIN']}"

    def listener(self, name):
        return f"127.0.0.1:{self.ports[name]}"

    def start(self):
        archive = [f"-XX:SharedArchiveFile={ARCHIVE}"] if os.path.exists(ARCHIVE) else []
        with open(self.log, "wb") as said:
            self.process = subprocess.Popen(java(*archive, "kafka.Kafka", os.path.join(self.folder, "server.properties")), stdout=said,
                                            stderr=said, stdin=subprocess.DEVNULL, start_new_session=True)
        wait_ready(self.process, self.log, 60)

    def kill(self):
        """As a crash does it."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def fall_silent(self):
        """Returns when all of its threads stand still: none answers any more."""
        self.process.send_signal(signal.SIGSTOP)
        tasks = f"/proc/{self.process.pid}/task"
        def state(task):
            try:
                with open(f"{tasks}/{task}/stat") as file:
                    return file.read().rpartition(")")[2].split()[0]
            except FileNotFoundError:
                return "T"
        while any(state(task) != "T" for task in os.listdir(tasks)):
            time.sleep(0.01)

    def speak_again(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
