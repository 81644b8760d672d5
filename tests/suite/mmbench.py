"""What memory costs a program: user/mmbench.c and user/mmparallel.c, with limits.

Instructions by -icount, the same every run: each row with its limit, in a small and in a large
machine; and again with 10 and with 10 000 mappings, touched pages and processes, where nothing may
grow.  And the one ratio of times: two CPUs that fault at once, against one alone.
"""
from harness import BUILDS, Job, Result, log_file, measured, verdict

# The most instructions of each row, and what it is.
LIMITS = {"read_fault": 600, "write_fault": 800, "zero_page_fault": 900, "cow_fault": 1000,
          "munmap_page": 150, "mmap_munmap": 2000, "fork_exit_wait": 36000,
          "fork_exec_wait": 600_000, "huge_fault": 3000}
WHAT = {"read_fault": "read fault on untouched anonymous memory (zero page)",
        "write_fault": "write fault on untouched anonymous memory, without clearing the page",
        "zero_page_fault": "write fault on a zero-page entry, likewise",
        "cow_fault": "copy-on-write of a page shared after `fork`, without the copy",
        "munmap_page": "`munmap`, per touched page",
        "mmap_munmap": "`mmap` and `munmap` of an untouched region",
        "fork_exit_wait": "`fork`, `exit` and `wait` of a small process",
        "fork_exec_wait": "`fork`, `exec` of busybox, `exit` and `wait`",
        "huge_fault": "huge fault, without the clearing",
        "huge_fault_whole": "huge fault, with the clearing",
        "pipe_round_trip": "a byte through a pipe to a process and back",
        "null_system_call": "system call that does nothing, called through the C library"}
# In the large machine of the 32-bit builds pages and leaf tables lie in highmem: each that the
# kernel looks into costs a kmap_local, which has a limit of its own; clearing a huge page is one
# for each of its parts.
MEMORY = ("256M", "4G")
KMAP = 80
SLOTS = {"read_fault": 1, "write_fault": 2, "zero_page_fault": 2, "cow_fault": 3,
         "munmap_page": 0.2, "fork_exit_wait": 60, "huge_fault": 1200}
MANY, MANY_MEMORY = 10_000, "3G"
# With many mappings a tree is deeper, by ten levels: what a level may cost.  mmap and munmap go
# down the tree a dozen times: for gaps, neighbours, insertion, removal.
DEEPER = {"read_fault": 10 * 12, "write_fault": 10 * 12, "mmap_munmap": 10 * 350,
          "munmap_page": 10 * 12}
SCALES = {"mappings": ("read_fault", "write_fault", "mmap_munmap", "munmap_page"),
          "pages": ("read_fault", "write_fault", "mmap_munmap", "munmap_page"),
          "processes": ("read_fault", "cow_fault", "fork_exit_wait")}
# Two CPUs at once, in percent of the time of one that does the work of both.
PARALLEL = {"threads": 75, "processes": 75}  # 60 on a quiet machine
CPU = ["-cpu", "max,la57=off,erms=off"]  # as tools/linux: a page is cleared by words


def bench(name, build, mem, arguments=""):
    return measured(name, build, mem, f"init=/bin/mmbench loglevel=3 -- {arguments}", extra=CPU,
                    timeout=400)


def both_sizes(build):
    return [bench(f"mmbench.{build}.{mem}", build, mem) for mem in MEMORY]


def highmem(build, mem, row):
    """What @row may cost more because its pages lie in highmem."""
    return KMAP * SLOTS.get(row, 0) if build != "x86_64" and mem != MEMORY[0] else 0


def grown(few, many, slack):
    """Whether @many is more than @few by more than noise (pages come in batches) and @slack."""
    return many > few * 1.05 + 10 + slack


def operations(build):
    found = both_sizes(build)
    for mem, figures in zip(MEMORY, found):
        run = f"mmbench.{build}.{mem}"
        for row, limit in LIMITS.items():
            yield verdict(f"{run}.{row}", run, figures.get(row), limit + highmem(build, mem, row))
    for row in LIMITS:
        small, large = (figures.get(row) for figures in found)
        slack = highmem(build, MEMORY[1], row)
        why = "was not measured" if small is None or large is None else \
            f"{small} instructions, with more memory {large}" if grown(small, large, slack) else ""
        yield Result(f"mmbench.{build}.memory.{row}", not why, why, log_file(run))


def scaling(build):
    run = f"mmbench.{build}.scale"
    figures = bench(run, build, MANY_MEMORY, f"--scale {MANY}")
    for scale, rows in SCALES.items():
        for row in rows:
            few, many = (figures.get(f"{row}.{scale}.{count}") for count in (10, MANY))
            slack = DEEPER[row] if scale == "mappings" else 0
            why = ""
            if few is None or many is None:
                why = "was not measured"
            elif grown(few, many, slack):
                why = f"{few} instructions with 10, {many} with {MANY}"
            yield Result(f"{run}.{scale}.{row}", not why, why, log_file(run))


def parallel(build):
    run = f"mmbench.{build}.parallel"
    figures = measured(run, build, "256M", "init=/bin/mmparallel loglevel=3", "--smp", 2,
                       timeout=400)
    for what, limit in PARALLEL.items():
        yield verdict(f"{run}.{what}", run, figures.get(f"parallel.{what}"), limit,
                      "percent of the time of one CPU")


def document():
    """The lines of docs/figures.md."""
    found = {b: both_sizes(b) for b in BUILDS}
    columns = [(b, i) for b in BUILDS for i in range(2)]
    lines = ["", "## What memory costs a program", "",
             "Instructions from user mode and back: `user/mmbench.c`, which runs on Linux as well.",
             "To see it again, or compare with Linux (`make bench`):", "",
             "    tools/vm --icount --append \"norandmaps init=/bin/mmbench\" -- -cpu max,erms=off",
             "    tools/linux --icount --append \"norandmaps init=/bin/mmbench\"", "",
             "| operation | limit | "
             + " | ".join(f"{b}, {MEMORY[i]}" for b, i in columns) + " |",
             "|---" * (len(columns) + 2) + "|"]
    for row, what in WHAT.items():
        lines.append(f"| {what} | {LIMITS.get(row, '-')} | "
                     + " | ".join(f"{found[b][i].get(row, '-')}" for b, i in columns) + " |")
    lines += ["", "In 4G the 32-bit builds use highmem: what the kernel looks into is mapped for",
              "the moment, a `kmap_local` for each page (a huge page is cleared in as many steps).",
              "", "Nothing grows with the number of mappings (but for a tree's depth), of pages",
              f"touched or of processes: with 10, {MANY:,} (`mmbench --scale {MANY}`)", "",
              "| operation | many | " + " | ".join(BUILDS) + " |", "|---|---|---|---|---|"]
    scaled = {b: bench(f"mmbench.{b}.scale", b, MANY_MEMORY, f"--scale {MANY}") for b in BUILDS}
    for scale, rows in SCALES.items():
        for row in rows:
            lines.append(f"| {WHAT[row]} | {scale} | " + " | ".join(
                ", ".join(f"{scaled[b].get(f'{row}.{scale}.{count}', '-')}"
                          for count in (10, MANY)) for b in BUILDS) + " |")
    return lines


def jobs():
    for build in BUILDS:
        yield Job(f"mmbench.{build}", lambda b=build: operations(b), 20)
        yield Job(f"mmbench.{build}.scale", lambda b=build: scaling(b), 30)
        yield Job(f"mmbench.{build}.parallel", lambda b=build: parallel(b), 20, cores=2)
