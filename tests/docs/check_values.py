"""The examples of values hold: the lines `expression  // value` of all samples marked `values` become one program,
which is compiled and run over one row. `// row error` says that the expression makes its row invalid.

An expression may use the fields of the row below. And samples marked `test` have tests that hold."""
import os
import sys
import tempfile

from pages import ROOT, gressc, pages, prelude, samples

ROW = """\
enum Level { low, high as "HIGH" }
type Place { town: string, zip: string? }
type Row {
  zero: i64, one: i64, big: i64, word: string, bad: string, none: string?, gone: Place?, place: Place, level: Level,
  numbers: list<i64>, empty: list<i64>, stock: map<string, i64>, at: timestamp, price: decimal, half: f64,
}
source rows: Row from file { path: "rows.jsonl", format: json, invalid: invalid_rows }
"""


def lines():
    for page in pages():
        for sample in samples(page):
            if sample.words != ["values"]:
                continue
            for number, line in enumerate(sample.text.splitlines()):
                if not line.strip():
                    continue
                expression, mark, value = line.rpartition("//")
                where = f"{os.path.relpath(page, ROOT)}:{sample.line + 1 + number}"
                if not mark:
                    raise SystemExit(f"{where}: no `// value`")
                yield where, expression.strip(), value.strip()


def program(entries):
    """A stream an example. No literal makes a map, so the row comes out of a JSON line."""
    text = ["pipeline values", ROW.rstrip()]
    for i, (where, expression, value) in enumerate(entries):
        text.append(f"// {where}")
        text.append(f"stream v{i} = rows |> select {{ v: {expression} }}")
        if value == "row error":
            text.append(f"stream w{i} = v{i} |> select {{ v: 0 }}")
        else:
            text.append(f"stream w{i} = v{i} |> select {{ v: v, same: {same(value)} }}")
        text.append(f'sink w{i} to file {{ path: "w{i}", format: json }}')
    text.append('sink invalid_rows to file { path: "invalid", format: json }')
    return "\n".join(text) + "\n"


def same(value):
    return "v is null" if value == "null" else f"v == {value}"


DATA = ('{"zero":0,"one":1,"big":9223372036854775807,"word":"straße","bad":"x1","place":{"town":"Ulm"},"level":"HIGH",'
        '"numbers":[3,1,2],"empty":[],"stock":{"a":5},"at":"2026-01-31T12:34:56.789Z","price":19.99,"half":0.5}\n')


def failed_tests():
    """What goes wrong in the samples marked `test`, and how many of these there are."""
    wrong, count = [], 0
    with tempfile.TemporaryDirectory(prefix="gress-docs-") as folder:
        for page in pages():
            for sample in samples(page):
                if sample.words != ["test"]:
                    continue
                count += 1
                with open(os.path.join(folder, "sample.gress"), "w") as file:
                    file.write(sample.text + prelude(page))
                ran = gressc("test", "sample.gress", cwd=folder, code=None)
                if ran.returncode != 0:
                    wrong.append(f"{sample.where()}:\n{ran.stdout}{ran.stderr}")
    return wrong, count


def main():
    entries = list(lines())
    wrong = []
    with tempfile.TemporaryDirectory(prefix="gress-docs-") as folder:
        with open(os.path.join(folder, "values.gress"), "w") as file:
            file.write(program(entries))
        with open(os.path.join(folder, "rows.jsonl"), "w") as file:
            file.write(DATA)
        gressc("run", "values.gress", cwd=folder)
        for i, (where, expression, value) in enumerate(entries):
            with open(os.path.join(folder, f"w{i}")) as file:
                got = file.read().strip()
            if value == "row error" and got:
                wrong.append(f"{where}: `{expression}` gives a row")
            if value != "row error" and '"same":true' not in got:
                wrong.append(f"{where}: `{expression}` is not {value}: {got or 'a row error'}")
    failed, tests = failed_tests()
    wrong += failed
    print("\n".join(wrong + [f"{len(entries)} values, {tests} samples with tests, {len(wrong)} wrong"]))
    return 1 if wrong or not entries else 0


if __name__ == "__main__":
    sys.exit(main())
