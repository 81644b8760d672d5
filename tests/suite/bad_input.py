"""Bad input: a clear message on the console and the right status; never a hang or a reset loop.

Each row: what, how the machine is started, the status, what must be said.  A status of 125 is a
panic with a clear message; 0 means that the boot goes on.
"""
import struct

import cpio
from harness import BUILDS, LOGS, ROOT, Job, Result, command, expect, log_file, vm

OTHER = {"i386": "x86_64", "i386pae": "x86_64", "x86_64": "i386"}
KERNEL_ADDRESS = {"i386": 0xc0100000, "i386pae": 0xc0100000, "x86_64": 0xffffffff80100000}

# Maps that tests/boot/loader.c knows.
MAPS = [("none", 125, r"memory map"), ("reserved", 125, r"memory"), ("good", 0, ""),
        ("overlapping", 0, ""), ("unsorted", 0, ""), ("holes", 0, ""), ("absurd", 0, "")]


def initramfs(build):
    return (ROOT / "build" / build / "initramfs.cpio").read_bytes()


def init_of(build):
    return cpio.members(initramfs(build))["init"]


def with_init(build, data):
    """An initramfs whose /init is @data."""
    return cpio.archive({"dev": None, "proc": None, "init": data})


def patched(data, at, text):
    return data[:at] + text + data[at + len(text):]


def changed(field, value):
    """An initramfs whose /init has a nonsensical program header: of its code."""
    return lambda b: with_init(b, cpio.Elf(init_of(b)).put(field, value(b), 1).bytes())


# What, the archive for a build, what must be said.  Always a panic.  Bytes 54 and 94 of a cpio
# header begin the lengths of the content and of the name.
ARCHIVE = r"(?i)initrd|initramfs|cpio"
INITRDS = [
    ("cpio-truncated-in-data", lambda b: initramfs(b)[:len(initramfs(b)) // 2], ARCHIVE),
    ("cpio-truncated-in-header", lambda b: initramfs(b)[:60], ARCHIVE),
    ("cpio-bad-magic", lambda b: patched(initramfs(b), 0, b"070799"), ARCHIVE),
    ("cpio-name-too-long", lambda b: patched(initramfs(b), 94, b"ffffffff"), ARCHIVE),
    ("cpio-size-too-big", lambda b: patched(initramfs(b), 54, b"fffffff0"), ARCHIVE),
    ("cpio-no-hexadecimal", lambda b: patched(initramfs(b), 54, b"no hex!!"), ARCHIVE),
    ("cpio-of-zeroes", lambda b: bytes(8192), r"init"),
    ("init-missing", lambda b: cpio.archive({"dev": None}), r"/init"),
    ("init-is-a-directory", lambda b: cpio.archive({"init": None}), r"/init"),
    ("init-empty", lambda b: with_init(b, b""), r"/init"),
    ("init-not-elf", lambda b: with_init(b, b"hello, this is text\n" * 10), r"(?i)elf"),
    ("init-truncated-header", lambda b: with_init(b, init_of(b)[:40]), r"/init"),
    ("init-truncated-segment", lambda b: with_init(b, init_of(b)[:len(init_of(b)) // 3]), r"/init"),
    ("init-other-machine", lambda b: with_init(b, init_of(OTHER[b])), r"machine"),
    ("init-segment-over-kernel", changed("vaddr", KERNEL_ADDRESS.get), r"/init"),
    ("init-segment-wraps", changed("memory_bytes", lambda b: -4096), r"/init"),
    ("init-segment-offset-wraps", changed("offset", lambda b: -4096), r"/init"),
]


def machines(build):
    """(what, tools/vm's options, parameters, extra, status, what must be said)"""
    few_features = {"i386": ("486,-pse", r"PSE|page size"), "i386pae": ("pentium,-pae", r"PAE"),
                    "x86_64": ("qemu32", r"(?i)long mode|64.bit")}[build]
    return [
        ("no-initrd", ["--initrd", "none"], "", (), 125, r"initrd"),
        ("parameter-unknown", [], "flavour=vanilla", (), 0, r"flavour"),
        ("parameter-malformed", [], "loglevel=banana", (), 0, r"loglevel"),
        ("parameter-malformed-mem", [], "mem=lots", (), 0, r"mem"),
        ("parameters-too-long", [], "loglevel=7 " * 200, (), 125, r"command line is longer"),
        ("parameter-quote-open", [], 'init="/init', (), 0, ""),
        ("memory-too-small", ["--mem", "4M", "--initrd", "none"], "", (), 125, r"(?i)memory"),
        ("mem-too-small", [], "mem=3M", (), 125, r"(?i)memory"),
        ("parameter-malformed-clear", [], "clear=sideways", (), 0, r"clear"),
        ("parameter-malformed-unit", [], "clear_unit=0", (), 0, r"clear_unit"),
        ("highmem-too-big", [], "highmem=255M", (), 0, r"highmem"),
        ("cpu-too-old", [], "", ("-cpu", few_features[0]), 125, few_features[1]),
        ("too-many-cpus", ["--smp", "12"], "", (), 0, r"(?i)CPUs"),
        ("init-parameter-missing-file", [], "init=/no/such/file", (), 125, r"/no/such/file"),
    ]


def start(name, build, options, append, extra, status, said):
    code, text = vm(name, "--arch", build, *options, append=append, extra=extra, timeout=25)
    yield expect(name, code, text, status, [said] if said else [])


def start_with(name, build, row):
    _, archive, said = row
    file = LOGS / "initrd" / f"{name}.cpio"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(archive(build))
    yield from start(name, build, ["--initrd", file], "", (), 125, said)


def lying_loader(name, build, row):
    """Start the kernel by tests/boot/loader.c with one of its maps."""
    what, status, said = row
    folder = LOGS / "loader" / f"{build}-{what}"
    folder.mkdir(parents=True, exist_ok=True)
    for argv in (["nasm", "-f", "elf32", "-o", folder / "start.o", "tests/boot/loader.asm"],
                 ["i686-linux-gnu-gcc", "-std=gnu17", "-O1", "-Wall", "-Wextra", "-ffreestanding",
                  "-fno-pic", "-fno-pie", "-fno-stack-protector", "-mgeneral-regs-only",
                  "-fcf-protection=none", "-Wno-missing-field-initializers", "-c",
                  "-o", folder / "load.o", "tests/boot/loader.c"],
                 ["i686-linux-gnu-ld", "-m", "elf_i386", "-Ttext-segment=0x4000000", "-e", "start",
                  "--no-warn-rwx-segments", "-z", "noexecstack", "-o", folder / "quire.elf",
                  folder / "start.o", folder / "load.o"]):
        code, _ = command(name, argv)
        if code:
            return [Result(name, False, "the loader does not build", log_file(name))]
    kernel = (ROOT / "build" / build / "quire.elf").read_bytes()
    initrd = initramfs(build)
    package = struct.pack("<4sII", b"QLDR", len(kernel), len(initrd)).ljust(4096, b"\0")
    (folder / "initramfs.cpio").write_bytes(package + kernel + bytes(-len(kernel) % 4096) + initrd)
    return start(name, build, ["--build", folder, "--mem", "256M"], what, (), status, said)


def jobs():
    for build in BUILDS:
        prefix = f"bad.{build}"
        for row in MAPS:
            name = f"{prefix}.memory-map-{row[0]}"
            yield Job(name, lambda n=name, b=build, r=row: lying_loader(n, b, r), 2)
        for what, options, append, extra, status, said in machines(build):
            name = f"{prefix}.{what}"
            yield Job(name, lambda n=name, b=build, o=options, a=append, e=extra, s=status, t=said:
                      start(n, b, o, a, e, s, t), 2)
        for row in INITRDS:
            name = f"{prefix}.{row[0]}"
            yield Job(name, lambda n=name, b=build, r=row: start_with(n, b, r), 2)
