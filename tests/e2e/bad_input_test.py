"""What programs do with input, output and parameters that are not as they should be. GRESSC names the compiler."""
import gzip
import json
import os
import shutil
import signal
import subprocess
import tempfile
import unittest

from program import GRESSC


PROGRAM = """\
pipeline bad_input
type Row {{ id: i64, name: string, note: string? }}
param input: string = "in.{ending}"
param output: string = "out.{ending}"
param least: i64 = 0
param ratio: f64 = 0.5
param wait: duration = 5s
source rows: Row from file {{ path: input, format: {format} }}
stream some = rows |> filter id >= least |> select {{ id, name }}
sink some to file {{ path: output, format: {format} }}
"""
ROUTED = """\
pipeline routed
type Row { id: i64, name: string }
param input: string = "in.jsonl"
source rows: Row from file { path: input, format: json, invalid: bad }
sink rows to file { path: "out.jsonl", format: json }
sink bad to file { path: "bad.jsonl", format: json }
"""
PIPE = """\
pipeline piped
type Row { id: i64, name: string }
param echo_name: string = ""
source rows: Row from stdin { format: json }
stream named = rows |> select { id, name: if echo_name == "" then name else echo_name }
sink named to stdout { format: json }
"""
CSV_LINE = "id,name,note\n1,a,\n"
JSON_LINE = '{"id":1,"name":"a"}\n'


class Programs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.programs = tempfile.mkdtemp(prefix="gress-e2e-")
        sources = {"json": PROGRAM.format(format="json", ending="jsonl"), "csv": PROGRAM.format(format="csv", ending="csv"),
                   "routed": ROUTED, "pipe": PIPE}
        for name, text in sources.items():
            path = os.path.join(cls.programs, name)
            with open(path + ".gress", "w") as file:
                file.write(text)
            built = subprocess.run([GRESSC, "build", path + ".gress", "-o", path], capture_output=True, text=True)
            assert built.returncode == 0, built.stderr

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.programs, ignore_errors=True)

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="gress-e2e-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def write(self, name, data):
        with open(os.path.join(self.folder, name), "wb") as file:
            file.write(data if isinstance(data, bytes) else data.encode())

    def read(self, name):
        with open(os.path.join(self.folder, name), "rb") as file:
            return file.read().decode()

    def run_program(self, name, *args, code=0, says=(), stdin=b"", env=None):
        ran = subprocess.run([os.path.join(self.programs, name), *args], cwd=self.folder, input=stdin, capture_output=True,
                             timeout=120, env={**os.environ, **(env or {})})
        said = ran.stderr.decode("utf-8", "replace")
        self.assertEqual(ran.returncode, code, said)
        for part in says:
            self.assertIn(part, said)
        return ran.stdout.decode("utf-8", "replace")


class Files(Programs):
    def test_missing_file(self):
        self.run_program("json", code=66, says=["error: ", "in.jsonl", "No such file"])

    def test_glob_without_match(self):
        self.run_program("json", "--param", "input=none-*.jsonl", code=66, says=["none-*.jsonl"])

    def test_folder(self):
        os.mkdir(os.path.join(self.folder, "in.jsonl"))
        self.run_program("json", code=66, says=["in.jsonl"])

    @unittest.skipIf(os.geteuid() == 0, "root may read everything")
    def test_unreadable_file(self):
        self.write("in.jsonl", JSON_LINE)
        os.chmod(os.path.join(self.folder, "in.jsonl"), 0)
        self.run_program("json", code=66, says=["in.jsonl", "ermission"])

    def test_unwritable_output(self):
        self.write("in.jsonl", JSON_LINE)
        self.run_program("json", "--param", "output=no/such/folder/out.jsonl", code=73, says=["no/such/folder/out.jsonl"])

    def test_full_device(self):
        self.write("in.jsonl", JSON_LINE * 100_000)
        self.run_program("json", "--param", "output=/dev/full", code=74, says=["/dev/full", "No space left"])

    def test_truncated_gzip(self):
        whole = gzip.compress("".join(f'{{"id":{i},"name":"n{i * 7919 % 1000}"}}\n' for i in range(20_000)).encode())
        self.write("in.jsonl.gz", whole[: len(whole) // 2])
        self.run_program("json", "--param", "input=in.jsonl.gz", code=65, says=["in.jsonl.gz"])

    def test_not_gzip(self):
        for ending in ("gz", "zst"):
            self.write("in.jsonl." + ending, "plain text, not compressed\n")
            self.run_program("json", "--param", "input=in.jsonl." + ending, code=65, says=["in.jsonl." + ending])

    def test_all_members_of_a_gzip(self):
        self.write("in.jsonl.gz", b"".join(gzip.compress(JSON_LINE.encode()) for _ in range(3)))
        self.run_program("json", "--param", "input=in.jsonl.gz")
        self.assertEqual(self.read("out.jsonl"), JSON_LINE * 3)

    def test_empty_compressed(self):
        self.write("in.jsonl.gz", gzip.compress(b""))
        self.run_program("json", "--param", "input=in.jsonl.gz")
        self.assertEqual(self.read("out.jsonl"), "")

    def test_compressed_output(self):
        self.write("in.jsonl", JSON_LINE * 1000)
        for ending in ("gz", "zst"):
            self.run_program("json", "--param", "output=out.jsonl." + ending)
            tool = {"gz": "gzip", "zst": "zstd"}[ending]
            text = subprocess.run([tool, "-dc", "out.jsonl." + ending], cwd=self.folder, capture_output=True, check=True).stdout
            self.assertEqual(text.decode(), JSON_LINE * 1000)

    def test_output_is_replaced_and_exists_when_empty(self):
        self.write("in.csv", "id,name,note\n")
        self.write("out.csv", "old\n" * 10)
        self.run_program("csv")
        self.assertEqual(self.read("out.csv"), "id,name\n")
        self.write("in.jsonl", "")
        self.write("out.jsonl", "old\n" * 10)
        self.run_program("json")
        self.assertEqual(self.read("out.jsonl"), "")


class Csv(Programs):
    def rows(self, data, want, **more):
        self.write("in.csv", data)
        self.run_program("csv", **more)
        self.assertEqual(self.read("out.csv"), "id,name\n" + want)

    def test_empty_file(self):
        self.rows("", "")

    def test_missing_column(self):
        self.write("in.csv", "id,title\n1,a\n")
        self.run_program("csv", code=65, says=["in.csv", "name"])

    def test_unread_column_may_lack(self):
        self.rows("name,id\na,1\n", "1,a\n")

    def test_header_without_line_end(self):
        self.rows("id,name", "")

    def test_last_line_without_newline(self):
        self.rows("id,name\n1,a\n2,b", "1,a\n2,b\n")

    def test_crlf(self):
        self.rows("id,name\r\n1,a\r\n\r\n2,b\r\n", "1,a\n2,b\n")

    def test_byte_order_mark(self):
        self.rows("\ufeffid,name\n1,a\n", "1,a\n")
        self.rows('\ufeff"id",name\n1,a\n', "1,a\n")

    def test_wrong_number_of_fields(self):
        for line in ("1", "1,a,b,c"):
            self.write("in.csv", "id,name,note\n" + line + "\n")
            self.run_program("csv", code=65, says=["in.csv", "offset 13"])

    def test_quote_that_never_ends(self):
        self.write("in.csv", 'id,name\n1,"a\n2,b\n')
        self.run_program("csv", code=65, says=["in.csv", "offset 8", "the quote that opens field 2 is not closed"])

    def test_lines_that_end_in_carriage_returns(self):
        self.write("in.csv", "id,name\r1,a\r2,b\r")
        self.run_program("csv", code=65, says=["in.csv", "carriage return (CR)", "LF or CRLF"])

    def test_invalid_utf8(self):
        self.write("in.csv", b"id,name\n1,\xff\n")
        self.run_program("csv", code=65, says=["UTF-8", "offset 8"])

    def test_nul(self):
        self.write("in.csv", "id,name\n1,a\0b\n")
        self.run_program("csv", code=65, says=["NUL", "offset 8"])

    def test_number(self):
        for word in ("", " 1", "1.0", "1e3", "0x1", "9223372036854775808", "+", "-", "one"):
            self.write("in.csv", f"id,name\n{word},a\n")
            self.run_program("csv", code=65, says=["id"])


class Json(Programs):
    def test_empty_and_blank(self):
        for data in ("", "\n", "\r\n\n  \n"):
            self.write("in.jsonl", data)
            self.run_program("json")
            self.assertEqual(self.read("out.jsonl"), "")

    def test_crlf_and_no_last_newline(self):
        self.write("in.jsonl", JSON_LINE.strip() + "\r\n" + JSON_LINE.strip())
        self.run_program("json")
        self.assertEqual(self.read("out.jsonl"), JSON_LINE * 2)

    def test_byte_order_mark(self):
        self.write("in.jsonl", "\ufeff" + JSON_LINE)
        ran = subprocess.run([os.path.join(self.programs, "json")], cwd=self.folder, capture_output=True)
        self.assertIn(ran.returncode, (0, 65))

    def test_invalid_records(self):
        bad = [b"{", b"[]", b"null", b'"x"', b'{"id":1}', b'{"id":"1","name":"a"}', b'{"id":1.0,"name":"a"}', b'{"id":1e2,"name":"a"}',
               b'{"id":1,"name":null}', b'{"id":1,"name":"a"} x', b'{"id":1,"name":"a"}{"id":1,"name":"a"}', b'{"id":01,"name":"a"}',
               b'{"id":1,"name":"\\x"}', b'{"id":1,"name":"\\ud800"}', b'{"id":1,"name":"\xff"}', b'{"id":1,"name":"\xed\xa0\x80"}',
               b'{"id":1,"name":"a\tb"}', b'{"id":9223372036854775808,"name":"a"}', b'{"id":1,"name":"a",}', b'{id:1,"name":"a"}', b"\0",
               b'{"id":1,"name":"a"', b"{'id':1,'name':'a'}", b'{"id":-,"name":"a"}', b'{"id":1,"name":["a"]}', b'{"id":true,"name":"a"}']
        self.write("in.jsonl", b"\n".join(bad) + b"\n" + JSON_LINE.encode())
        self.run_program("routed")
        self.assertEqual(self.read("out.jsonl"), JSON_LINE)
        self.assertEqual(self.read("bad.jsonl").count("\n"), len(bad))
        for record in bad:
            self.write("in.jsonl", record + b"\n")
            self.run_program("json", code=65, says=["partition 0, offset 0"])

    def test_valid_records(self):
        good = [(b'{"id":-0,"name":"a"}', '{"id":0,"name":"a"}'), (b' {"name" : "a" ,"id":1 } ', '{"id":1,"name":"a"}'),
                (b'{"id":1,"name":"\\u0000"}', '{"id":1,"name":"\\u0000"}'), (b'{"id":1,"name":"\\ud83d\\ude00"}', '{"id":1,"name":"\U0001f600"}'),
                (b'{"id":1,"name":"a","id":2}', '{"id":1,"name":"a"}'), (b'{"\\u0069d":1,"name":"a"}', '{"id":1,"name":"a"}'),
                (b'{"id":1,"name":"a","x":{"id":[{"name":"]}"}]}}', '{"id":1,"name":"a"}')]
        self.write("in.jsonl", b"\n".join(g for g, _ in good))
        self.run_program("routed")
        self.assertEqual(self.read("bad.jsonl"), "")
        self.assertEqual(self.read("out.jsonl").split("\n")[:-1], [w for _, w in good])

    def test_deep_nesting(self):
        deep = 200_000
        self.write("in.jsonl", '{"id":1,"name":"a","x":' + "[" * deep + "]" * deep + "}\n" + '{"id":2,"x":' + "[" * deep + "\n")
        self.run_program("routed")
        self.assertEqual(self.read("out.jsonl").count("\n") + self.read("bad.jsonl").count("\n"), 2)

    def test_error_is_short(self):
        self.write("in.jsonl", '{"id":"' + "x" * 1_000_000 + '"}\n')
        ran = subprocess.run([os.path.join(self.programs, "json")], cwd=self.folder, capture_output=True)
        self.assertEqual(ran.returncode, 65)
        self.assertLess(len(ran.stderr), 5000)


class Pipes(Programs):
    def start(self, *args):
        return subprocess.Popen([os.path.join(self.programs, "pipe"), *args], cwd=self.folder, stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def test_sigterm_ends_a_waiting_pipe(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            process = self.start()
            process.stdin.write(JSON_LINE.encode())
            process.stdin.flush()
            line = process.stdout.readline()  # rows go on while the pipe is quiet
            self.assertEqual(line.decode(), JSON_LINE)
            process.send_signal(number)
            self.assertEqual(process.wait(timeout=20), 0)
            process.communicate()

    def test_reader_goes_away(self):
        process = self.start()
        process.stdout.close()
        try:
            for _ in range(10_000):
                process.stdin.write(JSON_LINE.encode() * 100)
            process.stdin.close()
        except BrokenPipeError:
            pass
        self.assertIn(process.wait(timeout=60), (0, 74))
        self.assertNotIn(b"internal", process.stderr.read())
        process.stderr.close()
        try:
            process.stdin.close()
        except BrokenPipeError:
            pass

    def test_dash_is_a_pipe(self):
        out = self.run_program("json", "--param", "input=-", "--param", "output=-", stdin=JSON_LINE.encode())
        self.assertEqual(out, JSON_LINE)

    def test_compressed_pipe(self):
        self.assertEqual(self.run_program("pipe", stdin=gzip.compress(JSON_LINE.encode())), JSON_LINE)

    def test_a_line_without_end_is_bounded(self):
        size = 1 << 30
        process = subprocess.Popen([os.path.join(self.programs, "pipe")], cwd=self.folder, stdin=subprocess.PIPE,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        chunk, sent = b"x" * (1 << 20), 0
        try:
            process.stdin.write(b'{"id":1,"name":"')
            while sent < size:
                process.stdin.write(chunk)
                sent += len(chunk)
            process.stdin.write(b'"}\n')
            process.stdin.close()
        except BrokenPipeError:
            pass
        _, status, usage = os.wait4(process.pid, 0)
        said = process.stderr.read().decode("utf-8", "replace")
        process.stderr.close()
        try:
            process.stdin.close()
        except BrokenPipeError:
            pass
        process.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(process.returncode, 65, said)
        self.assertLess(usage.ru_maxrss, 512 * 1024, "kilobytes of memory")
        self.assertLess(len(said), 5000)


class Params(Programs):
    def test_order_of_precedence(self):
        self.write("in.jsonl", "".join(f'{{"id":{i},"name":"a"}}\n' for i in range(10)))
        self.write("run.yaml", "least: 3\n")
        def count(*args, env=None):
            self.run_program("json", *args, env=env)
            return self.read("out.jsonl").count("\n")
        self.assertEqual(count(), 10)
        self.assertEqual(count("--config", "run.yaml"), 7)
        self.assertEqual(count("--config", "run.yaml", env={"GRESS_LEAST": "5"}), 5)
        self.assertEqual(count("--config", "run.yaml", "--param", "least=8", env={"GRESS_LEAST": "5"}), 2)
        self.assertEqual(count("-p", "least=-1"), 10)

    def test_unknown_param_names_the_nearest(self):
        self.write("in.jsonl", JSON_LINE)
        self.run_program("json", "--param", "leest=1", code=64, says=["leest", "least"])
        self.write("run.yaml", "leest: 3\n")
        self.run_program("json", "--config", "run.yaml", code=64, says=["leest", "least", "run.yaml"])

    def test_wrong_values(self):
        self.write("in.jsonl", JSON_LINE)
        for given in ("least=x", "least=1.5", "least=", "least=99999999999999999999", "wait=5", "wait=5 parsecs", "ratio=x", "least"):
            self.run_program("json", "--param", given, code=64, says=[given.split("=")[0]])

    def test_bad_config(self):
        self.write("in.jsonl", JSON_LINE)
        self.run_program("json", "--config", "none.yaml", code=64, says=["none.yaml"])
        for text in ("least: [1", "- 1\n", "least: {a: 1}\n", "least: 1\nleast: 2\n", "\0", "a" * 100_000):
            self.write("run.yaml", text)
            self.run_program("json", "--config", "run.yaml", code=64, says=["run.yaml"])

    def test_help_and_unknown_option(self):
        out = self.run_program("json", "--help")
        for word in ("least", "i64", "wait", "5s", "input"):
            self.assertIn(word, out)
        self.run_program("json", "--no-such-option", code=64, says=["--no-such-option"])
        self.run_program("json", "stray", code=64, says=["stray"])

    def test_text_of_a_param_is_text(self):
        for text in ('"', "\\", "%s%n", "{id}", "a\nb", "ünï", "'; rm -rf /", "$HOME", "`id`", " "):
            out = self.run_program("pipe", "--param", "echo_name=" + text, stdin=JSON_LINE.encode())
            self.assertEqual(json.loads(out)["name"], text)


if __name__ == "__main__":
    unittest.main()
