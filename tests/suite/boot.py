"""The boot matrix: build x way to boot x memory x CPUs; each machine must run PID 1 to its end."""
from harness import BUILDS, ROOT, Job, expect, vm

SMALLEST = {"i386": "16M", "i386pae": "16M", "x86_64": "32M"}
BANNER = r"Quire"  # what PID 1 says


def rows():
    """(build, boot, emulator, memory, CPUs, parameters, what must be said)"""
    for build in BUILDS:
        for mem in (SMALLEST[build], "64M", "1G", "3G", "8G"):
            yield build, "kernel", "qemu", mem, 1, "", []
        for smp in (2, 4, 8):
            yield build, "kernel", "qemu", "256M", smp, "", []
        yield build, "kernel", "qemu", "8G", 4, "", []
        yield build, "kernel", "qemu", SMALLEST[build], 4, "", []
        yield build, "kernel", "qemu", "256M", 1, "noapic", []
        yield build, "kernel", "qemu", "256M", 4, "maxcpus=2", []
        yield build, "kernel", "qemu", "256M", 1, "mem=64M", []
        for smp in (1, 4):
            yield build, "iso", "qemu", "256M", smp, "", []
            yield build, "uefi", "qemu", "256M", smp, "", []
        yield build, "iso", "qemu", "3G", 1, "noapic", []
        yield build, "iso", "bochs", "256M", 1, "", []
    for build in ("i386", "i386pae"):
        yield build, "kernel", "qemu", "256M", 2, "highmem=128M", []
    yield "x86_64", "kernel", "qemu", "256M", 2, "kmap=always", []
    yield "x86_64", "iso", "bochs", "256M", 2, "", []


def run(name, build, boot, emulator, mem, smp, append, said):
    options = ["--arch", build, "--boot", boot, "--emu", emulator, "--mem", mem, "--smp", smp]
    slow = boot == "uefi" or emulator == "bochs"
    code, text = vm(name, *options, append=append, timeout=90 if slow else 30)
    yield expect(name, code, text, 0, [BANNER, *said])


def jobs():
    for row in rows():
        build, boot, emulator, mem, smp, append, _ = row
        way = boot if emulator == "qemu" else "bochs"
        name = f"boot.{build}.{way}.{mem}.smp{smp}" + (f".{append}" if append else "")
        yield Job(name, lambda n=name, r=row: run(n, *r), 8 if way in ("uefi", "bochs") else 2)
