"""The VGA console as a person sees it: keys by QEMU's monitor, the screen read from its memory.

Debian's busybox vi, top and less draw on the screen; what must be seen is compared as text.
"""
import contextlib
import json
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

from harness import BUILDS, ROOT, Job, Result, log_file

ROWS, COLUMNS, MEMORY = 25, 80, 0xb8000
PATIENCE = 60  # seconds, on a host that is busy with others
PROMPT = "/ # "
LOWER = {" ": "spc", "\r": "ret", "\x1b": "esc", "-": "minus", "/": "slash", ".": "dot",
         ";": "semicolon", "'": "apostrophe", ",": "comma", "=": "equal", "\\": "backslash"}
SHIFTED = {":": "semicolon", ">": "dot", "|": "backslash", "?": "slash", "!": "1", "$": "4",
           "_": "minus", '"': "apostrophe"}


class Wrong(Exception):
    """The screen does not show what it should."""


def keys(letter):
    """Which keys make @letter."""
    if letter.isupper() or letter in SHIFTED:
        return ["shift", SHIFTED.get(letter, letter.lower())]
    return [LOWER.get(letter, letter)]


class Screen:
    """A machine with a shell on its screen, and nothing on its serial line."""

    def __init__(self, name, build):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="quire-screen"))
        self.log = log_file(name).open("w")
        argv = [ROOT / "tools/vm", "--arch", build, "--timeout", "300", "--append",
                "init=/bin/busybox console=tty0 loglevel=3 -- sh", "--",
                "-qmp", f"unix:{self.folder}/monitor,server=on,wait=off"]
        self.machine = subprocess.Popen(argv, cwd=ROOT, stdin=subprocess.PIPE,
                                        stdout=self.log, stderr=self.log)
        self.monitor = self.connect().makefile("rw")
        self.monitor.readline()  # its greeting
        self.command("qmp_capabilities")
        self.wait("the prompt", lambda rows: PROMPT.strip() in rows)

    def connect(self):
        end = time.monotonic() + PATIENCE
        while True:
            try:
                monitor = socket.socket(socket.AF_UNIX)
                monitor.connect(f"{self.folder}/monitor")
                monitor.settimeout(PATIENCE)
                return monitor
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)

    def command(self, name, **arguments):
        """Have the monitor do something; its other news are passed over."""
        self.monitor.write(json.dumps({"execute": name, "arguments": arguments}) + "\n")
        self.monitor.flush()
        while True:
            said = self.monitor.readline()
            if not said:
                raise Wrong("the machine has ended")
            answer = json.loads(said)
            if "error" in answer:
                raise Wrong(f"{name}: {answer['error']}")
            if "return" in answer:
                return

    def rows(self):
        """The screen's text, each row without the blanks at its end."""
        self.command("pmemsave", val=MEMORY, size=ROWS * COLUMNS * 2,
                     filename=f"{self.folder}/cells")
        cells = (self.folder / "cells").read_bytes()
        text = cells[::2].decode("latin1")
        return [text[at:at + COLUMNS].rstrip() for at in range(0, len(text), COLUMNS)]

    def type(self, text):
        """Press the keys, each when the screen has shown the one before: the keyboard keeps only
        a few that nobody has fetched.  Some show nothing.
        """
        for letter in text:
            before, end = self.rows(), time.monotonic() + 0.3
            pressed = [{"type": "qcode", "data": code} for code in keys(letter)]
            self.command("send-key", keys=pressed, **{"hold-time": 10})
            while time.monotonic() < end and self.rows() == before:
                time.sleep(0.01)

    def wait(self, what, is_there):
        """Until the screen is as @is_there wants it."""
        end = time.monotonic() + PATIENCE
        while not is_there(rows := self.rows()):
            if time.monotonic() > end:
                raise Wrong(f"no {what}; the screen shows\n" + "\n".join(rows))
            time.sleep(0.1)
        return rows

    def end(self):
        with contextlib.suppress(OSError, Wrong):  # it may be off before the monitor answers
            self.type("exit 7\r")
        return self.machine.wait(PATIENCE)

    def close(self):
        with contextlib.suppress(OSError, Wrong):
            if self.machine.poll() is None:
                self.command("quit")
        try:
            self.machine.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.machine.kill()
            self.machine.wait()
        with contextlib.suppress(OSError):  # what the machine did not take is still to be sent
            self.monitor.close()
        self.log.close()
        shutil.rmtree(self.folder)


def at_prompt(rows):
    """Is the last thing on the screen a prompt?"""
    return [row for row in rows if row][-1:] == [PROMPT.strip()]


def clear(screen):
    """A prompt in the second row.  In the first, busybox's shell takes the screen's answer to where
    the cursor is, CSI 1 ; 5 R, for the beginning of a key, and swallows what is typed within 50 ms.
    """
    screen.type("busybox clear;echo -\r")
    screen.wait("empty screen", lambda rows: rows == ["-", PROMPT.strip()] + [""] * (ROWS - 2))


def edit(screen):
    """vi: a row for each line, ~ below the end, the status in the last row; then what was there."""
    clear(screen)
    screen.type("busybox vi /tmp/a\r")
    screen.wait("empty file", lambda rows: rows[0] == "" and rows[1:24] == ["~"] * 23 and
                rows[24].startswith("- /tmp/a "))
    screen.type("ifirst line\rsecond line\x1b")
    rows = screen.wait("two lines", lambda rows: rows[24].startswith("- /tmp/a [Modified] 2/2"))
    if rows[:3] != ["first line", "second line", "~"]:
        raise Wrong("vi shows\n" + "\n".join(rows))
    screen.type("ggdd")
    screen.wait("first line gone", lambda rows: rows[:2] == ["second line", "~"])
    screen.type(":wq\r")
    screen.wait("the shell's screen after vi", lambda rows: at_prompt(rows) and
                rows[1] == f"{PROMPT}busybox vi /tmp/a")
    screen.type("busybox wc /tmp/a\r")
    screen.wait("one line", lambda rows: any(row.split() == ["1", "2", "12", "/tmp/a"]
                                             for row in rows))


def watch(screen):
    """top: the sums in the first rows, the columns' names, ourselves; it ends with q."""
    clear(screen)
    screen.type("busybox top\r")
    screen.wait("top", lambda rows: rows[0].startswith("Mem: ") and rows[1].startswith("CPU: ") and
                rows[2].startswith("Load average: ") and rows[3].split()[:3] == ["PID", "PPID",
                                                                                "USER"] and
                any("busybox top" in row for row in rows[4:]))
    screen.type("q")
    screen.wait("prompt after top", at_prompt)


def page(screen):
    """less: a screen of lines, the next one, back, and a search."""
    clear(screen)
    screen.type("busybox seq 1 100 >/tmp/b\r")
    screen.type("busybox less /tmp/b\r")
    numbers = [str(number) for number in range(1, 101)]
    screen.wait("the first lines", lambda rows: rows[:24] == numbers[:24])
    screen.type(" ")
    screen.wait("the next ones", lambda rows: rows[:24] == numbers[24:48])
    screen.type("b")
    screen.wait("the first ones again", lambda rows: rows[:24] == numbers[:24])
    screen.type("/77\r")
    screen.wait("the line that was looked for", lambda rows: "77" in rows)
    screen.type("q")
    screen.wait("prompt after less", at_prompt)


def ask(screen):
    """The screen says where its cursor is."""
    screen.type("busybox sh /tests/cursor.sh\r")
    screen.wait("answer", lambda rows: rows[0] == "answer 033 [ 5 ; 7 R")
    screen.wait("prompt after the answer", at_prompt)


def session(name, build):
    screen = None
    step = "start"
    try:
        screen = Screen(name, build)
        for function in (edit, watch, page, ask):
            step = function.__name__
            function(screen)
        step = "end"
        status = screen.end()
        yield Result(name, status == 7, f"ended with {status}, not 7", log_file(name))
    except (Wrong, OSError, subprocess.TimeoutExpired) as error:
        if screen:
            screen.log.write(f"{step}: {error}\n")
        yield Result(name, False, f"{step}: {str(error).splitlines()[0]}", log_file(name))
    finally:
        if screen:
            screen.close()


def jobs():
    for build in BUILDS:
        name = f"screen.{build}"
        yield Job(name, lambda n=name, b=build: session(n, b), 15)
