"""Commands for GDB attached to a machine that runs Quire (make gdb).

    pgwalk ADDRESS     the page-table walk for an address, level by level
    pages [PFN]        the zones; or all that is known about one page
    buddy              free blocks of each zone by order
    tasks              all tasks: state, CPU, where each will go on

They read the kernel's own structures, so they work at any stop once those exist.
"""
import gdb

PAGE_SHIFT = 12
BITS = {0: "present", 1: "write", 2: "user", 3: "pwt", 4: "pcd", 5: "accessed", 6: "dirty",
        7: "huge", 8: "global", 9: "special", 63: "no-execute"}


def build():
    """(levels, bits of an index, bytes of an entry) of the kernel that runs."""
    if gdb.lookup_type("long").sizeof == 8:
        return 4, 9, 8
    return (3, 9, 8) if gdb.lookup_type("pte_t").sizeof == 8 else (2, 10, 4)


def read_physical(address, size):
    gdb.execute("maintenance packet Qqemu.PhyMemMode:1", to_string=True)
    try:
        data = gdb.selected_inferior().read_memory(address, size)
    finally:
        gdb.execute("maintenance packet Qqemu.PhyMemMode:0", to_string=True)
    return int.from_bytes(bytes(data), "little")


def value(expression):
    return gdb.parse_and_eval(expression)


def list_of(head, struct, member):
    """The structs on an intrusive list."""
    kind = gdb.lookup_type("struct " + struct)
    offset = next(f.bitpos // 8 for f in kind.fields() if f.name == member)
    node = head["next"]
    while node != head.address:
        yield (node.cast(gdb.lookup_type("char").pointer()) - offset).cast(kind.pointer())
        node = node["next"]


def decode(entry, level):
    words = [name for bit, name in BITS.items()
             if entry >> bit & 1 and (bit != 7 or level > 0)]
    return ", ".join(words) or "empty"


class PageWalk(gdb.Command):
    """pgwalk ADDRESS: follow the page tables of the current address space, as the CPU would."""

    def __init__(self):
        super().__init__("pgwalk", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        if not argument:
            raise gdb.GdbError("pgwalk ADDRESS")
        levels, index_bits, size = build()
        address = int(value(f"(unsigned long)({argument})"))
        table = int(value("$cr3")) & ~(0x1f if levels == 3 else 0xfff)
        print(f"cr3      {table:#x}")
        for level in reversed(range(levels)):
            shift = PAGE_SHIFT + index_bits * level
            index = address >> shift & ((1 << index_bits) - 1)
            entry = read_physical(table + index * size, size)
            print(f"level {level}  [{index:4}] {entry:#018x}  {decode(entry, level)}")
            if not entry & 1:
                print("         not present")
                return
            base = entry & 0x000ffffffffff000
            if level == 0 or entry & 0x80:
                page = base & ~((1 << shift) - 1)
                print(f"physical {page | address & ((1 << shift) - 1):#x}, page number "
                      f"{page >> PAGE_SHIFT:#x}, {1 << (shift - 10)} KiB")
                return
            table = base


def memmap():
    """The struct page of page number 0.  With: machine/memmap.h"""
    if build()[0] < 4:
        return value("memmap_array")
    return gdb.Value(0xffffea0000000000).cast(gdb.lookup_type("struct page").pointer())


class Pages(gdb.Command):
    """pages [PFN]: the zones; or the struct page of page number PFN."""

    def __init__(self):
        super().__init__("pages", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        if argument:
            page = (memmap() + int(value(argument))).dereference()
            kind = page["kind"].cast(gdb.lookup_type("enum page_kind"))
            print(f"{kind}, {page.format_string(max_depth=2)}")
            return
        print(f"{'zone':<10}{'pages':>10}{'free':>10}{'min':>8}{'low':>8}{'high':>8}")
        for zone in zones():
            print(f"{zone['name'].string():<10}{int(zone['pages']):>10}"
                  f"{int(zone['buddy']['free_pages']):>10}{int(zone['min']):>8}"
                  f"{int(zone['low']):>8}{int(zone['high']):>8}")


def zones():
    array = value("zones")
    first, last = array.type.range()
    return [array[i] for i in range(first, last + 1) if array[i]["pages"]]


class Buddy(gdb.Command):
    """buddy: free blocks of each zone, by order."""

    def __init__(self):
        super().__init__("buddy", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        print(f"{'order':<10}" + "".join(f"{n:>7}" for n in range(11)))
        for zone in zones():
            counts = zone["buddy"]["count"]
            first, last = counts.type.range()
            print(f"{zone['name'].string():<10}"
                  + "".join(f"{int(counts[n]):>7}" for n in range(first, last + 1)))


class Tasks(gdb.Command):
    """tasks: every task, with its state, CPU and saved stack pointer."""

    def __init__(self):
        super().__init__("tasks", gdb.COMMAND_STATUS)

    def invoke(self, argument, from_tty):
        states = gdb.lookup_type("enum task_state")
        print(f"{'pid':>5} {'name':<16} {'state':<22} cpu  {'mm':<18} stack pointer")
        for task in list_of(value("all_tasks"), "task", "all_node"):
            print(f"{int(task['pid']):>5} {task['name'].string():<16} "
                  f"{str(task['state'].cast(states)):<22} {int(task['cpu']):>3}  "
                  f"{int(task['mm']):<#18x} {int(task['saved_sp']):#x}")


class Quire(gdb.Command):
    """What knows Quire: pgwalk ADDRESS, pages [PFN], buddy, tasks."""

    def __init__(self):
        super().__init__("quire", gdb.COMMAND_DATA, gdb.COMPLETE_NONE, True)


Quire(), PageWalk(), Pages(), Buddy(), Tasks()
