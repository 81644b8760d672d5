"""Crashes on purpose (crash=KIND): each must end in a report that says what happened, and 125.

Also machines whose CPU lacks one thing or another: they boot, or say what is missing.
"""
from harness import BUILDS, Job, expect, vm

# What every report has: registers, CR2 and the others, the stack with names.
REGISTERS = {"i386": r"eip [0-9a-f]{8}  esp [0-9a-f]{8}",
             "x86_64": r"rip [0-9a-f]{16}  rsp [0-9a-f]{16}"}
COMMON = [r"cr0 .* cr2 .* cr3 .* cr4 ", r"panic on CPU 0",
          r"stack of (crash|boot), innermost call first"]
LEVELS = {"i386": 2, "i386pae": 3, "x86_64": 4}
WRITE = r"error code 0x2: a write by the kernel at 0x[0-9a-f]+: nothing is mapped there"


def walk(levels):
    """The walk of CR2, from the root to level 0."""
    return "".join(rf"level {n} \[ *\d+\] [0-9a-f]+ present.*\n.*"
                   for n in range(levels - 1, 0, -1))


def crashes(build):
    """(kind, what its report says)"""
    levels = LEVELS[build]
    yield "divide", [r"divide error \(vector 0, from the kernel\)", r"crash_divide\+"]
    yield "ud", [r"invalid opcode \(vector 6", r"crash_ud\+"]
    yield "protection", [r"general protection fault \(vector 13",
                         r"error code 0xfff8: entry 8191 of the GDT", r"crash_protection\+"]
    yield "pagefault", [r"\(vector 14", WRITE, rf"level {levels - 1} \[", r"not present",
                        r"crash_pagefault\+"]
    yield "rodata", [r"error code 0x3: a write .* the page is there, but forbids it",
                     walk(levels) + r"level [01] \[ *\d+\] [0-9a-f]+ present", r"crash_rodata\+"]
    # L4, trap 31: in check builds; elsewhere the slot behind is empty
    yield "kmap", [r"\(vector 14", WRITE, "not present", r"crash_kmap\+"]
    yield "nullcall", [r"at (0x0+|0*): nothing is mapped there", r"crash_thread\+"]
    yield "stackoverflow", [r"double fault \(vector 8",
                            r"stack overflow in task \d+ \(crash\): .* guard page",
                            r"recurse.*\+.*\n.*recurse.*\+"]
    yield "bootstack", [r"double fault \(vector 8",
                        r"stack overflow in task 0 \(boot\): .* guard page"]
    if build != "i386":
        yield "nx", [r"error code 0x11: an instruction fetch .* forbids it", r"no-execute"]


def crash(name, build, kind, said):
    code, text = vm(name, "--arch", build, append=f"crash={kind}", timeout=25)
    registers = REGISTERS["x86_64" if build == "x86_64" else "i386"]
    yield expect(name, code, text, 125, [*said, registers, *COMMON])


def own_words(name, build, kind, said):
    code, text = vm(name, "--arch", build, append=f"crash={kind}", timeout=25)
    yield expect(name, code, text, 125, [said, r"crash_thread\+"])


# CPUs that differ in what they have, and the protections the kernel finds.  (trap 1, trap 17)
CPUS = {
    "i386": [("pentium2", "WP PGE PAT"), ("pentium2,-fxsr", "WP"), ("pentium3", "WP"),
             ("qemu32", "WP"), ("max", "WP SMEP SMAP UMIP PGE PAT")],
    "i386pae": [("pentium2", "WP PGE PAT"), ("coreduo", "WP NX"), ("max", "WP NX SMEP SMAP UMIP")],
    "x86_64": [("qemu64", "WP NX PGE PAT"), ("qemu64,-nx,-pge,-pat", "WP$"), ("EPYC", "SMEP SMAP"),
               ("max", "WP NX SMEP SMAP UMIP PGE PAT")],
}


def cpu(name, build, model, protections):
    code, text = vm(name, "--arch", build, timeout=25, extra=("-cpu", model))
    yield expect(name, code, text, 0, [rf"(?m)protection: .*{protections}"])


def jobs():
    for build in BUILDS:
        for kind, said in crashes(build):
            name = f"crash.{build}.{kind}"
            yield Job(name, lambda n=name, b=build, k=kind, s=said: crash(n, b, k, s), 1)
        for kind, said in (("assert", r"assertion failed: zero == 1"),
                           ("panic", r"crash=panic was asked for")):
            name = f"crash.{build}.{kind}"
            yield Job(name, lambda n=name, b=build, k=kind, s=said: own_words(n, b, k, s), 1)
        for model, protections in CPUS[build]:
            name = f"cpu.{build}.{model}"
            yield Job(name, lambda n=name, b=build, m=model, p=protections: cpu(n, b, m, p), 1)
