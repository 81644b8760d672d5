"""Beside Debian's Linux, in the same machine: what programs say, and what they cost.

The user tests must say the same (tools/difftest), and each row of mmbench may cost half of Linux's
instructions at most (tools/bench), on x86_64 and i386pae.
"""
import re

from harness import ROOT, Job, Result, command, log_file

COMPARED = ("x86_64", "i386pae")
RATIO = 0.5
WHOLE = {"huge_fault_whole": 1}  # nearly all of it is the clearing
IN_USER_MODE = ("clear_page", "copy_page")


def programs(build):
    name = f"difftest.{build}"
    code, text = command(name, [ROOT / "tools/difftest", "--arch", build], 600)
    found = re.findall(r"^(same|differs) (\w+)$", text, re.M)
    for verdict, program in found:
        yield Result(f"{name}.{program}", verdict == "same", "Linux says something else",
                     log_file(name))
    if not found:
        yield Result(name, False, f"status {code}", log_file(name))


def costs(name, build):
    """{row: (Quire's instructions, Linux's)}, of what both have."""
    _, text = command(name, [ROOT / "tools/bench", "--arch", build], 700)
    rows = re.findall(r"^(\w+) +(\d+) +(\d+) +\d+\.\d+$", text, re.M)
    return {row: (int(quire), int(linux)) for row, quire, linux in rows}


def ratios(build):
    name = f"ratio.{build}"
    found = costs(name, build)
    for row, (quire, linux) in found.items():
        limit = WHOLE.get(row, RATIO)
        if row not in IN_USER_MODE:
            yield Result(f"{name}.{row}", quire <= limit * linux,
                         f"{quire} of {linux} instructions, at most {limit}", log_file(name))
    if not found:
        yield Result(name, False, "was not measured", log_file(name))


def document(what):
    """The lines of docs/figures.md; @what names the rows."""
    found = {build: costs(f"ratio.{build}", build) for build in COMPARED}
    lines = ["", "## Beside Linux", "",
             "The same program on Quire and on Debian's Linux, stripped of what Quire does not do",
             "(`make bench`; the parameters are in `tools/linux`). At most half is the aim; a",
             "huge fault with the clearing may cost the same.", "",
             "| operation | " + " | ".join(f"{b}: Quire, Linux | ratio" for b in COMPARED) + " |",
             "|---" * (2 * len(COMPARED) + 1) + "|"]
    for row, title in what.items():
        cells = []
        for build in COMPARED:
            quire, linux = found[build].get(row, (None, None))
            cells += [f"{quire}, {linux}", f"{quire / linux:.2f}"] if linux else ["-", "-"]
        lines.append(f"| {title} | " + " | ".join(cells) + " |")
    return lines


def jobs():
    for build in COMPARED:
        yield Job(f"difftest.{build}", lambda b=build: programs(b), 40, 2)
        yield Job(f"ratio.{build}", lambda b=build: ratios(b), 40, 2)
