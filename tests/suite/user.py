"""User programs: each of tests/user/ with a .expect runs as PID 1 and must print exactly that.

The same binary must print the same on Linux: where the host can run it, it does.
"""
import functools
import mmap
import pathlib
import platform
import re
import subprocess

from harness import BUILDS, ROOT, Job, Result, log_file, vm

BUSYBOX = "Debian built this"
HOST_BUSYBOX = pathlib.Path("/bin/busybox")

# Scripts of tests/shell/, and whether they say the same on Linux, for anybody.
SCRIPTS = {"applets": True, "machine": False}

# What these see of the zero page, a Linux that was built or started without one cannot show.
NEED_ZERO_PAGE = {"move_pages", "zero_page"}


def expected(program):
    """Output and exit status: 0 unless PROGRAM.status says another, 128 + signal for those."""
    status = ROOT / "tests/user" / f"{program}.status"
    return ((ROOT / "tests/user" / f"{program}.expect").read_text(),
            int(status.read_text()) if status.exists() else 0)


def run(name, build, program):
    # Errors of the kernel's own would be seen; its ordinary talk is not the program's output.
    code, text = vm(name, "--arch", build, "--smp", 2, append=f"init=/tests/{program} loglevel=3")
    wanted, status = expected(program)
    why = "" if code == status else f"status {code}, not {status}"
    if not why and text != wanted:
        why = "printed something else than its .expect"
    yield Result(name, not why, why, log_file(name))


def host_runs(machine):
    """Whether this host's kernel starts programs of @machine."""
    if platform.machine() != "x86_64":
        return False
    program = ROOT / "build/user" / machine / "tests/abort"
    try:
        subprocess.run([program], stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
    except FileNotFoundError:
        return True  # not built yet
    except OSError:
        return False
    return True


def anonymous_kib():
    text = pathlib.Path("/proc/self/status").read_text()
    return int(re.search(r"RssAnon:\s*(\d+)", text)[1])


@functools.cache
def host_has_zero_page():
    """Does memory that is only read cost nothing here?"""
    memory = mmap.mmap(-1, 16 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    before = anonymous_kib()
    for page in range(0, len(memory), 4096):
        _ = memory[page]
    return anonymous_kib() - before < 8 << 10


def on_linux(name, machine, program):
    """The differential: what the test expects is what Linux does."""
    if not host_runs(machine):
        return
    wanted, status = expected(program)
    done = subprocess.run([ROOT / "build/user" / machine / "tests" / program], text=True,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
    log_file(name).write_text(done.stdout + done.stderr)
    code = 128 - done.returncode if done.returncode < 0 else done.returncode
    same = code == status and done.stdout == wanted
    yield Result(name, same, f"Linux prints something else (status {code})",
                 log_file(name))


def busybox(name, build):
    """A program nobody wrote for Quire: Debian's own static busybox."""
    code, text = vm(name, "--arch", build,
                    append=f'init=/bin/busybox loglevel=3 -- echo "{BUSYBOX}"')
    why = "" if code == 0 else f"status {code}"
    if not why and BUSYBOX not in text:
        why = "did not echo"
    yield Result(name, not why, why, log_file(name))


def shell(name, build, script):
    """A script that busybox's shell runs, with busybox's applets as commands."""
    code, text = vm(name, "--arch", build, "--smp", 2, timeout=90,
                    append="init=/bin/busybox loglevel=3 -- "
                           f'sh -c "/bin/busybox sh /tests/{script}.sh 2>&1 | /bin/busybox cat"')
    why = "" if code == 0 else f"status {code}"
    if not why and text != (ROOT / "tests/shell" / f"{script}.expect").read_text():
        why = "printed something else than its .expect"
    yield Result(name, not why, why, log_file(name))


def shell_on_linux(name, script):
    """The same script and the same busybox, here."""
    done = subprocess.run([HOST_BUSYBOX, "sh", ROOT / "tests/shell" / f"{script}.sh"], text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=60)
    log_file(name).write_text(done.stdout)
    same = done.stdout == (ROOT / "tests/shell" / f"{script}.expect").read_text()
    yield Result(name, same, "Linux prints something else", log_file(name))


def paste(name, build, cpus, size):
    """A burst of input on the serial port: each byte arrives, once, in order, and is echoed."""
    lines = [f"{n:06} " + "quire" * 11 for n in range(size // 63)]
    text = "".join(line + "\n" for line in lines)
    total = 0
    for byte in text.encode():
        total = (total * 31 + byte) & 0xffffffff
    code, said = vm(name, "--arch", build, "--smp", cpus, append="init=/tests/paste loglevel=3",
                    paste=("ready\r\n", text.encode() + b"\x04"))
    why = "" if code == 0 else f"status {code}"
    if not why and f"{len(text)} bytes, sum {total:x}\n" not in said:
        why = "bytes were lost or changed on the way in"
    if not why and text not in said:
        why = "the echo is not what was typed"
    yield Result(name, not why, why, log_file(name))


def hog(name, build, cpus, mem, hogs):
    """Programs that want all memory are killed, one after another; nobody else is."""
    code, text = vm(name, "--arch", build, "--smp", cpus, "--mem", mem, timeout=120,
                    append=f"init=/tests/hog loglevel=5 -- {hogs}")
    why = "" if code == 0 else f"status {code}"
    if not why and "all killed in 3; the parent has memory: yes" not in text:
        why = "not every hog was killed"
    if not why and not re.search(r"oom: process \d+ \(hog\) is killed", text):
        why = "the kernel did not say whom it killed"
    if not why and "somebody else was killed" in text:
        why = "somebody else was killed"
    yield Result(name, not why, why, log_file(name))


def jobs():
    programs = sorted(p.stem for p in (ROOT / "tests/user").glob("*.expect"))
    for program in programs:
        for build in BUILDS:
            name = f"user.{build}.{program}"
            yield Job(name, lambda n=name, b=build, p=program: run(n, b, p), 2)
        comparable = program not in NEED_ZERO_PAGE or host_has_zero_page()
        for machine in ("i386", "x86_64") if platform.machine() == "x86_64" and comparable else ():
            name = f"linux.{machine}.{program}"
            yield Job(name, lambda n=name, m=machine, p=program: on_linux(n, m, p), 1)
    for build in BUILDS:
        for cpus, size in ((1, 4096), (2, 65536)):
            name = f"user.{build}.paste.smp{cpus}"
            yield Job(name, lambda n=name, b=build, c=cpus, s=size: paste(n, b, c, s), 3, cpus)
        for cpus, mem, hogs in ((1, "32M", 1), (4, "64M", 6)):
            name = f"user.{build}.hog.{mem}"
            yield Job(name, lambda n=name, b=build, c=cpus, m=mem, h=hogs: hog(n, b, c, m, h), 10,
                      cpus)
        for script in SCRIPTS:
            name = f"user.{build}.shell.{script}"
            yield Job(name, lambda n=name, b=build, s=script: shell(n, b, s), 6, 2)
        name = f"user.{build}.busybox"
        yield Job(name, lambda n=name, b=build: busybox(n, b), 2)
    name = "user.x86_64.hog.tables"
    yield Job(name, lambda n=name: hog(n, "x86_64", 1, "64M", "1 tables"), 5)
    for script in (s for s, same in SCRIPTS.items() if same and HOST_BUSYBOX.exists()):
        name = f"linux.shell.{script}"
        yield Job(name, lambda n=name, s=script: shell_on_linux(n, s), 1)
