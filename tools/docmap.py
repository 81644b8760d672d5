#!/usr/bin/python3
"""Keep docs/map.md, the list of all files with the first sentence each says about itself.

Without arguments complains when the map is out of date; --write writes it anew.
"""
import re
import sys

from source import ROOT, files, finish, lines, offence

FOLDERS = ("boot", "arch/x86", "arch/i386", "arch/x86_64", "mm", "kernel", "lib", "user", "tests")
MAP = ROOT / "docs/map.md"


def opening(path):
    """The first sentence of the comment that @path opens with."""
    text = []
    for line in lines(path):
        line = re.sub(r"^\s*(/\*+|\*/|\*|;)\s?", "", line).replace("*/", "").rstrip()
        if not line and text:
            break
        text.append(line.strip())
    sentence = re.match(r"(.+?[.:?!])(\s|$)", " ".join(text).strip())
    return (sentence[1] if sentence else " ".join(text)).rstrip(".:").strip()


def table(folder):
    paths = [p for p in files((folder,), ".c", ".asm", ".h")]
    rows = []
    for path in paths:
        header = path.with_suffix(".h")
        if path.suffix == ".h" and path.with_suffix(".c") in paths:
            continue
        both = header in paths and header != path
        size = len(lines(path)) + (len(lines(header)) if both else 0)
        name = str(path.relative_to(folder)) + (", .h" if both else "")
        rows.append(f"| `{name}` | {size} | {opening(path)} |\n")
    if not rows:
        return ""
    return f"## {folder}/\n\n| file | lines | about |\n|---|---|---|\n{''.join(rows)}\n"


text = "# Map\n\nEvery source file and the first thing it says about itself.  Written by " \
    "`tools/docmap.py --write`;\n`make check` complains when it is out of date.\n\n"
text += "".join(map(table, FOLDERS))
text = text.rstrip("\n") + "\n"
if "--write" in sys.argv:
    MAP.write_text(text)
elif not MAP.exists() or MAP.read_text() != text:
    offence("docs/map.md", 1, "is out of date: run tools/docmap.py --write")
finish(f"{text.count('| `')} files on the map")
