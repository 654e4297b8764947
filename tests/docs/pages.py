"""What the checks of the documentation share: its pages, their samples, and gressc.

A page of docs/ may hold samples of Gress, fenced and marked:

    ```gress                 checks without errors
    ```gress fail E0412      gives that error (or warning W…)
    ```gress test            checks, and its tests hold: check_values.py
    ```gress values          lines `expression  // value`, or `expression  // row error`: check_values.py

A page's samples are programs, or parts of one: the items of prelude.gress in the page's folder, if there is such a
file, are added to each but those marked `complete` (```gress complete, ```gress complete fail E0202).
"""
import os
import re
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DOCS = os.path.join(ROOT, "docs")
GRESSC = os.path.abspath(os.environ.get("GRESSC", os.path.join(ROOT, "build/bin/gressc")))


class Sample:
    def __init__(self, page, line, words, text):
        self.page, self.line, self.words, self.text = page, line, words, text

    def where(self):
        return f"{os.path.relpath(self.page, ROOT)}:{self.line}"


def pages():
    """Paths of all pages, READMEs of the top folders too."""
    found = []
    for folder, _, names in os.walk(DOCS):
        found += [os.path.join(folder, name) for name in names if name.endswith(".md")]
    found.append(os.path.join(ROOT, "README.md"))
    for name in os.listdir(ROOT):
        readme = os.path.join(ROOT, name, "README.md")
        if os.path.exists(readme) and name != "docs" and not name.startswith((".", "build")):
            found.append(readme)
    return sorted(found)


def samples(page):
    with open(page) as file:
        lines = file.read().split("\n")
    found, at = [], 0
    while at < len(lines):
        fence = re.match(r"```(\S.*)?$", lines[at])
        if not fence:
            at += 1
            continue
        end = next((i for i in range(at + 1, len(lines)) if lines[i] == "```"), None)
        if end is None:
            raise SystemExit(f"{os.path.relpath(page, ROOT)}:{at + 1}: a fence that never ends")
        words = (fence.group(1) or "").split()
        if words[:1] == ["gress"]:
            found.append(Sample(page, at + 1, words[1:], "\n".join(lines[at + 1:end]) + "\n"))
        at = end + 1
    return found


def write_headers(page, folder):
    """A fence that says ```cpp NAME is a C++ header of that name for the page's samples."""
    with open(page) as file:
        for name, text in re.findall(r"(?ms)^```cpp (\S+)\n(.*?)^```$", file.read()):
            with open(os.path.join(folder, name), "w") as header:
                header.write(text)


def prelude(page):
    path = os.path.join(os.path.dirname(page), "prelude.gress")
    if not os.path.exists(path):
        return ""
    with open(path) as file:
        return file.read()


def gressc(*args, cwd=None, code=0):
    ran = subprocess.run([GRESSC, *args], capture_output=True, text=True, cwd=cwd, timeout=600)
    if code is not None and ran.returncode != code:
        raise SystemExit(f"gressc {' '.join(args)} ended with {ran.returncode}\n{ran.stdout}{ran.stderr}")
    return ran
