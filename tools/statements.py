#!/usr/bin/python3
"""Keep docs/statements.md: what Quire's memory systems promise, and which tests show it.

tools/statements.txt has the statements, one a line after its number.  A test shows one by its
number, in its own comments or in the one right before it: (Z9), [L4, trap 3], (Z44-Z47).  Without
arguments complains when the page is out of date, when a statement has neither a test nor the
reason why none applies ("n/a: ..."), or when a number is cited that does not exist or by no test;
--write writes the page anew.
"""
import re
import sys

from source import ROOT, files, finish, lines, offence

TEXT = "tools/statements.txt"
PAGE = ROOT / "docs/statements.md"
GROUPS = "ABCEHIKLZ"
CITED = re.compile(rf"\b([{GROUPS}])(\d\d?)(?:-\1?(\d\d?))?\b|\b[Tt]rap (\d+)\b")
STATEMENT = re.compile(rf"([{GROUPS}]\d+|trap \d+) +(\S.*)")
FUNCTION = re.compile(r"(?:KTEST\w*\((\w+)|[a-z][\w *]*?\b(\w+)\()")

OPENING = """# What is promised, and which test shows it

The statements below are what kmap, the zero page, huge pages and their clearing do, one number
each. Sources and tests cite the numbers. Written by `tools/statements.py --write` from
`tools/statements.txt` and from the comments of the tests; `make check` complains when the page is
out of date, or a statement has no test. What is marked *n/a* does not apply, for the reason given:
x86 has no such thing, or Quire decided otherwise.

The letters: K is `kmap`, L `kmap_local`, Z the zero page, H the huge zero page, C how huge pages
are cleared, E in which order, A and B are errors that earlier designs of clearing and of the zero
page had, I what the audit finds after every test. The traps are errors that memory management
invites anywhere.
"""


def numbers(text):
    """The statements that @text cites."""
    for group, first, last, trap in CITED.findall(text):
        if trap:
            yield f"trap {trap}"
        else:
            yield from (f"{group}{n}" for n in range(int(first), int(last or first) + 1))


def is_test(path, name, text):
    """User programs and the suite's tables are tests as a whole; elsewhere it is what is run."""
    if path.parts[1] in ("user", "suite"):
        return True
    return re.search(rf"\b(?:KTEST\w*|cmocka_unit_test\w*|TEST)\({name}\b", text) is not None


def owners(path):
    """(line number, line, the function it is in or stands before); not the file's opening."""
    found, waiting = [], []
    is_c = path.suffix == ".c"
    function, body = "", not is_c or path.parts[1] == "user"
    for number, line in enumerate(lines(path), 1):
        body = body or line.startswith("#include")
        m = FUNCTION.match(line) if is_c else re.match(r"def (\w+)", line)
        if m:
            function = m[1] or (m[2] if is_c else "")
            found += [(*w, function) for w in waiting]
            waiting = []
        if not body:
            continue
        if function:
            found.append((number, line, function))
        else:
            waiting.append((number, line))
        if is_c and (line == "}" or (m and line.endswith("}"))):
            function = ""
    return found


def citations():
    """{statement: {file: [test, ...]}}"""
    shown = {}
    for path in files(("tests",), ".c", ".py"):
        text = "\n".join(lines(path))
        for number, line, function in owners(path):
            for statement in numbers(line):
                if not is_test(path, function, text):
                    offence(path, number, f"{statement} is cited by {function}(), which is no test")
                tests = shown.setdefault(statement, {}).setdefault(path, [])
                if function not in tests:
                    tests.append(function)
                shown[statement].setdefault("at", (path, number))
    return shown


def row(statement, text, shown):
    cited = {p: tests for p, tests in shown.get(statement, {}).items() if p != "at"}
    where = "; ".join(f"[{p.relative_to('tests')}](../{p}): " + ", ".join(f"`{t}`" for t in tests)
                      for p, tests in sorted(cited.items()))
    return f"| {statement} | {text.replace('n/a:', '*n/a:*')} | {where} |\n", bool(cited)


def paragraphs():
    """(line number, text) of what stands in TEXT, indented lines joined to the one before."""
    found = []
    for number, line in enumerate(lines(TEXT), 1):
        if line.startswith(" "):
            found[-1] = (found[-1][0], f"{found[-1][1]} {line.strip()}")
        else:
            found.append((number, line))
    return found


def page(shown):
    text, known = OPENING, set()
    for number, line in paragraphs():
        if line.startswith("## "):
            text += f"\n{line}\n\n| | statement | tests |\n|---|---|---|\n"
        m = STATEMENT.fullmatch(line)
        if not m:
            continue
        known.add(m[1])
        added, has_test = row(m[1], m[2], shown)
        text += added
        if not has_test and not m[2].startswith("n/a: "):
            offence(TEXT, number, f"no test cites {m[1]}")
    for statement in sorted(set(shown) - known):
        offence(*shown[statement]["at"], f"there is no statement {statement}")
    return text, known


written, statements = page(citations())
if "--write" in sys.argv:
    PAGE.write_text(written)
elif not PAGE.exists() or PAGE.read_text() != written:
    offence("docs/statements.md", 1, "is out of date: run tools/statements.py --write")
finish(f"{len(statements)} statements, each with its tests or the reason why there is none")
