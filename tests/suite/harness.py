"""What all parts of the suite share: a job makes results, a machine makes a status and a log."""
import pathlib
import re
import subprocess
import threading
import time
from typing import Callable, Iterable, NamedTuple

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
LOGS = ROOT / "build/test"
BUILDS = ("i386", "i386pae", "x86_64")
FIGURE = re.compile(r"\bfigure ([\w.]+) (-?\d+)")


class Result(NamedTuple):
    name: str
    passed: bool
    why: str = ""  # of a failure
    log: pathlib.Path | None = None


class Job(NamedTuple):
    """Something to run, on its own, that makes one result or many."""
    name: str
    run: Callable[[], Iterable[Result]]
    seconds: float = 5  # a guess; long ones start first
    cores: int = 1  # of the host's that it keeps busy


def log_file(name):
    path = LOGS / (re.sub(r"[^\w.=-]", "_", name) + ".log")
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def command(name, argv, timeout=300, paste=None, **more):
    """Run @argv; its status and output, which is also in a log named after the test."""
    path = log_file(name)
    start = time.monotonic()
    argv = [str(a) for a in argv]
    try:
        done = paste_into(argv, *paste) if paste else \
            subprocess.run(argv, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, timeout=timeout, **more)
        code, output = done.returncode, done.stdout
    except subprocess.TimeoutExpired as late:
        code, output = 124, (late.stdout or b"") + b"\nharness: time-out\n"
    text = output.decode(errors="replace").replace("\r", "")
    path.write_text(f"$ {' '.join(argv)}\n{text}\n"
                    f"[status {code}, {time.monotonic() - start:.1f} s]\n")
    return code, text


def paste_into(argv, prompt, data):
    """Run @argv, send it @data in one burst once it has printed @prompt; a completed process."""
    child = subprocess.Popen(argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT)
    before = b""
    while prompt.encode() not in before and (byte := child.stdout.read1(4096)):
        before += byte
    writer = threading.Thread(target=lambda: (child.stdin.write(data), child.stdin.flush()))
    writer.start()  # beside the reader: neither may wait for the other
    after = child.stdout.read()
    writer.join()
    return subprocess.CompletedProcess(argv, child.wait(), before + after)


def vm(name, *options, append="", timeout=60, extra=(), paste=None):
    """Run a machine; its status and what it said.  @paste: (prompt to wait for, what to type)."""
    argv = [ROOT / "tools/vm", "--timeout", timeout, *options]
    if append:
        argv += ["--append", append]
    if extra:
        argv += ["--", *extra]
    return command(name, argv, timeout + 30, paste=paste)


def expect(name, code, text, status=0, said=()):
    """One result: the status is @status and each regular expression of @said is in the text."""
    why = "" if code == status else f"status {code}, not {status}"
    for pattern in [said] if isinstance(said, str) else said:
        if not why and not re.search(pattern, text):
            why = f"did not say: {pattern}"
    return Result(name, not why, why, log_file(name))


def measured(name, build, mem, append, *options, extra=(), timeout=120):
    """{figure: instructions} of one run, which says "figure NAME N"; no address is random."""
    _, text = vm(name, "--arch", build, "--mem", mem, *(options or ["--icount"]),
                 append=f"norandmaps {append}", extra=extra, timeout=timeout)
    return {figure: int(value) for figure, value in FIGURE.findall(text)}


def verdict(name, run, value, limit, unit="instructions"):
    """One result: what was measured in the machine called @run is at most @limit."""
    why = "" if value is not None and value <= limit else \
        "was not measured" if value is None else f"{value} {unit}, at most {limit}"
    return Result(name, not why, why, log_file(run))
