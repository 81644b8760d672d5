#!/usr/bin/python3
"""Compare arch/i386 with arch/x86_64: the same names in both, and no pair nearly equal.

A pair whose files are more than 80 % equal belongs in arch/x86.  Prints what `diff -r` would teach:
how much of each pair the two machines share.
"""
import difflib

from source import ROOT, finish, lines, offence

MOST = 0.80
left, right = ROOT / "arch/i386", ROOT / "arch/x86_64"
names = {p.name for p in left.iterdir()} | {p.name for p in right.iterdir()}
rows = []
for name in sorted(names):
    if not (left / name).exists() or not (right / name).exists():
        there, missing = (left, right) if (left / name).exists() else (right, left)
        offence((there / name).relative_to(ROOT), 1, f"has no twin in {missing.relative_to(ROOT)}")
        continue
    a, b = lines(left / name), lines(right / name)
    equal = difflib.SequenceMatcher(None, a, b, autojunk=False).ratio()
    rows.append(f"{name:20} {len(a):4} {len(b):4} lines, {equal:4.0%} equal")
    if equal > MOST:
        offence(f"arch/i386/{name}", 1, f"{equal:.0%} equal to its twin: hoist it to arch/x86")
finish("\n".join(rows))
