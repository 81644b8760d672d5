#!/usr/bin/python3
"""Write the kernel's symbol table as NASM, from `nm -n` on the standard input.

What arch/x86/stacktrace.h reads: symbol_offsets[], the functions' distances from _text in
ascending order; symbol_names[], their names one after the other, each ended by a zero byte;
symbol_count.  With --none the table is empty: that is what the kernel is linked with first.
"""
import re
import sys

# Labels inside a function of assembly (`copy.loop`) are no functions; what the compiler split off
# one (`copy.part.0`) is.
INNER = re.compile(r"\.(?!constprop|part|isra|cold|\d)")
BOUNDARY = re.compile(r"_e?(tests_|init_)?text")  # linker.ld's marks


def functions(lines):
    base, found = None, {}
    for line in lines:
        address, kind, name = line.split()
        if name == "_text":
            base = int(address, 16)
        elif base is not None and kind in "tTwW" and not INNER.search(name) \
                and not BOUNDARY.fullmatch(name):
            found.setdefault(int(address, 16) - base, name)
    return sorted(found.items())


def main():
    table = [] if "--none" in sys.argv else functions(l for l in sys.stdin if len(l.split()) == 3)
    print("; Written by tools/symbols.py: the functions of this kernel, for stack traces.")
    print("section .symbols progbits alloc noexec nowrite align=4")
    print("global symbol_offsets, symbol_names, symbol_count")
    print(f"symbol_count: dd {len(table)}")
    print("symbol_offsets:")
    for offset, _ in table:
        print(f"    dd {offset:#x}")
    print("symbol_names:")
    for _, name in table:
        print(f"    db '{name}', 0")


main()
