"""The shell as a person uses it: Debian's busybox on the serial console, typed at by a script.

Commands come in bursts, before the shell has asked for them; a loop is interrupted, a job is
suspended and resumed, a file is edited.
"""
import time

import pexpect

from harness import BUILDS, ROOT, Job, Result, log_file

PROMPT = "/ # "
PATIENCE = 60  # seconds, on a host that is busy with others
BUSYBOX = "/bin/busybox"


class Session:
    """A machine with a shell on its console."""

    def __init__(self, name, build, cpus):
        argv = ["--arch", build, "--smp", str(cpus), "--timeout", "300", "--append",
                f"init={BUSYBOX} loglevel=3 -- sh"]
        self.child = pexpect.spawn(str(ROOT / "tools/vm"), argv, cwd=ROOT, encoding="latin1",
                                   timeout=PATIENCE, echo=False)
        self.child.logfile_read = log_file(name).open("w", encoding="latin1")
        self.wait(PROMPT)

    def wait(self, text):
        """What the machine says up to @text."""
        self.child.expect_exact(text)
        return self.child.before

    def run(self, command):
        """The output of one command line, without its echo."""
        self.child.send(command + "\r")
        self.wait(command)
        return self.wait(PROMPT).replace("\r", "").strip("\n")

    def end(self):
        self.child.send("exit 7\r")
        self.child.expect(pexpect.EOF)
        self.child.close()
        return self.child.exitstatus


def pipeline(shell):
    return shell.run(f"{BUSYBOX} seq 1 2000 | {BUSYBOX} grep 7 | {BUSYBOX} wc -l") == "542"


def burst(shell):
    """Three lines at once: the later ones wait until the shell reads them."""
    shell.child.send("echo one$((1))\recho two$((2))\recho three$((3))\r")
    for wanted in ("one1", "two2", "three3"):
        shell.wait(wanted)
    shell.wait(PROMPT)
    return True


def interrupt(shell):
    shell.child.send("while true; do echo run''ning; done\r")
    shell.wait("running")
    shell.child.send("\x03")
    shell.wait("^C")
    shell.wait(PROMPT)
    return shell.run("echo alive$?") == "alive130"


def suspend(shell):
    shell.child.send(f"{BUSYBOX} sleep 1000\r")
    shell.wait("1000")
    time.sleep(0.5)
    shell.child.send("\x1a")
    shell.wait("Stopped")
    shell.wait(PROMPT)
    if "Stopped" not in shell.run("jobs") or "sleep" not in shell.run("bg"):
        return False
    if "Running" not in shell.run("jobs"):
        return False
    shell.child.send("fg\r")
    shell.wait("sleep 1000")
    time.sleep(0.5)
    shell.child.send("\x03")
    shell.wait(PROMPT)
    return shell.run("jobs") == ""


def edit(shell):
    """vi: insert two lines, take one away, put it back twice, save."""
    shell.child.send(f"{BUSYBOX} vi /tmp/letter\r")
    shell.wait("/tmp/letter 1/1")
    shell.child.send("iDear Quire,\rhow are you?\x1b")
    shell.wait("how are you?")
    time.sleep(0.5)  # an escape alone, not the start of a key
    shell.child.send("yyp:wq\r")
    shell.wait("3L")
    shell.wait(PROMPT)
    return shell.run(f"{BUSYBOX} cat /tmp/letter") == "Dear Quire,\nhow are you?\nhow are you?"


def background_reader(shell):
    """Who reads the terminal from the background is stopped."""
    shell.run(f"{BUSYBOX} cat &")
    time.sleep(0.5)
    said = shell.run("jobs")
    shell.run("kill -9 %1; wait")
    return "Stopped (tty input)" in said


STEPS = (pipeline, burst, interrupt, suspend, background_reader, edit)


def session(name, build, cpus):
    shell = None
    step = "start"
    try:
        shell = Session(name, build, cpus)
        for function in STEPS:
            step = function.__name__
            if not function(shell):
                yield Result(name, False, f"{step}: not as it should be", log_file(name))
                return
        step = "end"
        status = shell.end()
        yield Result(name, status == 7, f"ended with {status}, not 7", log_file(name))
    except (pexpect.TIMEOUT, pexpect.EOF) as error:
        yield Result(name, False, f"{step}: {type(error).__name__}", log_file(name))
    finally:
        if shell:
            shell.child.close(force=True)


def jobs():
    for build in BUILDS:
        for cpus in (1, 4):
            name = f"shell.{build}.smp{cpus}"
            yield Job(name, lambda n=name, b=build, c=cpus: session(n, b, c), 12, cpus)
