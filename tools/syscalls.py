#!/usr/bin/python3
"""Keep docs/syscalls.md, the list of all system calls and of how completely each is there.

It is made of kernel/syscalls.def: the rows, and the comments that begin with a call's name.
Without arguments complains when the list is out of date; --write writes it anew.
"""
import collections
import re
import sys

from source import ROOT, finish, lines, offence

TABLE = "kernel/syscalls.def"
LIST = ROOT / "docs/syscalls.md"
ROW = re.compile(r"SYSCALL_(BOTH|X86_64|I386)\(([\w, ]+)\)$")
Call = collections.namedtuple("Call", "name x86_64 i386 handler section line")


def read_table():
    """The rows as calls, and the comments as [line, text]; a section is a comment, too."""
    calls, comments, open_comment, section = [], [], None, ""
    for number, line in enumerate(lines(TABLE), 1):
        if open_comment is None and line.startswith("/*"):
            open_comment = [number, ""]
        if open_comment is not None:
            open_comment[1] += " " + line.strip(" /*")
            if line.endswith("*/"):
                comments.append((open_comment[0], open_comment[1].strip()))
                if comments[1:] and not re.match(r"\w+: ", comments[-1][1]):
                    section = comments[-1][1].rstrip(".")
                open_comment = None
            continue
        row = ROW.match(line)
        if row:
            fields = [field.strip() for field in row[2].split(",")]
            numbers = {"BOTH": fields[:2], "X86_64": [fields[0], ""], "I386": ["", fields[0]]}
            calls.append(Call(fields[-3], *numbers[row[1]], fields[-2], section, number))
        elif line.strip():
            offence(TABLE, number, "is neither a row nor a comment")
    return calls, comments


def notes_of(calls, comments):
    """What the comments say of calls, by name."""
    notes, names = {}, {call.name for call in calls if call.handler != "NULL"}
    for number, text in comments[1:]:
        m = re.match(r"(\w+): (.*)", text)
        if m and m[1] not in names:
            offence(TABLE, number, f"is about {m[1]}, which is not there")
        elif m:
            notes[m[1]] = m[2].replace("|", "\\|")
    return notes


def row(call, note):
    return f"| {call.name} | {call.x86_64} | {call.i386} | {note} |\n".replace("  ", " ")


def table(calls, notes):
    text = "| call | x86_64 | i386 | what is missing or different |\n|---|---|---|---|\n"
    return text + "".join(row(call, notes.get(call.name, "")) for call in calls)


def numbers(call):
    return "/".join(number or "-" for number in (call.x86_64, call.i386))


def document(calls, notes):
    there = [c for c in calls if c.handler not in ("NULL", "sys_not_implemented")]
    refused = [c for c in calls if c.handler == "sys_not_implemented"]
    missing = [c for c in calls if c.handler == "NULL"]
    text = f"""# Which system calls are there, and how completely?

Written by `make syscalls` from [{TABLE}](../{TABLE});
`make check` complains when it is out of date. A call that has nothing in its last column is meant
to do all that section 2 of the manual says. Where a column has no number, that machine has no such
call.

Whatever else a program asks for answers `ENOSYS` and is counted in `/proc/unimplemented`, with the
program's name:

```
number  name                     program          times
   101  ptrace                   strace           1
```

"""
    for section in dict.fromkeys(call.section for call in there):
        text += f"## {section}\n\n"
        text += table([c for c in there if c.section == section], notes) + "\n"
    text += "## Refused on purpose\n\nThey answer `ENOSYS` and are not counted.\n\n"
    text += table(refused, notes)
    text += f"\n## Not there\n\nLinux's other {len(missing)}, numbered for x86_64/i386:\n\n"
    words = [f"{call.name} {numbers(call)}" for call in missing]
    line = ""
    for word in words:
        if line and len(line) + len(word) > 110:
            text, line = text + line.rstrip() + "\n", ""
        line += word + (". " if word is words[-1] else ", ")
    return text + line.rstrip() + "\n"


def check_names(calls):
    """No number and no name twice on one machine."""
    for machine in ("x86_64", "i386"):
        seen = {}
        for call in calls:
            number = getattr(call, machine)
            for key in (number, call.name) if number else ():
                if key in seen:
                    offence(TABLE, call.line, f"{key} of {machine} is in line {seen[key]}, too")
                seen[key] = call.line


calls, comments = read_table()
check_names(calls)
text = document(calls, notes_of(calls, comments))
if "--write" in sys.argv:
    LIST.write_text(text)
elif not LIST.exists() or LIST.read_text() != text:
    offence("docs/syscalls.md", 1, "is out of date: run make syscalls")
finish(f"{sum(call.handler != 'NULL' for call in calls)} rows of system calls, all in the list")
