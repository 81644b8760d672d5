"""The debuggers: a page fault single-stepped in Bochs, what GDB's commands say, the profiler."""
import re

from harness import BUILDS, ROOT, Job, command, expect

LEVELS = {"i386": ("PDE", "PTE"), "i386pae": ("PDE", "PTE"),
          "x86_64": ("PML4", "PDPE", "PDE", "PTE")}
PATH = ROOT / "docs/paths/page_fault.txt"
ENTRY_NONE, ENTRY_PRESENT = r"PTE: 0x0{16}\b", r"PTE: 0x[0-9a-f]+.*\bU W P"


def hops():
    lines = PATH.read_text().splitlines()
    return [line.split()[1] for line in lines if line.strip() and not line.startswith("#")]


def fault(name, build):
    code, text = command(name, [ROOT / "tools/bochs-fault", "--arch", build], timeout=240)
    path = r"[\s\S]*".join(rf"\d+  {hop}\b" for hop in hops())
    hardware = r"\n.*".join(rf"\[CPU0 RD\]: PHY .*; {what}" for what in ("PDE", "PTE"))
    yield expect(name, code, text, 0, [
        r"== the instruction, in user mode at 0x[0-9a-f]+",
        r"tables say about 0x[0-9a-f]+ now\n"
        + "".join(rf" *{level}: .*\n" for level in LEVELS[build][:-1]) + " *" + ENTRY_NONE,
        hardware + r"\n.*Exception 0x0e - \(#PF\)",
        r"vector 14, error code 0x[46]: nothing mapped, (read|write), user",
        path,
        r"the tables now say\n[\s\S]*" + ENTRY_PRESENT + r"[\s\S]*maps to physical page",
        r"it succeeds, and the program goes on"])


# Stopped at the first system call, when there is all of it: tasks, an address space, a page.
GDB = ["hbreak syscall_dispatch", "continue", "tasks", "buddy", "pages", "pgwalk kernel_main",
       "pgwalk 0x1000", "pages 0", "kill"]


def gdb(name, build):
    words = [w for line in GDB for w in ("-ex", line)]
    code, text = command(name, [ROOT / "tools/gdb", build, "--", "-batch", *words], timeout=60)
    levels = len(LEVELS[build]) + (build == "i386pae")
    yield expect(name, code, text, 0, [
        r"pid +name[\s\S]*\n +1 init +TASK_\w+ +0 ",
        r"order +0 +1 .* 10\nNORMAL +\d+",
        r"zone +pages +free[\s\S]*NORMAL +\d+ +\d+ +\d+",
        rf"level {levels - 1} .*present[\s\S]*physical 0x1[0-9a-f]+, page number",
        r"not present\n",
        r"PAGE_RESERVED, "])
    lines = [line for line in text.splitlines() if re.match(r"NORMAL .*", line)]
    counts, zone = ([int(n) for n in line.split()[1:]] for line in lines[:2])
    free = sum(n << order for order, n in enumerate(counts))
    yield expect(name + ".sums", int(free != zone[1]), text, 0)


def profile(name, build):
    """Each of the path's functions runs once, and the rows add up."""
    code, text = command(name, [ROOT / "tools/profile", "--arch", build, "--skip", "20",
                                "--count", "10", "--lines", "mm_fault"], timeout=60)
    yield expect(name, code, text, 0, [
        rf"^{build}, from page_fault to page_fault, average of 10: [\d.]+ instructions\n",
        *(rf"\n +[\d.]+ +1\.0  {function}\n" for function in ("page_fault", "mm_fault")),
        r"mm_fault:\ninstructions  source\n( +[\d.]+  \S+:\d+.*\n)+$"])
    rows = re.findall(r"^ +([\d.]+) +[\d.]+  \S+$", text, re.M)
    whole = re.search(r"([\d.]+) instructions", text)
    off = abs(sum(map(float, rows)) - float(whole[1])) if whole else 1e9
    yield expect(name + ".sums", int(off > 0.1 * len(rows)), text)


def jobs():
    for build in BUILDS:
        name = f"bochs.{build}.fault"
        yield Job(name, lambda n=name, b=build: fault(n, b), 20)
        name = f"gdb.{build}"  # alone: the port is one for all
        yield Job(name, lambda n=name, b=build: gdb(n, b), 8, cores=2)
        name = f"profile.{build}"
        yield Job(name, lambda n=name, b=build: profile(n, b), 3)
