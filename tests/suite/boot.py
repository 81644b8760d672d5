"""The boot matrix: build x way to boot x memory x CPUs; each machine must run PID 1 to its end.

Each row also names what shows that the machine was the one asked for.
"""
from typing import NamedTuple

from harness import BUILDS, Job, expect, vm

SMALLEST = {"i386": "16M", "i386pae": "16M", "x86_64": "32M"}
# What PID 1 says at its end: it has run and its page faults were those it made.
PID_1 = [r"touched \d+ bytes", r"as many as pages touched: all is well"]
HIGHMEM = r"[1-9]\d* KiB of it beyond the direct map"


class Row(NamedTuple):
    build: str
    way: str = "kernel"  # or iso, uefi (in QEMU), bochs
    mem: str = "256M"
    smp: int = 1
    append: str = ""
    said: tuple = ()

    def name(self):
        return f"boot.{self.build}.{self.way}.{self.mem}.smp{self.smp}" + \
            (f".{self.append}" if self.append else "")


def cpus(count):
    return rf"smp: {count} CPUs? runs? of {count}"


def sizes(build):
    """From the smallest memory that must do to more than 4 GiB."""
    for mem in (SMALLEST[build], "64M"):
        yield Row(build, mem=mem, said=(r" 0 KiB of it beyond",))
    for mem in ("1G", "3G"):
        yield Row(build, mem=mem, said=(r" 0 KiB of it beyond" if build == "x86_64" else HIGHMEM,))
    big = r"beyond what this build can address: ignored" if build == "i386" else \
        r"8[23]\d{5} KiB usable"
    for smp in (1, 4):
        yield Row(build, mem="8G", smp=smp, said=(big, cpus(smp)))


def processors(build):
    for smp in (2, 4, 8):
        yield Row(build, smp=smp, said=(cpus(smp),))
    yield Row(build, mem=SMALLEST[build], smp=4, said=(cpus(4),))
    yield Row(build, smp=4, append="maxcpus=2", said=(r"smp: 2 CPUs run of 4",))
    yield Row(build, append="noapic", said=(r"8259",))


def firmware(build):
    for smp in (1, 4):
        yield Row(build, "iso", smp=smp, said=(r"started by GRUB", cpus(smp)))
        yield Row(build, "uefi", smp=smp, said=(r"started by GRUB", cpus(smp)))
    yield Row(build, "iso", mem="3G", append="noapic", said=(r"started by GRUB", r"8259"))
    yield Row(build, "bochs", said=(r"started by GRUB",))


def rows():
    for build in BUILDS:
        yield from sizes(build)
        yield from processors(build)
        yield from firmware(build)
        yield Row(build, append="mem=64M", said=(r"memory: 6\d{4} KiB, ",))
    for build in ("i386", "i386pae"):
        yield Row(build, smp=2, append="highmem=128M", said=(HIGHMEM, cpus(2)))
    yield Row("x86_64", smp=2, append="kmap=always", said=(cpus(2),))
    yield Row("x86_64", "bochs", smp=2, said=(cpus(2),))


def run(row):
    emulator, boot = ("bochs", "iso") if row.way == "bochs" else ("qemu", row.way)
    options = ["--arch", row.build, "--boot", boot, "--emu", emulator, "--mem", row.mem,
               "--smp", row.smp]
    slow = row.way in ("uefi", "bochs")
    code, text = vm(row.name(), *options, append=row.append, timeout=90 if slow else 30)
    yield expect(row.name(), code, text, 0, [*PID_1, *row.said])


def draw(name, build):
    """A program draws on the framebuffer that the UEFI firmware left."""
    code, text = vm(name, "--arch", build, "--boot", "uefi", append="init=/tests/fb loglevel=3",
                    timeout=120)
    yield expect(name, code, text, 0, [r"ok: what is drawn is there"])


def jobs():
    for build in ("i386", "x86_64"):
        name = f"boot.{build}.uefi.fb0"
        yield Job(name, lambda n=name, b=build: draw(n, b), 10)
    for row in rows():
        yield Job(row.name(), lambda r=row: run(r), 8 if row.way in ("uefi", "bochs") else 2)
