#!/usr/bin/python3
"""Figures: instructions counted by QEMU (-icount shift=0), the same every run, each with its limit.

The kernel says "figure NAME N" in a test or while it boots.  Run as a program with --write, this
writes docs/figures.md.
"""
import re
import subprocess
import sys

import linux
import mmbench
from harness import BUILDS, ROOT, Job, Result, log_file, measured, verdict

# The most instructions that each may take.
LIMITS = {"page_alloc_free": 120, "kmalloc_kfree": 100, "context_switch": 300,
          "null_system_call": 150, "down_read_up_read": 48, "down_write_up_write": 50,
          "mutex_lock_unlock": 50, "spin_lock_unlock": 30, "spin_lock_irqsave_restore": 36,
          "wake_up_nobody": 15, "clear_order": 250, "kmap_local": 80, "kmap_local_direct": 20}
WHAT = {"page_alloc_free": "`page_alloc` and `page_free` of one page",
        "kmalloc_kfree": "`kmalloc(64)` and `kfree`",
        "context_switch": "context switch between two kernel threads",
        "null_system_call": "system call that does nothing, from user mode and back",
        "kmap_local": "`kmap_local_page` and `kunmap_local` of a highmem page",
        "kmap_local_direct": "the same of a page in the direct map",
        "clear_order": "huge page: what the order of clearing costs beyond the clearing",
        "clear_extent": "clearing a huge page (4 MiB on i386, else 2), `clear=extent`",
        "clear_page": "the same, `clear=page`",
        "clear_leftright": "the same, `clear=leftright`",
        "down_read_up_read": "`down_read` and `up_read`, uncontended",
        "down_write_up_write": "`down_write` and `up_write`, uncontended",
        "mutex_lock_unlock": "`mutex_lock` and `mutex_unlock`, uncontended",
        "spin_lock_unlock": "`spin_lock` and `spin_unlock`, uncontended",
        "spin_lock_irqsave_restore": "`spin_lock_irqsave` and `..._irqrestore`, uncontended",
        "wake_up_nobody": "`wake_up` with nobody on the queue"}
BOOT_LIMITS = {"256M": 30_000_000, "8G": 60_000_000}
# The stages of kernel_main(), in order, each with what was done when it is passed.
STAGES = {"boot.cpu": "loader's words, CPU, traps", "boot.page_tables": "memory map, page tables",
          "boot.pages": "`struct page`, zones, slabs", "boot.tasks": "screen, tasks, scheduler",
          "boot.interrupts": "ACPI, interrupt controllers, clock calibration",
          "boot.cpus": "other CPUs, watchdog", "boot.files": "unpacking the initramfs",
          "boot": "exec of PID 1"}


def operations(build):
    run = f"figures.{build}"
    found = measured(run, build, "256M", "ktest=figures_*")
    for figure, limit in LIMITS.items():
        yield verdict(f"{run}.{figure}", run, found.get(figure), limit)


def boot(build, mem):
    run = f"figures.{build}.boot.{mem}"
    found = measured(run, build, mem, "loglevel=8")
    again = measured(f"{run}.again", build, mem, "loglevel=8")
    yield verdict(run, run, found.get("boot"), BOOT_LIMITS[mem])
    yield Result(f"{run}.repeats", found == again and bool(found), f"{found}, then {again}",
                 log_file(f"{run}.again"))


def sizes():
    """Bytes of each kernel by section, tests and debug information left out."""
    for build in BUILDS:
        out = subprocess.run(["size", "-A", ROOT / "build" / build / "quire.elf"],
                             capture_output=True, text=True, check=True).stdout
        rows = {m[1]: int(m[2]) for m in re.finditer(r"^(\.\S+)\s+(\d+)", out, re.M)
                if not m[1].startswith((".debug", ".tests", ".comment"))}
        total = sum(size for name, size in rows.items() if "bss" not in name)
        yield build, rows, total


def row(title, instructions):
    return f"| {title} | " + " | ".join(f"{(n + 500) // 1000:,}" for n in instructions) + " |"


def write():
    lines = ["# Figures", "",
             "Written by `tests/suite/figures.py --write`.  Instructions as QEMU counts them with",
             "`-icount shift=0`: the same every run, blind to what a cache or TLB miss costs.",
             "",
             "| instructions | limit | " + " | ".join(BUILDS) + " |",
             "|---|---|---|---|---|"]
    ops = {b: measured(f"figures.{b}", b, "256M", "ktest=figures_*") for b in BUILDS}
    for figure, what in WHAT.items():  # those without a limit are for comparison
        lines.append(f"| {what} | {LIMITS.get(figure, '')} | "
                     + " | ".join(f"{ops[b].get(figure, '-')}" for b in BUILDS) + " |")
    boots = {(b, m): measured(f"figures.{b}.boot.{m}", b, m, "loglevel=8")
             for b in BUILDS for m in BOOT_LIMITS}
    stages = [f for f in boots["x86_64", "256M"] if f != "boot"]
    lines += ["",
              "Thousands from the kernel's entry to PID 1's first instruction, and where they go:",
              "",
              "| stage | " + " | ".join(f"{b}, {m}" for b, m in boots) + " |",
              "|---" * (len(boots) + 1) + "|"]
    totals = (b["boot"] for b in boots.values())
    lines += [row("**all**", totals), row("limit", (BOOT_LIMITS[m] for _, m in boots))]
    for before, figure in zip([None] + stages, stages + ["boot"]):
        spent = (b[figure] - b.get(before, 0) for b in boots.values())
        lines.append(row(STAGES[figure], spent))
    lines += ["", "What grows with memory is `struct page` and its zones, and nothing else.",
              "i386 uses the RAM below 4 GiB of the 8 GiB (3 GiB in this machine)."]
    lines += ["", "Kernel image, bytes in the file without tests and debug information:", "",
              "| build | total | .text | .rodata | .symbols | .data |", "|---|---|---|---|---|---|"]
    for build, rows, total in sizes():
        lines.append(f"| {build} | {total} | " + " | ".join(
            str(rows.get(s, 0)) for s in (".text", ".rodata", ".symbols", ".data")) + " |")
    lines += mmbench.document() + linux.document(mmbench.WHAT)
    (ROOT / "docs/figures.md").write_text("\n".join(lines) + "\n")


def jobs():
    yield from mmbench.jobs()
    for build in BUILDS:
        yield Job(f"figures.{build}", lambda b=build: operations(b), 6)
        for mem in BOOT_LIMITS:
            yield Job(f"figures.{build}.boot.{mem}", lambda b=build, m=mem: boot(b, m), 6)


if __name__ == "__main__" and "--write" in sys.argv:
    write()
