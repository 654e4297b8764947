"""Every sample of Gress in the documentation compiles, or fails with the code that it is marked with.
The pages of docs/errors have a test of their own, tests/driver: Explain."""
import json
import os
import sys
import tempfile

from pages import DOCS, gressc, pages, prelude, samples, write_headers


def problem(sample, folder):
    words = [w for w in sample.words if w not in ("complete", "test")]
    if words not in ([], ["values"]) and not (len(words) == 2 and words[0] == "fail"):
        return f"unknown mark `{' '.join(sample.words)}`"
    if words == ["values"]:
        return None
    text = sample.text if "complete" in sample.words else sample.text + prelude(sample.page)
    with open(os.path.join(folder, "sample.gress"), "w") as file:
        file.write(text)
    ran = gressc("check", "--message-format=json", "sample.gress", cwd=folder, code=None)
    found = [json.loads(line) for line in ran.stderr.splitlines()]
    codes = sorted({d["code"] for d in found})
    if words:
        others = [c for c in codes if c.startswith("E") and c != words[1]]
        if words[1] in codes and not others:
            return None
        return f"should give {words[1]} alone and gives {codes}"
    errors = [d for d in found if d.get("severity", "error") == "error"]
    if ran.returncode == 0 and not errors:
        return None
    return "\n    ".join(f"{d['code']}: {d['message']}" for d in errors) or ran.stderr


def main():
    wrong, count = [], 0
    with tempfile.TemporaryDirectory(prefix="gress-docs-") as folder:
        for page in pages():
            if page.startswith(os.path.join(DOCS, "errors") + os.sep):
                continue
            write_headers(page, folder)
            for sample in samples(page):
                count += 1
                if why := problem(sample, folder):
                    wrong.append(f"{sample.where()}: {why}")
    print("\n".join(wrong + [f"{count} samples, {len(wrong)} wrong"]))
    return 1 if wrong or not count else 0


if __name__ == "__main__":
    sys.exit(main())
