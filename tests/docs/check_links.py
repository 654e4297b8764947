"""Links between pages lead somewhere, and every page can be reached from docs/README.md."""
import os
import re
import sys

from pages import DOCS, ROOT, pages


def slug(heading):
    text = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return text.replace(" ", "-")


def anchors(path):
    with open(path) as file:
        text = re.sub(r"(?ms)^```.*?^```", "", file.read())
    return {slug(h) for h in re.findall(r"(?m)^#+ (.*)$", text)}


def main():
    wrong, links = [], {}
    for page in pages():
        with open(page) as file:
            text = re.sub(r"(?ms)^```.*?^```", "", file.read())
        text = re.sub(r"`[^`\n]*`", "", text)
        links[page] = set()
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            if re.match(r"[a-z]+:", target):
                continue
            path, _, anchor = target.partition("#")
            full = os.path.normpath(os.path.join(os.path.dirname(page), path)) if path else page
            if not os.path.exists(full):
                wrong.append(f"{os.path.relpath(page, ROOT)}: `{target}` does not exist")
                continue
            if anchor and full.endswith(".md") and anchor not in anchors(full):
                wrong.append(f"{os.path.relpath(page, ROOT)}: `{target}` has no such heading")
            if os.path.isdir(full):
                full = os.path.join(full, "README.md")
            links[page].add(full)
    reached, todo = set(), [os.path.join(DOCS, "README.md")]
    while todo:
        page = todo.pop()
        if page in links and page not in reached:
            reached.add(page)
            todo += links[page]
    wrong += [f"{os.path.relpath(p, ROOT)}: no page leads here from docs/README.md"
              for p in links if p.startswith(DOCS + os.sep) and p not in reached]
    print("\n".join(wrong + [f"{len(links)} pages, {len(wrong)} wrong"]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
