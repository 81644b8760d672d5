#!/usr/bin/python3
"""The house rules that a formatter cannot keep.

Every file says what it is about; lines, functions and files stay short; parameters are few; no
tabs, no unfinished work, no dead code; no #if in mm/ and kernel/; inline assembly in arch/x86/*.h
alone; a remark "With: FILE, NAME" points at a file that points back; rule ids like R-KMAP-2 stand
both in the documents and at what enforces them.
"""
import collections
import json
import re
import subprocess

from source import ALL, KERNEL, ROOT, files, finish, lines, offence

WIDTH, PROSE_WIDTH = 100, 120
FUNCTION_LINES, FILE_LINES, PARAMETERS = 60, 400, 4
PROGRAM_LINES = 600  # a program is one file
OPENING = {".c": r"/\*", ".h": r"/\*", ".asm": r"; [A-Z]"}
# A marker of unfinished work, spelled so that this line is none.
UNFINISHED = re.compile(r"\b(XX" + r"X|FIX" + r"ME|TO" + r"DO)\b")
RULE = re.compile(r"\bR-[A-Z]+-\d+\b")
WITH = re.compile(r"\bWith: ([\w./-]+\.(?:asm|c|h|ld))")


def text(path, source):
    for number, line in enumerate(source, 1):
        width = PROSE_WIDTH if path.suffix == ".md" else WIDTH
        if len(line) > width:
            offence(path, number, f"{len(line)} columns, at most {width}")
        if line != line.rstrip():
            offence(path, number, "blank at the end of the line")
        if "\t" in line and path.name != "Makefile" and path.suffix != ".md":
            offence(path, number, "tab")
        if not line.isascii() and path.suffix != ".md":
            offence(path, number, "not ASCII")
        if UNFINISHED.search(line):
            offence(path, number, "unfinished work: open an issue instead")


def code(path, source):
    top = path.parts[0]
    if not re.match(OPENING[path.suffix], source[0] if source else ""):
        offence(path, 1, "does not open with what it is about")
    most = PROGRAM_LINES if str(path).startswith("tests/user/") else FILE_LINES
    if len(source) > most:
        offence(path, len(source), f"{len(source)} lines, at most {most}")
    guard = None
    for number, line in enumerate(source, 1):
        if re.match(r"\s*#\s*if (0|1)\b", line):
            offence(path, number, "dead code")
        condition = re.match(r"\s*#\s*(if|ifdef|ifndef|elif)\b\s*(.*)", line)
        if condition and path.suffix == ".h" and not guard and condition[1] == "ifndef":
            guard = condition[2]
            wanted = re.sub(r"\W", "_", str(path)).upper()
            if guard not in (wanted, re.sub(r"^ARCH_(I386|X86_64)_", "MACHINE_", wanted),
                             wanted.removeprefix("TESTS_HOST_SHADOW_")):
                offence(path, number, f"the guard is {guard}, not {wanted}")
        elif condition and top in ("mm", "kernel"):
            offence(path, number, "#if: make it a constant of gen/config.h or machine/*.h")
        if re.search(r'\b(__)?asm(__)?\b\s*(volatile|goto)?\s*\((?!"")', line) \
                and path.parent.as_posix() != "arch/x86" and top in KERNEL:
            offence(path, number, "inline assembly belongs in arch/x86/*.h")
    if path.suffix == ".h" and not guard:
        offence(path, 1, "has no include guard")


def parameters(signature):
    """How many there are between a signature's brackets; a function as one counts once."""
    inner, depth = 1, 0
    for letter in signature.strip()[1:-1]:
        depth += (letter == "(") - (letter == ")")
        inner += letter == "," and depth == 0
    return inner


def functions(paths):
    tags = subprocess.run(["ctags", "--output-format=json", "--fields=+neS", "--kinds-C=f", "-f",
                           "-", *map(str, paths)], cwd=ROOT, capture_output=True, text=True)
    for tag in map(json.loads, tags.stdout.splitlines()):
        size = tag.get("end", tag["line"]) - tag["line"] + 1
        if size > FUNCTION_LINES:
            offence(tag["path"], tag["line"],
                    f"{tag['name']}: {size} lines, at most {FUNCTION_LINES}")
        count = parameters(tag.get("signature", "()"))
        if count > PARAMETERS and not tag["path"].startswith("lib/") \
                and not tag["name"].startswith("sys_"):
            offence(tag["path"], tag["line"],
                    f"{tag['name']}: {count} parameters, at most {PARAMETERS}")


def pairs(path, source):
    """A remark "With: FILE" must be answered in FILE."""
    for number, line in enumerate(source, 1):
        for other in WITH.findall(line):
            there = ROOT / other
            if not there.exists():
                offence(path, number, f"With: {other}, which does not exist")
            elif not re.search(r"With: .*" + re.escape(path.name), there.read_text()):
                offence(path, number, f"With: {other}, which does not point back")


def rules(documents, sources):
    promised, kept = collections.defaultdict(list), collections.defaultdict(list)
    for where, paths in ((promised, documents), (kept, sources)):
        for path in paths:
            for number, line in enumerate(lines(path), 1):
                for rule in RULE.findall(line):
                    where[rule].append((path, number))
    for rule in promised.keys() ^ kept.keys():
        path, number = (promised.get(rule) or kept.get(rule))[0]
        offence(path, number, f"{rule} stands " + ("in no code or test" if rule in promised
                                                   else "in no document"))


sources = files(ALL, ".c", ".h", ".asm")
others = files(("tools", "tests", "iso"), ".py", ".txt", ".cfg") + files(("docs",), ".md", ".txt")
others += [p.relative_to(ROOT) for p in (ROOT / "tools").iterdir() if p.is_file() and not p.suffix]
others += [p.relative_to(ROOT) for p in map(ROOT.joinpath, ("Makefile", "linker.ld", "README.md"))
           if p.exists()]
for file in sources:
    source = lines(file)
    text(file, source)
    code(file, source)
    pairs(file, source)
for file in others:
    if file.name not in ("map.md", "statements.md"):  # generated: rows are as long as they are
        text(file, lines(file))
functions([p for p in sources if p.suffix != ".asm"])
rules(files(("docs",), ".md"), sources)
finish(f"{len(sources)} source files, {sum(len(lines(p)) for p in sources)} lines, all tidy")
