#!/usr/bin/python3
"""Compare the kernel's parameters with docs/parameters.md: each must be in both, in the same file.
"""
import re

from source import KERNEL, files, finish, lines, offence

DOCUMENT = "docs/parameters.md"
registered = {}
for path in files(KERNEL, ".c"):
    for number, line in enumerate(lines(path), 1):
        m = re.match(r'KERNEL_PARAM\("([^"]+)"', line)
        if m:
            registered[m[1]] = (str(path), number)
documented = {}
for number, line in enumerate(lines(DOCUMENT), 1):
    m = re.match(r"\| `(\w+)` \|.*\| `([^`]+)` \|$", line)
    if m:
        documented[m[1]] = (m[2], number)

for name, (path, number) in registered.items():
    if name not in documented:
        offence(path, number, f"parameter {name} is not in {DOCUMENT}")
    elif documented[name][0] != path:
        offence(DOCUMENT, documented[name][1], f"{name} is in {path}")
for name, (_, number) in documented.items():
    if name not in registered:
        offence(DOCUMENT, number, f"there is no parameter {name}")
finish(f"{len(registered)} parameters, all documented")
