"""In-kernel tests, on every build, with one CPU and with four, in each preemption model.

A kernel runs all its tests in one boot and prints KTAP; each of its lines is one result.  The
check builds (make CHECK=1) run them once more, with the slow assertions.  Those of pages run also
with HIGHMEM, and with a GiB set aside at boot.
"""
import re

from harness import BUILDS, ROOT, Job, Result, log_file, vm

MODELS = ("none", "voluntary", "full")
LINE = re.compile(r"^(not ok|ok) (\d+) ([\w.:/-]+)(?:\s*#\s*(.*))?$", re.M)
PLAN = re.compile(r"^1\.\.(\d+)$", re.M)


def run(build, smp, model, folder):
    name = f"ktest.{folder}.smp{smp}.{model}"
    code, text = vm(name, "--arch", build, "--build", ROOT / "build" / folder, "--smp", smp,
                    append=f"ktest=* preempt={model}", timeout=120)
    yield from results(name, code, text)


def run_on(name, build, options, append, glob="page*"):
    """The tests of pages on a machine with a special memory."""
    code, text = vm(name, "--arch", build, *options, append=f"ktest={glob} {append}", timeout=120)
    yield from results(name, code, text)


def slots_everywhere(name):
    """All tests where each page that is looked into takes a slot, though none needs it.  (L22)"""
    code, text = vm(name, "--arch", "x86_64", "--smp", 2, append="ktest=* kmap=always", timeout=120)
    yield from results(name, code, text)


def results(name, code, text):
    """One result a KTAP line, and one for the run: plan kept, status right."""
    failed = count = end = 0
    for line in LINE.finditer(text):
        verdict, _, test, remark = line.groups()
        before = text[end:line.start()].strip().splitlines()  # what was said while it ran
        end = line.end()
        count += 1
        failed += verdict != "ok"
        yield Result(f"{name}.{test}", verdict == "ok", remark or (before or ["see its log"])[-1],
                     log_file(name))
    plan = PLAN.search(text)
    why = ""
    if not plan:
        why = f"no plan; status {code}"
    elif count != int(plan[1]):
        why = f"{count} of {plan[1]} tests reported; status {code}"
    elif code != (1 if failed else 0):
        why = f"status {code} with {failed} failed"
    yield Result(name, not why, why, log_file(name))


def jobs():
    for build in BUILDS:
        for smp in (1, 4):
            for model in MODELS:
                yield Job(f"ktest.{build}.smp{smp}.{model}",
                          lambda b=build, s=smp, m=model: run(b, s, m, b), 10, smp)
        yield Job(f"ktest.{build}-check.smp4.full",
                  lambda b=build: run(b, 4, "full", f"{b}-check"), 15, 4)
    for build in ("i386", "i386pae"):
        yield Job(f"ktest.{build}.highmem", lambda b=build: run_on(
            f"ktest.{b}.highmem", b, ["--mem", "256M", "--smp", 2], "highmem=64M"), 5, 2)
    for build in ("i386pae", "x86_64"):
        yield Job(f"ktest.{build}.gigantic", lambda b=build: run_on(
            f"ktest.{b}.gigantic", b, ["--mem", "5G", "--smp", 2], "hugepages_1g=1"), 10, 2)
    yield Job("ktest.x86_64.gib", lambda: run_on(
        "ktest.x86_64.gib", "x86_64", ["--mem", "5G"], "hugepages_1g=1", "hugetlb*"), 5)
    yield Job("ktest.x86_64.slots", lambda: slots_everywhere("ktest.x86_64.slots"), 10, 2)
