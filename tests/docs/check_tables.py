"""Tables of the documentation are what gressc prints. A generated part of a page stands between

    <!-- gressc KIND NAME -->   and   <!-- end -->

where KIND NAME is one of: functions GROUP, aggregates, stages, connectors, options CONNECTOR SIDE, codes, program
(the options of a produced program).
GRESS_BLESS=1 writes them anew."""
import json
import os
import re
import subprocess
import sys
import tempfile

from pages import DOCS, ROOT, gressc, pages

PART = re.compile(r"(<!-- gressc (\S+)((?: [^>]*?)?) -->\n)(.*?)(<!-- end -->)", re.S)


def cell(text):
    return text.replace("|", "\\|").replace("\n", " ")


def listed(what):
    return json.loads(gressc("list", what, "--json").stdout)


def described(name, kind):
    """The part of `gressc describe NAME` that speaks of that kind: its head, then its body."""
    text = gressc("describe", name).stdout
    parts = re.split(r"(?m)^(?=(?:function|aggregate|stage|connector) \S+: )", text)
    return next(p for p in parts if p.startswith(f"{kind} {name}: "))


def code(line):
    return f"`{cell(line)}`"


def functions(group):
    rows = ["| function | gives |", "|---|---|"]
    for f in listed("functions"):
        if f["group"] == group:
            forms = [l.strip() for l in described(f["name"], "function").split("\n")[2:] if l.startswith("  ")]
            rows.append(f"| {'<br>'.join(map(code, forms))} | {cell(f['doc'])} |")
    return rows


def aggregates(_):
    rows = ["| aggregate | gives |", "|---|---|"]
    for a in listed("aggregates"):
        body = described(a["name"], "aggregate").split("\n")
        form = next(l.strip() for l in body[1:] if l.startswith("  "))
        absent = "; absent when no row counted" if any(l.startswith("Absent when") for l in body) else ""
        rows.append(f"| {code(form)} | {cell(a['doc'])}{absent} |")
    return rows


def stages(_):
    rows = ["| stage | form | what it does |", "|---|---|---|"]
    for s in listed("stages"):
        text = described(s["name"], "stage")
        form = next(l.strip() for l in text.split("\n")[1:] if l.startswith("  "))
        later = "; not built yet" if "not built yet" in text else ""
        rows.append(f"| `{s['name']}` | {code(form)} | {cell(s['doc'])}{later} |")
    return rows


def connectors(_):
    rows = ["| connector | what it is | may be |", "|---|---|---|"]
    for c in listed("connectors"):
        text = described(c["name"], "connector")
        sides = [s for s in ("source", "table", "sink") if f"As a {s}:" in text]
        rows.append(f"| `{c['name']}` | {cell(c['doc'])} | {', '.join(sides)} |")
    return rows


def options(name):
    connector, side = name.split()
    text = described(connector, "connector")
    part = text.split(f"As a {side}:\n")[1].split("\n\nAs a ")[0]
    rows = ["| option | takes | meaning |", "|---|---|---|"]
    for head, doc in re.findall(r"(?m)^  (\S.*)\n      (.*)$", part):
        option, takes = head.split(": ", 1)
        marks = re.findall(r"  \(([^)]*)\)", takes)
        takes = takes.split("  (")[0]
        rows.append(f"| `{option}` | {code(takes)} | {cell(doc)}{''.join('; ' + m for m in marks)} |")
    return rows


def cases(connector):
    text = described(connector, "connector").split("Its rows come")[1].split("\n\nAs a ")[0]
    rows = ["| case | fields | |", "|---|---|---|"]
    for name, doc, fields in re.findall(r"(?m)^  (\w+): .*?\((.*)\)\n((?:      .*\n?)+)", text):
        names = [code(f.strip().split(", ")[0]) for f in fields.strip().split("\n")]
        rows.append(f"| `{name}` | {', '.join(names)} | {cell(doc)} |")
    return rows


def codes(_):
    rows = ["| code | what it says |", "|---|---|"]
    for line in gressc("explain", "--list").stdout.splitlines():
        number, title = line.split("  ", 1)
        rows.append(f"| [{number}](ERRORS/{number}.md) | {cell(title)} |")
    return rows


def program(_):
    with tempfile.TemporaryDirectory(prefix="gress-docs-") as folder:
        with open(os.path.join(folder, "x.gress"), "w") as file:
            file.write("type Line { text: string }\nsource lines: Line from stdin { format: text }\nsink lines to discard\n")
        gressc("build", "x.gress", "-o", "x", cwd=folder)
        text = subprocess.run([os.path.join(folder, "x"), "--help"], capture_output=True, text=True, check=True).stdout
    return ["```text", *text[text.index("Options:"):text.index("\nSIGTERM")].rstrip().split("\n"), "```"]


MAKERS = {f.__name__: f for f in (functions, aggregates, stages, connectors, options, cases, codes, program)}


def main():
    bless = os.environ.get("GRESS_BLESS")
    wrong, seen = [], set()
    for page in pages():
        with open(page) as file:
            text = file.read()

        def part(match):
            kind, name = match.group(2), match.group(3).strip()
            seen.add((kind, name))
            table = "\n".join(MAKERS[kind](name))
            errors = os.path.relpath(os.path.join(DOCS, "errors"), os.path.dirname(page))
            return match.group(1) + table.replace("(ERRORS/", f"({errors}/") + "\n" + match.group(5)

        made = PART.sub(part, text)
        if made == text:
            continue
        if bless:
            with open(page, "w") as file:
                file.write(made)
        else:
            wrong.append(f"{os.path.relpath(page, ROOT)}: a table differs; GRESS_BLESS=1 ctest -R docs.tables writes it anew")
    wanted = {("functions", f["group"]) for f in listed("functions")} | {("aggregates", ""), ("stages", ""),
                                                                       ("connectors", ""), ("codes", ""), ("program", "")}
    for c in listed("connectors"):
        text = described(c["name"], "connector")
        wanted |= {("options", f"{c['name']} {s}") for s in ("source", "table", "sink") if f"As a {s}:" in text}
    wrong += [f"no page has `<!-- gressc {kind} {name} -->`" for kind, name in sorted(wanted - seen)]
    print("\n".join(wrong + [f"{len(seen)} tables, {len(wrong)} wrong"]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
