"""GDB commands that know Quire: page tables, memory, tasks.  Loaded by tools/gdb."""
import re

import gdb

PRESENT, WRITE, USER, ACCESSED, DIRTY, HUGE, GLOBAL = 1, 2, 4, 32, 64, 128, 256
NO_EXECUTE = 1 << 63
BITS = [(WRITE, "write"), (USER, "user"), (ACCESSED, "accessed"), (DIRTY, "dirty"),
        (GLOBAL, "global"), (NO_EXECUTE, "no-execute")]


class Quire(gdb.Command):
    """What knows Quire: pgwalk ADDRESS, pages, buddy, tasks."""

    def __init__(self):
        super().__init__("quire", gdb.COMMAND_DATA, gdb.COMPLETE_NONE, True)


def physical(address, size):
    """Read @size bytes at a physical address, by QEMU's monitor: whatever is mapped."""
    unit = {4: "w", 8: "g"}[size]
    out = gdb.execute(f"monitor xp /1x{unit} {address:#x}", to_string=True)
    return int(re.search(r": (0x[0-9a-f]+)", out)[1], 16)


def register(name):
    return int(gdb.parse_and_eval(f"(unsigned long)${name}"))


def geometry():
    """(levels, bits of index per level, bytes per entry) as the CPU is set now."""
    if not register("cr4") >> 5 & 1:
        return 2, 10, 4
    if int(gdb.parse_and_eval("sizeof(void *)")) == 4:
        return 3, 9, 8
    return 4, 9, 8


class PageWalk(gdb.Command):
    """Walk the page tables as the CPU would: pgwalk ADDRESS."""

    def __init__(self):
        super().__init__("pgwalk", gdb.COMMAND_DATA)

    def invoke(self, argument, _):
        va = int(gdb.parse_and_eval(argument)) & (1 << 64) - 1
        levels, bits, size = geometry()
        table = register("cr3") & ~0xfff
        if levels == 3:
            table = register("cr3") & ~0x1f
        for level in reversed(range(levels)):
            index = va >> 12 + bits * level & (1 << bits) - 1
            if levels == 3 and level == 2:
                index &= 3
            entry = physical(table + index * size, size)
            if not entry & PRESENT:
                print(f"level {level}: entry {index:3} of {table:#x}: {entry:#x}, not present")
                return
            words = " ".join(word for bit, word in BITS if entry & bit)
            target = entry & 0x000ffffffffff000
            leaf = level == 0 or (entry & HUGE and not (levels == 3 and level == 2))
            print(f"level {level}: entry {index:3} of {table:#x}: {entry:#x} -> {target:#x} {words}")
            if leaf:
                span = (1 << 12 + bits * level) - 1
                print(f"{va:#x} is at physical {(target & ~span) | (va & span):#x}")
                return
            table = target


Quire()
PageWalk()
