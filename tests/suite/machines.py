"""Machines of many kinds: interrupt controllers, clocks, numbers of CPUs.

Each boots to the end of PID 1, says what it found, and where it matters runs the in-kernel tests
of clocks, calls between CPUs and interrupts.
"""
import subprocess
import threading

from harness import BUILDS, ROOT, Job, Result, command, expect, log_file, vm
from ktest import results

PICS = r"irq: the 8259s \(not APICs: "
# name: (CPUs, parameters, arguments to QEMU, what must be said, in-kernel tests too?)
KINDS = {
    "q35": (2, "", ["-machine", "q35"], [r"irq: 1 I/O APIC", r"smp: 2 CPUs run of 2"], True),
    "no-acpi": (1, "", ["-machine", "acpi=off"], [PICS + "no ACPI"], True),
    "no-apic": (1, "", ["-cpu", "max,-apic"], [PICS + "the CPU has none"], False),
    "noapic": (4, "noapic", [], [PICS + r"noapic\)", r"smp: 1 CPU runs of 4"], True),
    "no-hpet": (2, "", ["-no-hpet"], [r"clock: tsc"], True),
    "no-tsc": (2, "", ["-cpu", "max,-tsc"], [r"clock: hpet"], False),
    "pit-only": (2, "", ["-no-hpet", "-cpu", "max,-tsc"], [r"clock: pit"], False),
    "clock=hpet": (4, "clock=hpet", [], [r"clock: hpet"], True),
    "clock=pit": (2, "clock=pit", [], [r"clock: pit"], True),
    "clock=sundial": (1, "clock=sundial", [], [r"sundial", r"clock: tsc"], False),
    "smp8": (8, "", [], [r"smp: 8 CPUs run of 8 found"], False),
    "smp10": (10, "", [], [r"smp: 8 CPUs run of 10 found \(limit 8\)"], False),
    "maxcpus=2": (4, "maxcpus=2", [], [r"smp: 2 CPUs run of 4 found \(limit 2\)"], False),
    "maxcpus=0": (2, "maxcpus=0", [], [r"maxcpus", r"smp: 2 CPUs run of 2"], False),
    "watchdog=0": (1, "watchdog=0", [], [], False),
}
GLOB = "ktest=[ci][lpr]*"  # clock, ipi, irq


def boot(name, build, kind):
    smp, append, extra, said, _ = KINDS[kind]
    code, text = vm(name, "--arch", build, "--smp", smp, append=append, timeout=40, extra=extra)
    yield expect(name, code, text, 0, said)


def test_inside(name, build, kind):
    smp, append, extra, _, _ = KINDS[kind]
    code, text = vm(name, "--arch", build, "--smp", smp, append=f"{append} {GLOB}", timeout=60,
                    extra=extra)
    yield from results(name, code, text)


def test_bochs(name, build):
    """Bochs's newer CPUs have x2APICs, which QEMU 7.2 cannot emulate."""
    code, text = vm(name, "--arch", build, "--boot", "iso", "--emu", "bochs", "--smp", 2,
                    append=f"{GLOB} loglevel=8", timeout=120)
    yield expect(f"{name}.x2apic", code, text, 0, [r"apic: x2APIC"])
    yield from results(name, code, text)


def plain(build, *extra, append):
    """QEMU without what tools/vm adds: no exit device, and a reset boots again."""
    emulator = "qemu-system-x86_64" if build == "x86_64" else "qemu-system-i386"
    return [emulator, "-accel", "tcg", "-m", "64M", "-display", "none", "-serial", "stdio",
            "-kernel", f"build/{build}/quire.elf", "-append", append, *extra]


def power_off(name, build, machine):
    """Without an exit device there is only ACPI to power off by; a reset would boot again."""
    code, text = command(name, plain(build, "-machine", machine, append="crash=panic"), 20)
    yield expect(name, code, text, 0, [r"crash=panic was asked for"])


def reboot(name, build, machine):
    """It crashes, starts again, crashes again; that has been seen, and the machine is stopped."""
    said, text = "crash=panic was asked for", ""
    with subprocess.Popen(plain(build, "-machine", machine, append="crash=panic panic=reboot"),
                          cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
        alarm = threading.Timer(30, process.kill)
        alarm.start()
        while text.count(said) < 2 and (line := process.stdout.readline()):
            text += line.decode(errors="replace")
        alarm.cancel()
        process.kill()
    log_file(name).write_text(text)
    yield Result(name, text.count(said) == 2, "did not crash twice", log_file(name))


def panic_stops(name, build):
    code, text = vm(name, "--arch", build, "--smp", 4, append="crash=deaf", timeout=30)
    yield expect(name, code, text, 125, [r"crash=deaf was asked for",
                                         r"panic: 3 of 3 other CPUs have stopped"])


# Memory that only windows reach: (build, memory, parameters, processes, MiB of each).
HIGHMEM = [("i386pae", "8G", "", 4, 1600),
           ("i386", "128M", "highmem=64M", 4, 18),
           ("i386pae", "128M", "highmem=64M", 4, 18),
           ("x86_64", "128M", "kmap=always", 4, 18)]


def highmem(name, build, mem, append, processes, mib):
    """Many processes fill almost all of memory, and each finds its pages as it left them."""
    code, text = vm(name, "--arch", build, "--smp", 2, "--mem", mem, timeout=400,
                    append=f"{append} init=/tests/manypages -- {processes} {mib}")
    yield expect(name, code, text, 0, [r"ok: every page is as it was left"])


def skew(name, build):
    """A CPU whose TSC is wrong: the clock changes, which is why this test runs alone."""
    code, text = vm(name, "--arch", build, "--smp", 2, append="ktest=clock_skew.*", timeout=30)
    yield expect(f"{name}.said", code, text, 0, [r"clock: a CPU's TSC is \d+ ns behind",
                                                 r"from now on hpet"])
    yield from results(name, code, text)


def jobs():
    for build in BUILDS:
        for kind, (smp, _, _, _, inside) in KINDS.items():
            if kind in ("no-tsc", "pit-only") and build != "x86_64":
                continue  # the i386 builds ask for a TSC
            name = f"machine.{build}.{kind}"
            yield Job(name, lambda n=name, b=build, k=kind: boot(n, b, k), 2, smp)
            if inside:
                name = f"machine.{build}.{kind}.ktest"
                yield Job(name, lambda n=name, b=build, k=kind: test_inside(n, b, k), 6, smp)
        for machine in ("pc", "q35"):
            name = f"machine.{build}.{machine}.off"
            yield Job(name, lambda n=name, b=build, m=machine: power_off(n, b, m), 2)
            name = f"machine.{build}.{machine}.reboot"
            yield Job(name, lambda n=name, b=build, m=machine: reboot(n, b, m), 2)
        name = f"machine.{build}.panic"
        yield Job(name, lambda n=name, b=build: panic_stops(n, b), 2, 4)
        name = f"machine.{build}.skew"
        yield Job(name, lambda n=name, b=build: skew(n, b), 2, 2)
    for build, mem, append, processes, mib in HIGHMEM:
        name = f"machine.{build}.{mem}.manypages"
        yield Job(name, lambda n=name, row=(build, mem, append, processes, mib): highmem(n, *row),
                  60 if mem == "8G" else 6, 2)
    name = "machine.x86_64.bochs.smp2.ktest"
    yield Job(name, lambda n=name: test_bochs(n, "x86_64"), 15, 2)
